"""What is on file of clients, as far as it decides what is said to them and where: one statement for all of them,
because every booking asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, func, or_, outerjoin, select
from sqlalchemy.orm import Session, aliased

from telehealth.database import RowValues, UTCDateTime
from telehealth.domain import languages
from telehealth.domain.client_facts import Booking
from telehealth.domain.companions import MessagesTo
from telehealth.domain.consent.contactability import OptOuts, TypedAddresses, fold_address
from telehealth.domain.consent.texting import countries_texted
from telehealth.domain.contact import Contact
from telehealth.domain.message_words import Channel, MessageKind, Purpose, SuppressionReason
from telehealth.domain.messages.rules import Rule, resolve_rules
from telehealth.models import Attendee, Client, Companion, Consent, MessageRule, Practice, Suppression
from telehealth.queries.consent.opt_outs import heaviest_reasons
from telehealth.queries.json_rows import json_rows, read_instant, rows_in

ASKED_WITHIN = timedelta(days=1)
Subject = tuple[Channel, Purpose]
"""What a yes or no is about."""


class Said(NamedTuple):
    """The last yes or no of a client about something: to which number, in which words, and when."""

    is_given: bool
    address: str
    wording: str
    at: datetime


class CompanionOnFile(NamedTuple):
    """Somebody who acts for a client and gets messages: their id and public id, how they are reached, and whether they
    may change things.
    """

    id: int
    public_id: str
    messages_to: MessagesTo
    name: str
    email: str
    phone: str | None
    text_consent_at: datetime | None
    is_known: bool
    may_change: bool

    def reads_about(self, seat: SeatBooked) -> bool:
        """Whether they have to do with a seat of the client's: with all, once the practice knows them; else with what
        they booked.
        """
        return self.is_known or self.id == seat.booked_by_id


class SeatBooked(Protocol):
    """A seat, as far as it says who booked it."""

    @property
    def booked_by_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFile:
    """What is on file of one client: their id and that of the resource that their appointments take, the language they
    read (``locale``), whether the practice knows them, how they may book, where they may safely be reached, the rules
    about messages in force for them, what they ``said`` last about what, and who acts for them and gets messages.
    """

    rules: tuple[Rule, ...]
    id: int = 0
    resource_id: int = 0
    locale: str = languages.ENGLISH
    is_known: bool = False
    may_book: Booking = Booking.ONLINE
    safe_email: str | None = None
    safe_phone: str | None = None
    said: Mapping[Subject, Said] = field(default_factory=dict)
    companions: tuple[CompanionOnFile, ...] = ()

    def standing_yes(self, phone: str | None) -> Said | None:
        """What they have agreed to about texts on their appointments, if that was for this number, or for the one where
        they may safely be reached.
        """
        said = self.said.get((Channel.TEXT, Purpose.APPOINTMENTS))
        return said if said is not None and said.is_given and said.address in {phone, self.safe_phone} else None


@dataclass(frozen=True)
class ClientFiles:
    """Files by match key, that of a record which was made part of another included, and what holds ``for_newcomer``:
    whoever has none yet.

    ``suppressed`` are numbers and addresses that are left alone, of those that were asked about and those in the
    files; ``countries`` are those whose numbers are texted. ``asked_for_texts`` counts the seats with texts that one
    network has asked for within ``ASKED_WITHIN``. The rules are those for an appointment of the service ``service_id``.
    ``takes_phone_only`` is the practice's.
    """

    by_key: Mapping[str, ClientFile]
    for_newcomer: ClientFile
    suppressed: Mapping[tuple[Channel, str], SuppressionReason]
    countries: frozenset[str]
    asked_for_texts: int = 0
    service_id: int | None = None
    practice_phone: str = ""
    takes_phone_only: bool = False

    def with_files(self, files: Mapping[str, ClientFile]) -> ClientFiles:
        """The same with some files added, or as they are now."""
        return replace(self, by_key={**self.by_key, **files}) if files else self

    def with_said(self, rows: Iterable[RowValues]) -> ClientFiles:
        """The same with what some new rows of consents say."""
        said: defaultdict[int, dict[Subject, Said]] = defaultdict(dict)
        for row in rows:
            words = Said(row["is_given"], row["address"], row["wording"], row["at"])
            said[row["client_id"]][row["channel"], row["purpose"]] = words
        changed = {
            key: replace(each, said={**each.said, **said[each.id]})
            for key, each in self.by_key.items()
            if each.id in said
        }
        return self.with_files(changed)

    @cached_property
    def by_id(self) -> dict[int, ClientFile]:
        """The files by the client's id."""
        return {each.id: each for each in self.by_key.values()}

    @cached_property
    def opt_outs(self) -> OptOuts:
        """What must not be written to these clients."""
        refused = ((each.id, *what) for each in self.by_key.values() for what, said in each.said.items() if not said[0])
        return OptOuts(frozenset(refused), self.suppressed, self.countries)


