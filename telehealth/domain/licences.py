"""Whether a therapist may treat somebody who is in a place on a date.

Care happens where the client is (ATA practice guidelines); memberships of compacts change often and are data, kept as
rows with dates, never rules in code.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol


class Authority(Protocol):
    """A licence, compact privilege or exemption; both dates inclusive."""

    @property
    def jurisdiction(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


def may_treat(authorities: Iterable[Authority], *, jurisdiction: str, on: date) -> bool:
    """Whether one of the authorities covers the jurisdiction on that date (of the client's place)."""
    return any(
        authority.jurisdiction == jurisdiction
        and authority.valid_from <= on
        and (authority.valid_until is None or on <= authority.valid_until)
        for authority in authorities
    )
