"""What may cost a server more to read than it cost to write, and a watch over how much it does.

The watch counts the processor's time of this process, not the clock's: a busy machine does not make a request heavy. It
is no figure of speed, only far above what anything takes and far below what hurts.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MOST_SECONDS = 4.0

UNITS = {
    "a long word": "x",
    "a long name": "Anna Maria ",
    "initials": "A. ",
    "titles": "Dr. ",
    "hyphens": "-",
    "apostrophes": "O'",
    "spaces": " ",
    "lines": "\r\n",
    "digits": "9",
    "a telephone number": "+1 303 ",
    "extensions": " ext. 1",
    "an address": "a@",
    "a domain": "a.",
    "addresses": "a@b.example,",
    "hosts": "http://a.b/",
    "brackets": "(",
    "lists": "[",
    "objects": '{"a":',
    "tags": "<a href='",
    "entities": "&amp;",
    "encoded words": "=?utf-8?q?=41?= ",
    "encoded words without end": "=?utf-8?q?",
    "calendar lines": "BEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY\r\n",
    "calendar parameters": ';X="a",',
    "languages": "en-US;q=0.9,",
    "language without end": "en-",
    "zones": "../",
    "ligatures that grow": "\ufdfa",
    "marks on a letter": "e\u0301\u0316\u0301\u0316",
    "marks without a letter": "\u0316",
    "joined faces": "👩\u200d👩\u200d👧\u200d👦",
    "flags": "🇺🇸",
    "turning letters": "\u202e\u202d",
    "letters that are none": "\U000e0041",
    "capitals that grow": "İß",
    "expressions": "{{ when|upper",
    "filters": "|upper",
    "conditions": "{% if when %}",
    "comments": "{#",
    "negations": "not ",
    "words that stop": "stop texting me and ",
    "words that agree": "yes ok thanks ",
    "Spanish words": "no me escriba más por favor ",
    "percent signs": "%s%n%",
    "escapes": "\\u0000\\x00\\",
    "quotes": "\"'",
    "a time": "9:00 AM or 10:00 PM ",
}
"""What is repeated until a field is full."""

NUMBERS = [
    "9" * 4_000,
    "-" + "9" * 300,
    "1e400",
    "1e-400",
    "0." + "0" * 3_000 + "1",
    "NaN",
    "Infinity",
    "0x" + "f" * 300,
]
MOMENTS = [
    "0001-01-01", "9999-12-31", "0000-00-00", "2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59", "2026-11-24T10:00:00" + "0" * 3_000 + "Z", "23:59:60", "99:99",
]  # fmt: skip


def full_of(unit: str, size: int) -> str:
    """A unit, again and again, up to so many letters."""
    return (unit * (size // len(unit) + 1))[:size]


def heavy(size: int) -> dict[str, str]:
    """Everything heavy by its name, at most so many letters long."""
    odd = {each[:20]: each[:size] for each in (*NUMBERS, *MOMENTS)}
    return {name: full_of(unit, size) for name, unit in UNITS.items()} | odd


class TooHeavy(BaseException):
    """A request took more than anything may. Nothing that catches what goes wrong catches this."""


@contextmanager
def bounded(what: str) -> Iterator[None]:
    """Stop what takes more than ``MOST_SECONDS`` of the processor's time, and say what it was. In the main thread."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooHeavy(what)

    former = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, former)
