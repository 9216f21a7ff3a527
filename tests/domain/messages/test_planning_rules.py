"""Which messages the rules, the channels and the night leave, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Purpose, Reason
from telehealth.domain.messages.planning import SHORTLY_AFTER_NEWS, plan_messages, plan_offer_message
from telehealth.domain.messages.plans import Key, MessageRow, Occasion, PlanChange, Planned, Recipient
from telehealth.domain.messages.quiet_hours import STATE_HOURS, HoursOf, every_hour, federal_hours, hours_of, is_open
from telehealth.domain.messages.rules import AT_ONCE, DEFAULTS, EVERY_MODE, Rule, resolve_rules, usual_rules
from telehealth.domain.messages.told import NEWS, Standing, tell
from telehealth.domain.words import Mode

K, S = MessageKind, MessageStatus
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
BOTH, BY_MAIL, NOBODY = frozenset(Channel), frozenset({EMAIL}), frozenset[Channel]()
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # 9:00 on a Monday in Denver.
DENVER = walltime.zone("America/Denver")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GRACE = 3 * MINUTE

numbers = count(1)


def here(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time of November in Denver."""
    return walltime.resolve(datetime(2026, 11, day, hour, minute), DENVER)


def reader(
    starts_at: datetime,
    *,
    by: Iterable[Rule] = DEFAULTS,
    channels: frozenset[Channel] = BOTH,
    zone: ZoneInfo = DENVER,
    hours: HoursOf = federal_hours,
    stands: Standing = Standing.BOOKED,
    missed: bool = False,
) -> Recipient:
    said = tell(stands, starts_at, Mode.VIRTUAL)
    reach = dict.fromkeys(Purpose, channels)
    return Recipient("attendee:jane", stands, said, tuple(by), reach, zone, hours, has_missed=missed)


def occasion(starts_at: datetime, now: datetime = NOW, mode: Mode = Mode.VIRTUAL) -> Occasion:
    return Occasion(starts_at, starts_at + 50 * MINUTE, mode, GRACE, now)


def kept(each: Planned, **given: object) -> MessageRow:
    """The row that a plan becomes."""
    row = MessageRow(
        next(numbers), each.key, 0, each.status, False, each.says, each.due_at, each.not_after, each.template
    )
    return replace(row, **given)  # type: ignore[arg-type]


def told(who: Recipient) -> MessageRow:
    """Its reader has the confirmation."""
    return MessageRow(next(numbers), Key(K.CONFIRMATION, EMAIL, who.recipient), 0, S.SENT, False, who.says, NOW, NOW)


def remind(*hours: float, channel: Channel = TEXT) -> tuple[Rule, ...]:
    """News by e-mail, and these reminders."""
    news = tuple(Rule(kind, EMAIL) for kind in AT_ONCE)
    return (*news, *(Rule(K.REMINDER, channel, int(each * 60)) for each in hours))


def found(planned: Iterable[Planned], *kinds: MessageKind) -> list[tuple[Channel, datetime, str, str]]:
    return [
        (each.key.channel, each.due_at, each.status.value, each.reason) for each in planned if each.key.kind in kinds
    ]


# The night


@pytest.mark.parametrize(
    ("starts", "hours", "expected"),
    [
        (here(30, 10), 24, here(29, 10)),
        (here(30, 10), 13, here(29, 20, 59)),  # 9 in the evening: a minute before the window closes.
        (here(30, 10), 4, here(29, 20, 59)),  # 6 in the morning: the evening before.
        (here(30, 10), 2, here(30, 8)),
    ],
)
def test_a_reminder_that_would_come_at_night_comes_before(starts: datetime, hours: float, expected: datetime) -> None:
    made = plan_messages([reader(starts, by=remind(hours))], [], occasion(starts)).new
    ((channel, due, status, reason),) = found(made, K.REMINDER)
    assert (channel, due, status) == (TEXT, expected, "planned")
    assert reason == (None if due == starts - hours * HOUR else Reason.EARLIER)


