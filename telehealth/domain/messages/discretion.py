"""Words that say too much outside the login: on a locked screen, or in a calendar shared with an employer.

They name the kind of care, or what somebody has. "Appointment" and "cita" say enough.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class Discretion(StrEnum):
    """How much a message says outside the login. None of them says what kind of care it is."""

    BARE = "bare"  # That there is an appointment, when, and a link; neither place nor therapist.
    DISCREET = "discreet"  # E-mails name place and therapist, texts do not.
    NAMED = "named"  # Texts name the therapist, too, and greet by first name.


# Beginnings of words, and then whole words: "therapist", "terapia"; "session", but not "obsession".
_BEGINNINGS = (
    "therap", "counsel", "psych", "clinic", "diagnos", "mental", "depress", "anxi", "disorder", "treatment", "patient",
    "medical", "health", "addict", "trauma",
    "terap", "consejer", "psic", "psiq", "clínic", "depres", "ansied", "trastorn", "tratamient", "paciente", "médic",
    "medic", "salud", "adicci",
)  # fmt: skip
_WHOLE = (
    "session", "sessions", "intake", "individual", "couple", "couples", "family", "families", "group", "groups",
    "crisis", "supervision", "sesión", "sesion", "sesiones", "pareja", "parejas", "familia", "familiar", "grupo",
    "grupos", "supervisión", "LPC", "LCSW", "LMFT", "LMHC", "PhD", "PsyD", "MD", "CBT", "EMDR", "DBT",
)  # fmt: skip
_REVEALING = re.compile(rf"\b(?:(?:{'|'.join(_BEGINNINGS)})\w*|(?:{'|'.join(_WHOLE)})\b)", re.IGNORECASE)
_ADDRESSES = re.compile(r"https?://\S+")


def revealing(words: str) -> list[str]:
    """What in these words says too much, as people read it: marks that nobody sees, such as the soft hyphens of a page
    that was copied, and other forms of a letter hide nothing. Addresses of pages are not read by people.
    """
    seen = unicodedata.normalize("NFKC", "".join(each for each in words if unicodedata.category(each) != "Cf"))
    return [match.group() for match in _REVEALING.finditer(_ADDRESSES.sub(" ", seen))]
