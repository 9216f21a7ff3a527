"""Which starts are free and why others are not: the one query behind what is offered, booked and explained.

It leaves every decision to ``domain.appointments.availability``, with the calendars that
``queries.appointments.slot_calendars`` gathers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from telehealth.database import db
from telehealth.domain.appointments.availability import (
    Ask,
    Calendar,
    Rules,
    ask_near,
    calendar_near,
    first_free,
    first_free_together,
    free_starts,
    obstacles,
)
from telehealth.domain.appointments.explaining import say_source
from telehealth.domain.appointments.matching import Fit, Match, rank_therapists
from telehealth.domain.walltime import local_date
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Practice
from telehealth.queries.appointments.groups import FORBID_A_SEAT, StandingGroup, list_groups_at, list_joinable_groups
from telehealth.queries.appointments.slot_calendars import (
    Candidate,
    Gathered,
    gather_able,
    gather_all,
    read_words,
    rules_of,
    seconds,
)
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.hours.busy_intervals import find_busy_source

Explained = list[tuple[Candidate, list[Obstacle]]]
"""Whoever was asked about, and what forbids a start with them."""

_ANYBODY = Fit()
_NO_HORIZON = 10_000  # Days: later than anybody plans.


def offered(query: SlotQuery, *, now: datetime) -> dict[datetime, int]:
    """Every start that can be booked (aware UTC, ascending) and the id of the therapist who would take it.

    When several are free, the one who fits best comes first, and among those the one with the least to do in the time
    asked about. In a group, that is also every start of a group that stands and has a seat.
    """
    found = offered_seconds(query, now=now)
    return {datetime.fromtimestamp(start, UTC): therapist_id for start, therapist_id in found.items()}


def offered_seconds(query: SlotQuery, *, now: datetime) -> dict[int, int]:
    """The same with starts in epoch seconds, for programs that ask for a month and need no calendar arithmetic."""
    if not query.service.is_group:
        return _free_seconds(query, now=now)
    found = {seconds(group.starts_at): group.therapist_id for group in list_joinable_groups(query, now=now)}
    if not query.service.opened_by_staff:
        found = _free_seconds(query, now=now) | found
    return {start: found[start] for start in sorted(found)}


def offered_by_each(query: SlotQuery, *, now: datetime) -> dict[int, list[datetime]]:
    """Every start (aware UTC, ascending) that each therapist could take, by id; of a service that one therapist gives
    and that is no group.
    """
    found = gather_able(query, now=now)
    rules, ask, at = _rules(query), _ask(query, found), seconds(now)
    return {
        key: [datetime.fromtimestamp(start, UTC) for start in free_starts(calendar, rules, ask, now=at)]
        for key, calendar in _named(found.candidates)
    }


def openings(query: SlotQuery, *, now: datetime) -> list[datetime]:
    """Every start (aware UTC, ascending) at which a new appointment could begin, also of a group. For staff: notice and
    horizon are set aside when ``query.waived`` says so.
    """
    return [datetime.fromtimestamp(start, UTC) for start in _free_seconds(query, now=now)]


def _free_seconds(query: SlotQuery, *, now: datetime) -> dict[int, int]:
    found = gather_able(query, now=now)
    rules, ask, at = _rules(query), _ask(query, found), seconds(now)
    calendars = _named(_best_first(query, found.candidates))
    if query.is_for_two:
        return first_free_together(
            calendars, rules, ask, needed=query.service.therapists_needed, named=query.named, now=at
        )
    return first_free(calendars, rules, ask, now=at)


def _rules(query: SlotQuery) -> Rules:
    rules = rules_of(query)
    notice = 0 if Obstacle.NOTICE in query.waived else rules.notice
    horizon = _NO_HORIZON if Obstacle.HORIZON in query.waived else rules.horizon
    return replace(rules, notice=notice, horizon=horizon)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who could take one start, the best first. When nobody can: whether only what is booked is in the way."""

    free: Sequence[Candidate]
    is_taken: bool = False


