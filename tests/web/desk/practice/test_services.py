"""Services as the owner sets them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.colours import ServiceColour
from telehealth.domain.words import Approval, LateChange, ServiceKind, WhenOneCancels
from telehealth.models import Policy, Service
from telehealth.queries.practice.practices import list_services, list_therapists
from tests.factories import Office, make_office, make_practice, make_service, make_therapist, make_user
from tests.factories.users import PASSWORD
from tests.moments import NOW
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, sign_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def form(owner: Staff, path: str, **given: Any) -> dict[str, Any]:
    """The page's form as it stands, with some fields changed."""
    return {**filled_in(owner.get(path).text), **given}


def service_of(office: Office) -> Service:
    db.session.expire_all()
    return db.session.get_one(Service, office.service.id)


def added(office: Office) -> Service:
    return list_services(office.practice.id)[-1]


def test_services_in_words(owner: Staff) -> None:
    words = owner.read("/desk/services")
    assert "Individual session Individual, 50 minutes, video, in person and phone." in words
    assert "Given by Dana Rivera" in words
    assert "You can move or cancel it online until it starts." in words


def test_a_practice_without_services_is_told_what_to_do(app: Flask, client: FlaskClient) -> None:
    words = sign_in(app, make_user(make_practice(), password=PASSWORD)).read("/desk/services")
    assert "Without a service nothing can be booked." in words


def test_a_service_is_added_with_everything(owner: Staff, office: Office) -> None:
    colleague = make_therapist(office.practice, name="Sam Okafor")
    given = form(
        owner, "/desk/services/new", name="Group for sleep", kind="family", capacity="8", opened_by_staff="y",
        duration_minutes="90", step_minutes="30", buffer_before_minutes="0", buffer_after_minutes="15",
        notice_minutes="2", notice_minutes_unit="days", horizon_days="366", when_one_cancels="goes_on",
        load_percent="150", approval="new_clients", approval_minutes="36", approval_minutes_unit="hours",
        room_kind="group room", therapists_needed="2", modes=["in_person"], therapists=[colleague.public_id],
        description="Six evenings.",
    )  # fmt: skip
    words = owner.send("/desk/services/new", given)
    assert "Added: Group for sleep. Now look at its terms for cancelling." in words
    assert "Version 1, since Monday, November 23, 2026." in words
    service = added(office)
    assert (service.kind, service.capacity, service.opened_by_staff) == (ServiceKind.FAMILY, 8, False)
    assert (service.duration_minutes, service.step_minutes, service.buffer_after_minutes) == (90, 30, 15)
    assert (service.notice_minutes, service.approval_minutes, service.horizon_days) == (2880, 2160, 366)
    assert (service.approval, service.when_one_cancels) == (Approval.NEW_CLIENTS, WhenOneCancels.GOES_ON)
    assert (service.room_kind, service.therapists_needed, service.load_percent) == ("group room", 2, 150)
    assert list_therapists(office.practice.id, service_id=service.id) == [colleague]
    listed = owner.read("/desk/services")
    assert "8 people at most. Two therapists together. Needs a yes for new clients." in listed
    assert "a room of the kind “group room”" in listed


def test_a_group_is_opened_by_staff_and_its_seats_need_no_yes(owner: Staff, office: Office) -> None:
    page = "/desk/services/new"
    given = form(owner, page, name="Sleep", kind="group", capacity="8", opened_by_staff="y", approval="always")
    assert owner.post(page, given).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    owner.send(page, {**given, "approval": "never"})
    service = added(office)
    assert (service.kind, service.capacity, service.opened_by_staff) == (ServiceKind.GROUP, 8, True)
    assert "8 seats. Staff open the groups." in owner.read("/desk/services")


def test_a_new_service_starts_with_what_most_want(owner: Staff, office: Office) -> None:
    owner.post("/desk/services/new", form(owner, "/desk/services/new", name="A talk"))
    service = added(office)
    assert (service.duration_minutes, service.notice_minutes, service.horizon_days) == (50, 720, 60)
    assert service.policy is not None
    assert service.policy.window_minutes == 1440
    assert list_therapists(office.practice.id, service_id=service.id) == [office.therapist]


