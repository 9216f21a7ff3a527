"""What a practice did in a period, in figures: what became of its sessions, its hours, who came new, who waited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, exists, func, select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.outcomes import Outcome, outcome_of
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.hours.offered import Wall, minutes_open, window_on
from telehealth.domain.hours.opening import dates_between
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.proportions import Share
from telehealth.domain.words import AppointmentStatus, WaitlistStatus
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Closure,
    HoursOverride,
    Message,
    Practice,
    Service,
    Therapist,
    TimeOff,
    WaitlistEntry,
    WeeklyHours,
)
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.queries.hours.closures import list_closures
from telehealth.queries.hours.working_hours import hours_beginning_on

DAY = timedelta(days=1)
LEADS = (
    (DAY, "Less than a day"),
    (7 * DAY, "1 to 6 days"),
    (28 * DAY, "1 to 4 weeks"),
    (timedelta.max, "4 weeks and more"),
)
TAKEN = set(AppointmentStatus) - {AppointmentStatus.CANCELLED, AppointmentStatus.PENDING}
CHANNELS = {(1, 1): "Text and e-mail", (1, 0): "Text only", (0, 1): "E-mail only", (0, 0): "No reminder"}
NEVER_AGREED = (AuditAction.DECLINED, AuditAction.EXPIRED)

Tally = Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Worked:
    """What one therapist offered and gave, in minutes: their working hours without time off, and their appointments
    that were not cancelled, without buffers.
    """

    name: str
    offered: int
    booked: int


@dataclass(frozen=True, slots=True)
class ActivityReport:
    """A period in figures. Each ``by_…`` counts seats by what became of them; months are written "2026-11", and
    ``by_lead`` says how long before the start it was booked. ``new_clients`` had their first session then.
    ``waits`` counts those who began to wait in the period by what became of it.
    """

    total: Tally
    by_month: Mapping[str, Tally]
    by_therapist: Mapping[str, Tally]
    by_service: Mapping[str, Tally]
    by_lead: Mapping[str, Tally]
    by_channel: Mapping[str, Tally]
    worked: Sequence[Worked]
    new_clients: Mapping[str, int]
    waits: Mapping[WaitlistStatus, int]


def kept_share(tally: Tally) -> Share:
    """How many seats were kept, of all whose outcome is known."""
    return Share(tally.get(Outcome.KEPT, 0), sum(tally.values()) - tally.get(Outcome.UNMARKED, 0))


def report_activity(practice_id: int, *, first: date, until: date, zone: ZoneInfo, now: datetime) -> ActivityReport:
    """The figures of the dates from ``first`` to the day before ``until`` in ``zone``, as far as they are over."""
    since, before = walltime.midnight(first, zone), min(walltime.midnight(until, zone), now)
    therapists, services = _names(Therapist, practice_id), _names(Service, practice_id)
    months = [walltime.midnight(day, zone) for day in dates_between(first, until) if day.day == 1 or day == first]
    rows = _seats(practice_id, since, before, months)
    return ActivityReport(
        total=_count(rows, lambda _: "all").get("all", {}),
        by_month=_count(rows, lambda row: f"{months[row.month].astimezone(zone):%Y-%m}", sorted),
        by_therapist=_count(rows, lambda row: therapists[row.therapist_id], sorted),
        by_service=_count(rows, lambda row: services[row.service_id], sorted),
        by_lead=_count(rows, lambda row: LEADS[row.lead][1], _in_order([name for _, name in LEADS])),
        by_channel=_count(rows, lambda row: CHANNELS[row.by_text, row.by_email], _in_order([*CHANNELS.values()])),
        worked=_worked(
            practice_id, (since, before), therapists, (first, min(until, now.astimezone(zone).date() + DAY))
        ),
        new_clients=_new_clients(practice_id, since, before, zone),
        waits=_waits(practice_id, since, before),
    )


def _seats(practice_id: int, since: datetime, until: datetime, months: Sequence[datetime]) -> Sequence[Any]:
    """How many seats there are of each kind, among those whose appointment began in [since, until) and had been agreed
    on. ``month`` and ``lead`` are places in ``months`` and ``LEADS``.
    """
    never = exists().where(AppointmentEvent.appointment_id == Appointment.id, AppointmentEvent.action.in_(NEVER_AGREED))
    begun = [(Appointment.starts_at >= month, place) for place, month in reversed(list(enumerate(months)))]
    seconds = epoch_seconds(Appointment.starts_at) - epoch_seconds(Appointment.created_at)
    leads = [(seconds < limit.total_seconds(), place) for place, (limit, _) in enumerate(LEADS[:-1])]
    kind = (
        Attendee.status.label("status"),
        Attendee.late_cancel.label("late_cancel"),
        Appointment.therapist_id.label("therapist_id"),
        Appointment.service_id.label("service_id"),
        case(*begun, else_=0).label("month"),
        case(*leads, else_=len(LEADS) - 1).label("lead"),
        _was_reminded(Channel.TEXT).label("by_text"),
        _was_reminded(Channel.EMAIL).label("by_email"),
    )
    each = (
        select(*kind)
        .select_from(Attendee)
        .join(Attendee.appointment)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            Attendee.status != AppointmentStatus.PENDING,
            ~never,
        )
        .subquery()
    )
    return db.session.execute(select(*each.c, func.count().label("number")).group_by(*each.c)).all()


def _was_reminded(channel: Channel) -> Any:
    """1 when a reminder of the seat went out that way, else 0."""
    told = exists().where(
        Message.attendee_id == Attendee.id,
        Message.kind == MessageKind.REMINDER,
        Message.channel == channel,
        Message.sent_at.is_not(None),
    )
    return case((told, 1), else_=0)


def _names(model: type[Therapist | Service], practice_id: int) -> dict[int, str]:
    rows = db.session.execute(select(model.id, model.name).where(model.practice_id == practice_id))
    return {row.id: row.name for row in rows}


def _count(
    rows: Iterable[Any],
    group: Callable[[Any], str],
    in_order: Callable[[Iterable[str]], list[str]] = sorted,
) -> dict[str, Tally]:
    found: dict[str, Counter[Outcome]] = {}
    for row in rows:
        outcome = outcome_of(row.status, is_late=row.late_cancel)
        if outcome is not None:
            found.setdefault(group(row), Counter())[outcome] += row.number
    return {name: found[name] for name in in_order(found)}


def _in_order(names: Sequence[str]) -> Callable[[Iterable[str]], list[str]]:
    return lambda found: [name for name in names if name in set(found)]


def _worked(
    practice_id: int, within: tuple[datetime, datetime], names: Mapping[int, str], dates: tuple[date, date]
) -> Sequence[Worked]:
    """Everybody who offered or gave something, by name."""
    booked, offered = _given(practice_id, *within), _offered(practice_id, *dates)
    busy = sorted({*booked, *(number for number, minutes in offered.items() if minutes)}, key=lambda each: names[each])
    return [Worked(names[each], offered.get(each, 0), booked[each]) for each in busy]


def _given(practice_id: int, since: datetime, until: datetime) -> Counter[int]:
    """Minutes of appointments that had a seat that was not cancelled, by therapist; of two therapists each has them."""
    lasted = func.sum(epoch_seconds(Appointment.ends_at) - epoch_seconds(Appointment.starts_at))
    taken = exists().where(Attendee.appointment_id == Appointment.id, Attendee.status.in_(TAKEN))
    rows = db.session.execute(
        select(Appointment.therapist_id, Appointment.co_therapist_id, lasted.label("seconds"))
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            taken,
        )
        .group_by(Appointment.therapist_id, Appointment.co_therapist_id)
    )
    booked: Counter[int] = Counter()
    for row in rows:
        for therapist in filter(None, (row.therapist_id, row.co_therapist_id)):
            booked[therapist] += int(row.seconds) // 60
    return booked


def _offered(practice_id: int, first: date, until: date) -> dict[int, int]:
    """Minutes of working hours by therapist, each on their own wall, while they were with the practice."""
    weekly = _by_therapist(WeeklyHours, practice_id)
    special = _by_therapist(HoursOverride, practice_id, HoursOverride.day >= first, HoursOverride.day < until)
    midnights = datetime.combine(first, time()), datetime.combine(until, time())
    away = _by_therapist(TimeOff, practice_id, TimeOff.ends_local > midnights[0], TimeOff.starts_local < midnights[1])
    first = max(first, _begun(practice_id))
    last = _last_days(practice_id, until)
    closures = list_closures(practice_id, since=first)
    return {
        therapist: minutes_open(
            _windows(weekly.get(therapist, ()), special.get(therapist, ()), closures, first, last[therapist]),
            [(each.starts_local, each.ends_local) for each in away.get(therapist, ())],
        )
        for therapist in {*weekly, *special}
    }


def _begun(practice_id: int) -> date:
    """The date since which there has been a practice: before it nobody could book."""
    return db.session.scalars(select(Practice.created_at).where(Practice.id == practice_id)).one().date()


def _last_days(practice_id: int, until: date) -> dict[int, date]:
    """The day after each therapist's last one."""
    asked = select(Therapist.id, Therapist.leaves_on, Therapist.ended_at).where(Therapist.practice_id == practice_id)
    return {
        row.id: min(until, row.leaves_on or until, row.ended_at.date() + DAY if row.ended_at else until)
        for row in db.session.execute(asked)
    }