def free_at(query: SlotQuery, *, now: datetime) -> Sequence[Candidate]:
    """The candidates for whom ``query.since`` itself is offered, the best first."""
    return decide_at(query, now=now).free


def decide_at(query: SlotQuery, *, now: datetime) -> Decision:
    """Who could take ``query.since``, by the same function that offers it, from one look at the calendars.

    A service for two therapists: the named ones first, and nobody unless two are free together. In a group: who could
    open a new one then; those that stand are ``groups.list_joinable_groups``. Obstacles in ``query.waived`` count for
    nothing.
    """
    if query.waived:
        found = gather_all(query, [] if query.is_for_two else query.named, now=now)
    else:
        found = gather_able(query, now=now)
    free = _free(query, found, now=now)
    # Who has no language in common never could.
    return Decision(free, is_taken=not free and bool(_free(query, _emptied(found), now=now)))


def _free(query: SlotQuery, found: Gathered, *, now: datetime) -> list[Candidate]:
    rules, ask, at = rules_of(query), _ask_at(query, found), seconds(now)
    if query.waived:
        free = [who for who in found.candidates if query.waived.issuperset(_why(query, who, ask, now=now))]
    else:
        free = [who for who in found.candidates if free_starts(who.calendar, rules, ask, now=at)]
    return _enough(query, _best_first(query, free))


def obstacles_at(query: SlotQuery, *, now: datetime) -> dict[int, list[Obstacle]]:
    """Everything that forbids ``query.since``, by id of the therapists named, or of all who give the service.

    An empty list means that it can be booked (in a group: a seat, if all can who give it, or a new group; in a service
    for two: if both can).
    ``query.waived`` is not taken into account. Therapists of other practices are missing from the answer.
    """
    groups = list_groups_at(query, now=now) if query.service.is_group else []
    gathered = gather_all(query, _asked_about(query, groups), now=now)
    people = {who.therapist_id: who for who in gathered.candidates}
    ask = _ask_at(query, gathered)
    found = {key: _why(query, who, ask, now=now) for key, who in people.items()}
    for group in groups:
        for who in (people[each] for each in group.therapist_ids if each in people):
            why = _why(replace(query, minutes=group.minutes), who, ask, now=now)
            found[who.therapist_id] = _in_a_group(who, why, group)
    return found


def _asked_about(query: SlotQuery, groups: Sequence[StandingGroup]) -> list[int]:
    """Whoever was named; where that is the first therapist of a group that stands, both who give it."""
    is_one = query.named == [query.therapist_id]
    return groups[0].therapist_ids if groups and is_one else query.named


def say_busy_source(query: SlotQuery, therapist_id: int, *, now: datetime) -> str:
    """In which of their own calendars a therapist is busy at ``query.since``, and how old that is; empty when nobody
    knows.
    """
    rules, practice = rules_of(query), db.session.get_one(Practice, query.practice_id)
    before = timedelta(minutes=rules.buffer_before + practice.busy_after_minutes)
    after = timedelta(minutes=rules.duration + rules.buffer_after + practice.busy_before_minutes)
    found = find_busy_source(therapist_id, query.since - before, query.since + after)
    return say_source(found.name, now - found.read_at) if found is not None else ""


def explain_lengths(query: SlotQuery, lengths: Iterable[int], *, now: datetime) -> dict[int, dict[int, list[Obstacle]]]:
    """Everything that forbids ``query.since`` for each of several lengths (minutes), by id of the therapists named;
    gathered once. ``query.waived`` is not taken into account, nor are groups that stand there.
    """
    gathered = gather_all(query, query.named, now=now)
    ask = _ask_at(query, gathered)
    return {
        minutes: {
            who.therapist_id: _why(replace(query, minutes=minutes), who, ask, now=now) for who in gathered.candidates
        }
        for minutes in lengths
    }


def _why(query: SlotQuery, who: Candidate, ask: Ask, *, now: datetime) -> list[Obstacle]:
    """Everything that forbids the start of the ask."""
    found = obstacles(who.calendar, rules_of(query), ask, now=seconds(now))
    off_grid = [Obstacle.OFF_GRID] if query.since.microsecond else []
    return list(dict.fromkeys([*_not_given(query, who), *found, *off_grid]))


