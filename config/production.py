"""A real practice: refuse to start with anything that would put health data at risk."""

from __future__ import annotations

from typing import Any

from config.environment import SHORTEST_SECRET, ConfigurationError, is_weak, say_weak

TOKENS = {"BOUNCE_TOKEN": "it can mark addresses", "METRICS_TOKEN": "it opens figures about the practice"}
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def adjust(settings: dict[str, Any]) -> None:
    """Check everything at once, so that an operator mends the settings in one go. Raises ConfigurationError."""
    settings["DATABASE_URL"] = settings["DATABASE_URL"] or f"sqlite:///{settings['DATA_DIR']}/telehealth.db"
    problems = [
        *_secrets(settings),
        *_address(settings),
        *_processes(settings),
        *_providers(settings),
        *_calendars(settings),
        *_relays(settings),
    ]
    if problems:
        raise ConfigurationError(problems)


def _secrets(settings: dict[str, Any]) -> list[str]:
    secrets = {name: [settings[name]] for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT")}
    secrets["SECRET_KEY_FALLBACKS"] = settings["SECRET_KEY_FALLBACKS"]  # They open links too.
    secrets["ENCRYPTION_KEYS"] = settings["ENCRYPTION_KEYS"]  # None is needed before a calendar is connected.
    problems = [say_weak(name) for name, values in secrets.items() if any(is_weak(value) for value in values)]
    problems += [
        f"{name} must be a random text of {SHORTEST_SECRET} characters or more: {power}."
        for name, power in TOKENS.items()
        if settings[name] and is_weak(settings[name])
    ]
    if settings["SECRET_KEY"] and settings["SECRET_KEY"] == settings["SECURITY_PASSWORD_SALT"]:
        problems.append("SECURITY_PASSWORD_SALT must not be SECRET_KEY again: each is changed without the other.")
    return problems


def _address(settings: dict[str, Any]) -> list[str]:
    if settings["PUBLIC_URL"].startswith("https://"):
        return []
    return ["PUBLIC_URL must be the https:// address that clients open; links and invites are made from it."]


def _processes(settings: dict[str, Any]) -> list[str]:
    problems = []
    if not settings["RATE_LIMITS"]:
        problems.append(
            "RATE_LIMITS must be on: without limits, passwords can be guessed and slots blocked by the hour."
        )
    if settings["DEBUG"]:
        problems.append("DEBUG must be off: the debugger runs any code for whoever sees an error page.")
    if settings["DATABASE_URL"].startswith("sqlite") and settings["WEB_CONCURRENCY"] > 1:
        problems.append(
            "WEB_CONCURRENCY is above 1 and the database is SQLite. Set DATABASE_URL to a PostgreSQL database, "
            "or run one worker."
        )
    return problems


def _providers(settings: dict[str, Any]) -> list[str]:
    problems = []
    if not settings["SMTP_HOST"]:
        problems.append("SMTP_HOST must name a mail server: clients get their confirmation by e-mail.")
    if settings["SMTP_SECURITY"] == "none" and settings["SMTP_HOST"] not in {*THIS_MACHINE, ""}:
        problems.append("SMTP_SECURITY must be starttls or tls: names and links would travel readable to everybody.")
    if settings["MAIL_FROM"].endswith(".invalid"):
        problems.append("MAIL_FROM must be an address of yours: e-mails and invites are sent from it.")
    if settings["TWILIO_ACCOUNT_SID"] and not settings["TWILIO_AUTH_TOKEN"]:
        problems.append("TWILIO_AUTH_TOKEN must be set with TWILIO_ACCOUNT_SID; status reports are checked with it.")
    if settings["TWILIO_ACCOUNT_SID"] and not (settings["TWILIO_FROM"] or settings["TWILIO_MESSAGING_SERVICE_SID"]):
        problems.append("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID must be set with TWILIO_ACCOUNT_SID.")
    return problems


def _calendars(settings: dict[str, Any]) -> list[str]:
    problems = []
    for name in ("GOOGLE", "MICROSOFT"):
        if bool(settings[f"{name}_CLIENT_ID"]) != bool(settings[f"{name}_CLIENT_SECRET"]):
            problems.append(f"{name}_CLIENT_ID and {name}_CLIENT_SECRET must be set together.")
        elif settings[f"{name}_CLIENT_ID"] and not settings["ENCRYPTION_KEYS"]:
            problems.append(f"ENCRYPTION_KEYS must be set with {name}_CLIENT_ID: what lets us in is kept sealed.")
    return problems


def _relays(settings: dict[str, Any]) -> list[str]:
    if bool(settings["TURN_URLS"]) != bool(settings["TURN_SECRET"]):
        return ["TURN_URLS and TURN_SECRET must be set together."]
    if settings["TURN_SECRET"] and is_weak(settings["TURN_SECRET"]):
        return [say_weak("TURN_SECRET")]
    return []
