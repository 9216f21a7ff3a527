"""Which messages are planned, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Purpose
from telehealth.domain.messages.planning import SHORTLY_AFTER_NEWS, plan_messages
from telehealth.domain.messages.plans import Key, MessageRow, Occasion, PlanChange, Planned, Recipient
from telehealth.domain.messages.rules import DEFAULTS, EVERY_MODE, Rule
from telehealth.domain.messages.told import NEWS, Standing, slot_told, standing_of, tell, tell_end
from telehealth.domain.words import AppointmentStatus, Mode

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
K, S = MessageKind, MessageStatus
PENDING, BOOKED, OFF = Standing.PENDING, Standing.BOOKED, Standing.OFF

LEAD = 9 * DAY


BOTH, BY_MAIL = frozenset(Channel), frozenset({Channel.EMAIL})
"""What somebody may be reached on."""
NEWS_RULES = tuple(rule for rule in DEFAULTS if rule.kind in NEWS)


def on(channels: frozenset[Channel]) -> dict[Purpose, frozenset[Channel]]:
    return dict.fromkeys(Purpose, channels)


def reader(
    name: str,
    stands: Standing = BOOKED,
    *,
    lead: timedelta = LEAD,
    takes_texts: bool = False,
    surprised: bool = False,
    by: Iterable[Rule] = DEFAULTS,
) -> Recipient:
    said = tell(stands, NOW + lead, Mode.VIRTUAL, "Main Street")
    channels = on(BOTH if takes_texts else BY_MAIL)
    return Recipient(name, stands, said, tuple(by), channels, is_surprised=surprised)


def therapist(stands: Standing = BOOKED, *, lead: timedelta = LEAD) -> Recipient:
    return Recipient("therapist:dana", stands, tell(stands, NOW + lead, Mode.VIRTUAL, "Main Street"))


JANE, BEN = reader("attendee:jane", takes_texts=True), reader("attendee:ben")

names = st.uuids().map(str)
reminder_rules = st.lists(
    st.builds(
        Rule,
        st.sampled_from([MessageKind.REMINDER, MessageKind.JOIN_LINK]),
        st.sampled_from(Channel),
        st.integers(1, 30 * 24 * 60),
        st.lists(st.sampled_from(EVERY_MODE), unique=True).map(tuple),
    ),
    max_size=6,
    unique_by=lambda rule: (rule.kind, rule.channel, rule.minutes),
)
rules = reminder_rules.map(lambda drawn: (*NEWS_RULES, *drawn))
readers = st.lists(
    st.builds(reader, names, takes_texts=st.booleans(), by=rules), max_size=4, unique_by=lambda each: each.recipient
)
leads = st.timedeltas(MINUTE, timedelta(days=60))


def occasion(
    lead: timedelta = LEAD,
    *,
    mode: Mode = Mode.VIRTUAL,
    grace: timedelta = timedelta(0),
    answer_by: datetime | None = None,
) -> Occasion:
    return Occasion(NOW + lead, NOW + lead + 50 * MINUTE, mode, grace, NOW, answer_by)


def booked(
    lead: timedelta,
    *,
    who: Iterable[Recipient] = (JANE,),
    mode: Mode = Mode.VIRTUAL,
) -> list[Planned]:
    return plan_messages([*who, therapist()], [], occasion(lead, mode=mode)).new


def reminders(planned: Iterable[Planned]) -> list[tuple[str, int]]:
    keys = [each.key for each in planned]
    return sorted((key.channel.value, key.minutes) for key in keys if key.kind == MessageKind.REMINDER)


def told(planned: Iterable[Planned]) -> set[tuple[str, str, str]]:
    """The news in a plan."""
    keys = (each.key for each in planned)
    return {(key.kind.value, key.channel.value, key.recipient) for key in keys if key.kind in NEWS}


numbers = count(1)


def row(who: Recipient, kind: MessageKind, status: MessageStatus = S.SENT, **given: object) -> MessageRow:
    times = {"planned_for": NOW, "not_after": NOW + LEAD}
    usual = {"version": 0, "unsure": False, "says": who.says, "minutes": 0, "channel": Channel.EMAIL, **times}
    have = {**usual, **given}
    key = Key(kind, have.pop("channel"), who.recipient, have.pop("minutes"))  # type: ignore[arg-type]
    return MessageRow(next(numbers), key, status=status, **have)  # type: ignore[arg-type]


BEN_AT_ONCE = replace(BEN, rules=NEWS_RULES)


def kept(planned: Planned, *, version: int = 0, status: MessageStatus | None = None) -> MessageRow:
    """The row that a plan becomes."""
    return MessageRow(
        next(numbers),
        planned.key,
        version,
        status or planned.status,
        False,
        planned.says,
        planned.due_at,
        planned.not_after,
        planned.template,
    )


# The first time


def test_the_therapist_gets_one_e_mail() -> None:
    keys = [each.key for each in booked(9 * DAY) if each.key.recipient == "therapist:dana"]
    assert [(key.kind, key.channel) for key in keys] == [(MessageKind.CONFIRMATION, Channel.EMAIL)]


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (timedelta(days=9), [1440, 4320]),
        (timedelta(hours=72), [1440]),
        (timedelta(hours=72, minutes=29), [1440]),
        (timedelta(hours=72, minutes=30), [1440, 4320]),
        (timedelta(hours=24, minutes=29), []),
        (timedelta(hours=24, minutes=30), [1440]),
        (timedelta(hours=2), []),
    ],
)
def test_what_the_confirmation_just_said_is_not_repeated(lead: timedelta, expected: list[int]) -> None:
    assert reminders(booked(lead)) == [(channel, minutes) for channel in ("email", "text") for minutes in expected]


@pytest.mark.parametrize(("lead", "expected"), [(15, 0), (16, 1), (60, 1)])
def test_the_way_in_is_sent_however_late_the_booking(lead: int, expected: int) -> None:
    assert Counter(each.key.kind for each in booked(lead * MINUTE))[MessageKind.JOIN_LINK] == expected


def test_only_those_who_meet_by_video_get_a_way_in() -> None:
    for mode in (Mode.IN_PERSON, Mode.PHONE):
        assert MessageKind.JOIN_LINK not in {each.key.kind for each in booked(9 * DAY, mode=mode)}


def test_reminders_over_a_change_of_the_clocks_are_elapsed_time() -> None:
    """Twenty-four hours before means twenty-four hours, in November as well."""
    after_the_change = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)  # 10:00 in Denver, on the day with 25 hours.
    ends = after_the_change + 50 * MINUTE
    when = Occasion(after_the_change, ends, Mode.PHONE, timedelta(0), after_the_change - 9 * DAY)
    due = {each.due_at for each in plan_messages([JANE], [], when).new if each.key.minutes == 24 * 60}
    assert due == {after_the_change - timedelta(hours=24)}


@pytest.mark.parametrize(
    ("grace", "lead", "due"),
    [
        (0, 60, 0),
        (3, 60, 3),
        (3, 4, 3),
        (3, 3, 0),
        (3, 1, 0),
    ],
)
def test_news_waits_for_the_grace_but_comes_before_the_start(grace: int, lead: int, due: int) -> None:
    made = plan_messages([BEN_AT_ONCE], [], occasion(lead * MINUTE, grace=grace * MINUTE)).new
    assert [each.due_at for each in made] == [NOW + due * MINUTE]


def test_nothing_is_said_about_the_past() -> None:
    assert plan_messages([BEN, therapist()], [], occasion(-MINUTE)).new == []


def test_a_request_is_news_until_it_ends_and_reminds_nobody() -> None:
    asks = reader("attendee:jane", PENDING, takes_texts=True)
    made = plan_messages([asks, therapist(PENDING)], [], occasion(answer_by=NOW + DAY, grace=3 * MINUTE)).new
    assert told(made) == {
        ("request", "email", "attendee:jane"),
        ("request", "text", "attendee:jane"),
        ("request", "email", "therapist:dana"),
    }
    assert {(each.due_at, each.not_after) for each in made} == {(NOW + 3 * MINUTE, NOW + DAY)}
    assert len(made) == 3


# What follows from what was said before


@pytest.mark.parametrize(
    ("before", "now_is", "lead", "expected"),
    [
        (None, BOOKED, LEAD, K.CONFIRMATION),
        (None, PENDING, LEAD, K.REQUEST),
        (None, OFF, LEAD, None),
        (K.CONFIRMATION, BOOKED, LEAD, None),
        (K.CONFIRMATION, BOOKED, 2 * DAY, K.MOVED),
        (K.MOVED, BOOKED, LEAD, None),
        (K.MOVED, BOOKED, 2 * DAY, K.MOVED),
        (K.CONFIRMATION, OFF, LEAD, K.CANCELLATION),
        (K.MOVED, OFF, 2 * DAY, K.CANCELLATION),
        (K.REQUEST, BOOKED, LEAD, K.CONFIRMATION),
        (K.REQUEST, PENDING, LEAD, None),
        (K.REQUEST, PENDING, 2 * DAY, K.REQUEST),
        (K.REQUEST, OFF, LEAD, K.DECLINED),
        (K.CANCELLATION, BOOKED, LEAD, K.CONFIRMATION),
        (K.CANCELLATION, OFF, 2 * DAY, None),
        (K.DECLINED, OFF, LEAD, None),
        (K.DECLINED, BOOKED, LEAD, K.CONFIRMATION),
    ],
)
@pytest.mark.parametrize("is_therapist", [False, True])
def test_every_step_from_what_was_said_to_how_things_are(
    before: MessageKind | None, now_is: Standing, lead: timedelta, expected: MessageKind | None, is_therapist: bool
) -> None:
    make = therapist if is_therapist else partial(reader, "attendee:ben")
    then = [] if before is None else [row(make(NEWS[before]), before)]
    made = plan_messages([make(now_is, lead=lead)], then, occasion(lead)).new
    assert [each.key.kind for each in made if each.key.kind in NEWS] == ([expected] if expected else [])


def test_the_newest_counts() -> None:
    moved = reader("attendee:ben", lead=2 * DAY)
    then = [row(BEN, K.CONFIRMATION), row(moved, K.MOVED, version=1), row(BEN, K.REMINDER, version=0, minutes=9)]
    assert told(plan_messages([BEN], then, occasion()).new) == {("moved", "email", "attendee:ben")}


@pytest.mark.parametrize("status", [S.SENDING, S.ACCEPTED, S.SENT, S.DELIVERED, S.UNDELIVERED])
def test_what_is_on_its_way_counts_as_said(status: MessageStatus) -> None:
    gone = reader("attendee:ben", OFF)
    assert told(plan_messages([gone], [row(BEN, K.CONFIRMATION, status)], occasion()).new) == {
        ("cancellation", "email", "attendee:ben")
    }


def test_what_may_have_gone_counts_as_said() -> None:
    gone = reader("attendee:ben", OFF)
    unsure = row(BEN, K.CONFIRMATION, S.PLANNED, unsure=True)
    change = plan_messages([gone], [unsure], occasion())
    assert told(change.new) == {("cancellation", "email", "attendee:ben")}
    assert (change.void, change.keep) == ([], [])


def test_what_is_being_sent_and_still_true_is_not_obsolete() -> None:
    """Moved and moved back while a worker had it in its hands."""
    under_way = row(BEN, K.CONFIRMATION, S.SENDING)
    change = plan_messages([BEN_AT_ONCE], [under_way], occasion())
    assert change == PlanChange(void=[], keep=[under_way.id], new=[])


def test_book_and_cancel_within_the_grace_tells_nobody() -> None:
    then = [row(BEN, K.CONFIRMATION, S.PLANNED), row(BEN, K.REMINDER, S.PLANNED, minutes=1440)]
    change = plan_messages([reader("attendee:ben", OFF)], then, occasion())
    assert (change.void, change.keep, change.new) == ([each.id for each in then], [], [])


@pytest.mark.parametrize(("planned", "expected"), [(K.CONFIRMATION, "cancellation"), (K.REQUEST, "declined")])
def test_but_not_when_the_practice_ends_what_a_client_has_just_booked(planned: MessageKind, expected: str) -> None:
    """The page said that it is booked; nobody should come for nothing."""
    then = [row(BEN, planned, S.PLANNED)]
    change = plan_messages([reader("attendee:ben", OFF, surprised=True)], then, occasion())
    assert (change.void, told(change.new)) == ([then[0].id], {(expected, "email", "attendee:ben")})


def test_whoever_was_never_on_it_is_not_told_of_its_end() -> None:
    assert plan_messages([reader("attendee:ben", OFF, surprised=True)], [], occasion()).new == []


def test_book_and_move_within_the_grace_is_one_confirmation() -> None:
    moved = reader("attendee:ben", lead=2 * DAY)
    then = [row(BEN, K.CONFIRMATION, S.PLANNED)]
    change = plan_messages([replace(moved, rules=NEWS_RULES)], then, occasion(2 * DAY))
    assert change.void == [then[0].id]
    assert [(each.key.kind, each.says) for each in change.new] == [(K.CONFIRMATION, moved.says)]


def test_move_and_undo_within_the_grace_tells_nobody() -> None:
    moved = reader("attendee:ben", lead=2 * DAY)
    then = [row(BEN, K.CONFIRMATION), row(moved, K.MOVED, S.PLANNED, version=1)]
    change = plan_messages([BEN], then, occasion())
    assert (change.void, told(change.new)) == ([then[1].id], set())


def test_planning_twice_changes_nothing() -> None:
    first = plan_messages([JANE, BEN], [], occasion(grace=3 * MINUTE)).new
    then = [kept(each) for each in first]
    again = plan_messages([JANE, BEN], then, occasion(grace=3 * MINUTE))
    assert (again.void, sorted(again.keep), again.new) == ([], [each.id for each in then], [])


def test_an_end_that_waits_to_be_said_stays_and_names_the_slot_they_knew() -> None:
    gone = reader("attendee:ben", OFF, lead=2 * DAY)
    first = plan_messages([gone], [row(BEN, K.CONFIRMATION)], occasion(2 * DAY)).new[0]
    assert first.says == tell_end(BEN.says)
    assert slot_told(first.says) == (NOW + LEAD, Mode.VIRTUAL)
    waiting = kept(first, version=1)
    change = plan_messages([gone], [row(BEN, K.CONFIRMATION), waiting], occasion(2 * DAY))
    assert (change.void, change.keep, change.new) == ([], [waiting.id], [])


def test_an_end_is_worth_a_day() -> None:
    made = plan_messages([reader("attendee:ben", OFF)], [row(BEN, K.CONFIRMATION)], occasion(grace=3 * MINUTE)).new
    assert [(each.due_at, each.not_after) for each in made] == [(NOW + 3 * MINUTE, NOW + 3 * MINUTE + DAY)]


def test_an_end_after_the_start_is_said_at_once() -> None:
    """A request that nobody answered until the hour had come."""
    asked = reader("attendee:ben", PENDING)
    made = plan_messages(
        [reader("attendee:ben", OFF)], [row(asked, K.REQUEST)], occasion(timedelta(0), grace=3 * MINUTE)
    ).new
    assert [(each.key.kind, each.due_at) for each in made] == [(K.DECLINED, NOW)]


def test_one_channel_has_it_and_the_other_still_waits() -> None:
    then = [row(JANE, K.CONFIRMATION), row(JANE, K.CONFIRMATION, S.PLANNED, channel=Channel.TEXT)]
    jane = replace(JANE, rules=NEWS_RULES)
    change = plan_messages([jane], then, occasion())
    assert (change.void, change.keep, change.new) == ([], [then[1].id], [])
    change = plan_messages([replace(jane, channels=on(BY_MAIL))], then, occasion())
    assert (change.void, change.keep, change.new) == ([then[1].id], [], [])


def test_a_reminder_that_is_due_is_not_lost_by_a_change_that_is_no_news() -> None:
    then = [row(BEN, K.CONFIRMATION), row(BEN, K.REMINDER, S.PLANNED, minutes=1440)]
    late = occasion(DAY - MINUTE)
    stays = replace(BEN, says=then[0].says)
    assert plan_messages([stays], then, late).keep == [then[1].id]
    assert reminders(plan_messages([stays], then[:1], late).new) == []


def test_texts_turned_on_later_bring_the_reminders_and_nothing_twice() -> None:
    made = plan_messages([JANE], [row(JANE, K.CONFIRMATION)], occasion()).new
    texted = [each.key for each in made if each.key.channel == Channel.TEXT]
    assert {key.kind for key in texted} == {K.REMINDER, K.JOIN_LINK}
    assert told(made) == set()


def test_rows_of_others_are_left_alone() -> None:
    then = [row(JANE, K.CONFIRMATION, S.PLANNED)]
    change = plan_messages([BEN_AT_ONCE], then, occasion())
    assert (change.void, change.keep) == ([], [])


# What a message says


def test_who_came_is_news_to_nobody() -> None:
    assert {standing_of(status) for status in AppointmentStatus} == {PENDING, BOOKED, OFF}
    same = {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW}
    assert {standing_of(status) for status in same} == {BOOKED}


def test_what_is_said_is_short_and_changes_with_what_matters() -> None:
    base = (BOOKED, NOW, Mode.VIRTUAL, "here", 7)
    others = [
        (OFF, NOW, Mode.VIRTUAL, "here", 7),
        (BOOKED, NOW + MINUTE, Mode.VIRTUAL, "here", 7),
        (BOOKED, NOW, Mode.PHONE, "here", 7),
        (BOOKED, NOW, Mode.VIRTUAL, "there", 7),
        (BOOKED, NOW, Mode.VIRTUAL, "here", 8),
    ]
    said = tell(*base)
    assert said == tell(*base)
    assert said not in {tell(*each) for each in others}
    assert len(tell(BOOKED, NOW, Mode.IN_PERSON, "x" * 1000)) <= 200
    assert (slot_told(said), slot_told("")) == ((NOW, Mode.VIRTUAL), None)


@given(who=readers, mode=st.sampled_from(Mode), lead=leads)
def test_plans_are_sound(who: list[Recipient], mode: Mode, lead: timedelta) -> None:
    start = NOW + lead
    planned = booked(lead, who=who, mode=mode)
    keys = [each.key for each in planned]
    assert len(keys) == len(set(keys)), "one message twice"
    texted = {each.recipient for each in who if Channel.TEXT in each.reachable(K.REMINDER)}
    for each in planned:
        assert NOW <= each.due_at < each.not_after <= start, "late, useless or about the past"
        assert each.key.channel == Channel.EMAIL or each.key.recipient in texted, "a text without consent"
        assert each.key.kind != MessageKind.REMINDER or each.due_at >= NOW + SHORTLY_AFTER_NEWS
    confirmed = {each.key.recipient for each in planned if each.key.kind == MessageKind.CONFIRMATION}
    assert confirmed == {"therapist:dana", *(each.recipient for each in who)}, "somebody was not told"


@given(who=readers, by=rules, lead=leads)
def test_a_rule_speaks_to_every_seat_alike(who: list[Recipient], by: tuple[Rule, ...], lead: timedelta) -> None:
    """On whichever channel: everybody is reminded as often."""
    planned = booked(lead, who=[replace(each, rules=by) for each in who])
    times = {each.recipient: {(one.key.kind, one.key.minutes) for one in planned if one.key.recipient == each.recipient}
             for each in who}  # fmt: skip
    assert len(set(map(frozenset, times.values()))) <= 1


steps = st.lists(st.sampled_from(["move", "undo", "cancel", "bring back", "send", "hand over"]), max_size=12)


@given(steps)
def test_after_any_changes_everybody_knows_how_things_are(done: list[str]) -> None:
    """Whatever happened, once all is sent, the reader's last news says how things are, or they know of nothing."""
    now_is, lead = BOOKED, LEAD
    rows: list[MessageRow] = []
    for version, step in enumerate([*done, "send"]):
        if step in {"send", "hand over"}:
            status = S.SENT if step == "send" else S.SENDING
            rows = [replace(each, status=status) if each.key.kind in NEWS else each for each in rows]
            continue
        now_is = {"cancel": OFF, "bring back": BOOKED}.get(step, now_is)
        lead = {"move": 2 * DAY, "undo": LEAD}.get(step, lead)
        change = plan_messages([reader("attendee:ben", now_is, lead=lead)], rows, occasion(lead))
        rows = [
            replace(each, version=version) if each.id in change.keep else each
            for each in rows
            if each.id not in change.void
        ]
        rows += [kept(each, version=version) for each in change.new]
    news = [each for each in rows if each.key.kind in NEWS]
    last = max(news, key=lambda each: (each.version, each.id), default=None)
    if last is None:
        assert now_is == OFF or not set(done) & {"move", "undo", "bring back"}
    else:
        assert last.is_true_for(reader("attendee:ben", now_is, lead=lead))
