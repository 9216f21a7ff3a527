"""When an answer to a request is promised, in words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from telehealth.web.terms import say_answer
from tests.moments import DENVER, NOW, at


@dataclass(frozen=True)
class Asked:
    """A service, as far as it matters here."""

    approval_minutes: int
    notice_minutes: int = 0


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (Asked(120), "within 2 hours"),
        (Asked(48 * 60), "by Tue, Nov 24 at 9:00 AM MST"),
        (Asked(48 * 60, notice_minutes=180), "by Tue, Nov 24 at 7:00 AM MST"),
    ],
)
def test_what_is_promised(service: Asked, said: str) -> None:
    assert say_answer(service, at(10), DENVER, now=NOW) == said
