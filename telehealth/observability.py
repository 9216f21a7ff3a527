"""Logs and metrics. One line an event, with ids and never with names, numbers, addresses, bodies or links; and counts,
whose labels are fixed words.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

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


MESSAGES = Counter(
    "telehealth_messages",
    "Messages by what became of them: accepted, failed, expired, void.",
    ["status", "kind", "channel"],
)
PROVIDER_ERRORS = Counter("telehealth_provider_errors", "Refusals and silences of providers.", ["channel", "code"])
DELAY_SECONDS = Histogram(
    "telehealth_message_delay_seconds",
    "From when a message was due to when its provider took it.",
    ["channel"],
    buckets=(1, 5, 15, 30, 60, 120, 300, 900, 1800, 3600, 21600),
)
MAIL = Counter("telehealth_inbound_mail", "Mail to practices by what it was, and what became of it.", ["kind", "fate"])
CLAIM_SECONDS = Histogram("telehealth_claim_seconds", "How long one claim of a batch takes.")
SEND_SECONDS = Histogram("telehealth_send_seconds", "How long a provider takes with one message.", ["channel"])
MESSAGES_DUE = Gauge("telehealth_messages_due", "Messages that should be on their way by now.")
OLDEST_DUE_SECONDS = Gauge("telehealth_oldest_due_seconds", "For how long the oldest of them has been due.")


def show_backlog(due: int, oldest_seconds: float) -> None:
    """Show how many messages are due, and for how many seconds the oldest one has been."""
    MESSAGES_DUE.set(due)
    OLDEST_DUE_SECONDS.set(oldest_seconds)


def count_message(status: str, kind: str, channel: str) -> None:
    """Count what became of one message."""
    MESSAGES.labels(status, kind, channel).inc()


def count_mail(kind: str, fate: str) -> None:
    """Count one mail that came to the practice."""
    MAIL.labels(kind, fate).inc()
