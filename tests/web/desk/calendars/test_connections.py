"""The page "Calendars": connecting what a therapist keeps elsewhere, how it stands, and ending it."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.calendar_refusals import refuse
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.sealing import KeyRing
from telehealth.models import CalendarConnection, RemoteEntry, Therapist
from telehealth.services.calendars.sealed_access import open_access
from telehealth.web.desk.calendars.providers import PROVIDERS
from tests.factories import Office, book, make_office, make_therapist
from tests.factories.connections import PASSWORD, RING, connect_calendars, make_busy, make_connection
from tests.factories.feeds import make_feed
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of
from tests.writing_calendars import WrittenPlace

pytestmark = pytest.mark.usefixtures("client")

HOUR = timedelta(hours=1)
ADDRESS = "https://calendar.example/private-word/basic.ics"
TYPED = {"username": "dana@fastmail.example", "password": PASSWORD}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def dana(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


@pytest.fixture
def elsewhere(calendars: FakeCalendars) -> FakeCalendars:
    """Dana's account: work with two busy times, and home."""
    calendars.open_account("dana@fastmail.example", PASSWORD)
    calendars.add_calendar("dana@fastmail.example", "work", name="Work")
    calendars.add_calendar("dana@fastmail.example", "home", name="Home <b>with Sam</b>")
    for day in (1, 2):
        span = BusySpan(NOW + timedelta(days=day), NOW + timedelta(days=day) + HOUR)
        calendars.put_busy("dana@fastmail.example", "work", span, uid=f"event-{day}")
    return calendars


def kept() -> CalendarConnection:
    db.session.expire_all()
    return db.session.scalars(select(CalendarConnection)).one()


def connect(staff: Staff, **given: object) -> str:
    """Try, and keep what was found as the page suggests."""
    tried = staff.post("/desk/calendars/new/fastmail", TYPED)
    assert tried.status_code == 200, words_of(tried)
    return staff.send("/desk/calendars/new/fastmail/keep", {**filled_in(tried.text), **given})


def test_a_therapist_tries_a_calendar_and_keeps_it(dana: Staff, elsewhere: FakeCalendars) -> None:
    tried = dana.post("/desk/calendars/new/fastmail", TYPED)
    page = words_of(tried)
    assert "It opens: Fastmail" in page
    assert "Work: 2 busy times in the next four weeks" in page
    assert "Home <b>with Sam</b>: 0 busy times" in page, "as text, not as a tag"
    assert PASSWORD not in tried.text
    assert list(db.session.scalars(select(CalendarConnection))) == [], "nothing is kept before it was seen"
    page = dana.send("/desk/calendars/new/fastmail/keep", {**filled_in(tried.text), "blocking": ["0"], "name": "Mail"})
    assert "“Mail” is connected." in page
    row = kept()
    assert (row.name, row.state, [each.blocks for each in row.calendars]) == (
        "Mail",
        ConnectionState.NEW,
        [True, False],
    )
    assert open_access(RING, row).secrets == {"password": PASSWORD}


def test_nothing_typed_is_lost_but_the_password(dana: Staff, elsewhere: FakeCalendars) -> None:
    typed = {"username": "dana@fastmail.example", "password": "wrong-word", "name": "My mail"}
    answer = dana.post("/desk/calendars/new/fastmail", typed)
    assert answer.status_code == 422
    assert "Most providers want an app password" in words_of(answer)
    assert "a password is never shown on a page" in words_of(answer)
    assert filled_in(answer.text) == {"username": ["dana@fastmail.example"], "name": ["My mail"]}
    assert "wrong-word" not in answer.text


@pytest.mark.parametrize("failure", list(CalendarFailure))
def test_whatever_goes_wrong_is_said_with_what_to_do(dana: Staff, elsewhere: FakeCalendars, failure: str) -> None:
    elsewhere.fail_next(CalendarFailure(failure))
    answer = dana.post("/desk/calendars/new/fastmail", TYPED)
    assert answer.status_code == 422
    said = str(refuse(CalendarFailure(failure), kind=CalendarKind.CALDAV, address="https://caldav.fastmail.com"))
    assert words_of(answer).count(said) == 2, "above, and where the link above leads"
    assert "letter by letter" not in words_of(answer), "no address was typed"
    assert 'id="account"' in answer.text


