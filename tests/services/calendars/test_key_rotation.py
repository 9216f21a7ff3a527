"""Secrets of calendars are sealed anew with the newest key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from telehealth.database import db
from telehealth.domain.calendar_refusals import CalendarsOff
from telehealth.domain.sealing import KeyRing, Rotated
from telehealth.domain.words import VideoKind
from telehealth.models import CalendarConnection
from telehealth.services import resealing
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.key_rotation import seal_anew
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.video.connecting import connect_video
from tests.factories import BY_STAFF, Office, make_office
from tests.factories.connections import PASSWORD, RING, connect_calendars
from tests.factories.rows import change
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

NEW = KeyRing(["a-newer-key"])
BOTH = KeyRing([*NEW.texts, *RING.texts])


@pytest.fixture
def office() -> Office:
    return make_office()


def rotate(ring: KeyRing) -> Rotated:
    done = Rotated()
    while seal_anew(ring=ring, done=done, now=NOW):
        pass
    db.session.expire_all()
    return done


def counted(done: Rotated) -> tuple[int, int, int, int]:
    return done.anew, done.already, done.in_use, done.broken


def test_the_newest_key_alone_opens_everything_afterwards(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "PORTION", 2)
    made = [connect_calendars(office.therapist, username=f"user-{each}", found=[]) for each in range(5)]
    assert counted(rotate(BOTH)) == (5, 0, 0, 0)
    assert [open_access(NEW, each).secrets["password"] for each in made] == [PASSWORD] * 5
    assert counted(rotate(BOTH)) == (0, 5, 0, 0), "it can be run again at any time"


def test_it_goes_on_where_it_was_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resealing, "PORTION", 2)
    for each in range(3):
        connect_calendars(office.therapist, username=f"user-{each}", found=[])
    assert seal_anew(ring=BOTH, done=Rotated(), now=NOW)
    assert counted(rotate(BOTH)) == (1, 2, 0, 0)


def test_what_no_key_opens_is_counted_and_left_as_it_is(office: Office) -> None:
    lost, fine = connect_calendars(office.therapist), connect_calendars(office.therapist, username="other", found=[])
    change(lost, secret=KeyRing(["a-key-that-is-gone"]).seal(b"{}", place="somewhere"))
    sealed = db.session.get_one(CalendarConnection, lost.id).secret
    assert counted(rotate(BOTH)) == (1, 0, 0, 1)
    assert db.session.get_one(CalendarConnection, lost.id).secret == sealed
    assert open_access(NEW, fine).secrets["password"] == PASSWORD


def test_what_a_worker_uses_waits_and_what_ended_has_nothing(office: Office) -> None:
    used, ended = connect_calendars(office.therapist), connect_calendars(office.therapist, username="other", found=[])
    change(used, worker="a-worker", leased_until=NOW + timedelta(minutes=1))
    which = {"practice_id": ended.practice_id, "connection_public_id": ended.public_id}
    end_connection(**which, by=BY_STAFF, now=NOW)
    assert counted(rotate(BOTH)) == (0, 0, 1, 0)
    change(used, worker=None, leased_until=None)
    assert counted(rotate(BOTH)) == (1, 0, 0, 0)


def test_without_a_key_it_is_refused(office: Office) -> None:
    with pytest.raises(CalendarsOff):
        seal_anew(ring=KeyRing([]), done=Rotated(), now=NOW)


def test_the_command_says_how_many(app: Flask, office: Office, clock: Any) -> None:
    def run(ring: KeyRing) -> Any:
        app.extensions["key_ring"] = ring
        return app.test_cli_runner().invoke(args=["rotate-keys"])

    connect_calendars(office.therapist)
    server = {"address": "https://meet.river.example", "app_id": "river", "app_secret": PASSWORD}
    ids: dict[str, Any] = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    connect_video(kind=VideoKind.JITSI, typed=server, ring=RING, **ids)
    answer = run(BOTH)
    assert answer.exit_code == 0
    assert "Sealed anew: 2." in answer.output
    assert "can be taken out of ENCRYPTION_KEYS now" in answer.output
    assert PASSWORD not in answer.output
    answer = run(KeyRing(["another-key"]))
    assert (answer.exit_code, "opens 2 of them" in answer.output) == (1, True)
    answer = run(KeyRing([]))
    assert (answer.exit_code, "ENCRYPTION_KEYS" in answer.output, "Traceback" in answer.output) == (1, True, False)
