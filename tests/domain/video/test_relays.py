from __future__ import annotations

from datetime import timedelta

from telehealth.domain.video.relays import LASTS, Relays, make_ice_servers
from tests.moments import NOW

TURN = ["turn:turn.example:3478", "turns:turn.example:443?transport=tcp"]
RELAYS = Relays(stun_urls=["stun:turn.example"], turn_urls=TURN, turn_secret="north")


def test_names_end_in_an_hour_and_are_signed_as_coturn_wants_them() -> None:
    stun, turn = make_ice_servers(RELAYS, "b9e0", now=NOW)
    assert stun == {"urls": ["stun:turn.example"]}
    # printf 1795453200:b9e0 | openssl dgst -sha1 -hmac north -binary | base64
    assert turn == {"urls": TURN, "username": "1795453200:b9e0", "credential": "NsaeQk05+2UaDbj2TNSLqcqvJGA="}
    assert timedelta(hours=1) == LASTS


def test_without_servers_there_is_nothing_to_give() -> None:
    assert make_ice_servers(Relays(), "b9e0", now=NOW) == []


def test_the_secret_does_not_show() -> None:
    assert "north" not in repr(RELAYS)
