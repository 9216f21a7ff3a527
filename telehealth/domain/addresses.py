"""Every address that is sent to people, made in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from telehealth.domain import links
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Linked, Signed
from telehealth.domain.message_words import Purpose


class LinkPurpose(StrEnum):
    """What a signed link opens. A link made for one purpose does not open another."""

    MANAGE = "manage"
    JOIN = "join"
    GUEST = "guest"  # Comes to one video appointment without a seat in it.
    ANSWER = "answer"  # Staff answer a request from their mailbox.
    OFFER = "offer"
    WAIT = "wait"
    START = "start"  # The first practice of an installation.
    LOGIN = "login"
    NO_OFFERS = "no offers"  # Ends e-mails of one purpose to one client.
    NO_FOLLOW_UPS = "no follow-ups"


ENDS: Mapping[Purpose, LinkPurpose] = {
    Purpose.OFFERS: LinkPurpose.NO_OFFERS,
    Purpose.FOLLOW_UPS: LinkPurpose.NO_FOLLOW_UPS,
}
"""What ends with one click, and by which link. E-mails about appointments do not."""


OWN_FEED = "own calendar"
_OF_THIS_NETWORK = re.compile(
    r"[^.]+|.*:.*|(127|10|192\.168|169\.254|172\.(1[6-9]|2[0-9]|3[01]))\..*|.*\.(localhost|local|internal|lan|invalid|test)"
)
"""Names without a full stop, and what no provider outside can open."""
_OF_THIS_MACHINE = re.compile(r"127\..*|::1|(.*\.)?localhost")
_KEY = re.compile(r"(/[a-z]/)[A-Za-z0-9_-]{1,64}(?:\.[A-Za-z0-9_-]{12})?(?:\.[1-9][0-9]{0,5})?\.[A-Za-z0-9_-]{22}")


def without_keys(said: str) -> str:
    """The same with the keys of signed links taken out, for staff who read what clients were sent: whoever holds such a
    link can cancel.
    """
    return _KEY.sub("\\1\u2026", said)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes and reads links. ``base_url`` has no slash at the end; the first key signs, all of them verify.

    ``organizer`` is the address that invites name as their organiser; empty means the practice's own.
    """

    base_url: str
    keys: Sequence[str] = field(repr=False)
    organizer: str = ""

    def token(self, purpose: LinkPurpose, row: Linked) -> str:
        """The part of a link that names a row and proves that we made it."""
        companion = row.companion if isinstance(row, Signed) else ""
        return links.sign_link(self.keys, purpose, row.public_id, row.links_version, companion)

    def read(self, purpose: LinkPurpose, token: str) -> Signed:
        """What a token names. Raises LinkInvalid."""
        return links.verify_link(self.keys, purpose, token)

    def manage(self, seat: Linked) -> str:
        """Where a client sees, keeps and cancels an appointment."""
        return f"{self.base_url}/m/{self.token(LinkPurpose.MANAGE, seat)}"

    def choose_time(self, seat: Linked) -> str:
        """Where a client chooses another time."""
        return f"{self.manage(seat)}/move"

    def join(self, seat: Linked) -> str:
        """Where a client enters the virtual room."""
        return f"{self.base_url}/j/{self.token(LinkPurpose.JOIN, seat)}"

    def guest(self, guest: Linked) -> str:
        """Where somebody who is invited to one video appointment comes in."""
        return f"{self.base_url}/g/{self.token(LinkPurpose.GUEST, guest)}"

    def answer(self, appointment_public_id: str) -> str:
        """Where staff say yes or no to a request, without signing in. It ends with the answer, and not before."""
        return f"{self.base_url}/a/{self.token(LinkPurpose.ANSWER, Signed(appointment_public_id))}"

    def offer(self, offer: Linked) -> str:
        """Where somebody who waits takes a freed time."""
        return f"{self.base_url}/o/{self.token(LinkPurpose.OFFER, offer)}"

    def wait(self, entry: Linked) -> str:
        """Where somebody who waits sees their place, and leaves."""
        return f"{self.base_url}/w/{self.token(LinkPurpose.WAIT, entry)}"

    def booking(self, slug: str, service_word: str) -> str:
        """Where a service is booked that is on no list, by the word of its link."""
        return f"{self.base_url}/{slug}/book?service={service_word}"

    def unsubscribe(self, client: Linked, purpose: Purpose) -> str:
        """Where a client ends e-mails of one purpose with one POST (RFC 8058); empty where that cannot be done."""
        ends = ENDS.get(purpose)
        return f"{self.base_url}/u/{self.token(ends, client)}" if ends is not None else ""

    def read_unsubscribe(self, token: str) -> tuple[Signed, Purpose]:
        """Which client, and what they want to end. Raises LinkInvalid."""
        for purpose, ends in ENDS.items():
            with suppress(LinkInvalid):
                return self.read(ends, token), purpose
        raise LinkInvalid

    def start(self, *, until: datetime) -> str:
        """Where the first practice begins, up to an instant: on a server that all reach, nobody else may be first."""
        return f"{self.base_url}/start/{self.token(LinkPurpose.START, Signed(str(int(until.timestamp()))))}"

    def read_start(self, token: str, *, now: datetime) -> None:
        """Raises LinkInvalid, also when its time is over."""
        if int(self.read(LinkPurpose.START, token).public_id) <= now.timestamp():
            raise LinkInvalid

    def number_code(self, public_id: str) -> str:
        """The code that proves a number, of the row with this public id."""
        return links.make_code(self.keys, public_id)

    def is_number_code(self, public_id: str, typed: str) -> bool:
        """Whether somebody typed it."""
        return links.is_code(self.keys, public_id, typed)

    def login(self, letter_public_id: str) -> str:
        """Where somebody of the practice does what a letter about their login is for. It ends when that is done."""
        return f"{self.base_url}/sign-in/k/{self.token(LinkPurpose.LOGIN, Signed(letter_public_id))}"

    def new_address(self, letter_public_id: str) -> str:
        """Where somebody says that an address is theirs. It ends when that is done."""
        return f"{self.base_url}/sign-in/e/{self.token(LinkPurpose.LOGIN, Signed(letter_public_id))}"

    def invitation(self, letter_public_id: str) -> str:
        """Where somebody who is invited chooses their first password. It ends when that is done."""
        return f"{self.base_url}/sign-in/i/{self.token(LinkPurpose.LOGIN, Signed(letter_public_id))}"

    def not_me(self, letter_public_id: str) -> str:
        """Where somebody says that it was not they who signed in. It ends when that is done."""
        return f"{self.base_url}/sign-in/n/{self.token(LinkPurpose.LOGIN, Signed(letter_public_id))}"

    @property
    def sign_in(self) -> str:
        """Where staff sign in."""
        return f"{self.base_url}/sign-in"

    def calendar_sign_in(self, kind: str) -> str:
        """Where a provider of calendars sends people back to who signed in there; registered there letter by letter."""
        return f"{self.base_url}/desk/calendars/sign-in/{kind}/back"

    def calendar_news(self, kind: str) -> str:
        """Where a provider of calendars posts to when something is new."""
        return f"{self.base_url}/webhooks/calendars/{kind}"

    @property
    def can_be_reached(self) -> bool:
        """Whether a provider could post to us: by https, and not at an address of this machine or its network alone."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "https" and not _OF_THIS_NETWORK.fullmatch(parts.hostname or "localhost")

    @property
    def are_only_here(self) -> bool:
        """Whether no other machine can open them: they name this one as it calls itself."""
        host = urlsplit(self.base_url).hostname or "localhost"
        return bool(_OF_THIS_MACHINE.fullmatch(host))

    @property
    def desk(self) -> str:
        """Where staff begin, after signing in."""
        return f"{self.base_url}/desk"

    def desk_task(self, task_public_id: str) -> str:
        """Where staff see what waits for somebody, after signing in."""
        return f"{self.base_url}/desk/tasks/{task_public_id}"

    def desk_alert(self, alert_public_id: str) -> str:
        """Where staff see what they were alerted to, and say that they have it, after signing in."""
        return f"{self.base_url}/desk/alerts/{alert_public_id}"

    def desk_appointment(self, appointment_public_id: str) -> str:
        """Where staff see an appointment, after signing in."""
        return f"{self.base_url}/desk/appointments/{appointment_public_id}"

    def desk_join(self, appointment_public_id: str) -> str:
        """Where the therapist enters the virtual room, after signing in."""
        return f"{self.desk_appointment(appointment_public_id)}/join"

    def picture(self, digest: str) -> str:
        """Where everybody sees a picture."""
        return f"{self.base_url}/pictures/{digest}.webp"

    def feed(self, secret: str) -> str:
        """A private calendar."""
        return f"{self.base_url}/calendar/{secret}.ics"

    def own_feed_secret(self, feed: Linked) -> str:
        """The secret of a client's own calendar."""
        return links.make_secret(self.keys, OWN_FEED, feed)

    def own_feed(self, feed: Linked, digest: str) -> str:
        """The address of a client's own calendar; empty where its secret was shown once and is known to nobody."""
        secret = links.find_made_secret(self.keys, OWN_FEED, feed, digest)
        return self.feed(secret) if secret else ""
