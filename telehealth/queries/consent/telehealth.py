"""Which text a practice's clients agree to before they meet by video, and what they answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import db
from telehealth.domain.consent.telehealth import READY, TextVersion
from telehealth.domain.words import TelehealthAnswer
from telehealth.models import Practice, TelehealthConsent, TelehealthText


@dataclass(frozen=True, slots=True)
class ConsentStanding:
    """What a client answered last, and the version that is asked now."""

    last: TelehealthConsent | None
    version: int

    @property
    def is_given(self) -> bool:
        """Whether they agreed to the version that holds."""
        agreed = self.last is not None and self.last.answer == TelehealthAnswer.AGREED
        return agreed and self.last is not None and self.last.text.version == self.version


def read_text_version(session: Session, practice_id: int) -> TextVersion:
    """The one that holds: the latest of the practice's, or the ready one."""
    latest = select(TelehealthText).where(TelehealthText.practice_id == practice_id)
    row = session.scalar(latest.order_by(TelehealthText.version.desc()).limit(1))
    return TextVersion(row.version, row.texts, row.created_at.date()) if row is not None else READY


def find_text_version(practice_id: int) -> TextVersion:
    """The same for whoever only reads."""
    return read_text_version(db.session(), practice_id)


def list_text_versions(practice_id: int) -> list[tuple[TelehealthText, int]]:
    """All versions that were kept, the latest first, and how many answers each had."""
    answers = (
        select(func.count())
        .select_from(TelehealthConsent)
        .where(TelehealthConsent.text_id == TelehealthText.id)
        .scalar_subquery()
    )
    statement = select(TelehealthText, answers).where(TelehealthText.practice_id == practice_id)
    return [(row, count) for row, count in db.session.execute(statement.order_by(TelehealthText.version.desc()))]


def list_telehealth_answers(client_id: int) -> Sequence[TelehealthConsent]:
    """Every answer of a client's, the latest first."""
    theirs = select(TelehealthConsent).where(TelehealthConsent.client_id == client_id)
    shown = theirs.options(joinedload(TelehealthConsent.text), joinedload(TelehealthConsent.companion))
    return db.session.scalars(shown.order_by(TelehealthConsent.id.desc())).all()


def find_standings(practice: Practice, client_ids: Collection[int]) -> dict[int, ConsentStanding]:
    """How it stands with each of some clients; nothing where the practice does not ask."""
    if not practice.asks_telehealth_consent or not client_ids:
        return {}
    version = find_text_version(practice.id).version
    latest = (
        select(func.max(TelehealthConsent.id))
        .where(TelehealthConsent.client_id.in_(client_ids))
        .group_by(TelehealthConsent.client_id)
    )
    rows = db.session.scalars(
        select(TelehealthConsent).where(TelehealthConsent.id.in_(latest)).options(joinedload(TelehealthConsent.text))
    )
    by_client = {each.client_id: each for each in rows}
    return {each: ConsentStanding(by_client.get(each), version) for each in client_ids}


def needs_telehealth_consent(practice: Practice, client_id: int) -> bool:
    """Whether a client has to be asked."""
    standing = find_standings(practice, [client_id]).get(client_id)
    return standing is not None and not standing.is_given
