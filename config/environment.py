"""Reading typed values out of environment variables, and collecting what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off"}
LARGEST_NUMBER = 1_000_000
LARGEST_PORT = 65_535


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
