"""The rules about messages that a practice has written down, and those that hold because of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.rules import DEFAULTS, Rule, resolve_rules
from telehealth.models import MessageRule, MessageTemplate


class RuleSource(StrEnum):
    """Who decides about a kind."""

    USUAL = "usual"  # Nobody says anything about it.
    PRACTICE = "practice"
    SERVICE = "service"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class DecidedRules:
    """What holds about one kind, and who decides it. Without rules nothing is said."""

    kind: MessageKind
    source: RuleSource
    rules: tuple[Rule, ...]


KINDS = tuple(dict.fromkeys(rule.kind for rule in DEFAULTS))
"""What there can be rules about, in the order in which it is said."""


def list_rules_of_scope(
    practice_id: int, *, service_id: int | None = None, client_id: int | None = None
) -> Sequence[MessageRule]:
    """The rows about the whole practice, or about one service, or about one client, and about nothing wider."""
    return db.session.scalars(
        select(MessageRule)
        .where(
            MessageRule.practice_id == practice_id,
            MessageRule.service_id.is_(None) if service_id is None else MessageRule.service_id == service_id,
            MessageRule.client_id.is_(None) if client_id is None else MessageRule.client_id == client_id,
        )
        .order_by(MessageRule.minutes.desc(), MessageRule.channel, MessageRule.id)
    ).all()


def list_decided_rules(
    practice_id: int, *, service_id: int | None = None, client_id: int | None = None
) -> list[DecidedRules]:
    """What holds about every kind for the practice, for one service, or for one client, and who decides it."""
    rows = {RuleSource.PRACTICE: list_rules_of_scope(practice_id)}
    if service_id is not None:
        rows[RuleSource.SERVICE] = list_rules_of_scope(practice_id, service_id=service_id)
    if client_id is not None:
        rows[RuleSource.CLIENT] = list_rules_of_scope(practice_id, client_id=client_id)
    said = {row.kind: source for source, found in rows.items() for row in found}  # The narrowest comes last, and stays.
    in_force = resolve_rules(
        *(rows.get(source, ()) for source in (RuleSource.PRACTICE, RuleSource.SERVICE, RuleSource.CLIENT))
    )
    return [
        DecidedRules(kind, said.get(kind, RuleSource.USUAL), tuple(rule for rule in in_force if rule.kind == kind))
        for kind in KINDS
    ]


def list_template_names(practice_id: int, kind: MessageKind) -> list[str]:
    """The names of the practice's own words for a kind, on any channel; the unnamed ones replace the usual words."""
    names = select(MessageTemplate.name).where(
        MessageTemplate.practice_id == practice_id, MessageTemplate.kind == kind, MessageTemplate.name != ""
    )
    return sorted(set(db.session.scalars(names)))