def test_an_e_mail_lies_silent_and_keeps_its_time() -> None:
    starts = here(30, 10)
    made = plan_messages([reader(starts, by=remind(4, channel=EMAIL))], [], occasion(starts)).new
    assert found(made, K.REMINDER) == [(EMAIL, starts - 4 * HOUR, "planned", None)]


def test_when_the_evening_is_over_it_comes_in_the_morning() -> None:
    starts = here(24, 20)
    made = plan_messages([reader(starts, by=remind(20))], [], occasion(starts, here(23, 23))).new
    assert found(made, K.REMINDER) == [(TEXT, here(24, 8), "planned", Reason.LATER)]


def test_by_the_morning_a_reminder_may_be_of_no_more_use() -> None:
    """Half of its lead would be gone."""
    starts = here(24, 12)
    made = plan_messages([reader(starts, by=remind(9))], [], occasion(starts, here(23, 22))).new
    assert found(made, K.REMINDER) == [(EMAIL, here(24, 3), "planned", Reason.EMAIL_AT_NIGHT)]


def test_where_no_text_fits_the_same_goes_by_e_mail() -> None:
    starts, now = here(24, 7), here(23, 22)  # The way in, 15 minutes before seven.
    made = plan_messages([reader(starts)], [], occasion(starts, now)).new
    assert found(made, K.JOIN_LINK) == [(EMAIL, starts - 15 * MINUTE, "planned", Reason.EMAIL_AT_NIGHT)]


def test_unless_an_e_mail_says_it_anyway() -> None:
    starts, now = here(24, 7), here(23, 22)
    made = plan_messages([reader(starts)], [], occasion(starts, now)).new
    confirmed = found(made, K.CONFIRMATION)
    assert confirmed == [
        (EMAIL, now + GRACE, "planned", None),
        (TEXT, now + GRACE, "expired", Reason.QUIET_HOURS),
    ]


def test_news_is_texted_in_the_morning_and_never_before_the_grace_is_over() -> None:
    starts, now = here(25, 10), here(23, 20, 58)
    made = plan_messages([reader(starts, by=(*usual_rules(K.CONFIRMATION),))], [], occasion(starts, now)).new
    assert found(made, K.CONFIRMATION) == [
        (EMAIL, now + GRACE, "planned", None),
        (TEXT, here(24, 8), "planned", Reason.LATER),
    ]


def test_whoever_gets_no_e_mail_is_told_that_nothing_fits() -> None:
    starts, now = here(24, 7), here(23, 22)
    only_texts = reader(starts, by=usual_rules(K.JOIN_LINK), channels=frozenset({TEXT}))
    made = plan_messages([only_texts], [], occasion(starts, now)).new
    assert found(made, K.JOIN_LINK) == [(TEXT, starts - 15 * MINUTE, "expired", Reason.QUIET_HOURS)]


def test_a_reminder_that_came_early_is_not_said_again_at_its_usual_time() -> None:
    starts = here(30, 10)
    who = reader(starts, by=remind(13))
    first = plan_messages([who], [told(who)], occasion(starts)).new
    (reminder,) = (each for each in first if each.key.kind == K.REMINDER)
    gone = [told(who), kept(reminder, status=S.DELIVERED)]
    assert plan_messages([who], gone, occasion(starts, here(29, 20, 59))).new == []
    assert plan_messages([who], gone, occasion(starts, here(29, 20, 30))).new == []


# Who may not be texted


def test_without_texts_everything_goes_by_e_mail_once() -> None:
    starts = here(30, 10)
    made = plan_messages([reader(starts, channels=BY_MAIL)], [], occasion(starts)).new
    assert {each.key.channel for each in made} == {EMAIL}
    assert len({each.key for each in made}) == len(made)
    assert [due for _, due, _, _ in found(made, K.JOIN_LINK)] == [starts - 15 * MINUTE]
    assert len(found(made, K.REMINDER)) == 2


def test_who_cannot_be_reached_at_all_is_written_down() -> None:
    starts = here(30, 10)
    made = plan_messages([reader(starts, channels=NOBODY)], [], occasion(starts)).new
    assert found(made, *NEWS) == [(EMAIL, NOW + GRACE, "void", Reason.UNREACHABLE)]


