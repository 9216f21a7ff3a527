"""Reading typed values out of environment variables, and collecting what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
LARGEST_NUMBER = 1_000_000
LARGEST_PORT = 65_535
SHORTEST_SECRET = 32
WORDS = re.compile("change.?me|password|passwort|secret|telehealth|development|default|example|letmein|qwerty")
"""What people put in place of chance; it does not count."""
LEAST_PIECES = 26
"""How many different pieces of three letters a secret needs: 32 random ones have 28 or more, and repeating a word adds
none."""


class ConfigurationError(RuntimeError):
    """The service cannot start with these settings. ``problems`` says what to change, one sentence each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The service cannot start with these settings:\n- " + "\n- ".join(problems))
        self.problems = list(problems)


class Environment:
    """Typed access to variables; an empty variable counts as not set."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding white space."""
        return self._variables.get(name, "").strip() or default

    def number(self, name: str, default: int, *, least: int = 1, most: int = LARGEST_NUMBER) -> int:
        """A whole number between the two; anything else is a problem."""
        value = self.text(name)
        try:
            number = int(value) if value else default
        except ValueError:
            self.problems.append(f"{name} must be a whole number.")
            return default
        if not least <= number <= most:
            bounds = f"{least:,} or more" if number < least else f"{most:,} or less"
            self.problems.append(f"{name} must be {bounds}.")
            return default
        return number

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no; anything else is a problem."""
        value = self.text(name).lower()
        if value and value not in YES | NO:
            self.problems.append(f"{name} must be yes or no.")
        return value in YES if value else default

    def words(self, name: str) -> list[str]:
        """A list, separated by commas."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def addresses(self, name: str, schemes: Sequence[str]) -> list[str]:
        """A list of addresses such as ``turns:turn.example.org:443?transport=tcp``; any other kind is a problem."""
        found = self.words(name)
        if any(each.partition(":")[0] not in schemes or "//" in each for each in found):
            self.problems.append(
                f"{name} must be addresses that start with {' or '.join(f'{each}:' for each in schemes)}."
            )
        return found

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """One of some words; anything else is a problem."""
        value = self.text(name, default)
        if value not in choices:
            self.problems.append(f"{name} must be one of {', '.join(choices)}.")
            return default
        return value

    def raise_problems(self) -> None:
        """Refuse to go on when something could not be read."""
        if self.problems:
            raise ConfigurationError(self.problems)


def is_weak(secret: str) -> bool:
    """Whether somebody could come upon it: too short, a word, repeated, or letters in their order."""
    by_chance = WORDS.sub("", secret.lower())
    pieces = {by_chance[at : at + 3] for at in range(len(by_chance) - 2)}
    in_order = sum(abs(ord(one) - ord(next_one)) <= 1 for one, next_one in pairwise(by_chance))
    is_varied = len(pieces) >= LEAST_PIECES and len(set(secret)) >= SHORTEST_SECRET // 4
    return len(secret) < SHORTEST_SECRET or not is_varied or in_order > len(by_chance) // 2


def say_weak(name: str) -> str:
    """What to put in place of the value of a setting, which is not repeated."""
    return (
        f"{name} must be a random text of {SHORTEST_SECRET} characters or more of its own "
        '(python -c "import secrets; print(secrets.token_urlsafe(48))").'
    )
