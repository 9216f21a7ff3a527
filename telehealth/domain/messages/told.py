"""How an appointment stands for one reader, and what a message says about it, short enough to compare."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import AppointmentStatus, Mode

_WRITTEN = "%Y-%m-%dT%H:%MZ"


class Standing(StrEnum):
    """How an appointment stands for one reader. Who came and who did not is news to nobody."""

    PENDING = "pending"
    BOOKED = "booked"
    ASKED = "asked"  # It stands, and its clients were asked to choose another time.
    OFF = "cancelled"


def standing_of(status: AppointmentStatus) -> Standing:
    """How an appointment, or a seat, of this status stands."""
    by_status = {AppointmentStatus.PENDING: Standing.PENDING, AppointmentStatus.CANCELLED: Standing.OFF}
    return by_status.get(status, Standing.BOOKED)


NEWS: Mapping[MessageKind, Standing] = {
    MessageKind.CONFIRMATION: Standing.BOOKED,
    MessageKind.MOVED: Standing.BOOKED,
    MessageKind.REQUEST: Standing.PENDING,
    MessageKind.CHOOSE_AGAIN: Standing.ASKED,
    MessageKind.CANCELLATION: Standing.OFF,
    MessageKind.DECLINED: Standing.OFF,
}
"""The kinds that tell how things are, and what a reader believes after reading one."""


def tell(now_is: Standing, starts_at: datetime, mode: Mode, *rest: object) -> str:
    """What a message says, short enough to compare: how it stands, the start to the minute, how people meet, and a
    digest of the ``rest`` that matters to its reader (the place, with whom).
    """
    digest = hashlib.sha256(repr(rest).encode()).hexdigest()[:16]
    return f"{now_is} {starts_at.astimezone(UTC).strftime(_WRITTEN)} {mode} {digest}"


def slot_told(said: str) -> tuple[datetime, Mode] | None:
    """The start and the mode in what ``tell`` wrote; None when it is empty."""
    if not said:
        return None
    _, start, mode, *_ = said.split()
    return datetime.strptime(start, _WRITTEN).replace(tzinfo=UTC), Mode(mode)


def tell_start(told: str, starts_at: datetime) -> str:
    """What was told, had it been told of another start: for whoever reads a clock whose rules have changed since."""
    standing, _, *rest = told.split()
    return " ".join([standing, starts_at.astimezone(UTC).strftime(_WRITTEN), *rest])


def tell_end(told: str) -> str:
    """What is said about the end of something: the slot that the reader was told of, wherever it has moved since."""
    return " ".join([Standing.OFF, *told.split()[1:3]])
