"""Every setting, its name and its default. The table in README.md lists the same names; a test compares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.environment import LARGEST_PORT, Environment

ROOT = Path(__file__).resolve().parent.parent
MINUTE, HOUR = 60, 3600


def read(env: Environment) -> dict[str, Any]:
    """All settings from the environment. Durations are seconds."""
    port = env.number("PORT", 8000, most=LARGEST_PORT)
    return {
        "PORT": port,
        "PUBLIC_URL": env.text("PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        "SECRET_KEY": env.text("SECRET_KEY"),
        "SECRET_KEY_FALLBACKS": env.words("SECRET_KEY_FALLBACKS"),
        "ENCRYPTION_KEYS": env.words("ENCRYPTION_KEYS"),
        "SECURITY_PASSWORD_SALT": env.text("SECURITY_PASSWORD_SALT"),
        "DATA_DIR": env.text("DATA_DIR", str(ROOT / "instance")),
        "DEBUG": env.flag("DEBUG", default=False),
        "LOG_LEVEL": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        "WEB_CONCURRENCY": env.number("WEB_CONCURRENCY", 1),
        "REQUEST_SECONDS": env.number("REQUEST_SECONDS", 20),
        "TRUSTED_PROXIES": env.number("TRUSTED_PROXIES", 0, least=0),
        "RATE_LIMITS": env.flag("RATE_LIMITS", default=True),
        "RATE_LIMIT_STORAGE": env.text("RATE_LIMIT_STORAGE", "memory://"),
        "JOBS_POLL_SECONDS": env.number("JOBS_POLL_SECONDS", 5),
        "JOBS_SENDERS": env.number("JOBS_SENDERS", 24),
        "JOBS_METRICS_PORT": env.number("JOBS_METRICS_PORT", 0, least=0, most=LARGEST_PORT),
        "METRICS_TOKEN": env.text("METRICS_TOKEN"),
        **_database(env),
        **_texts(env),
        **_email(env),
        **_video(env),
        **_calendars(env),
    }


def _database(env: Environment) -> dict[str, Any]:
    return {
        "DATABASE_URL": env.text("DATABASE_URL"),
        "DATABASE_POOL_SIZE": env.number("DATABASE_POOL_SIZE", 5),
        "DATABASE_TIMEOUT": env.number("DATABASE_TIMEOUT", 15),
    }


def _texts(env: Environment) -> dict[str, Any]:
    return {
        "TWILIO_ACCOUNT_SID": env.text("TWILIO_ACCOUNT_SID"),
        "TWILIO_AUTH_TOKEN": env.text("TWILIO_AUTH_TOKEN"),
        "TWILIO_API_KEY": env.text("TWILIO_API_KEY"),
        "TWILIO_API_SECRET": env.text("TWILIO_API_SECRET"),
        "TWILIO_FROM": env.text("TWILIO_FROM"),
        "TWILIO_MESSAGING_SERVICE_SID": env.text("TWILIO_MESSAGING_SERVICE_SID"),
        "TWILIO_API_URL": env.text("TWILIO_API_URL"),
        "TWILIO_TIMEOUT": env.number("TWILIO_TIMEOUT", 10),
        "TEXTS_PER_SECOND": env.number("TEXTS_PER_SECOND", 0, least=0),
        "TEXTS_PER_DAY": env.number("TEXTS_PER_DAY", 0, least=0),
    }


def _email(env: Environment) -> dict[str, Any]:
    return {
        "SMTP_HOST": env.text("SMTP_HOST"),
        "SMTP_PORT": env.number("SMTP_PORT", 587, most=LARGEST_PORT),
        "SMTP_USERNAME": env.text("SMTP_USERNAME"),
        "SMTP_PASSWORD": env.text("SMTP_PASSWORD"),
        "SMTP_SECURITY": env.choice("SMTP_SECURITY", ("starttls", "tls", "none"), "starttls"),
        "SMTP_TIMEOUT": env.number("SMTP_TIMEOUT", 20),
        "MAIL_FROM": env.text("MAIL_FROM", "appointments@localhost.invalid"),
        "INVITE_ORGANIZER": env.choice("INVITE_ORGANIZER", ("practice", "sender"), "practice"),
        "BOUNCE_TOKEN": env.text("BOUNCE_TOKEN"),
        "MAIL_AUTHSERV_ID": env.text("MAIL_AUTHSERV_ID"),
        "IMAP_HOST": env.text("IMAP_HOST"),
        "IMAP_PORT": env.number("IMAP_PORT", 993, most=LARGEST_PORT),
        "IMAP_SECURITY": env.choice("IMAP_SECURITY", ("tls", "starttls", "none"), "tls"),
        "IMAP_USERNAME": env.text("IMAP_USERNAME"),
        "IMAP_PASSWORD": env.text("IMAP_PASSWORD"),
        "IMAP_FOLDER": env.text("IMAP_FOLDER", "INBOX"),
        "IMAP_DONE_FOLDER": env.text("IMAP_DONE_FOLDER", "Handled"),
    }


def _video(env: Environment) -> dict[str, Any]:
    return {
        "JITSI_URL": env.text("JITSI_URL").rstrip("/"),
        "JITSI_APP_ID": env.text("JITSI_APP_ID"),
        "JITSI_APP_SECRET": env.text("JITSI_APP_SECRET"),
        "JITSI_AUDIENCE": env.text("JITSI_AUDIENCE", "jitsi"),
        "TURN_URLS": env.addresses("TURN_URLS", ("turn", "turns")),
        "TURN_SECRET": env.text("TURN_SECRET"),
        "STUN_URLS": env.addresses("STUN_URLS", ("stun", "stuns")),
    }


def _calendars(env: Environment) -> dict[str, Any]:
    return {
        "GOOGLE_CLIENT_ID": env.text("GOOGLE_CLIENT_ID"),
        "GOOGLE_CLIENT_SECRET": env.text("GOOGLE_CLIENT_SECRET"),
        "GOOGLE_API_URL": env.text("GOOGLE_API_URL").rstrip("/"),
        "MICROSOFT_CLIENT_ID": env.text("MICROSOFT_CLIENT_ID"),
        "MICROSOFT_CLIENT_SECRET": env.text("MICROSOFT_CLIENT_SECRET"),
        "MICROSOFT_TENANT": env.text("MICROSOFT_TENANT", "common"),
        "MICROSOFT_API_URL": env.text("MICROSOFT_API_URL").rstrip("/"),
    }