def test_what_is_missing_is_said_before_anything_is_asked(dana: Staff, elsewhere: FakeCalendars) -> None:
    answer = dana.post("/desk/calendars/new/nextcloud", {"address": "http://cloud.example"})
    assert answer.status_code == 422
    for sentence in ("anybody on the way could read your password", "Please give the name", "give the app password"):
        assert sentence in words_of(answer)
    assert elsewhere.asked == []


def test_a_private_address_is_connected_and_never_shown_again(dana: Staff, calendars: FakeCalendars) -> None:
    calendars.open_account("", ADDRESS)
    calendars.add_calendar("", "", name="", can_write=False)
    tried = dana.post("/desk/calendars/new/address", {"private_address": ADDRESS.replace("https", "webcal")})
    assert "private-word" not in tried.text
    page = dana.send("/desk/calendars/new/address/keep", {**filled_in(tried.text), "name": "Rota"})
    assert "calendar.example" in page
    assert "private-word" not in page
    for path in ("", "/state", "/access"):
        assert "private-word" not in dana.get(f"/desk/calendars/{kept().public_id}{path}").text


def test_what_was_tried_is_over_after_a_while(dana: Staff, elsewhere: FakeCalendars, clock: FakeClock) -> None:
    tried = dana.post("/desk/calendars/new/fastmail", TYPED)
    clock.advance(timedelta(minutes=31))
    answer = dana.post("/desk/calendars/new/fastmail/keep", filled_in(tried.text))
    assert answer.status_code == 410
    assert "Please give the password once more" in words_of(answer)


def test_what_one_tried_nobody_else_keeps(app: Flask, office: Office, dana: Staff, elsewhere: FakeCalendars) -> None:
    tried = dana.post("/desk/calendars/new/fastmail", TYPED)
    colleague = as_therapist(app, office, make_therapist(office.practice, office.service))
    assert colleague.post("/desk/calendars/new/fastmail/keep", filled_in(tried.text)).status_code == 410
    draft = filled_in(tried.text)["draft"][0]
    for word in ("", "nonsense", "é", draft[:-4], draft[:40] + "A" + draft[41:]):
        assert dana.post("/desk/calendars/new/fastmail/keep", {"draft": word}).status_code == 410


def test_the_same_calendar_twice_is_told_and_the_choice_stays(dana: Staff, elsewhere: FakeCalendars) -> None:
    connect(dana, name="Mine")
    tried = dana.post("/desk/calendars/new/fastmail", TYPED)
    answer = dana.post("/desk/calendars/new/fastmail/keep", {**filled_in(tried.text), "blocking": ["1"], "name": "Two"})
    assert answer.status_code == 422
    assert "connected already, as “Mine”" in words_of(answer)
    assert filled_in(answer.text)["blocking"] == ["1"]
    assert filled_in(answer.text)["name"] == ["Two"]


def test_without_keys_it_says_who_has_to_set_them(app: Flask, dana: Staff, elsewhere: FakeCalendars) -> None:
    ring = app.extensions["key_ring"]
    app.extensions["key_ring"] = KeyRing([])
    try:
        for path in ("/desk/calendars/new", "/desk/calendars/new/fastmail"):
            assert "has to set ENCRYPTION_KEYS" in dana.read(path)
        answer = dana.post("/desk/calendars/new/fastmail", TYPED)
        assert (answer.status_code, "ENCRYPTION_KEYS" in words_of(answer)) == (409, True)
        assert elsewhere.asked == [], "no password goes anywhere that cannot be kept"
    finally:
        app.extensions["key_ring"] = ring


