"""What a practice has to leave alone when it writes to people, and what they have said about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select

from telehealth.database import db
from telehealth.domain.consent.contactability import NO_OPT_OUTS, OptOuts, fold_address, reached_at
from telehealth.domain.consent.texting import countries_texted
from telehealth.domain.delivery.verdicts import BY_ADDRESS, contact_of
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Linked
from telehealth.domain.message_words import Channel, Purpose, SuppressionReason
from telehealth.models import Attendee, Client, Consent, Message, Practice, Suppression
from telehealth.queries.link_versions import require_live_link

SAID_FIRST = (
    SuppressionReason.STOP,
    SuppressionReason.BLOCKED,
    SuppressionReason.STAFF,
    SuppressionReason.BAD_ADDRESS,
    SuppressionReason.PAUSED,
)
"""Of several reasons, the one that is told."""

# Built once: building a statement takes longer than running it. The latest word of each kind is what holds.
_LATEST = (
    select(func.max(Consent.id))
    .where(Consent.practice_id == bindparam("practice"), Consent.client_id.in_(bindparam("clients", expanding=True)))
    .group_by(Consent.client_id, Consent.channel, Consent.purpose)
)
_REFUSED = select(Consent.client_id, Consent.channel, Consent.purpose).where(
    Consent.id.in_(_LATEST), Consent.is_given.is_(False)
)
# A practice has one line at least, so the same statement says which countries it texts.
_SUPPRESSED = (
    select(Practice.phone, Practice.text_countries, Suppression.channel, Suppression.address, Suppression.reason)
    .outerjoin(
        Suppression,
        and_(
            Suppression.practice_id == Practice.id,
            Suppression.address.in_(bindparam("addresses", expanding=True)),
            Suppression.ended_at.is_(None),
        ),
    )
    .where(Practice.id == bindparam("practice"))
)


def find_opt_outs(practice_id: int, *, client_ids: Collection[int], addresses: Collection[str]) -> OptOuts:
    """What must not be written to these clients of a practice, nor to these numbers and e-mail addresses.

    Two statements, and none for nothing. Addresses may come as typed, numbers in E.164.
    """
    refused: frozenset[tuple[int, Channel, Purpose]] = frozenset()
    suppressed: dict[tuple[Channel, str], SuppressionReason] = {}
    countries: frozenset[str] | None = None
    if client_ids:
        given = {"practice": practice_id, "clients": sorted(set(client_ids))}
        refused = frozenset((row.client_id, row.channel, row.purpose) for row in db.session.execute(_REFUSED, given))
    wanted = {fold_address(channel, each) for each in addresses if each for channel in Channel}
    if wanted:
        rows = db.session.execute(_SUPPRESSED, {"practice": practice_id, "addresses": sorted(wanted)}).all()
        suppressed = heaviest_reasons((row.channel, row.address, row.reason) for row in rows if row.reason is not None)
        countries = next((countries_texted(row.phone, row.text_countries) for row in rows), None)
    return OptOuts(refused, suppressed, countries) if refused or wanted else NO_OPT_OUTS


def heaviest_reasons(
    rows: Iterable[tuple[Channel, str, SuppressionReason]],
) -> dict[tuple[Channel, str], SuppressionReason]:
    """Why each number and address is left alone: of several reasons, the one that is told."""
    by_weight = sorted(rows, key=lambda row: SAID_FIRST.index(row[2]), reverse=True)
    return {(channel, address): reason for channel, address, reason in by_weight}


def latest_consents(client_ids: Collection[int]) -> dict[tuple[int, Channel, Purpose], Consent]:
    """What holds of all that some clients have said, by client, channel and purpose."""
    last = (
        select(func.max(Consent.id))
        .where(Consent.client_id.in_(sorted(client_ids)))
        .group_by(Consent.client_id, Consent.channel, Consent.purpose)
    )
    found = db.session.scalars(select(Consent).where(Consent.id.in_(last))) if client_ids else ()
    return {(each.client_id, each.channel, each.purpose): each for each in found}


def refuses_texts(client_id: int) -> bool:
    """Whether what a client said last about texts on their appointments was a no."""
    found = latest_consents([client_id]).get((client_id, Channel.TEXT, Purpose.APPOINTMENTS))
    return found is not None and not found.is_given


def find_standing_yes(client_id: int) -> Consent | None:
    """What a client said last about texts on their appointments, when it was a yes."""
    found = latest_consents([client_id]).get((client_id, Channel.TEXT, Purpose.APPOINTMENTS))
    return found if found is not None and found.is_given else None


def list_consents(practice_id: int, client_id: int) -> Sequence[Consent]:
    """Every yes and no of a client, the latest first."""
    theirs = select(Consent).where(Consent.practice_id == practice_id, Consent.client_id == client_id)
    return db.session.scalars(theirs.order_by(Consent.id.desc())).all()


def list_suppressions(practice_id: int, addresses: Collection[str]) -> Sequence[Suppression]:
    """When some numbers and addresses were left alone, and are, the latest first."""
    wanted = sorted({fold_address(channel, each) for each in addresses if each for channel in Channel})
    theirs = select(Suppression).where(Suppression.practice_id == practice_id, Suppression.address.in_(wanted))
    return db.session.scalars(theirs.order_by(Suppression.id.desc())).all() if wanted else []


def find_reasons(practice_id: int, channel: Channel, address: str) -> dict[SuppressionReason, datetime]:
    """Every reason for which a number or address is left alone at the moment, with since when."""
    rows = db.session.execute(
        select(Suppression.reason, Suppression.since).where(
            Suppression.practice_id == practice_id,
            Suppression.channel == channel,
            Suppression.address == fold_address(channel, address),
            Suppression.ended_at.is_(None),
        )
    )
    return {row.reason: row.since for row in rows}


def addresses_of(client: Client) -> set[str]:
    """Every number and address that the practice has of a client."""
    rows = db.session.execute(select(Attendee.email, Attendee.phone).where(Attendee.client_id == client.id).distinct())
    given = {each for row in rows for each in row}
    return {each for each in (*given, client.email, client.phone, client.safe_email, client.safe_phone) if each}


def find_client_by_link(link: Linked) -> tuple[Client, Practice]:
    """The client that a signed link names, and the practice. Raises LinkInvalid, LinkEnded."""
    row = db.session.execute(
        select(Client, Practice)
        .join(Practice, Client.practice_id == Practice.id)
        .where(Client.public_id == link.public_id)
    ).one_or_none()
    if row is None:
        raise LinkInvalid
    require_live_link(link, row.Client, row.Practice)
    merged_into = row.Client.merged_into_id
    return row.Client if merged_into is None else db.session.get_one(Client, merged_into), row.Practice


def opt_outs_of_seats(practice_id: int, seats: Collection[Attendee]) -> OptOuts:
    """What has to be left alone of all that these seats would be written to about, with their clients loaded."""
    ids = {each.client_id for each in seats}
    known = (
        {each.id: each for each in db.session.scalars(select(Client).where(Client.id.in_(sorted(ids))))} if ids else {}
    )
    pairs = [(each, known[each.client_id], channel) for each in seats for channel in Channel]
    addresses = {reached_at(*pair) or "" for pair in pairs}
    return find_opt_outs(practice_id, client_ids=ids, addresses=addresses)


def opt_outs_of_messages(messages: Iterable[Message]) -> dict[int, OptOuts]:
    """What each practice has to leave alone, as far as it matters to these messages, with all that ``contents.NEEDED``
    loads.
    """
    clients: defaultdict[int, set[int]] = defaultdict(set)
    wheres: defaultdict[int, set[str]] = defaultdict(set)
    for message in messages:
        contact = contact_of(message)
        if contact is not None:
            clients[message.practice_id].add(contact.client_id)
            wheres[message.practice_id].add(reached_at(contact, contact.client, message.channel) or "")
        elif message.kind in BY_ADDRESS:
            wheres[message.practice_id].add(message.sent_to)
        elif message.inbound is not None:
            wheres[message.practice_id].add(message.inbound.sender)
    return {
        practice: find_opt_outs(practice, client_ids=clients[practice], addresses=wheres[practice])
        for practice in wheres
    }


def latest_contacts(client_ids: Collection[int]) -> dict[int, Attendee]:
    """The contact that each of some clients gave last, by client; nothing for who has never had an appointment."""
    last = select(func.max(Attendee.id)).where(Attendee.client_id.in_(sorted(client_ids))).group_by(Attendee.client_id)
    found = db.session.scalars(select(Attendee).where(Attendee.id.in_(last))) if client_ids else ()
    return {each.client_id: each for each in found}