NO_FILES = ClientFiles({}, ClientFile(rules=()), {}, frozenset())


class _RuleRow(NamedTuple):
    """A rule as its row says, in the words of the domain."""

    id: int
    service_id: int | None
    client_id: int | None
    kind: MessageKind
    channel: Channel
    minutes: int
    modes: list[str]
    is_on: bool
    template: str


# What hangs on a client, each in one value.
_LAST = (
    select(func.max(Consent.id))
    .where(Consent.client_id == Client.id)
    .group_by(Consent.channel, Consent.purpose)
    .correlate(Client)
)
_SAID = (
    select(json_rows(Consent.channel, Consent.purpose, Consent.is_given, Consent.address, Consent.wording, Consent.at))
    .where(Consent.id.in_(_LAST))
    .correlate(Client)
)
_COMPANIONS = (
    select(
        json_rows(
            Companion.id,
            Companion.public_id,
            Companion.messages_to,
            Companion.name,
            Companion.email,
            Companion.phone,
            Companion.text_consent_at,
            Companion.known_at,
            Companion.may_change,
        )
    )
    .where(Companion.client_id == Client.id, Companion.ended_at.is_(None), Companion.messages_to != MessagesTo.CLIENT)
    .correlate(Client)
)
_RULES = (
    select(
        json_rows(
            MessageRule.id,
            MessageRule.service_id,
            MessageRule.client_id,
            MessageRule.kind,
            MessageRule.channel,
            MessageRule.minutes,
            MessageRule.modes,
            MessageRule.is_on,
            MessageRule.template,
        )
    )
    .where(
        MessageRule.practice_id == Practice.id,
        or_(MessageRule.service_id.is_(None), MessageRule.service_id == bindparam("service")),
        or_(MessageRule.client_id.is_(None), MessageRule.client_id == Client.id),
    )
    .correlate(Practice, Client)
)
_LEFT_ALONE = (
    select(json_rows(Suppression.channel, Suppression.address, Suppression.reason))
    .where(
        Suppression.practice_id == Practice.id,
        Suppression.ended_at.is_(None),
        or_(
            Suppression.address.in_(bindparam("addresses", expanding=True)),
            Suppression.address == func.lower(Client.safe_email),  # As it is folded: addresses are ASCII.
            Suppression.address == Client.safe_phone,
            exists().where(
                Companion.client_id == Client.id,
                or_(Suppression.address == Companion.phone, Suppression.address == func.lower(Companion.email)),
            ),
        ),
    )
    .correlate(Practice, Client)
)
_ASKED_FOR_TEXTS = (
    select(func.count())
    .select_from(outerjoin(Attendee, Companion, Companion.id == Attendee.booked_by_id))
    .where(
        Attendee.text_network == bindparam("network"),
        func.coalesce(Attendee.text_consent_at, Companion.text_consent_at) > bindparam("since", type_=UTCDateTime()),
    )
)
_NAMED = aliased(Client)
# One row of nothing but the practice's own where none of the clients is known.
_FILES = (
    select(
        Client.id,
        Client.resource_id,
        _NAMED.match_key,
        Client.locale,
        Client.known_at,
        Client.may_book,
        Client.safe_email,
        Client.safe_phone,
        Practice.phone,
        Practice.takes_phone_only,
        Practice.text_countries,
        _SAID.scalar_subquery().label("said"),
        _COMPANIONS.scalar_subquery().label("companions"),
        _RULES.scalar_subquery().label("rules"),
        _LEFT_ALONE.scalar_subquery().label("left_alone"),
        _ASKED_FOR_TEXTS.scalar_subquery().label("asked_for_texts"),
    )
    .where(Practice.id == bindparam("practice"))
    .order_by(Client.id)
)


