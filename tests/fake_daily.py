"""A small Daily, after its public description (docs.daily.co/reference/rest-api): rooms of one domain, and who may
enter them with which token. It answers for a ``SecureServer``.

- rooms/create-room, …/update-room, …/get-room-config, …/delete-room: names, privacy and times; a room whose time is
  over counts as deleted; a name is taken once
- domain/get-domain-config: its name and id
- errors: authentication-error, invalid-request-error, not-found, rate-limit-error
- guides/privacy-and-security/self-signing-tokens: the short names, and that the key is the secret
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt

from tests.adapters.secure_server import Asked, Says

API_KEY = "5f1e0c7a9b2d4e6f8a0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5"
DOMAIN, DOMAIN_ID = "riverside", "25df5057-ef0d-4d97-bde6-0cf287276cbb"
PROPERTIES = {"nbf", "exp", "enable_knocking", "eject_at_room_exp", "max_participants", "enable_chat"}


class FakeDaily:
    """``rooms`` are those there are. ``trouble`` is what the next requests are answered with; ``loses`` as many answers
    after having done what was asked.
    """

    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, Any]] = {}
        self.trouble: list[Says] = []
        self.loses = 0
        self.now = 0.0

    def answer(self, asked: Asked) -> Says:
        """Whatever is asked of it."""
        if self.trouble:
            return self.trouble.pop(0)
        if asked.headers.get("authorization") != f"Bearer {API_KEY}":
            return _says(400, error="authentication-error")
        said = self._do(asked, asked.path.removeprefix("/v1"))
        if self.loses:
            self.loses -= 1
            return _says(502)
        return said

    def admit(self, address: str, *, at: datetime) -> dict[str, Any] | None:
        """Who enters by an address at an instant, as Daily would check it; None: nobody. Raises jwt's own errors."""
        parts, instant = urlsplit(address), at.timestamp()
        room = self.rooms.get(parts.path.strip("/"))
        if parts.hostname != f"{DOMAIN}.daily.co" or room is None:
            return None
        options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        token = jwt.decode(parse_qs(parts.query)["t"][0], API_KEY, algorithms=["HS256"], options=options)
        times = [room["config"], token]
        is_open = all(each.get("nbf", 0) <= instant < each.get("exp", 1e12) for each in times)
        is_its = token["d"] == DOMAIN_ID and token.get("r") == room["name"] and token["iat"] <= instant
        return token if is_open and is_its else None

    def _do(self, asked: Asked, path: str) -> Says:
        if asked.method == "GET" and path == "/":
            return _says(200, domain_name=DOMAIN, domain_id=DOMAIN_ID, config={})
        if path == "/rooms" and asked.method == "POST":
            return self._create(json.loads(asked.body))
        name = unquote(path.removeprefix("/rooms/"))
        room = self.rooms.get(name)
        if room is None or room["config"].get("exp", 1e12) <= self.now:
            self.rooms.pop(name, None)
            return _says(404, error="not-found", info=f"room {name} not found")
        if asked.method == "DELETE":
            del self.rooms[name]
            return _says(200, deleted=True, name=name)
        if asked.method == "POST":
            return self._change(room, json.loads(asked.body))
        return _says(200, **room)

    def _create(self, wish: dict[str, Any]) -> Says:
        name = wish.pop("name")
        if re.search(r"[^A-Za-z0-9_-]", name) or len(name) > 128:
            return _says(400, error="invalid-request-error", info="the name is not a room name")
        if name in self.rooms:
            return _says(400, error="invalid-request-error", info=f"a room named {name} already exists")
        room = {"id": "d61cd7b2", "name": name, "api_created": True, "privacy": "public", "config": {}}
        room["url"] = f"https://{DOMAIN}.daily.co/{name}"
        said = self._change(room, wish)
        if said.status == 200:
            self.rooms[name] = room
        return said

    def _change(self, room: dict[str, Any], wish: dict[str, Any]) -> Says:
        properties = wish.get("properties", {})
        if set(wish) - {"privacy", "properties"} or set(properties) - PROPERTIES:
            return _says(400, error="invalid-request-error", info="unknown parameter")
        room["privacy"] = wish.get("privacy", room["privacy"])
        room["config"] = {**room["config"], **properties}
        return _says(200, **room)


def _says(status: int, **data: Any) -> Says:
    return Says(status, json.dumps(data).encode(), {"Content-Type": "application/json"})
