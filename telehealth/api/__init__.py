"""REST for programs: parse, call one service or query, dump. The OpenAPI document comes out of it."""

from __future__ import annotations

from flask import Flask

from telehealth.api import (
    access,
    appointments,
    busy,
    changes,
    clients,
    consents,
    desk,
    documentation,
    errors,
    holds,
    hours,
    inbound,
    licences,
    limits,
    links,
    message_rules,
    message_templates,
    messages,
    offers,
    practices,
    reassignments,
    rehearsal,
    requests,
    series,
    series_changes,
    services,
    settings,
    slots,
    tasks,
    waitlist,
    why_not,
)
from telehealth.api.limits import BOOKING, OTHER, SEARCH
from telehealth.api.openapi import Api
from telehealth.api.parsing import KeyConverter, TokenConverter

__all__ = ["errors", "init_app"]

FOR_CLIENTS = (appointments, links, holds, waitlist, offers)
"""Open to everybody, or to whoever holds a link: asking often is free, writing often is not."""
FOR_STAFF = (
    desk, changes, requests, tasks, inbound, messages, rehearsal, why_not, series, series_changes, reassignments,
    clients, consents, hours, busy, licences, services, message_rules, message_templates, settings,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Open this door: limits, who may see what, and the operations."""
    app.url_map.converters.update(key=KeyConverter, token=TokenConverter)
    for_clients = [*(noun.blueprint for noun in FOR_CLIENTS), requests.by_link, consents.by_link]
    for_staff = [*(noun.blueprint for noun in FOR_STAFF), waitlist.for_staff]
    open_to_all = [practices.blueprint, slots.blueprint]
    limits.init_app(
        app,
        [
            (practices.blueprint, OTHER, None),
            (slots.blueprint, SEARCH, None),
            *((blueprint, BOOKING, ["POST", "PUT"]) for blueprint in for_clients),
            *((blueprint, SEARCH, ["GET", "DELETE"]) for blueprint in for_clients),
            *((blueprint, OTHER, None) for blueprint in for_staff),
            (documentation.blueprint, OTHER, None),
        ],
    )
    access.init_app(app)
    api = Api(app)
    for blueprint in (*open_to_all, *for_clients, *for_staff, documentation.blueprint):
        api.register_blueprint(blueprint)
    app.extensions["openapi"] = api.spec
    app.register_blueprint(documentation.pages)