def test_every_provider_says_how_in_words_and_pictures(dana: Staff) -> None:
    page = dana.read("/desk/calendars/new")
    for provider in PROVIDERS:
        assert provider.name in page
        answer = dana.get(f"/desk/calendars/new/{provider.key}")
        assert provider.sees in words_of(answer)
        assert answer.text.count('<svg class="step-picture"') == len(provider.steps)
        assert all(step.text in words_of(answer) and 0 <= step.marked < len(step.lines) for step in provider.steps)
    assert dana.get("/desk/calendars/new/nobody").status_code == 404


def test_the_page_shows_both_directions(dana: Staff, office: Office) -> None:
    assert "No calendar is connected yet" in dana.read("/desk/calendars")
    make_feed(office.practice, office.therapist, name="My phone")
    made = connect_calendars(office.therapist)
    make_busy(made, 0, NOW + HOUR)
    change(made, state=ConnectionState.WORKING, synced_at=NOW - timedelta(minutes=12))
    page = dana.read("/desk/calendars")
    assert "Fastmail Works Read 12 minutes ago" in page
    assert "2 of 2 calendars take time: 1 busy time ahead." in page
    assert "In use: My phone." in page
    assert "Google every 8 to 24 hours" in page
    assert "as this practice sees them" in page
    assert "we keep no titles" in page


def test_the_page_says_what_could_not_be_read(app: Flask, dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    page = f"/desk/calendars/{made.public_id}"
    assert "could not be read" not in dana.read(page)
    with transaction() as session:
        calendar = made.calendars[0]
        entry = {"remote_id": "a", "remote_digest": "a" * 64, "version": "1", "unread_events": 2}
        session.add(RemoteEntry(practice_id=calendar.practice_id, calendar_id=calendar.id, **entry))
    unread = "2 events could not be read, or not wholly, and may take more time than is known here"
    assert unread in dana.read(page)
    assert unread in dana.read("/desk/calendars")
    assert unread in as_owner(app, office).read("/desk/calendars/of-everybody")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"state": ConnectionState.NEW}, "Waits to be read Not read yet"),
        ({"state": ConnectionState.WORKING, "synced_at": NOW - timedelta(seconds=5)}, "Works Read just now"),
        ({"state": ConnectionState.WORKING, "synced_at": NOW - 3 * HOUR}, "Works Read 3 hours ago"),
        (
            {"state": ConnectionState.FAILING, "failure": CalendarFailure.TIMED_OUT, "synced_at": NOW - 50 * HOUR},
            "took too long to answer",
        ),
        ({"state": ConnectionState.REFUSED, "failure": CalendarFailure.REFUSED}, "Sign in again"),
    ],
)
def test_it_says_how_each_stands(dana: Staff, office: Office, row: dict[str, object], said: str) -> None:
    made = change(connect_calendars(office.therapist), due_at=NOW + HOUR, **row)
    assert said in dana.read("/desk/calendars")
    page = dana.read(f"/desk/calendars/{made.public_id}")
    assert said in page
    assert "It is being read" not in page


def test_sync_now_shows_that_it_goes_on_until_it_is_over(dana: Staff, office: Office) -> None:
    made = change(connect_calendars(office.therapist), state=ConnectionState.WORKING, due_at=NOW + HOUR)
    page = dana.send(f"/desk/calendars/{made.public_id}/read")
    assert "It is being read, or is about to be" in page
    assert "Look again" in page
    change(made, due_at=NOW + HOUR, synced_at=NOW)
    state = dana.get(f"/desk/calendars/{made.public_id}/state")
    assert "data-still-going" not in state.text
    assert "Read just now" in state.text
    assert "<html" not in state.text


