"""What must not be read outside the login: on a locked screen, or in a calendar shared with an employer."""

from __future__ import annotations

import re

REVEALING = re.compile(
    r"therap|counsel|psych|clinic|diagnos|mental|depress|anxi|disorder|treatment|patient|medical|health(?!\S*\.example)"
    r"|\b(session|intake|individual|couples?|famil(y|ies)|groups?|crisis|supervision)\b"
    r"|terap|psic|clínic|ansied|depres|trastorn|tratamient|paciente|salud"
    r"|\b(sesi[oó]n|sesiones|parejas?|familias?|grupos?)\b"
    r"|\b(LPC|LCSW|LMFT|LMHC|PhD|PsyD|MD|CBT|EMDR|DBT)\b",
    re.IGNORECASE,
)

# The number of most clients here, or its end, as people would read it: bare digits stand in ids and links by chance.
NUMBERS = ("5550123", "-0123", " 0123")

# GSM 03.38: the letters that a text may hold without being cut into more and dearer pieces.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


def revealed(text: str) -> list[str]:
    """The words that say too much. Addresses of pages are not read by people, and are left out."""
    return [match.group() for match in REVEALING.finditer(re.sub(r"https?://\S+", "", text))]


def outside_gsm(text: str) -> set[str]:
    return set(text) - GSM
