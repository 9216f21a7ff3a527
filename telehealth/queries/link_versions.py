"""Whether a link that we made still opens what it names."""

from __future__ import annotations

from telehealth.domain.errors import LinkEnded
from telehealth.domain.links import Linked, is_ended
from telehealth.models import Practice


def require_live_link(link: Linked, row: Linked, practice: Practice) -> None:
    """Raises LinkEnded, with whom to call: whoever holds the link was written to by them."""
    if is_ended(link, row):
        raise LinkEnded(practice.sender_name, practice.phone)
