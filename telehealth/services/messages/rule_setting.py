"""Other rules about messages, and about the hours of texts. Whatever changes holds for everything not sent yet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.bounds import Bounds, out_of_bounds
from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.planning import USEFUL_AFTER_MISSING
from telehealth.domain.messages.rules import AT_ONCE, DAY, FOR_THERAPISTS, HOUR, ON_THE_DAY, SPAN, Rule, RuleRow
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, Client, MessageRule, MessageTemplate, Practice, Service
from telehealth.services.audit import ActedBy, Setting, change_row, record_change
from telehealth.services.locking import lock_client, lock_own
from telehealth.services.messages.agendas import plan_agendas
from telehealth.services.messages.planning import bump_plans
from telehealth.services.messages.replanning import NEVER

log = logging.getLogger(__name__)

MOST_RULES = 10
"""So many messages of one kind about one appointment are more than anybody reads."""
LIMITS: Bounds = {
    "texts_from": (8 * HOUR, 12 * HOUR, "Please choose a time from 8:00 AM to noon."),
    "texts_until": (15 * HOUR, 21 * HOUR, "Please choose a time from 3:00 PM to 9:00 PM."),
    "texts_a_day": (1, 20, "Please choose from 1 to 20 texts a day."),
}
"""Of ``Texting``."""


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
    hours, and how much messages say outside the login. ``names_988``: every answer to a text names the crisis line,
    not only the one to whoever may be in a crisis.
    """

    texts_from: int
    texts_until: int
    texts_a_day: int
    discretion: Discretion
    names_988: bool = False


@retry_on_conflict
def save_rules(*, practice_id: int, wish: RulesWish, by: ActedBy, now: datetime) -> None:
    """Replace what holds about one kind within a scope. Raises NotFound, NotAllowed, InvalidInput by field."""
    by.require_staff()
    with transaction() as session:
        whose = _whose(session, practice_id, wish.scope)
        _check(session, practice_id, wish)
        rules = [*wish.rules, *_off(wish)]
        _record(session, whose, wish.kind, rules, by, now=now)
        session.execute(delete(MessageRule).where(*_about(whose, wish.kind)))
        session.add_all(
            MessageRule(
                practice_id=practice_id,
                service_id=whose.service_id,
                client_id=whose.client_id,
                kind=wish.kind,
                channel=rule.channel,
                minutes=rule.minutes,
                modes=list(rule.modes),
                is_on=rule.is_on,
                template=rule.template,
            )
            for rule in rules
        )
        _plan_anew(session, whose, now=now)
    _plan_days_anew(wish.kind, now=now)
    _say_so("message rules saved", practice_id, wish.kind, by)


@retry_on_conflict
def forget_rules(*, practice_id: int, kind: MessageKind, scope: RuleScope, by: ActedBy, now: datetime) -> None:
    """Let what holds more widely decide about a kind again. Raises NotFound and NotAllowed."""
    by.require_staff()
    with transaction() as session:
        whose = _whose(session, practice_id, scope)
        _record(session, whose, kind, [], by, now=now)
        session.execute(delete(MessageRule).where(*_about(whose, kind)))
        _plan_anew(session, whose, now=now)
    _plan_days_anew(kind, now=now)
    _say_so("message rules forgotten", practice_id, kind, by)


def set_texting(*, practice_id: int, texting: Texting, by: ActedBy, now: datetime) -> None:
    """Change when clients are texted, how often, and how much is said, from now on. Raises InvalidInput by field and
    NotAllowed.
    """
    by.require_staff()
    values = {name: getattr(texting, name) for name in Texting.__slots__}
    if problems := out_of_bounds(values, LIMITS):
        raise InvalidInput(problems)
    with transaction() as session:
        practice = session.get_one(Practice, practice_id, with_for_update={"key_share": True})
        before = change_row(session, practice_id, practice, values, _named_texting, by, now=now)
        session.flush()
        if (before["texts_from"], before["texts_until"]) != (texting.texts_from, texting.texts_until):
            bump_plans(session, practice_id)


def _named_texting(practice: Practice) -> Setting:
    return Setting(AuditSubject.TEXTING_HOURS, name=practice.name)


@dataclass(frozen=True, slots=True)
class _Whose:
    """A scope as rows: of a practice, and within it of one service or one client, or of neither."""

    practice_id: int
    service: Service | None = None
    client: Client | None = None

    @property
    def service_id(self) -> int | None:
        return self.service.id if self.service is not None else None

    @property
    def client_id(self) -> int | None:
        return self.client.id if self.client is not None else None

    @property
    def setting(self) -> Setting:
        """What its rules are called in the audit."""
        named = self.service or self.client
        if named is None:
            return Setting(AuditSubject.MESSAGE_RULES)
        return Setting(AuditSubject.MESSAGE_RULES, named.public_id, named.name)


def _whose(session: Session, practice_id: int, scope: RuleScope) -> _Whose:
    """Locked, so that rules are replaced one after the other. Raises InvalidInput, NotFound."""
    if scope.service is not None and scope.client is not None:
        raise InvalidInput({"service": "Please choose a service or a client, not both."})
    service = client = None
    if scope.service is not None:
        service = lock_own(session, Service, practice_id, public_id=scope.service)
    elif scope.client is not None:
        client = lock_client(session, practice_id, scope.client)
    else:
        session.get_one(Practice, practice_id, with_for_update={"key_share": True})
    return _Whose(practice_id, service, client)


def _about(whose: _Whose, kind: MessageKind) -> list[ColumnElement[bool]]:
    """The rows of exactly this scope."""
    return [
        MessageRule.practice_id == whose.practice_id,
        MessageRule.service_id.is_not_distinct_from(whose.service_id),
        MessageRule.client_id.is_not_distinct_from(whose.client_id),
        MessageRule.kind == kind,
    ]


def _record(
    session: Session, whose: _Whose, kind: MessageKind, rules: Iterable[RuleRow], by: ActedBy, *, now: datetime
) -> None:
    """What the scope itself says, before and after; None where it says nothing, and something wider decides."""
    there = session.scalars(select(MessageRule).where(*_about(whose, kind)).order_by(MessageRule.id)).all()
    record_change(
        session,
        whose.practice_id,
        whose.setting,
        by,
        before={"rules": _as_kept(there)},
        after={"rules": _as_kept(rules)},
        now=now,
        kind=kind,
        of=_of(whose),
    )


def _of(whose: _Whose) -> str | None:
    if whose.service is not None:
        return "service"
    return "client" if whose.client is not None else None


def _as_kept(rules: Iterable[RuleRow]) -> list[RowValues] | None:
    said = [
        {
            "channel": each.channel,
            "minutes": each.minutes,
            "modes": list(each.modes),
            "is_on": each.is_on,
            "template": each.template,
        }
        for each in rules
    ]
    return sorted(said, key=lambda each: (each["minutes"], each["channel"])) or None


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


def _plan_anew(session: Session, whose: _Whose, *, now: datetime) -> None:
    """One client's rules concern that client's appointments only; anything wider may concern all of the practice's."""
    if whose.client is None:
        bump_plans(session, whose.practice_id)
        return
    theirs = select(Attendee.appointment_id).where(Attendee.client_id == whose.client_id)
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
