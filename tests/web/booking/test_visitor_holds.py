"""The chosen time is kept while somebody types: until when, how to keep it longer, and what happens afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from telehealth.domain.errors import SlotTaken
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Hold
from tests.factories import Office, book, hold, make_contact, make_office, make_therapist
from tests.fakes import FakeClock
from tests.moments import at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor, form_of, problem_of, slots_of

TEN, ELEVEN = at(10), at(11)
HOLD, ONE_MINUTE = timedelta(minutes=10), timedelta(minutes=1)
OVER = "This time is no longer kept for you. Nothing you typed is lost"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


@pytest.fixture
def stranger(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client.application.test_client(), office)


def slot_at(office: Office, instant: Any = TEN) -> str:
    return f"{instant:%Y%m%dT%H%MZ}.{office.therapist.public_id}"


def holds(database: Any, clock: FakeClock) -> list[Hold]:
    database.rollback()
    return list(database.scalars(select(Hold).where(Hold.expires_at > clock.instant)))


def booked(database: Any) -> int:
    database.rollback()
    count: int = database.scalar(
        select(func.count()).select_from(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
    )
    return count


def confirmed(answer: TestResponse) -> bool:
    return answer.status_code == 303 and "/m/" in answer.location


def test_choosing_a_time_keeps_it_and_says_until_when(visitor: Visitor, office: Office) -> None:
    answer = visitor.choose(slot_at(office))
    assert answer.status_code == 303
    assert f"slot={slot_at(office)}" in answer.location
    page = visitor.follow(answer)
    assert "Kept for you until 9:10 AM MST ." in words_of(page)
    assert 'data-kept-until="2026-11-23T16:10:00+00:00"' in page.text
    assert 'data-now="2026-11-23T16:00:00+00:00"' in page.text


def test_the_time_it_is_kept_until_is_in_the_clients_zone(visitor: Visitor, office: Office) -> None:
    page = visitor.details(slot_at(office), tz="America/New_York")
    assert "Kept for you until 11:10 AM EST ." in words_of(page)


def test_nobody_else_is_offered_it_or_can_take_it(visitor: Visitor, stranger: Visitor, office: Office) -> None:
    visitor.details(slot_at(office))
    assert slot_at(office) not in slots_of(stranger.times())
    assert slot_at(office) in slots_of(visitor.times()), "it is no obstacle to whoever it is kept for"
    refused = stranger.choose(slot_at(office))
    assert refused.status_code == 409
    assert "That time has just been taken" in problem_of(refused)
    with pytest.raises(SlotTaken):
        book(office, TEN)


def test_reload_keeps_one_and_not_two(visitor: Visitor, office: Office, database: Any, clock: FakeClock) -> None:
    page = visitor.details(slot_at(office))
    again = visitor.browser.get(page.request.full_path)
    assert "Kept for you until 9:10 AM MST" in words_of(again)
    assert len(holds(database, clock)) == 1


def test_another_time_lets_go_of_the_first_also_after_going_back(
    visitor: Visitor, stranger: Visitor, office: Office, database: Any, clock: FakeClock
) -> None:
    visitor.details(slot_at(office))
    visitor.details(slot_at(office, ELEVEN))
    (hold,) = holds(database, clock)
    assert hold.starts_at == ELEVEN
    assert slot_at(office) in slots_of(stranger.times())


def test_booking_uses_it_up(visitor: Visitor, office: Office, database: Any, clock: FakeClock) -> None:
    review = visitor.send(visitor.details(slot_at(office)), "Review", **TYPED)
    assert "Kept for you until 9:10 AM MST" in words_of(review)
    assert confirmed(visitor.send(review, "Confirm appointment"))
    assert holds(database, clock) == []
    assert booked(database) == 1


def test_keeping_it_longer_keeps_what_was_typed(visitor: Visitor, office: Office, clock: FakeClock) -> None:
    details = visitor.details(slot_at(office))
    clock.advance(HOLD - ONE_MINUTE)
    longer = visitor.send(details, "Keep it longer", name="Jane", email="jane@", wants_texts="y")
    assert longer.status_code == 200
    assert "Kept for you until 9:19 AM MST" in words_of(longer)
    fields = form_of(longer).fields
    assert (fields["name"], fields["email"], fields["wants_texts"]) == ("Jane", "jane@", "y")


def test_the_review_can_be_kept_longer_too(visitor: Visitor, office: Office, clock: FakeClock) -> None:
    review = visitor.send(visitor.details(slot_at(office)), "Review", **TYPED)
    clock.advance(ONE_MINUTE)
    longer = visitor.send(review, "Keep it longer")
    assert "Is everything right?" in words_of(longer)
    assert "Kept for you until 9:11 AM MST" in words_of(longer)
    assert confirmed(visitor.send(longer, "Confirm appointment"))


def test_after_two_times_longer_it_is_said_once_more_and_nothing_breaks(
    visitor: Visitor, office: Office, clock: FakeClock
) -> None:
    page = visitor.details(slot_at(office))
    for _ in range(3):
        clock.advance(HOLD - ONE_MINUTE)
        page = visitor.send(page, "Keep it", **TYPED)
    assert "Kept for you until 9:28 AM MST" in words_of(page)
    assert ">Keep it longer</button>" not in page.text
    clock.advance(ONE_MINUTE)
    over = visitor.send(page, "Review")
    assert OVER in words_of(over)
    # Somebody who needs longer than that simply keeps it again, while nobody else wants it (WCAG 2.2.1).
    again = visitor.send(over, "Keep it again")
    assert "Kept for you until 9:38 AM MST" in words_of(again)


def test_when_it_has_run_out_the_page_says_so_and_booking_goes_on(
    visitor: Visitor, office: Office, clock: FakeClock, database: Any
) -> None:
    details = visitor.details(slot_at(office))
    clock.advance(HOLD)
    review = visitor.send(details, "Review", **TYPED)
    assert OVER in words_of(review)
    assert "Jane Doe" in words_of(review)
    assert confirmed(visitor.send(review, "Confirm appointment"))
    assert booked(database) == 1


def test_kept_again_after_it_ran_out(visitor: Visitor, stranger: Visitor, office: Office, clock: FakeClock) -> None:
    details = visitor.details(slot_at(office))
    clock.advance(HOLD)
    over = visitor.browser.get(details.request.full_path)
    again = visitor.send(over, "Keep it again", name="Jane Doe")
    assert "Kept for you until 9:20 AM MST" in words_of(again)
    assert form_of(again).fields["name"] == "Jane Doe"
    assert slot_at(office) not in slots_of(stranger.times())


def test_kept_again_too_late_leads_to_other_times_with_what_was_typed(
    visitor: Visitor, office: Office, clock: FakeClock
) -> None:
    details = visitor.details(slot_at(office))
    clock.advance(HOLD)
    book(office, TEN, contact=make_contact(), now=clock.instant)
    answer = visitor.send(details, "Keep it longer", name="Jane Doe")
    assert answer.status_code == 409
    assert "That time has just been taken" in problem_of(answer)
    assert form_of(answer).fields["name"] == "Jane Doe"


def test_while_it_is_kept_the_notice_does_not_run_out(client: FlaskClient, clock: FakeClock, database: Any) -> None:
    office = make_office(service={"notice_minutes": 60})
    visitor = Visitor(client, office)
    soon = at(10, days=0)  # Today at ten: one hour from now, the shortest notice there is.
    details = visitor.details(slot_at(office, soon))
    clock.advance(timedelta(minutes=5))
    review = visitor.send(details, "Review", **TYPED)
    assert confirmed(visitor.send(review, "Confirm appointment"))
    assert booked(database) == 1


@pytest.mark.parametrize("hold", ["", "x", "a\0b", "0" * 3_000, "../../etc"])
def test_a_hold_that_does_not_exist_changes_nothing(visitor: Visitor, office: Office, hold: str) -> None:
    answer = visitor.times(slot=slot_at(office), hold=hold)
    assert answer.status_code == 200
    review = visitor.send(answer, "Review", **TYPED)
    assert confirmed(visitor.send(review, "Confirm appointment"))


def test_somebody_elses_hold_in_an_address_books_nothing_of_theirs(
    visitor: Visitor, stranger: Visitor, office: Office, database: Any, clock: FakeClock
) -> None:
    theirs = visitor.choose(slot_at(office)).location
    answer = stranger.browser.get(theirs)
    assert answer.status_code == 409
    assert len(holds(database, clock)) == 1


def test_the_first_available_keeps_somebody_and_says_whom(visitor: Visitor, office: Office) -> None:
    sam = make_therapist(office.practice, office.service, name="Sam Okafor")
    book(office, TEN)
    slot = slot_at(office).replace(office.therapist.public_id, sam.public_id)
    page = visitor.details(slot, therapist="any")
    assert "With Sam Okafor" in words_of(page)


class TestManyPeopleBehindOneConnection:
    """A school, a clinic, a waiting room."""

    @pytest.fixture(autouse=True)
    def crowd(self, office: Office) -> None:
        for hour in range(9, 17):
            hold(office, at(hour, days=2), network="127.0.0.1")

    def test_whoever_comes_last_still_books(self, visitor: Visitor, office: Office, database: Any) -> None:
        page = visitor.choose(slot_at(office))
        assert page.status_code == 200
        assert "so we could not keep this one while you type. Nothing is lost" in problem_of(page)
        assert "Kept for you" not in words_of(page)
        review = visitor.send(page, "Review", **TYPED)
        assert "no longer kept" not in words_of(review)
        assert confirmed(visitor.send(review, "Confirm appointment"))
        assert booked(database) == 1

    def test_a_time_that_is_gone_is_not_promised(self, visitor: Visitor, office: Office) -> None:
        book(office, TEN)
        refused = visitor.choose(slot_at(office))
        assert refused.status_code == 409
        assert "That time has just been taken" in problem_of(refused)

    def test_what_was_typed_stays(self, visitor: Visitor, office: Office) -> None:
        other_times = visitor.send(visitor.choose(slot_at(office)), "Choose another time", **TYPED)
        form = form_of(other_times)
        again = visitor.browser.post(form.action, data={**form.fields, "slot": slot_at(office, ELEVEN)})
        assert "so we could not keep this one" in problem_of(again)
        assert form_of(again).fields["email"] == TYPED["email"]

    def test_when_it_ran_out_it_is_not_kept_again_and_the_form_goes_on(
        self, stranger: Visitor, office: Office, clock: FakeClock, database: Any
    ) -> None:
        clock.advance(HOLD)
        details = stranger.details(slot_at(office))
        clock.advance(HOLD)
        for hour in range(9, 17):
            hold(office, at(hour, days=2), network="127.0.0.1", now=clock())
        longer = stranger.send(details, "Keep it", **TYPED)
        assert "so we could not keep this one" in problem_of(longer)
        assert confirmed(stranger.send(stranger.send(longer, "Review"), "Confirm appointment"))


def test_a_form_without_its_token_keeps_the_time(visitor: Visitor, office: Office) -> None:
    details = visitor.details(slot_at(office))
    again = visitor.send(details, "Review", **TYPED, csrf_token="stale")
    assert "Nothing you typed was lost." in problem_of(again)
    assert "Kept for you until" in words_of(again)
    assert confirmed(visitor.send(visitor.send(again, "Review"), "Confirm appointment"))
