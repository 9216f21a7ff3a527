"""Browsers that cannot reach each other: what they say is handed on by a real coturn, or not at all."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from telehealth.domain.video.relays import LASTS
from telehealth.models import Appointment
from tests.factories.rows import change
from tests.journeys.calling import appointment, enter_as_client, enter_as_therapist, let_in, moves, office  # noqa: F401
from tests.journeys.conftest import LiveServer
from tests.turn_server import HERE, SECRET, TurnServer, turn_server

BEHIND_A_FIREWALL = """
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(given) {
            super({ ...given, iceTransportPolicy: "relay" });
            window.connections.push(this);
            this.addEventListener("icecandidateerror", ({ errorCode }) => { window.refusedWith = errorCode; });
        }
    };
"""
KINDS = """async () => {
    const stats = [...(await window.connections.at(-1).getStats()).values()];
    const pair = stats.find(each => each.type === "candidate-pair" && each.nominated && each.state === "succeeded");
    return [pair.localCandidateId, pair.remoteCandidateId].map(id => stats.find(each => each.id === id).candidateType);
}"""
GIVEN = "() => window.connections.at(-1).getConfiguration().iceServers.at(-1).username"
LATER = "() => { const now = Date.now; Date.now = () => now() + 31 * 60_000; }"


@pytest.fixture
def turn(tmp_path: Path, server: LiveServer) -> Iterator[TurnServer]:
    with turn_server(tmp_path, allows=HERE) as found:
        server.app.config.update(TURN_URLS=[found.url], TURN_SECRET=SECRET)
        yield found


def meet(server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]) -> tuple[Page, Page]:
    """Therapist and client, both let in, each behind a firewall. TURN has a clock of its own, so ours goes with it."""
    begins = server.clock() + timedelta(minutes=5)
    change(appointment, starts_at=begins, ends_at=begins + timedelta(minutes=50))
    therapist, client = open_page(), open_page(width=360)
    for page in (therapist, client):
        page.add_init_script(BEHIND_A_FIREWALL)
    enter_as_therapist(therapist, server, appointment)
    enter_as_client(client, server, appointment)
    let_in(therapist)
    return therapist, client


def test_a_call_through_turn_alone_and_what_lets_it_through_is_renewed(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page], turn: TurnServer
) -> None:
    server.clock.advance(datetime.now(UTC) - server.clock())
    therapist, client = meet(server, appointment, open_page)
    for page in (therapist, client):
        moves(page)
        assert page.evaluate(KINDS) == ["relay", "relay"]
    server.clock.advance(timedelta(seconds=5))
    given = client.evaluate(GIVEN)
    client.evaluate(LATER)
    client.wait_for_function(f"before => ({GIVEN})() !== before", arg=given)
    client.evaluate("window.connections.at(-1).restartIce()")
    moves(client)
    moves(therapist)


def test_what_has_ended_lets_nothing_through(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page], turn: TurnServer
) -> None:
    server.clock.advance(datetime.now(UTC) - LASTS - timedelta(minutes=1) - server.clock())
    therapist, client = meet(server, appointment, open_page)
    for page in (therapist, client):
        page.wait_for_function("() => window.refusedWith === 401")
        page.wait_for_function("() => window.connections.at(-1).iceGatheringState === 'complete'")
        assert "typ relay" not in page.evaluate("window.connections.at(-1).localDescription.sdp")
