"""Whether a link that we made still opens what it names."""

from __future__ import annotations

from typing import Protocol

from telehealth.domain.errors import LinkEnded
from telehealth.domain.links import Linked, is_ended


class Sender(Protocol):
    """Who wrote the link, and whom to call."""

    @property
    def sender_name(self) -> str: ...
    @property
    def phone(self) -> str: ...


def require_live_link(link: Linked, row: Linked, practice: Sender) -> None:
    """Raises LinkEnded, with whom to call: whoever holds the link was written to by them."""
    if is_ended(link, row):
        raise LinkEnded(practice.sender_name, practice.phone)
