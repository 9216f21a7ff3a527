from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from telehealth.domain.contact import Contact
from telehealth.domain.series.patterns import Plan
from telehealth.domain.words import Mode, ServiceKind
from telehealth.models import Series
from telehealth.services.audit import ActedBy
from telehealth.services.series.making import create_series
from tests.factories.appointments import BY_STAFF
from tests.factories.contacts import make_contact
from tests.factories.offices import Office, make_office
from tests.moments import NOW

FIRST_TUESDAY = date(2026, 12, 1)


def make_plan(office: Office, **given: Any) -> Plan:
    """Tuesdays at three in Denver, by video, from the week after NOW, until further notice."""
    mode = given.get("mode", Mode.VIRTUAL)
    usual = {
        "service": office.service.public_id,
        "therapist": office.therapist.public_id,
        "mode": mode,
        "location": office.location.public_id if mode == Mode.IN_PERSON else None,
        "co_therapist": None,
        "timezone": "America/Denver",
        "local_time": time(15),
        "starts_on": FIRST_TUESDAY,
    }
    return Plan(**{**usual, **given})


def make_series(
    office: Office,
    *,
    contacts: Sequence[Contact] | None = None,
    choices: Mapping[date, datetime | None] | None = None,
    by: ActedBy = BY_STAFF,
    now: datetime = NOW,
    **given: Any,
) -> Series:
    """Set up a standing slot through the real service, for a new client. ``given`` goes into the plan."""
    return create_series(
        practice_id=office.practice.id,
        plan=make_plan(office, **given),
        contacts=[make_contact()] if contacts is None else contacts,
        choices=choices or {},
        by=by,
        now=now,
    )


def make_couple_office(**given: Any) -> Office:
    return make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2, **given})


def make_group_office(**given: Any) -> Office:
    return make_office(service={"kind": ServiceKind.GROUP, "capacity": 4, **given})
