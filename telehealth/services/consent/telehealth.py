"""What clients agree to before they meet by video: a practice's text, and their answers to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.consent.telehealth import (
    NOT_AHEAD,
    SAY_WHO,
    TextVersion,
    clean_signature,
    clean_texts,
    may_companion_agree,
    needs_somebody,
)
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.languages import nearest_language
from telehealth.domain.message_words import TaskKind
from telehealth.domain.words import TelehealthAnswer, TelehealthWay
from telehealth.models import Attendee, Client, Practice, Task, TelehealthConsent, TelehealthText
from telehealth.queries.consent.telehealth import read_text_version
from telehealth.services.audit import ActedBy, Setting, differences, record_change, record_setting
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.locking import lock_client, lock_seat
from telehealth.services.practice.client_files import named_client
from telehealth.services.practice.practice_settings import change_practice
from telehealth.services.task_opening import open_task

TEXT_CHANGED = "The text has changed meanwhile. Please read it once more: this is the new one."
SOMEBODY_ELSE = "Somebody who acts for them has to agree. Nothing was changed."
DECLINED_NOTE = "They would rather not meet by video. Please call: in person, by phone, or what worries them."
WITHDRAWN_NOTE = "They took back that they meet by video. Please call about what is booked."


class TextChanged(InvalidInput):
    """Another version holds by now than the one that was read."""

    def __init__(self) -> None:
        super().__init__({"version": TEXT_CHANGED})


@dataclass(frozen=True, slots=True)
class Noted:
    """What staff note of an answer: who gave it, how, and when it was said (an instant)."""

    answer: TelehealthAnswer
    way: TelehealthWay
    signature: str
    answered_at: datetime


@retry_on_conflict
def set_telehealth_texts(*, practice_id: int, texts: Mapping[str, str], by: ActedBy, now: datetime) -> int:
    """Let clients agree to these words, by language; the version that holds then. It is a new one where somebody has
    answered the one before, and everybody is asked again. Raises InvalidInput by field: ``text_en``, ``text_es``.
    """
    kept = clean_texts(texts)
    with transaction() as session:
        _hold(session, practice_id)
        before = read_text_version(session, practice_id)
        if dict(before.texts) == kept:
            return before.version
        latest = _latest_row(session, practice_id)
        if latest is not None and not _is_answered(session, latest):
            latest.texts, latest.created_at, version = kept, now, latest.version
        else:
            version = latest.version + 1 if latest is not None else before.version
            session.add(TelehealthText(practice_id=practice_id, version=version, texts=kept, created_at=now))
        session.flush()
        about = Setting(AuditSubject.PRACTICE)
        said = differences(_as_fields(before.texts, before.version), _as_fields(kept, version))
        record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, **said)
        return version


def set_telehealth_asking(*, practice_id: int, is_asked: bool, by: ActedBy, now: datetime) -> None:
    """Ask clients before they meet by video, or no more. What they answered stays."""
    with transaction() as session:
        change_practice(session, practice_id, {"asks_telehealth_consent": is_asked}, by, now=now)


@retry_on_conflict
def answer_telehealth(  # noqa: PLR0913 -- an answer is these facts
    *,
    attendee_public_id: str,
    companion_id: int | None,
    answer: TelehealthAnswer,
    signature: str,
    mark: str,
    language: str,
    by: ActedBy,
    now: datetime,
) -> TelehealthConsent:
    """Keep what whoever reads a seat answered on a page, for its client; ``mark`` is that of the words they read
    (``TextVersion.mark``). To agree they type their name. A no, and a yes that is taken back, are told to the desk.
    Raises NotFound, InvalidInput, TextChanged; NotAllowed where it is not theirs to agree.
    """
    name = clean_signature(signature) if answer == TelehealthAnswer.AGREED else signature.strip()
    with transaction() as session:
        seat = lock_seat(session, attendee_public_id)
        agrees = answer == TelehealthAnswer.AGREED
        if agrees and not may_agree(seat, is_companion=companion_id is not None, now=now):
            raise NotAllowed(SOMEBODY_ELSE)
        _hold(session, seat.practice_id)
        holds = read_text_version(session, seat.practice_id)
        if holds.mark(language) != mark:
            raise TextChanged
        given = _write(session, seat.client, holds, language, Noted(answer, TelehealthWay.PAGE, name, now), by, now=now)
        given.companion_id, given.attendee_id = companion_id, seat.id
        session.flush()
        if not agrees:
            note = WITHDRAWN_NOTE if answer == TelehealthAnswer.WITHDRAWN else DECLINED_NOTE
            _tell_desk(session, seat, note, now=now)
        return given


@retry_on_conflict
def note_telehealth(
    *, practice_id: int, client_public_id: str, noted: Noted, by: ActedBy, now: datetime
) -> TelehealthConsent:
    """Write down what a client, or whoever acts for them, answered on paper or by voice, to the version that holds.
    Staff only. Raises NotFound, NotAllowed, InvalidInput by field: ``signature``, ``answered_on``.
    """
    by.require_staff()
    name = clean_signature(noted.signature, missing=SAY_WHO)
    if noted.answered_at > now:
        raise InvalidInput({"answered_on": NOT_AHEAD})
    with transaction() as session:
        client = lock_client(session, practice_id, client_public_id)
        _hold(session, practice_id)
        holds = read_text_version(session, practice_id)
        return _write(session, client, holds, client.locale, replace(noted, signature=name), by, now=now)


def may_agree(seat: Attendee, *, is_companion: bool, now: datetime) -> bool:
    """Whether it is for the reader of a seat to agree: for its client, unless somebody has to act for them, and for
    whoever acts for them, unless they are of age.
    """
    rule = may_companion_agree if is_companion else _may_agree_alone
    return rule(seat.client.born_on, seat.jurisdiction, on=now.date())


def _may_agree_alone(born_on: date | None, state: str | None, *, on: date) -> bool:
    return not needs_somebody(born_on, state, on=on)


def _write(
    session: Session, client: Client, holds: TextVersion, language: str, said: Noted, by: ActedBy, *, now: datetime
) -> TelehealthConsent:
    text = _freeze(session, client.practice_id, holds, now=now)
    last = select(TelehealthConsent).where(TelehealthConsent.client_id == client.id)
    before = session.scalar(last.order_by(TelehealthConsent.id.desc()).limit(1))
    given = TelehealthConsent(
        practice_id=client.practice_id,
        client_id=client.id,
        text_id=text.id,
        locale=nearest_language(language),
        answer=said.answer,
        way=said.way,
        signature=said.signature,
        user_id=by.user_id,
        answered_at=said.answered_at,
        created_at=now,
    )
    session.add(given)
    session.flush()
    after = {"video_consent": said.answer.value, "video_version": holds.version, "video_way": said.way.value}
    was = {"video_consent": before.answer.value if before else None, "video_version": None, "video_way": None}
    more = {"companion": by.companion} if by.companion else {}
    record_change(session, client.practice_id, named_client(client), by, before=was, after=after, now=now, **more)
    return given


def _hold(session: Session, practice_id: int) -> None:
    """One writer of versions and answers after the other: what somebody answers is not changed meanwhile."""
    session.execute(select(Practice.id).where(Practice.id == practice_id).with_for_update(key_share=True))


def _latest_row(session: Session, practice_id: int) -> TelehealthText | None:
    latest = select(TelehealthText).where(TelehealthText.practice_id == practice_id)
    return session.scalar(latest.order_by(TelehealthText.version.desc()).limit(1))


def _is_answered(session: Session, text: TelehealthText) -> bool:
    given = select(TelehealthConsent.id).where(TelehealthConsent.text_id == text.id).limit(1)
    return session.scalar(given) is not None


def _freeze(session: Session, practice_id: int, holds: TextVersion, *, now: datetime) -> TelehealthText:
    """The row of the version that holds: the ready one is kept with its first answer."""
    values = {"practice_id": practice_id, "version": holds.version, "texts": dict(holds.texts), "created_at": now}
    insert_unless_taken(session, TelehealthText, values)
    return session.scalars(select(TelehealthText).filter_by(practice_id=practice_id, version=holds.version)).one()


def _tell_desk(session: Session, seat: Attendee, note: str, *, now: datetime) -> None:
    waits = select(Task.id).where(
        Task.client_id == seat.client_id, Task.kind == TaskKind.CALL, Task.note == note, Task.done_at.is_(None)
    )
    if session.scalar(waits.limit(1)) is None:
        open_task(
            session,
            practice_id=seat.practice_id,
            kind=TaskKind.CALL,
            client_id=seat.client_id,
            appointment_id=seat.appointment_id,
            note=note,
            now=now,
        )


def _as_fields(texts: Mapping[str, str], version: int) -> dict[str, object]:
    return {**{f"text_{language}": text for language, text in texts.items()}, "video_version": version}
