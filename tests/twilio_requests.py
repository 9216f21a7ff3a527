"""Whether a request to create a message is one that Twilio's description allows (``data/twilio_create_message.json``).

Each problem has the code that Twilio gives for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

DESCRIPTION: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "twilio_create_message.json").read_text())
FIELDS: dict[str, dict[str, Any]] = DESCRIPTION["fields"]
CREATE_PATH = re.compile(DESCRIPTION["path"])
FETCH_PATH = re.compile(DESCRIPTION["fetch_path"])

INVALID = 20001
NO_BODY, NO_SENDER, NO_RECIPIENT, NOT_A_NUMBER, TOO_LONG, BAD_CALLBACK = 21602, 21603, 21604, 21211, 21617, 21609

_NUMBER = re.compile(r"\+[1-9]\d{1,14}")  # E.164


class Problem(NamedTuple):
    """Why a request is refused with 400: Twilio's code, and which field."""

    code: int
    field: str


def problem(fields: Mapping[str, Sequence[str]]) -> Problem | None:
    """The first thing that is wrong with these form fields, each with all its values; None when nothing is."""
    unknown = next((name for name in fields if name not in FIELDS), None)
    if unknown is not None:
        return Problem(INVALID, unknown)
    return _missing(fields) or next((found for name in fields if (found := _wrong(name, fields[name]))), None)


def _missing(fields: Mapping[str, Sequence[str]]) -> Problem | None:
    def lacks(*names: str) -> bool:
        return not any(fields.get(name, [""])[0] for name in names)

    if any(lacks(name) for name in DESCRIPTION["required"]):
        return Problem(NO_RECIPIENT, "To")
    # Said in words only: something to send, and somebody who sends it.
    if lacks("From", "MessagingServiceSid"):
        return Problem(NO_SENDER, "From")
    return Problem(NO_BODY, "Body") if lacks("Body", "MediaUrl", "ContentSid") else None


def _wrong(name: str, values: Sequence[str]) -> Problem | None:
    rule = FIELDS[name]
    if len(values) > 1 and not rule.get("repeats"):
        return Problem(INVALID, name)
    return next((found for value in values if (found := _wrong_value(name, rule, value))), None)


def _wrong_value(name: str, rule: Mapping[str, Any], value: str) -> Problem | None:
    if not TYPES[rule["type"]](value) or value not in rule.get("enum", [value]):
        return Problem(INVALID, name)
    if not re.search(rule.get("pattern", ""), value):
        return Problem(INVALID, name)
    if len(value) > rule.get("maxLength", len(value)):
        return Problem(TOO_LONG, name)
    if "minimum" in rule and not rule["minimum"] <= int(value) <= rule["maximum"]:
        return Problem(INVALID, name)
    is_fine, code = FORMATS.get(rule.get("format", ""), (bool, INVALID))
    return None if is_fine(value) else Problem(code, name)


def _is_address(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "_" not in str(parts.hostname)


def _is_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


TYPES: Mapping[str, Callable[[str], bool]] = {
    "string": lambda _: True,
    "integer": lambda value: bool(re.fullmatch(r"-?\d+", value)),
    "number": lambda value: bool(re.fullmatch(r"-?\d+(\.\d+)?", value)),
    "boolean": lambda value: value in {"true", "false", "True", "False"},
}
FORMATS: Mapping[str, tuple[Callable[[str], bool], int]] = {
    "phone-number": (lambda value: bool(_NUMBER.fullmatch(value)), NOT_A_NUMBER),
    "uri": (_is_address, BAD_CALLBACK),
    "date-time": (_is_instant, INVALID),
}
