"""A question about an appointment in a therapist's own calendar, answered by several at the same moment."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import pytest

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.calendar_words import SeenAnswer, WrittenState
from telehealth.models import Appointment
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.services.calendars.answering import answer_seen
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Call, look_again
from tests.factories import BY_STAFF, book, make_office, move
from tests.fakes_calendars import FakeCalendars
from tests.moments import at
from tests.services.calendars.test_coming_back import Rounds

pytestmark = pytest.mark.concurrency
MOVE, PUT_BACK = SeenAnswer.MOVE, SeenAnswer.PUT_BACK
HERE = at(10, days=3)
THERE = [at(hour, days=3) for hour in (11, 13, 14, 15)]


class Asked(Rounds):
    """One appointment stands there at the time it has here, and is then moved there, again and again."""

    made: Appointment

    def begin(self) -> None:
        office = make_office(with_rules=False, practice={"grace_minutes": 0})
        self.therapist = office.therapist
        self.connect()
        self.made = book(office, HERE)
        self.settle()

    def settle(self) -> None:
        self.round()
        self.round()
        look_again()

    def ask(self, there: datetime) -> None:
        if self.made.starts_at != HERE:
            move(self.made, HERE, by=BY_STAFF, now=self.now)
        self.settle()
        assert self.where()[0][0] == HERE
        self.move_there(there, there + (self.made.ends_at - self.made.starts_at))
        self.settle()
        assert self.row().state == WrittenState.ASKED

    def answering(self, answer: SeenAnswer) -> Call:
        """With plain values: rows belong to the thread that read them."""
        row, asked = self.row(), dict[str, Any](by=BY_STAFF, now=self.now, answer=answer)
        assert row.seen_starts_at is not None
        assert row.seen_ends_at is not None
        shown = (row.seen_starts_at, row.seen_ends_at)
        return partial(answer_seen, practice_id=row.practice_id, written_public_id=row.public_id, shown=shown, **asked)

    def moving(self, to: datetime) -> Call:
        made, wish = self.made, Destination(starts_at=to, mode=self.made.mode)
        which: dict[str, Any] = {"practice_id": made.practice_id, "appointment_id": made.id}
        return partial(move_appointment, **which, to=wish, by=BY_STAFF, now=self.now)

    def moves(self) -> int:
        look_again()
        return sum(each.action == AuditAction.MOVED for each in db.session.get_one(Appointment, self.made.id).events)


@pytest.fixture
def asked(committed: object) -> Asked:
    made = Asked(FakeCalendars(), None)  # type: ignore[arg-type]  # Until it begins.
    made.begin()
    return made


def test_of_two_answers_one_counts(asked: Asked, threads: Race) -> None:
    answers = [MOVE, PUT_BACK, MOVE, PUT_BACK]
    for there in THERE:
        asked.ask(there)
        before = asked.moves()
        outcomes = threads([asked.answering(each) for each in answers])
        assert sorted(each.error for each in outcomes) == ["", *["InvalidInput"] * 3], outcomes
        (won,) = (answer for answer, outcome in zip(answers, outcomes, strict=True) if not outcome.error)
        assert asked.moves() - before == (won == MOVE)
        asked.settle()
        assert [start for start, _ in asked.where()] == [there if won == MOVE else HERE]


def test_an_answer_never_undoes_what_was_moved_here(asked: Asked, threads: Race) -> None:
    """Whichever comes first: the answer counts before the move, or not at all."""
    for there in THERE:
        asked.ask(there)
        answered, moved = threads([asked.answering(MOVE), asked.moving(at(9, days=4))])
        look_again()
        assert (answered.error in {"", "InvalidInput"}, moved.error) == (True, ""), (answered, moved)
        assert asked.made.starts_at == at(9, days=4)
        asked.settle()
        assert [start for start, _ in asked.where()] == [at(9, days=4)]
