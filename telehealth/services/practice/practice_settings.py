"""What an owner decides for the whole practice."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import contact, keeping
from telehealth.domain.appointments.joining import LIMITS as ROOM_LIMITS
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.bounds import Bounds, out_of_bounds
from telehealth.domain.calendar_words import WhenUnread
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.consent.texting import clean_countries, clean_staff_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.inbox.alerting import StaffAlerts
from telehealth.models import Practice
from telehealth.services.audit import ActedBy, Setting, change_row

log = logging.getLogger(__name__)

TAKEN = "Another practice here uses this for its texts. Nothing was changed. Please choose one of your own."
LIMITS: Bounds = {
    "grace_minutes": (0, 60, "Please choose from 0 to 60 minutes."),
    "hold_minutes": (2, 60, "Please choose from 2 to 60 minutes."),
    "offer_minutes": (10, 2 * 24 * 60, "Please choose from 10 minutes to two days (2,880 minutes)."),
    "quiet_minutes": (0, 24 * 60, "Please choose from 0 minutes to a day (1,440 minutes)."),
    "series_weeks": (1, 52, "Please choose from 1 to 52 weeks."),
    "no_show_minutes": (5, 120, "Please choose from 5 to 120 minutes."),
}
"""Of ``PracticePace``."""
SIGN_IN_LIMITS: Bounds = {
    "idle_minutes": (15, 8 * 60, "Please choose from 15 minutes to eight hours (480 minutes)."),
    "sign_in_hours": (1, 24, "Please choose from 1 to 24 hours."),
}
MOVE_LIMITS: Bounds = {"most_moves": (0, 20, "Please choose from 0 to 20, or leave it empty for no limit.")}
"""Of ``MoveRules``; 0: clients call to move."""
CALENDAR_LIMITS: Bounds = {
    "busy_before_minutes": (0, 120, "Please choose from 0 to 120 minutes to keep free before."),
    "busy_after_minutes": (0, 120, "Please choose from 0 to 120 minutes to keep free after."),
    "unread_hours": (2, 14 * 24, "Please choose from 2 hours to two weeks (336 hours) until a calendar is old."),
}
"""Of ``CalendarRules``."""


def set_text_sender(
    *, practice_id: int, text_sender: str, ours: Collection[str], by: ActedBy, now: datetime
) -> str | None:
    """Let texts come from a number or a Messaging Service (``MG…``) of the practice's own; empty, or one of ``ours``,
    the installation's: from the installation's. Returns what is kept. Raises InvalidInput (field ``text_sender``), also
    for what another practice has: people's answers would reach the wrong one.
    """
    try:
        cleaned = contact.clean_text_sender(text_sender)
    except ValueError as problem:
        raise InvalidInput({"text_sender": str(problem)}) from problem
    kept = None if cleaned in ours else cleaned
    with transaction() as session:
        # One practice after the other, or two could choose the same at once.
        session.execute(select(Practice.id).order_by(Practice.id).with_for_update(key_share=True))
        theirs = select(Practice.id).where(Practice.text_sender == kept, Practice.id != practice_id)
        if kept is not None and session.scalar(theirs.limit(1)) is not None:
            raise InvalidInput({"text_sender": TAKEN})
        change_practice(session, practice_id, {"text_sender": kept}, by, now=now)
    log.info("text sender changed", extra={"practice": practice_id, "user": by.user_id})
    return kept


def set_alerts(*, practice_id: int, alerts: StaffAlerts, alert_phone: str, by: ActedBy, now: datetime) -> str | None:
    """Choose which texts of clients' are told to staff at once, and a number of the practice's that hears of all of
    them; empty for none. Returns the number as it is kept (E.164). Raises InvalidInput (field ``alert_phone``).
    """
    try:
        kept = clean_staff_phone(alert_phone)
    except ValueError as problem:
        raise InvalidInput({"alert_phone": str(problem)}) from problem
    with transaction() as session:
        change_practice(session, practice_id, {"alerts": alerts, "alert_phone": kept}, by, now=now)
    return kept


def set_text_countries(*, practice_id: int, countries: Collection[str], by: ActedBy, now: datetime) -> list[str]:
    """Text numbers in these countries only (codes, ISO 3166); none: in the practice's own. Returns what is kept.
    What is planned for others goes by e-mail. Raises InvalidInput (field ``text_countries``).
    """
    try:
        kept = clean_countries(countries)
    except ValueError as problem:
        raise InvalidInput({"text_countries": str(problem)}) from problem
    with transaction() as session:
        change_practice(session, practice_id, {"text_countries": kept}, by, now=now)
    return kept


@dataclass(frozen=True, slots=True)
class PracticePace:
    """How long things wait, in minutes, and how far ahead standing slots become appointments; see models.Practice."""

    grace_minutes: int
    hold_minutes: int
    offer_minutes: int
    quiet_minutes: int
    series_weeks: int
    no_show_minutes: int


def set_pace(*, practice_id: int, pace: PracticePace, by: ActedBy, now: datetime) -> None:
    """Change how long things wait, from now on. Raises InvalidInput by field."""
    _set_within(LIMITS, practice_id, pace, by, now=now)


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """When a sign-in of staff ends by itself; see models.Practice."""

    idle_minutes: int
    sign_in_hours: int


def set_sign_in_limits(*, practice_id: int, limits: SignInLimits, by: ActedBy, now: datetime) -> None:
    """Change when sign-ins end, also of those who are signed in now. Raises InvalidInput by field."""
    _set_within(SIGN_IN_LIMITS, practice_id, limits, by, now=now)


@dataclass(frozen=True, slots=True)
class KeptYears:
    """How long records of clients are kept; see models.Practice."""

    kept_years: int
    kept_years_of_minors: int


def set_kept_years(*, practice_id: int, years: KeptYears, by: ActedBy, now: datetime) -> None:
    """Change how long records of clients are kept. Raises InvalidInput by field."""
    _set_within(keeping.LIMITS, practice_id, years, by, now=now)


@dataclass(frozen=True, slots=True)
class MoveRules:
    """What clients may move by themselves; see models.Practice."""

    most_moves: int | None
    moves_ask_again: bool


def set_move_rules(*, practice_id: int, rules: MoveRules, by: ActedBy, now: datetime) -> None:
    """Change what clients may move by themselves, from now on. Raises InvalidInput by field."""
    _set_within(MOVE_LIMITS, practice_id, rules, by, now=now)


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """What therapists' own calendars mean for what is offered; see models.Practice."""

    busy_before_minutes: int
    busy_after_minutes: int
    tentative_is_busy: bool
    unread_hours: int
    when_unread: WhenUnread