def test_a_service_is_changed_and_the_form_knows_how_it_is(owner: Staff, office: Office) -> None:
    path = f"/desk/services/{office.service.public_id}/change"
    given = form(owner, path)
    assert set(given["modes"]) == {"virtual", "in_person", "phone"}
    assert given["therapists"] == [office.therapist.public_id]
    words = owner.send(path, {**given, "kind": "couple", "capacity": "2", "approval": "always", "therapists": []})
    assert "Saved: Individual session. Appointments that are booked already stay as they are." in words
    assert "2 people at most. Needs a yes." in words
    assert "Nobody yet, so it cannot be booked" in words
    service = service_of(office)
    assert (service.kind, service.step_minutes, service.notice_minutes) == (ServiceKind.COUPLE, 30, 0)


def test_only_groups_are_opened_by_staff(owner: Staff, office: Office) -> None:
    path = f"/desk/services/{office.service.public_id}/change"
    owner.post(path, form(owner, path, opened_by_staff="y"))
    assert not service_of(office).opened_by_staff
    owner.post(path, form(owner, path, opened_by_staff="y", kind="group", capacity="6"))
    assert service_of(office).opened_by_staff
    assert filled_in(owner.get(path).text)["opened_by_staff"] == ["y"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Please name the service."),
        ({"duration_minutes": "long"}, "Please enter a whole number."),
        ({"duration_minutes": "0"}, "at least one minute"),
        ({"duration_minutes": "long", "capacity": "0"}, "Please choose from 1 to 100 people."),
        ({"horizon_days": "400"}, "Please choose from 1 to 366 days."),
        ({"capacity": "0"}, "Please choose from 1 to 100 people."),
        ({"kind": "couple"}, "Couples, families and groups need room for at least two people."),
        ({"kind": "dance"}, "Please choose what it is."),
        ({"notice_minutes": "some"}, "Please enter a whole number."),
        ({"notice_minutes_unit": "years"}, "choose minutes, hours or days"),
        ({"notice_minutes": "-1"}, "choose minutes, hours or days"),
        ({"approval_minutes": "1", "approval_minutes_unit": "minutes"}, "from 15 minutes to 14 days"),
        ({"modes": []}, "Please choose at least one way to meet."),
        ({"approval": "maybe"}, "Please choose one."),
    ],
)
def test_a_service_that_cannot_be_is_explained_and_kept(
    owner: Staff, office: Office, wrong: dict[str, Any], sentence: str
) -> None:
    for path in ("/desk/services/new", f"/desk/services/{office.service.public_id}/change"):
        answer = owner.post(path, {**form(owner, path, name="A walk", description="In the park"), **wrong})
        assert answer.status_code == 422, wrong
        assert sentence in words_of(answer)
        assert "In the park" in answer.text
    assert len(list_services(office.practice.id)) == 1
    assert service_of(office).name == "Individual session"


