"""What the service needs from calendars that therapists keep elsewhere, said in its own words.

One ``CalendarGateway`` for each ``CalendarKind``. Nothing here knows a provider's field names; titles, places and
guests of somebody's own events never leave the adapter that read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from telehealth.domain.calendar_words import NEEDS_SIGN_IN, CalendarFailure, SignInFailure
from telehealth.domain.hours.busy_spans import BusySpan, subtract_spans

KEY_PROPERTY = "X-TELEHEALTH-KEY"
"""The iCalendar property that makes one of our events known again, also in a copy with another UID."""


EARLIEST, LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Times beyond these are no times: calendars hold years from 1 to 9999, which not every zone can be told in."""
UNREAD_VERSION = "unread"
"""Instead of the version of an entry that could not be read. No calendar calls one so: it is read again next time."""


class CalendarFailed(Exception):
    """A calendar elsewhere could not be read or written. ``retry_after`` are seconds that it asked us to wait, when it
    said so. Never carries an address, a name or a secret.
    """

    def __init__(self, failure: CalendarFailure, *, retry_after: float | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.retry_after = retry_after

    @property
    def needs_sign_in(self) -> bool:
        """Whether no trying again mends it."""
        return self.failure in NEEDS_SIGN_IN


def bound_span(starts_at: datetime, ends_at: datetime) -> BusySpan | None:
    """What of a span lies between ``EARLIEST`` and ``LATEST``; None when nothing does."""
    span = BusySpan(max(starts_at, EARLIEST), min(ends_at, LATEST))
    return span if span.starts_at <= span.ends_at else None


@dataclass(frozen=True, slots=True)
class CalendarAccess:
    """How to get in. ``address`` is where a server is (https, not secret; empty where the provider's is known),
    ``username`` who signs in, ``secrets`` whatever opens it: ``url`` of an ICS address, ``password`` of CalDAV,
    ``refresh_token``, ``access_token`` and ``expires_at`` (seconds since 1970, as text) of OAuth.
    """

    address: str = field(default="", repr=False)
    username: str = field(default="", repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """One calendar of an account. ``remote_id`` is what the provider knows it by, ``zone`` an IANA name or None."""

    remote_id: str
    name: str = field(repr=False)
    can_write: bool
    zone: str | None = None
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class OwnTimes:
    """One of our own events: its key, and when it may stand in a calendar elsewhere (in order, not overlapping). Then,
    and only then, it takes no time there: it is taken here already. Whoever knows its UID may write anything under it.
    """

    key: str
    spans: tuple[BusySpan, ...]

    def subtract_from(self, span: BusySpan) -> Iterator[BusySpan]:
        """What of a span is not ours."""
        return subtract_spans([span], self.spans)


@dataclass(frozen=True, slots=True)
class ReadingWindow:
    """What is asked of a calendar: the instants in between which taken time matters (aware), the IANA zone that
    floating and all-day events are in, and the addresses (lower case) by which guests are known to be its owner.
    ``is_tentative_busy``: what its owner has only half accepted takes time, too. ``known`` are our own events by every
    UID and key under which they may stand there.
    """

    since: datetime
    until: datetime
    zone: str
    owner_addresses: frozenset[str] = frozenset()
    is_tentative_busy: bool = True
    known: Mapping[str, OwnTimes] = field(default_factory=dict, repr=False)

    @property
    def rules(self) -> str:
        """A digest of how what stands there is understood, and how far it is read: when that is otherwise, the same
        calendar says something else, however little is new in it.
        """
        told = self.until - self.since, self.zone, sorted(self.owner_addresses), self.is_tentative_busy
        return sha256(repr(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far a calendar was read last time: what the provider gave to ask "what is new?" with (``token``), what tells
    whether anything is new at all (``version``: an ETag or a ctag; ``modified``: Last-Modified), and the version of
    each entry that is known, by its remote id. Empty for a calendar that is read for the first time.
    """

    token: str | None = None
    version: str | None = None
    modified: str | None = None
    entries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An appointment of ours that stands in a calendar elsewhere, also as a copy under another UID (``uid``). ``key``
    is what ``ReadingWindow.known`` knows it by; ``starts_at`` and ``ends_at`` are when it stands there (aware).
    """

    key: str
    uid: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class TakenTimes:
    """What an iCalendar file says of its owner's time: ``spans`` in order and joined, within the window, and ``own``,
    which of our own it holds. ``unread`` counts events that could not be read, or not all of them: they may take time
    that is not told here.
    """

    spans: tuple[BusySpan, ...] = ()
    own: tuple[OwnEvent, ...] = ()
    unread: int = 0


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One resource of a calendar, an event with all its dates: when it takes time, and which of our own it holds.
    ``unread`` is that of ``TakenTimes``. Of one that could not be read at all (``UNREAD_VERSION``) that is one, and it
    takes what it took when it was read last.
    """

    remote_id: str
    version: str
    spans: tuple[BusySpan, ...] = ()
    own: tuple[OwnEvent, ...] = ()
    unread: int = 0

    @property
    def is_read(self) -> bool:
        """Whether anything of it could be read."""
        return self.version != UNREAD_VERSION


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What a look at a calendar found.

    ``is_unchanged``: nothing is new, and the rest is empty. Else ``entries`` are what is new or changed, ``removed``
    the remote ids of what is gone; when ``is_whole``, ``entries`` are all that there is. A calendar that has no entries
    of its own to tell apart (an ICS address) is one entry whose remote id is empty.
    """

    bookmark: Bookmark
    is_unchanged: bool = False
    is_whole: bool = False
    entries: Sequence[CalendarEntry] = ()
    removed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """What is written into a calendar elsewhere: as much as its therapist lets it tell. ``key`` stands in a property of
    its own (``KEY_PROPERTY``, or what a provider has for it), so that a copy is known again; instants are aware,
    ``zone`` is the IANA zone they are shown in.
    """

    uid: str
    key: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    changed_at: datetime
    summary: str = field(repr=False)
    description: str = field(default="", repr=False)
    location: str = field(default="", repr=False)
    is_tentative: bool = False
    category: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells two writings of an event apart."""
        told = (getattr(self, each.name) for each in fields(self))
        said = (each.astimezone(UTC).isoformat() if isinstance(each, datetime) else str(each) for each in told)
        return sha256("\n".join(said).encode()).hexdigest()[:20]

    @property
    def mark(self) -> str:
        """What stands there with an event that has no SEQUENCE of ours: which writing of it this is, and its UID."""
        return f"{self.fingerprint}:{self.sequence} {self.uid}"

    def is_older_than(self, mark: str) -> bool:
        """Whether what stands there with this mark was written later than this; by another of us, who was faster."""
        sequence = mark.partition(" ")[0].partition(":")[2]
        return sequence.isdecimal() and int(sequence) > self.sequence


@dataclass(frozen=True, slots=True)
class Written:
    """Where what was written stands, and its version there."""

    remote_id: str
    version: str


class CalendarGateway(Protocol):
    """Speaks with one kind of calendars. Every method raises CalendarFailed, takes bounded time and memory, and
    remembers nothing between two calls but open connections.
    """

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:
        """The same access with secrets that are good for the next minutes; the very same object when they are."""
        ...

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        """Every calendar of the account, the main one first; one nameless calendar for an ICS address."""
        ...

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        """What is new in one calendar since ``bookmark``; all of it when that is empty or means nothing any more."""
        ...

    # What can only be read (``FoundCalendar.can_write``) answers the next three with REFUSED.

    def write(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written | None, /) -> Written:
        """Put an event into a calendar: a new one, or in the place of ``before``. Writing the same event once more,
        after an answer that was lost, makes no second one. Raises CHANGED_MEANWHILE when what stands there is not
        ``before`` any more, and GONE when the calendar is gone.
        """
        ...

    def remove(self, access: CalendarAccess, remote_id: str, written: Written, /) -> None:
        """Take an event out again; nothing happens when it is gone already. Raises CHANGED_MEANWHILE."""
        ...

    def find(self, access: CalendarAccess, remote_id: str, written_id: str, /) -> tuple[str, OwnEvent | None] | None:
        """The version and times of one of our events as it stands there now, by its own remote id; None if gone."""
        ...


class SignInFailed(Exception):
    """Somebody did not let us into their calendars. Never carries an address, a name or a secret."""

    def __init__(self, failure: SignInFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class SignInTicket:
    """One attempt of somebody to let us in: ``state`` comes back with them, ``verifier`` proves that it was us who sent
    them (RFC 7636), and ``return_to`` is where they come back to, the same in both directions.
    """

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str


class CalendarSignIn(Protocol):
    """Lets people of one kind of calendars sign in at their provider, and let us in."""

    def find_address(self, ticket: SignInTicket, /, *, username: str = "") -> str:
        """Where they are sent. ``username`` is who is expected to sign in, if anybody is."""
        ...

    def finish(self, ticket: SignInTicket, code: str, /, *, now: datetime) -> CalendarAccess:
        """What they came back with, turned into access that lasts; ``username`` is the address of their account.
        Raises SignInFailed and CalendarFailed.
        """
        ...

    def revoke(self, access: CalendarAccess, /) -> None:
        """Give the access back, where the provider takes it; nothing happens to what is gone. Raises CalendarFailed."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelWish:
    """What a provider is asked to tell us by: under which name (at most 64 letters) and with which token it posts to
    which address, and until when.
    """

    name: str
    token: str = field(repr=False)
    address: str
    until: datetime


@dataclass(frozen=True, slots=True)
class RemoteChannel:
    """A channel as its provider knows it, and when it ends (aware)."""

    name: str
    resource: str
    ends_at: datetime


class SignedInCalendars(CalendarGateway, CalendarSignIn, Protocol):
    """Calendars that are read and written by whoever was let in by a sign-in, and whose provider can tell us when
    something is new.
    """

    def watch(self, access: CalendarAccess, remote_id: str, wish: ChannelWish, /) -> RemoteChannel:
        """Be told when something in a calendar is new, or in any of its account. Raises CalendarFailed."""
        ...

    def unwatch(self, access: CalendarAccess, channel: RemoteChannel, /) -> None:
        """Be told no more; nothing happens when it is gone already. Raises CalendarFailed."""
        ...
