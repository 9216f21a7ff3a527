"""What is done to a standing slot as a whole is on record: who, from where, when, what and why."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import SlotTaken
from telehealth.domain.series.patterns import DateOutcome, SeriesChange, SeriesScope
from telehealth.domain.words import Mode
from telehealth.models import Series, SeriesEvent
from telehealth.services.audit import ActedBy
from telehealth.services.series.changing import change_series
from telehealth.services.series.ending import (
    end_series,
    pause_series,
    restore_occurrence,
    settle_conflict,
    skip_occurrence,
)
from telehealth.services.series.materialising import materialise_series
from telehealth.services.series.members import add_member, remove_member
from tests.factories import (
    Office,
    add_time_off,
    book,
    make_contact,
    make_couple_office,
    make_group_office,
    make_office,
    make_series,
)
from tests.factories.users import make_user
from tests.moments import DENVER, NOW, at

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + timedelta(hours=1)


def tuesday(week: int, hour: int = 15) -> datetime:
    return at(hour, days=8 + 7 * week)


def day(week: int) -> date:
    return tuesday(week).astimezone(DENVER).date()


def iso(week: int, *, days: int = 0) -> str:
    return (day(week) + timedelta(days=days)).isoformat()


def given(made: Series, **more: Any) -> dict[str, Any]:
    by = ActedBy(Actor.STAFF, via=Via.PAGE, remote_address="203.0.113.7")
    return {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": by, "now": LATER, **more}


def said(made: Series, database: Session) -> list[tuple[str, dict[str, Any]]]:
    """What was done and its details, the oldest first; setting it up is left out."""
    lines = select(SeriesEvent).where(SeriesEvent.series_id == made.id).order_by(SeriesEvent.id)
    return [(line.action, line.details) for line in database.scalars(lines) if line.action != "created"]


def test_who_set_it_up_and_from_where(database: Session) -> None:
    office = make_office()
    user = make_user(office.practice)
    by = ActedBy(Actor.STAFF, user_id=user.id, via=Via.API, remote_address="203.0.113.7")
    made = make_series(office, by=by)
    (line,) = made.events
    assert (line.action, line.at, line.practice_id) == ("created", NOW, office.practice.id)
    assert (line.actor, line.user_id, line.via, line.remote_address) == ("staff", user.id, "api", "203.0.113.7")
    assert line.details == {
        "after": {
            "weekday": 1,
            "local_time": "15:00",
            "minutes": 50,
            "every_weeks": 1,
            "week_of_month": None,
            "until": None,
            "mode": "virtual",
            "therapist_id": office.therapist.id,
            "co_therapist_id": None,
            "location_id": None,
        }
    }
    make_series(office, by=by)
    materialise_series(now=NOW + timedelta(weeks=2))
    assert len(database.scalars(select(SeriesEvent).where(SeriesEvent.series_id == made.id)).all()) == 1


def test_every_date_is_changed(database: Session) -> None:
    made = make_series(make_office(), count=20)
    change_series(
        **given(made, scope=SeriesScope.ALL, to=SeriesChange(local_time=time(10), weekday=3), reason="New job")
    )
    ((action, details),) = said(made, database)
    assert (action, details["scope"], details["first"], details["reason"]) == ("changed", "all", iso(0), "New job")
    differing = {key: (old, details["after"][key]) for key, old in details["before"].items()}
    assert {key: pair for key, pair in differing.items() if pair[0] != pair[1]} == {
        "weekday": (1, 3),
        "local_time": ("15:00", "10:00"),
        "until": (iso(19), iso(19, days=2)),
    }


def test_a_slot_that_goes_on_as_another_says_so_on_both(database: Session) -> None:
    made = make_series(make_office())
    changed = change_series(
        **given(made, scope=SeriesScope.FOLLOWING, day=day(5), to=SeriesChange(mode=Mode.PHONE), reason="")
    )
    ((action, details),) = said(made, database)
    assert (action, details["first"], details["goes_on_as"]) == ("changed", iso(5), changed.series.public_id)
    assert "reason" not in details
    ((action, details),) = said(changed.series, database)
    assert (action, details["first"], details["series"]) == ("continued", iso(5), made.public_id)
    assert (details["before"]["mode"], details["after"]["mode"]) == ("virtual", "phone")


def test_one_date_alone_is_changed_or_cannot_be(database: Session) -> None:
    office = make_office()
    made = make_series(office, count=6)
    book(office, tuesday(3, 11))
    to = SeriesChange(local_time=time(11))
    for week in (2, 3):
        change_series(**given(made, scope=SeriesScope.THIS, day=day(week), to=to))
    ((action, details),) = said(made, database)
    assert (action, details["scope"], details["day"]) == ("changed", "this", iso(2))
    assert (details["before"]["local_time"], details["after"]["local_time"]) == ("15:00", "11:00")


def test_dates_that_are_left_out_put_back_and_decided(database: Session) -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    made = make_series(office, count=6)
    skip_occurrence(**given(made, day=day(2), reason="Holiday"))
    restore_occurrence(**given(made, day=day(2)))
    settle_conflict(**given(made, day=day(1), alternative=tuesday(1, 11) + timedelta(days=1)))
    with pytest.raises(SlotTaken):
        book(office, tuesday(1, 11) + timedelta(days=1))
    assert said(made, database) == [
        ("skipped", {"day": iso(2), "reason": "Holiday"}),
        ("restored", {"day": iso(2)}),
        ("settled", {"day": iso(1), "starts_at": (tuesday(1, 11) + timedelta(days=1)).isoformat()}),
    ]


def test_what_is_refused_leaves_no_line(database: Session) -> None:
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 10))
    made = make_series(office, count=6)
    book(office, tuesday(1, 11) + timedelta(days=2))
    with pytest.raises(SlotTaken):
        settle_conflict(**given(made, day=day(1), alternative=tuesday(1, 11) + timedelta(days=2)))
    pause_series(**given(made, first=day(30), last=day(31)))  # No date lies there.
    assert said(made, database) == []


def test_a_pause_and_the_end(database: Session) -> None:
    made = make_series(make_office())
    pause_series(**given(made, first=day(3), last=day(4), reason="Holiday"))
    for _ in range(2):  # The second time there is nothing left to end.
        end_series(**given(made, scope=SeriesScope.FOLLOWING, day=day(8), reason="Goals reached"))
    assert said(made, database) == [
        ("paused", {"first": iso(3), "last": iso(4), "reason": "Holiday"}),
        ("ended", {"last": iso(8, days=-1), "reason": "Goals reached"}),
    ]


def test_who_joins_and_who_leaves_and_why(database: Session) -> None:
    made = make_series(make_group_office(), count=12)
    ben = make_contact(name="Ben")
    results = add_member(**given(made, contact=ben, first_day=day(1), reason="Asked by phone"))
    assert {each.outcome for each in results} == {DateOutcome.JOINED}
    member = made.members[1]
    remove_member(**given(made, member_public_id=member.public_id, last_day=day(6), reason="Moved away"))
    assert said(made, database) == [
        ("joined", {"first": iso(1), "member": member.public_id, "reason": "Asked by phone"}),
        ("left", {"last": iso(6), "member": member.public_id, "reason": "Moved away"}),
    ]
    appointment = next(row.appointment for row in made.occurrences if row.day == day(2))
    assert appointment is not None
    assert [(line.action, line.details.get("reason")) for line in appointment.events] == [
        ("booked", None),
        ("joined", "Asked by phone"),
    ]


def test_a_couples_slot_ends_with_the_one_who_leaves(database: Session) -> None:
    office: Office = make_couple_office()
    made = make_series(office, contacts=[make_contact(), make_contact(name="John")])
    remove_member(**given(made, member_public_id=made.members[1].public_id, last_day=day(3)))
    assert [action for action, _ in said(made, database)] == ["left", "ended"]
