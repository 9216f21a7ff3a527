"""Connecting Google Calendar by signing in there, signing in anew, and giving the access back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.adapters.google_calendar import GoogleApp, GoogleCalendars
from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import CalendarAccess, CalendarFailed, FoundCalendar
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.errors import NotFound
from telehealth.domain.words import Role
from telehealth.models import BusyInterval, CalendarConnection, PracticeEvent
from telehealth.services.calendars.connecting import MOST_CONNECTIONS, TWICE
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.signing_in import (
    SignedIn,
    connect_by_sign_in,
    end_connections_of_those_who_left,
    end_emptied_connections,
    make_ticket,
)
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.web.desk.calendars.sign_ins import LASTS, SAID, SignInFailure
from tests import fake_google
from tests.factories import BY_STAFF, Office, make_office, make_therapist, make_user
from tests.factories.connections import RING, connect_calendars
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.fake_google import FakeGoogle
from tests.fake_oauth import CLIENT_ID, CLIENT_SECRET
from tests.fakes import FakeClock
from tests.moments import NOW
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, sign_in, words_of

pytestmark = pytest.mark.usefixtures("client")

START = "/desk/calendars/sign-in/google"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def dana(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


@pytest.fixture
def google(app: Flask, client: FlaskClient, addresses: Addresses) -> Iterator[FakeGoogle]:
    with FakeGoogle(redirect_uris=(addresses.calendar_sign_in("google"),)) as server:
        calendars = GoogleCalendars(GoogleApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url))
        ways_out, by_kind = app.extensions["gateways"], {CalendarKind.GOOGLE: calendars}
        app.extensions["gateways"] = replace(ways_out, calendars={**ways_out.calendars, **by_kind}, sign_ins=by_kind)
        yield server


def kept() -> list[CalendarConnection]:
    db.session.expire_all()
    return list(db.session.scalars(select(CalendarConnection).order_by(CalendarConnection.id)))


def begin(staff: Staff, path: str = START) -> str:
    """Where they are sent."""
    answer = staff.get(path)
    assert answer.status_code == 302, words_of(answer)
    return answer.headers["Location"]


def come_back(staff: Staff, given: dict[str, str]) -> TestResponse:
    return staff.get(f"{START}/back?{urlencode(given)}", follow_redirects=True)


def connect(staff: Staff, google: FakeGoogle, path: str = START, **answers: str) -> str:
    """All of it; the words of the page that they end on."""
    answer = come_back(staff, google.consent(begin(staff, path), **answers))
    assert answer.status_code == 200
    return words_of(answer)


def test_somebody_signs_in_and_their_busy_times_are_read(
    app: Flask, dana: Staff, google: FakeGoogle, office: Office
) -> None:
    google.put("dentist", **fake_google.hours(NOW + timedelta(days=1)))
    google.put("holiday", "en.usa#holiday@group.v.calendar.google.com", **fake_google.hours(NOW + timedelta(days=2)))
    assert "Google Calendar, by signing in" in dana.read("/desk/calendars/new")
    page = connect(dana, google)
    assert "Connected." in page
    assert "dana@example.com" in page
    [row] = kept()
    assert (row.kind, row.state, row.username) == (CalendarKind.GOOGLE, ConnectionState.NEW, "dana@example.com")
    assert [each.blocks for each in row.calendars] == [True, False, False], "only what is their own"
    assert open_access(RING, row).secrets["refresh_token"] == google.grants[0].refresh_token
    ways_out = app.extensions["gateways"]
    assert sync_due_calendars(gateways=ways_out.calendars, ring=RING, now=NOW) == 1
    [busy] = db.session.scalars(select(BusyInterval)).all()
    assert busy.starts_at == NOW + timedelta(days=1)
    assert "1 busy time ahead" in dana.read(f"/desk/calendars/{row.public_id}")
    lines = db.session.scalars(select(PracticeEvent).where(PracticeEvent.subject == "calendar_connection")).all()
    told = "".join(f"{each.name} {each.details}" for each in lines)
    for secret in ("dana@example.com", "Family", *open_access(RING, row).secrets.values()):
        assert secret not in told


def test_whoever_has_it_taken_out_first_may_sign_in_anew_meanwhile(
    app: Flask, dana: Staff, google: FakeGoogle, office: Office
) -> None:
    connect(dana, google)
    [before] = kept()
    change(before, state=ConnectionState.LEAVING)
    assert "Connected." in connect(dana, google)
    assert [each.state for each in kept()] == [ConnectionState.LEAVING, ConnectionState.NEW]
    sign_ins = app.extensions["gateways"].sign_ins
    assert end_emptied_connections(sign_ins=sign_ins, ring=RING, now=NOW) == 1
    assert [each.state for each in kept()] == [ConnectionState.ENDED, ConnectionState.NEW]
    assert google.grants, "what the new one is read with was not given back"


def test_nothing_secret_is_on_the_way_there(dana: Staff, google: FakeGoogle) -> None:
    address = begin(dana)
    assert urlsplit(address).netloc == urlsplit(google.url).netloc
    assert CLIENT_SECRET not in address
    with dana.browser.session_transaction() as session:
        began = session["calendar_sign_in"]
    assert began["verifier"] not in address
    assert len(began["verifier"]) >= 43
    assert begin(dana) != address


def test_who_says_no_reads_it_in_plain_words(dana: Staff, google: FakeGoogle) -> None:
    answer = come_back(dana, google.consent(begin(dana), allows=False))
    assert SAID[SignInFailure.DENIED] in words_of(answer)
    assert kept() == []


def test_who_leaves_a_box_unticked_reads_which_do_matter(dana: Staff, google: FakeGoogle) -> None:
    assert SAID[SignInFailure.INCOMPLETE] in connect(dana, google, leaves_out="events.owned")
    assert kept() == []


def test_nobody_comes_back_twice(dana: Staff, google: FakeGoogle) -> None:
    back = google.consent(begin(dana))
    come_back(dana, back)
    assert SAID[SignInFailure.STALE] in words_of(come_back(dana, back))
    assert len(kept()) == 1


def test_nobody_comes_back_with_what_somebody_else_began(
    app: Flask, dana: Staff, office: Office, google: FakeGoogle
) -> None:
    """Otherwise a stranger could have their own calendar connected here, and read what is written into it."""
    other = as_therapist(app, office, make_therapist(office.practice, name="Sam"))
    theirs = google.consent(begin(other))
    assert SAID[SignInFailure.STALE] in words_of(come_back(dana, theirs))
    begin(dana)
    assert SAID[SignInFailure.STALE] in words_of(come_back(dana, theirs))
    assert SAID[SignInFailure.STALE] in words_of(come_back(dana, {"code": "made-up"}))
    assert kept() == []


def test_who_is_somebody_else_by_now_begins_anew(app: Flask, dana: Staff, office: Office, google: FakeGoogle) -> None:
    """The same browser, with another login: at another practice, for example."""
    back = google.consent(begin(dana))
    with dana.browser.session_transaction() as session:
        began = session["calendar_sign_in"]
    other = as_therapist(app, office, make_therapist(office.practice, name="Sam"))
    with other.browser.session_transaction() as session:
        session["calendar_sign_in"] = began
    assert SAID[SignInFailure.WRONG_ACCOUNT] in words_of(come_back(other, back))
    assert kept() == []


def test_who_takes_too_long_begins_anew(dana: Staff, google: FakeGoogle, clock: FakeClock) -> None:
    back = google.consent(begin(dana))
    clock.advance(timedelta(seconds=LASTS + 1))
    assert SAID[SignInFailure.STALE] in words_of(come_back(dana, back))


def test_the_same_account_is_signed_in_anew_and_not_connected_twice(
    app: Flask, dana: Staff, google: FakeGoogle
) -> None:
    connect(dana, google)
    [row] = kept()
    google.take_back()
    sync_due_calendars(gateways=app.extensions["gateways"].calendars, ring=RING, now=NOW + timedelta(hours=2))
    assert kept()[0].state == ConnectionState.REFUSED
    page = dana.get(f"/desk/calendars/{row.public_id}")
    assert f"{START}?again={row.public_id}" in page.text
    assert "login_hint=dana%40example.com" in begin(dana, f"{START}?again={row.public_id}")
    connect(dana, google, f"{START}?again={row.public_id}")
    connect(dana, google)
    [again] = kept()
    assert (again.id, again.state, again.name) == (row.id, ConnectionState.NEW, row.name)
    assert open_access(RING, again).secrets["refresh_token"] == google.grants[-1].refresh_token


def test_another_account_does_not_take_the_place_of_one(dana: Staff, google: FakeGoogle) -> None:
    connect(dana, google)
    [row] = kept()
    main = google.calendars.pop("dana@example.com")
    google.calendars["sam@example.com"] = replace(main, id="sam@example.com", events={})
    assert "That is another account." in connect(dana, google, f"{START}?again={row.public_id}")
    assert len(google.grants) == 1, "what is not kept is given back"


@pytest.mark.parametrize("kind", [CalendarKind.CALDAV, CalendarKind.ICS, CalendarKind.MICROSOFT])
def test_signing_in_is_nothing_for_a_calendar_kept_elsewhere(
    app: Flask, dana: Staff, office: Office, google: FakeGoogle, addresses: Addresses, kind: CalendarKind
) -> None:
    """Its own secret would be gone, and Google's would be shown to another server."""
    other = connect_calendars(office.therapist, kind, username="dana@example.com")
    before = (other.secret, other.address, other.state)
    assert dana.get(f"{START}?again={other.public_id}").status_code == 404
    calendars = app.extensions["gateways"].sign_ins[CalendarKind.GOOGLE]
    ticket = make_ticket(addresses.calendar_sign_in("google"))
    code = google.consent(calendars.find_address(ticket))["code"]
    back = SignedIn(kind=CalendarKind.GOOGLE, calendars=calendars, ticket=ticket, code=code, again=other.public_id)
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    with pytest.raises(NotFound):
        connect_by_sign_in(**whose, back=back, ring=RING, by=BY_STAFF, now=NOW)
    [row] = kept()
    assert (row.secret, row.address, row.state) == before
    assert google.grants == [], "what is not kept is given back"


