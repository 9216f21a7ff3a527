"""Who comes: the best match, couples and families, groups; and what is said before one confirms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.words import AppointmentStatus, Approval, LateChange, ServiceKind
from telehealth.models import Appointment, Policy, Service
from tests.factories import Office, add_licence, book, make_contact, make_office, make_therapist
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor, form_of, problem_of, read, slots_of

TEN = at(10)
ALEX = {"other-1-name": "Alex Roe", "other-1-email": "alex@example.com", "other-1-jurisdiction": "CO"}


def visit(client: FlaskClient, **given: Any) -> Visitor:
    return Visitor(client, make_office(**given))


def slot_at(office: Office, instant: Any = TEN) -> str:
    return f"{instant:%Y%m%dT%H%MZ}.{office.therapist.public_id}"


def made(database: Any) -> list[Appointment]:
    database.rollback()
    return list(database.scalars(select(Appointment).where(Appointment.status != AppointmentStatus.CANCELLED)))


def set_terms(office: Office, **given: Any) -> None:
    usual = {"version": 1, "window_minutes": 24 * 60, "when_late": LateChange.CALL, "created_at": NOW}
    policy = keep(Policy(practice_id=office.practice.id, **{**usual, **given}))
    with transaction() as session:
        session.get_one(Service, office.service.id).policy_id = policy.id


class TestBestMatch:
    @pytest.fixture
    def visitor(self, client: FlaskClient) -> Visitor:
        visitor = visit(client, therapist={"languages": ["English"], "modalities": ["CBT"]})
        office = visitor.office
        make_therapist(
            office.practice,
            office.service,
            name="Sam Okafor",
            languages=["English", "Spanish"],
            specialties=["Grief"],
        )
        return visitor

    def test_is_offered_where_therapists_say_something_about_themselves(self, visitor: Visitor) -> None:
        assert "The best match for me" in words_of(visitor.times())

    def test_is_not_offered_where_they_do_not(self, client: FlaskClient) -> None:
        visitor = visit(client)
        make_therapist(visitor.office.practice, visitor.office.service, name="Sam Okafor")
        words = words_of(visitor.times())
        assert "First available" in words
        assert "best match" not in words
        assert "Choose a time" in words_of(visitor.times(therapist="best"))

    def test_asks_what_matters(self, visitor: Visitor) -> None:
        words = words_of(visitor.times(therapist="best"))
        assert "What matters to you?" in words
        for choice in ("Any language", "Spanish", "CBT", "Grief"):
            assert choice in words

    def test_a_language_is_a_must(self, visitor: Visitor) -> None:
        times = self._answered(visitor, language="Spanish")
        words = words_of(times)
        assert "The best match: Spanish" in words
        names = {slot.rpartition(".")[2] for slot in slots_of(times)}
        assert visitor.office.therapist.public_id not in names
        assert len(names) == 1

    def test_nothing_of_it_is_in_the_address(self, visitor: Visitor) -> None:
        times = self._answered(visitor, language="Spanish", focus="Grief")
        assert "Grief" not in times.request.full_path
        assert "Spanish" not in form_of(times).action

    def test_another_therapist_starts_it_over(self, visitor: Visitor) -> None:
        times = self._answered(visitor, language="Spanish")
        asked = visitor.browser.get(read(times).links["Change therapist"])
        assert "language" not in asked.request.full_path

    def test_books_whoever_fits_best(self, visitor: Visitor, database: Any) -> None:
        times = self._answered(visitor, focus="Grief")
        form = form_of(times)
        slot = next(slot for slot in slots_of(times) if slot.startswith(f"{TEN:%Y%m%dT%H%MZ}"))
        details = visitor.follow(visitor.browser.post(form.action, data={**form.fields, "slot": slot}))
        assert "With Sam Okafor" in words_of(details)
        visitor.send(visitor.send(details, "Review", **TYPED), "Confirm appointment")
        assert made(database)[0].therapist.name == "Sam Okafor"

    def _answered(self, visitor: Visitor, **words: str) -> Any:
        """Choose from the lists as a person would, by their words."""
        page = visitor.times(therapist="best")
        form = form_of(page, "get")
        options = {text: key for key, text in _options(page.text)}
        chosen = {name: options[word] for name, word in words.items()}
        return visitor.ask(**{**form.fields, **chosen})


def _options(text: str) -> list[tuple[str, str]]:
    parts = text.split('<option value="')[1:]
    return [(part.partition('"')[0], part.partition(">")[2].partition("<")[0]) for part in parts]


class TestCompany:
    @pytest.fixture
    def couple(self, client: FlaskClient) -> Visitor:
        return visit(client, service={"kind": ServiceKind.COUPLE, "capacity": 2})

    @pytest.fixture
    def family(self, client: FlaskClient) -> Visitor:
        return visit(client, service={"kind": ServiceKind.FAMILY, "capacity": 4})

    def test_alone_nobody_is_asked_about_others(self, client: FlaskClient) -> None:
        assert "Who comes with you?" not in words_of(visit(client).details())

    def test_a_couple_is_asked_for_one(self, couple: Visitor) -> None:
        words = words_of(couple.details())
        assert "Who comes with you?" in words
        assert "decide themselves about texts" in words
        assert "Add another person" not in words

    def test_both_get_their_own_seat_and_nobody_consents_for_the_other(self, couple: Visitor, database: Any) -> None:
        review = couple.send(couple.details(), "Review", **TYPED, **ALEX, wants_texts="y")
        assert "Comes with you Name Alex Roe E-mail alex@example.com Mobile phone Not given" in words_of(review)
        answer = couple.send(review, "Confirm appointment")
        (appointment,) = made(database)
        jane, alex = appointment.attendees
        assert (jane.name, alex.name, alex.email) == ("Jane Doe", "Alex Roe", "alex@example.com")
        assert (jane.text_consent_at, alex.text_consent_at) == (NOW, None)
        page = couple.browser.get(answer.location)
        assert "alex" not in page.text.lower()

    def test_nobody_has_to_come_along(self, couple: Visitor, database: Any) -> None:
        couple.send(couple.send(couple.details(), "Review", **TYPED), "Confirm appointment")
        assert len(made(database)[0].attendees) == 1

    def test_a_family_adds_people_one_by_one_as_many_as_fit(self, family: Visitor, database: Any) -> None:
        page = family.send(family.details(), "Add another person", **TYPED, **ALEX)
        assert form_of(page).fields["other-1-email"] == "alex@example.com"
        page = family.send(
            page,
            "Add another person",
            **{"other-2-name": "Sam Roe", "other-2-email": "sam@example.com", "other-2-jurisdiction": "CO"},
        )
        assert "other-3-name" in form_of(page).fields
        assert "Add another person" not in words_of(page)
        family.send(family.send(page, "Review"), "Confirm appointment")
        assert [each.name for each in made(database)[0].attendees] == ["Jane Doe", "Alex Roe", "Sam Roe"]

    def test_more_people_than_fit_are_not_taken(self, couple: Visitor, database: Any) -> None:
        more = {
            f"other-{n}-{field}": value
            for n in (1, 2)
            for field, value in (("name", f"P {n}"), ("email", f"p{n}@example.com"), ("jurisdiction", "CO"))
        }
        answer = couple.send(couple.details(), "Review", **TYPED, **more)
        couple.send(answer, "Confirm appointment", **more)
        assert all(len(each.attendees) <= 2 for each in made(database))

    def test_mistakes_about_others_stand_at_their_fields(self, couple: Visitor) -> None:
        answer = couple.send(couple.details(), "Review", **TYPED, **{"other-1-name": "Alex", "other-1-email": "alex@"})
        assert answer.status_code == 422
        assert 'href="#other-1-email"' in answer.text
        assert form_of(answer).fields["other-1-email"] == "alex@"

    def test_mistakes_about_others_speak_of_them(self, couple: Visitor) -> None:
        typed = {"other-1-name": "Alex Roe", "other-1-jurisdiction": ""}
        answer = couple.send(couple.details(), "Review", **TYPED, **typed)
        assert "Please enter their e-mail address." in problem_of(answer)
        assert "Please choose the state they will be in." in problem_of(answer)

    def test_a_partner_by_video_begins_in_the_state_of_whoever_books(self, couple: Visitor, database: Any) -> None:
        details = couple.details()
        assert "Name, e-mail and the state they will be in are enough." in words_of(details)
        assert form_of(details).fields["other-1-jurisdiction"] == "CO"
        alex = {"other-1-name": "Alex Roe", "other-1-email": "alex@example.com"}
        couple.send(couple.send(details, "Review", **TYPED, **alex), "Confirm appointment")
        assert [each.jurisdiction for each in made(database)[0].attendees] == ["CO", "CO"]

    def test_in_person_name_and_email_are_enough(self, client: FlaskClient) -> None:
        couple = visit(client, service={"kind": ServiceKind.COUPLE, "capacity": 2, "modes": ["in_person"]})
        assert "Name and e-mail are enough." in words_of(couple.details())

    def test_a_partner_by_video_is_where_they_say(self, couple: Visitor, database: Any) -> None:
        add_licence(couple.office.therapist, "UT")
        elsewhere = {**ALEX, "other-1-jurisdiction": "UT", "other-1-timezone": "America/Phoenix"}
        review = couple.send(couple.details(), "Review", **TYPED, **elsewhere)
        assert "Where Utah, times in Arizona Time" in words_of(review)
        couple.send(review, "Confirm appointment")
        jane, alex = made(database)[0].attendees
        assert (jane.jurisdiction, alex.jurisdiction) == ("CO", "UT")
        assert (jane.timezone, alex.timezone) == ("America/Denver", "America/Phoenix")

    def test_a_partner_whom_nobody_may_see_there_is_told_so_at_the_field(self, couple: Visitor) -> None:
        answer = couple.send(couple.details(), "Review", **TYPED, **{**ALEX, "other-1-jurisdiction": "UT"})
        assert answer.status_code == 422
        assert "cannot see somebody in Utah by video or phone. Please call us" in problem_of(answer)
        assert 'href="#other-1-jurisdiction"' in answer.text
        assert form_of(answer).fields["other-1-jurisdiction"] == "UT"

    def test_in_person_nobody_is_asked_where_they_will_be(self, client: FlaskClient) -> None:
        couple = visit(client, service={"kind": ServiceKind.COUPLE, "capacity": 2, "modes": ["in_person"]})
        assert "State they will be in" not in words_of(couple.details())

    def test_the_same_person_twice(self, couple: Visitor) -> None:
        twice = {**ALEX, "other-1-name": TYPED["name"], "other-1-email": TYPED["email"]}
        answer = couple.send(couple.details(), "Review", **TYPED, **twice)
        assert "You have already listed this person." in problem_of(answer)

    def test_another_time_keeps_everybody(self, couple: Visitor) -> None:
        review = couple.send(couple.details(), "Review", **TYPED, **ALEX)
        again = couple.send(couple.send(review, "Choose another time"), "11:00 AM")
        assert "Alex Roe" in words_of(again)


class TestGroups:
    @pytest.fixture
    def group(self, client: FlaskClient) -> Visitor:
        return visit(client, service={"kind": ServiceKind.GROUP, "capacity": 3})

    def test_times_say_how_many_seats_are_left(self, group: Visitor) -> None:
        assert "10:00 AM Mountain Time, 50 minutes, Tuesday, November 24 3 seats left" in words_of(group.times())
        book(group.office, TEN, contact=make_contact(name="Somebody Private"))
        times = group.times()
        assert "10:00 AM Mountain Time, 50 minutes, Tuesday, November 24 2 seats left" in words_of(times)
        assert "Somebody" not in times.text

    def test_the_last_seat_is_said_so_and_then_it_is_gone(self, group: Visitor) -> None:
        for _ in range(2):
            book(group.office, TEN, contact=make_contact())
        assert "1 seat left" in words_of(group.times())
        book(group.office, TEN, contact=make_contact())
        assert slot_at(group.office) not in slots_of(group.times())

    def test_a_seat_joins_the_group_that_stands_and_shows_only_itself(self, group: Visitor, database: Any) -> None:
        book(group.office, TEN, contact=make_contact(name="Somebody Private", email="private@example.com"))
        details = group.details(slot_at(group.office))
        assert "Who comes with you?" not in words_of(details)
        answer = group.send(group.send(details, "Review", **TYPED), "Confirm appointment")
        (appointment,) = made(database)
        assert len(appointment.attendees) == 2
        page = group.browser.get(answer.location)
        assert "Thank you, Jane Doe." in words_of(page)
        assert "Private" not in page.text

    def test_pressing_twice_after_somebody_else_came_still_shows_ones_own_seat(self, group: Visitor) -> None:
        review = group.send(group.details(slot_at(group.office)), "Review", **TYPED)
        first = group.send(review, "Confirm appointment")
        book(group.office, TEN, contact=make_contact(name="Somebody Later"))
        assert group.send(review, "Confirm appointment").location == first.location

    def test_the_last_seat_gone_while_typing(self, group: Visitor, clock: FakeClock) -> None:
        review = group.send(group.details(slot_at(group.office)), "Review", **TYPED)
        clock.advance(timedelta(minutes=11))
        for _ in range(3):
            book(group.office, TEN, contact=make_contact(), now=clock.instant)
        answer = group.send(review, "Confirm appointment")
        assert answer.status_code == 409
        assert "has just been taken" in problem_of(answer)
        assert form_of(answer).fields["name"] == "Jane Doe"

    def test_a_group_that_only_staff_open_offers_no_empty_times(self, client: FlaskClient) -> None:
        visitor = visit(client, service={"kind": ServiceKind.GROUP, "capacity": 3, "opened_by_staff": True})
        assert slots_of(visitor.times()) == []


class TestBeforeConfirming:
    def test_without_terms_everything_is_free_until_the_start(self, client: FlaskClient) -> None:
        words = words_of(visit(client).review())
        assert "Moving or cancelling You can move or cancel it online until it starts." in words

    @pytest.mark.parametrize(
        ("terms", "sentence"),
        [
            ({}, "until 24 hours before the start. After that, please call us."),
            ({"window_minutes": 90}, "until 90 minutes before the start."),
            ({"window_minutes": 60}, "until 1 hour before the start."),
            ({"window_minutes": 5 * 24 * 60}, "until 5 days before the start."),
            (
                {"when_late": LateChange.MARK, "terms": "A late cancellation costs $50."},
                "it counts as a late cancellation; to move it, call us. A late cancellation costs $50.",
            ),
            ({"window_minutes": 0}, "You can move or cancel it online until it starts."),
        ],
    )
    def test_the_terms_are_said(self, client: FlaskClient, terms: dict[str, Any], sentence: str) -> None:
        visitor = visit(client)
        set_terms(visitor.office, **terms)
        in_a_week = visitor.details(slot_at(visitor.office, at(10, days=7)))
        assert sentence in words_of(visitor.send(in_a_week, "Review", **TYPED))

    @pytest.mark.parametrize("kind", [ServiceKind.INDIVIDUAL, ServiceKind.COUPLE])
    @pytest.mark.parametrize(
        ("when_late", "sentence"),
        [
            (
                LateChange.CALL,
                "48 hours away, so to move or cancel it you would have to call us. Half the fee.",
            ),
            (LateChange.MARK, "48 hours away: cancelling it would count as late, and to move it, call us."),
        ],
    )
    def test_what_is_over_already_is_not_promised(
        self, client: FlaskClient, when_late: LateChange, sentence: str, kind: ServiceKind
    ) -> None:
        visitor = visit(client, service={"kind": kind, "capacity": 2 if kind == ServiceKind.COUPLE else 1})
        set_terms(visitor.office, window_minutes=48 * 60, when_late=when_late, terms="Half the fee.")
        words = words_of(visitor.send(visitor.details(slot_at(visitor.office)), "Review", **TYPED))
        assert sentence in words
        assert "online until" not in words

    def test_a_request_is_called_a_request(self, client: FlaskClient, database: Any) -> None:
        visitor = visit(client, service={"approval": Approval.ALWAYS, "approval_minutes": 24 * 60})
        review = visitor.send(visitor.details(slot_at(visitor.office)), "Review", **TYPED)
        words = words_of(review)
        assert "Nothing is booked until the practice has said yes." in words
        assert "The practice says yes or no within 24 hours" in words
        answer = visitor.send(review, "Send my request")
        assert made(database)[0].status == AppointmentStatus.PENDING
        words = words_of(visitor.browser.get(answer.location))
        assert "We have your request Thank you, Jane Doe. The time is kept for you." in words
        assert "by Tue, Nov 24 at 9:00 AM MST" in words

    def test_of_new_clients_it_is_said_without_telling_who_is_one(self, client: FlaskClient) -> None:
        visitor = visit(client, service={"approval": Approval.NEW_CLIENTS})
        words = words_of(visitor.review())
        assert "We answer first" in words, "everybody could type the name of somebody who has been here"
        assert "Nothing is booked until the practice has said yes." in words
