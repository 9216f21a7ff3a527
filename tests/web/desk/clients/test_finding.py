"""Finding somebody known from within a form: with a button, while one types, and never past what was typed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.web.desk.clients.finding import MOST_FOUND
from tests.factories import Office, make_client, make_contact, make_office, make_series
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def choices(answer: Any) -> str:
    text: str = answer.text.partition('id="found-1"')[2].partition("</div>")[0]
    return text


def address(office: Office, form: str) -> str:
    if form == "series":
        return "/desk/series/preview"
    if form == "waitlist":
        return "/desk/waitlist/new"
    return f"/desk/series/{make_series(office, contacts=[make_contact()]).public_id}/members/new"


@pytest.mark.parametrize("form", ["series", "waitlist", "member"])
def test_the_button_shows_whom_to_choose_from_and_keeps_what_was_typed(
    front_desk: Staff, office: Office, form: str
) -> None:
    jose = make_client(office.practice, name="José García", phone="+13035550101")
    typed = {"service": office.service.public_id, "find-1": "jose 0101", "name-1": "Somebody", "look": "1"}
    answer = front_desk.post(address(office, form), typed)
    assert f'value="{jose.public_id}"' in choices(answer)
    assert "(303) 555-0101" in choices(answer)
    assert 'value="Somebody"' in answer.text
    assert "Please check" not in words_of(answer)


def test_a_search_that_was_not_answered_is_never_passed_over(front_desk: Staff, office: Office) -> None:
    make_client(office.practice, name="José García")
    typed = {"service": office.service.public_id, "find-1": "jose"}
    assert "José García" in choices(front_desk.post("/desk/series/preview", typed))
    answered = front_desk.post("/desk/series/preview", {**typed, "looked-1": "jose"})
    assert answered.status_code == 422


def test_whoever_was_chosen_stays_among_the_choices(front_desk: Staff, office: Office) -> None:
    ben, jose = (make_client(office.practice, name=name) for name in ("Ben Ito", "José García"))
    answer = front_desk.get(f"/desk/clients/known?number=1&q=jose&known={ben.public_id}")
    assert f'value="{ben.public_id}" id' not in choices(answer)
    assert f'value="{ben.public_id}" checked' in choices(answer)
    assert f'value="{jose.public_id}"' in choices(answer)
    assert answer.text.count("<html") == 0


def test_the_only_one_who_is_found_is_chosen(front_desk: Staff, office: Office) -> None:
    jose, ana, another = (make_client(office.practice, name=name) for name in ("José García", "Ana Same", "Ana Other"))
    new = 'name="known-1" value="" id="known-1" checked'
    for text, chosen in (("jose", jose), ("ana", None), ("ana other", another)):
        typed = {"service": office.service.public_id, "find-1": text, "look": "1"}
        for answer in (
            front_desk.post("/desk/series/preview", typed),
            front_desk.get(f"/desk/clients/known?number=1&q={text}"),
        ):
            assert (new in choices(answer)) == (chosen is None)
            if chosen is not None:
                assert f'value="{chosen.public_id}" checked' in choices(answer)
    assert f'value="{ana.public_id}" checked' not in choices(front_desk.get("/desk/clients/known?number=1&q=ana"))


def test_whoever_was_only_found_alone_goes_with_the_next_search(front_desk: Staff, office: Office) -> None:
    jose, ben = (make_client(office.practice, name=name) for name in ("José García", "Ben Ito"))
    shown = {"service": office.service.public_id, "looked-1": "jose", "only-1": jose.public_id, "look": "1"}
    answer = front_desk.post("/desk/series/preview", {**shown, "known-1": jose.public_id, "find-1": "ben"})
    assert f'value="{ben.public_id}" checked' in choices(answer)
    assert jose.public_id not in choices(answer)
    kept = front_desk.post("/desk/series/preview", {**shown, "known-1": "", "find-1": "jose"})
    assert f'value="{jose.public_id}" checked' not in choices(kept), "they said that it is somebody new"


def test_nobody_is_booked_in_place_of_whose_name_is_typed(front_desk: Staff, office: Office) -> None:
    jose = make_client(office.practice, name="José García")
    typed = {"service": office.service.public_id, "find-1": "jose", "looked-1": "jose", "known-1": jose.public_id}
    answer = front_desk.post("/desk/series/preview", {**typed, "name-1": "Josefa New"})
    assert answer.status_code == 422
    assert "José García is chosen, and another name is typed." in words_of(answer)
    same = front_desk.post("/desk/series/preview", {**typed, "name-1": "jose garcia"})
    assert "another name is typed" not in words_of(same)


def test_a_search_finds_a_few_of_many(front_desk: Staff, office: Office) -> None:
    for _ in range(MOST_FOUND + 1):
        make_client(office.practice, name="Ana Same")
    answer = front_desk.get("/desk/clients/known?number=1&q=same")
    assert choices(answer).count('type="radio"') == MOST_FOUND + 1
    assert "Nobody of that name" in front_desk.get("/desk/clients/known?number=1&q=zzz").text


def test_a_therapist_finds_their_own_and_nobody_another_practices(app: Flask, office: Office) -> None:
    make_client(office.practice, name="José García")
    assert "José" not in as_therapist(app, office).get("/desk/clients/known?number=1&q=jose").text
    assert "José" not in as_front_desk(app, make_office()).get("/desk/clients/known?number=1&q=jose").text


@pytest.mark.parametrize("number", ["", "0", "13", "x"])
def test_there_is_no_such_block(front_desk: Staff, number: str) -> None:
    assert front_desk.get(f"/desk/clients/known?number={number}&q=a").status_code == 404
