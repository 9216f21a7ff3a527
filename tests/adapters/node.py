"""Programs of Node.js that tests ask: from the machine, or where make installed it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"


def find_node() -> str:
    """The program itself."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("node", path=places)
    assert found, "Node.js is needed: make test installs it"
    return found


def read_calendars(calendars: Sequence[bytes]) -> list[dict[str, Any]]:
    """What ical.js makes of these calendar objects."""
    asked = json.dumps([each.decode() for each in calendars])
    script = Path(__file__).with_name("read_calendars.mjs")
    done = subprocess.run([find_node(), script], input=asked.encode(), capture_output=True, check=False, timeout=60)  # noqa: S603 - our own script.
    assert done.returncode == 0, done.stderr.decode()
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
