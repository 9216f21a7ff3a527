"""Codes that prove that a number is somebody's own: they are texted to it, and typed back. Pure.

Nothing is kept from which a code could be read: it is made of the application's key and the public id of its row
(``domain.links``), whenever it is needed. Six digits, ten minutes and a few tries are what ASVS 5.0 asks of codes by
text (6.5.4, 6.5.5, 6.6.3). All that such a text says is the code: nobody knows yet who reads it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.companions import CompanionFacts
from telehealth.domain.consent.texting import say_countries, why_not_textable
from telehealth.domain.contact import Contact
from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.message_words import Reason
from telehealth.domain.messages.segments import text_name

LASTS = timedelta(minutes=10)
PROOF_LASTS = timedelta(minutes=30)
"""For so long somebody who has typed a code may go on typing, choose another time, and book."""
MOST_TRIES = 5
"""Of one code. With the most codes of a number (``MOST_CODES``) a stranger guesses right once in 40,000 days."""
RESTS_FOR = timedelta(seconds=30)
"""Between two codes to one number: a double click is one text, and texts take a moment to arrive."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Counted(StrEnum):
    """Whose codes are counted together."""

    NUMBER = "number"  # From whichever practice: nobody is bombarded.
    ASKER = "asker"  # The network of a visitor, or somebody of the practice.
    PRACTICE = "practice"  # Whoever has many networks spends its money, up to here.


MOST_CODES: Mapping[Counted, Sequence[tuple[timedelta, int]]] = MappingProxyType(
    {
        Counted.NUMBER: ((HOUR, 3), (DAY, 5)),
        Counted.ASKER: ((HOUR, 10), (DAY, 20)),
        Counted.PRACTICE: ((HOUR, 40), (DAY, 150)),
    }
)
"""The most codes within a span before now. A school is one network, with many people in it."""

_SAID = MappingProxyType(
    {
        ENGLISH: "{sender}: {code} is your code. It works for {minutes} minutes. If you did not ask, ignore this.",
        SPANISH: "{sender}: {code} es su clave. Sirve {minutes} minutos. Si no la ha pedido, ignore este mensaje.",
    }
)
OTHERWISE = "Please give another one or an e-mail address, or call us."
NEEDS_TEXTS = "Without an e-mail address we can only write to you by text. Please tick the box for texts, or call us."


class Proof(StrEnum):
    """What became of a code that somebody typed."""

    PROVED = "proved"
    WRONG = "wrong"
    SPENT = "spent"  # Too many were wrong: it proves nothing any more.
    OVER = "over"  # Its time is over, or there is none.


def write_code_text(code: str, *, sender: str, locale: str) -> str:
    """The words of the text."""
    minutes = int(LASTS.total_seconds() // 60)
    return _SAID.get(locale, _SAID[ENGLISH]).format(sender=text_name(sender), code=code, minutes=minutes)


def hide_code(words: str, code: str) -> str:
    """The words as they are kept: staff read the log, and a code is for one person."""
    return words.replace(code, "•" * len(code))


def check_phone_only(contact: Contact | CompanionFacts, countries: Collection[str]) -> dict[str, str]:
    """What keeps somebody without an e-mail address from booking online, by field; empty when nothing does. A text is
    all that they can get from us.
    """
    problems = {} if contact.wants_texts else {"wants_texts": NEEDS_TEXTS}
    sentence = why_not_proved(contact.phone or "", countries)
    return {**problems, "phone": sentence} if sentence else problems


def why_not_proved(number: str, countries: Collection[str]) -> str:
    """Why no code is texted to a number, in a sentence; empty when one may be."""
    why_not = why_not_textable(number, countries)
    if why_not is None:
        return ""
    if why_not == Reason.TEXT_COSTLY:
        return f"We cannot text this kind of number. {OTHERWISE}"
    return f"We can text numbers in {say_countries(countries)} only. {OTHERWISE}"
