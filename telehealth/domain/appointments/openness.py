"""To whom a service is open: who may ask for it without staff, and whose bookings staff look at first.

A page cannot know who somebody is: everybody can type a name and an address. And its answer must not tell who is a
client. So what is for new clients, or for those whom the practice knows, is a request of whoever asks for it: staff see
whether they know them, and say yes or no.
"""

from __future__ import annotations

from enum import StrEnum


class OpenTo(StrEnum):
    """Who may ask for a service by themselves. What staff enter is never refused by it."""

    EVERYBODY = "everybody"
    NEW_CLIENTS = "new_clients"
    KNOWN_CLIENTS = "known_clients"
    LINK = "link"  # Whoever has its own address: it is on no list.
    STAFF = "staff"  # Nobody, for now.


LISTED = frozenset({OpenTo.EVERYBODY, OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS})
"""What stands where everybody can read it."""
ASKED_FIRST = frozenset({OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS})
"""Whose bookings are requests, whatever else the service says."""