def set_calendar_rules(*, practice_id: int, rules: CalendarRules, by: ActedBy, now: datetime) -> None:
    """Change what therapists' own calendars mean for what is offered, from now on; what is half accepted counts
    otherwise once they are read again. Raises InvalidInput by field.
    """
    _set_within(CALENDAR_LIMITS, practice_id, rules, by, now=now)


@dataclass(frozen=True, slots=True)
class RoomRules:
    """When virtual rooms can be entered; see models.Practice."""

    room_opens_minutes: int
    room_stays_minutes: int


def set_room_rules(*, practice_id: int, rules: RoomRules, by: ActedBy, now: datetime) -> None:
    """Change when virtual rooms can be entered, from now on, also of what is booked. Raises InvalidInput by field."""
    _set_within(ROOM_LIMITS, practice_id, rules, by, now=now)


def set_phone_only(
    *, practice_id: int, takes_phone_only: bool, by: ActedBy, now: datetime, books_phone_only: bool | None = None
) -> None:
    """Let staff enter clients without an e-mail address, who are reached by phone only, or whoever proves their number
    book so online; or no more (None: as it is). Those who are there stay.
    """
    values = {"takes_phone_only": takes_phone_only}
    online = {"books_phone_only": books_phone_only} if books_phone_only is not None else {}
    with transaction() as session:
        change_practice(session, practice_id, {**values, **online}, by, now=now)


def set_when_minor(*, practice_id: int, when_minor: WhenMinor, by: ActedBy, now: datetime) -> None:
    """Change whether a minor is booked by, or with, whoever acts for them, from now on."""
    with transaction() as session:
        change_practice(session, practice_id, {"when_minor": when_minor}, by, now=now)


def put_first_steps_away(*, practice_id: int, is_away: bool, by: ActedBy, now: datetime) -> None:
    """Show the list of first steps no more, or again."""
    with transaction() as session:
        change_practice(session, practice_id, {"first_steps_put_away_at": now if is_away else None}, by, now=now)


def _set_within(
    bounds: Bounds,
    practice_id: int,
    wish: PracticePace | SignInLimits | KeptYears | MoveRules | CalendarRules | RoomRules,
    by: ActedBy,
    *,
    now: datetime,
) -> None:
    """Other numbers for the practice. Raises InvalidInput by field."""
    values = asdict(wish)
    if problems := out_of_bounds(values, bounds):
        raise InvalidInput(problems)
    with transaction() as session:
        change_practice(session, practice_id, values, by, now=now)


def change_practice(session: Session, practice_id: int, values: RowValues, by: ActedBy, *, now: datetime) -> Practice:
    """Other values in columns of the practice, on record; within the caller's transaction."""
    practice = session.get_one(Practice, practice_id, with_for_update={"key_share": True})
    change_row(session, practice_id, practice, values, _named, by, now=now)
    return practice


def _named(practice: Practice) -> Setting:
    return Setting(AuditSubject.PRACTICE, name=practice.name)
