from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.words import Mode
from telehealth.models import Offer, WaitlistEntry
from telehealth.services.audit import ActedBy
from telehealth.services.waitlist.waiting import join_waitlist
from telehealth.services.waitlist.wishes import WaitWish
from tests.factories.contacts import make_contact
from tests.factories.offices import Office
from tests.moments import NOW


def make_wait_wish(office: Office, **given: Any) -> WaitWish:
    """A new client who would come any time this winter, by video, to anybody."""
    modes = given.get("modes", (Mode.VIRTUAL,))
    usual = {
        "service": office.service.public_id,
        "modes": modes,
        "therapists": (),
        "location": office.location.public_id if Mode.IN_PERSON in modes else None,
        "windows": (),
        "until": date(2027, 3, 1),
        "contact": make_contact(),
    }
    return WaitWish(**{**usual, **given})


def wait(office: Office, *, now: datetime = NOW, **given: Any) -> WaitlistEntry:
    """Join the waitlist through the real service. ``given`` goes into the wish."""
    return join_waitlist(
        practice_id=office.practice.id, wish=make_wait_wish(office, **given), by=ActedBy(Actor.CLIENT), now=now
    )


def offers_to(entry: WaitlistEntry) -> list[Offer]:
    """What somebody who waits was offered so far, as it stands now."""
    offers = select(Offer).where(Offer.entry_id == entry.id).order_by(Offer.id)
    return list(db.session.scalars(offers.execution_options(populate_existing=True)))
