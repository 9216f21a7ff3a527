"""Requests that come twice count once: the header that says so, and what the answer to a repeated one says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from telehealth.api.parsing import Query
from telehealth.queries.idempotency import first_used_at


class IdempotencySchema(Query):
    """The header that makes a repeated request count once."""

    key = fields.String(
        data_key="Idempotency-Key",
        validate=validate.Regexp("^[!-~]{1,255}$", error="Please use 1 to 255 visible ASCII characters, no spaces."),
        metadata={
            "description": "A name of your own for this request, such as a UUID. The same key with the same body leads "
            "to what was made before, with `Idempotent-Replayed: true`; with another body it is refused."
        },
    )


REPLAYED: dict[str, Any] = {
    "Idempotent-Replayed": {
        "description": "`true` when an earlier request with this key had made it.",
        "schema": {"type": "string", "const": "true"},
    },
}


def replayed(practice_id: int, key: str | None, *, now: datetime) -> dict[str, str]:
    """The header of an answer that was given before; none for a first one."""
    is_replay = key is not None and first_used_at(practice_id, key) != now
    return {"Idempotent-Replayed": "true"} if is_replay else {}
