"""What stands in the way of a time, by name and in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields

from telehealth.api.parsing import Schema, word
from telehealth.domain.appointments import explaining
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Obstacle


class ObstacleSchema(Schema):
    """One thing that stands in the way."""

    code = word(Obstacle)
    sentence = fields.String(metadata={"description": "The same for a person."})
    may_waive = fields.Boolean(
        metadata={"description": "Staff may set it aside by naming it in `waived`, with a reason."}
    )


def obstacles(
    found: Iterable[Obstacle], therapist_name: str, *, state: str | None = None, source: str = ""
) -> list[dict[str, Any]]:
    """Each obstacle once. ``state`` is the code of the state where care would happen, ``source`` says in which of their
    own calendars the therapist is busy.
    """
    where = JURISDICTIONS.get(state or "", "")
    return [
        {
            "code": each,
            "sentence": explaining.say_obstacle(each, therapist_name, state=where, source=source),
            "may_waive": explaining.may_be_set_aside(each),
        }
        for each in explaining.in_order(found)
    ]
