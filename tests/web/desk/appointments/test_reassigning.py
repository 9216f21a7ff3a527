"""Somebody is ill: who takes over, in one click."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Therapist, TimeOff
from tests.factories import Office, book, cancel, make_group_office, make_office, make_therapist
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, filled_in, words_of

TOMORROW = "2026-11-24"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def ask(office: Office, first: str = TOMORROW, last: str = "") -> str:
    return f"/desk/reassign?therapist={office.therapist.public_id}&first_day={first}&last_day={last}"


def send(front_desk: Staff, office: Office, chosen: dict[str, Any]) -> str:
    answer = front_desk.post(f"/desk/reassign?therapist={office.therapist.public_id}", chosen)
    assert answer.status_code == 200, words_of(answer)
    return words_of(answer)


def again(appointment: Appointment) -> Appointment:
    return db.session.get_one(Appointment, appointment.id, populate_existing=True)


def test_the_form_starts_with_today(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(f"/desk/reassign?therapist={office.therapist.public_id}")
    assert filled_in(page.text)["first_day"] == ["2026-11-23"]
    assert "Who could take what" not in words_of(page)


def test_each_appointment_with_who_could_take_it(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    made = book(office, at(10))
    blocked = book(office, at(14))
    book(office, at(14), therapist=colleague.public_id)
    cancel(book(office, at(12)))
    book(office, at(9, days=2))
    page = front_desk.get(ask(office))
    words = words_of(page)
    assert "2 appointments of Dana Rivera, Tue, Nov 24, 2026." in words
    assert "For 1 of them nobody is free." in words
    assert "Sam Okafor" in words
    assert "Nobody can take it." in words
    chosen = filled_in(page.text)
    assert chosen[f"to-{made.public_id}"] == [colleague.public_id]
    assert chosen[f"to-{blocked.public_id}"] == ["leave"]


def test_one_click_does_everything_and_says_so(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    taken, off, left = book(office, at(10)), book(office, at(12)), book(office, at(14))
    form = filled_in(front_desk.get(ask(office)).text)
    words = send(
        front_desk,
        office,
        {**form, f"to-{off.public_id}": "cancel", f"to-{left.public_id}": "leave"},
    )
    assert "Sam Okafor takes it. Everybody is told." in words
    assert "Cancelled" in words
    assert "It still stands, and nobody was told." in words
    assert again(taken).therapist_id == colleague.id
    assert again(off).status == AppointmentStatus.CANCELLED
    assert again(left).therapist_id == office.therapist.id


def test_what_is_not_free_any_more_is_said(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    made = book(office, at(10))
    form = filled_in(front_desk.get(ask(office)).text)
    book(office, at(10), therapist=colleague.public_id)
    words = send(front_desk, office, form)
    assert "1 appointment could not be changed" in words
    assert "This colleague is no longer free then" in words
    assert again(made).therapist_id == office.therapist.id
    assert "somebody else by now" in send(
        front_desk, office, {f"to-{book(office, at(11), therapist=colleague.public_id).public_id}": colleague.public_id}
    )


def test_nothing_to_hand_over(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    assert "Dana Rivera has no appointments ahead on these days." in front_desk.read(ask(office))
    assert "Nothing was chosen" in send(front_desk, office, {})


def test_nobody_else_gives_the_service(front_desk: Staff, office: Office) -> None:
    book(office, at(10))
    assert "Nobody else gives this service." in front_desk.read(ask(office))


def test_a_range_of_days(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    book(office, at(10))
    book(office, at(9, days=2))
    words = front_desk.read(ask(office, last="2026-11-25"))
    assert "2 appointments of Dana Rivera, Tue, Nov 24, 2026 to Wed, Nov 25, 2026." in words
    assert "Somebody could take each of them." in words


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("soon", "", "Please choose the first day."),
        (TOMORROW, "2026-11-23", "from the first one on"),
        (TOMORROW, "2027-11-23", "at most two months later"),
        ("9999-12-31", "9999-12-31", "Please check the year of this date."),
    ],
)
def test_days_that_cannot_be(front_desk: Staff, office: Office, first: str, last: str, sentence: str) -> None:
    answer = front_desk.get(ask(office, first, last))
    assert answer.status_code == 422
    assert sentence in words_of(answer)


def test_appointments_of_another_practice_are_not_found(front_desk: Staff, office: Office) -> None:
    stranger = book(make_office())
    address = f"/desk/reassign?therapist={office.therapist.public_id}"
    assert front_desk.post(address, {f"to-{stranger.public_id}": "cancel"}).status_code == 404
    assert front_desk.post(address, {"to-a b": "cancel"}).status_code == 404
    assert front_desk.post(address, {f"to-{stranger.public_id}": "a b"}).status_code == 404


def test_a_table_says_who_could_and_why_not_the_others(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    book(office, at(10))
    book(office, at(14))
    book(office, at(14), therapist=colleague.public_id)
    make_therapist(office.practice, location=office.location, name="Ari Bell")
    words = front_desk.read(ask(office))
    assert "Appointment Sam Okafor Ari Bell Or" in words, "whoever could take most comes first"
    assert "Free Sam Okafor takes" in words
    assert "Sam Okafor Not free" in words
    assert "Ari Bell Not their service" in words


def test_clients_are_asked_to_choose_another_time_and_the_days_are_kept_free(front_desk: Staff, office: Office) -> None:
    first, second = book(office, at(10)), book(office, at(14))
    address = f"{ask(office)}&choose=ask"
    form = filled_in(front_desk.get(address).text)
    assert [form[f"to-{each.public_id}"] for each in (first, second)] == [["ask"], ["ask"]]
    words = send(front_desk, office, form)
    assert "They are asked to choose another time in 3 minutes." in words
    assert "Nothing new is booked with Dana Rivera on these days." in words
    assert all(again(each).is_asked_to_move for each in (first, second))
    (off,) = db.session.scalars(select(TimeOff)).all()
    assert (off.starts_local, off.ends_local) == (datetime(2026, 11, 24), datetime(2026, 11, 25))
    page = front_desk.get(ask(office))
    assert "Book nothing new with" not in words_of(page), "they are away already"
    assert "ask" not in filled_in(page.text)[f"to-{first.public_id}"]
    send(front_desk, office, {**form, f"to-{second.public_id}": "leave"})
    assert len(db.session.scalars(select(TimeOff)).all()) == 1


@pytest.mark.parametrize("choose", ["cancel", "leave", "best", "nonsense"])
def test_all_at_once(front_desk: Staff, office: Office, colleague: Therapist, choose: str) -> None:
    made = book(office, at(10))
    form = filled_in(front_desk.get(f"{ask(office)}&choose={choose}").text)
    wanted = {"best": colleague.public_id, "nonsense": "leave"}.get(choose, choose)
    assert form[f"to-{made.public_id}"] == [wanted]


def test_a_group_cannot_be_asked(app: Flask, client: FlaskClient) -> None:
    group = make_group_office()
    made = book(group, at(10, days=8))
    page = as_front_desk(app, group).get(ask(group, "2026-12-01") + "&choose=ask")
    assert filled_in(page.text)[f"to-{made.public_id}"] == ["leave"]
    assert "Ask to choose another time" not in words_of(page)
    words = send(as_front_desk(app, group), group, {f"to-{made.public_id}": "ask"})
    assert "A group meets at its own times" in words
