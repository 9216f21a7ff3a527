"""Settings for the tests: fixed secrets, cheap passwords, nothing that waits."""

from __future__ import annotations

from typing import Any


def adjust(settings: dict[str, Any]) -> None:
    """Replace what would slow a test or make it depend on the machine."""
    settings.update(
        TESTING=True,
        SECRET_KEY=settings["SECRET_KEY"] or "a-secret-for-tests-only",
        ENCRYPTION_KEYS=settings["ENCRYPTION_KEYS"] or ["a-key-for-tests-only"],
        SECURITY_PASSWORD_SALT=settings["SECURITY_PASSWORD_SALT"] or "a-salt-for-tests-only",
        DATABASE_URL=settings["DATABASE_URL"] or "sqlite://",
        RATE_LIMITS=False,
        JOBS_SENDERS=1,
        BOUNCE_TOKEN=settings["BOUNCE_TOKEN"] or "a-token-for-bounces-in-tests",
        MAIL_AUTHSERV_ID=settings["MAIL_AUTHSERV_ID"] or "mx.riverside.example",
        GOOGLE_CLIENT_ID=settings["GOOGLE_CLIENT_ID"] or "a-client-id-for-tests-only",
        GOOGLE_CLIENT_SECRET=settings["GOOGLE_CLIENT_SECRET"] or "a-client-secret-for-tests-only",
        TWILIO_AUTH_TOKEN=settings["TWILIO_AUTH_TOKEN"] or "a-token-for-tests-only",
    )
