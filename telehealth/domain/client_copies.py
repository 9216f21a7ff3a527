"""Everything about one client as a file for them: the same records twice in one zip, as a page that people read and as
JSON for programs. Written piece by piece, so that it does not matter how much there is.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from html import escape
from zoneinfo import ZoneInfo

from telehealth.domain import times

Record = Mapping[str, object]
"""What is known of one thing, by field. Instants are aware."""
PAGE, DATA = "everything.html", "everything.json"
SAID = {"noshow": "did not come", "fulfilled": "took place", "void": "not needed any more"}
NOTHING = "<p>Nothing.</p>"
HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 1rem/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b }}
dl {{ border-top: 1px solid #767676; padding-top: .5rem; display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr;
gap: .25rem 1rem }}
dt {{ font-weight: 600 }} dd {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }}
</style></head><body><h1>{title}</h1>
"""


@dataclass(frozen=True, slots=True)
class CopySection:
    """One kind of what is known, under a name for programs and a title for people. It is read anew for each file."""

    name: str
    title: str
    read: Callable[[], Iterable[Record]]


def write_client_copy(title: str, sections: Sequence[CopySection], *, zone: ZoneInfo, now: datetime) -> Iterator[bytes]:
    """The zip in pieces. Times on the page are in the client's zone; in the JSON they are UTC."""
    kept = _Pieces()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in ((PAGE, _write_page(title, sections, zone)), (DATA, _write_json(sections))):
            about = zipfile.ZipInfo(name, now.astimezone(zone).timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w") as entry:
                for piece in pieces:
                    entry.write(piece.encode())
                    yield kept.take()
    yield kept.take()


def as_plain(value: object) -> object:
    """What JSON can hold: instants in UTC, other dates and times as ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {key: as_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


class _Pieces(io.RawIOBase):
    """Takes what the zip writes, until somebody takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = bytearray()

    def writable(self) -> bool:
        """It is only written to."""
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # Any buffer would do.
        """Keep it."""
        self._kept += piece
        return len(piece)

    def take(self) -> bytes:
        """What came since the last time."""
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


def _write_json(sections: Sequence[CopySection]) -> Iterator[str]:
    yield "{"
    for number, section in enumerate(sections):
        yield f"{', ' if number else ''}\n{json.dumps(section.name)}: ["
        for index, record in enumerate(section.read()):
            yield f"{',' if index else ''}\n  {json.dumps(as_plain(record), ensure_ascii=False)}"
        yield "]"
    yield "\n}\n"


def _write_page(title: str, sections: Sequence[CopySection], zone: ZoneInfo) -> Iterator[str]:
    yield HEAD.format(title=escape(title))
    for section in sections:
        yield f"<h2>{escape(section.title)}</h2>\n"
        has_any = False
        for record in section.read():
            has_any = True
            yield "<dl>"
            for name, value in record.items():
                if value not in (None, "", [], False):
                    label = name.replace("_", " ").capitalize()
                    yield f"<dt>{escape(label)}</dt><dd>{escape(_say(value, zone))}</dd>"
            yield "</dl>\n"
        if not has_any:
            yield NOTHING
    yield "</body></html>\n"


def _say(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return times.say_when(value, zone)
    if isinstance(value, StrEnum):
        return SAID.get(value, value.replace("_", " "))
    if isinstance(value, list | tuple):
        return ", ".join(_say(each, zone) for each in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name.replace('_', ' ')}: {_say(each, zone)}" for name, each in value.items())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return str(value)
