"""What the service needs from the outside world, said in its own words.

Adapters implement these protocols, ``tests/fakes.py`` implements them too, and one behaviour suite runs over both.
No protocol knows a provider's field names or error codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from telehealth.domain.calendar_ports import CalendarGateway, SignedInCalendars
    from telehealth.domain.calendar_words import CalendarKind
    from telehealth.domain.words import VideoKind


class Remedy(StrEnum):
    """What to do about a message that was not accepted."""

    RETRY = "retry"  # The provider did not take it and may later: try again with backoff.
    RETRY_LATER = "retry_later"  # The phone is out of reach, or nobody knows why: once more after half an hour.
    ASK = "ask"  # Nobody knows whether it was taken: ask the provider before trying again.
    GIVE_UP = "give_up"  # This message will never be taken.
    UNKNOWN = "unknown"  # The same for a reason that we do not know: give up, and tell the operator once an hour.
    FILTERED = "filtered"  # Taken for spam: these words will never be taken; when it happens often, tell the operator.
    SUPPRESS = "suppress"  # The recipient does not want texts: give up, and plan no more.
    BLOCKED = "blocked"  # The recipient or the carrier blocks us: as good as the same.
    BAD_ADDRESS = "bad_address"  # The number or address cannot receive: give up, and mark it.
    DOUBT = "doubt"  # The number or address may be nobody's: give up, and mark it when it happens again.
    ALERT = "alert"  # Our account or set-up is at fault: give up for now and tell the operator.


class DeliveryFailed(Exception):
    """A gateway's answer when a message was not accepted.

    ``code`` is the provider's code as text (for the log and the message history), ``remedy`` what to do,
    ``retry_after`` seconds the provider asked us to wait, when it said so. Never carries an address or a body.
    """

    def __init__(self, code: str, remedy: Remedy, *, retry_after: float | None = None) -> None:
        super().__init__(f"{code} ({remedy})")
        self.code = code
        self.remedy = remedy
        self.retry_after = retry_after


class DeliveryStatus(StrEnum):
    """How far a provider got with a message, ordered by the table in ``domain.delivery.states``."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider took the message: its id there, and how far it is. ``error_code`` and ``remedy`` say why it ended
    badly, when it did.
    """

    provider_id: str
    status: DeliveryStatus = DeliveryStatus.ACCEPTED
    error_code: str | None = None
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text to one phone. ``to`` is E.164; ``reference`` is our message id; ``expires_at`` is an aware UTC instant
    after which the text must not arrive any more. ``sender`` is the practice's own number or pool of numbers; empty for
    the one that everybody here sends from.
    """

    reference: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    expires_at: datetime
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one e-mail, before they become plain text and HTML.

    ``facts`` are label and value pairs shown as a small table (When, Where, …); ``actions`` are label and URL pairs,
    the first one is the main one; ``closing`` are the small lines at the end; ``language`` is its code ("en", "es").
    """

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    actions: tuple[tuple[str, str], ...] = ()
    closing: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Invite:
    """A calendar object to send with an e-mail: the bytes and its iTIP METHOD (REQUEST, CANCEL or PUBLISH)."""

    content: bytes
    method: str


@dataclass(frozen=True, slots=True)
class Email:
    """One e-mail to one person. ``reference`` is our message id and becomes a stable Message-ID, so that a second copy
    after a crash is recognised as the same mail. ``unsubscribe_url`` ends e-mails like this one with one POST (RFC
    8058); empty where there is nothing to end. ``follows`` is the reference of the first one about the same appointment
    to the same reader, so that mail programs keep them together; empty where this is the first.
    """

    reference: str
    to: str = field(repr=False)
    to_name: str = field(repr=False)
    sender_name: str
    reply_to: str | None
    letter: Letter = field(repr=False)
    invite: Invite | None = field(default=None, repr=False)
    unsubscribe_url: str = field(default="", repr=False)
    follows: str = ""


class TextGateway(Protocol):
    """Sends texts."""

    def send(self, text: Text, /) -> Receipt:
        """Hand one text over. Raises DeliveryFailed."""
        ...

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
        """Look for a text that may have been accepted since the instant ``since``; None when it was not.
        Raises DeliveryFailed when the provider cannot be asked.
        """
        ...

    def look_up(self, provider_id: str, /) -> Receipt | None:
        """How far a text is that was taken under this id; None when the provider knows none by it.
        Raises DeliveryFailed when the provider cannot be asked.
        """
        ...


class EmailGateway(Protocol):
    """Sends e-mails."""

    def send(self, email: Email, /) -> Receipt:
        """Hand one e-mail over. Raises DeliveryFailed."""
        ...


@dataclass(frozen=True, slots=True)
class VideoAccess:
    """How to use a video service elsewhere: its address, what it is told by name, and what must stay secret."""

    address: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeRoom:
    """A room that was made at a video service: its id there, and what the service said that is needed to enter it."""

    remote_id: str
    facts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VideoRoom:
    """A virtual room for one appointment: ``name`` is unguessable, ``kind`` is where it is, ``access`` what opens that
    (None: as the installation does), ``fixed_link`` the link that is always the same, where one is used, ``made`` what
    was made for the appointment, where something has to be. The instants bound when the room may be entered (aware
    UTC). ``is_awaited``: it is being made at this moment.
    """

    name: str
    kind: VideoKind
    opens_at: datetime
    closes_at: datetime
    fixed_link: str = ""
    access: VideoAccess | None = None
    made: MadeRoom | None = None
    is_awaited: bool = False


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who enters a room. ``display_name`` is what the other person sees: never an e-mail address or a full
    name of a client.
    """

    display_name: str
    is_therapist: bool


