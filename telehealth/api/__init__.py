"""REST for programs: parse, call one service or query, dump. The OpenAPI document comes out of it."""

from __future__ import annotations

from functools import cache, partial

from flask import Flask

from telehealth.api import access, documentation, errors, limits
from telehealth.api.appointments import (
    booking,
    face_to_face,
    guests,
    holds,
    links,
    number_codes,
    reading,
    reassignments,
    requests,
    schedule,
    slots,
    staff_actions,
    whereabouts,
    why_not,
)
from telehealth.api.consent import consents
from telehealth.api.hours import busy, closures, working_hours
from telehealth.api.inbox import alerts, tasks, texts
from telehealth.api.limits import BOOKING, OTHER, SEARCH
from telehealth.api.messages import log, rehearsal, rules, templates
from telehealth.api.openapi import describe
from telehealth.api.paths import KeyConverter, TokenConverter
from telehealth.api.practice import (
    calendar_changes,
    calendar_connections,
    calendar_feeds,
    calendar_writing,
    changes,
    client_imports,
    client_records,
    clients,
    first_steps,
    licences,
    people,
    pictures,
    places,
    profile,
    public,
    report,
    services,
    settings,
    therapist_profiles,
    therapists,
    tokens,
    video,
)
from telehealth.api.series import changing, clock_changes, standing_slots
from telehealth.api.waitlist import entries, offers

__all__ = ["errors", "init_app"]

FOR_CLIENTS = (booking, links, holds, number_codes, entries, offers)
"""Open to everybody, or to whoever holds a link: asking often is free, writing often is not."""
BY_LINK = (requests, consents, calendar_feeds)
"""For staff, and a part for whoever holds a link."""
FOR_STAFF = (
    reading, staff_actions, whereabouts, guests, face_to_face, requests, tasks, texts, log, rehearsal, why_not,
    standing_slots, changing, reassignments, clock_changes, clients, consents, working_hours, busy, closures,
    therapists, licences, services, rules, templates, profile, first_steps, people, therapist_profiles, pictures,
    places, settings, changes, report, tokens, client_records, client_imports, alerts, schedule, calendar_feeds,
    calendar_connections, calendar_changes, calendar_writing, video,
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Open this door: limits, who may see what, and the operations."""
    app.url_map.converters.update(key=KeyConverter, token=TokenConverter)
    for_clients = [*(noun.blueprint for noun in FOR_CLIENTS), *(noun.by_link for noun in BY_LINK)]
    for_staff = [*(noun.blueprint for noun in FOR_STAFF), entries.for_staff]
    open_to_all = [public.blueprint, slots.blueprint]
    limits.init_app(
        app,
        [
            (public.blueprint, OTHER, None),
            (slots.blueprint, SEARCH, None),
            *((blueprint, BOOKING, ["POST", "PUT"]) for blueprint in for_clients),
            *((blueprint, SEARCH, None) for blueprint in for_clients),
            *((blueprint, OTHER, None) for blueprint in for_staff),
            (documentation.blueprint, OTHER, None),
        ],
        going_out=(calendar_connections.blueprint, calendar_connections.GO_OUT),
    )
    access.init_app(app)
    described = [*open_to_all, *for_clients, *for_staff, documentation.blueprint]
    for blueprint in described:
        app.register_blueprint(blueprint)
    app.extensions["openapi"] = cache(partial(describe, app, described))
    app.register_blueprint(documentation.pages)