def test_changed_terms_are_a_new_version(owner: Staff, office: Office) -> None:
    path = f"/desk/services/{office.service.public_id}/terms"
    assert "No terms were ever set." in owner.read(path)
    given = {"window_minutes": "48", "window_minutes_unit": "hours", "when_late": "call", "terms": "Half the fee."}
    words = owner.send(path, given)
    assert "earlier appointments keep their terms" in words
    assert "until 48 hours before the start. After that, please call us. Half the fee." in words
    assert filled_in(owner.get(path).text)["window_minutes"] == ["48"]
    assert "Nothing was different" in owner.send(path, given)
    owner.send(path, {**given, "when_late": "mark"})
    policies = db.session.query(Policy).order_by(Policy.id).all()
    assert [(policy.version, policy.when_late) for policy in policies] == [(1, LateChange.CALL), (2, LateChange.MARK)]
    assert "Version 2, since" in owner.read(path)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"window_minutes": "15", "window_minutes_unit": "days"}, "between none and 14 days"),
        ({"window_minutes": ""}, "Please enter a whole number."),
        ({"when_late": "shrug"}, "Please choose one."),
        ({"terms": "x" * 601}, "please use at most 600"),
    ],
)
def test_terms_that_cannot_be_are_explained_and_kept(
    owner: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    given = {"window_minutes": "24", "window_minutes_unit": "hours", "when_late": "call", "terms": "Our own words."}
    answer = owner.post(f"/desk/services/{office.service.public_id}/terms", {**given, **wrong})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert wrong.get("terms", "Our own words.") in answer.text
    assert db.session.query(Policy).count() == 0


def test_a_service_is_closed_and_opened_again(owner: Staff, office: Office) -> None:
    address = f"/desk/services/{office.service.public_id}"
    words = owner.send(f"{address}/end")
    assert "Individual session is closed. What is booked stays" in words
    assert "Open again Individual session" in words
    assert "Individual session can be booked again." in owner.send(f"{address}/reopen")
    assert service_of(office).ended_at is None


def test_services_of_another_practice_are_not_found(app: Flask, office: Office) -> None:
    stranger = as_owner(app, make_office())
    address = f"/desk/services/{office.service.public_id}"
    for path in (f"{address}/change", f"{address}/terms"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path).status_code == 404
    for path in (f"{address}/end", f"{address}/reopen"):
        assert stranger.post(path).status_code == 404


def test_who_may_book_it_is_chosen_and_said(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    owner.send(change, form(owner, change, open_to="known_clients"))
    assert service_of(office).open_to == OpenTo.KNOWN_CLIENTS
    assert "For clients you know: you look at each request." in owner.read("/desk/services")
    assert "Who may book it: from Everybody → to Clients you know: you look at each request first" in owner.read(
        "/desk/changes"
    )


def test_what_is_on_no_list_has_a_link_that_can_be_renewed(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    owner.send(change, form(owner, change, open_to="link"))
    word = service_of(office).link_word
    assert word is not None
    assert f"/{office.practice.slug}/book?service={word}" in owner.get("/desk/services").text
    page = words_of(owner.post(f"/desk/services/{office.service.public_id}/link", follow_redirects=True))
    assert "Individual session has a new link. The one before does not work any more." in page
    assert service_of(office).link_word not in {None, word}
    changes = owner.get("/desk/changes").text
    assert "A new address; the one before it stopped working." in changes
    assert word not in changes


def test_a_service_that_everybody_may_book_has_no_link(owner: Staff, office: Office) -> None:
    page = words_of(owner.post(f"/desk/services/{office.service.public_id}/link", follow_redirects=True))
    assert "Only a service that is booked by its link has one." in page
    assert service_of(office).link_word is None


def test_a_group_is_for_all_who_find_it(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    answer = owner.post(change, form(owner, change, kind="group", capacity="5", open_to="new_clients"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Seats in a group are booked at once, so nobody can look first." in words_of(answer)


def test_what_it_costs_is_typed_and_read(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    blank = filled_in(owner.get(change).text)
    assert (blank["price_currency"], blank["price_shown"]) == (["USD"], ["y"])
    given = form(owner, change, price="12.5", price_currency="kwd", price_shown="", fee_note="Sliding scale; ask us.")
    owner.send(change, given)
    service = service_of(office)
    assert (service.price_minor, service.price_currency, service.price_shown) == (12_500, "KWD", False)
    assert "Fee KWD 12.500. Sliding scale; ask us. (clients do not read the number)" in owner.read("/desk/services")
    assert "Fee: from nothing → to 12.500 KWD" in owner.read("/desk/changes")
    again = filled_in(owner.get(change).text)
    assert (again["price"], again["price_currency"]) == (["12.500"], ["KWD"])
    assert filled_in(owner.get("/desk/services/new").text)["price_currency"] == ["KWD"]
    owner.send(change, {**again, "price": ""})
    assert service_of(office).price is None


def test_a_price_that_is_none_comes_back_as_typed(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    answer = owner.post(change, form(owner, change, price="1,500", price_currency="usd", name=""))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please write a number like 150.00, without a sign and without commas." in words_of(answer)
    assert filled_in(answer.text)["price"] == ["1,500"]


def test_the_practice_has_usual_terms_that_services_follow(owner: Staff, office: Office) -> None:
    path, usual = f"/desk/services/{office.service.public_id}/terms", "/desk/practice/terms"
    assert "You can move or cancel it online until 24 hours before the start." in owner.read(usual)
    given = {"window_minutes": "48", "window_minutes_unit": "hours", "when_late": "call", "terms": "Half the fee."}
    assert "Saved. They hold for what is booked from now on" in owner.send(usual, given)
    assert "No terms were ever set." in owner.read(path)
    words = owner.send(f"{path}/practice")
    assert "They are the usual terms of the practice , and change with them." in words
    assert "until 48 hours before the start. After that, please call us. Half the fee." in words
    assert "Saved." in owner.send(path, given), "the same, and its own from now on"
    assert "Use these instead" in owner.read(path)
    assert "The usual terms of the practice: from yes → to no" in owner.read("/desk/changes")
    wrong = owner.post(usual, {**given, "terms": "x" * 601})
    assert (wrong.status_code, "please use at most 600" in wrong.text) == (422, True)


def test_only_owners_set_usual_terms(app: Flask, office: Office) -> None:
    front_desk = as_front_desk(app, office)
    assert front_desk.get("/desk/practice/terms").status_code == 403
    assert front_desk.post("/desk/practice/terms").status_code == 403


class TestOrder:
    """Up and down, here and on the practice's page."""

    @pytest.fixture
    def three(self, office: Office) -> list[Service]:
        """Behind each other as they were made: nobody has ever said an order."""
        return [office.service, *(make_service(office.practice, name=each) for each in ("Second", "Third"))]

    def names(self, office: Office) -> list[str]:
        db.session.expire_all()
        return [each.name for each in list_services(office.practice.id)]

    @pytest.mark.parametrize(
        ("which", "way", "after"),
        [
            (2, "up", ["Individual session", "Third", "Second"]),
            (0, "down", ["Second", "Individual session", "Third"]),
            (0, "up", ["Individual session", "Second", "Third"]),
            (2, "down", ["Individual session", "Second", "Third"]),
        ],
    )
    def test_a_place(
        self, owner: Staff, office: Office, three: list[Service], which: int, way: str, after: list[str]
    ) -> None:
        page = owner.send(f"/desk/services/{three[which].public_id}/{way}")
        place = after.index(["Individual session", "Second", "Third"][which]) + 1
        assert f"stands in place {place} now." in page
        assert self.names(office) == after
        read = words_of(owner.get(f"/{office.practice.slug}"))
        assert sorted(after, key=read.index) == after
        is_changed = after != ["Individual session", "Second", "Third"]
        assert (f"Place in the list: from {which + 1} → to {place}" in owner.read("/desk/changes")) is is_changed

    def test_the_ends_have_one_way_only(self, owner: Staff, three: list[Service]) -> None:
        page = owner.get("/desk/services").text
        ways = [each for each in (f"{one.public_id}/{way}" for one in three for way in ("up", "down")) if each in page]
        first, second, third = (each.public_id for each in three)
        assert ways == [f"{first}/down", f"{second}/up", f"{second}/down", f"{third}/up"]

    def test_what_is_closed_or_elsewhere_has_no_place(self, owner: Staff, office: Office) -> None:
        closed, elsewhere = make_service(office.practice, ended_at=NOW), make_office().service
        for each in (closed, elsewhere):
            assert owner.post(f"/desk/services/{each.public_id}/up").status_code == HTTPStatus.NOT_FOUND
        assert owner.post(f"/desk/services/{office.service.public_id}/sideways").status_code == HTTPStatus.NOT_FOUND


def test_a_colour_of_its_own_or_one_that_is_chosen(owner: Staff, office: Office) -> None:
    change = f"/desk/services/{office.service.public_id}/change"
    assert "In the schedule Chosen for you" in owner.read("/desk/services")
    owner.send(change, form(owner, change, colour="wine"))
    assert service_of(office).colour == ServiceColour.WINE
    page = owner.get("/desk/services").text
    assert '<span class="swatch tone-6">Wine</span>' in page
    assert "Colour in the schedule: from chosen for you → to wine" in owner.read("/desk/changes")
    answer = owner.post(change, form(owner, change, colour="puce"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    owner.send(change, form(owner, change, colour=""))
    assert service_of(office).colour is None


def test_other_lengths_are_typed_with_commas(owner: Staff, office: Office) -> None:
    path = f"/desk/services/{office.service.public_id}/change"
    wrong = owner.post(path, form(owner, path, other_lengths="45, an hour"))
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Please write whole minutes with commas between them: 45, 60, 80." in words_of(wrong)
    assert filled_in(wrong.text)["other_lengths"] == ["45, an hour"]
    owner.send(path, form(owner, path, other_lengths="80, 45 and 60"))
    assert service_of(office).other_lengths == [45, 60, 80]
    assert form(owner, path)["other_lengths"] == ["45, 60, 80"]
    assert "Individual, 50 minutes or 45, 60 and 80, video" in owner.read("/desk/services")
    assert "Other lengths" in owner.read("/desk/changes")
