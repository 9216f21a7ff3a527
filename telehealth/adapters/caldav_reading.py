"""What is new in a calendar on a CalDAV server, asked for as cheaply as that server lets us.

Three ways, the best first: its sync token (RFC 6578) gives what changed; its ctag says whether anything did; else the
versions of all that lies in the window are compared with those that are known. Only what is new is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, SubElement

from telehealth.adapters.webdav import (
    CALDAV,
    DAV,
    SERVER,
    DavSession,
    MultiStatus,
    Refused,
    Resource,
    add_text,
    clean_etag,
    clean_path,
    make_report,
    refusal_of,
)
from telehealth.domain.calendar_ports import UNREAD_VERSION, Bookmark, CalendarFailed, ReadingWindow
from telehealth.domain.calendar_words import CalendarFailure

MOST_AT_ONCE: Final = 100
"""Events in one request: some servers refuse many more, and an event may hold pictures."""
MOST_BYTES: Final = 50 * 1024 * 1024
"""Of all that is fetched in one look."""
_MOST_ROUNDS: Final = 200
_ETAG, _DATA = f"{DAV}getetag", f"{CALDAV}calendar-data"
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_NOT_SO: Final = frozenset({400, 403, 405, 409, 412, 415, 422, 500, 501, 507})
"""What servers say to a question that they do not know, or that they stumble over because of one broken event, or to a
token that means nothing any more: with ``valid-sync-token`` (RFC 6578 section 3.2) or without. Whatever else it may
mean is said again by the next, simpler question.
"""
_A_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class News:
    """What was found: the versions and contents of what is new or changed, by their paths, and what is gone."""

    bookmark: Bookmark
    is_whole: bool = False
    contents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is new."""
        return not (self.is_whole or self.contents or self.removed)


@dataclass(slots=True)
class CalendarLook:
    """One look at the calendar ``url``."""

    session: DavSession
    url: str

    def find_news(self, bookmark: Bookmark, window: ReadingWindow) -> News:
        """What is new since then; everything when the token means nothing any more. Raises CalendarFailed."""
        if bookmark.token:
            try:
                return self._follow(bookmark)
            except Refused as refused:
                if refused.status not in _NOT_SO:
                    raise
            bookmark = Bookmark()
        return self._compare(bookmark, window)

    def fetch(self, path: str) -> tuple[str, bytes] | None:
        """One resource with its version; None if it is gone."""
        answer = self.session.ask("GET", self.address_of(path))
        if answer.status in _GONE:
            return None
        if answer.status != HTTPStatus.OK:
            raise refusal_of(answer)
        etag = clean_etag(answer.headers.get("etag", "")) or self._versions([path]).get(path, "")
        return etag, answer.body

    def find_state(self) -> tuple[str | None, str | None]:
        """The newest token and the ctag, of those that the server has. Raises CalendarFailed: GONE when there is no
        such calendar.
        """
        names = [f"{DAV}sync-token", f"{SERVER}getctag", f"{DAV}resourcetype"]
        for each in self.session.find(self.url, 0, names).resources:
            if f"{CALDAV}calendar" in each.kinds(f"{DAV}resourcetype"):
                return each.text(f"{DAV}sync-token") or None, each.text(f"{SERVER}getctag") or None
        raise CalendarFailed(CalendarFailure.GONE)

    def address_of(self, path: str) -> str:
        """The whole address of what lies in this calendar."""
        return urljoin(self.url, path)

    def find_uid(self, uid: str) -> str | None:
        """Where the event with a UID lies, when the server can be asked that."""
        try:
            found = self._inside(self.session.report(self.url, 1, _ask_for_uid(uid)))
        except Refused:
            return None
        return found[0].path if found else None

    def _follow(self, bookmark: Bookmark) -> News:
        """What the server says is new since a token. It may say it in pieces."""
        token, changed, gone = bookmark.token or "", dict[str, str](), set[str]()
        for _ in range(_MOST_ROUNDS):
            found = self.session.report(self.url, 0, _ask_for_news(token))
            token = found.token or token
            for each in self._inside(found):
                if each.status in _GONE:
                    gone.add(each.path)
                    changed.pop(each.path, None)
                else:
                    gone.discard(each.path)
                    changed[each.path] = each.etag
            if not self._is_cut_short(found):
                break
        else:
            raise CalendarFailed(CalendarFailure.BROKEN)
        unread = {path: etag for path, etag in _unread(bookmark).items() if path not in gone}
        return self._gather(replace(bookmark, token=token), unread | changed, gone)

    def _compare(self, bookmark: Bookmark, window: ReadingWindow) -> News:
        """What is new by the versions of all that lies in the window. The token is asked for first: what changes
        between that and the list is then found once more by the next look, and not never.
        """
        token, version = self.find_state()
        if bookmark.version and bookmark.version == version:
            return self._gather(replace(bookmark, token=token), _unread(bookmark), set())
        listed = self._list(window)
        beyond = self._versions([path for path in bookmark.entries if path not in listed])
        news = self._gather(
            replace(bookmark, token=token, version=version),
            listed | beyond,
            {path for path in bookmark.entries if path not in listed and path not in beyond},
        )
        news.is_whole = not bookmark.entries and not bookmark.version
        return news

    def _gather(self, bookmark: Bookmark, changed: Mapping[str, str], gone: set[str]) -> News:
        known = bookmark.entries
        wanted = [path for path, etag in changed.items() if not etag or known.get(path) != etag]
        news = News(bookmark)
        room = MOST_BYTES
        for path, found in self._fetch_all(wanted):
            if found is None:
                gone.add(path)
                continue
            news.contents[path] = found
            room -= len(found[1])
            if room < 0:
                raise CalendarFailed(CalendarFailure.TOO_LARGE)
        kept = {path: etag for path, etag in known.items() if path not in gone}
        kept |= {path: etag for path, (etag, _) in news.contents.items()}
        news.bookmark, news.removed = replace(bookmark, entries=kept), sorted(gone)
        return news

    def _list(self, window: ReadingWindow) -> dict[str, str]:
        """The versions of what takes place in the window, or comes again in it. A day more at both ends: what lasts all
        day, or has no zone, begins and ends there by a clock that the server does not know.
        """
        try:
            return self._list_between(window.since - _A_DAY, window.until + _A_DAY)
        except Refused as refused:
            if refused.status not in _NOT_SO:
                raise
        found = self.session.find(self.url, 1, [_ETAG])
        if self._is_cut_short(found):
            raise CalendarFailed(CalendarFailure.TOO_LARGE)
        return self._versions_in(found)

    def _list_between(self, since: datetime, until: datetime) -> dict[str, str]:
        """The same; in halves where the server says only a part of it (RFC 4791 section 7.8.1)."""
        found = self.session.report(self.url, 1, _ask_for_window(since, until))
        if not self._is_cut_short(found):
            return self._versions_in(found)
        if until - since <= _A_DAY:
            raise CalendarFailed(CalendarFailure.TOO_LARGE)
        middle = since + (until - since) / 2
        return self._list_between(since, middle) | self._list_between(middle, until)

    def _versions_in(self, found: MultiStatus) -> dict[str, str]:
        return {each.path: each.etag for each in self._inside(found) if each.status not in _GONE}

    def _versions(self, paths: Sequence[str]) -> dict[str, str]:
        """The versions of some resources, of those that are still there."""
        found: dict[str, str] = {}
        for some in _portions(paths, MOST_AT_ONCE):
            answer = self.session.report(self.url, 1, _ask_for_some(some, [_ETAG]))
            if self._is_cut_short(answer):  # What is left out would be taken for gone.
                raise CalendarFailed(CalendarFailure.TOO_LARGE)
            found |= {each.path: each.etag for each in answer.resources if each.status not in _GONE and each.etag}
        return {path: etag for path, etag in found.items() if path in set(paths)}

    def _fetch_all(self, paths: Sequence[str]) -> Iterator[tuple[str, tuple[str, bytes] | None]]:
        for some in _portions(paths, MOST_AT_ONCE):
            found = self._fetch_some(some)
            # Some servers leave out what they should send, or do not know this report at all.
            yield from ((path, found[path] if path in found else self.fetch(path)) for path in some)

    def _fetch_some(self, paths: Sequence[str]) -> dict[str, tuple[str, bytes] | None]:
        """Some resources with their versions; None for what is gone."""
        try:
            answer = self.session.report(self.url, 1, _ask_for_some(paths, [_ETAG, _DATA]))
        except Refused as refused:
            if refused.status not in _NOT_SO:
                raise
            return {}
        except CalendarFailed as failed:
            if failed.failure is not CalendarFailure.TOO_LARGE or len(paths) == 1:
                raise
            half = len(paths) // 2
            return self._fetch_some(paths[:half]) | self._fetch_some(paths[half:])
        found: dict[str, tuple[str, bytes] | None] = {}
        for each in answer.resources:
            content = each.text(_DATA)
            if each.status in _GONE:
                found[each.path] = None
            elif content and each.etag:
                found[each.path] = each.etag, content.encode()
        return found

    def _inside(self, found: MultiStatus) -> list[Resource]:
        """What of an answer lies in this calendar: not itself, and no calendar within it."""
        return [each for each in found.resources if not each.path.endswith("/") and each.path != clean_path(self.url)]

    def _is_cut_short(self, found: MultiStatus) -> bool:
        """Whether the server has more to say (RFC 6578 section 3.6, RFC 4791 section 7.8)."""
        here = clean_path(self.url).rstrip("/")
        return any(
            each.status == HTTPStatus.INSUFFICIENT_STORAGE and each.path.rstrip("/") == here for each in found.resources
        )


