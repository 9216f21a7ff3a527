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
    said = "\n".join(str(record.__dict__) for record in log.records).lower()
    for secret in ("quetzal", "5550177", booked["manage_token"].lower(), owner.lower()):
        assert secret not in said