# Rules that are off


def off(*kinds: MessageKind) -> tuple[Rule, ...]:
    return resolve_rules([Rule(kind, EMAIL, is_on=False) for kind in kinds])


def test_news_that_is_off_is_written_down_and_its_reader_counts_as_told() -> None:
    starts = here(30, 10)
    who = reader(starts, by=off(K.CONFIRMATION))
    made = plan_messages([who], [], occasion(starts)).new
    assert found(made, K.CONFIRMATION) == [(EMAIL, NOW + GRACE, "void", Reason.SWITCHED_OFF)]
    rows = [kept(each) for each in made if each.key.kind == K.CONFIRMATION]
    moved = reader(here(30, 12), by=off(K.CONFIRMATION))
    assert {
        each.key.kind for each in plan_messages([moved], rows, occasion(here(30, 12))).new if each.key.kind in NEWS
    } == {K.MOVED}
    gone = reader(starts, by=off(K.CONFIRMATION), stands=Standing.OFF)
    assert {each.key.kind for each in plan_messages([gone], rows, occasion(starts)).new} == {K.CANCELLATION}


def test_news_that_is_switched_off_while_it_waits_is_taken_back() -> None:
    starts = here(30, 10)
    first = plan_messages([reader(starts)], [], occasion(starts)).new
    rows = [kept(each) for each in first if each.key.kind == K.CONFIRMATION]
    change = plan_messages([reader(starts, by=off(K.CONFIRMATION))], rows, occasion(starts, NOW + MINUTE))
    assert set(change.void) == {row.id for row in rows}
    assert found(change.new, K.CONFIRMATION) == [(EMAIL, NOW + MINUTE + GRACE, "void", Reason.SWITCHED_OFF)]


# A rule changed tonight


def replanned(
    before: Iterable[Rule], after: Iterable[Rule], *, gone: Iterable[int] = (), now: datetime = NOW
) -> PlanChange:
    """What changes when the rules do; the reminders of so many minutes have gone."""
    starts = here(30, 10)
    who = reader(starts, by=before)
    first = plan_messages([who], [told(who)], occasion(starts)).new
    rows = [kept(each, status=S.SENT) if each.key.minutes in set(gone) else kept(each) for each in first]
    return plan_messages([reader(starts, by=after)], [told(who), *rows], occasion(starts, now))


def test_another_lead_replaces_the_old_one() -> None:
    change = replanned(remind(72), remind(48))
    assert len(change.void) == 1
    assert found(change.new, K.REMINDER) == [(TEXT, here(28, 10), "planned", None)]


def test_what_was_said_stays_said() -> None:
    change = replanned(remind(72, 24), remind(72, 24), gone=[72 * 60], now=here(27, 11))
    assert (change.void, change.new, change.retimed) == ([], [], [])
    change = replanned(remind(72, 24), remind(24), gone=[72 * 60], now=here(27, 11))
    assert (change.void, change.new) == ([], [])


def test_other_words_and_other_hours_count_for_what_waits() -> None:
    warm = tuple(replace(rule, template="Warm") for rule in remind(24))
    change = replanned(remind(24), warm)
    ((_, planned),) = change.retimed
    assert (planned.template, change.void, change.new) == ("Warm", [], [])
    starts = here(30, 10)
    who = reader(starts, by=remind(14))
    first = plan_messages([who], [told(who)], occasion(starts)).new
    early = reader(starts, by=remind(14), hours=hours_of(8 * 60, 19 * 60, None))
    change = plan_messages([early], [told(who), *map(kept, first)], occasion(starts))
    ((_, planned),) = change.retimed
    assert (planned.due_at, planned.reason) == (here(29, 18, 59), Reason.EARLIER)
    back = plan_messages([who], [told(who), kept(planned)], occasion(starts))
    assert [each.due_at for _, each in back.retimed] == [here(29, 20)]


