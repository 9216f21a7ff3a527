"""Rules of a practice, a service and a client, and that a change of them holds for everything not sent yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import Rule
from telehealth.domain.words import AppointmentStatus, Mode, ServiceKind, WhenOneCancels
from telehealth.models import Appointment, Client, Message, MessageRule, MessageTemplate, Practice
from telehealth.queries.messages.rules import list_decided_rules, list_rules_of_scope, list_template_names
from telehealth.services.appointments.attending import set_status
from telehealth.services.audit import ActedBy
from telehealth.services.messages.replanning import replan_stale
from telehealth.services.messages.rule_setting import (
    RuleScope,
    RulesWish,
    Texting,
    forget_rules,
    save_rules,
    set_texting,
)
from telehealth.services.series.materialising import materialise_series
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_contact,
    make_office,
    make_series,
    make_service,
    move,
)
from tests.factories.rows import change, keep
from tests.moments import NOW, at

K, S = MessageKind, MessageStatus
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
HOUR = 60


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def save(office: Office, kind: MessageKind, *rules: Rule, now: datetime = NOW, **scope: str) -> None:
    wish = RulesWish(kind, rules, RuleScope(**scope))
    save_rules(practice_id=office.practice.id, wish=wish, by=BY_STAFF, now=now)


def client_of(made: Appointment) -> str:
    return db.session.scalars(select(Client.public_id).where(Client.id == made.attendees[0].client_id)).one()


def rows(made: Appointment, *kinds: MessageKind) -> list[Message]:
    found = select(Message).where(Message.appointment_id == made.id).order_by(Message.id)
    every = db.session.scalars(found.execution_options(populate_existing=True))
    return [each for each in every if not kinds or each.kind in kinds]


def waiting(made: Appointment, kind: MessageKind = K.REMINDER) -> set[tuple[Channel, int]]:
    return {(each.channel, each.minutes) for each in rows(made, kind) if each.status == S.PLANNED}


def everything_new(now: datetime = NOW) -> int:
    return replan_stale(now=now)


# What is kept


def test_a_kind_is_decided_as_a_whole(office: Office) -> None:
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 48 * HOUR))
    save(office, K.REMINDER, Rule(K.REMINDER, TEXT, 2 * HOUR), Rule(K.REMINDER, EMAIL, 3 * HOUR))
    assert {(each.channel, each.minutes) for each in list_rules_of_scope(office.practice.id)} == {
        (TEXT, 120),
        (EMAIL, 180),
    }


def test_nothing_is_a_row_that_is_off(office: Office) -> None:
    save(office, K.REMINDER)
    (row,) = list_rules_of_scope(office.practice.id)
    assert (row.kind, row.is_on) == (K.REMINDER, False)
    assert waiting(book(office, at(10, days=7))) == set()


def test_news_without_e_mail_says_so(office: Office) -> None:
    save(office, K.MOVED, Rule(K.MOVED, TEXT))
    assert {(each.channel, each.is_on) for each in list_rules_of_scope(office.practice.id)} == {
        (TEXT, True),
        (EMAIL, False),
    }


def test_who_decides(office: Office) -> None:
    made = book(office, at(10, days=7))
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 48 * HOUR))
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 5 * HOUR), service=office.service.public_id)
    save(office, K.JOIN_LINK, client=client_of(made))

    def source(kind: MessageKind, **about: int) -> str:
        found = list_decided_rules(office.practice.id, **about)
        return next(each.source.value for each in found if each.kind == kind)

    assert (source(K.REMINDER), source(K.JOIN_LINK)) == ("practice", "usual")
    assert source(K.REMINDER, service_id=office.service.id) == "service"
    assert source(K.REMINDER, client_id=made.attendees[0].client_id) == "practice"
    assert source(K.JOIN_LINK, client_id=made.attendees[0].client_id) == "client"
    forget_rules(
        practice_id=office.practice.id, kind=K.REMINDER, scope=RuleScope(office.service.public_id), by=BY_STAFF, now=NOW
    )
    assert source(K.REMINDER, service_id=office.service.id) == "practice"


@pytest.mark.parametrize(
    ("kind", "rules", "field"),
    [
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 0)], "minutes"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 15 * 24 * HOUR)], "minutes"),
        (K.FOLLOW_UP, [Rule(K.FOLLOW_UP, EMAIL, 49 * HOUR)], "minutes"),
        (K.AGENDA, [Rule(K.AGENDA, EMAIL, 24 * HOUR)], "minutes"),
        (K.AGENDA, [Rule(K.AGENDA, TEXT, 7 * HOUR)], "channel"),
        (K.MOVED, [Rule(K.MOVED, EMAIL, 5)], "minutes"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 60, ())], "modes"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 60, ("telepathy",))], "modes"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 60), Rule(K.REMINDER, EMAIL, 60)], "minutes"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, minutes) for minutes in range(1, 12)], "rules"),
        (K.REMINDER, [Rule(K.JOIN_LINK, EMAIL, 60)], "kind"),
        (K.REMINDER, [Rule(K.REMINDER, EMAIL, 60, template="Gone")], "template"),
        (K.CATCH_UP, [], "kind"),
    ],
)
def test_what_cannot_be_is_explained_and_nothing_changes(
    office: Office, kind: MessageKind, rules: Iterable[Rule], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(office, kind, *rules)
    assert set(refused.value.fields) == {field}
    assert list_rules_of_scope(office.practice.id) == []


def test_what_therapists_get_is_the_practices_to_decide(office: Office) -> None:
    with pytest.raises(InvalidInput):
        save(office, K.AGENDA, service=office.service.public_id)


def test_only_staff_decide_and_only_for_their_own(office: Office) -> None:
    wish = RulesWish(K.REMINDER, [])
    with pytest.raises(NotAllowed):
        save_rules(practice_id=office.practice.id, wish=wish, by=BY_CLIENT, now=NOW)
    stranger = make_office()
    for scope in ({"service": stranger.service.public_id}, {"client": client_of(book(stranger, at(10, days=7)))}):
        with pytest.raises(NotFound):
            save(office, K.REMINDER, **scope)
    with pytest.raises(InvalidInput):
        save(office, K.REMINDER, service=office.service.public_id, client="x")


# A rule changed tonight


def test_a_rule_changed_tonight_holds_for_all_that_was_not_sent(office: Office) -> None:
    made = [book(office, at(hour, days=7)) for hour in (10, 14)]
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 48 * HOUR))
    assert waiting(made[0]) == {(each, hours * HOUR) for each in Channel for hours in (72, 24)}
    assert everything_new() == 2
    assert [waiting(each) for each in made] == [{(EMAIL, 48 * HOUR)}] * 2
    assert everything_new() == 0
    forget_rules(practice_id=office.practice.id, kind=K.REMINDER, scope=RuleScope(), by=BY_STAFF, now=NOW)
    assert everything_new() == 2
    assert waiting(made[0]) == {(each, hours * HOUR) for each in Channel for hours in (72, 24)}


def test_what_is_booked_after_the_change_needs_no_second_look(office: Office) -> None:
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 48 * HOUR))
    office = Office(change(office.practice), office.location, office.room, office.service, office.therapist)
    made = book(office, at(10, days=7))
    assert waiting(made) == {(EMAIL, 48 * HOUR)}
    assert everything_new() == 0


def test_what_was_said_is_not_said_again(office: Office) -> None:
    made = book(office, at(10, days=7))
    change(
        next(each for each in rows(made, K.REMINDER) if each.minutes == 72 * HOUR and each.channel == EMAIL),
        status=S.SENT,
    )
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 72 * HOUR), Rule(K.REMINDER, EMAIL, 20 * HOUR))
    everything_new()
    assert waiting(made) == {(EMAIL, 20 * HOUR)}


def test_one_services_rules_leave_the_others_alone(office: Office) -> None:
    other = make_service(office.practice, name="Intake")
    save(office, K.REMINDER, service=other.public_id)
    made = book(office, at(10, days=7))
    assert len(waiting(made)) == 4
    save(office, K.REMINDER, service=office.service.public_id)
    everything_new()
    assert waiting(made) == set()


def test_one_of_a_couple_wants_no_reminders(database: Session) -> None:
    office = make_office(
        service={"kind": ServiceKind.COUPLE, "capacity": 2, "when_one_cancels": WhenOneCancels.GOES_ON}
    )
    others = (make_contact(name="Ann Bell", phone="+13035550199"),)
    made = book(office, at(10, days=7), contact=make_contact(name="Jane Doe"), others=others)
    alone = book(office, at(14, days=7), contact=make_contact(name="Kim Park"))
    save(office, K.REMINDER, client=client_of(made))
    assert everything_new() == 1, "only what the client takes part in"
    reminded = {each.attendee_id for each in rows(made, K.REMINDER) if each.status == S.PLANNED}
    assert reminded == {made.attendees[1].id}
    assert len(waiting(alone)) == 4


def test_another_practice_is_left_alone(office: Office) -> None:
    made = book(make_office(), at(10, days=7))
    save(office, K.REMINDER)
    everything_new()
    assert len(waiting(made)) == 4


def test_an_appointment_that_cannot_be_planned_does_not_hold_up_the_others(office: Office) -> None:
    made = [book(office, at(hour, days=7)) for hour in (10, 14)]
    change(made[0].attendees[0], timezone="Nowhere")
    save(office, K.REMINDER)
    assert everything_new() == 1
    assert waiting(made[1]) == set()


def test_the_soonest_come_first(office: Office) -> None:
    later, sooner = book(office, at(10, days=8)), book(office, at(10, days=2))
    save(office, K.REMINDER)
    assert replan_stale(now=NOW, limit=1) == 1
    assert (waiting(sooner), len(waiting(later))) == (set(), 4)


def test_words_of_the_practices_own(office: Office) -> None:
    template = {"kind": K.REMINDER, "channel": EMAIL, "locale": "en", "name": "Warm", "body": "See you {{ when }}."}
    keep(MessageTemplate(practice_id=office.practice.id, changed_at=NOW, **template))
    made = book(office, at(10, days=7))
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 24 * HOUR, template="Warm"))
    everything_new()
    assert {each.template for each in rows(made, K.REMINDER) if each.status == S.PLANNED} == {"Warm"}
    assert list_template_names(office.practice.id, K.REMINDER) == ["Warm"]


def test_a_confirmation_that_is_off_still_lets_a_move_be_said(office: Office) -> None:
    save(office, K.CONFIRMATION)
    made = book(office, at(10, days=7))
    (row,) = [each for each in rows(made, K.CONFIRMATION) if each.attendee_id is not None]
    assert (row.status, row.reason) == (S.VOID, Reason.SWITCHED_OFF)
    move(made, at(14, days=7), by=BY_STAFF)
    assert {each.channel for each in rows(made, K.MOVED) if each.attendee_id is not None} == {TEXT, EMAIL}
    to_therapist = [each.kind for each in rows(made) if each.therapist_id is not None and each.status == S.PLANNED]
    assert to_therapist == [K.CONFIRMATION], "what therapists get is not the clients' rules to decide"


def test_move_and_undo_still_tells_nobody(office: Office) -> None:
    made = book(office, at(10, days=7))
    for each in rows(made, K.CONFIRMATION):
        change(each, status=S.SENT)
    move(made, at(14, days=7), by=BY_STAFF)
    move(made, at(10, days=7), by=BY_STAFF)
    save(office, K.JOIN_LINK)
    everything_new()
    assert {each.status for each in rows(made, K.MOVED)} == {S.VOID}
    assert len(waiting(made)) == 4


def test_a_standing_slot_is_not_confirmed_by_text_after_all(office: Office) -> None:
    series = make_series(office)
    by_text = select(Message).where(Message.kind == K.CONFIRMATION, Message.channel == TEXT)
    for each in db.session.scalars(by_text):
        each.status = S.DELIVERED
    db.session.commit()
    materialise_series(now=NOW + timedelta(weeks=1))
    before = {each.id: each.status for each in db.session.scalars(by_text)}
    save(office, K.REMINDER)
    everything_new()
    after = db.session.scalars(by_text.execution_options(populate_existing=True))
    assert {each.id: each.status for each in after} == before
    assert Reason.SAID_BEFORE in {each.reason for each in db.session.scalars(by_text)}, series


# The hours of texts


def texting(office: Office, **given: int) -> None:
    usual = {"texts_from": 8 * HOUR, "texts_until": 21 * HOUR, "texts_a_day": 6, "discretion": Discretion.DISCREET}
    set_texting(practice_id=office.practice.id, texting=Texting(**{**usual, **given}), by=BY_STAFF, now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given", [{"texts_from": 7 * HOUR}, {"texts_until": 22 * HOUR}, {"texts_a_day": 0}, {"texts_from": 13 * HOUR}]
)
def test_hours_that_cannot_be(office: Office, given: dict[str, int]) -> None:
    with pytest.raises(InvalidInput) as refused:
        texting(office, **given)
    assert set(refused.value.fields) == set(given)


def test_other_hours_move_what_waits(office: Office) -> None:
    made = book(office, at(10, days=7))
    before = {(each.channel, each.minutes): each.due_at for each in rows(made, K.REMINDER)}
    texting(office, texts_from=11 * HOUR)
    everything_new()
    after = {(each.channel, each.minutes): each for each in rows(made, K.REMINDER)}
    assert after[EMAIL, 24 * HOUR].due_at == before[EMAIL, 24 * HOUR] == at(10, days=6)
    moved = after[TEXT, 24 * HOUR]
    assert (moved.due_at, moved.planned_for, moved.reason) == (at(20, 59, days=5), at(20, 59, days=5), Reason.EARLIER)
    texting(office, texts_from=8 * HOUR)
    everything_new()
    assert {(each.channel, each.minutes): each.due_at for each in rows(made, K.REMINDER)} == before


def test_discretion_alone_plans_nothing_anew(office: Office) -> None:
    book(office, at(10, days=7))
    texting(office, texts_a_day=3)
    assert everything_new() == 0
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).texts_a_day == 3


def test_where_the_client_is_the_state_may_be_stricter(office: Office) -> None:
    """In Rhode Island texts end at six in the evening on weekdays, and at five at weekends."""
    made = book(office, at(16, days=7), contact=make_contact(timezone="America/New_York"))
    texted = lambda: {each.minutes: each.due_at for each in rows(made, K.REMINDER) if each.channel == TEXT}  # noqa: E731
    assert texted()[24 * HOUR] == at(16, days=6)
    change(made.attendees[0], jurisdiction="RI")
    texting(office, texts_until=20 * HOUR)
    everything_new()
    assert texted()[24 * HOUR] == at(14, 59, days=6), "16:59 on that Sunday in the East"


def test_in_person_the_state_is_that_of_the_place(office: Office) -> None:
    made = book(office, at(9, 30, days=7), mode=Mode.IN_PERSON)
    change(office.location, jurisdiction="KY")
    texting(office, texts_until=20 * HOUR)
    everything_new()
    texted = {each.minutes: each.due_at for each in rows(made, K.REMINDER) if each.channel == TEXT}
    assert texted[24 * HOUR] == at(19, 59, days=5), "in Kentucky nothing is sent before ten"


def test_what_finds_no_time_is_kept_with_its_reason(office: Office) -> None:
    """Nine in the morning in Denver is six in Honolulu, and it was booked at eight in the evening there."""
    made = book(office, at(9), contact=make_contact(timezone="Pacific/Honolulu"), now=at(23, days=0), by=BY_STAFF)
    confirmed = {each.channel: each for each in rows(made, K.CONFIRMATION) if each.attendee_id is not None}
    assert {channel: (each.status, each.reason) for channel, each in confirmed.items()} == {
        EMAIL: (S.PLANNED, None),
        TEXT: (S.PLANNED, None),
    }
    late = book(office, at(10), contact=make_contact(timezone="Pacific/Honolulu"), now=at(1), by=BY_STAFF)
    confirmed = {each.channel: each for each in rows(late, K.CONFIRMATION) if each.attendee_id is not None}
    assert {channel: (each.status, each.reason) for channel, each in confirmed.items()} == {
        EMAIL: (S.PLANNED, None),
        TEXT: (S.EXPIRED, Reason.QUIET_HOURS),
    }
    assert [(each.channel, each.due_at, each.reason) for each in rows(late, K.JOIN_LINK)] == [
        (EMAIL, at(9, 45), Reason.EMAIL_AT_NIGHT)
    ]


# After a missed session


def note(made: Appointment, status: AppointmentStatus, now: datetime) -> None:
    set_status(practice_id=made.practice_id, appointment_id=made.id, status=status, by=ActedBy(Actor.STAFF), now=now)


def test_whoever_did_not_come_gets_a_line_some_hours_later(office: Office) -> None:
    made = book(office, at(10))
    note(made, AppointmentStatus.NOSHOW, at(10, 20))
    found = rows(made, K.FOLLOW_UP)
    assert {(each.channel, each.due_at, each.status) for each in found} == {
        (TEXT, at(13, 50), S.PLANNED),
        (EMAIL, at(13, 50), S.PLANNED),
    }
    assert {each.not_after for each in found} == {at(13, 50, days=3)}
    note(made, AppointmentStatus.FULFILLED, at(11))
    assert {each.status for each in rows(made, K.FOLLOW_UP)} == {S.VOID}
    note(made, AppointmentStatus.NOSHOW, at(11, 30))
    assert {each.status for each in rows(made, K.FOLLOW_UP)} == {S.PLANNED}
    assert len(rows(made, K.FOLLOW_UP)) == 2


def test_a_follow_up_that_is_off_tonight_is_not_sent(office: Office) -> None:
    made = book(office, at(10))
    note(made, AppointmentStatus.NOSHOW, at(10, 20))
    save(office, K.FOLLOW_UP)
    assert everything_new(at(11)) == 1
    assert {each.status for each in rows(made, K.FOLLOW_UP)} == {S.VOID}


def test_rules_are_kept_apart_from_what_holds(office: Office) -> None:
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 60))
    save(office, K.REMINDER, Rule(K.REMINDER, EMAIL, 30), service=office.service.public_id)
    kept = db.session.scalars(select(MessageRule).order_by(MessageRule.minutes)).all()
    assert [(each.minutes, each.service_id) for each in kept] == [(30, office.service.id), (60, None)]
