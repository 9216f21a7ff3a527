"""A small Zoom, after its public description (developers.zoom.us/docs): one account with its users and their meetings.
It answers for a ``SecureServer``.

- internal-apps/s2s-oauth: an app's id and secret as Basic, the account in the body, a token for an hour and no other
- api/meetings: create, get, update, delete and list; scopes; ``start_url`` with a key of the host, which is new each
  time it is asked for and lasts two hours; codes 124, 300, 1001, 3001, 4711
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.adapters.secure_server import Asked, Says

ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET = "abc_DEF-123", "client-id-of-zoom", "client-secret-of-zoom"
HOST = "dana@practice.example"
SCOPES = {
    "POST": "meeting:write:meeting:admin",
    "PATCH": "meeting:update:meeting:admin",
    "DELETE": "meeting:delete:meeting:admin",
    "GET": "meeting:read:meeting:admin",
    "LIST": "meeting:read:list_meetings:admin",
}
NEEDED = {"topic", "type", "start_time", "duration", "timezone", "settings"}


class FakeZoom:
    """``meetings`` are those there are, by their number. ``trouble`` is what the next requests are answered with;
    ``loses`` as many answers to POST after having done what was asked. ``page`` is how many it lists at once.
    """

    def __init__(self) -> None:
        self.meetings: dict[int, dict[str, Any]] = {}
        self.users = {HOST}
        self.scopes = set(SCOPES.values())
        self.trouble: list[Says] = []
        self.loses = 0
        self.page = 300
        self.keys = 0
        self._tokens: set[str] = set()

    def answer(self, asked: Asked) -> Says:
        """Whatever is asked of it."""
        if self.trouble:
            return self.trouble.pop(0)
        if asked.path == "/oauth/token":
            return self._sign_in(asked)
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._tokens:
            return _says(401, code=124, message="Invalid access token.")
        parts = urlsplit(asked.path.removeprefix("/v2"))
        words = [unquote(each) for each in parts.path.strip("/").split("/")]
        if words[0] == "users" and words[-1] == "meetings":
            return self._of_user(asked, words[1], parse_qs(parts.query))
        return self._one(asked, int(words[1]))

    def _sign_in(self, asked: Asked) -> Says:
        given = parse_qs(asked.body.decode())
        basic = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
        if basic != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return _says(400, reason="Invalid client_id or client_secret", error="invalid_client")
        if given != {"grant_type": ["account_credentials"], "account_id": [ACCOUNT_ID]}:
            return _says(400, reason="Bad Request", error="invalid_request")
        token = f"token-{len(self._tokens)}"
        self._tokens.add(token)
        return _says(200, access_token=token, token_type="bearer", expires_in=3599, scope=" ".join(self.scopes))

    def _of_user(self, asked: Asked, user: str, query: dict[str, list[str]]) -> Says:
        refused = self._refuse("LIST" if asked.method == "GET" else asked.method)
        if refused is not None:
            return refused
        if user not in self.users:
            return _says(404, code=1001, message=f"User does not exist: {user}.")
        if asked.method == "GET":
            first = int((query.get("next_page_token") or ["0"])[0] or 0)
            theirs = [each for each in self.meetings.values() if each["host"] == user]
            page, rest = theirs[first : first + self.page], theirs[first + self.page :]
            listed = [{name: each[name] for name in ("id", "topic", "join_url", "start_time")} for each in page]
            return _says(200, meetings=listed, next_page_token=str(first + self.page) if rest else "")
        wish = json.loads(asked.body)
        if set(wish) != NEEDED or wish["type"] != 2:
            return _says(300, code=300, message="Validation Failed.")
        number = 85_000_000_000 + len(self.meetings) + 1
        self.meetings[number] = {
            **wish,
            "id": number,
            "host": user,
            "join_url": f"https://us05web.zoom.us/j/{number}?pwd=x",
        }
        if self.loses:
            self.loses -= 1
            return _says(502)
        return _says(201, **self._shown(number))

    def _one(self, asked: Asked, number: int) -> Says:
        refused = self._refuse(asked.method)
        if refused is not None:
            return refused
        if number not in self.meetings:
            return _says(404, code=3001, message=f"Meeting does not exist: {number}.")
        if asked.method == "GET":
            return _says(200, **self._shown(number))
        if asked.method == "PATCH":
            self.meetings[number] |= json.loads(asked.body)
        else:
            del self.meetings[number]
        return Says(204)

    def _refuse(self, what: str) -> Says | None:
        missing = SCOPES[what]
        if missing in self.scopes:
            return None
        return _says(400, code=4711, message=f"Invalid access token, does not contain scopes:[{missing}].")

    def _shown(self, number: int) -> dict[str, Any]:
        self.keys += 1
        return {**self.meetings[number], "start_url": f"https://us05web.zoom.us/s/{number}?zak=key-{self.keys}"}


def _says(status: int, **data: Any) -> Says:
    return Says(status, json.dumps(data).encode(), {"Content-Type": "application/json"})