def test_nothing_is_counted_before_somebody_has_looked(dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    for path in ("/desk/calendars", f"/desk/calendars/{made.public_id}"):
        page = dana.read(path)
        assert "usy times are counted once it was read" in page
        assert "0 busy times ahead" not in page
    for each in made.calendars:
        change(each, read_whole_at=NOW)
    assert "2 of 2 calendars take time: 0 busy times ahead." in dana.read("/desk/calendars")
    for each in made.calendars:
        change(each, blocks=False)
    assert "No calendar of it takes time." in dana.read("/desk/calendars")


def test_what_is_asked_for_again_brings_new_figures(app: Flask, dana: Staff, office: Office) -> None:
    made = change(connect_calendars(office.therapist), state=ConnectionState.WORKING, due_at=NOW)
    state = f"/desk/calendars/{made.public_id}/state"
    assert "Busy times are counted once it was read" in dana.get(state).text
    make_busy(made, 0, NOW + HOUR)
    for path in (state, f"/desk/calendars/{made.public_id}"):
        assert "<dt>Work</dt><dd>1 busy time ahead</dd>" in dana.get(path).text
    theirs = as_front_desk(app, office).get(state).text
    assert "<dt>All together</dt><dd>1 busy time ahead</dd>" in theirs
    assert "Work<" not in theirs


def test_sync_now_says_when_it_is_not_asked(dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    change(made, state=ConnectionState.REFUSED, failure=CalendarFailure.REFUSED, due_at=NOW + HOUR)
    assert "before you sign in there again" in dana.send(f"/desk/calendars/{made.public_id}/read")
    change(made, state=ConnectionState.FAILING, failure=CalendarFailure.OVERLOADED)
    assert "asked us to wait" in dana.send(f"/desk/calendars/{made.public_id}/read")


def test_a_therapist_chooses_what_takes_time(dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    page = dana.send(f"/desk/calendars/{made.public_id}", {"blocking": made.calendars[1].public_id})
    assert "Saved." in page
    assert [each.blocks for each in kept().calendars] == [False, True]
    answer = dana.post(f"/desk/calendars/{made.public_id}", {"blocking": "nonsense"})
    assert answer.status_code == 422
    assert "among the calendars that were found" in words_of(answer)


def test_a_new_password_is_tried_before_it_is_kept(dana: Staff, office: Office, elsewhere: FakeCalendars) -> None:
    made = change(connect_calendars(office.therapist), state=ConnectionState.REFUSED)
    path = f"/desk/calendars/{made.public_id}/access"
    answer = dana.post(path, {"name": "Mail", "password": "wrong"})
    assert answer.status_code == 422
    assert filled_in(answer.text) == {"name": ["Mail"]}
    assert (kept().state, open_access(RING, kept()).secrets["password"]) == (ConnectionState.REFUSED, PASSWORD)
    elsewhere.open_account("dana@fastmail.example", "new-word")
    assert "Saved." in dana.send(path, {"name": "Mail", "password": "new-word"})
    assert (kept().state, kept().name) == (ConnectionState.NEW, "Mail")
    assert open_access(RING, kept()).secrets["password"] == "new-word"


def test_only_another_name_asks_nobody(dana: Staff, office: Office, calendars: FakeCalendars) -> None:
    made = connect_calendars(office.therapist)
    assert "Saved." in dana.send(f"/desk/calendars/{made.public_id}/access", {"name": "Other"})
    assert calendars.asked == []
    assert dana.post(f"/desk/calendars/{made.public_id}/access", {"name": ""}).status_code == 422


def test_new_calendars_are_looked_for(dana: Staff, office: Office, elsewhere: FakeCalendars) -> None:
    made = connect_calendars(office.therapist)
    elsewhere.add_calendar("dana@fastmail.example", "choir", name="Choir")
    assert "Looked." in dana.send(f"/desk/calendars/{made.public_id}/look")
    assert [(each.name, each.blocks) for each in kept().calendars][2] == ("Choir", False)
    elsewhere.fail_next(CalendarFailure.UNREACHABLE)
    assert "No server answers" in dana.send(f"/desk/calendars/{made.public_id}/look")
    change(made, secret=b"sealed by a key that is gone")
    assert "cannot be opened any more" in dana.send(f"/desk/calendars/{made.public_id}/look")


def test_ending_forgets_and_says_so(dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    assert "no longer connected" in dana.send(f"/desk/calendars/{made.public_id}/end")
    assert kept().secret is None
    assert "This connection was ended" in dana.read(f"/desk/calendars/{made.public_id}")
    assert dana.get(f"/desk/calendars/{made.public_id}/state").status_code == 410
    assert "no longer connected" in dana.send(f"/desk/calendars/{made.public_id}/end"), "twice is as good as once"
    for path in ("", "/read", "/look", "/access"):
        assert dana.post(f"/desk/calendars/{made.public_id}{path}", {"name": "x"}).status_code in {302, 409}, path


def test_whoever_ends_a_connection_is_asked_about_what_was_written_there(
    dana: Staff, office: Office, calendars: FakeCalendars
) -> None:
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    for hour in (10, 14):
        book(office, at(hour))
    place.write()
    here = f"/desk/calendars/{kept().public_id}"
    page = dana.read(here)
    assert "2 appointments that we wrote there are still ahead" in page
    assert "Leave the 2 appointments there" in page
    assert "It ends as soon as the appointments are out there" in dana.send(f"{here}/end", {"appointments": "take_out"})
    calendars.fail_next(CalendarFailure.TIMED_OUT)
    place.carrier().run()
    page = dana.read(here)
    assert "2 appointments still to be taken out" in page
    assert str(refuse(CalendarFailure.TIMED_OUT)) in unescape(page)
    assert "Ends soon" in dana.read("/desk/calendars")
    assert dana.get(f"{here}/state").status_code == 410
    assert dana.post(here, {"blocking": []}).status_code == 409
    place.write(now=NOW + HOUR)
    assert "All appointments are out" in dana.read(here)
    assert place.where() == []
    assert "no longer connected" in dana.send(f"{here}/end")
    assert "could not be taken out" not in dana.read(here)


@pytest.mark.parametrize(("waits_first", "said"), [(False, ""), (True, "2 appointments could not be taken out")])
def test_they_are_left_there_where_that_is_wanted(
    dana: Staff, office: Office, calendars: FakeCalendars, waits_first: bool, said: str
) -> None:
    place = WrittenPlace(calendars, office.therapist)
    place.connect()
    for hour in (10, 14):
        book(office, at(hour))
    place.write()
    here = f"/desk/calendars/{kept().public_id}"
    if waits_first:
        dana.send(f"{here}/end", {"appointments": "take_out"})
        assert "End it now, and leave the rest there" in dana.read(here)
    assert "no longer connected" in dana.send(f"{here}/end", {"appointments": "leave"})
    assert (place.write(), len(calendars.list_written("dana", "work")), kept().secret) == (0, 2, None)
    assert said in dana.read(here)


def test_the_front_desk_sees_how_it_stands_and_no_more(app: Flask, office: Office) -> None:
    made = connect_calendars(office.therapist)
    front_desk = as_front_desk(app, office)
    page = front_desk.read(f"/desk/calendars/{made.public_id}")
    assert "Waits to be read" in page
    for private in ("Home with Sam", "dana@fastmail.example"):
        assert private not in page
    assert "Only Dana Rivera connects a calendar" in front_desk.read("/desk/calendars")
    assert "Calendars of therapists" in front_desk.read("/desk/calendars")
    for path in ("", "/look", "/access"):
        assert front_desk.post(f"/desk/calendars/{made.public_id}{path}").status_code == 403, path
    assert front_desk.get("/desk/calendars/new").status_code == 403
    assert "being read" in front_desk.send(f"/desk/calendars/{made.public_id}/read")
    assert "no longer connected" in front_desk.send(f"/desk/calendars/{made.public_id}/end")


def test_an_owner_connects_only_what_can_be_read(app: Flask, office: Office, calendars: FakeCalendars) -> None:
    owner = as_owner(app, office)
    page = owner.read("/desk/calendars/new")
    assert "Another private address (ICS)" in page
    assert "Fastmail" not in page
    assert owner.get("/desk/calendars/new/fastmail").status_code == 403
    assert owner.post("/desk/calendars/new/fastmail", TYPED).status_code == 403
    calendars.open_account("", ADDRESS)
    calendars.add_calendar("", "", name="", can_write=False)
    tried = owner.post("/desk/calendars/new/address", {"private_address": ADDRESS})
    owner.send("/desk/calendars/new/address/keep", {**filled_in(tried.text), "name": "Rota"})
    assert (kept().kind, kept().therapist_id) == (CalendarKind.ICS, office.therapist.id)
    theirs = connect_calendars(office.therapist)
    assert owner.post(f"/desk/calendars/{theirs.public_id}", {}).status_code == 403


@pytest.mark.parametrize(
    ("key", "typed", "where"),
    [
        ("address", {"private_address": ADDRESS}, "calendar.example"),
        ("caldav", {**TYPED, "address": "https://dav.example.org/dana"}, "dav.example.org"),
        ("fastmail", TYPED, "Fastmail"),
        ("google-address", {"private_address": ADDRESS}, "Google Calendar"),
    ],
)
def test_what_opened_is_called_as_its_owner_calls_it(
    dana: Staff, elsewhere: FakeCalendars, key: str, typed: dict[str, str], where: str
) -> None:
    elsewhere.open_account("", ADDRESS)
    elsewhere.add_calendar("", "", name="", can_write=False)
    tried = dana.post(f"/desk/calendars/new/{key}", {**typed, "name": ""})
    assert f"It opens: {where}" in words_of(tried)
    assert filled_in(tried.text)["name"] == [where]


def test_the_server_is_named_where_there_is_one(dana: Staff, office: Office) -> None:
    made = make_connection(office.therapist, CalendarKind.GOOGLE, address="", due_at=NOW + HOUR)
    page = dana.read(f"/desk/calendars/{made.public_id}")
    assert "Sign-in with Google" in page
    assert "Server" not in page
    assert "Server https://caldav.example" in dana.read(
        f"/desk/calendars/{connect_calendars(office.therapist).public_id}"
    )


def test_the_overview_tells_who_is_stale(app: Flask, office: Office) -> None:
    colleague: Therapist = make_therapist(office.practice, office.service, name="Sam Okafor")
    made = connect_calendars(colleague)
    change(made, state=ConnectionState.REFUSED, failure=CalendarFailure.REFUSED, synced_at=NOW - 50 * HOUR)
    page = as_front_desk(app, office).read("/desk/calendars/of-everybody")
    assert "Dana Rivera No calendar connected" in page
    assert "Sam Okafor Fastmail: Sign in again Not read since" in page
    assert as_therapist(app, office).get("/desk/calendars/of-everybody").status_code == 403


def test_today_says_when_somebody_has_to_sign_in_again(app: Flask, office: Office) -> None:
    made = connect_calendars(office.therapist)
    dana, front_desk = as_therapist(app, office), as_front_desk(app, office)
    for staff in (dana, front_desk):
        assert "lets us in no more" not in staff.read("/desk")
    change(made, state=ConnectionState.REFUSED)
    for staff in (dana, front_desk):
        assert "1 connected calendar lets us in no more: sign in again" in staff.read("/desk")


def test_the_changes_of_the_practice_say_whose_connection_it_was(app: Flask, dana: Staff, office: Office) -> None:
    made = connect_calendars(office.therapist)
    dana.send(f"/desk/calendars/{made.public_id}/end")
    page = as_owner(app, office).read("/desk/changes")
    assert "Connected calendar: Fastmail, Dana Rivera" in page
    assert "Calendars taking time" in page
    assert "Home with Sam" not in page


def test_nothing_is_held_while_somebody_else_is_asked(
    dana: Staff, office: Office, elsewhere: FakeCalendars, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []
    for name in ("refresh", "list_calendars", "read"):
        asked = getattr(elsewhere, name)

        def ask(*given: Any, asked: Any = asked, **named: Any) -> Any:
            held.append(db.session().in_transaction())
            return asked(*given, **named)

        monkeypatch.setattr(elsewhere, name, ask)
    made = connect_calendars(office.therapist)
    dana.post("/desk/calendars/new/fastmail", TYPED)
    dana.post(f"/desk/calendars/{made.public_id}/access", {"name": "Mail", "password": PASSWORD})
    dana.post(f"/desk/calendars/{made.public_id}/look")
    assert held == [False] * len(held)
    assert len(held) == 10
