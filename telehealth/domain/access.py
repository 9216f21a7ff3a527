"""Who a door is open to. Every view says so with one of these marks; a door refuses views that say nothing.

The doors enforce the marks (``web/access.py``, ``api/access.py``, …), and a house test finds views without one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from telehealth.domain.words import Role

View = TypeVar("View", bound=Callable[..., Any])


class Audience(StrEnum):
    """Kinds of visitors."""

    PUBLIC = "public"  # Anybody.
    LINK = "link"  # Whoever holds a signed link or a secret address.
    STAFF = "staff"  # Somebody of the practice, signed in or with a bearer token.
    PROVIDER = "provider"  # A provider whose signature holds.
    DEVELOPER = "developer"  # Whoever runs the service on their own machine in development.


@dataclass(frozen=True, slots=True)
class Access:
    """The decision for one view. ``roles`` narrows STAFF."""

    audience: Audience
    roles: frozenset[Role] = frozenset()


class Scope(StrEnum):
    """What a program may do with its token, of all that the login behind it may. None includes another."""

    READ = "read"  # Looking, at whatever the login may see.
    BOOK = "book"  # Appointments, standing slots, requests, the waitlist.
    DESK = "desk"  # Clients and how they are reached, texts, tasks, hours and time off.
    SETTINGS = "settings"  # What the practice offers and says, and who belongs to it.


EVERYTHING = frozenset(Scope)
"""What tokens could do that were made before there were scopes."""
STAFF_ROLES = frozenset({Role.OWNER, Role.THERAPIST, Role.FRONT_DESK})
"""Who books and changes: nothing is open to others of the practice unless its mark names them (``staff_and``)."""
LOOKING_ON = frozenset({Role.SUPERVISOR, Role.BILLER})
"""Who reads some of it, and writes nothing. A house test lists what."""
AT_THE_DESK = STAFF_ROLES | LOOKING_ON
SEES_ALL = frozenset({Role.OWNER, Role.FRONT_DESK}) | LOOKING_ON
"""Whose pages are about the whole practice; a therapist's are about their own clients."""


def _mark(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]  # Functions take attributes.
        return view

    return mark


public = _mark(Access(Audience.PUBLIC))
by_link = _mark(Access(Audience.LINK))
signed_by_provider = _mark(Access(Audience.PROVIDER))
for_developers = _mark(Access(Audience.DEVELOPER))


def staff(*roles: Role) -> Callable[[View], View]:
    """Open to staff of the practice; with roles, only to those who hold one of them."""
    return _mark(Access(Audience.STAFF, frozenset(roles) or STAFF_ROLES))


def staff_and(*looking_on: Role) -> Callable[[View], View]:
    """Open to staff of the practice, and of those who look on to these. For views that change nothing."""
    return _mark(Access(Audience.STAFF, STAFF_ROLES | frozenset(looking_on)))


def answers_in_json(view: View) -> View:
    """Say of a view that a script asks it: whatever is refused, also before the view is reached, is said in JSON."""
    view.answers_in_json = True  # type: ignore[attr-defined]  # Functions take attributes.
    return view


def is_answered_in_json(view: object) -> bool:
    """Whether a view says so (``answers_in_json``)."""
    return bool(getattr(view, "answers_in_json", False))


def access_of(view: object) -> Access | None:
    """The mark of a view function."""
    found: Access | None = getattr(view, "access", None)
    return found
