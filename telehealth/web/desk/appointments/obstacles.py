"""What stands in the way of a time, as staff read it, and what they may set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from telehealth.domain import times
from telehealth.domain.appointments import explaining
from telehealth.domain.appointments.overriding import BINDS_CHOICE
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Therapist
from telehealth.queries.appointments.appointments import list_overlapping
from telehealth.queries.appointments.own_standing import find_met_for_staff
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import explain_lengths, obstacles_at, say_busy_source
from telehealth.queries.practice.clients import client_ids_by_match_key, is_without_guardian, lacks_guardian
from telehealth.queries.practice.practices import list_therapists
from telehealth.web.desk.appointments.slot_search import SlotSearch


@dataclass(frozen=True, slots=True)
class ShownObstacle:
    """One obstacle in words."""

    obstacle: Obstacle
    sentence: str
    may_be_set_aside: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules say about one therapist at one start."""

    therapist: Therapist
    obstacles: Sequence[ShownObstacle]

    @property
    def is_free(self) -> bool:
        """Whether it can be booked as it is."""
        return not self.obstacles

    @property
    def is_possible(self) -> bool:
        """Whether it can be booked at all, if need be by setting something aside."""
        return all(each.may_be_set_aside for each in self.obstacles)


def find_answers(question: SlotSearch, start: datetime, *, now: datetime) -> list[Answer]:
    """The answers for everybody whom the question is about, who is free first. Raises InvalidInput."""
    found = obstacles_at(question.query(start), now=now)
    asked = [question.therapist] if question.therapist is not None else list(question.therapists)
    answers = [
        Answer(each, _say(question, each, found.get(each.id, [Obstacle.NOT_GIVEN]), start, now=now))
        for each in asked
        if question.therapist is not None or each.id in found
    ]
    return sorted(answers, key=lambda answer: (not answer.is_possible, len(answer.obstacles)))


def find_obstacles(
    question: SlotSearch, start: datetime, *, coming: Sequence[str] = (), now: datetime
) -> list[ShownObstacle]:
    """What stands in the way of a question about one therapist, and about the second one where there are two. Of a new
    appointment also that somebody new comes to who takes nobody new; of what is moved, that was decided before.
    ``coming`` are the match keys of those who will come, once they are typed.
    """
    query = question.query(start)
    if question.own is None:
        met = find_met_for_staff(query.service, question.therapist, query.client_ids, starts_at=start)
        query = replace(query, known_to=met)
    found = _say_of_all(question, query, obstacles_at(query, now=now), now=now)
    return [*found, *_say_guardian(question, start, coming)]


def _say_guardian(question: SlotSearch, start: datetime, coming: Sequence[str]) -> list[ShownObstacle]:
    """That nobody acts for, or comes with, a minor, where the practice wants that."""
    if not _lacks_guardian(question, start, coming):
        return []
    return [
        ShownObstacle(Obstacle.NO_GUARDIAN, explaining.say_obstacle(Obstacle.NO_GUARDIAN, ""), may_be_set_aside=True)
    ]


def _lacks_guardian(question: SlotSearch, start: datetime, coming: Sequence[str]) -> bool:
    in_person = question.mode == Mode.IN_PERSON and question.place is not None
    state = question.place.jurisdiction if in_person and question.place is not None else question.state
    if question.own is not None:
        return start != question.own.starts_at and is_without_guardian(question.own, state, on=start.date())
    ids = set(client_ids_by_match_key(question.practice.id, coming).values()) if coming else set()
    if not coming and question.client is not None:
        ids = {question.client.id}
    return len(ids) >= len(coming) and lacks_guardian(question.practice, ids, state, on=start.date())


def find_obstacles_by_length(
    question: SlotSearch, start: datetime, lengths: Sequence[int], *, now: datetime
) -> dict[int, list[ShownObstacle]]:
    """The same for each of several lengths (minutes)."""
    found = explain_lengths(question.query(start), lengths, now=now)
    asked = {each: replace(question, length=each) for each in lengths}
    return {each: _say_of_all(asked[each], asked[each].query(start), found[each], now=now) for each in lengths}


def _say_of_all(
    question: SlotSearch, query: SlotQuery, found: Mapping[int, Sequence[Obstacle]], *, now: datetime
) -> list[ShownObstacle]:
    """In the way of all who give it, each once. What binds a choice is nothing to what stays where it is."""
    stays = question.own is not None and question.own.starts_at == query.since
    both = [question.therapist, question.co_therapist if query.co_therapist_id is not None else None]
    if query.service.is_group and question.therapist is not None:
        both += _others_of_group(question, found)
    said: dict[Obstacle, ShownObstacle] = {}
    for each in filter(None, both):
        for line in _say(question, each, found.get(each.id, [Obstacle.NOT_GIVEN]), query.since, now=now):
            said.setdefault(line.obstacle, line)
    return [said[each] for each in explaining.in_order(said) if not (stays and each in BINDS_CHOICE)]


def _others_of_group(question: SlotSearch, found: Mapping[int, Sequence[Obstacle]]) -> list[Therapist]:
    """Who gives the group that stands there, too, without having been asked about."""
    ids = found.keys() - {each.id for each in (question.therapist, question.co_therapist) if each is not None}
    return [each for each in list_therapists(question.practice.id) if each.id in ids] if ids else []


def read_waived(form: MultiDict[str, str], shown: Sequence[ShownObstacle]) -> frozenset[Obstacle]:
    """What somebody set aside knowingly, of that which stands in the way."""
    given = set(form.getlist("waived"))
    return frozenset(each.obstacle for each in shown if each.obstacle.value in given)


def _say(
    question: SlotSearch, therapist: Therapist, found: Sequence[Obstacle], start: datetime, *, now: datetime
) -> list[ShownObstacle]:
    is_busy = Obstacle.BUSY in found
    source = say_busy_source(question.query(start), therapist.id, now=now) if is_busy else ""
    return [
        ShownObstacle(
            obstacle,
            explaining.say_obstacle(
                obstacle,
                therapist.name,
                during=_during(question, therapist, obstacle, start),
                state=_state(question),
                source=source,
            ),
            explaining.may_be_set_aside(obstacle),
        )
        for obstacle in explaining.in_order(found)
    ]


def _state(question: SlotSearch) -> str:
    code = question.state or ""
    if question.mode == Mode.IN_PERSON and question.place is not None:
        code = question.place.jurisdiction
    return JURISDICTIONS.get(code, code)


def _during(question: SlotSearch, therapist: Therapist, obstacle: Obstacle, start: datetime) -> str:
    """When the other appointment is."""
    if obstacle != Obstacle.TAKEN:
        return ""
    others = list_overlapping(
        question.practice.id,
        start,
        start + timedelta(minutes=question.minutes),
        therapist_id=therapist.id,
        but=question.own.id if question.own is not None else None,
    )
    return " and ".join(
        f"{times.clock_time(each.starts_at, question.zone)} to {times.say_time(each.ends_at, question.zone)}"
        for each in others
    )
