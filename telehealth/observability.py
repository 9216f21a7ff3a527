"""Logs. One line an event, with ids and never with names, numbers, addresses, bodies or links."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from typing import Any

# PostgreSQL quotes the row that it refused: "DETAIL:  Failing row contains (1, Jane Doe, …)."
ROW_IN_TRACE = re.compile(r"^DETAIL: .*?(?=^\[SQL|^CONTEXT|^\(Background|^$|\Z)", re.MULTILINE | re.DOTALL)
STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one JSON object a line: no line break in a value can forge a second event (ASVS 5.0 16.4.1)."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """The record with whatever was given in ``extra``."""
        event: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        event.update({key: value for key, value in record.__dict__.items() if key not in STANDARD})
        if record.exc_info:
            event["trace"] = ROW_IN_TRACE.sub("", self.formatException(record.exc_info))
        return json.dumps(event, default=str)


def configure_logging(level: str) -> None:
    """Send everything to standard error as JSON lines, once a process."""
    logger = logging.getLogger("telehealth")
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.propagate = False
