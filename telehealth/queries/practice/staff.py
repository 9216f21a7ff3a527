"""Who works at a practice and what acts for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import ApiToken, Login, LoginLetter, Passkey, Practice, RecoveryCode, SignIn, Therapist, User


def login_names(practice_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of some logins of this practice, by id."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.practice_id == practice_id, User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def list_logins(practice_id: int) -> dict[int, str]:
    """The names of all logins of this practice by id, in the order of their names; also of those that are closed."""
    rows = db.session.execute(select(User.id, User.name).where(User.practice_id == practice_id))
    return {row.id: row.name for row in sorted(rows, key=lambda row: (row.name.casefold(), row.id))}


_OPEN_INVITATIONS = (
    select(LoginLetter.user_id, func.max(LoginLetter.ends_at).label("until"))
    .where(LoginLetter.kind == LoginLetterKind.INVITATION, LoginLetter.ended_at.is_(None))
    .group_by(LoginLetter.user_id)
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has a login, gives care, or both. ``last_seen`` is of sign-ins at work here, None: never, or no
    login.
    """

    name: str
    user: User | None
    therapist: Therapist | None
    last_seen: datetime | None
    invited_until: datetime | None = None
    """How long the link in an open invitation works; None: there is none, or its link is used or withdrawn."""

    @property
    def second_steps(self) -> list[str]:
        """What is asked for after their password: "app", "passkey"; empty without either, or without a login."""
        login = self.user.login if self.user is not None else None
        if login is None:
            return []
        app = ["app"] if login.authenticator_secret is not None else []
        return [*app, *(["passkey"] if login.passkeys else [])]

    @property
    def is_active(self) -> bool:
        """Whether they may sign in, or without a login are booked."""
        if self.user is not None:
            return self.user.active
        return self.therapist is not None and self.therapist.ended_at is None


def _last(*instants: datetime | None) -> datetime | None:
    return max(filter(None, instants), default=None)


def list_people(practice_id: int) -> list[Person]:
    """Everybody who has a login here or gives care, those who are active first, then by name."""
    seen = select(SignIn.user_id, func.max(SignIn.seen_at).label("at")).group_by(SignIn.user_id).subquery()
    invited = _OPEN_INVITATIONS.where(LoginLetter.practice_id == practice_id).subquery()
    with_passkeys = joinedload(User.login).selectinload(Login.passkeys)
    logins = (
        select(User, seen.c.at, invited.c.until)
        .outerjoin(seen, seen.c.user_id == User.id)
        .outerjoin(invited, invited.c.user_id == User.id)
        .where(User.practice_id == practice_id)
        .options(selectinload(User.roles), with_passkeys, joinedload(User.therapist))
    )
    people = [
        Person(user.name, user, user.therapist, _last(at, user.opened_at), until)
        for user, at, until in db.session.execute(logins)
    ]
    without = select(Therapist).where(Therapist.practice_id == practice_id, Therapist.user_id.is_(None))
    people += [Person(each.name, None, each, None) for each in db.session.scalars(without)]
    return sorted(people, key=lambda each: (not each.is_active, each.name.casefold()))


def find_person(practice_id: int, public_id: str) -> Person:
    """One login of this practice. Raises NotFound."""
    found = db.session.scalar(select(User).where(User.practice_id == practice_id, User.public_id == public_id))
    if found is None:
        raise NotFound
    seen = db.session.scalar(select(func.max(SignIn.seen_at)).where(SignIn.user_id == found.id))
    invited = db.session.execute(_OPEN_INVITATIONS.where(LoginLetter.user_id == found.id)).one_or_none()
    until = invited.until if invited is not None else None
    return Person(found.name, found, found.therapist, _last(seen, found.opened_at), until)


def list_therapists_without_login(practice_id: int) -> Sequence[Therapist]:
    """Who can be booked and cannot sign in, by name."""
    without = Therapist.user_id.is_(None) & Therapist.ended_at.is_(None)
    return db.session.scalars(
        select(Therapist).where(Therapist.practice_id == practice_id, without).order_by(Therapist.name, Therapist.id)
    ).all()


def find_login(email: str) -> Login | None:
    """The login with an address, however its letters are written: only one can have it."""
    return db.session.scalar(select(Login).where(func.lower(Login.email) == email.strip().lower()))


def list_practices_of_login(login_id: int) -> list[tuple[str, str]]:
    """Where a login is let in, by name: the public id of who it is there, and the name of the practice."""
    rows = db.session.execute(
        select(User.public_id, Practice.name)
        .join(User.practice)
        .where(User.login_id == login_id, User.active)
        .order_by(Practice.name, User.id)
    )
    return [(row.public_id, row.name) for row in rows]


def list_sign_ins(login_id: int, *, started_after: datetime, seen_after: datetime) -> Sequence[SignIn]:
    """Sign-ins that were not ended, the last seen first. The two instants leave out those that are too old or idle."""
    return db.session.scalars(
        select(SignIn)
        .where(
            SignIn.login_id == login_id,
            SignIn.ended_at.is_(None),
            SignIn.started_at > started_after,
            SignIn.seen_at > seen_after,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def find_passkey(credential_id: str) -> Passkey | None:
    """The passkey that a browser calls so, with its login."""
    found = select(Passkey).where(Passkey.credential_id == credential_id).options(joinedload(Passkey.login))
    return db.session.scalar(found)


def count_recovery_codes(login_id: int) -> int:
    """How many recovery codes of a login are left."""
    return db.session.scalar(select(func.count()).where(RecoveryCode.login_id == login_id)) or 0


def count_tokens(login_id: int) -> int:
    """How many bearer tokens act for this login, in whichever practice."""
    still = select(func.count()).select_from(ApiToken).join(ApiToken.user)
    still = still.where(User.login_id == login_id, ApiToken.ended_at.is_(None))
    return db.session.scalar(still) or 0


def list_tokens(practice_id: int) -> Sequence[ApiToken]:
    """The bearer tokens that still work, the newest first."""
    return db.session.scalars(
        select(ApiToken)
        .where(ApiToken.practice_id == practice_id, ApiToken.ended_at.is_(None))
        .options(joinedload(ApiToken.user))
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    ).all()
