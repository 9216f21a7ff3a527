"""Other rules about messages, and about the hours of texts. Whatever changes holds for everything not sent yet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.messages.planning import USEFUL_AFTER_MISSING
from telehealth.domain.messages.rules import AT_ONCE, DAY, FOR_THERAPISTS, HOUR, ON_THE_DAY, SPAN, Rule
from telehealth.domain.words import Channel, Discretion, MessageKind, Mode
from telehealth.models import Appointment, Attendee, Client, MessageRule, MessageTemplate, Practice, Service
from telehealth.services.audit import ActedBy
from telehealth.services.messages.agendas import plan_agendas
from telehealth.services.messages.planning import bump_plans
from telehealth.services.messages.replanning import NEVER

log = logging.getLogger(__name__)

MOST_RULES = 10
"""So many messages of one kind about one appointment are more than anybody reads."""
LIMITS: Mapping[str, tuple[int, int, str]] = {
    "texts_from": (8 * HOUR, 12 * HOUR, "Please choose a time from 8:00 AM to noon."),
    "texts_until": (15 * HOUR, 21 * HOUR, "Please choose a time from 3:00 PM to 9:00 PM."),
    "texts_a_day": (1, 20, "Please choose from 1 to 20 texts a day."),
}
"""The smallest and the largest number of each field of ``Texting``, both allowed, and what to say about any other."""


@dataclass(frozen=True, slots=True)
class RuleScope:
    """What rules are about, by public id: one service, or one client, or neither for the whole practice."""

    service: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class RulesWish:
    """All that is to be said of one kind within a scope; no rules: nothing."""

    kind: MessageKind
    rules: Sequence[Rule]
    scope: RuleScope = RuleScope()


@dataclass(frozen=True, slots=True)
class Texting:
    """When clients may be texted, in minutes after midnight on their own wall, how many texts one number gets in 24
    hours, and how much messages say outside the login.
    """

    texts_from: int
    texts_until: int
    texts_a_day: int
    discretion: Discretion


@retry_on_conflict
def save_rules(*, practice_id: int, wish: RulesWish, by: ActedBy, now: datetime) -> None:
    """Replace what holds about one kind within a scope. Raises NotFound, NotAllowed, InvalidInput by field."""
    _require_staff(by)
    with transaction() as session:
        service_id, client_id = _ids(session, practice_id, wish.scope)
        _check(session, practice_id, wish)
        session.execute(delete(MessageRule).where(*_about(practice_id, service_id, client_id, wish.kind)))
        session.add_all(
            MessageRule(
                practice_id=practice_id,
                service_id=service_id,
                client_id=client_id,
                kind=wish.kind,
                channel=rule.channel,
                minutes=rule.minutes,
                modes=list(rule.modes),
                is_on=rule.is_on,
                template=rule.template,
            )
            for rule in [*wish.rules, *_off(wish)]
        )
        _plan_anew(session, practice_id, client_id, now=now)
    _plan_days_anew(wish.kind, now=now)
    _say_so("message rules saved", practice_id, wish.kind, by)


@retry_on_conflict
def forget_rules(*, practice_id: int, kind: MessageKind, scope: RuleScope, by: ActedBy, now: datetime) -> None:
    """Let what holds more widely decide about a kind again. Raises NotFound and NotAllowed."""
    _require_staff(by)
    with transaction() as session:
        service_id, client_id = _ids(session, practice_id, scope)
        session.execute(delete(MessageRule).where(*_about(practice_id, service_id, client_id, kind)))
        _plan_anew(session, practice_id, client_id, now=now)
    _plan_days_anew(kind, now=now)
    _say_so("message rules forgotten", practice_id, kind, by)


def set_texting(*, practice_id: int, texting: Texting, by: ActedBy) -> None:
    """Change when clients are texted, how often, and how much is said, from now on. Raises InvalidInput by field and
    NotAllowed.
    """
    _require_staff(by)
    values = {name: getattr(texting, name) for name in Texting.__slots__}
    problems = {name: sentence for name, (least, most, sentence) in LIMITS.items() if not least <= values[name] <= most}
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        practice = session.get_one(Practice, practice_id)
        hours = (practice.texts_from, practice.texts_until)
        for name, value in values.items():
            setattr(practice, name, value)
        session.flush()
        if hours != (texting.texts_from, texting.texts_until):
            bump_plans(session, practice_id)


def _require_staff(by: ActedBy) -> None:
    if not by.is_staff:
        raise NotAllowed


def _ids(session: Session, practice_id: int, scope: RuleScope) -> tuple[int | None, int | None]:
    if scope.service is not None and scope.client is not None:
        raise InvalidInput({"service": "Please choose a service or a client, not both."})
    return _id_of(session, Service, practice_id, scope.service), _id_of(session, Client, practice_id, scope.client)


def _id_of(session: Session, model: type[Service | Client], practice_id: int, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    found: int | None = session.scalar(
        select(model.id).where(model.practice_id == practice_id, model.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found


def _about(
    practice_id: int, service_id: int | None, client_id: int | None, kind: MessageKind
) -> list[ColumnElement[bool]]:
    """The rows of exactly this scope."""
    return [
        MessageRule.practice_id == practice_id,
        MessageRule.service_id.is_not_distinct_from(service_id),
        MessageRule.client_id.is_not_distinct_from(client_id),
        MessageRule.kind == kind,
    ]


def _off(wish: RulesWish) -> list[Rule]:
    """The row that says that nothing is said, or that news does not go by e-mail."""
    is_silent = (
        not wish.rules if wish.kind not in AT_ONCE else Channel.EMAIL not in {rule.channel for rule in wish.rules}
    )
    return [Rule(wish.kind, Channel.EMAIL, SPAN[wish.kind][0], is_on=False)] if is_silent else []


def _check(session: Session, practice_id: int, wish: RulesWish) -> None:
    problem = _problem_of_all(wish) or next(filter(None, (_problem(wish.kind, rule) for rule in wish.rules)), None)
    if problem is not None:
        raise InvalidInput(dict([problem]))
    names = {rule.template for rule in wish.rules} - {""}
    there = select(MessageTemplate.name).where(
        MessageTemplate.practice_id == practice_id, MessageTemplate.kind == wish.kind, MessageTemplate.name.in_(names)
    )
    if names - set(session.scalars(there)):
        raise InvalidInput({"template": "These words do not exist any more. Please choose others."})


def _problem_of_all(wish: RulesWish) -> tuple[str, str] | None:
    if wish.kind not in SPAN:
        return "kind", "There are no rules about messages of this kind."
    if wish.kind in FOR_THERAPISTS and wish.scope != RuleScope():
        return "kind", "What therapists get is decided for the whole practice."
    if wish.kind in ON_THE_DAY and len(wish.rules) > 1:
        return "rules", "Therapists are told of their day once: please choose one time."
    if len(wish.rules) > MOST_RULES:
        return "rules", f"Please choose at most {MOST_RULES} messages of one kind."
    times = Counter((rule.channel, rule.minutes) for rule in wish.rules)
    if any(number > 1 for number in times.values()):
        return "minutes", "Two of these are the same: one time, one channel. Please change or remove one."
    return None


def _problem(kind: MessageKind, rule: Rule) -> tuple[str, str] | None:
    least, most = SPAN[kind]
    if rule.kind != kind:
        return "kind", "Please choose rules about one kind."
    if not least <= rule.minutes <= most:
        return "minutes", _span_sentence(kind)
    if not rule.modes or not set(rule.modes) <= set(Mode):
        return "modes", "Please choose at least one way to meet."
    if kind in FOR_THERAPISTS and rule.channel != Channel.EMAIL:
        return "channel", "Therapists get their day by e-mail."
    return None


def _span_sentence(kind: MessageKind) -> str:
    _, most = SPAN[kind]
    if kind in FOR_THERAPISTS:
        return "Please choose a time of the day."
    if kind in AT_ONCE:
        return "News is said at once: please leave the minutes at 0."
    return f"Please choose a time of at most {most // DAY} days."


def _plan_anew(session: Session, practice_id: int, client_id: int | None, *, now: datetime) -> None:
    """One client's rules concern that client's appointments only; anything wider may concern all of the practice's."""
    if client_id is None:
        bump_plans(session, practice_id)
        return
    theirs = select(Attendee.appointment_id).where(Attendee.client_id == client_id)
    ahead = session.scalars(
        select(Appointment.id)
        .where(Appointment.id.in_(theirs), Appointment.starts_at > now - USEFUL_AFTER_MISSING)
        .order_by(Appointment.id)
        .with_for_update(of=Appointment)
    ).all()
    stale = update(Appointment).where(Appointment.id.in_(ahead)).values(plan_version=NEVER)
    session.execute(stale, execution_options={"synchronize_session": False})


def _plan_days_anew(kind: MessageKind, *, now: datetime) -> None:
    """A day is about no appointment, so its messages do not wait to be planned anew: it is done at once."""
    if kind in ON_THE_DAY:
        plan_agendas(now=now)


def _say_so(what: str, practice_id: int, kind: MessageKind, by: ActedBy) -> None:
    log.info(what, extra={"practice": practice_id, "kind": kind.value, "user": by.user_id})
