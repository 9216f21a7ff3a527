from __future__ import annotations

from typing import Any

from telehealth.domain.words import Mode, ServiceKind
from telehealth.models import Practice, Service
from tests.factories.rows import keep


def make_service(practice: Practice, **given: Any) -> Service:
    """Fifty minutes on the hour or the half hour, however people meet."""
    usual = {
        "kind": ServiceKind.INDIVIDUAL,
        "name": "Individual session",
        "duration_minutes": 50,
        "step_minutes": 30,
        "modes": [mode.value for mode in Mode],
    }
    return keep(Service(practice_id=practice.id, **{**usual, **given}))
