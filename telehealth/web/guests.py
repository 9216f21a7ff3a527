"""The link of somebody who is invited to one video appointment: when it is, how to come in, or why there is no room.
It names nobody but its reader, and tells nothing about anybody's health.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import RoomClosed, RoomNotReady
from telehealth.domain.languages import nearest_language
from telehealth.domain.times import say_briefly, say_time, say_when
from telehealth.domain.video.calls import OFF, CallerRole, say_whom
from telehealth.domain.walltime import zone
from telehealth.domain.words import Mode
from telehealth.late import Library
from telehealth.models import Appointment, CallGuest
from telehealth.services.audit import ActedBy
from telehealth.web.calls import answer_comer, find_way_elsewhere, show_room, show_soon
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, Sender, find_addresses, make_link_blueprint
from telehealth.web.link_programs import is_program

if TYPE_CHECKING:
    from telehealth.queries.video import doors
    from telehealth.queries.video import guests as invited
    from telehealth.services.video import coming
    from telehealth.web import call_words, guest_words
else:
    doors = Library("telehealth.queries.video.doors")
    invited = Library("telehealth.queries.video.guests")
    coming = Library("telehealth.services.video.coming")
    call_words = Library("telehealth.web.call_words")
    guest_words = Library("telehealth.web.guest_words")

blueprint = make_link_blueprint("guests")


class GuestStage(StrEnum):
    """What a guest finds: the name of its words (``guest_words``)."""

    ENDED = "ended"
    OFF = "off"
    NOT_BY_VIDEO = "not_by_video"
    UNSETTLED = "unsettled"
    OPEN = "open"
    NOT_YET = "not_yet"
    OVER = "over"


_STAGES = {Door.OPEN: GuestStage.OPEN, Door.NOT_YET: GuestStage.NOT_YET, Door.OVER: GuestStage.OVER}


@dataclass(frozen=True)
class GuestCall:
    """Whom a link invited to what, at the instant ``now`` of the request; and whether it still does."""

    guest: CallGuest
    is_live: bool
    now: datetime

    @property
    def appointment(self) -> Appointment:
        """What they are invited to."""
        return self.guest.appointment

    @property
    def zone(self) -> ZoneInfo:
        """The practice's: where its guests are nobody knows."""
        return zone(self.appointment.practice.timezone)

    @property
    def opens_at(self) -> datetime:
        """When the room opens."""
        return self.appointment.practice.room_hours.opens_at(self.appointment.starts_at)

    @property
    def stage(self) -> GuestStage:
        """What they find now."""
        appointment = self.appointment
        if not self.is_live:
            return GuestStage.ENDED
        if appointment.status in OFF:
            return GuestStage.OFF
        if appointment.mode != Mode.VIRTUAL:
            return GuestStage.NOT_BY_VIDEO
        if appointment.is_asked_to_move:
            return GuestStage.UNSETTLED
        return _STAGES[doors.find_door(appointment, now=self.now)]

    @property
    def opening(self) -> str:
        """When the room opens, in words: the day is said unless it is today."""
        at, here, language = self.opens_at, self.zone, nearest_language(self.guest.locale)
        is_today = at.astimezone(here).date() == self.now.astimezone(here).date()
        if not is_today:
            return say_briefly(at, here, language)
        return say_time(at, here, language)


@blueprint.get("/g/<token>")
@access.by_link
@limiter.limit(READS)
def show_invitation(token: str) -> ResponseReturnValue:
    """The door. It does not open by itself: programs that look at links in messages must not enter rooms."""
    found = _open(token)
    status = HTTPStatus.GONE if found.stage == GuestStage.ENDED else HTTPStatus.OK
    return render_template("guest/invitation.html", **_describe(found, token)), status


@blueprint.get("/g/<token>/enter")
@access.by_link
@limiter.limit(READS)
def enter_as_guest(token: str) -> ResponseReturnValue:
    """To the room, while it is open. A plain link, because the content policy lets no form lead to another site."""
    found = _open(token)
    if found.stage != GuestStage.OPEN or is_program(request):
        return redirect(url_for("guests.show_invitation", token=token))
    try:
        url = find_way_elsewhere(found.appointment, name=found.guest.name, is_therapist=False)
    except RoomNotReady:
        again_url, back_url = (url_for(f"guests.{each}", token=token) for each in ("enter_as_guest", "show_invitation"))
        practice = Sender.of_practice(found.appointment.practice)
        return show_soon(again_url=again_url, back_url=back_url, language=found.guest.locale, practice=practice)
    response = redirect(url or url_for("guests.show_room_to_guest", token=token))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/g/<token>/room")
@access.by_link
@limiter.limit(READS)
def show_room_to_guest(token: str) -> ResponseReturnValue:
    """Our own room, while it is open. Looking at the page is not coming: a press is."""
    found, invitation_url = _open(token), url_for("guests.show_invitation", token=token)
    if found.stage != GuestStage.OPEN:
        return redirect(invitation_url)
    return show_room(
        found.appointment,
        come_url=url_for("guests.come_as_guest", token=token),
        back_url=invitation_url,
        language=found.guest.locale,
        is_guest=True,
        practice=Sender.of_practice(found.appointment.practice),
    )


@blueprint.post("/g/<token>/room/come")
@access.by_link
@limiter.limit(READS)
@access.answers_in_json
def come_as_guest(token: str) -> ResponseReturnValue:
    """A guest is at the door of our own room, until a therapist lets them in. Raises RoomClosed."""
    found = _open(token)
    if found.stage != GuestStage.OPEN:
        raise RoomClosed
    guest = found.guest
    whom = say_whom(CallerRole.GUEST, guest.public_id)
    comer = coming.Comer(whom, CallerRole.GUEST, guest.name, guest_kind=guest.kind)
    by = ActedBy(Actor.SYSTEM, via=Via.LINK, remote_address=request.remote_addr)
    return answer_comer(found.appointment, comer, by)


def _open(token: str) -> GuestCall:
    """Raises LinkInvalid."""
    guest, is_live = invited.find_guest_by_link(find_addresses().read(LinkPurpose.GUEST, token))
    return GuestCall(guest, is_live, clock.now())


def _describe(found: GuestCall, token: str) -> dict[str, Any]:
    appointment, language = found.appointment, nearest_language(found.guest.locale)
    starts_at = appointment.starts_at
    return {
        "practice": Sender.of_practice(appointment.practice),
        "frame_language": language,
        "frame_words": call_words.find_call_words(language),
        "words": guest_words.find_guest_words(language),
        "stage": found.stage,
        "guest_name": found.guest.name,
        "when": say_when(starts_at, found.zone, language),
        "minutes": appointment.minutes,
        "opening": found.opening,
        "opens_at": found.opens_at,
        "now": found.now,
        "enter_url": url_for("guests.enter_as_guest", token=token),
        "invitation_url": url_for("guests.show_invitation", token=token),
    }
