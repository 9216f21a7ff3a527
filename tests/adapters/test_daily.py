"""Rooms at Daily."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from telehealth.adapters.daily import DailyRooms
from telehealth.adapters.video import ChosenRooms
from telehealth.adapters.video_http import MOST_BYTES
from telehealth.domain.ports import Guest, MadeRoom, RoomWish, VideoAccess, VideoFailed, VideoFailure, VideoRoom
from telehealth.domain.words import VideoKind
from tests.adapters.secure_server import Says, SecureServer, serve
from tests.fake_daily import API_KEY, FakeDaily

START = datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
NAME = "3f9a52c1d07e4b6f8a1c2d3e4f5a6b7c"
WISH = RoomWish(
    name=NAME,
    opens_at=START - timedelta(minutes=15),
    starts_at=START,
    ends_at=START + timedelta(minutes=50),
    closes_at=START + timedelta(minutes=80),
)
ACCESS = VideoAccess("", {}, {"api_key": API_KEY})
CLIENT, THERAPIST = Guest("Ana S.", is_therapist=False), Guest("Dr. Silva", is_therapist=True)


@dataclass
class Peer:
    """Daily as its fake, spoken with by our adapter."""

    fake: FakeDaily
    server: SecureServer
    rooms: DailyRooms

    def enter(self, made: MadeRoom, guest: Guest, **changed: object) -> str:
        room = VideoRoom(NAME, VideoKind.DAILY, WISH.opens_at, WISH.closes_at, access=ACCESS, made=made)
        found = ChosenRooms(services={VideoKind.DAILY: self.rooms}).join_url(replace(room, **changed), guest)  # type: ignore[arg-type]
        assert found is not None
        return found


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    with serve(tmp_path) as server:
        fake = FakeDaily()
        server.answer = fake.answer
        yield Peer(
            fake, server, DailyRooms(server.make_http(most_redirects=0, most_bytes=MOST_BYTES), server.url("/v1"))
        )


def test_a_room_is_private_tells_nothing_and_is_open_for_a_while(peer: Peer) -> None:
    made = peer.rooms.make(ACCESS, WISH, before=None)
    (room,) = peer.fake.rooms.values()
    assert (room["name"], room["privacy"]) == (NAME, "private")
    assert room["config"] == {"nbf": WISH.opens_at.timestamp(), "exp": WISH.closes_at.timestamp()}
    assert made == MadeRoom(NAME, {"url": room["url"], "domain": "25df5057-ef0d-4d97-bde6-0cf287276cbb"})


def test_everybody_has_a_token_of_their_own_for_this_room_and_this_time(peer: Peer) -> None:
    made = peer.rooms.make(ACCESS, WISH, before=None)
    asked = len(peer.server.asked)
    client, therapist = (peer.enter(made, each) for each in (CLIENT, THERAPIST))
    assert len(peer.server.asked) == asked, "whoever enters waits for nobody"
    entered = peer.fake.admit(client, at=START)
    assert entered is not None
    assert (entered["u"], entered["o"], entered["r"]) == ("Ana S.", False, NAME)
    leads = peer.fake.admit(therapist, at=START)
    assert leads is not None
    assert leads["o"] is True
    for at in (WISH.opens_at - timedelta(seconds=1), WISH.closes_at):
        assert peer.fake.admit(client, at=at) is None
    another = peer.rooms.make(ACCESS, replace(WISH, name="another"), before=None)
    assert peer.fake.admit(client.replace(f"/{NAME}?", f"/{another.remote_id}?"), at=START) is None
    with pytest.raises(jwt.InvalidSignatureError):
        peer.fake.admit(peer.enter(made, CLIENT, access=VideoAccess("", {}, {"api_key": "s" * 64})), at=START)


def test_making_it_again_makes_no_second_one(peer: Peer) -> None:
    peer.fake.loses = 0
    peer.rooms.make(ACCESS, WISH, before=None)
    moved = replace(WISH, opens_at=WISH.opens_at + timedelta(hours=2), closes_at=WISH.closes_at + timedelta(hours=2))
    made = peer.rooms.make(ACCESS, moved, before=None)
    (room,) = peer.fake.rooms.values()
    assert (room["privacy"], room["config"]["nbf"]) == ("private", moved.opens_at.timestamp())
    assert peer.rooms.find(ACCESS, WISH) == replace(made, facts={"url": made.facts["url"]})


def test_it_is_given_back_once_and_as_often_as_one_likes(peer: Peer) -> None:
    made = peer.rooms.make(ACCESS, WISH, before=None)
    for _ in range(2):
        peer.rooms.remove(ACCESS, made)
    assert peer.fake.rooms == {}
    assert peer.rooms.find(ACCESS, WISH) is None


def test_a_key_is_checked(peer: Peer) -> None:
    peer.rooms.check(ACCESS)
    for wrong in ("wrong", "", "two\nlines"):
        with pytest.raises(VideoFailed) as caught:
            peer.rooms.check(replace(ACCESS, secrets={"api_key": wrong}))
        assert caught.value.failure == VideoFailure.REFUSED


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (Says(401), VideoFailure.REFUSED),
        (Says(403, b'{"error": "forbidden"}'), VideoFailure.NOT_ALLOWED),
        (Says(429, headers={"Retry-After": "7"}), VideoFailure.OVERLOADED),
        (Says(500, b"<html>"), VideoFailure.BROKEN),
        (Says(200, b"[1]"), VideoFailure.BROKEN),
        (Says(200, b'{"domain_id": {}}'), VideoFailure.BROKEN),
        (Says(302, headers={"Location": "https://other.example/"}), VideoFailure.BROKEN),
        (Says(200, b"1" * 3_000_000), VideoFailure.BROKEN),
    ],
)
def test_whatever_it_says_is_a_failure_in_our_words(peer: Peer, said: Says, failure: VideoFailure) -> None:
    peer.fake.trouble = [said]
    with pytest.raises(VideoFailed) as caught:
        peer.rooms.make(ACCESS, WISH, before=None)
    assert caught.value.failure == failure
    assert caught.value.retry_after == (7 if failure == VideoFailure.OVERLOADED else None)
    assert API_KEY not in f"{caught.value!r} {peer.rooms!r} {ACCESS!r}"


def test_a_room_that_is_not_what_was_asked_for_is_none(peer: Peer) -> None:
    """A service that makes it public, or leads elsewhere, is not believed."""
    domain = peer.fake.answer
    for wrong in (
        b'{"privacy": "public", "url": "https://riverside.daily.co/x"}',
        b'{"privacy": "private", "url": "https://evil.example/x"}',
    ):
        peer.server.answer = lambda asked, wrong=wrong: domain(asked) if asked.method == "GET" else Says(200, wrong)  # type: ignore[misc]
        with pytest.raises(VideoFailed):
            peer.rooms.make(ACCESS, WISH, before=None)


def test_a_service_that_is_away_is_unreachable(peer: Peer) -> None:
    nowhere = DailyRooms(peer.server.make_http(resolve=lambda _host, _port: []), peer.server.url("/v1"))
    with pytest.raises(VideoFailed) as caught:
        nowhere.check(ACCESS)
    assert caught.value.failure == VideoFailure.UNREACHABLE
