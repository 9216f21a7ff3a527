"""Files of clients that are being looked at or imported, and who is like the people in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.importing.lines import LineOutcome, Mark, ReadClient, make_marks
from telehealth.models import Client, ClientImport, ImportLine
from telehealth.queries.practice.clients import client_ids_by_match_key

AT_ONCE = 500
"""So many people are asked about in one statement."""


def find_client_import(practice_id: int, public_id: str) -> ClientImport:
    """A file of this practice. Raises NotFound."""
    found = db.session.scalar(select(ClientImport).filter_by(practice_id=practice_id, public_id=public_id))
    if found is None:
        raise NotFound
    return found


def list_client_imports(practice_id: int) -> Sequence[ClientImport]:
    """Those that are still kept, the latest first."""
    ours = select(ClientImport).filter_by(practice_id=practice_id).options(joinedload(ClientImport.user))
    return db.session.scalars(ours.order_by(ClientImport.id.desc())).all()


def count_import_lines(import_ids: Collection[int]) -> Counter[tuple[int, LineOutcome, bool]]:
    """How many lines of some files come, or came, to what: by file, outcome, and whether that is done."""
    what = (ImportLine.import_id, ImportLine.outcome, ImportLine.is_done)
    rows = db.session.execute(select(*what, func.count()).where(ImportLine.import_id.in_(import_ids)).group_by(*what))
    return Counter({(import_id, outcome, is_done): number for import_id, outcome, is_done, number in rows})


def list_import_lines(
    import_id: int, outcome: LineOutcome, *, limit: int | None = None, skip: int = 0
) -> Sequence[ImportLine]:
    """The lines of a file that come to this, in their order: all after ``skip``, or so many."""
    which = select(ImportLine).filter_by(import_id=import_id, outcome=outcome).order_by(ImportLine.number)
    return db.session.scalars(which.offset(skip).limit(limit)).all()


def find_known_keys(practice_id: int, people: Sequence[ReadClient]) -> set[str]:
    """The match keys of those of them who are clients already."""
    keys = [[each.contact.match_key for each in some] for some in _some_at_a_time(people)]
    return {key for some in keys for key in client_ids_by_match_key(practice_id, some)}


def list_clients_like(practice_id: int, people: Sequence[ReadClient]) -> Iterator[tuple[Client, frozenset[Mark]]]:
    """Clients who have an address, a number or a date of birth with one of them in common, and their own marks."""
    for some in _some_at_a_time(people):
        alike = or_(
            func.lower(Client.email).in_({each.contact.email.casefold() for each in some if each.contact.email}),
            Client.phone.in_({each.contact.phone for each in some if each.contact.phone}),
            Client.born_on.in_({each.facts.born_on for each in some if each.facts.born_on}),
        )
        for client in db.session.scalars(select(Client).where(Client.practice_id == practice_id, alike)):
            yield client, make_marks(client.name, client.email, client.phone, client.born_on)


def _some_at_a_time(people: Sequence[ReadClient]) -> Iterator[Sequence[ReadClient]]:
    return (people[first : first + AT_ONCE] for first in range(0, len(people), AT_ONCE))
