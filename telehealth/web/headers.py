"""What every answer tells the browser, and the limits on how often a visitor may ask."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from telehealth.domain.networks import network_of
from telehealth.web import request_counts  # noqa: F401 -- loaded, it counts

ONE_YEAR = 365 * 24 * 60 * 60
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Links of clients carry a token: their addresses never travel to another site.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), display-capture=(), screen-wake-lock=(), geolocation=(), payment=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer says, unless its view says something else."""

csrf = CSRFProtect()


def find_network() -> str:
    """The network that the request comes from: what is counted where nobody is signed in."""
    return network_of(request.remote_addr)


limiter = Limiter(key_func=find_network, key_prefix="web")


@limiter.request_filter
def _limits_are_off() -> bool:
    """Every app of a process shares the limiter; one that counts must not teach it to one that does not."""
    return not current_app.config["RATE_LIMITS"]


def init_app(app: Flask) -> None:
    """Set the headers, the limits and the form tokens up."""
    # Tokens are checked where pages are (web.access): programs and providers send none and prove themselves otherwise.
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # As long as the session.
    # Some browsers, and the proxies of some schools, send no Referer at all: nobody could book there. The token is in a
    # cookie that no other host can plant (app.py).
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    app.config.setdefault("RATELIMIT_ENABLED", app.config["RATE_LIMITS"])
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["RATE_LIMIT_STORAGE"])
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    headers = response.headers
    said = {name.lower() for name, _ in headers}  # Looked through once: one header after the other takes longer.
    for name, value in ALWAYS.items():
        if name.lower() not in said:
            headers.add(name, value)
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
    if request.endpoint == "static":
        if "/build/" in request.path and response.status_code == 200:  # noqa: PLR2004
            # The name contains a hash of the content, so the content under a name never changes.
            headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response