def _unread(bookmark: Bookmark) -> dict[str, str]:
    """What could not be read last time, without versions: it is read again, whether it is new or not."""
    return {path: "" for path, version in bookmark.entries.items() if version == UNREAD_VERSION}


def _ask_for_news(token: str) -> Element:
    report = Element(f"{DAV}sync-collection")
    add_text(report, f"{DAV}sync-token", token)
    add_text(report, f"{DAV}sync-level", "1")
    SubElement(SubElement(report, f"{DAV}prop"), _ETAG)
    return report


def _ask_for_window(since: datetime, until: datetime) -> Element:
    report, event = _ask_for_events()
    SubElement(event, f"{CALDAV}time-range", {"start": _instant(since), "end": _instant(until)})
    return report


def _ask_for_uid(uid: str) -> Element:
    report, event = _ask_for_events()
    named = SubElement(event, f"{CALDAV}prop-filter", {"name": "UID"})
    add_text(named, f"{CALDAV}text-match", uid, collation="i;octet")
    return report


def _ask_for_events() -> tuple[Element, Element]:
    """A report, and its filter to be narrowed down."""
    report = make_report(f"{CALDAV}calendar-query", [_ETAG])
    calendar = SubElement(SubElement(report, f"{CALDAV}filter"), f"{CALDAV}comp-filter", {"name": "VCALENDAR"})
    return report, SubElement(calendar, f"{CALDAV}comp-filter", {"name": "VEVENT"})


def _ask_for_some(paths: Iterable[str], names: Iterable[str]) -> Element:
    report = make_report(f"{CALDAV}calendar-multiget", names)
    for path in paths:
        add_text(report, f"{DAV}href", path)
    return report


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _portions(paths: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (paths[start : start + size] for start in range(0, len(paths), size))
