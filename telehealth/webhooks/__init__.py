"""Providers tell us things: verify the signature, dedupe, store, one service, answer 2xx."""

from __future__ import annotations

from flask import Flask

from telehealth.webhooks import mail, twilio


def init_app(app: Flask) -> None:
    """Open this door, but only to providers that are configured: nobody else could prove themselves."""
    if app.config["TWILIO_AUTH_TOKEN"]:
        app.register_blueprint(twilio.blueprint)
    if app.config["BOUNCE_TOKEN"]:
        app.register_blueprint(mail.blueprint)
    if app.config["GOOGLE_CLIENT_ID"] or app.config["MICROSOFT_CLIENT_ID"]:
        from telehealth.webhooks import calendars

        app.register_blueprint(calendars.blueprint)
