"""Links to virtual rooms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from telehealth.adapters.video import ChosenRooms, FixedLinks, JitsiRooms, JitsiServer
from telehealth.domain.errors import NotFound
from telehealth.domain.ports import Guest, VideoAccess, VideoRoom
from telehealth.domain.words import VideoKind

SECRET = "a secret of at least thirty-two characters"
ROOM = VideoRoom(
    name="3f9a52c1d07e4b6f8a1c2d3e4f5a6b7c",
    kind=VideoKind.JITSI,
    opens_at=datetime(2026, 3, 10, 18, 50, tzinfo=UTC),
    closes_at=datetime(2026, 3, 10, 20, 50, tzinfo=UTC),
)
CLIENT = Guest("Ana S.", is_therapist=False)
THERAPIST = Guest("Dr. Silva", is_therapist=True)


def signed(base_url: str = "https://meet.example.org") -> JitsiRooms:
    return JitsiRooms(JitsiServer(base_url=base_url, app_id="telehealth", app_secret=SECRET))


def claims(url: str) -> dict[str, Any]:
    (token,) = parse_qs(urlsplit(url).query)["jwt"]
    return jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        audience="jitsi",
        options={"verify_exp": False, "verify_nbf": False},
    )


class TestJitsi:
    def test_a_server_without_tokens_needs_only_the_name(self) -> None:
        url = JitsiRooms(JitsiServer(base_url="https://meet.example.org/")).join_url(ROOM, CLIENT)
        assert url.partition("#")[0] == f"https://meet.example.org/{ROOM.name}"

    def test_the_name_to_show_stays_in_the_fragment(self) -> None:
        fragment = urlsplit(
            JitsiRooms(JitsiServer(base_url="https://meet.example.org")).join_url(ROOM, CLIENT)
        ).fragment
        name, _, value = fragment.partition("=")
        assert name == "userInfo.displayName"
        assert json.loads(unquote(value)) == "Ana S."

    def test_a_token_opens_one_room_for_a_while(self) -> None:
        assert claims(signed().join_url(ROOM, CLIENT)) == {
            "iss": "telehealth",
            "aud": "jitsi",
            "sub": "meet.example.org",
            "room": ROOM.name,
            "nbf": int(ROOM.opens_at.timestamp()),
            "exp": int(ROOM.closes_at.timestamp()),
            "context": {
                "user": {"id": "guest", "name": "Ana S.", "email": "", "avatar": "", "moderator": "false"},
            },
        }

    def test_the_therapist_moderates(self) -> None:
        user = claims(signed().join_url(ROOM, THERAPIST))["context"]["user"]
        assert (user["id"], user["name"], user["moderator"]) == ("therapist", "Dr. Silva", "true")

    @pytest.mark.parametrize("guest", [CLIENT, THERAPIST, Guest("", is_therapist=False)])
    def test_every_field_about_the_user_is_a_string(self, guest: Guest) -> None:
        assert {type(value) for value in claims(signed().join_url(ROOM, guest))["context"]["user"].values()} == {str}

    def test_a_tenant_is_the_subject(self) -> None:
        url = signed("https://meet.example.org/Riverside/").join_url(ROOM, CLIENT)
        assert urlsplit(url).path == f"/Riverside/{ROOM.name}"
        assert claims(url)["sub"] == "riverside"

    def test_names_are_written_as_jitsi_writes_them(self) -> None:
        url = signed().join_url(replace(ROOM, name="AbC_d/../e?f#g"), CLIENT)
        assert urlsplit(url).path == "/abc-d-e-f-g"
        assert claims(url)["room"] == "abc-d-e-f-g"

    def test_a_token_signed_by_somebody_else_is_not_ours(self) -> None:
        (token,) = parse_qs(urlsplit(signed().join_url(ROOM, CLIENT)).query)["jwt"]
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(token, SECRET + "!", algorithms=["HS256"], audience="jitsi")

    @pytest.mark.parametrize("base_url", ["", "meet.example.org", "javascript:alert(1)", "https://", "https://[x"])
    def test_a_server_has_an_address(self, base_url: str) -> None:
        with pytest.raises(ValueError, match="address"):
            JitsiServer(base_url=base_url)

    @pytest.mark.parametrize("half", [{"app_id": "a"}, {"app_secret": "b"}])
    def test_an_app_needs_both_id_and_secret(self, half: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="secret"):
            JitsiServer(base_url="https://meet.example.org", **half)

    def test_a_server_does_not_show_its_secret(self) -> None:
        assert SECRET not in repr(JitsiServer(base_url="https://h", app_id="a", app_secret=SECRET))


class TestFixedLinks:
    room = replace(ROOM, fixed_link=" https://video.example.com/dr-silva ")

    def test_everyone_gets_the_link_of_the_therapist(self) -> None:
        urls = {FixedLinks().join_url(self.room, guest) for guest in (CLIENT, THERAPIST)}
        assert urls == {"https://video.example.com/dr-silva"}

    @pytest.mark.parametrize("link", ["", " ", "javascript:alert(1)", "video.example.com", "https://"])
    def test_without_a_usable_link_there_is_no_room(self, link: str) -> None:
        with pytest.raises(NotFound, match="call the practice"):
            FixedLinks().join_url(replace(ROOM, fixed_link=link), CLIENT)


class TestJaas:
    """Jitsi as a service (developer.8x8.com/jaas/docs/api-keys-jwt)."""

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tenant = "vpaas-magic-cookie-0a1b2c"

    def test_a_token_is_signed_with_the_private_key_and_names_it(self) -> None:
        url = ChosenRooms().join_url(replace(ROOM, access=self._access()), THERAPIST)
        assert url is not None
        assert url.startswith(f"https://8x8.vc/{self.tenant}/{ROOM.name}?jwt=")
        (token,) = parse_qs(urlsplit(url).query)["jwt"]
        assert jwt.get_unverified_header(token)["kid"] == f"{self.tenant}/4d5e6f"
        assert jwt.get_unverified_header(token)["alg"] == "RS256"
        options = {"verify_exp": False, "verify_nbf": False}
        said = jwt.decode(token, self.key.public_key(), algorithms=["RS256"], audience="jitsi", options=options)
        assert (said["iss"], said["sub"], said["room"]) == ("chat", self.tenant, ROOM.name)
        assert said["context"]["user"]["moderator"] == "true"

    def _access(self) -> VideoAccess:
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        settings = {"app_id": self.tenant, "key_id": f"{self.tenant}/4d5e6f", "audience": "jitsi"}
        return VideoAccess(f"https://8x8.vc/{self.tenant}", settings, {"app_secret": pem.decode()})


class TestChosenRooms:
    house = JitsiServer(base_url="https://meet.example.org", app_id="telehealth", app_secret=SECRET)
    rooms = ChosenRooms(house)

    def test_a_link_that_is_always_the_same(self) -> None:
        room = replace(ROOM, kind=VideoKind.FIXED, fixed_link="https://video.example.com/dr-silva")
        assert self.rooms.join_url(room, CLIENT) == "https://video.example.com/dr-silva"

    def test_the_server_of_the_house_serves_who_has_none(self) -> None:
        assert self.rooms.join_url(ROOM, CLIENT) == signed().join_url(ROOM, CLIENT)

    def test_a_practice_has_its_own_server(self) -> None:
        access = VideoAccess("https://meet.practice.example", {"app_id": "", "audience": "jitsi"}, {})
        url = self.rooms.join_url(replace(ROOM, access=access), CLIENT)
        assert url is not None
        assert url.startswith(f"https://meet.practice.example/{ROOM.name}#")

    def test_people_meet_in_our_own_room(self) -> None:
        assert self.rooms.join_url(replace(ROOM, kind=VideoKind.BUILT_IN), CLIENT) is None
        assert ChosenRooms().join_url(ROOM, CLIENT) is None
