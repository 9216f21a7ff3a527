"""What a password must be: long enough, and not one that is tried first. Nothing else is asked of it.

Source: OWASP ASVS 5.0, 6.2, and NIST SP 800-63B-4, 3.1.1.2: at least eight characters, no rules about kinds of
characters, a look at the most common passwords and at words of the context, pasting allowed. What is common, zxcvbn
knows: 30,000 passwords, and names, words, dates and rows of keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from telehealth.domain.errors import InvalidInput
from telehealth.late import Library

SHORTEST = 8
LONGEST = 1_000

READ = 32
"""So many characters are looked at. What begins with so many that are hard to guess is hard to guess, and to look at
more takes zxcvbn seconds where letters are swapped for signs.
"""
FEWEST_GUESSES = 10**8
"""So many guesses have to be needed, of somebody who tries what is common first, and what stands around the login. A
door lets through a hundred a day (``web.known_browsers``); the rest is for the day on which a copy of the database is
lost.
"""
WOULD_BE_GUESSED = (
    "This would be guessed soon: it is common, or close to your name, address or practice. A few words that have "
    "nothing to do with each other are hard to guess and easy to keep."
)
_WORD = re.compile(r"\w+")
_guessing = Library("zxcvbn")


def normalise_password(password: str) -> str:
    """One form for each letter (NFKD): keyboards differ, and Flask-Security reads passwords so when people sign in.

    What is too long to be anybody's password stays as it is: a request full of marks would take a quarter of a minute.
    """
    return unicodedata.normalize("NFKD", password) if len(password) <= LONGEST else password


def check_password(password: str, *, email: str, about: Iterable[str] = (), field: str = "password") -> None:
    """Refuse a password that would be guessed. Raises InvalidInput for ``field``.

    ``about`` is what else a guesser would try: the names of whose it is, and of their practice.
    """
    if len(password) > LONGEST:
        raise InvalidInput({field: f"Please use at most {LONGEST:,} characters."})
    if len(password) < SHORTEST:
        raise InvalidInput(
            {field: f"Please use at least {SHORTEST} characters. A few words in a row are easy to keep."}
        )
    if normalise_password(password).casefold().strip() == normalise_password(email).casefold():
        raise InvalidInput({field: "Please do not use your e-mail address. It is the first thing to be tried."})
    if count_guesses(password, near=[email, *about]) < FEWEST_GUESSES:
        raise InvalidInput({field: WOULD_BE_GUESSED})


def count_guesses(password: str, *, near: Iterable[str]) -> int:
    """How many tries it takes at most, of somebody who begins with what is common and what is ``near``."""
    plain = normalise_password(password).casefold()[:READ]
    found: int = _guessing.zxcvbn(plain, user_inputs=sorted(_pieces(near)))["guesses"]
    return found


def _pieces(near: Iterable[str]) -> Iterator[str]:
    """What somebody would make a password of: each of these whole, without its gaps, and its words."""
    for each in near:
        whole = normalise_password(each[:LONGEST]).casefold().strip()
        words = _WORD.findall(whole)
        yield from (whole, "".join(words), *words)
