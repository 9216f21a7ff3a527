"""Signing in at a provider of calendars: OAuth 2.0 with a code, PKCE and refresh tokens (RFC 6749, 7636, 7009), and the
requests that are made with what comes of it.

A provider's host is fixed by its adapter, so nobody who types an address has a say in where requests go. They take
bounded time and memory, follow no redirect and keep no cookie. Tokens and codes reach neither the log nor an exception.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from telehealth.domain.calendar_ports import CalendarAccess, CalendarFailed, SignInFailed, SignInTicket
from telehealth.domain.calendar_words import CalendarFailure, SignInFailure

log = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS, ALL_SECONDS, MOST_BYTES = 5, 15, 30, 10 * 1024 * 1024
PAGES_SECONDS: Final = 120.0
"""For all pages of one answer, however many there are."""
GOOD_FOR: Final = 300
"""So many seconds an access token must still be good for, so that what is done with it can be finished."""
_CHUNK: Final = 65_536
_NEEDS_THEM: Final = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""What only the person can mend: they took it back, changed their password, or have to confirm something."""
_LATER: Final = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


class TooMuch(requests.RequestException):
    """More came back than we take, or it came too slowly."""


class LimitedAdapter(HTTPAdapter):
    """Reads an answer whole, within its limits."""

    def send(self, request: requests.PreparedRequest, *args: Any, **given: Any) -> requests.Response:
        """One request. Raises requests.RequestException."""
        ends = time.monotonic() + ALL_SECONDS
        given |= {"stream": True, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
        answer = super().send(request, *args, **given)
        body = bytearray()
        for part in answer.iter_content(_CHUNK):
            body += part
            if len(body) > MOST_BYTES:
                answer.close()
                raise TooMuch
            if time.monotonic() > ends:
                answer.close()
                raise requests.Timeout
        answer._content = bytes(body)  # noqa: SLF001 -- where the library would have put it
        return answer


def limit(session: requests.Session) -> None:
    """Hold all that a session does to the limits."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, LimitedAdapter())
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


class _Bearer(AuthBase):
    """Signs a request. Given as "auth" so that no .netrc of the machine takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthApp:
    """What a provider knows us by, and where it takes what. ``extras`` go with the address that people are sent to."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    revoke_url: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OAuth:
    """Signs people in, keeps them signed in, and signs them out. Safe to share between threads."""

    app: OAuthApp

    def find_address(self, ticket: SignInTicket, username: str) -> str:
        """Where somebody is sent to let us in."""
        hint = {"login_hint": username} if username else {}
        with self._session(ticket.return_to) as session:
            address, _ = session.create_authorization_url(
                self.app.authorize_url,
                state=ticket.state,
                code_verifier=ticket.verifier,
                **self.app.extras,
                **hint,
            )
        return str(address)

    def fetch(self, ticket: SignInTicket, code: str, now: datetime) -> dict[str, str]:
        """What a code is worth, as ``CalendarAccess.secrets``. Raises SignInFailed and CalendarFailed."""
        with self._session(ticket.return_to) as session:
            token = self._ask(
                lambda: session.fetch_token(
                    self.app.token_url,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=ticket.verifier,
                    allow_redirects=False,
                ),
                on_refusal=SignInFailed(SignInFailure.STALE),
            )
        granted = str(token.get("scope", "")).split()
        if not all(_is_granted(each, granted) for each in self.app.scopes) or not token.get("refresh_token"):
            raise SignInFailed(SignInFailure.INCOMPLETE)
        return _secrets(token, {}, now)

    def refresh(self, access: CalendarAccess, now: datetime) -> CalendarAccess:
        """The same access, good for the next minutes; the very same object when it is. Raises CalendarFailed."""
        ends = access.secrets.get("expires_at", "")
        if access.secrets.get("access_token") and ends.isdigit() and int(ends) - now.timestamp() > GOOD_FOR:
            return access
        return replace(access, secrets=_secrets(self._renew(access), access.secrets, now))

    def renew_token(self, access: CalendarAccess) -> str:
        """An access token that is new this moment. Raises CalendarFailed."""
        return str(self._renew(access)["access_token"])

    def revoke(self, access: CalendarAccess) -> None:
        """Give back what we were let in with, where the provider takes it. Raises CalendarFailed; never for what it
        does not know any more.
        """
        if not self.app.revoke_url or not access.secrets.get("refresh_token"):
            return
        with self._session() as session:
            answer = self._ask(
                lambda: session.revoke_token(
                    self.app.revoke_url, token=access.secrets["refresh_token"], allow_redirects=False
                )
            )
        if answer.status_code not in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}:
            raise CalendarFailed(CalendarFailure.BROKEN)

    def _renew(self, access: CalendarAccess) -> Mapping[str, Any]:
        if not access.secrets.get("refresh_token"):
            raise CalendarFailed(CalendarFailure.REFUSED)
        with self._session() as session:
            renewed: Mapping[str, Any] = self._ask(
                lambda: session.refresh_token(
                    self.app.token_url, refresh_token=access.secrets["refresh_token"], allow_redirects=False
                )
            )
        return renewed

    def _session(self, return_to: str = "") -> OAuth2Session:
        session = OAuth2Session(
            self.app.client_id,
            self.app.client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 -- the name of a way
            revocation_endpoint_auth_method="client_secret_post",
            scope=" ".join(self.app.scopes),
            redirect_uri=return_to or None,
            code_challenge_method="S256",
        )
        limit(session)
        for kind in ("access_token_response", "refresh_token_response"):
            session.register_compliance_hook(kind, _require_token)
        return session

    def _ask(self, ask: Callable[[], Any], on_refusal: Exception | None = None) -> Any:
        """What a provider answers; what went wrong is said without a word of it, because answers may repeat secrets."""
        try:
            return ask()
        except OAuthError as error:
            code = error.error
        except requests.RequestException as error:
            failed = explain_trouble(error)
            raise failed from None
        except (ValueError, TypeError):  # No JSON, or none that could be a token.
            raise CalendarFailed(CalendarFailure.BROKEN) from None
        if code in _NEEDS_THEM:
            raise on_refusal or CalendarFailed(CalendarFailure.REFUSED)
        if code in _LATER:
            raise CalendarFailed(CalendarFailure.OVERLOADED)
        # invalid_client, most likely: the operator has to look at what was registered.
        log.error("a provider of calendars does not take our credentials", extra={"code": str(code)[:40]})
        raise CalendarFailed(CalendarFailure.BROKEN)


class SignedIn:
    """What every calendar has in common whose owner lets us in by signing in (``SignedInCalendars``)."""

    def __init__(self, app: OAuthApp) -> None:
        self._oauth = OAuth(app)

    def find_address(self, ticket: SignInTicket, /, *, username: str = "") -> str:
        """Where they are sent."""
        return self._oauth.find_address(ticket, username)

    def revoke(self, access: CalendarAccess, /) -> None:
        """Give the access back, where the provider takes it: Microsoft does not, and forgetting it is all we can do."""
        self._oauth.revoke(access)

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:
        """The same access, good for the next minutes."""
        return self._oauth.refresh(access, now)


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What an API answered: its status, its headers and its JSON, an empty one where there is none."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)

    @property
    def retry_after(self) -> float | None:
        """The seconds that it asks us to wait."""
        said = self.headers.get("Retry-After", "")
        return float(said) if said.isascii() and said.isdigit() else None


@dataclass(frozen=True)
class ProviderApi:
    """Asks a provider's API at ``base_url`` in somebody's name. Safe to share between threads."""

    base_url: str
    oauth: OAuth

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        limit(session)
        return session

    def ask(
        self,
        access: CalendarAccess,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ProviderAnswer:
        """One request and its answer, whatever its status. A token that ended earlier than it said is renewed once.
        ``path`` begins with a slash, or is an address that the API gave. Raises CalendarFailed.
        """
        url = path if path.startswith(f"{self.base_url}/") else self.base_url + path
        token = access.secrets.get("access_token", "")
        for is_last in (False, True):
            answer = self._send(method, url, token, params=params, json=body, headers=headers)
            if answer.status != HTTPStatus.UNAUTHORIZED or is_last:
                break
            token = self.oauth.renew_token(access)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise CalendarFailed(CalendarFailure.REFUSED)
        return answer

    def _send(self, method: str, url: str, token: str, **given: Any) -> ProviderAnswer:
        try:
            answer = self._session.request(method, url, auth=_Bearer(token), allow_redirects=False, **given)
        except requests.RequestException as error:
            failed = explain_trouble(error)
            raise failed from None
        try:
            data = answer.json() if answer.content else {}
        except ValueError:
            data = {}
        return ProviderAnswer(answer.status_code, answer.headers, data if isinstance(data, dict) else {})


def count_pages(most: int) -> Iterator[int]:
    """Once for each page that may be asked for. Raises CalendarFailed: TIMED_OUT when they come too slowly, TOO_LARGE
    when there are more.
    """
    ends = time.monotonic() + PAGES_SECONDS
    for number in range(most):
        if time.monotonic() > ends:
            raise CalendarFailed(CalendarFailure.TIMED_OUT)
        yield number
    raise CalendarFailed(CalendarFailure.TOO_LARGE)


def _require_token(answer: requests.Response) -> requests.Response:
    """Authlib takes whatever is JSON for a token. Raises requests.HTTPError and ValueError."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise requests.HTTPError(response=answer)
    if not {"access_token", "error"} & set(answer.json()):
        raise ValueError
    return answer


def explain_trouble(error: requests.RequestException) -> CalendarFailed:
    """What it means that no answer came, or none that could be read."""
    if isinstance(error, TooMuch):
        return CalendarFailed(CalendarFailure.TOO_LARGE)
    if isinstance(error, requests.Timeout):
        return CalendarFailed(CalendarFailure.TIMED_OUT)
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code if error.response is not None else 0
        is_busy = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
        return CalendarFailed(CalendarFailure.OVERLOADED if is_busy else CalendarFailure.BROKEN)
    return CalendarFailed(CalendarFailure.UNREACHABLE)


def _is_granted(scope: str, granted: list[str]) -> bool:
    """Microsoft names a scope with or without its resource, and "offline_access" never: a refresh token says it."""
    return scope == "offline_access" or any(each == scope or each.endswith(f"/{scope}") for each in granted)


def _secrets(token: Mapping[str, Any], before: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What is kept. Some providers give a new refresh token each time, others keep to the first."""
    lasts = token.get("expires_in", 0)
    ends = int(now.timestamp()) + (int(lasts) if str(lasts).isdigit() else 0)
    refresh_token = str(token.get("refresh_token") or before.get("refresh_token", ""))
    return {"refresh_token": refresh_token, "access_token": str(token["access_token"]), "expires_at": str(ends)}
