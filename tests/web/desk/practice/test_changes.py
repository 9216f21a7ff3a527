"""The page that says who set what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.models import PracticeEvent
from telehealth.services.audit import ActedBy
from telehealth.services.practice.client_files import set_language
from telehealth.web.desk.practice.change_words import SUBJECTS
from tests.factories import Office, make_client, make_office
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import NOW
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

CHANGES = "/desk/changes"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def pace(minutes: int) -> dict[str, str]:
    return {
        "grace_minutes": str(minutes),
        "hold_minutes": "10",
        "offer_minutes": "120",
        "quiet_minutes": "5",
        "series_weeks": "10",
        "no_show_minutes": "15",
    }


def line(office: Office, subject: AuditSubject, action: AuditAction = AuditAction.CHANGED, **given: Any) -> None:
    usual = {"actor": Actor.STAFF, "via": Via.PAGE, "name": "", "details": {}, "at": NOW}
    keep(PracticeEvent(practice_id=office.practice.id, subject=subject, action=action, **{**usual, **given}))


def test_what_somebody_set_is_told_with_what_it_was(owner: Staff) -> None:
    assert "No changes here" in owner.read(CHANGES)
    owner.post("/desk/settings/pace", pace(7))
    page = owner.read(CHANGES)
    assert "Settings of the practice: Riverside Counseling Changed" in page
    assert "Robin Reed, Mon, Nov 23, 2026, 9:00 AM MST · On a page, from 127.0.0.1" in page
    assert "Before anybody is told: from 3 minutes → to 7 minutes" in page
    assert "All times are in Mountain Time." in page


def test_therapists_are_told_of_the_same_way(app: Flask, office: Office, owner: Staff) -> None:
    limits = {"daily_cap": "6", "weekly_cap": "", "longest_run": "", "break_minutes": "15", "note_minutes": "0"}
    as_therapist(app, office).post("/desk/limits", limits)
    page = owner.read(CHANGES)
    assert "Limits of a therapist: Dana Rivera Changed" in page
    assert "On one day: from no limit → to 6" in page


def test_a_client_and_a_command_are_told_apart(owner: Staff, office: Office) -> None:
    client = make_client(office.practice, name="Jane Doe")
    by = ActedBy(Actor.CLIENT, via=Via.LINK)
    set_language(practice_id=client.practice_id, client_public_id=client.public_id, locale="es", by=by, now=NOW)
    line(office, AuditSubject.LOGIN, AuditAction.ADDED, via=Via.COMMAND, name="Sam Hill")
    page = owner.read(CHANGES)
    assert "The client, Mon, Nov 23, 2026, 9:00 AM MST · Through a signed link" in page
    assert "Language: from English → to Español" in page
    assert "Staff, Mon, Nov 23, 2026, 9:00 AM MST · By a command on the server" in page
    assert "Login: Sam Hill" not in owner.read(f"{CHANGES}?who=client")
    assert "Jane Doe" not in owner.read(f"{CHANGES}?who=command")


REMINDER = {"channel": "text", "minutes": 4320, "modes": ["virtual"], "is_on": True, "template": "Short"}
SILENT = {**REMINDER, "channel": "email", "is_on": False}


@pytest.mark.parametrize(
    ("subject", "action", "details", "said"),
    [
        ("service", "changed", {"before": {"modes": ["virtual"]}, "after": {"modes": ["virtual", "phone"]}},
         "How people meet: from Video → to Video and phone"),
        ("service", "changed", {"before": {"approval": "never"}, "after": {"approval": "always"}},
         "Whose bookings wait for a yes: from Nobody's: a free time is booked at once → to Everybody's"),
        ("service", "changed", {"before": {"buffer_after_minutes": 0}, "after": {"buffer_after_minutes": 90}},
         "Kept free after: from none → to 90 minutes"),
        ("service", "changed", {"before": {"opened_by_staff": False}, "after": {"opened_by_staff": True}},
         "Only groups that staff set up: from no → to yes"),
        ("terms", "changed", {"before": {"window_minutes": None}, "after": {"window_minutes": 1440}},
         "Free of consequences until before: from nothing → to 24 hours"),
        ("licence", "changed", {"before": {"valid_until": "2027-01-01"}, "after": {"valid_until": None}},
         "Last date: from Fri, Jan 1, 2027 → to no end"),
        ("licence", "added", {"after": {"basis": "compact", "number": ""}}, "As it was added : Licence Basis: Compact"),
        ("texting_hours", "changed", {"before": {"texts_from": 480}, "after": {"texts_from": 540}},
         "Texts from: from 8:00 AM → to 9:00 AM"),
        ("feed", "changed", {"renewed": True}, "A new address; the one before it stopped working."),
        ("feed", "removed", {"before": {"detail": "full"}}, "As it was : Private address How much it tells: Names"),
        ("sign_ins", "ended", {"count": 2}, "How many: 2"),
        ("message_rules", "changed",
         {"kind": "reminder", "before": {"rules": [REMINDER]}, "after": {"rules": [SILENT]}},
         "Message schedule: Reminder Changed"),
        ("message_rules", "changed",
         {"kind": "reminder", "before": {"rules": [REMINDER]}, "after": {"rules": [SILENT]}},
         "Messages: from 72 hours before, by text, for video, in your words “Short” → to nothing is sent"),
        ("message_rules", "changed",
         {"kind": "reminder", "of": "client", "before": {"rules": None}, "after": {"rules": [REMINDER]}},
         "Messages: from what holds otherwise → to 72 hours before"),
        ("message_rules", "changed", {"kind": "reminder", "before": {"rules": None}, "after": {"rules": [REMINDER]}},
         "from the usual: 72 hours before, by e-mail and by text; 24 hours before, by e-mail and by text → to"),
        ("override", "added", {"after": {"day": "2026-12-15", "starts": None, "ends": None, "modes": []}},
         "Closed on that date."),
        ("override", "changed", {"before": {"starts": "10:00:00"}, "after": {"starts": None}},
         "from 10:00 AM → to closed"),
        ("message_template", "removed",
         {"kind": "reminder", "channel": "text", "locale": "es", "before": {"body": "Hasta pronto", "subject": ""}},
         "Words of a message: Reminder, text, Español Removed"),
        ("weekly_hours", "added", {"after": {"weekday": 1, "starts": "09:00:00", "every_weeks": 2}},
         "Weekday: Tuesday Starts: 9:00 AM How often: Every other week"),
        ("time_off", "removed", {"before": {"starts_local": "2026-12-24T00:00:00", "note": "Away"}},
         "From: Thu, Dec 24, 2026, 12:00 AM Note: Away"),
        ("therapist", "added", {"after": {"licences": ["CO", "UT"], "a_new_field": ["x", "y"]}},
         "Licences: Colorado and Utah A new field: x and y"),
    ],
)  # fmt: skip
def test_details_are_said_in_plain_words(
    owner: Staff, office: Office, subject: str, action: str, details: dict[str, Any], said: str
) -> None:
    line(office, AuditSubject(subject), AuditAction(action), details=details)
    assert said in owner.read(CHANGES)


def test_hours_name_their_place(owner: Staff, office: Office) -> None:
    places = {"before": {"location": None}, "after": {"location": office.location.public_id}}
    line(office, AuditSubject.WEEKLY_HOURS, details=places)
    assert "Location: from no place → to Main Street office" in owner.read(CHANGES)


def test_filters_keep_what_was_chosen(owner: Staff, office: Office, clock: FakeClock) -> None:
    owner.post("/desk/settings/pace", pace(7))
    address = f"/desk/places/{office.location.public_id}/rooms/{office.room.public_id}"
    owner.post(address, {"name": office.room.name, "kind": "playroom"})
    page = owner.get(f"{CHANGES}?kind=room&since=2026-11-23&until=2026-11-23")
    assert "Room: Room 1, Main Street office" in words_of(page)
    assert "Settings of the practice:" not in words_of(page)
    assert 'value="room" selected' in page.text
    assert 'value="2026-11-23"' in page.text
    for query in ("kind=terms", "since=2026-11-24", "until=2026-11-22", "who=client"):
        assert "Nothing fits this choice." in owner.read(f"{CHANGES}?{query}"), query
    me = re.search(r'<option value="(\d+)">Robin Reed', page.text)
    assert me is not None
    assert "Room: Room 1" in owner.read(f"{CHANGES}?who={me.group(1)}")


def test_what_the_address_does_not_know_is_everything(owner: Staff) -> None:
    owner.post("/desk/settings/pace", pace(7))
    for query in ("kind=nonsense", "who=0", "who=nobody", "kind=", "since=&until="):
        assert "Settings of the practice: Riverside" in owner.read(f"{CHANGES}?{query}"), query


def test_dates_that_cannot_be_are_explained_and_kept(owner: Staff) -> None:
    answer = owner.get(f"{CHANGES}?since=2026-12-01&until=2026-11-01")
    assert answer.status_code == 422
    assert "The last date is before the first one." in words_of(answer)
    assert 'value="2026-11-01"' in answer.text
    assert owner.get(f"{CHANGES}?since=1e9").status_code == 422
    assert owner.get(f"{CHANGES}?until=9999-12-31").status_code == 422


def test_twenty_lines_and_a_way_to_the_earlier_ones(owner: Staff, office: Office) -> None:
    for number in range(21):
        line(office, AuditSubject.SERVICE, name=f"Number {number:02}")
    page = owner.get(f"{CHANGES}?kind=service").text
    assert page.count('class="message"') == 20
    assert "Number 20" in page
    assert "Number 00" not in page
    earlier = re.search(r'href="([^"]+)"[^>]*>Earlier changes', page)
    assert earlier is not None
    rest = owner.get(earlier.group(1).replace("&amp;", "&")).text
    assert rest.count('class="message"') == 1
    assert "Number 00" in rest
    assert "Latest changes" in rest
    assert "Earlier changes" not in rest
    for nowhere in ("nobody", "0", "\0"):
        assert owner.browser.get(CHANGES, query_string={"after": nowhere}).status_code == 404


def test_only_the_owner_sees_it(app: Flask, office: Office, owner: Staff, client: FlaskClient) -> None:
    for somebody in (as_therapist(app, office), as_front_desk(app, office)):
        assert somebody.get(CHANGES).status_code == 403
        assert CHANGES not in somebody.get("/desk").text
    assert f'href="{CHANGES}"' in owner.get("/desk").text
    assert client.get(CHANGES).status_code == 302


def test_another_practice_sees_nothing_of_it(app: Flask, owner: Staff) -> None:
    owner.post("/desk/settings/pace", pace(7))
    assert "No changes here" in as_owner(app, make_office()).read(CHANGES)


def test_every_subject_has_a_name() -> None:
    assert set(SUBJECTS) == set(AuditSubject)
    assert len(set(SUBJECTS.values())) == len(SUBJECTS)
