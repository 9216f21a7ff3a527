"""The codes of an authenticator app, which change every half minute (TOTP, RFC 6238, over HOTP, RFC 4226). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
"""160 bits, as RFC 4226 section 4 recommends."""
DIGITS, SECONDS = 6, 30
"""What every app understands without being told."""
LATE, EARLY = 1, 1
"""So many steps a phone's clock, or a slow reader, may be off."""


def new_app_secret() -> bytes:
    """A fresh secret that an app and we share."""
    return secrets.token_bytes(SECRET_BYTES)


def make_app_code(secret: bytes, step: int) -> str:
    """The six digits of one step of half a minute since 1970 (RFC 4226 section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8), hashlib.sha1)
    at = mac[-1] & 0x0F
    number = int.from_bytes(mac[at : at + 4]) & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(now: datetime) -> int:
    """The step of an aware instant."""
    return int(now.timestamp()) // SECONDS


def find_step(secret: bytes, code: str, *, now: datetime, last: int | None) -> int | None:
    """The step whose code was typed; None for no code of now, and for one that is not later than the ``last`` used: a
    code works once (RFC 6238 section 5.2).
    """
    typed = "".join(code.split())
    if not (len(typed) == DIGITS and typed.isascii() and typed.isdigit()):
        return None
    steps = range(step_at(now) - LATE, step_at(now) + EARLY + 1)
    fits = [step for step in steps if hmac.compare_digest(make_app_code(secret, step), typed)]
    return next((step for step in fits if last is None or step > last), None)


def say_secret(secret: bytes) -> str:
    """The secret in the letters that people type where nothing can be scanned: "ABCD EFGH …"."""
    plain = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def make_setup_uri(secret: bytes, *, issuer: str, login: str) -> str:
    """What a QR code tells an app (the "Key Uri Format" of Google Authenticator, which all of them read)."""
    told = {"secret": say_secret(secret).replace(" ", ""), "issuer": issuer, "digits": DIGITS, "period": SECONDS}
    return f"otpauth://totp/{quote(f'{issuer}:{login}')}?{urlencode(told, quote_via=quote)}"
