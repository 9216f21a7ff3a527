"""What gunicorn says itself is a line of JSON like every other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAYS = """
from gunicorn.config import Config
from gunicorn.glogging import Logger
from config import gunicorn as ours
config = Config()
for name in ("errorlog", "loglevel", "logconfig_dict"):
    config.set(name, getattr(ours, name))
log = Logger(config)
log.info("Booting worker")
log.warning("Worker (pid:%s) was sent %s", 7, "SIGKILL")
"""


def test_what_gunicorn_warns_of_is_a_line_of_json_and_its_chatter_is_none() -> None:
    environ = {**os.environ, "TELEHEALTH_ENV": "testing"}
    command = [sys.executable, "-c", SAYS]
    said = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, timeout=60)  # noqa: S603 -- our own words
    (line,) = said.stderr.decode().splitlines()
    event = json.loads(line)
    assert (event["level"], event["logger"]) == ("WARNING", "gunicorn.error")
    assert event["event"] == "Worker (pid:7) was sent SIGKILL"
    assert said.stdout == b""