def test_what_came_off_at_night_is_planned_again_when_the_window_widens() -> None:
    starts, now = here(30, 10), here(29, 20, 10)
    strict, wide = hours_of(8 * 60, 20 * 60, None), hours_of(8 * 60, 21 * 60, None)
    narrow = reader(starts, by=remind(13.5), hours=strict, channels=frozenset({TEXT}))
    first = plan_messages([narrow], [told(narrow)], occasion(starts, now)).new
    assert found(first, K.REMINDER) == [(TEXT, here(29, 20, 30), "expired", Reason.QUIET_HOURS)]
    broad = reader(starts, by=remind(13.5), hours=wide, channels=frozenset({TEXT}))
    assert found(plan_messages([broad], [told(narrow)], occasion(starts, now)).new, K.REMINDER) == [
        (TEXT, here(29, 20, 30), "planned", None)
    ]


def test_what_replaces_a_failed_text_is_not_taken_for_superfluous() -> None:
    starts = here(30, 10)
    who = reader(starts, by=remind(24))
    key = Key(K.REMINDER, EMAIL, who.recipient, 24 * 60)
    instead = MessageRow(next(numbers), key, 0, S.PLANNED, False, who.says, here(29, 10), here(29, 22), is_instead=True)
    change = plan_messages([who], [told(who), instead], occasion(starts, here(29, 10, 1)))
    assert (change.keep, change.void, change.new) == ([instead.id], [], [])
    moved = reader(here(30, 12), by=remind(24))
    assert plan_messages([moved], [told(who), instead], occasion(here(30, 12), here(29, 10, 1))).void == [instead.id]


# After a missed session


def test_a_follow_up_comes_some_hours_after_the_end() -> None:
    starts = here(23, 10)
    who = reader(starts, missed=True)
    made = plan_messages([who], [told(who)], occasion(starts, here(23, 10, 20))).new
    assert found(made, K.FOLLOW_UP) == [
        (EMAIL, here(23, 13, 50), "planned", None),
        (TEXT, here(23, 13, 50), "planned", None),
    ]


def test_noted_late_it_comes_after_the_grace_and_after_two_days_not_at_all() -> None:
    starts = here(23, 10)
    who = reader(starts, missed=True)
    made = plan_messages([who], [told(who)], occasion(starts, here(24, 9))).new
    assert [due for _, due, _, _ in found(made, K.FOLLOW_UP)] == [here(24, 9) + GRACE] * 2
    assert plan_messages([who], [told(who)], occasion(starts, here(25, 13, 50))).new == []


def test_in_the_evening_it_waits_for_the_morning() -> None:
    starts = here(23, 19)
    who = reader(starts, missed=True)
    made = plan_messages([who], [told(who)], occasion(starts, here(23, 19, 20))).new
    assert found(made, K.FOLLOW_UP) == [
        (EMAIL, here(23, 22, 50), "planned", None),
        (TEXT, here(23, 20, 59), "planned", Reason.EARLIER),
    ]
    made = plan_messages([who], [told(who)], occasion(starts, here(23, 21, 20))).new
    assert found(made, K.FOLLOW_UP)[1] == (TEXT, here(24, 8), "planned", Reason.LATER)


def test_put_right_it_is_taken_back_and_said_once() -> None:
    starts = here(23, 10)
    missed, came = reader(starts, missed=True), reader(starts)
    first = plan_messages([missed], [told(came)], occasion(starts, here(23, 11))).new
    rows = [kept(each) for each in first]
    assert set(plan_messages([came], [told(came), *rows], occasion(starts, here(23, 12))).void) == {
        row.id for row in rows
    }
    again = plan_messages([missed], [told(came), *rows], occasion(starts, here(23, 14)))
    assert (set(again.keep), again.new) == ({row.id for row in rows}, [])
    sent = [replace(row, status=S.SENT) for row in rows]
    assert plan_messages([missed], [told(came), *sent], occasion(starts, here(23, 15))).new == []


# Offers


