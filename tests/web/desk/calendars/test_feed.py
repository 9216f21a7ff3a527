"""The pages on which private calendar addresses are made, changed and closed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain import links
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Role
from telehealth.models import CalendarFeed
from telehealth.queries.calendars.feeds import list_feeds
from telehealth.web.desk import one_time_forms
from tests.factories import Office, make_client, make_office, make_practice, make_therapist, make_user
from tests.factories.feeds import make_feed
from tests.factories.rows import change
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, filled_in, words_of

ADDRESS = re.compile(r'value="(http[^"]+/calendar/([^"]+)\.ics)"')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Keller"})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


@pytest.fixture
def desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def wish_in(somebody: Staff, path: str = "/desk/calendar", **given: Any) -> dict[str, Any]:
    """The form on the page that makes an address, filled in as it comes, but for what is given."""
    form = filled_in(somebody.get(path).text)
    return {"once": form["once"][0], "name": "Phone", "detail": "busy", **given}


def make(somebody: Staff, path: str = "/desk/calendar", **given: Any) -> tuple[str, str]:
    """The new address and its secret."""
    found = ADDRESS.search(somebody.post(path, wish_in(somebody, path, **given)).text)
    assert found is not None
    return found[1], found[2]


def feed_of(office: Office) -> CalendarFeed:
    (feed,) = list_feeds(office.practice.id)
    return feed


def test_it_starts_with_an_honest_word(therapist: Staff) -> None:
    words = therapist.read("/desk/calendar")
    assert "No private address yet" in words
    assert "Google looks only every 8 to 24 hours" in words
    assert "never the place for news of the same day" in words


def stand_at(app: Flask, url: str) -> None:
    app.extensions["addresses"] = replace(app.extensions["addresses"], base_url=url)


def test_the_address_is_shown_once(app: Flask, therapist: Staff, office: Office) -> None:
    stand_at(app, "https://practice.example")
    address, secret = make(therapist)
    assert address.startswith("http")
    page = therapist.get("/desk/calendar").text
    assert secret not in page
    assert feed_of(office).secret_digest == links.digest_of(secret)
    words = words_of(therapist.post("/desk/calendar", wish_in(therapist)))
    for program in ("Google Calendar", "Apple Calendar", "Outlook"):
        assert program in words
    assert "on this machine" not in words


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_nobody_is_sent_to_google_with_what_google_cannot_open(app: Flask, therapist: Staff, url: str) -> None:
    stand_at(app, url)
    words = words_of(therapist.post("/desk/calendar", wish_in(therapist)))
    assert "It opens on this machine only" in words
    assert "Apple Calendar" in words
    assert "Beside “Other calendars”" not in words
    assert "iPhone" not in words, "a phone is another machine"
    assert "Subscribe from web" not in words


def test_reloading_the_page_that_shows_it_makes_nothing(therapist: Staff, office: Office, client: FlaskClient) -> None:
    form = wish_in(therapist)
    shown = ADDRESS.search(therapist.post("/desk/calendar", form).text)
    assert shown is not None
    for _ in range(2):
        answer = therapist.post("/desk/calendar", form)
        assert answer.status_code == 409
        assert "This was already made; the address was shown once. Make a new one to replace it." in words_of(answer)
        assert not ADDRESS.search(answer.text)
    assert feed_of(office).secret_digest == links.digest_of(shown[2])
    assert client.get(f"/calendar/{shown[2]}.ics").status_code == 200
    assert ADDRESS.search(therapist.post("/desk/calendar", wish_in(therapist)).text)


@pytest.mark.parametrize("word", ["", "x" * 100])
def test_a_form_that_is_not_ours_makes_nothing(therapist: Staff, office: Office, word: str) -> None:
    assert therapist.post("/desk/calendar", {**wish_in(therapist), "once": word}).status_code == 400
    assert list_feeds(office.practice.id) == []


def test_the_cookie_stays_small_however_often_an_address_is_made(therapist: Staff, office: Office) -> None:
    make(therapist)
    renewing, sizes = f"/desk/calendar/addresses/{feed_of(office).public_id}/renew", []
    for _ in range(2 * one_time_forms.KEPT):
        assert therapist.post(renewing, {"once": wish_in(therapist)["once"]}).status_code == 200
        cookie = therapist.browser.get_cookie("session")
        assert cookie is not None
        sizes.append(len(cookie.value))
    assert max(sizes) < 1500


def test_it_starts_discreet(therapist: Staff, office: Office) -> None:
    assert re.search(r'value="busy"\s+checked', therapist.get("/desk/calendar").text)
    make(therapist)
    feed = feed_of(office)
    assert (feed.detail, feed.shows_place, feed.shows_time_off) == (FeedDetail.BUSY, False, False)


def test_what_was_typed_stays_when_something_is_missing(therapist: Staff, office: Office) -> None:
    form = wish_in(therapist, name="", detail="initials", shows_place="y")
    answer = therapist.post("/desk/calendar", form)
    assert answer.status_code == 422
    assert "Please give it a name, such as “My phone”." in words_of(answer)
    again = filled_in(answer.text)
    assert (again["detail"], again["shows_place"], "shows_standing" in again) == (["initials"], ["y"], False)
    assert list_feeds(office.practice.id) == []


@pytest.mark.parametrize("detail", ["", "everything", "FULL"])
def test_a_detail_that_does_not_exist_is_explained(therapist: Staff, office: Office, detail: str) -> None:
    answer = therapist.post("/desk/calendar", wish_in(therapist, detail=detail))
    assert answer.status_code == 422
    assert "Please choose how much the calendar may tell." in words_of(answer)
    assert list_feeds(office.practice.id) == []


def test_the_address_works_until_a_new_one_is_made(therapist: Staff, office: Office, client: FlaskClient) -> None:
    _, first = make(therapist)
    assert client.get(f"/calendar/{first}.ics").status_code == 200
    renewing = f"/desk/calendar/addresses/{feed_of(office).public_id}/renew"
    found = ADDRESS.search(therapist.post(renewing, {"once": wish_in(therapist)["once"]}).text)
    assert found is not None
    assert client.get(f"/calendar/{first}.ics").status_code == 404
    assert client.get(f"/calendar/{found[2]}.ics").status_code == 200


def test_each_says_what_it_tells_and_who_reads_it(therapist: Staff, office: Office, client: FlaskClient) -> None:
    _, phone = make(therapist, name="My phone", detail="initials", shows_place="y", shows_standing="y")
    make(therapist, name="Home")
    client.get(f"/calendar/{phone}.ics", headers={"User-Agent": "Google-Calendar-Importer"})
    words = therapist.read("/desk/calendar")
    assert "My phone It tells Initials, with places and standing slots" in words
    assert "by Google Calendar" in words
    assert "Home It tells Busy only" in words
    assert "Last read Not yet" in words


def test_it_can_tell_more(therapist: Staff, office: Office) -> None:
    make(therapist)
    path = f"/desk/calendar/addresses/{feed_of(office).public_id}"
    assert filled_in(therapist.get(path).text)["name"] == ["Phone"]
    assert "Saved: Home." in therapist.send(path, {"name": "Home", "detail": "initials", "shows_time_off": "y"})
    feed = feed_of(office)
    assert (feed.name, feed.detail, feed.shows_time_off) == ("Home", FeedDetail.INITIALS, True)
    answer = therapist.post(path, {"name": "", "detail": "full"})
    assert (answer.status_code, filled_in(answer.text)["detail"]) == (422, ["full"])


def test_it_can_be_closed(therapist: Staff, office: Office, client: FlaskClient) -> None:
    _, secret = make(therapist)
    closing = f"/desk/calendar/addresses/{feed_of(office).public_id}/stop"
    assert "The address “Phone” is closed." in therapist.send(closing, {})
    assert client.get(f"/calendar/{secret}.ics").status_code == 404
    assert therapist.post(closing).status_code == 404


def test_the_front_desk_runs_those_that_are_shared(desk: Staff, office: Office, client: FlaskClient) -> None:
    words = desk.read("/desk/shared-calendars")
    assert f"All of {office.location.name} No address" in words
    ana = make_client(office.practice, name="Ana Rivera")
    owners = (
        "practice",
        f"place/{office.location.public_id}",
        f"room/{office.room.public_id}",
        f"client/{ana.public_id}",
    )
    for owner in owners:
        _, secret = make(desk, f"/desk/shared-calendars/{owner}", detail="initials")
        assert client.get(f"/calendar/{secret}.ics").status_code == 200
    assert f"All of {office.location.name} 1 address" in desk.read("/desk/shared-calendars")
    words = desk.read(f"/desk/shared-calendars/client/{ana.public_id}")
    assert "Private addresses of Ana Rivera" in words
    assert "Neutral words" in words
    assert "How much may the calendar tell?" not in words
    assert "Their appointments in their own calendar" in desk.read(f"/desk/clients/{ana.public_id}")


def test_the_front_desk_has_no_say_in_a_therapists_own(desk: Staff, office: Office) -> None:
    feed, _ = make_feed(office.practice, office.therapist)
    path = f"/desk/calendar/addresses/{feed.public_id}"
    assert desk.get("/desk/calendar").status_code == 403
    assert desk.get(path).status_code == 404
    for deed in ("", "/renew", "/stop"):
        assert desk.post(path + deed, {"once": "x", "name": "Mine", "detail": "full"}).status_code == 404
    assert desk.get(f"/desk/shared-calendars/therapist/{office.therapist.public_id}").status_code == 404


def test_a_therapist_has_no_say_in_those_that_are_shared(therapist: Staff, office: Office) -> None:
    assert therapist.get("/desk/shared-calendars").status_code == 403
    for owner in (office.room, None, make_therapist(office.practice, office.service)):
        feed, _ = make_feed(office.practice, owner)
        assert therapist.get(f"/desk/calendar/addresses/{feed.public_id}").status_code == 404


def test_an_owner_runs_all_of_them(app: Flask, office: Office) -> None:
    owner = as_owner(app, office)
    for of in (office.therapist, office.room, None, make_client(office.practice)):
        feed, _ = make_feed(office.practice, of)
        assert owner.get(f"/desk/calendar/addresses/{feed.public_id}").status_code == 200
    words = owner.read(f"/desk/calendar?therapist={office.therapist.public_id}")
    assert "Private addresses of Dana Keller" in words


def test_nobody_is_judged_by_the_roles_of_whoever_has_the_number_of_their_login(
    app: Flask, client: FlaskClient
) -> None:
    make_user(make_practice(), Role.OWNER, invited_email="robin@elsewhere.example")
    office = make_office()
    feed, address = make_feed(office.practice, None)
    therapist = as_therapist(app, office)
    path = f"/desk/calendar/addresses/{feed.public_id}"
    assert therapist.get(path).status_code == 404
    for deed in ("", "/renew", "/stop"):
        form = {"once": wish_in(therapist)["once"], "name": "Mine", "detail": "full"}
        assert therapist.post(path + deed, form).status_code == 404
    assert feed_of(office).detail == FeedDetail.BUSY
    assert client.get(address).status_code == 200


def test_an_owner_closes_what_leaked_whoever_has_the_number_of_their_login(app: Flask, client: FlaskClient) -> None:
    make_user(make_practice(), Role.THERAPIST, invited_email="robin@elsewhere.example")
    office = make_office()
    feed, address = make_feed(office.practice, None)
    words = as_owner(app, office).send(f"/desk/calendar/addresses/{feed.public_id}/stop")
    assert "The address “Phone” is closed." in words
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("path", ["nobody", "practice/x", "room", "room/x", "client/x", "place/x"])
def test_whose_it_is_has_to_be_there(desk: Staff, path: str) -> None:
    assert desk.get(f"/desk/shared-calendars/{path}").status_code == 404


def test_one_whose_maker_has_gone_says_so(app: Flask, office: Office, desk: Staff) -> None:
    make(desk, "/desk/shared-calendars/practice")
    feed = feed_of(office)
    assert feed.made_by is not None
    assert feed.made_by.has(Role.FRONT_DESK)
    change(feed.made_by, active=False)
    assert "It opens nothing any more" in as_owner(app, office).read("/desk/shared-calendars/practice")
