"""What we give browsers, and the example of a server that we give people, as a real coturn takes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from telehealth import clock
from telehealth.domain.video.relays import LASTS, Relays, make_ice_servers
from tests.turn_server import SECRET, TurnServer, turn_server

ELSEWHERE = "8.8.8.8"
INSIDE = [
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.20.1.1",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.2.1",
]


@pytest.fixture(scope="module")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TurnServer]:
    with turn_server(tmp_path_factory.mktemp("turn")) as server:
        yield server


def ask(turn: TurnServer, peer: str, *, now: datetime, secret: str = SECRET) -> str:
    relays = Relays(turn_urls=[turn.url], turn_secret=secret)
    (given,) = make_ice_servers(relays, "b9e0", now=now)
    return turn.ask_for(peer, username=given["username"], credential=given["credential"])


@pytest.mark.parametrize("peer", INSIDE)
def test_nothing_is_handed_on_into_private_networks(turn: TurnServer, peer: str) -> None:
    assert "403 (Forbidden IP)" in ask(turn, peer, now=clock.now())


def test_what_has_ended_or_is_signed_by_somebody_else_opens_nothing(turn: TurnServer) -> None:
    ended = clock.now() - LASTS - timedelta(seconds=1)
    assert "Cannot complete Allocation" in ask(turn, ELSEWHERE, now=ended)
    assert "Cannot complete Allocation" in ask(turn, ELSEWHERE, now=clock.now(), secret="of somebody else")
