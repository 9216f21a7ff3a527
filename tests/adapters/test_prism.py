"""What our adapter sends, and what our small Twilio answers, held against Twilio's own description by Prism."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from telehealth.adapters.twilio import TwilioTexts
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Text
from tests.adapters.mail_server import HOST, free_port
from tests.adapters.node import MODULES, find_node
from tests.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.fakes import FakeClock

MakeTexts = Callable[..., TwilioTexts]
# Twilio's command line carries the description. It is fetched and not kept here (`make test`).
DESCRIPTION = MODULES / ".twilio" / "twilio_api_v2010.json"
POOL = "MG" + "1" * 32
PRISM_REFUSES = 422


@dataclass
class Prism:
    """Between us and the small Twilio: it passes on what the description allows, both ways, and refuses the rest."""

    url: str
    twilio: FakeTwilio
    clock: FakeClock


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    clock, port = FakeClock(), free_port()
    with FakeTwilio(now=clock) as twilio:
        described = _only_messages(tmp_path_factory.mktemp("prism") / "twilio.json")
        command = [MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js", "proxy", "--errors"]
        where = ["--host", HOST, "--port", str(port), described, twilio.url]
        with subprocess.Popen([find_node(), *command, *where], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ours.
            try:
                assert process.stdout is not None
                assert any("listening" in line for line in process.stdout), "Prism did not start"
                yield Prism(f"http://{HOST}:{port}", twilio, clock)
            finally:
                process.kill()


def _only_messages(path: Path) -> Path:
    """The whole description takes Prism a quarter of a minute to read."""
    described = json.loads(DESCRIPTION.read_text())
    paths = {name: each for name, each in described["paths"].items() if "/Messages" in name}
    path.write_text(json.dumps({**described, "paths": paths}))
    return path


@pytest.fixture
def texts(prism: Prism, make_texts: MakeTexts) -> Callable[..., TwilioTexts]:
    return lambda **settings: make_texts(base_url=prism.url, timeout=30.0, **settings)


def test_prism_refuses_what_is_not_described(prism: Prism) -> None:
    """Otherwise the others would prove nothing."""
    path = f"{prism.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    signed_in = (ACCOUNT_SID, AUTH_TOKEN)
    for wrong in ({"Body": "no recipient"}, {"To": "+15550001111", "Body": "x", "ValidityPeriod": "soon"}):
        assert requests.post(path, data=wrong, auth=signed_in, timeout=30).status_code == PRISM_REFUSES
    unsigned = requests.post(path, data={"To": "+15550001111", "Body": "x"}, timeout=30)
    assert unsigned.status_code == requests.codes.unauthorized


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({}, {}),
        ({"sender": "", "messaging_service_sid": POOL}, {}),
        ({"status_callback_base": ""}, {}),
        ({}, {"sender": "+15550002222"}),
        ({}, {"sender": POOL}),
        ({}, {"body": "x" * 1600}),
        ({}, {"body": "¿Mañana a las 3? 👋\nhttps://practice.example/m/abc.def"}),
    ],
)
def test_every_text_is_as_described(
    prism: Prism, texts: MakeTexts, text: Text, settings: dict[str, str], changed: dict[str, str]
) -> None:
    sent = replace(text, **changed, expires_at=prism.clock() + timedelta(hours=2))  # type: ignore[arg-type]
    receipt = texts(**settings).send(sent)
    assert receipt.status is DeliveryStatus.ACCEPTED
    assert prism.twilio.messages[-1]["sid"] == receipt.provider_id


def test_looking_for_a_text_is_as_described(prism: Prism, texts: MakeTexts, text: Text) -> None:
    sent = texts().send(text)
    found = texts().find(text, since=prism.clock() - timedelta(minutes=5))
    assert found is not None
    looked_up = texts().look_up(sent.provider_id)
    assert looked_up is not None
    assert looked_up.provider_id == sent.provider_id


def test_what_twilio_does_not_know_is_refused(prism: Prism, texts: MakeTexts, text: Text) -> None:
    with pytest.raises(DeliveryFailed):
        texts().send(replace(text, to=""))
