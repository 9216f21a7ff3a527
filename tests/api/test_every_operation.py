"""Every operation of the document, asked in ways that nobody thought of (schemathesis): what comes back is what the
document says, and never an error of ours.

Its four phases are run with a token of an owner and without one, always with the same examples. That a request fits the
document does not mean that it is granted: hours that overlap are refused in the end, so that is not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from telehealth.domain.ports import Gateways
from telehealth.services.practice.token_issuing import issue_token
from tests import databases
from tests.factories import BY_STAFF, book, make_office, make_user
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo
from tests.moments import NOW, at

PHASES = ("examples", "coverage", "fuzzing", "stateful")
FEW = 3
"""Examples that chance makes for each operation; the phases "examples" and "coverage" are as long as they are."""


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str, clock: FakeClock) -> Iterator[Flask]:
    """The service with a database of its own, because its requests commit."""
    url = databases.new_url(request.config.getoption("--database"), folder=tmp_path, name=f"asked_{worker_id}")
    gateways = Gateways(texts=FakeTexts(now=clock), emails=FakeEmails(), video=FakeVideo())
    with databases.migrated_app(url, folder=tmp_path, gateways=gateways) as app:
        yield app


def known(app: Flask, *, role: str) -> dict[str, Any]:
    """What is there, so that addresses lead somewhere; and the token."""
    with app.app_context():
        office = make_office(practice={"slug": "elm"})
        appointment = book(office, at(10, days=3))
        user = make_user(office.practice)
        token = issue_token(practice_id=user.practice_id, user_id=user.id, name="Program", by=BY_STAFF, now=NOW)
        parameters = {
            "path.practice": "elm",
            "path.appointment": appointment.public_id,
            "path.therapist": office.therapist.public_id,
            "path.service": office.service.public_id,
        }
    return {"parameters": parameters, "headers": {"Authorization": f"Bearer {token}"} if role == "owner" else {}}


def settings(given: dict[str, Any]) -> SchemathesisConfig:
    few = {"max-examples": FEW, "deterministic": True, "no-shrink": True, "database": "none"}
    return SchemathesisConfig.from_dict(
        {
            **given,
            "seed": 1,
            "continue-on-failure": True,
            "generation": few,
            "checks": {
                "positive_data_acceptance": {"enabled": False},
                "ignored_auth": {"enabled": False},  # It cannot ask within a process; tests/api/test_access.py does.
            },
            "phases": {"stateful": {"max-steps": 3}},
        }
    )


def found_in(event: events.ScenarioFinished) -> Iterator[str]:
    """What did not fit the document, with the request that shows it."""
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                yield f"{event.label}: {check.name}: {check.failure_info.failure}\n{check.failure_info.code_sample}"


@pytest.mark.parametrize("role", ["owner", "nobody"])
def test_whatever_is_asked_is_answered_as_the_document_says(service: Flask, clock: FakeClock, role: str) -> None:
    asked: Counter[str] = Counter()
    problems: list[str] = []
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", service, config=settings(known(service, role=role)))
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked[event.phase.value] += len(event.recorder.interactions)
            problems += found_in(event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            problems.append(str(event.info if isinstance(event, events.NonFatalError) else event.exception))
    assert problems == [], "\n\n".join(problems)
    assert asked.keys() >= set(PHASES)
    assert asked.total() > 1_000
