"""Enforces the marks of ``domain.access`` on the API, and knows which member of staff a token stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request

from telehealth.api.errors import TokenInvalid, TokenRequired
from telehealth.domain import access
from telehealth.domain.access import Audience
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.words import Role
from telehealth.models import Therapist, User
from telehealth.queries.practice.api_tokens import find_api_token
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.practice.token_issuing import PREFIX as TOKEN_PREFIX

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

    @property
    def only_therapist(self) -> int | None:
        """The one therapist whose appointments they may see; None when they may see all. Raises NotAllowed."""
        if self.sees_all:
            return None
        if self.therapist_id is None:
            raise NotAllowed
        return self.therapist_id

    def require(self, therapist_id: int) -> None:
        """Refuse what belongs to another therapist. Raises NotAllowed."""
        if self.only_therapist not in {None, therapist_id}:
            raise NotAllowed


def take_practice(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Staff views need no word for the practice: the token knows it, and ``enforce`` compares the two."""
    g.practice_slug = (values or {}).pop("practice", None)


def init_app(app: Flask) -> None:
    """Look at every request to the API before its view does."""
    app.before_request(enforce)


def enforce() -> None:
    """Let the request through or refuse it. Raises TokenRequired, TokenInvalid, NotAllowed, NotFound."""
    if not request.path.startswith(HERE) or request.endpoint is None:
        return
    decision = access.access_of(current_app.view_functions[request.endpoint])
    if decision is None:
        raise RuntimeError(f"the view {request.endpoint} does not say who it is for")
    if decision.audience == Audience.STAFF:
        user = _user(_secret())
        _require_practice(user)
        if not user.has(*decision.roles):
            raise NotAllowed
        g.staff = _staff(user)


def staff() -> Staff:
    """The member of staff behind this request."""
    who: Staff = g.staff
    return who


def find_therapist_for_staff(public_id: str) -> Therapist:
    """A therapist whose things this member of staff may see and change. Raises NotFound, NotAllowed."""
    found = find_therapist(staff().practice_id, public_id)
    staff().require(found.id)
    return found


def _secret() -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise TokenRequired
    return secret.strip()


def _user(secret: str) -> User:
    token = find_api_token(secret) if secret.startswith(TOKEN_PREFIX) else None
    if token is None:
        raise TokenInvalid
    return token.user


def _require_practice(user: User) -> None:
    """Another practice looks as if it were not there, whether it is or not."""
    if g.practice_slug != user.practice.slug:
        raise NotFound


def _staff(user: User) -> Staff:
    return Staff(
        user_id=user.id,
        practice_id=user.practice_id,
        practice_slug=user.practice.slug,
        therapist_id=user.therapist.id if user.therapist is not None else None,
        sees_all=user.has(Role.OWNER, Role.FRONT_DESK),
        is_owner=user.has(Role.OWNER),
    )