class VideoRooms(Protocol):
    """Makes links to virtual rooms."""

    def join_url(self, room: VideoRoom, guest: Guest) -> str | None:
        """The address that opens the room for this guest, valid from opens_at to closes_at; None where people meet in
        our own room.
        """
        ...


class VideoFailure(StrEnum):
    """Why a video service could not do what was asked."""

    REFUSED = "refused"  # It does not take what we sign in with.
    NOT_ALLOWED = "not_allowed"  # It lets us in, and not do this: a permission or a plan is missing.
    NO_HOST = "no_host"  # It does not know the person whose meeting it would be.
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    OVERLOADED = "overloaded"  # It asks us to come back later.
    BROKEN = "broken"  # Whatever else: the service is at fault.


class VideoFailed(Exception):
    """A video service did not do what was asked. ``retry_after`` are seconds that it asked us to wait. Never carries an
    address, a name or a secret.
    """

    def __init__(self, failure: VideoFailure, *, retry_after: float | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class RoomWish:
    """A room that is to be made. ``name`` is unguessable and tells nothing; ``host`` is the address by which the
    service may know the therapist. It may be entered from ``opens_at`` to ``closes_at``.
    """

    name: str
    opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    host: str = field(default="", repr=False)


class RoomService(Protocol):
    """A video service where rooms are made. All of it may take some seconds, and raises VideoFailed."""

    def check(self, access: VideoAccess, /) -> None:
        """Whether it lets us in, and do what we need."""
        ...

    def make(self, access: VideoAccess, wish: RoomWish, /, *, before: MadeRoom | None) -> MadeRoom:
        """Make a room, or change the one that was made ``before`` to what is wished. Twice is as good as once, also
        where nobody wrote down that it was made.
        """
        ...

    def find(self, access: VideoAccess, wish: RoomWish, /) -> MadeRoom | None:
        """The room that was made for a wish, if one was: nobody may have written that down."""
        ...

    def remove(self, access: VideoAccess, made: MadeRoom, /) -> None:
        """Give a room back. One that is gone is fine."""
        ...

    def enter(self, access: VideoAccess, made: MadeRoom, room: VideoRoom, guest: Guest, /) -> str:
        """The address by which somebody enters."""
        ...


class MailboxFailed(Exception):
    """A mailbox could not be read for the moment. ``code`` says why, in fixed words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OpenMailbox(Protocol):
    """A folder of a mailbox, as long as its connection is open. ``validity`` changes when the numbers of its mails mean
    other mails (RFC 3501 section 2.3.1.1).
    """

    @property
    def validity(self) -> int: ...

    def list_numbers(self, *, after: int, since: date) -> Sequence[int]:
        """The numbers of the mails that came after one of them and not before a day, in order. Raises MailboxFailed."""
        ...

    def read(self, number: int, /) -> bytes | None:
        """A mail, at most as much of it as anybody reads, and nobody sees that it was read; None when it is gone.
        Raises MailboxFailed.
        """
        ...

    def put_away(self, number: int, /) -> None:
        """Put a mail where nobody needs to look at it. One that is gone stays gone. Raises MailboxFailed."""
        ...


class Mailbox(Protocol):
    """Where mail to the practice waits. ``name`` tells two of them apart, and holds no secret."""

    @property
    def name(self) -> str: ...

    def open(self) -> AbstractContextManager[OpenMailbox]:
        """Connect and sign in. Raises MailboxFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Gateways:
    """The ways out into the world, chosen once when the service is put together. ``calendars`` are those kinds of
    calendars elsewhere that can be spoken with here, ``sign_ins`` those of them that people connect by signing in.
    ``mailbox`` is where calendars' answers are read, if anywhere. ``rooms`` are the video services at which a room has
    to be made for each appointment.
    """

    texts: TextGateway
    emails: EmailGateway
    video: VideoRooms
    calendars: Mapping[CalendarKind, CalendarGateway] = field(default_factory=dict)
    sign_ins: Mapping[CalendarKind, SignedInCalendars] = field(default_factory=dict)
    mailbox: Mailbox | None = None
    rooms: Mapping[VideoKind, RoomService] = field(default_factory=dict)