def test_an_offer_goes_by_its_rules_and_not_at_night() -> None:
    waiting = reader(NOW, stands=Standing.PENDING, hours=hours_of(10 * 60, 21 * 60, None))
    made = plan_offer_message(waiting, mode=Mode.VIRTUAL, now=NOW, not_after=NOW + 2 * HOUR)
    assert found(made, K.OFFER) == [(EMAIL, NOW, "planned", None), (TEXT, here(23, 10), "planned", Reason.LATER)]
    made = plan_offer_message(waiting, mode=Mode.VIRTUAL, now=NOW, not_after=NOW + HOUR)
    assert found(made, K.OFFER) == [(EMAIL, NOW, "planned", None), (TEXT, NOW, "expired", Reason.QUIET_HOURS)]
    silent = replace(waiting, rules=off(K.OFFER))
    assert found(plan_offer_message(silent, mode=Mode.VIRTUAL, now=NOW, not_after=NOW + HOUR), K.OFFER)[0][2:] == (
        "void",
        Reason.SWITCHED_OFF,
    )


# For every zone, rule and hour

zones = st.one_of(
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca", "Asia/Gaza"]),
    st.sampled_from(sorted(walltime.zone_names())),
).map(walltime.zone)
windows = st.builds(
    hours_of,
    st.integers(8 * 60, 12 * 60),
    st.integers(15 * 60, 21 * 60),
    st.one_of(st.none(), st.sampled_from(sorted(STATE_HOURS))),
)
drawn_rules = st.lists(
    st.one_of(
        st.builds(
            Rule,
            st.sampled_from([K.REMINDER, K.JOIN_LINK]),
            st.sampled_from(Channel),
            st.one_of(st.integers(1, 14 * 24 * 60), st.sampled_from([15, 120, 24 * 60, 72 * 60])),
            st.lists(st.sampled_from(EVERY_MODE), unique=True, min_size=1).map(tuple),
        ),
        st.builds(Rule, st.just(K.FOLLOW_UP), st.sampled_from(Channel), st.integers(0, 2 * 24 * 60)),
        st.builds(Rule, st.sampled_from(AT_ONCE), st.sampled_from(Channel), is_on=st.booleans()),
    ),
    max_size=8,
    unique_by=lambda rule: (rule.kind, rule.channel, rule.minutes),
).map(resolve_rules)
starts = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
"""Three springs and three autumns, so that many a night has 23 hours or 25."""
leads = st.timedeltas(MINUTE, 40 * DAY)
reaches = st.sampled_from([BOTH, BY_MAIL, frozenset({TEXT}), NOBODY])


@dataclass(frozen=True)
class Case:
    """Somebody's appointment, planned at an instant."""

    starts: datetime
    lead: timedelta
    zone: ZoneInfo
    hours: HoursOf
    by: tuple[Rule, ...]
    channels: frozenset[Channel]

    @property
    def now(self) -> datetime:
        return self.starts - self.lead

    @property
    def reader(self) -> Recipient:
        return reader(self.starts, by=self.by, channels=self.channels, zone=self.zone, hours=self.hours)

    def planned(self, *told: MessageRow) -> Sequence[Planned]:
        return plan_messages([self.reader], told, occasion(self.starts, self.now)).new


cases = st.builds(Case, starts, leads, zones, windows, drawn_rules, reaches)


@given(case=cases)
def test_nobody_is_texted_at_night_too_late_or_without_leave(case: Case) -> None:
    made = case.planned()
    assert len({each.key for each in made}) == len(made), "one message twice"
    for each in made:
        assert each.status == S.PLANNED or each.reason, "lost without a word"
        if each.status != S.PLANNED:
            continue
        assert case.now <= each.due_at < each.not_after <= case.starts
        assert each.key.channel in case.channels
        if each.key.channel == TEXT:
            assert is_open(each.due_at, case.zone, case.hours)


@given(case=cases)
def test_every_rule_is_kept_or_its_reason_is_written_down(case: Case) -> None:
    made = case.planned(told(case.reader))
    about = {(each.key.kind, each.key.minutes) for each in made}
    for rule in case.by:
        is_ahead = rule.kind in (K.REMINDER, K.JOIN_LINK) and case.starts - timedelta(minutes=rule.minutes) > case.now
        if is_ahead and Mode.VIRTUAL in rule.modes and (rule.channel in case.channels or EMAIL in case.channels):
            assert (rule.kind, rule.minutes) in about


