"""Who may see which desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from telehealth.database import transaction
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.models import Appointment, CalendarConnection, Therapist
from telehealth.queries.practice.staff import list_tokens
from telehealth.services.practice.token_issuing import issue_token
from telehealth.web.desk import words
from tests.factories import (
    BY_STAFF,
    Office,
    add_override,
    add_time_off,
    book,
    make_office,
    make_practice,
    make_therapist,
    make_user,
)
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.feeds import make_feed
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.moments import NOW
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, sign_in, words_of

PART = re.compile("<[^>]+>")
IDLE_LIMIT = timedelta(minutes=60)
"""A practice's, unless it says otherwise."""
CHRISTMAS = date(2026, 12, 25)
EVERYBODYS = ("Today", "Schedule", "Week", "New appointment", "Requests", "Clients", "Hours", "Time off")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


def desk_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]


def requests(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    for rule in desk_rules(app):
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield method, PART.sub("0" * 36, rule.rule), rule


def ask(somebody: Staff, method: str, path: str) -> int:
    return (somebody.get(path) if method == "GET" else somebody.post(path)).status_code


@pytest.mark.parametrize("role", list(Role))
def test_every_address_of_the_desk_is_open_to_its_roles_only(app: Flask, office: Office, role: Role) -> None:
    somebody = sign_in(app, make_user(office.practice, role, password=PASSWORD))
    if role == Role.CLIENT:
        assert {ask(somebody, method, path) for method, path, _ in requests(app) if method == "GET"} == {403}
        return
    for method, path, rule in requests(app):
        decision = access.access_of(app.view_functions[rule.endpoint])
        assert decision is not None
        if path.startswith("/desk/message-rules"):
            continue  # A client's rules are open to all staff, the practice's to owners: tested with the page.
        refused = ask(somebody, method, path) == 403
        assert refused == (role not in decision.roles), (role, method, path)


def test_a_post_without_its_token_is_refused_everywhere(app: Flask, office: Office) -> None:
    owner = as_owner(app, office)
    for method, path, _ in requests(app):
        if method == "POST":
            answer = owner.browser.post(path)
            assert answer.status_code == 400, path
            assert "Nothing was changed." in (answer.json["sentence"] if answer.is_json else words_of(answer))


def test_pages_are_never_kept_by_a_browser(app: Flask, office: Office) -> None:
    owner = as_owner(app, office)
    for path in ("/desk", "/desk/week", "/desk/settings"):
        assert "no-store" in owner.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("junk", ["\0", "a\0b", "\n", "ü", "x" * 65, "; drop table practice"])
def test_what_cannot_be_an_id_is_not_found(app: Flask, office: Office, junk: str) -> None:
    owner = as_owner(app, office)
    for path in ("/desk", "/desk/week", "/desk/hours", "/desk/time-off"):
        assert owner.browser.get(path, query_string={"therapist": junk}).status_code == 404, path
    for path in ("appointments/{}", "appointments/{}/join", "appointments/{}/cancel"):
        assert owner.get(f"/desk/{path.format(quote(junk))}").status_code == 404, path
    for path in ("appointments/{}/cancel", "hours/{}/remove", "hours/dates/{}/remove", "time-off/{}/remove",
                 "settings/reminders/{}/remove", "settings/tokens/{}/end"):  # fmt: skip
        assert owner.post(f"/desk/{path.format(quote(junk))}").status_code == 404, path


def pages_about_connection(connection: CalendarConnection, appointment: Appointment) -> Iterator[tuple[str, str]]:
    asked = make_asked(connection.calendars[0], appointment)
    for answer in ("move", "put_back", "leave_out"):
        yield "POST", f"/desk/calendars/changes/{asked.public_id}/{answer}"
    for answer in ("put_back", "on_purpose"):
        yield "POST", f"/desk/calendars/missing/{connection.calendars[0].public_id}/{answer}"
    for path in ("", "/state", "/access"):
        yield "GET", f"/desk/calendars/{connection.public_id}{path}"
    for path in ("", "/read", "/end", "/access", "/look"):
        yield "POST", f"/desk/calendars/{connection.public_id}{path}"


def pages_about(therapist: Therapist, appointment: Appointment) -> Iterator[tuple[str, str]]:
    """Every address that belongs to one therapist, with real ids in it."""
    yield from pages_about_connection(connect_calendars(therapist), appointment)
    override = add_override(therapist, CHRISTMAS, None, None).public_id
    time_off = add_time_off(therapist, datetime(2026, 12, 1), datetime(2026, 12, 2)).public_id
    hours = therapist.weekly_hours[0].public_id
    feed, _ = make_feed(therapist.practice, therapist)
    whose = f"?therapist={therapist.public_id}"
    yield "GET", f"/desk/appointments/{appointment.public_id}"
    yield "GET", f"/desk/appointments/{appointment.public_id}/join"
    yield "GET", f"/desk/appointments/{appointment.public_id}/cancel"
    yield "POST", f"/desk/appointments/{appointment.public_id}/cancel"
    yield "POST", f"/desk/appointments/{appointment.public_id}/status"
    yield "POST", f"/desk/appointments/{appointment.public_id}/room"
    yield "POST", f"/desk/appointments/{appointment.public_id}/video"
    for path in ("move", "move/at", "move/confirm"):
        yield "GET", f"/desk/appointments/{appointment.public_id}/{path}"
    yield "POST", f"/desk/appointments/{appointment.public_id}/move/confirm"
    yield "GET", f"/desk/requests/{appointment.public_id}/decline"
    yield "POST", f"/desk/requests/{appointment.public_id}/approve"
    yield "POST", f"/desk/requests/{appointment.public_id}/decline"
    yield "GET", f"/desk/clients/{appointment.attendees[0].client.public_id}"
    for entry in (f"hours/{hours}", f"hours/dates/{override}", f"time-off/{time_off}"):
        yield "GET", f"/desk/{entry}/change"
        yield "POST", f"/desk/{entry}/change"
        yield "POST", f"/desk/{entry}/remove"
    for path in (
        "",
        "/week",
        "/book",
        "/why-not",
        "/requests",
        "/clients",
        "/hours",
        "/hours/new",
        "/hours/dates/new",
        "/time-off",
        "/time-off/new",
        "/calendar",
        "/calendars",
        "/calendars/new",
        "/calendars/new/address",
    ):
        yield "GET", f"/desk{path}{whose}"
    yield "GET", f"/desk/calendar/addresses/{feed.public_id}"
    for path in ("", "/renew", "/stop"):
        yield "POST", f"/desk/calendar/addresses/{feed.public_id}{path}"
    for path in ("/calendars/new/address", "/calendars/new/address/keep"):
        yield "POST", f"/desk{path}{whose}"
    for path in ("/hours/new", "/hours/dates/new", "/time-off/new", "/calendar"):
        yield "POST", f"/desk{path}{whose}"


def test_a_therapist_opens_nothing_of_a_colleague(app: Flask, office: Office, colleague: Therapist) -> None:
    theirs = book(office, therapist=colleague.public_id)
    somebody = as_therapist(app, office)
    for method, path in list(pages_about(colleague, theirs)):
        assert ask(somebody, method, path) == 404, (method, path)


def test_a_login_without_a_therapist_opens_nothing_of_anybody(app: Flask, office: Office) -> None:
    somebody = sign_in(app, make_user(office.practice, Role.THERAPIST, password=PASSWORD))
    for method, path in list(pages_about(office.therapist, book(office))):
        assert ask(somebody, method, path) == 404, (method, path)
    assert "Your login has no calendar yet" in somebody.read("/desk")


@pytest.mark.parametrize("role", [Role.OWNER, Role.THERAPIST, Role.FRONT_DESK])
def test_one_practice_opens_nothing_of_another(app: Flask, office: Office, role: Role) -> None:
    stranger = make_office()
    make_therapist(stranger.practice, stranger.service)
    somebody = sign_in(app, make_user(stranger.practice, role, password=PASSWORD))
    for method, path in list(pages_about(office.therapist, book(office))):
        refusals = {404} if role == Role.OWNER else {403, 404}
        assert ask(somebody, method, path) in refusals, (method, path)


def test_settings_of_one_practice_are_not_touched_from_another(app: Flask, office: Office) -> None:
    owner = as_owner(app, make_office())
    assert owner.post(f"/desk/settings/tokens/{_token_of(office)}/end").status_code == 404


def _token_of(office: Office) -> str:
    user = make_user(office.practice)
    issue_token(practice_id=office.practice.id, user_id=user.id, name="A program", by=BY_STAFF, now=NOW)
    return list_tokens(office.practice.id)[0].public_id


def test_a_therapist_sees_their_own_name_nowhere_to_choose(app: Flask, office: Office, colleague: Therapist) -> None:
    page = as_therapist(app, office).get("/desk").text
    assert "<select" not in page
    assert colleague.name not in page


def test_the_front_desk_chooses_a_therapist_and_every_link_remembers(
    app: Flask, office: Office, colleague: Therapist
) -> None:
    front_desk = as_front_desk(app, office)
    book(office, therapist=colleague.public_id)
    page = front_desk.get(f"/desk?therapist={colleague.public_id}")
    assert f'value="{colleague.public_id}" selected' in page.text
    assert f"/desk/week?therapist={colleague.public_id}" in page.text
    assert "Jane Doe" in words_of(page)
    assert "Jane Doe" not in front_desk.read(f"/desk?therapist={office.therapist.public_id}")


def test_a_wrong_therapist_is_a_calm_page(app: Flask, office: Office) -> None:
    answer = as_owner(app, office).get("/desk?therapist=nonsense")
    assert answer.status_code == 404
    assert "nonsense" not in answer.text


def test_an_owner_who_is_a_therapist_starts_at_their_own_desk(app: Flask, office: Office) -> None:
    first = make_therapist(office.practice, office.service, name="Aaron First")
    owner = make_user(office.practice, Role.OWNER, Role.THERAPIST, password=PASSWORD)
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).user_id = owner.id
    page = sign_in(app, owner).get("/desk").text
    assert f'value="{first.public_id}" selected' not in page


