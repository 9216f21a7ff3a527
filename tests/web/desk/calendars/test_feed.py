"""The page on which a therapist makes, changes and closes the private calendar address."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain import links
from telehealth.domain.icalendar import FeedDetail
from telehealth.models import CalendarFeed
from telehealth.queries.calendars.feeds import find_feed_of_therapist
from telehealth.web.desk import one_time_forms
from tests.factories import Office, make_office, make_therapist
from tests.web.staff import Staff, as_owner, as_therapist, filled_in, words_of

ADDRESS = re.compile(r'value="(http[^"]+/calendar/([^"]+)\.ics)"')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


def once_in(somebody: Staff, path: str = "/desk/calendar") -> str:
    """The word of the form on the page that makes an address."""
    return filled_in(somebody.get(path).text)["once"][0]


def renew(somebody: Staff, path: str = "/desk/calendar") -> tuple[str, str]:
    """The new address and its secret."""
    found = ADDRESS.search(somebody.post(path, {"once": once_in(somebody, path)}).text)
    assert found is not None
    return found[1], found[2]


def feed_of(office: Office) -> CalendarFeed:
    feed = find_feed_of_therapist(office.therapist.id)
    assert feed is not None
    return feed


def test_it_starts_with_an_honest_word(therapist: Staff) -> None:
    words = therapist.read("/desk/calendar")
    assert "No address yet" in words
    assert "Google looks only every 8 to 24 hours" in words
    assert "never the place for news of the same day" in words


def test_the_address_is_shown_once(therapist: Staff, office: Office) -> None:
    address, secret = renew(therapist)
    assert address.startswith("http")
    page = therapist.get("/desk/calendar").text
    assert secret not in page
    assert feed_of(office).secret_digest == links.digest_of(secret)
    words = words_of(therapist.post("/desk/calendar", {"once": once_in(therapist)}))
    for program in ("Google Calendar", "Apple Calendar", "Outlook"):
        assert program in words


def test_reloading_the_page_that_shows_it_makes_nothing(therapist: Staff, office: Office, client: FlaskClient) -> None:
    form = {"once": once_in(therapist)}
    shown = ADDRESS.search(therapist.post("/desk/calendar", form).text)
    assert shown is not None
    for _ in range(2):
        answer = therapist.post("/desk/calendar", form)
        assert answer.status_code == 409
        assert "This was already made; the address was shown once. Make a new one to replace it." in words_of(answer)
        assert not ADDRESS.search(answer.text)
    assert feed_of(office).secret_digest == links.digest_of(shown[2])
    assert client.get(f"/calendar/{shown[2]}.ics").status_code == 200
    assert ADDRESS.search(therapist.post("/desk/calendar", {"once": filled_in(answer.text)["once"][0]}).text)


@pytest.mark.parametrize("word", ["", "x" * 100])
def test_a_form_that_is_not_ours_makes_nothing(therapist: Staff, office: Office, word: str) -> None:
    assert therapist.post("/desk/calendar", {"once": word}).status_code == 400
    assert find_feed_of_therapist(office.therapist.id) is None


def test_the_cookie_stays_small_however_often_an_address_is_made(therapist: Staff) -> None:
    sizes = []
    for _ in range(2 * one_time_forms.KEPT):
        renew(therapist)
        cookie = therapist.browser.get_cookie("session")
        assert cookie is not None
        sizes.append(len(cookie.value))
    assert max(sizes) < 1500


def test_it_starts_discreet(therapist: Staff, office: Office) -> None:
    renew(therapist)
    assert feed_of(office).detail == FeedDetail.BUSY
    assert re.search(r'value="busy"\s+checked', therapist.get("/desk/calendar").text)


def test_the_address_works_until_a_new_one_is_made(therapist: Staff, client: FlaskClient) -> None:
    _, first = renew(therapist)
    assert client.get(f"/calendar/{first}.ics").status_code == 200
    _, second = renew(therapist)
    assert client.get(f"/calendar/{first}.ics").status_code == 404
    assert client.get(f"/calendar/{second}.ics").status_code == 200


def test_it_can_tell_more(therapist: Staff, office: Office) -> None:
    renew(therapist)
    words = therapist.send("/desk/calendar/detail", {"detail": "initials"})
    assert "Saved: Initials." in words
    assert feed_of(office).detail == FeedDetail.INITIALS


@pytest.mark.parametrize("detail", ["", "everything", "FULL"])
def test_a_detail_that_does_not_exist_is_explained(therapist: Staff, office: Office, detail: str) -> None:
    renew(therapist)
    answer = therapist.post("/desk/calendar/detail", {"detail": detail})
    assert answer.status_code == 422
    assert "Please choose how much the calendar may tell." in words_of(answer)
    assert feed_of(office).detail == FeedDetail.BUSY


def test_a_detail_without_an_address_is_not_found(therapist: Staff) -> None:
    assert therapist.post("/desk/calendar/detail", {"detail": "full"}).status_code == 404
    assert therapist.post("/desk/calendar/stop").status_code == 404


def test_closing_it(therapist: Staff, client: FlaskClient) -> None:
    _, secret = renew(therapist)
    assert "The calendar address is closed." in therapist.send("/desk/calendar/stop")
    assert client.get(f"/calendar/{secret}.ics").status_code == 404


def test_the_owner_closes_the_address_of_somebody_else(app: Flask, office: Office, client: FlaskClient) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    owner = as_owner(app, office)
    _, secret = renew(owner, f"/desk/calendar?therapist={colleague.public_id}")
    assert "Calendar link of Sam Okafor" in owner.read(f"/desk/calendar?therapist={colleague.public_id}")
    owner.send(f"/desk/calendar/stop?therapist={colleague.public_id}")
    assert client.get(f"/calendar/{secret}.ics").status_code == 404
