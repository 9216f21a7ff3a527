"""``python -m telehealth.adapters.calendar_parser``: the process that ``calendar_parsing`` starts to read files.

A line of JSON comes in (what is asked, and how long each file is) and then the files; a line of JSON goes out. It opens
nothing, writes nothing, and has no more memory and time than it is told.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Mapping
from typing import Any

from telehealth.adapters.calendar_parsing import OUT_OF_MEMORY, dump_outcome, parse_window, read_outcome
from telehealth.domain.calendars.reading import MOST_STEPS
from telehealth.domain.calendars.recurring import Effort


def main() -> int:
    """Read what is asked, within its limits."""
    asked = json.loads(sys.stdin.buffer.readline())
    _set_limits(asked)
    window = parse_window(asked)
    try:
        contents = (sys.stdin.buffer.read(size) for size in asked["sizes"])
        outcomes = [read_outcome(content, window, Effort(MOST_STEPS)) for content in contents]
        sys.stdout.write(json.dumps([dump_outcome(outcome) for outcome in outcomes]))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _set_limits(asked: Mapping[str, Any]) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, asked["memory"]),
        (resource.RLIMIT_CPU, asked["cpu_seconds"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # Whatever lies in memory is not tidied up first.
