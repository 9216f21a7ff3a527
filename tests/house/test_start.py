"""A first page is shown without what only later ones need."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from telehealth.late import Library, postponed, without
from tests import databases
from tests.factories import make_office
from tests.house.source import ROOT

FIRST_PAGE = """
import gc, json, pickle, sys
unpickled, load = [], pickle.load
pickle.load = lambda file: unpickled.append(file.name) or load(file)
import wsgi
assert gc.isenabled()
assert wsgi.app.test_client().get("/riverside").status_code == 200
print(json.dumps([sorted(sys.modules), unpickled]))
"""
LATER = {
    "alembic": "`flask db`",
    "apscheduler": "`flask jobs`",
    "asyncio": "nothing of ours",
    "cryptography": "an authenticator app",
    "limits.aio": "nothing of ours",
    "email_validator": "an address",
    "honcho": "`flask serve`",
    "icalendar": "an invite or a feed",
    "jwt": "a video link",
    "phonenumbers": "a phone number",
    "psycopg": "PostgreSQL",
    "qrcode": "an authenticator app",
    "pycurl": "a text",
    "requests": "a text",
    "sqlalchemy.dialects.mysql": "nothing of ours",
    "telehealth.cli.demo": "`flask seed-demo`",
    "twilio": "a text, or what its provider tells",
    "vobject": "contacts from a phone",
    "webauthn": "a passkey",
    "zxcvbn": "a new password",
}
MOST_MODULES = 1_300
WAYS_OUT = {
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "secret",
    "TWILIO_FROM": "+13035550100",
    "SMTP_HOST": "127.0.0.1",
    "MAIL_FROM": "office@example.org",
    "JITSI_APP_ID": "app",
    "JITSI_APP_SECRET": "secret",
}
"""Whoever only shows pages sends nothing."""


def test_a_first_page_loads_only_what_it_needs(tmp_path: Path) -> None:
    url = databases.new_url("sqlite", folder=tmp_path, name="start")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        make_office(practice={"slug": "riverside"})
    given = {"TELEHEALTH_ENV": "development", "DATABASE_URL": url, "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-c", FIRST_PAGE]
    environ = {**os.environ, **given, **WAYS_OUT}
    told = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, timeout=60)  # noqa: S603
    loaded, unpickled = json.loads(told.stdout)
    assert LATER.keys() & set(loaded) == set()
    assert unpickled == [], "what CLDR says of languages and zones"
    assert len(loaded) <= MOST_MODULES


def test_a_library_is_loaded_with_the_first_thing_that_is_asked_of_it() -> None:
    sys.modules.pop("this", None)
    zen = Library("this")
    assert "this" not in sys.modules
    assert "Ornhgvshy" in zen.s
    assert zen.s is sys.modules["this"].s
    with pytest.raises(AttributeError):
        _ = zen.t


def test_what_is_hidden_is_there_again_afterwards() -> None:
    sys.modules.pop("this", None)
    with without("this", "json"), pytest.raises(ModuleNotFoundError):
        importlib.import_module("this")
    assert importlib.import_module("this").s
    assert sys.modules["json"] is json


def test_what_is_postponed_is_loaded_with_the_first_thing_that_is_asked_of_it() -> None:
    sys.modules.pop("this", None)
    with postponed("this", "json"):
        zen = importlib.import_module("this")
        assert sys.modules["json"] is json
    assert "this" not in sys.modules
    assert "Ornhgvshy" in zen.s
    assert zen.s is sys.modules["this"].s


def test_what_is_known_of_what_is_postponed_does_not_load_it() -> None:
    sys.modules.pop("this", None)
    with postponed("this", s=len):
        zen = importlib.import_module("this")
    assert zen.s is len
    assert "this" not in sys.modules
    assert "a" in zen.d
    assert zen.d is sys.modules["this"].d
