"""Why a calendar cannot be connected, said to whoever connects it by this way or that."""

from __future__ import annotations

import pytest

from telehealth.domain.calendar_refusals import refuse
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind
from telehealth.web.desk.calendars.providers import PROVIDERS

KNOWN = [(each.kind, each.address) for each in PROVIDERS if each.address]
TYPED = "letter by letter"


@pytest.mark.parametrize(
    ("kind", "address"), [*KNOWN, (CalendarKind.GOOGLE, ""), (CalendarKind.MICROSOFT, "")], ids=str
)
def test_nobody_checks_an_address_that_was_not_typed(kind: CalendarKind, address: str) -> None:
    said = str(refuse(CalendarFailure.UNREACHABLE, kind=kind, address=address))
    assert TYPED not in said
    assert "Nothing that you typed is wrong" in said


@pytest.mark.parametrize(
    "address", ["https://cloud.example.com", "https://noticloud.com", "https://icloud.com.example"]
)
def test_whoever_typed_one_does(address: str) -> None:
    assert TYPED in str(refuse(CalendarFailure.UNREACHABLE, kind=CalendarKind.CALDAV, address=address))
    assert TYPED in str(refuse(CalendarFailure.UNREACHABLE, kind=CalendarKind.ICS, address="host.example"))


@pytest.mark.parametrize("kind", [CalendarKind.ICS, CalendarKind.GOOGLE, CalendarKind.MICROSOFT])
def test_nobody_checks_a_password_that_was_not_typed(kind: CalendarKind) -> None:
    assert "password" not in str(refuse(CalendarFailure.REFUSED, kind=kind))
    assert "app password" in str(refuse(CalendarFailure.REFUSED, kind=CalendarKind.CALDAV))


@pytest.mark.parametrize("failure", [CalendarFailure.GONE, CalendarFailure.NOT_A_CALENDAR])
def test_a_server_is_looked_up_in_other_places_than_a_calendar(failure: CalendarFailure) -> None:
    said = {kind: str(refuse(failure, kind=kind)) for kind in (CalendarKind.ICS, CalendarKind.CALDAV)}
    assert "“CalDAV”" in said[CalendarKind.CALDAV]
    assert ".ics" not in said[CalendarKind.CALDAV]
    assert "settings" in said[CalendarKind.ICS]


@pytest.mark.parametrize("kind", [None, *CalendarKind])
@pytest.mark.parametrize("failure", CalendarFailure)
def test_whatever_is_said_the_code_stays(failure: CalendarFailure, kind: CalendarKind | None) -> None:
    refusal = refuse(failure, kind=kind)
    assert refusal.code == refuse(failure).code
    assert str(refusal).endswith(".")