def explain_each(query: SlotQuery, starts: Iterable[datetime], *, now: datetime) -> dict[datetime, Explained]:
    """What forbids each of many starts, for the therapists named; an empty list of obstacles is "nothing".

    Gathered once for [query.since, query.until), which holds all of them. ``query.waived`` is not taken into account.
    """
    gathered = gather_all(query, query.named, now=now)
    ask, found = _ask(query, gathered), {}
    for start in starts:
        at, asked = seconds(start), replace(query, since=start)
        near = [replace(who, calendar=calendar_near(who.calendar, at)) for who in gathered.candidates]
        here = ask_near(ask, at)
        found[start] = [(who, _why(asked, who, here, now=now)) for who in near]
    return found


def _not_given(query: SlotQuery, who: Candidate) -> Iterable[Obstacle]:
    service = query.service
    is_nowhere = query.mode == Mode.IN_PERSON and query.location_id is None
    if not who.gives or query.is_closed or query.mode not in service.modes or is_nowhere:
        yield Obstacle.NOT_GIVEN


def _emptied(found: Gathered) -> Gathered:
    free = [
        replace(who, calendar=replace(who.calendar, occupied=(), appointments=(), busy=())) for who in found.candidates
    ]
    return Gathered(free, found.rooms and [() for _ in found.rooms])


def _in_a_group(who: Candidate, why: list[Obstacle], group: StandingGroup) -> list[Obstacle]:
    """What forbids a seat in a group that stands: not the group itself, and not what only counts when it is opened.
    It may well stand outside the usual hours, but not on a date that was closed.
    """
    if not group.seats_left:
        return [Obstacle.FULL]
    day = local_date(seconds(group.starts_at), who.calendar.zone)
    is_closed = any(each.starts is None and each.day == day for each in who.calendar.overrides)
    forbidding = FORBID_A_SEAT | {Obstacle.OUTSIDE_HOURS} if is_closed else FORBID_A_SEAT
    return [each for each in why if each in forbidding]


def _ask(query: SlotQuery, found: Gathered) -> Ask:
    return Ask(
        since=seconds(query.since),
        until=seconds(query.end),
        mode=query.mode,
        location_id=query.location_id,
        rooms=found.rooms,
        clients=found.clients,
    )


def _ask_at(query: SlotQuery, found: Gathered) -> Ask:
    """The same for the one instant ``query.since``."""
    return replace(_ask(query, found), until=seconds(query.since) + 1)


def _best_first(query: SlotQuery, found: Sequence[Candidate]) -> list[Candidate]:
    """Whoever was named; then whoever fits best; then whoever has the least to do in the time asked about."""
    if query.fit == _ANYBODY or (query.therapist_id is not None and not query.is_for_two):
        ranked = sorted(found, key=lambda who: len(who.calendar.occupied))
    else:
        ranked = _ranked(query, found)
    if not query.named:
        return ranked
    places = {therapist_id: place for place, therapist_id in enumerate(query.named)}
    return sorted(ranked, key=lambda who: places.get(who.therapist_id, len(places)))


def _ranked(query: SlotQuery, found: Sequence[Candidate]) -> list[Candidate]:
    """By the rules of ``domain.appointments.matching``: whoever cannot talk with the client is left out."""
    by_id = {who.therapist_id: who for who in found}
    matches = (Match(key, len(who.calendar.occupied), *map(read_words, who.traits)) for key, who in by_id.items())
    return [by_id[therapist_id] for therapist_id in rank_therapists(query.fit, matches)]


def _enough(query: SlotQuery, free: list[Candidate]) -> list[Candidate]:
    """All of them, or nobody when the service needs more therapists, or others, than are free."""
    ids = {who.therapist_id for who in free}
    return free if len(free) >= query.service.therapists_needed and ids.issuperset(query.named) else []


def _named(found: Iterable[Candidate]) -> Iterable[tuple[int, Calendar]]:
    return ((who.therapist_id, who.calendar) for who in found)
