"""One person on one machine: everything runs without an account, a key or a server."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from config.environment import ConfigurationError, is_weak, say_weak


def adjust(settings: dict[str, Any]) -> None:
    """Fill in what a developer should not have to think about.

    The secrets are made once and kept beside the data, so that links sent yesterday still open today. Raises
    ConfigurationError for weak keys of calendars: real ones are tried out on one machine, too.
    """
    if any(map(is_weak, settings["ENCRYPTION_KEYS"])):
        raise ConfigurationError([say_weak("ENCRYPTION_KEYS")])
    Path(settings["DATA_DIR"]).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings["SECRET_KEY"] = settings["SECRET_KEY"] or _kept(settings, "secret_key")
    settings["SECURITY_PASSWORD_SALT"] = settings["SECURITY_PASSWORD_SALT"] or _kept(settings, "password_salt")
    settings["ENCRYPTION_KEYS"] = settings["ENCRYPTION_KEYS"] or [_kept(settings, "encryption_key")]
    settings["DATABASE_URL"] = settings["DATABASE_URL"] or f"sqlite:///{settings['DATA_DIR']}/telehealth.db"


def _kept(settings: dict[str, Any], name: str) -> str:
    path = Path(settings["DATA_DIR"]) / name
    try:
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass  # Made by an earlier start, or by the jobs process a moment ago.
    return path.read_text()
