"""The log knows ids, never people."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that any logger says, ours included."""
    logging.getLogger("telehealth").addHandler(caplog.handler)
    caplog.set_level(logging.DEBUG)
    yield caplog
    logging.getLogger("telehealth").removeHandler(caplog.handler)


def test_no_person_no_number_and_no_link_is_logged(
    api: Caller, office: Office, owner: str, log: pytest.LogCaptureFixture
) -> None:
    client = {"name": "Quetzal Unmistakable", "email": "quetzal@example.com", "phone": "+13035550177"}
    path = path_of(office, "/appointments")
    booked = api.post(path, booking_of(office, client=client))
    api.refused("slot_taken", "POST", path, json=booking_of(office, client=client))
    api.refused("invalid_input", "POST", path, json=booking_of(office, client={**client, "timezone": "x"}))
    api.get(path_of(office, f"/appointments/{booked['id']}"), token=owner)
    api.post(f"/appointments/{booked['manage_token']}/cancel", {"reason": "Quetzal is ill."}, status=200)
    held = api.post(path_of(office, "/holds"), hold_of(office))
    again = api.post(path, booking_of(office, client=client, hold=held["id"]))
    link = f"/appointments/{again['manage_token']}"
    api.post(f"{link}/move", {"start": "2026-11-24T19:00:00Z", "mode": "virtual"}, status=200)
    wait = {"service": office.service.public_id, "modes": ["virtual"], "until": "2027-01-31"}
    waiting = api.post(path_of(office, "/waitlist"), {**wait, "client": booking_of(office, client=client)["client"]})
    api.get(path_of(office, "/waitlist"), token=owner)
    api.get(f"/waitlist/{waiting['wait_token']}")
    api.get(path_of(office, "/clients"), token=owner, query_string={"text": "Quetzal"})
    said = "\n".join(str(record.__dict__) for record in log.records).lower()
    tokens = (booked["manage_token"], again["manage_token"], waiting["wait_token"], held["id"], owner)
    for secret in ("quetzal", "5550177", *map(str.lower, tokens)):
        assert secret not in said


def hold_of(office: Office) -> dict[str, str]:
    return {
        "service": office.service.public_id,
        "start": "2026-11-24T17:00:00Z",
        "mode": "virtual",
        "jurisdiction": "CO",
    }
