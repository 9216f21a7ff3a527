"""Names for therapists."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from telehealth.database import db
from telehealth.models import Therapist

_PUBLIC_IDS = select(Therapist.id, Therapist.public_id).where(Therapist.id.in_(bindparam("ids", expanding=True)))
_NAMES = select(Therapist.id, Therapist.name).where(Therapist.id.in_(bindparam("ids", expanding=True)))


def therapist_public_ids(ids: Iterable[int]) -> dict[int, str]:
    """The public id of each of these ids. No rows are loaded: the search for slots asks with every request."""
    found = db.session.connection().execute(_PUBLIC_IDS, {"ids": list(set(ids))})
    return {row.id: row.public_id for row in found}


def therapist_names(ids: Iterable[int]) -> dict[int, str]:
    """The name of each of these ids, also of those who no longer work here."""
    found = db.session.connection().execute(_NAMES, {"ids": list(set(ids))})
    return {row.id: row.name for row in found}
