"""What makes a secret one that nobody comes upon."""

from __future__ import annotations

import re
from itertools import pairwise

SHORTEST_SECRET = 32
WORDS = re.compile("change.?me|password|passwort|secret|telehealth|development|default|example|letmein|qwerty")
"""What people put in place of chance; it does not count."""
LEAST_PIECES = 26
"""How many different pieces of three letters a secret needs: 32 random ones have 28 or more, and repeating a word adds
none."""


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
