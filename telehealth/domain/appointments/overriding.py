"""Setting rules aside on purpose: staff may, with a reason; clients never."""

from __future__ import annotations

from telehealth.domain.errors import InvalidInput, NeedsReason, NotAllowed
from telehealth.domain.words import Obstacle

NEVER_WAIVED = frozenset({Obstacle.NOT_GIVEN, Obstacle.LEFT, Obstacle.FULL})
"""Nobody gives what they do not give, or is there when they have left, and nobody sits on a seat that is not there."""

BINDS_CHOICE = frozenset({Obstacle.NOTICE, Obstacle.HORIZON, Obstacle.OFF_GRID})
"""What binds whoever chooses a time binds nobody where a time stays that was agreed on."""

OVER_THERAPIST = frozenset({Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.HELD, Obstacle.STANDING})
"""Waiving these lets a therapist's time overlap, flagged."""


def require_right_to_override(waived: frozenset[Obstacle], reason: str, *, is_staff: bool) -> None:
    """Raises NotAllowed for clients, InvalidInput for what cannot be waived, NeedsReason without a reason."""
    if not waived:
        return
    if not is_staff:
        raise NotAllowed
    if waived & NEVER_WAIVED:
        raise InvalidInput({"waived": "These cannot be set aside: " + ", ".join(sorted(waived & NEVER_WAIVED)) + "."})
    if not reason.strip():
        raise NeedsReason
