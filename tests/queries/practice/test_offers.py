"""What a practice offers, read in three statements however much there is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.models import Service
from telehealth.queries.practice.offers import AnyTherapist, Giver, find_offer, find_returns
from telehealth.queries.practice.practices import list_locations, list_services, list_therapists
from tests.factories import Office, add_licence, add_time_off, make_location, make_office, make_service, make_therapist
from tests.moments import NOW
from tests.statements import listening


@pytest.fixture
def office(database: Session) -> Office:
    made = make_office(therapist={"name": "Dana Rivera"})
    couple = make_service(made.practice, name="Couple")
    closed = make_service(made.practice, name="Closed", ended_at=NOW)
    colleague = make_therapist(
        made.practice, made.service, name="Alex Okafor", modalities=["EMDR"], languages=["Español", "English"]
    )
    with transaction() as session:
        colleague.services.extend([session.get_one(Service, each.id) for each in (couple, closed)])
    add_licence(colleague, "UT", valid_from=date(2020, 1, 1))
    add_licence(colleague, "NM", valid_from=date(2020, 1, 1), valid_until=date(2021, 1, 1))
    make_location(made.practice, name="Annex")
    make_office(practice={"slug": "another"})
    return made


def _tell(therapist: AnyTherapist, names: list[str]) -> list[Any]:
    values = (getattr(therapist, name) for name in names)
    return [tuple(value) if isinstance(value, list) else value for value in values]


def test_everything_is_there_in_order(office: Office) -> None:
    offer = find_offer(office.practice.id)
    assert list(offer.services) == list(list_services(office.practice.id))
    rows = list_therapists(office.practice.id)
    told = [name for name in Giver._fields if name not in ("given", "licences", "absences")]
    assert [_tell(each, told) for each in offer.therapists] == [_tell(each, told) for each in rows]
    assert list(offer.locations) == list(list_locations(office.practice.id))


def test_who_gives_what_and_where_they_may(office: Office) -> None:
    offer = find_offer(office.practice.id)
    colleague, dana = offer.therapists
    by_name = {each.name: each for each in offer.services}
    assert offer.list_given(dana) == [office.service]
    assert offer.list_given(colleague) == [
        each for each in offer.services if each.name in (office.service.name, "Couple")
    ]
    assert offer.list_givers(by_name["Couple"]) == [colleague]
    assert offer.list_givers(None) == []
    for each, row in zip(offer.therapists, list_therapists(office.practice.id), strict=True):
        assert each.states(now=NOW) == row.states(now=NOW)
        assert each.given == {service.id for service in row.services}
    assert colleague.states(now=NOW) == {"CO", "UT"}
    assert "NM" in colleague.states(now=datetime(2020, 6, 1, tzinfo=UTC))


def test_whoever_gives_nothing_is_listed_all_the_same(office: Office) -> None:
    with transaction() as session:
        session.merge(office.therapist).services.clear()
    offer = find_offer(office.practice.id)
    assert offer.list_given(offer.therapists[1]) == []


def test_three_statements_however_many_rows(office: Office) -> None:
    for number in range(8):
        make_therapist(office.practice, make_service(office.practice, name=f"Service {number}"), name=f"Kim {number}")
    with listening() as said:
        offer = find_offer(office.practice.id)
        assert all(each.states(now=NOW) for each in offer.therapists)
        assert all(offer.list_given(each) for each in offer.therapists)
    assert len(said) == 3


def test_the_page_speaks_of_absences_that_are_shown_and_of_no_others(office: Office) -> None:
    shown, hidden = (datetime(2026, 11, 1), datetime(2027, 3, 1)), (datetime(2026, 11, 1), datetime(2027, 6, 1))
    add_time_off(office.therapist, *shown, is_shown=True)
    add_time_off(office.therapist, *hidden)
    colleague, dana = find_offer(office.practice.id).therapists
    assert (dana.absences, colleague.absences) == ((shown,), ())
    assert (dana.away_until(now=NOW), colleague.away_until(now=NOW)) == (date(2027, 3, 1), None)
    assert find_returns(office.practice.id, now=NOW) == {dana.id: date(2027, 3, 1)}
