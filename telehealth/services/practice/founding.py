"""A practice begins: with its address here, what everybody sees of it, and one owner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.bounds import out_of_bounds
from telehealth.domain.contact import clean_email, clean_name, read_field
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.words import Role
from telehealth.models import Practice, User
from telehealth.queries.practice.practices import has_practice
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.practice.accounts import NewLogin, ProvenLogin, add_user
from telehealth.services.practice.practice_profile import PracticeProfile, clean_profile
from telehealth.services.practice.practice_settings import LIMITS

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
RESERVED_SLUGS = {
    "a", "api", "calendar", "call", "colours", "desk", "dev", "fs-static", "g", "health", "j", "m", "metrics",
    "o", "pictures", "sign-in", "sign-out", "start", "static", "u", "w", "webhooks",
}  # fmt: skip
"""The first words of other addresses; a house test compares them with the routes."""
THERE_IS_ONE = "There is a practice here already. Whoever runs the server can add another one."


def create_practice(
    *,
    slug: str,
    profile: PracticeProfile,
    owner: NewLogin | ProvenLogin,
    by: ActedBy,
    now: datetime,
    grace_minutes: int = 3,
) -> Practice:
    """An empty practice with one owner; until it says otherwise, the usual rules about messages hold. Raises
    InvalidInput by field; those of the login are called ``owner_name`` and ``owner_email``.
    """
    with transaction() as session:
        values = _read(session, slug, profile, owner, out_of_bounds({"grace_minutes": grace_minutes}, LIMITS))
        return _create(session, {**values, "grace_minutes": grace_minutes}, owner, by, now=now)


def found_first_practice(
    *,
    slug: str,
    profile: PracticeProfile,
    owner: NewLogin | ProvenLogin,
    besides: str | None,
    problems: Mapping[str, str],
    by: ActedBy,
    now: datetime,
) -> User:
    """The same for whoever comes to an installation that has no practice yet, but perhaps the one ``besides`` (its
    slug). Returns the owner's login. ``problems`` are what the door found in what it does not hand on, such as the
    password: they are told together with all others. Raises NotAllowed once there is one, InvalidInput by field.
    """
    with transaction() as session:
        if has_practice(besides=besides):
            raise NotAllowed(THERE_IS_ONE)
        practice = _create(session, _read(session, slug, profile, owner, problems), owner, by, now=now)
        return session.scalars(select(User).where(User.practice_id == practice.id)).one()


def suggest_slug(name: str) -> str:
    """A word for addresses made of a practice's name: "Elm Street Counseling" is "elm-street-counseling"; empty where
    it has no letters of ours.
    """
    plain = unicodedata.normalize("NFKD", name[:200]).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return "-".join(words)[:40].strip("-")


def _create(
    session: Session, values: RowValues, owner: NewLogin | ProvenLogin, by: ActedBy, *, now: datetime
) -> Practice:
    practice = Practice(**values, created_at=now)
    session.add(practice)
    session.flush()
    after = {name: value for name, value in values.items() if value not in ("", [])}
    about = Setting(AuditSubject.PRACTICE, name=practice.name)
    record_setting(session, practice.id, about, AuditAction.ADDED, by, now=now, after=after)
    try:
        add_user(session, practice.id, owner, Role.OWNER, by=by, now=now)
    except InvalidInput as problem:
        raise InvalidInput({f"owner_{name}": sentence for name, sentence in problem.fields.items()}) from problem
    return practice


def _read(
    session: Session, slug: str, profile: PracticeProfile, owner: NewLogin | ProvenLogin, known: Mapping[str, str]
) -> RowValues:
    """The columns of the practice. Raises InvalidInput with everything that cannot be used, also what is ``known``."""
    problems = {**known, **_why_not_slug(session, slug)}
    values: RowValues = {}
    try:
        values = clean_profile(profile)
    except InvalidInput as problem:
        problems |= problem.fields
    read_field(problems, "owner_name", clean_name, owner.name)
    if isinstance(owner, NewLogin):
        read_field(problems, "owner_email", clean_email, owner.email)
    if problems:
        raise InvalidInput(problems)
    return {"slug": slug, **values}


def _why_not_slug(session: Session, slug: str) -> dict[str, str]:
    if not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        return {"slug": "Please use lower-case letters, digits and hyphens, for example elm-street."}
    if session.scalar(select(func.count()).where(Practice.slug == slug)):
        return {"slug": "Another practice has this address already. Please choose another."}
    return {}