def test_an_empty_practice_is_told_what_to_do(app: Flask, client: FlaskClient) -> None:
    owner = sign_in(app, make_user(make_practice(), password=PASSWORD))
    for path in ("/desk", "/desk/week", "/desk/hours", "/desk/time-off", "/desk/calendar", "/desk/calendars"):
        page = owner.read(path)
        assert "No therapists yet" in page
        assert "Add a therapist" in page
        assert "flask" not in page
    assert "Without a service nothing can be booked" in owner.read("/desk/settings")


def test_the_sections_of_each_role(app: Flask, office: Office) -> None:
    def sections(somebody: Staff) -> list[str]:
        nav = somebody.get("/desk").text.partition('class="desk-nav"')[2].partition("</nav>")[0]
        nav = nav.replace('<span class="desk-nav__rest">', "").replace("</span>", "")
        return [word for word in (*EVERYBODYS, "Calendars", "Settings") if f">{word}<" in nav]

    everything = [*EVERYBODYS, "Calendars", "Settings"]
    assert sections(as_owner(app, office)) == everything
    assert sections(as_therapist(app, office)) == everything[:-1]
    assert sections(as_front_desk(app, office)) == everything[:-2]


def test_much_behind_more_is_grouped_and_little_is_not(app: Flask, office: Office) -> None:
    def groups(somebody: Staff) -> list[str]:
        return re.findall(r'class="desk-nav__group"[^>]*>([^<]*)<', somebody.get("/desk").text)

    assert groups(as_owner(app, office)) == ["Clients", "Messages", "Therapists&#39; time", "Practice"]
    assert groups(as_front_desk(app, office)) == []


