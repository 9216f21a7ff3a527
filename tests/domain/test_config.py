"""The settings of a real practice: what is refused, and that everything is said at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import config
from config import ConfigurationError

SECRET = "Zr8-QmX2vL0pKd7NwYt5HsBj3CfGa9Ue"
SOUND = {
    "TELEHEALTH_ENV": "production",
    "SECRET_KEY": SECRET,
    "SECURITY_PASSWORD_SALT": SECRET[::-1],
    "PUBLIC_URL": "https://riverside.example/",
    "DATABASE_URL": "postgresql://user:password@db/telehealth",
    "SMTP_HOST": "mail.riverside.example",
    "MAIL_FROM": "appointments@riverside.example",
    "WEB_CONCURRENCY": "4",
}


def problems(**changed: str) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        config.load({**SOUND, **changed})
    return refused.value.problems


def test_sound_settings_are_taken() -> None:
    settings = config.load(SOUND)
    assert settings["PUBLIC_URL"] == "https://riverside.example"
    assert (settings["ENVIRONMENT"], settings["DEBUG"], settings["WEB_CONCURRENCY"]) == ("production", False, 4)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "x" * 31}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "abab" * 16}, "SECRET_KEY"),
        ({"SECRET_KEY": "abc" * 20}, "SECRET_KEY"),
        ({"SECRET_KEY": "password " * 8}, "SECRET_KEY"),
        ({"SECRET_KEY": "correct horse battery " * 3}, "SECRET_KEY"),
        ({"SECRET_KEY": "0123456789abcdef" * 4}, "SECRET_KEY"),
        ({"SECRET_KEY": "abcdefghijklmnopqrstuvwxyz0123456789"}, "SECRET_KEY"),
        ({"SECRET_KEY": "ChangeMe-change_me-telehealth-secret-password"}, "SECRET_KEY"),
        ({"SECRET_KEY_FALLBACKS": "password " * 8}, "SECRET_KEY_FALLBACKS"),
        ({"METRICS_TOKEN": "metrics"}, "METRICS_TOKEN"),
        ({"METRICS_TOKEN": "password " * 8}, "METRICS_TOKEN"),
        ({"BOUNCE_TOKEN": "abc" * 20}, "BOUNCE_TOKEN"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY"),
        ({"WEB_CONCURRENCY": "-4"}, "WEB_CONCURRENCY"),
        ({"REQUEST_SECONDS": "0"}, "REQUEST_SECONDS"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"DATABASE_POOL_SIZE": "0"}, "DATABASE_POOL_SIZE"),
        ({"JOBS_POLL_SECONDS": "0"}, "JOBS_POLL_SECONDS"),
        ({"JOBS_SENDERS": "-1"}, "JOBS_SENDERS"),
        ({"JOBS_METRICS_PORT": "-1"}, "JOBS_METRICS_PORT"),
        ({"TEXTS_PER_SECOND": "-1"}, "TEXTS_PER_SECOND"),
        ({"TEXTS_PER_DAY": "-1"}, "TEXTS_PER_DAY"),
        ({"TWILIO_TIMEOUT": "0"}, "TWILIO_TIMEOUT"),
        ({"SMTP_TIMEOUT": "-20"}, "SMTP_TIMEOUT"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT"),
        ({"SMTP_TIMEOUT": "10" * 30}, "SMTP_TIMEOUT"),
        ({"SECURITY_PASSWORD_SALT": ""}, "SECURITY_PASSWORD_SALT"),
        ({"SECURITY_PASSWORD_SALT": "short"}, "SECURITY_PASSWORD_SALT"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://riverside.example"}, "PUBLIC_URL"),
        ({"DEBUG": "yes"}, "DEBUG"),
        ({"RATE_LIMITS": "no"}, "RATE_LIMITS"),
        ({"DATABASE_URL": ""}, "WEB_CONCURRENCY"),
        ({"DATABASE_URL": "sqlite:////var/lib/telehealth.db"}, "WEB_CONCURRENCY"),
        ({"SECRET_KEY_FALLBACKS": f"{SECRET},old"}, "SECRET_KEY_FALLBACKS"),
        ({"SECURITY_PASSWORD_SALT": SECRET}, "SECURITY_PASSWORD_SALT"),
        ({"SMTP_HOST": " "}, "SMTP_HOST"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_FROM": "+13035550100"}, "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}, "TWILIO_FROM"),
        ({"GOOGLE_CLIENT_ID": "g", "ENCRYPTION_KEYS": SECRET[3:] + SECRET[:3]}, "GOOGLE_CLIENT_ID"),
        ({"MICROSOFT_CLIENT_SECRET": "m"}, "MICROSOFT_CLIENT_ID"),
        ({"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_CLIENT_SECRET": "m"}, "ENCRYPTION_KEYS"),
        ({"TURN_URLS": "turn:turn.riverside.example"}, "TURN_URLS"),
        ({"TURN_SECRET": SECRET}, "TURN_URLS"),
        ({"TURN_URLS": "turn:turn.riverside.example", "TURN_SECRET": "north"}, "TURN_SECRET"),
        ({"TURN_URLS": "https://turn.riverside.example", "TURN_SECRET": SECRET}, "TURN_URLS"),
        ({"STUN_URLS": "turn:turn.riverside.example"}, "STUN_URLS"),
        ({"WEB_CONCURRENCY": "many"}, "WEB_CONCURRENCY"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"SMTP_SECURITY": "prayer"}, "SMTP_SECURITY"),
        ({"SMTP_SECURITY": "none"}, "SMTP_SECURITY"),
        ({"TELEHEALTH_ENV": "staging"}, "TELEHEALTH_ENV"),
    ],
)
def test_every_refusal(changed: dict[str, str], named: str) -> None:
    found = problems(**changed)
    assert [problem.split()[0] for problem in found] == [named]


def test_an_operator_is_told_everything_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        config.load({})
    named = " ".join(refused.value.problems)
    assert all(name in named for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "PUBLIC_URL", "SMTP_HOST"))


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex])
def test_what_chance_makes_is_strong_enough(make: Callable[[int], str]) -> None:
    """Some of each kind; 24 bytes are 32 characters, the shortest that are taken."""
    for _ in range(200):
        settings = config.load({**SOUND, "SECRET_KEY": make(24), "METRICS_TOKEN": make(24)})
        assert settings["SECRET_KEY"]


def test_a_refusal_does_not_repeat_the_secret() -> None:
    assert "hunter2" not in " ".join(problems(SECRET_KEY="hunter2"))


def test_a_malformed_value_is_told_with_the_rest() -> None:
    found = " ".join(problems(SECRET_KEY="", WEB_CONCURRENCY="many"))
    assert "SECRET_KEY" in found
    assert "WEB_CONCURRENCY must be a whole number" in found


def test_nothing_set_means_production() -> None:
    with pytest.raises(ConfigurationError):
        config.load({})


def test_one_worker_on_sqlite_is_fine() -> None:
    settings = config.load({**SOUND, "DATABASE_URL": "", "WEB_CONCURRENCY": "1"})
    assert settings["DATABASE_URL"].startswith("sqlite:///")


@pytest.mark.parametrize("keys", ["a-key", "a" * 64, f"{SECRET},password password password password"])
@pytest.mark.parametrize("where", ["development", "production"])
def test_keys_of_calendars_are_strong_everywhere(keys: str, where: str, tmp_path: Path) -> None:
    found = problems(TELEHEALTH_ENV=where, DATA_DIR=str(tmp_path), ENCRYPTION_KEYS=keys)
    assert [problem.split()[0] for problem in found] == ["ENCRYPTION_KEYS"]
    assert keys not in found[0]


def test_development_needs_nothing_and_keeps_its_secrets(tmp_path: Path) -> None:
    environ = {"TELEHEALTH_ENV": "development", "DATA_DIR": str(tmp_path / "data")}
    one, two = config.load(environ), config.load(environ)
    assert len(one["SECRET_KEY"]) >= 32
    assert (one["SECRET_KEY"], one["SECURITY_PASSWORD_SALT"]) == (two["SECRET_KEY"], two["SECURITY_PASSWORD_SALT"])
    assert one["SECRET_KEY"] != one["SECURITY_PASSWORD_SALT"]
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "data").iterdir()} == {0}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [({"SECRET_KEY_FALLBACKS": " a, b ,,"}, ["a", "b"]), ({}, [])],
)
def test_lists(typed: dict[str, str], kept: list[Any]) -> None:
    assert config.load({"TELEHEALTH_ENV": "testing", **typed})["SECRET_KEY_FALLBACKS"] == kept
