"""Pages for people: booking, the client's own links, the therapist's desk. Every page works without script.

A page is ``show_…``, and what takes its form ``submit_…``. At the desk a name begins with its section (``desk.frame``)
and goes on with what a page shows, or with the deed that a form is for: ``waitlist_new``, ``waitlist_add``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from flask import Flask

from telehealth.domain.languages import LANGUAGES
from telehealth.domain.naming import join_initials
from telehealth.web import (
    access,
    answering,
    booking,
    calls,
    client,
    desk,
    development,
    errors,
    feeds,
    forgotten_passwords,
    front,
    guests,
    headers,
    health,
    invitations,
    looks,
    new_addresses,
    new_browsers,
    passkeys,
    signing_in,
    starting,
    unsubscribing,
    waitlist,
)
from telehealth.web.assets_manifest import find_assets, is_built
from telehealth.web.looks import make_colours_url
from telehealth.web.passkey_questions import has_passkeys
from telehealth.web.shown_times import show_clock, show_clock_before

__all__ = ["errors", "init_app"]

BLUEPRINTS = (
    health,
    front,
    looks,
    forgotten_passwords,
    invitations,
    new_addresses,
    new_browsers,
    passkeys,
    starting,
    booking,
    client,
    calls,
    guests,
    waitlist,
    answering,
    unsubscribing,
    desk,
    feeds,
)


def init_app(app: Flask) -> None:
    """Open this door: templates, sign-in, who may see what, and the pages."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    static = Path(app.static_folder or "")
    if app.config["ENVIRONMENT"] == "production" and not is_built(static):
        raise RuntimeError("The pages' style sheet was not built: npm ci --ignore-scripts && npm run build")
    app.jinja_env.globals["find_assets"] = partial(find_assets, static)
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["make_colours_url"] = make_colours_url
    app.jinja_env.globals["has_passkeys"] = has_passkeys
    app.jinja_env.filters |= {"clock": show_clock, "clock_before": show_clock_before, "initials": join_initials}
    headers.init_app(app)
    signing_in.init_app(app)
    access.init_app(app)
    app.extensions["starts_without_link"] = is_own_machine = app.config["ENVIRONMENT"] == "development"
    keeps_mail = app.extensions["gateways"].emails is app.extensions["local_outbox"]
    app.jinja_env.globals["has_outbox"] = is_own_machine and keeps_mail
    for room in BLUEPRINTS:
        app.register_blueprint(room.blueprint)
    if is_own_machine or app.testing:
        app.register_blueprint(development.blueprint)