@given(zone=zones, by=drawn_rules, starts=starts, lead=leads)
def test_by_e_mail_a_lead_is_elapsed_time_however_the_clocks_change(
    zone: ZoneInfo, by: tuple[Rule, ...], starts: datetime, lead: timedelta
) -> None:
    who = reader(starts, by=by, channels=BY_MAIL, zone=zone)
    for each in plan_messages([who], [], occasion(starts, starts - lead)).new:
        if each.key.kind in (K.REMINDER, K.JOIN_LINK):
            assert each.due_at == starts - timedelta(minutes=each.key.minutes)


@given(zone=zones, hours=windows, by=drawn_rules, starts=starts, lead=leads, later=st.timedeltas(MINUTE, 10 * DAY))
def test_planning_again_at_any_time_says_nothing_twice(
    zone: ZoneInfo, hours: HoursOf, by: tuple[Rule, ...], starts: datetime, lead: timedelta, later: timedelta
) -> None:
    """Whatever is due has been sent; the rest waits: planning again adds nothing that was there."""
    now = starts - lead
    who = reader(starts, by=by, zone=zone, hours=hours)
    first = [each for each in plan_messages([who], [], occasion(starts, now)).new if each.status == S.PLANNED]
    rows = [kept(each, status=S.SENT) if each.due_at <= now + later else kept(each) for each in first]
    again = plan_messages([who], rows, occasion(starts, now + later))
    there = {row.key for row in rows if row.id not in again.void}
    assert not there & {each.key for each in again.new}
    gone = [row.key for row in rows if row.status == S.SENT]
    assert not {(key.kind, key.minutes, key.channel) for key in gone} & {
        (each.key.kind, each.key.minutes, each.key.channel) for each in again.new
    }


@given(zone=zones, starts=starts, lead=leads)
def test_who_books_inside_a_lead_time_gets_no_burst(zone: ZoneInfo, starts: datetime, lead: timedelta) -> None:
    who = reader(starts, zone=zone, hours=every_hour)
    now = starts - lead
    soon = [
        each for each in plan_messages([who], [], occasion(starts, now)).new if each.due_at < now + SHORTLY_AFTER_NEWS
    ]
    assert {each.key.kind for each in soon} <= {K.CONFIRMATION, K.JOIN_LINK}


# A rule that changes loses nothing


def after_change(
    before: tuple[Rule, ...], after: tuple[Rule, ...], lead: timedelta, *, knew: timedelta = 9 * DAY
) -> list[tuple[Channel, int, datetime]]:
    """What is planned anew, ``lead`` before the start, when the rules become others; they knew it ``knew`` before."""
    starts_at = NOW + lead
    who = reader(starts_at, by=before, hours=every_hour)
    news = replace(told(who), planned_for=starts_at - knew)
    first = plan_messages([who], [news], occasion(starts_at, starts_at - knew + HOUR))
    rows = [news, *(kept(each) for each in first.new)]
    sent = [replace(row, status=S.SENT) if row.planned_for <= NOW else row for row in rows]
    again = plan_messages([replace(who, rules=after)], sent, occasion(starts_at))
    return [
        (each.key.channel, each.key.minutes, each.due_at)
        for each in again.new
        if each.key.kind in {K.REMINDER, K.JOIN_LINK}
    ]


def test_a_reminder_whose_new_time_has_passed_is_said_now() -> None:
    """24 hours become 48 hours, 30 hours before."""
    assert after_change(remind(24), remind(48), 30 * HOUR) == [(TEXT, 48 * 60, NOW)]
    assert after_change((), remind(48), 30 * HOUR) == [(TEXT, 48 * 60, NOW)]
    assert after_change(remind(24), remind(48, channel=EMAIL), 30 * HOUR) == [(EMAIL, 48 * 60, NOW)]


def test_what_was_said_is_not_said_again() -> None:
    assert after_change(remind(24), remind(48), 20 * HOUR) == []
    assert after_change(remind(72, 24), remind(48), 30 * HOUR) == []


