"""Settings: every one is read from the environment here and nowhere else.

``load()`` gives the settings of the environment named by TELEHEALTH_ENV. Nothing set means production, because
forgetting a variable must never open the doors of a real practice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from config import default, development, production, testing
from config.environment import ConfigurationError, Environment

__all__ = ["LARGEST_REQUEST", "LARGEST_UPLOAD", "ConfigurationError", "largest_body", "load"]

LARGEST_REQUEST = 256 * 1024
"""Bytes of a body. The web server and the service refuse a larger one, and so do the proxies of docs/proxy."""
LARGEST_UPLOAD = 8 * 1024 * 1024
"""The same where a picture is given: one of 6 MB, also when it is written in letters (base64)."""
UPLOADS = re.compile(r"/(?:desk/clients/import|(?:desk|api/v1)/.+/(?:logo|photo|client-imports)|webhooks/mail/inbound)")
"""The addresses that take one, a file of clients, or a mail with all that is attached to it. The proxies of docs/proxy
know them, too.
"""

ENVIRONMENTS = {
    "production": production.adjust,
    "development": development.adjust,
    "testing": testing.adjust,
}


def largest_body(path: str) -> int:
    """How many bytes may be sent to an address."""
    return LARGEST_UPLOAD if UPLOADS.fullmatch(path) else LARGEST_REQUEST


def load(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """All settings by name. Raises ConfigurationError with every problem found, one a line."""
    variables = Environment(os.environ if environ is None else environ)
    name = variables.text("TELEHEALTH_ENV", "production")
    if name not in ENVIRONMENTS:
        raise ConfigurationError([f"TELEHEALTH_ENV is {name!r}; use one of {', '.join(ENVIRONMENTS)}."])
    settings = default.read(variables)
    settings["ENVIRONMENT"] = name
    try:
        ENVIRONMENTS[name](settings)
    except ConfigurationError as refused:
        variables.problems += refused.problems
    variables.raise_problems()
    return settings