def test_staff_have_the_crisis_lines_in_one_line(app: Flask, office: Office) -> None:
    page = as_owner(app, office).get("/desk").text
    assert page.count("988") == 2, "the number and what it dials"
    assert "Questions about an appointment?" not in page


def test_the_section_of_a_page_is_marked(app: Flask, office: Office) -> None:
    owner = as_owner(app, office)
    pages = {"/desk/hours/new": "/desk/hours", "/desk/time-off/new": "/desk/time-off", "/desk": "/desk"}
    for path, section in pages.items():
        page = owner.get(path).text
        assert f'href="{section}" aria-current="page"' in page
        assert ('<summary aria-current="true">More' in page) == (section != "/desk"), "said also while it is closed"


def test_midnight_is_written_as_a_word() -> None:
    assert words.span(time(18), time(0)) == "6:00 PM to midnight"
    assert words.span(time(22), time(2)) == "10:00 PM to 2:00 AM the next day"


def test_what_waits_is_told_to_an_open_page(app: Flask, office: Office, clock: FakeClock) -> None:
    appointment = book(office, NOW + timedelta(hours=1), now=NOW - timedelta(days=3))
    owner = as_owner(app, office)
    assert owner.get("/desk/counts").json == {
        "as_of": "9:00 AM MST",
        "here": 0,
        "links": [
            {"href": "/desk", "text": "Today"},
            {"href": "/desk/requests", "text": "Requests"},
            {"href": "/desk/tasks", "text": "To do"},
        ],
        "waiting": 0,
    }
    owner.post(f"/desk/appointments/{appointment.public_id}/status", {"status": "arrived"})
    answer = owner.get("/desk/counts").json
    assert answer is not None
    assert answer["links"][0] == {"href": "/desk", "text": "Today (1 here)"}
    assert answer["here"] == 1
    assert ">Today (1 here)<" in owner.get("/desk").text
    clock.advance(timedelta(hours=3))
    owner = as_owner(app, office)
    assert ">Today<" in owner.get("/desk").text


def test_nobody_counts_whom_they_may_not_see(app: Flask, office: Office, colleague: Therapist) -> None:
    appointment = book(office, NOW + timedelta(hours=1), now=NOW - timedelta(days=3))
    as_owner(app, office).post(f"/desk/appointments/{appointment.public_id}/status", {"status": "arrived"})
    answer = as_therapist(app, office, colleague).get("/desk/counts").json
    assert answer is not None
    assert answer["links"][0]["text"] == "Today"


def test_an_open_page_keeps_nobody_signed_in(app: Flask, office: Office, clock: FakeClock) -> None:
    owner = as_owner(app, office)
    for _ in range(4):
        clock.advance(IDLE_LIMIT / 3)
        answer = owner.get("/desk/counts")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_the_desk_with_a_slash(app: Flask, office: Office) -> None:
    assert "Today" in words_of(as_therapist(app, office).get("/desk/"))
