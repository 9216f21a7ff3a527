"""Sealing the secrets of a table anew with the newest key, so that older keys can be taken away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.sealing import KeyRing, Rotated, SealBroken
from telehealth.models import CalendarConnection, VideoConnection

PORTION: Final = 100
"""So many rows are locked at a time: the service goes on meanwhile."""


SealedRow = TypeVar("SealedRow", CalendarConnection, VideoConnection)
"""What has a secret that is sealed for it alone."""


def seal_portion_anew(
    model: type[SealedRow],
    *,
    ring: KeyRing,
    done: Rotated,
    find_place: Callable[[str], str],
    is_in_use: Callable[[SealedRow], bool] = lambda _: False,
) -> bool:
    """Go on with the next portion after ``done``, which counts it; whether there was one. What was sealed anew stays so
    when the next portion is never reached. ``find_place`` says of a public id for what its secret is sealed. Who holds
    a row that ``is_in_use`` may bring a newer secret back, and knows its own by the one that it took.
    """
    portion = select(model).where(model.id > done.last_id, model.secret.is_not(None)).order_by(model.id).limit(PORTION)
    with transaction() as session:
        found = session.scalars(portion.with_for_update().execution_options(populate_existing=True)).all()
        for row in found:
            _seal_one(row, ring, done, find_place(row.public_id), is_in_use)
            done.last_id = row.id
        return bool(found)


def _seal_one(row: SealedRow, ring: KeyRing, done: Rotated, place: str, is_in_use: Callable[[SealedRow], bool]) -> None:
    sealed = row.secret or b""
    try:
        value = ring.open(sealed, place=place)
    except SealBroken:
        done.broken += 1
        return
    if ring.is_newest(sealed):
        done.already += 1
    elif is_in_use(row):
        done.in_use += 1
    else:
        row.secret = ring.seal(value, place=place)
        done.anew += 1
