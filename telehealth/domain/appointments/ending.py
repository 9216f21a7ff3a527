"""Who ended something, as those whom it concerns are told."""

from __future__ import annotations

from enum import StrEnum


class CancelledBy(StrEnum):
    """Who called a seat off, as its client is told."""

    CLIENT = "client"  # They themselves, also when staff took it down for them.
    ANOTHER = "another"  # Another client of the same appointment.
    PRACTICE = "practice"