def test_what_cannot_be_kept_is_given_back(dana: Staff, office: Office, google: FakeGoogle) -> None:
    for number in range(MOST_CONNECTIONS):
        connect_calendars(office.therapist, username=f"user-{number}", found=[])
    assert "Please end one first." in connect(dana, google)
    assert google.grants == []
    assert TWICE.format("x") not in str(kept())


def test_what_could_not_be_looked_through_is_given_back(
    dana: Staff, google: FakeGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_calendars, calls = GoogleCalendars.list_calendars, iter([False, True])

    def fail(self: GoogleCalendars, access: CalendarAccess) -> Sequence[FoundCalendar]:
        if next(calls):  # The first tells whose account it is.
            raise CalendarFailed(CalendarFailure.BROKEN)
        return list_calendars(self, access)

    monkeypatch.setattr(GoogleCalendars, "list_calendars", fail)
    assert "answered with an error of its own" in connect(dana, google)
    assert (kept(), google.grants) == ([], [])


def test_an_account_that_nobody_can_tell_from_others_is_not_connected(
    dana: Staff, google: FakeGoogle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GoogleCalendars, "list_calendars", lambda *_: [])
    assert "answered with an error of its own" in connect(dana, google)
    assert kept() == []


def test_whoever_disconnects_gives_the_access_back(dana: Staff, google: FakeGoogle) -> None:
    connect(dana, google)
    [row] = kept()
    assert "is no longer connected" in dana.send(f"/desk/calendars/{row.public_id}/end")
    assert google.grants == []
    assert (kept()[0].state, kept()[0].secret) == (ConnectionState.ENDED, None)


def test_disconnecting_does_not_wait_for_google(
    dana: Staff, google: FakeGoogle, caplog: pytest.LogCaptureFixture
) -> None:
    connect(dana, google)
    [row] = kept()
    token = open_access(RING, row).secrets["refresh_token"]
    google.fail_next(503, path="revoke")
    assert "is no longer connected" in dana.send(f"/desk/calendars/{row.public_id}/end")
    assert "access could not be given back" in caplog.text
    assert token not in caplog.text


def test_access_that_somebody_else_needs_is_not_given_back(app: Flask, dana: Staff, google: FakeGoogle) -> None:
    """Google would end it for all of the account: at the other practice, too."""
    connect(dana, google)
    elsewhere = make_office(practice={"slug": "elsewhere"}, therapist={"name": "Dana Rivera"})
    other = as_therapist(app, elsewhere)
    connect(other, google)
    here, there = kept()
    dana.send(f"/desk/calendars/{here.public_id}/end")
    assert len(google.grants) == 2
    other.send(f"/desk/calendars/{there.public_id}/end")
    assert len(google.grants) < 2


def test_whoever_leaves_the_practice_gives_the_access_back(
    app: Flask, dana: Staff, office: Office, google: FakeGoogle
) -> None:
    connect(dana, google)
    change(office.therapist, ended_at=NOW)
    sign_ins = app.extensions["gateways"].sign_ins
    assert end_connections_of_those_who_left(sign_ins=sign_ins, ring=RING, now=NOW) == 1
    assert google.grants == []


def test_only_the_therapist_signs_in(app: Flask, dana: Staff, office: Office, google: FakeGoogle) -> None:
    connect(dana, google)
    [row] = kept()
    owner = as_owner(app, office)
    assert "by signing in" not in owner.read(f"/desk/calendars/new?therapist={office.therapist.public_id}")
    assert owner.get(f"{START}?therapist={office.therapist.public_id}").status_code == 403
    assert owner.get(f"{START}?again={row.public_id}").status_code == 403
    assert as_front_desk(app, office).get(START).status_code == 403
    colleague = as_therapist(app, office, make_therapist(office.practice, name="Sam"))
    assert colleague.get(f"{START}?again={row.public_id}").status_code == 404


def test_an_owner_who_is_a_therapist_connects_their_own(app: Flask, office: Office, google: FakeGoogle) -> None:
    ada = make_therapist(office.practice, name="Ada Owner")
    user = make_user(office.practice, Role.OWNER, Role.THERAPIST, password=PASSWORD)
    change(ada, user_id=user.id)
    owner = sign_in(app, user)
    assert "Connected." in connect(owner, google, f"{START}?therapist={ada.public_id}")
    assert [each.therapist_id for each in kept()] == [ada.id]
    assert owner.get(f"{START}?therapist={office.therapist.public_id}").status_code == 403


def test_what_is_not_offered_is_not_found(dana: Staff, google: FakeGoogle) -> None:
    assert dana.get("/desk/calendars/sign-in/microsoft").status_code == 404
    assert dana.get("/desk/calendars/sign-in/caldav/back?code=1").status_code == 404
    assert dana.get(f"{START}?again=%00").status_code == 404


@pytest.mark.parametrize("path", ["token", "calendarList"])
def test_a_provider_at_fault_is_said_in_plain_words(dana: Staff, google: FakeGoogle, path: str) -> None:
    back = google.consent(begin(dana))
    google.fail_next(503, path=path)
    page = words_of(come_back(dana, back))
    assert "busy and asks us to come back later" in page
    assert kept() == []
    assert CalendarFailure.OVERLOADED.value not in page