def test_another_one_ahead_is_enough_when_the_first_would_help_no_more() -> None:
    assert after_change((), remind(72, 24), 30 * HOUR) == [(TEXT, 24 * 60, NOW + 6 * HOUR)]
    assert after_change((), remind(72, 24), 60 * HOUR) == [(TEXT, 72 * 60, NOW), (TEXT, 24 * 60, NOW + 36 * HOUR)]


def test_the_only_reminder_helps_until_an_hour_before() -> None:
    assert after_change(remind(2), remind(48), 10 * HOUR) == [(TEXT, 48 * 60, NOW)]
    assert after_change(remind(0.5), remind(48), 50 * MINUTE) == []


def test_of_several_that_have_passed_one_is_said() -> None:
    assert after_change(remind(1), remind(96, 48, 24), 20 * HOUR) == [(TEXT, 24 * 60, NOW)]


def test_who_was_told_inside_the_new_lead_needs_no_reminder_unless_one_was_planned() -> None:
    assert after_change((), remind(48), 30 * HOUR, knew=40 * HOUR) == []
    assert after_change(remind(24), remind(48), 30 * HOUR, knew=40 * HOUR) == [(TEXT, 48 * 60, NOW)]


def test_the_way_in_is_said_until_the_start() -> None:
    links = [(Rule(K.JOIN_LINK, TEXT, minutes),) for minutes in (15, 60)]
    assert after_change(links[0], links[1], 30 * MINUTE) == [(TEXT, 60, NOW)]


def test_planned_twice_it_is_said_once() -> None:
    starts_at = NOW + 30 * HOUR
    who = reader(starts_at, by=remind(48), hours=every_hour)
    news = replace(told(who), planned_for=NOW - 9 * DAY)
    (made_up,) = plan_messages([who], [news], occasion(starts_at)).new
    for row in (kept(made_up), kept(made_up, status=S.SENT)):
        later = plan_messages([who], [news, row], occasion(starts_at, NOW + 5 * MINUTE))
        assert (later.new, later.void, later.retimed) == ([], [], [])


# What cannot be read in time


@pytest.mark.parametrize(
    ("now", "starts", "is_late"),
    [
        (here(23, 22), here(24, 8), True),  # The night lies in between.
        (here(23, 20, 58), here(23, 21, 30), True),
        (here(23, 14), here(23, 15), True),
        (here(23, 22), here(24, 10, 30), False),
        (here(23, 14), here(23, 16, 30), False),
        (here(23, 9), here(26, 9), False),
    ],
)
@pytest.mark.parametrize("kind", [K.CANCELLATION, K.MOVED])
def test_a_late_change_by_the_practice_asks_for_a_call_and_for_no_grace(
    kind: MessageKind, now: datetime, starts: datetime, is_late: bool
) -> None:
    before = reader(starts)
    stands = Standing.OFF if kind == K.CANCELLATION else Standing.BOOKED
    new_start = starts if kind == K.CANCELLATION else starts + 7 * DAY
    who = replace(reader(new_start, stands=stands), is_by_practice=True)
    news = replace(told(before), planned_for=now - DAY)
    said = [each for each in plan_messages([who], [news], occasion(new_start, now)).new if each.key.kind == kind]
    by_email = next(each for each in said if each.key.channel == EMAIL)
    assert by_email.needs_call == is_late
    assert by_email.due_at == (now if is_late else now + GRACE)


def test_who_cancelled_themselves_is_not_called() -> None:
    starts = here(23, 10)
    who = reader(starts, stands=Standing.OFF)
    said = plan_messages([who], [replace(told(reader(starts)), planned_for=NOW - DAY)], occasion(starts)).new
    assert said
    assert not any(each.needs_call for each in said)
    assert {each.due_at for each in said} == {NOW + GRACE}


def test_what_nobody_was_told_of_needs_no_call() -> None:
    starts = here(23, 10)
    who = replace(reader(starts, stands=Standing.OFF), is_by_practice=True)
    assert plan_messages([who], [], occasion(starts)).new == []
