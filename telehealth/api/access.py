"""Enforces the marks of ``domain.access`` on the API, knows which member of staff a token stands for, and what they may
see and change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g, request

from telehealth import clock
from telehealth.api.errors import ScopeMissing, TokenEnded, TokenInvalid, TokenRequired
from telehealth.api.scopes import scope_of
from telehealth.domain import access
from telehealth.domain.access import Audience, Scope
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.words import Role
from telehealth.models import ApiToken, Client, Therapist
from telehealth.queries.practice.api_tokens import find_api_token
from telehealth.queries.practice.clients import find_client
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.practice.token_issuing import PREFIX as TOKEN_PREFIX
from telehealth.services.practice.token_issuing import note_token_use

HERE = "/api/"


@dataclass(frozen=True, slots=True)
class Staff:
    """Whoever sent the token. ``therapist_id`` is their own, if they give care; ``sees_all``: not only their own;
    ``is_owner``: may decide for the practice.
    """

    user_id: int
    practice_id: int
    practice_slug: str
    therapist_id: int | None
    sees_all: bool
    is_owner: bool
    scopes: frozenset[Scope]
    """What the token was made for."""
    until: datetime | None
    """When the token ends by itself."""

    @property
    def only_therapist(self) -> int | None:
        """The one therapist whose appointments they may see; None when they may see all. Raises NotAllowed."""
        if self.sees_all:
            return None
        if self.therapist_id is None:
            raise NotAllowed
        return self.therapist_id

    def require_grant(self, scopes: Iterable[Scope], until: datetime | None) -> None:
        """A token makes none that may do more, or lasts longer. Raises ScopeMissing, InvalidInput."""
        if missing := {*scopes} - self.scopes:
            raise ScopeMissing(*sorted(missing))
        if self.until is not None and (until is None or until > self.until):
            raise InvalidInput({"ends_at": "Not later than the token that makes it."})

    def require(self, therapist_id: int) -> None:
        """Refuse what belongs to another therapist. Raises NotAllowed."""
        if self.only_therapist not in {None, therapist_id}:
            raise NotAllowed

    def require_among(self, *named: str | None) -> None:
        """A therapist books and plans for themselves, alone or with a colleague. Raises NotFound, NotAllowed."""
        if self.only_therapist is None:
            return
        if self.only_therapist not in {find_therapist(self.practice_id, each).id for each in named if each}:
            raise NotAllowed

    def require_kept(self, theirs: Iterable[Therapist | None], *named: str | None) -> None:
        """A therapist who changes something keeps it: giving it to a colleague is for the front desk and owners.

        ``named`` are those who are to have it; None: it stays with whoever has it. Raises NotAllowed.
        """
        if self.only_therapist is not None and {*named} - {None} - {each.public_id for each in theirs if each}:
            raise NotAllowed


def init_app(app: Flask) -> None:
    """Look at every request to the API before its view does."""
    app.before_request(enforce)


def enforce() -> None:
    """Let the request through or refuse it. Raises TokenRequired, TokenInvalid, ScopeMissing, NotAllowed,
    NotFound.

    Staff views are not told the practice's word: the token knows the practice, and the address has to mean the same.
    """
    if not request.path.startswith(HERE) or request.endpoint is None:
        return
    decision = access.access_of(current_app.view_functions[request.endpoint])
    if decision is None:
        raise RuntimeError(f"the view {request.endpoint} does not say who it is for")
    if decision.audience == Audience.STAFF:
        token = _token(_secret())
        user = token.user
        # Another practice looks as if it were not there, whether it is or not.
        if (request.view_args or {}).pop("practice", None) != user.practice.slug:
            raise NotFound
        needed = scope_of(request.endpoint, request.method)
        if needed not in token.scopes:
            raise ScopeMissing(needed)
        if not user.has(*decision.roles):
            raise NotAllowed
        g.staff = _staff(token)


def staff() -> Staff:
    """The member of staff behind this request."""
    who: Staff = g.staff
    return who


def find_therapist_for_staff(public_id: str) -> Therapist:
    """A therapist whose things this member of staff may see and change. Raises NotFound, NotAllowed."""
    found = find_therapist(staff().practice_id, public_id)
    staff().require(found.id)
    return found


def find_client_for_staff(public_id: str) -> Client:
    """A client whom this member of staff may see. Raises NotFound, NotAllowed."""
    return find_client(staff().practice_id, public_id, therapist_id=staff().only_therapist)


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise TokenRequired
    return secret.strip()


def _token(secret: str) -> ApiToken:
    """The token that counts, which was used now."""
    token = find_api_token(secret) if secret.startswith(TOKEN_PREFIX) else None
    if token is None:
        raise TokenInvalid
    now = clock.now()
    if token.ends_at is not None and token.ends_at <= now:
        raise TokenEnded
    note_token_use(token_id=token.id, last=token.used_at, now=now)
    return token


def _staff(token: ApiToken) -> Staff:
    user = token.user
    return Staff(
        user_id=user.id,
        practice_id=user.practice_id,
        practice_slug=user.practice.slug,
        therapist_id=user.therapist.id if user.therapist is not None else None,
        sees_all=user.has(*access.SEES_ALL),
        is_owner=user.has(Role.OWNER),
        scopes=frozenset(map(Scope, token.scopes)),
        until=token.ends_at,
    )
