"""Choosing where people meet, and the video services elsewhere that a practice uses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.adapters.video import ChosenRooms
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, VideoOff
from telehealth.domain.ports import Guest, VideoRoom
from telehealth.domain.sealing import KeyRing, Rotated
from telehealth.domain.words import ServiceKind, VideoKind
from telehealth.models import Appointment, PracticeEvent, VideoConnection
from telehealth.queries.inbox.unwatched import list_unwatched
from telehealth.services.appointments.attending import record_client_entered
from telehealth.services.video.choosing import (
    choose_video_of_appointment,
    choose_video_of_practice,
    choose_video_of_service,
    choose_video_of_therapist,
    find_video_room,
)
from telehealth.services.video.connecting import connect_video, end_video
from telehealth.services.video.key_rotation import seal_video_anew
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_office
from tests.factories.rows import change
from tests.moments import NOW, at

RING = KeyRing(["a key for tests, and for nothing else"])
OURS, JITSI, FIXED = VideoKind.BUILT_IN, VideoKind.JITSI, VideoKind.FIXED
SERVER = {"address": "https://meet.river.example", "app_id": "river", "app_secret": "a-secret-of-more-than-32-letters!"}
TEN = at(10)
ACTING: dict[str, Any] = {"by": BY_STAFF, "now": NOW}


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, TEN)


def connect(office: Office, kind: VideoKind = JITSI, *, ring: KeyRing = RING, **typed: str) -> VideoConnection:
    given = {**(SERVER if kind == JITSI else {"address": "https://doxy.example/river"}), **typed}
    return connect_video(practice_id=office.practice.id, kind=kind, typed=given, ring=ring, **ACTING)


def choose(office: Office, kind: VideoKind | None) -> None:
    choose_video_of_practice(practice_id=office.practice.id, kind=kind, house=OURS, **ACTING)


def room_of(appointment: Appointment, *, house: VideoKind = OURS, ring: KeyRing = RING) -> VideoRoom:
    return find_video_room(appointment, house=house, ring=ring, now=NOW)


def test_people_meet_in_our_own_room_until_something_else_is_said(appointment: Appointment) -> None:
    room = room_of(appointment)
    assert (room.kind, room.access, room.fixed_link) == (OURS, None, "")
    assert room_of(appointment, house=JITSI).kind == JITSI


def test_what_a_practice_connects_and_chooses_opens(office: Office, appointment: Appointment) -> None:
    connect(office)
    assert room_of(appointment).kind == OURS
    choose(office, JITSI)
    room = room_of(appointment)
    url = ChosenRooms().join_url(room, Guest("J. D.", is_therapist=False))
    assert url is not None
    assert url.startswith(f"https://meet.river.example/{appointment.video_name}?jwt=")


def test_each_may_say_otherwise(office: Office, appointment: Appointment) -> None:
    connect(office)
    connect(office, FIXED)
    ids = {"practice_id": office.practice.id, "house": OURS, **ACTING}
    choose(office, JITSI)
    choose_video_of_therapist(therapist_public_id=office.therapist.public_id, kind=FIXED, **ids)
    assert room_of(appointment).fixed_link == "https://doxy.example/river"
    choose_video_of_service(service_public_id=office.service.public_id, kind=OURS, **ids)
    assert room_of(appointment).kind == OURS
    choose_video_of_appointment(appointment_id=appointment.id, kind=JITSI, **ids)
    assert room_of(appointment).kind == JITSI
    choose_video_of_appointment(appointment_id=appointment.id, kind=None, **ids)
    choose_video_of_service(service_public_id=office.service.public_id, kind=None, **ids)
    choose_video_of_therapist(therapist_public_id=office.therapist.public_id, kind=None, **ids)
    assert room_of(appointment).kind == JITSI
    said = [each.details for each in appointment.events if each.action == "video_changed"]
    assert [(each["before"], each["after"]) for each in said] == [
        ({"video_kind": None}, {"video_kind": "jitsi"}),
        ({"video_kind": "jitsi"}, {"video_kind": None}),
    ]


def test_a_therapists_own_link_goes_before_what_the_practice_says(office: Office, appointment: Appointment) -> None:
    connect(office, FIXED)
    choose(office, FIXED)
    change(office.therapist, video_url="https://meet.example/dana")
    assert room_of(appointment).fixed_link == "https://meet.example/dana"
    choose_video_of_therapist(
        practice_id=office.practice.id, therapist_public_id=office.therapist.public_id, kind=OURS, house=OURS, **ACTING
    )
    assert (room_of(appointment).kind, room_of(appointment).fixed_link) == (OURS, "")


@pytest.mark.parametrize("kind", [JITSI, FIXED])
def test_what_is_not_connected_cannot_be_chosen(office: Office, appointment: Appointment, kind: VideoKind) -> None:
    ids = {"practice_id": office.practice.id, "house": OURS, "kind": kind, **ACTING}
    for attempt in (
        lambda: choose_video_of_practice(**ids),
        lambda: choose_video_of_therapist(therapist_public_id=office.therapist.public_id, **ids),
        lambda: choose_video_of_service(service_public_id=office.service.public_id, **ids),
        lambda: choose_video_of_appointment(appointment_id=appointment.id, **ids),
    ):
        with pytest.raises(InvalidInput) as caught:
            attempt()
        assert list(caught.value.fields) == ["video_kind"]


def test_clients_choose_nothing(office: Office, appointment: Appointment) -> None:
    with pytest.raises(NotAllowed):
        choose_video_of_appointment(
            practice_id=office.practice.id, appointment_id=appointment.id, kind=OURS, house=OURS, by=BY_CLIENT, now=NOW
        )


def test_another_practice_has_and_chooses_nothing_of_it(office: Office, appointment: Appointment) -> None:
    stranger = make_office()
    connect(office)
    assert room_of(book(stranger, TEN)).access is None
    ids = {"practice_id": stranger.practice.id, "house": OURS, "kind": OURS, **ACTING}
    for attempt in (
        lambda: choose_video_of_therapist(therapist_public_id=office.therapist.public_id, **ids),
        lambda: choose_video_of_service(service_public_id=office.service.public_id, **ids),
        lambda: choose_video_of_appointment(appointment_id=appointment.id, **ids),
        lambda: end_video(practice_id=stranger.practice.id, kind=JITSI, **ACTING),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_what_is_ended_is_used_no_more_and_its_secret_forgotten(office: Office, appointment: Appointment) -> None:
    connection = connect(office)
    choose(office, JITSI)
    end_video(practice_id=office.practice.id, kind=JITSI, **ACTING)
    assert connection.secret is None
    assert room_of(appointment).kind == OURS
    with pytest.raises(InvalidInput):  # A secret that was forgotten is not there to be kept.
        connect(office, app_secret="")
    connect(office)
    assert room_of(appointment).kind == JITSI


def test_a_secret_is_sealed_and_told_nowhere(database: Session, office: Office) -> None:
    connection = connect(office)
    connect(office, app_secret="", app_id="lake")
    connect(office, app_secret="another-secret-of-more-than-32-letters", app_id="lake")
    connect(office, app_secret="", app_id="lake")
    assert connection.secret is not None
    assert b"secret" not in connection.secret
    of = select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.VIDEO_CONNECTION).order_by(PracticeEvent.id)
    told = [(each.action, each.name, each.details) for each in database.scalars(of)]
    server = {"address": SERVER["address"], "app_id": "river", "key_id": "", "audience": "jitsi"}
    assert told == [
        ("added", "Jitsi", {"after": server}),
        ("changed", "Jitsi", {"before": {"app_id": "river"}, "after": {"app_id": "lake"}}),
        ("changed", "Jitsi", {"with_other_secret": True}),
    ]


def test_without_a_key_nothing_with_a_secret_is_connected(office: Office) -> None:
    with pytest.raises(VideoOff):
        connect(office, ring=KeyRing([]))
    assert connect(office, FIXED, ring=KeyRing([])).secret is None


def test_whoever_cannot_open_the_secret_meets_in_our_own_room(
    office: Office, appointment: Appointment, caplog: pytest.LogCaptureFixture
) -> None:
    connect(office)
    choose(office, JITSI)
    assert room_of(appointment, ring=KeyRing(["quite another key for tests"])).kind == OURS
    assert "no key of ENCRYPTION_KEYS opens" in caplog.text


def test_our_own_room_is_not_connected(office: Office) -> None:
    with pytest.raises(NotFound):
        connect(office, OURS)


def test_a_group_too_large_for_our_room_meets_elsewhere_once_there_is_anywhere(
    office: Office, appointment: Appointment
) -> None:
    change(office.service, capacity=8, kind=ServiceKind.GROUP)
    assert room_of(appointment).kind == OURS
    connect(office)
    assert room_of(appointment).kind == JITSI
    change(office.service, kind=ServiceKind.FAMILY)
    assert room_of(appointment).kind == OURS, "they come together, and nobody joins them"


@pytest.mark.parametrize(("kind", "is_told"), [(OURS, True), (JITSI, True), (FIXED, False)])
def test_nobody_is_told_of_who_waits_behind_a_fixed_link(office: Office, kind: VideoKind, *, is_told: bool) -> None:
    """Whether somebody else is there cannot be known."""
    appointment = book(office, TEN)
    connect(office)
    connect(office, FIXED)
    choose(office, kind)
    record_client_entered(attendee_id=appointment.attendees[0].id, by=BY_CLIENT, now=TEN)
    alone = [row for row in list_unwatched(now=at(10, 5)) if row["reason"] == "alone"]
    assert bool(alone) is is_told


def test_another_key_seals_it_and_the_older_one_can_go(office: Office, appointment: Appointment) -> None:
    connect(office)
    connect(make_office())
    choose(office, JITSI)
    newer = "a newer key for tests, and for nothing else"
    done = Rotated()
    while seal_video_anew(ring=KeyRing([newer, *RING.texts]), done=done):
        pass
    assert (done.anew, done.already, done.broken) == (2, 0, 0)
    assert room_of(appointment, ring=KeyRing([newer])).kind == JITSI
    assert room_of(appointment).kind == OURS
    with pytest.raises(VideoOff):
        seal_video_anew(ring=KeyRing([]), done=Rotated())
