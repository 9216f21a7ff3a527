"""How often one network may ask. Enough for a busy office behind one address, too little for a scraper."""

from __future__ import annotations

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request

from telehealth.api.openapi import Blueprint
from telehealth.domain.calendar_words import TRIES
from telehealth.domain.networks import network_of
from telehealth.late import postponed


def _leave_as_it_is(**_note: str) -> Callable[[Any], Any]:
    return lambda thing: thing


NOTES: dict[str, Any] = {"__path__": [], "versionadded": _leave_as_it_is, "versionchanged": _leave_as_it_is}
"""They only add a line to descriptions of classes, and would bring two libraries."""

# It would load its counters a second time, for asynchronous services.
with postponed("limits.aio", "asyncio"), postponed("deprecated.sphinx", **NOTES):
    from flask_limiter import Limiter

BOOKING = "30 per minute"
"""Of what was done: who is refused, because a time is gone or a name is missing, tries again without counting here."""
SEARCH = "120 per minute"
OTHER = "600 per minute"


def init_app(
    app: Flask, limits: list[tuple[Blueprint, str, list[str] | None]], going_out: tuple[Blueprint, Collection[str]]
) -> None:
    """Count requests by blueprint, for some methods only when they are named, endpoint by endpoint. ``going_out`` names
    the views that go to a server of somebody's choice: as seldom here as on the pages.

    Every app has a limiter of its own, so that one with limits does not teach them to one without. When the counters
    cannot be reached, requests go through: people who need an appointment matter more than those who ask too often.
    """
    limiter = Limiter(
        _find_network,
        key_prefix="api",
        storage_uri=app.config["RATE_LIMIT_STORAGE"],
        enabled=app.config["RATE_LIMITS"],
        swallow_errors=True,
    )
    for blueprint, limit, methods in limits:
        limiter.limit(limit, methods=methods, deduct_when=_was_done if limit == BOOKING else None)(blueprint)
    blueprint, views = going_out
    limiter.limit(TRIES, exempt_when=lambda: (request.endpoint or "").rpartition(".")[2] not in views)(blueprint)
    limiter.init_app(app)


def _was_done(response: Response) -> bool:
    return response.status_code < HTTPStatus.BAD_REQUEST


def _find_network() -> str:
    return network_of(request.remote_addr)
