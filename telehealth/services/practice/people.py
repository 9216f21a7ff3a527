"""Who belongs to a practice: what each login may do, whether it may sign in, and an end to its sign-ins.

Whoever changes that holds the row of the practice meanwhile: two owners who end each other at once would otherwise
leave nobody in charge.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.access import AT_THE_DESK
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Practice, RoleRecord, User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.hours.freed_times import note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.accounts import named_login, set_roles
from telehealth.services.practice.sign_ins import sign_out_of_practice

LAST_OWNER = "Nobody else could decide for the practice. Please let somebody else be an owner first."
NO_ROLE = "Please choose at least one role. To keep somebody out, switch the login off."
GIVES_CARE_STILL = "They see clients. Please take them out of booking first (Therapists)."
GIVES_NO_CARE = "They see no clients yet. Please add or reopen them as a therapist first (Therapists)."


def change_roles(
    *, practice_id: int, person_public_id: str, roles: Collection[Role], by: ActedBy, now: datetime
) -> User:
    """Let a login have these roles and no others. Raises InvalidInput (field ``roles``), NotFound.

    The last owner who can sign in stays one. "Therapist" goes with seeing clients, which begins and ends in
    ``services.practice.therapists``.
    """
    wanted = frozenset(roles)
    if not wanted or not wanted <= AT_THE_DESK:
        raise InvalidInput({"roles": NO_ROLE})
    with transaction() as session:
        user = _lock_person(session, practice_id, person_public_id)
        if Role.OWNER not in wanted:
            _require_another_owner(session, user, "roles")
        gives_care = user.therapist is not None and user.therapist.ended_at is None
        if gives_care and user.has(Role.THERAPIST) and Role.THERAPIST not in wanted:
            raise InvalidInput({"roles": GIVES_CARE_STILL})
        if Role.THERAPIST in wanted and not gives_care and not user.has(Role.THERAPIST):
            raise InvalidInput({"roles": GIVES_NO_CARE})
        set_roles(session, user, wanted, by=by, now=now)
        return user


def switch_login_off(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """Keep a login out of this practice: its sign-ins here end, its programs are refused, and if it is a therapist's
    nothing of theirs is offered meanwhile. What is booked stays. Raises InvalidInput (field ``login``) for the last
    owner, NotFound.
    """
    with transaction() as session:
        user = _lock_person(session, practice_id, person_public_id)
        if user.active:
            _require_another_owner(session, user, "login")
            user.active = False
            sign_out_of_practice(session, user, now=now)
            record_setting(session, practice_id, named_login(user), AuditAction.ENDED, by, now=now)
        return user


def switch_login_on(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """Let a login in again, with the password it had. Raises NotFound."""
    with transaction() as session:
        user = _lock_person(session, practice_id, person_public_id)
        if not user.active:
            user.active = True
            record_setting(session, practice_id, named_login(user), AuditAction.REOPENED, by, now=now)
            if user.therapist is not None and user.therapist.ended_at is None:
                note_possible(session, practice_id, [user.therapist.id], now=now)
        return user


def sign_out_login(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> int:
    """End every sign-in that is at work here, wherever it is; how many there were. The password stays, and so do
    sign-ins at other practices of the same login, which open this one no more. Raises NotFound.
    """
    with transaction() as session:
        user = lock_own(session, User, practice_id, public_id=person_public_id)
        ended = sign_out_of_practice(session, user, now=now)
        if ended:
            about = Setting(AuditSubject.SIGN_INS, user.public_id, user.name)
            record_setting(session, practice_id, about, AuditAction.ENDED, by, now=now, count=ended)
        return ended


def _lock_person(session: Session, practice_id: int, public_id: str) -> User:
    session.execute(select(Practice.id).where(Practice.id == practice_id).with_for_update(key_share=True))
    return lock_own(session, User, practice_id, public_id=public_id)


def _require_another_owner(session: Session, user: User, field: str) -> None:
    """Of owners those count who can sign in. Raises InvalidInput for the last one."""
    can_sign_in = (User.practice_id == user.practice_id) & User.active & User.login_id.is_not(None)
    others = can_sign_in & (User.id != user.id) & User.roles.any(RoleRecord.name == Role.OWNER)
    if user.active and user.has(Role.OWNER) and not session.scalar(select(exists().where(others))):
        raise InvalidInput({field: LAST_OWNER})
