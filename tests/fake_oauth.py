"""A provider's sign-in on loopback, and the server that it and an API are served by.

It holds whoever comes to RFC 6749 (4.1, 6), 7636 (PKCE, S256 only), 7009 (revocation) and 9207's advice to check the
state: addresses to return to are registered, a code counts once and for two minutes' worth of one attempt, and secrets
are in the body. Its consent page is a page, for a browser to press.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT_ID, CLIENT_SECRET = "a-client-id.example", "a-client-secret"


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: Any) -> None:
        """Nobody reads it."""


@dataclass
class Grant:
    """What somebody let us have. ``refresh_token`` and ``access_tokens`` are those that count."""

    account: str
    scopes: tuple[str, ...]
    refresh_token: str | None
    access_tokens: set[str] = field(default_factory=set)


@dataclass
class Attempt:
    """Somebody has said yes; the code has not been brought yet."""

    account: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str
    is_lasting: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the next request that fits is answered with."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""


class FakeProvider:
    """Serves in a thread for as long as a block. Subclasses say where what is."""

    authorize_path = "/o/oauth2/v2/auth"
    token_path = "/token"
    revoke_path = "/revoke"
    lifetime = 3599
    rotates = False

    def __init__(self, redirect_uris: tuple[str, ...] = ("https://practice.example/back",)) -> None:
        self.redirect_uris = redirect_uris
        self.account = "dana@example.com"
        self.grants: list[Grant] = []
        self.attempts: dict[str, Attempt] = {}
        self.requests: list[tuple[str, str]] = []
        self.sent: list[str] = []
        self.seen: list[Mapping[str, str]] = []
        self.refreshed = 0
        self._troubles: deque[Trouble] = deque()
        self.app = Flask(__name__)
        self.app.before_request(self._before)
        self.app.after_request(self._after)
        self.app.add_url_rule(self.authorize_path, view_func=self._authorize, methods=["GET", "POST"])
        self.app.add_url_rule(self.token_path, view_func=self._token, methods=["POST"])
        self.app.add_url_rule(self.revoke_path, view_func=self._revoke, methods=["POST"])
        self.add_routes()

    def add_routes(self) -> None:
        """The API."""

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True, request_handler=_Quiet)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(20)

    def fail_next(self, status: int, body: Mapping[str, Any] | None = None, *, path: str = "", **headers: str) -> None:
        """The next request whose path contains ``path`` is answered like this, and does nothing."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._troubles.append(Trouble(status, body or {}, named, path))

    def consent(self, address: str, *, allows: bool = True, leaves_out: str = "nothing") -> dict[str, str]:
        """What somebody brings back who was sent to ``address`` and presses a button there."""
        page = requests.get(address, timeout=5)
        assert page.status_code == 200, page.text
        asked = parse_qs(urlsplit(address).query)
        ticked = [each for each in asked["scope"][0].split() if leaves_out not in each]
        pressed = {"scopes": ticked, "answer": "allow" if allows else "deny"}
        answer = requests.post(address, data=pressed, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def forget_access_tokens(self) -> None:
        """They end earlier than they said."""
        for grant in self.grants:
            grant.access_tokens.clear()

    def take_back(self) -> None:
        """The person removes us in their account."""
        self.grants.clear()

    def _before(self) -> ResponseReturnValue | None:
        self.requests.append((request.method, request.full_path.rstrip("?")))
        self.seen.append(dict(request.headers))
        for trouble in list(self._troubles):
            if trouble.path in request.path:
                self._troubles.remove(trouble)
                return jsonify(trouble.body), trouble.status, dict(trouble.headers)
        return None

    def _after(self, response: Response) -> Response:
        self.sent.append(response.get_data(as_text=True))
        return response

    def _authorize(self) -> ResponseReturnValue:
        asked = request.args
        if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") not in self.redirect_uris:
            return "Error 400: redirect_uri_mismatch", 400
        is_whole = asked.get("response_type") == "code" and asked.get("state") and asked.get("scope")
        if not is_whole or asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return "Error 400: invalid_request", 400
        if request.method == "GET":
            return self._consent_page(asked["scope"].split())
        back = {"state": asked["state"]}
        if request.form.get("answer") != "allow":
            back["error"] = "access_denied"
        else:
            code = secrets.token_urlsafe(16)
            ticked = tuple(request.form.getlist("scopes"))
            account = request.form.get("account") or self.account
            self.attempts[code] = Attempt(
                account, ticked, asked["redirect_uri"], asked["code_challenge"], self.is_lasting(asked, ticked)
            )
            back |= {"code": code, "scope": " ".join(ticked)}
        return redirect(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    def _consent_page(self, scopes: list[str]) -> str:
        boxes = "".join(
            f'<p><label><input type="checkbox" name="scopes" value="{each}" checked> {each}</label></p>'
            for each in scopes
        )
        return (
            '<!doctype html><html lang="en"><title>Sign in</title><h1>Telehealth wants to see your calendars</h1>'
            f'<form method="post">{boxes}<button name="answer" value="allow">Allow</button> '
            '<button name="answer" value="deny">Cancel</button></form></html>'
        )

    def is_lasting(self, asked: Mapping[str, str], scopes: tuple[str, ...]) -> bool:
        """Whether a refresh token is given."""
        return asked.get("access_type") == "offline" and asked.get("prompt") == "consent"

    def _token(self) -> ResponseReturnValue:
        form = request.form
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return jsonify(error="invalid_client"), 401
        if form.get("grant_type") == "refresh_token":
            return self._refresh(form.get("refresh_token", ""))
        attempt = self.attempts.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if attempt is None or challenge.rstrip(b"=").decode() != attempt.challenge:
            return jsonify(error="invalid_grant", error_description="Bad Request"), 400
        if form.get("redirect_uri") != attempt.redirect_uri:
            return jsonify(error="redirect_uri_mismatch"), 400
        grant = Grant(attempt.account, attempt.scopes, secrets.token_urlsafe(12) if attempt.is_lasting else None)
        self.grants.append(grant)
        return jsonify(self._given(grant))

    def _refresh(self, token: str) -> ResponseReturnValue:
        grant = next((each for each in self.grants if each.refresh_token == token), None)
        if not token or grant is None:
            return jsonify(error="invalid_grant", error_description="Token has been expired or revoked."), 400
        self.refreshed += 1
        if self.rotates:
            grant.refresh_token = secrets.token_urlsafe(12)
        return jsonify(self._given(grant, is_first=False))

    def _given(self, grant: Grant, *, is_first: bool = True) -> dict[str, Any]:
        access_token = secrets.token_urlsafe(12)
        grant.access_tokens.add(access_token)
        given = {
            "access_token": access_token,
            "expires_in": self.lifetime,
            "scope": " ".join(self.named_scopes(grant.scopes)),
            "token_type": "Bearer",
        }
        if grant.refresh_token and (is_first or self.rotates):
            given["refresh_token"] = grant.refresh_token
        return given

    def named_scopes(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        """As the answer names them."""
        return scopes

    def _revoke(self) -> ResponseReturnValue:
        token = request.form.get("token", "")
        found = [each for each in self.grants if token == each.refresh_token or token in each.access_tokens]
        if not token or not found:
            return jsonify(error="invalid_token"), 400
        self.grants = [each for each in self.grants if each not in found]
        return jsonify({})

    def grant_of_request(self) -> Grant | None:
        """Whose token a request carries."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return next((each for each in self.grants if token in each.access_tokens), None)
