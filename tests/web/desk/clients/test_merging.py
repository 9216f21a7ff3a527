"""Two records of one client at the desk: found, laid side by side, made into one, and parted again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.models import Client
from tests.factories import Office, book, make_client, make_contact, make_couple_office, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import Staff, as_front_desk, as_therapist

PHONE = "+13035550142"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def pair(office: Office) -> list[Client]:
    made = [
        make_client(office.practice, name=name, email=f"{name[:3]}@example.com", phone=PHONE)
        for name in ("Ana Rivera", "Anna Rivera")
    ]
    book(office, at(10), contact=make_contact(name="Anna Rivera", email="Ann@example.com"))
    return made


def merge_page(kept: Client, other: Client) -> str:
    return f"/desk/clients/{kept.public_id}/merge?other={other.public_id}"


def test_the_two_are_found_compared_merged_and_parted(front_desk: Staff, pair: list[Client]) -> None:
    kept, other = pair
    page = f"/desk/clients/{kept.public_id}"
    assert "May be the same person: Anna Rivera, Ann@example.com, (303) 555-0142 Same number" in front_desk.read(page)
    assert "Ana Rivera, Ana@example.com" in front_desk.read("/desk/clients/doubles")
    assert "Anna Rivera, Ann@example.com" in front_desk.read(f"{page}/merge")
    assert "Anna Rivera, Ann@example.com" in front_desk.read(f"{page}/merge?q=anna")
    preview = front_desk.read(merge_page(kept, other))
    assert "What moves 1 appointment 3 yeses and noes to messages Links" in preview
    assert "Anna Rivera On the other record" in preview
    said = front_desk.send(f"{page}/merge", {"other": other.public_id, "name": "other"})
    assert "They are one client now." in said
    assert "Anna Rivera was merged into this record. It can be undone until Tue, Nov 24 at 9:00 AM MST." in said
    old = front_desk.get(f"/desk/clients/{other.public_id}")
    assert old.location == page
    undo = front_desk.get(page).text.partition('action="/desk/clients/merges/')[2].partition('"')[0]
    assert "They are two clients again." in front_desk.send(f"/desk/clients/merges/{undo}")
    assert "merged into this record" not in front_desk.read(page)


def test_the_day_over_nothing_is_offered_any_more(
    app: Flask, office: Office, front_desk: Staff, pair: list[Client], clock: FakeClock
) -> None:
    kept, other = pair
    page = f"/desk/clients/{kept.public_id}"
    front_desk.post(f"{page}/merge", {"other": other.public_id})
    undo = front_desk.get(page).text.partition('action="/desk/clients/merges/')[2].partition('"')[0]
    clock.advance(timedelta(days=1))
    next_day = as_front_desk(app, office)
    assert "merged into this record" not in next_day.read(page)
    assert "more than a day ago" in next_day.send(f"/desk/clients/merges/{undo}")


def test_a_couple_is_told_in_plain_words_why_not(app: Flask, client: FlaskClient) -> None:
    office = make_couple_office()
    people = [make_contact(name=each, email=f"{each}@example.com") for each in ("Ana", "Ben")]
    book(office, at(10), contact=people[0], others=(people[1],))
    staff = as_front_desk(app, office)
    kept, other = (make_client(office.practice, name=each.name, email=each.email) for each in people)
    preview = staff.read(merge_page(kept, other))
    assert "Both come to the same appointment on Tue, Nov 24 at 10:00 AM MST, so they are two people." in preview
    assert "Merge them" not in preview
    said = staff.send(f"/desk/clients/{kept.public_id}/merge", {"other": other.public_id})
    assert "Nothing was changed." in said


def test_what_is_too_long_together_is_asked_again(front_desk: Staff, pair: list[Client]) -> None:
    kept, other = pair
    for each, letter in zip(pair, "xy", strict=True):
        change(each, desk_note=letter * 1_500)
    typed = {"other": other.public_id, "desk_note": "both", "name": "other"}
    answer = front_desk.post(f"/desk/clients/{kept.public_id}/merge", typed)
    assert answer.status_code == 422
    assert "Together these are too long." in answer.text
    assert answer.text.count("checked") >= 2


@pytest.mark.parametrize("other", ["", "nobody", "x" * 36, "\0"])
def test_nobody_is_compared_with_nobody(front_desk: Staff, pair: list[Client], other: str) -> None:
    answer = front_desk.post(f"/desk/clients/{pair[0].public_id}/merge", {"other": other})
    assert answer.status_code == 404


def test_a_record_is_not_compared_with_itself(front_desk: Staff, pair: list[Client]) -> None:
    assert "This is the same record." in front_desk.read(merge_page(pair[0], pair[0]))


def test_therapists_neither_see_nor_do_it(app: Flask, office: Office, pair: list[Client]) -> None:
    staff = as_therapist(app, office)
    kept, other = pair
    for path in ("/desk/clients/doubles", merge_page(kept, other)):
        assert staff.get(path).status_code == 403
    assert staff.post(f"/desk/clients/{kept.public_id}/merge", {"other": other.public_id}).status_code == 403
    assert "Merge" not in staff.read(f"/desk/clients/{other.public_id}")


def test_no_doubles_is_said(front_desk: Staff, office: Office) -> None:
    assert "No doubles" in front_desk.read("/desk/clients/doubles")