def _by_therapist(model: Any, practice_id: int, *conditions: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in db.session.scalars(select(model).where(model.practice_id == practice_id, *conditions)):
        found.setdefault(row.therapist_id, []).append(row)
    return found


def _windows(
    weekly: Sequence[WeeklyHours],
    special: Sequence[HoursOverride],
    closures: Sequence[Closure],
    first: date,
    until: date,
) -> list[Wall]:
    return [
        window_on(datetime.combine(day, time()), each.starts, each.ends)
        for day in dates_between(first, until - DAY)
        for each in hours_beginning_on(day, weekly, special, closures)
        if each.starts is not None and each.ends is not None
    ]


def _new_clients(practice_id: int, since: datetime, until: datetime, zone: ZoneInfo) -> dict[str, int]:
    """By month, clients whose very first session, kept or not yet marked, began in [since, until)."""
    begun = func.min(Appointment.starts_at)
    came = (AppointmentStatus.FULFILLED, AppointmentStatus.ARRIVED, AppointmentStatus.BOOKED)
    rows = db.session.scalars(
        select(begun)
        .select_from(Attendee)
        .join(Attendee.appointment)
        .where(Attendee.practice_id == practice_id, Attendee.status.in_(came), Appointment.starts_at < until)
        .group_by(Attendee.client_id)
        .having(begun >= since)
    )
    months: Counter[str] = Counter(f"{at.astimezone(zone):%Y-%m}" for at in rows)
    return {month: months[month] for month in sorted(months)}


def _waits(practice_id: int, since: datetime, until: datetime) -> dict[WaitlistStatus, int]:
    rows = db.session.execute(
        select(WaitlistEntry.status, func.count())
        .where(
            WaitlistEntry.practice_id == practice_id,
            WaitlistEntry.created_at >= since,
            WaitlistEntry.created_at < until,
        )
        .group_by(WaitlistEntry.status)
    )
    return {row[0]: row[1] for row in rows}
