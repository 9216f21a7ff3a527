"""Proving that the number at which somebody of the practice is told of what waits is their own: one digit off, and a
stranger would be texted at night, and nobody told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import ENGLISH
from telehealth.domain.messages.number_codes import Proof
from telehealth.models import User
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.consent.number_proving import prove_number, send_number_code

NO_NUMBER = "Please give a number first."


def put_own_number(user: User, number: str | None, *, proved_at: datetime | None) -> None:
    """Keep where somebody is texted, and since when it is known to be theirs: of a therapist it stands with them."""
    if user.therapist is not None:
        user.therapist.phone, user.therapist.phone_proved_at = number, proved_at
    else:
        user.alert_phone, user.alert_phone_proved_at = number, proved_at


def text_own_number(*, user_id: int, by: ActedBy, now: datetime) -> None:
    """Text a code to the number at which somebody wants to be told. Raises InvalidInput (field ``phone``) when there is
    none, and TooManyCodes.
    """
    with transaction() as session:
        practice_id, phone = _find_number(session, user_id)
    theirs = replace(by, user_id=user_id)
    send_number_code(practice_id=practice_id, phone=phone, secret=_secret(user_id), locale=ENGLISH, by=theirs, now=now)


def prove_own_number(*, user_id: int, typed: str, addresses: Addresses, by: ActedBy, now: datetime) -> Proof:
    """Whether somebody typed the code; they are texted there from then on. Raises InvalidInput (field ``phone``)."""
    with transaction() as session:
        practice_id, phone = _find_number(session, user_id)
    found = prove_number(
        practice_id=practice_id,
        phone=phone,
        secret=_secret(user_id),
        typed=typed,
        addresses=addresses,
        now=now,
        user_id=user_id,
    )
    if found == Proof.PROVED:
        with transaction() as session:
            _keep_proof(session, user_id, phone, by, now=now)
    return found


def _keep_proof(session: Session, user_id: int, phone: str, by: ActedBy, *, now: datetime) -> None:
    """Unless they have named another number meanwhile, or have proved it already."""
    user = session.get_one(User, user_id, with_for_update=True)
    if user.alerted_at != phone or user.has_proved_number:
        return
    put_own_number(user, phone, proved_at=now)
    about = Setting(AuditSubject.ALERTS, name=user.name)
    record_change(session, user.practice_id, about, by, before={"proved": False}, after={"proved": True}, now=now)


def _find_number(session: Session, user_id: int) -> tuple[int, str]:
    user = session.get_one(User, user_id)
    if not user.alerted_at:
        raise InvalidInput({"phone": NO_NUMBER})
    return user.practice_id, user.alerted_at


def _secret(user_id: int) -> str:
    """They are signed in: a code counts on whichever of their devices they type it. That anybody could guess it does
    not matter: no visitor's secret opens what somebody of the practice was texted.
    """
    return f"user:{user_id}"
