"""The ports, implemented in memory. They remember what they were given and fail when they are told to.

``tests/adapters/test_ports.py`` holds them to the same behaviour as the real adapters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from telehealth.domain.ports import (
    DeliveryFailed,
    DeliveryStatus,
    Email,
    Guest,
    MadeRoom,
    Receipt,
    Remedy,
    RoomWish,
    Text,
    VideoAccess,
    VideoFailed,
    VideoFailure,
    VideoRoom,
)


class FakeClock:
    """A clock that stands still until it is moved. Call it for the instant."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)) -> None:
        self.instant = start

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong next, and whether the message was taken all the same."""

    failure: DeliveryFailed
    is_taken: bool = False


@dataclass
class FakeTexts:
    """A TextGateway. ``sent`` holds every text that was taken, in order, also those whose answer was lost. ``news`` is
    what ``look_up`` says about an id, when it is not what sending it said, and ``asked`` are the ids looked up.
    """

    now: Callable[[], datetime] | None = None
    status: DeliveryStatus = DeliveryStatus.ACCEPTED
    sent: list[Text] = field(default_factory=list)
    attempts: int = 0
    news: dict[str, Receipt] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._troubles: deque[Trouble] = deque()
        self._taken: list[tuple[datetime | None, Text, Receipt]] = []

    def fail_next(
        self, remedy: Remedy, *, code: str = "test", retry_after: float | None = None, taken: bool = False
    ) -> None:
        """The next call, to send or to find, fails like this. ``taken``: the text is sent, only the answer is lost."""
        self._troubles.append(Trouble(DeliveryFailed(code, remedy, retry_after=retry_after), taken))

    def send(self, text: Text, /) -> Receipt:
        self.attempts += 1
        if self.now and text.expires_at <= self.now():
            raise DeliveryFailed("expired", Remedy.GIVE_UP)
        trouble = self._troubles.popleft() if self._troubles else None
        if trouble and not trouble.is_taken:
            raise trouble.failure
        receipt = self._take(text)
        if trouble:
            raise trouble.failure
        return receipt

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
        if self._troubles:
            raise self._troubles.popleft().failure
        return next(
            (receipt for at, each, receipt in self._taken if _same(each, text) and (at is None or at >= since)), None
        )

    def look_up(self, provider_id: str, /) -> Receipt | None:
        self.asked.append(provider_id)
        if self._troubles:
            raise self._troubles.popleft().failure
        known = {receipt.provider_id: receipt for _, _, receipt in self._taken} | self.news
        return known.get(provider_id)

    def _take(self, text: Text) -> Receipt:
        receipt = Receipt(f"text-{len(self._taken) + 1}", self.status)
        self._taken.append((self.now() if self.now else None, text, receipt))
        self.sent.append(text)
        return receipt


@dataclass
class FakeEmails:
    """An EmailGateway. ``sent`` holds every e-mail that was taken, in order."""

    sent: list[Email] = field(default_factory=list)
    attempts: int = 0

    def __post_init__(self) -> None:
        self._troubles: deque[Trouble] = deque()

    def fail_next(
        self, remedy: Remedy, *, code: str = "test", retry_after: float | None = None, taken: bool = False
    ) -> None:
        """The next e-mail fails like this. ``taken``: it is sent, only the answer is lost."""
        self._troubles.append(Trouble(DeliveryFailed(code, remedy, retry_after=retry_after), taken))

    def send(self, email: Email, /) -> Receipt:
        self.attempts += 1
        if email.to.count("@") != 1 or any(letter.isspace() for letter in email.to):
            raise DeliveryFailed("malformed address", Remedy.BAD_ADDRESS)
        trouble = self._troubles.popleft() if self._troubles else None
        if trouble is None or trouble.is_taken:
            self.sent.append(email)
        if trouble:
            raise trouble.failure
        return Receipt(f"<{email.reference}@fake>", DeliveryStatus.SENT)


@dataclass
class FakeVideo:
    """VideoRooms whose links tell who enters what."""

    asked: list[tuple[VideoRoom, Guest]] = field(default_factory=list)

    def join_url(self, room: VideoRoom, guest: Guest) -> str:
        self.asked.append((room, guest))
        return room.fixed_link or f"https://video.test/{room.name}?as={'therapist' if guest.is_therapist else 'client'}"


def _same(one: Text, other: Text) -> bool:
    return (one.reference, one.to, one.body) == (other.reference, other.to, other.body)


@dataclass
class FakeRooms:
    """A RoomService. ``rooms`` are those there are, by their names; ``fails`` is what the next calls fail with, and
    ``meanwhile`` what happens while it makes one.
    """

    rooms: dict[str, RoomWish] = field(default_factory=dict)
    fails: list[VideoFailure] = field(default_factory=list)
    made: int = 0
    meanwhile: Callable[[], object] = lambda: None

    def check(self, access: VideoAccess, /) -> None:
        self._answer()

    def make(self, access: VideoAccess, wish: RoomWish, /, *, before: MadeRoom | None) -> MadeRoom:
        self._answer()
        self.made += wish.name not in self.rooms
        self.rooms[wish.name] = wish
        self.meanwhile()
        return MadeRoom(wish.name, {"url": f"https://rooms.test/{wish.name}"})

    def find(self, access: VideoAccess, wish: RoomWish, /) -> MadeRoom | None:
        self._answer()
        return MadeRoom(wish.name, {}) if wish.name in self.rooms else None

    def remove(self, access: VideoAccess, made: MadeRoom, /) -> None:
        self._answer()
        self.rooms.pop(made.remote_id, None)

    def enter(self, access: VideoAccess, made: MadeRoom, room: VideoRoom, guest: Guest, /) -> str:
        self._answer()
        return f"{made.facts['url']}?as={'therapist' if guest.is_therapist else 'client'}"

    def _answer(self) -> None:
        if self.fails:
            raise VideoFailed(self.fails.pop(0))
