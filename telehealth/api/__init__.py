"""REST for programs: parse, call one service or query, dump. The OpenAPI document comes out of it."""

from __future__ import annotations

from flask import Flask

from telehealth.api import access, appointments, desk, documentation, errors, hours, limits, practices, slots
from telehealth.api.openapi import Api
from telehealth.api.parsing import KeyConverter, TokenConverter

__all__ = ["errors", "init_app"]


def init_app(app: Flask) -> None:
    """Open this door: limits, who may see what, and the operations."""
    app.url_map.converters.update(key=KeyConverter, token=TokenConverter)
    limits.init_app(
        app,
        [
            (practices.blueprint, limits.OTHER, None),
            (slots.blueprint, limits.SEARCH, None),
            (appointments.blueprint, limits.BOOKING, ["POST"]),
            (appointments.blueprint, limits.SEARCH, ["GET"]),
            (desk.blueprint, limits.OTHER, None),
            (hours.blueprint, limits.OTHER, None),
            (documentation.blueprint, limits.OTHER, None),
        ],
    )
    access.init_app(app)
    api = Api(app)
    for noun in (practices, slots, appointments, desk, hours, documentation):
        api.register_blueprint(noun.blueprint)
    app.extensions["openapi"] = api.spec
    app.register_blueprint(documentation.pages)