def _files_of(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """A record that was made part of another leads to it."""
    named = outerjoin(Practice, _NAMED, and_(_NAMED.practice_id == Practice.id, which))
    leads_to = func.coalesce(_NAMED.merged_into_id, _NAMED.id)
    return _FILES.select_from(outerjoin(named, Client, Client.id == leads_to))


# Built once: building a statement takes longer than running it. Rows and not objects: nobody changes them here.
_BY_KEY = _files_of(_NAMED.match_key.in_(bindparam("keys", expanding=True)))
_BY_ID = _files_of(_NAMED.id.in_(bindparam("clients", expanding=True)))


def find_client_files(
    session: Session,
    practice_id: int,
    service_id: int | None,
    *,
    contacts: Collection[Contact],
    besides: Iterable[TypedAddresses] = (),
    network: str | None,
    now: datetime,
) -> ClientFiles:
    """The files of the clients behind these contacts, as far as there are any, for an appointment of a service (its
    id). Somebody ``besides`` is written to as well. What is asked for from a ``network`` is counted.
    """
    given = {"practice": practice_id, "service": service_id, "keys": sorted({each.match_key for each in contacts})}
    typed = [*contacts, *besides]
    return _read(session, _BY_KEY, {**given, "network": network, "since": now - ASKED_WITHIN}, typed)


def read_client_files(
    session: Session,
    practice_id: int,
    service_id: int | None,
    *,
    client_ids: Collection[int],
    contacts: Iterable[TypedAddresses],
) -> ClientFiles:
    """The files of these clients of the practice (ids). ``contacts`` are what they typed for what it is about."""
    given = {"practice": practice_id, "service": service_id, "clients": sorted(set(client_ids)), "network": None}
    return _read(session, _BY_ID, {**given, "since": None}, contacts)


def _read(
    session: Session, statement: Select[*tuple[Any, ...]], given: dict[str, Any], contacts: Iterable[TypedAddresses]
) -> ClientFiles:
    typed = {address for each in contacts for address in _addresses(each)}
    rows = session.connection().execute(statement, {**given, "addresses": sorted(typed)}).all()
    rules = {row.id: [_rule(each) for each in rows_in(row.rules)] for row in rows}
    wider = [each for each in next(iter(rules.values())) if each.client_id is None]
    left_alone = [
        (Channel(each[0]), each[1], SuppressionReason(each[2])) for row in rows for each in rows_in(row.left_alone)
    ]
    return ClientFiles(
        {row.match_key: _file(row, rules[row.id]) for row in rows if row.id is not None},
        ClientFile(rules=_resolved(wider)),
        heaviest_reasons(left_alone),
        countries_texted(rows[0].phone, rows[0].text_countries),
        rows[0].asked_for_texts,
        given["service"],
        rows[0].phone or "",
        rows[0].takes_phone_only,
    )


def _addresses(contact: TypedAddresses) -> Iterable[str]:
    if contact.email:
        yield fold_address(Channel.EMAIL, contact.email)
    if contact.phone:
        yield fold_address(Channel.TEXT, contact.phone)


def _rule(row: tuple[Any, ...]) -> _RuleRow:
    key, service_id, client_id, kind, channel, *rest = row
    return _RuleRow(key, service_id, client_id, MessageKind(kind), Channel(channel), *rest)


def _resolved(rows: Iterable[_RuleRow]) -> tuple[Rule, ...]:
    """Whoever is named most narrowly decides."""
    found = sorted(rows)
    clients = [each for each in found if each.client_id is not None]
    services = [each for each in found if each.client_id is None and each.service_id is not None]
    return resolve_rules([each for each in found if each.client_id is each.service_id is None], services, clients)


def _companion(row: tuple[Any, ...]) -> CompanionOnFile:
    key, public_id, messages_to, name, email, phone, agreed_at, known_at, may_change = row
    at = read_instant(agreed_at) if agreed_at is not None else None
    who = (key, public_id, MessagesTo(messages_to), name, email, phone, at)
    return CompanionOnFile(*who, is_known=known_at is not None, may_change=bool(may_change))


def _file(row: Row[*tuple[Any, ...]], rules: Iterable[_RuleRow]) -> ClientFile:  # The columns of ``_FILES``.
    said = {
        (Channel(channel), Purpose(purpose)): Said(bool(is_given), address, wording, read_instant(at))
        for channel, purpose, is_given, address, wording, at in rows_in(row.said)
    }
    return ClientFile(
        id=row.id,
        resource_id=row.resource_id,
        locale=row.locale,
        is_known=row.known_at is not None,
        may_book=row.may_book or Booking.ONLINE,
        safe_email=row.safe_email,
        safe_phone=row.safe_phone,
        rules=_resolved(rules),
        said=said,
        companions=tuple(_companion(each) for each in sorted(rows_in(row.companions))),
    )
