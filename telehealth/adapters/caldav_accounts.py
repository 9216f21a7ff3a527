"""Finding the calendars of an account on a CalDAV server (RFC 4791 section 6.2, RFC 6764 without look-ups in the DNS).

What somebody gives may be an e-mail address, a host, or the address of a server, a principal, a home or one calendar.
From there it goes: who am I? -> where are my calendars? -> which are there?
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

from telehealth.adapters.guarded_http import find_redirect
from telehealth.adapters.webdav import (
    APPLE,
    CALDAV,
    DAV,
    SERVER,
    DavSession,
    Http,
    Refused,
    Resource,
    clean_path,
    end_by,
)
from telehealth.domain import walltime
from telehealth.domain.calendar_ports import CalendarAccess, CalendarFailed, FoundCalendar
from telehealth.domain.calendar_words import CalendarFailure

PROVIDERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], "https://caldav.icloud.com/"),
    **dict.fromkeys(
        ["fastmail.com", "fastmail.fm", "app.fastmail.com", "caldav.fastmail.com"], "https://caldav.fastmail.com/dav/"
    ),
    **dict.fromkeys(["gmx.net", "gmx.de", "gmx.at", "gmx.ch"], "https://caldav.gmx.net/"),
    **dict.fromkeys(["posteo.de", "posteo.net"], "https://posteo.de:8443/"),
    "gmx.com": "https://caldav.gmx.com/",
    "mailbox.org": "https://dav.mailbox.org/",
    "purelymail.com": "https://purelymail.com/",
    "web.de": "https://caldav.web.de/",
    "yahoo.com": "https://caldav.calendar.yahoo.com/",
    "zoho.com": "https://calendar.zoho.com/",
}
"""Where the calendars of an e-mail address lie, and those of a host that does not say it well."""
WELL_KNOWN: Final = "/.well-known/caldav"
_NEXTCLOUD: Final = "/remote.php/dav/"
_USUAL_PLACES: Final = ("/", _NEXTCLOUD, "/dav/", "/caldav/")
"""Where servers lie that do not say so: alone on a host, in a Nextcloud, and elsewhere."""
_MOST_HOMES: Final = 5
_PRINCIPAL, _HOME = f"{DAV}current-user-principal", f"{CALDAV}calendar-home-set"
_KIND, _IS_CALENDAR = f"{DAV}resourcetype", f"{CALDAV}calendar"
_COMPONENTS, _RIGHTS = f"{CALDAV}supported-calendar-component-set", f"{DAV}current-user-privilege-set"
_NAME, _ORDER = f"{DAV}displayname", f"{APPLE}calendar-order"
_ZONE, _ZONE_ID = f"{CALDAV}calendar-timezone", f"{CALDAV}calendar-timezone-id"
_INBOX, _MAIN = f"{CALDAV}schedule-inbox-URL", f"{CALDAV}schedule-default-calendar-URL"
_ASKED_OF_A_PLACE: Final = (_KIND, _PRINCIPAL, _HOME)
_ASKED_OF_A_CALENDAR: Final = (_KIND, _NAME, _COMPONENTS, _RIGHTS, _ZONE, _ZONE_ID, _ORDER)
_MAY_WRITE: Final = frozenset({f"{DAV}all", f"{DAV}write", f"{DAV}write-content", f"{DAV}bind"})
_NO_CALENDARS_OF_OURS: Final = frozenset(
    {
        *(f"{CALDAV}schedule-inbox", f"{CALDAV}schedule-outbox", f"{SERVER}subscribed"),
        *(f"{{http://nextcloud.com/ns}}{name}" for name in ("deleted-calendar", "trash-bin")),
    }
)
_TZID: Final = re.compile(r"^TZID(?:;[^:\r\n]*)?:\s*(\S+)", re.MULTILINE)
_NOWHERE: Final = frozenset({CalendarFailure.GONE, CalendarFailure.NOT_A_CALENDAR, CalendarFailure.BROKEN})
"""How places answer where there is nothing of ours: the next one is tried."""
_LETS_IN: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.MULTI_STATUS})
_FINAL: Final = frozenset({CalendarFailure.REFUSED, CalendarFailure.OVERLOADED, CalendarFailure.TIMED_OUT})


def find_calendars(http: Http, access: CalendarAccess) -> list[FoundCalendar]:
    """Every calendar of the account that can hold events, the main one first. Raises CalendarFailed: NOT_A_CALENDAR
    when there is a server, but none of CalDAV.
    """
    session, place = _enter(http, access)
    principal = next(iter(place.hrefs(_PRINCIPAL)), "")
    owner = _ask(session, principal, (_HOME, _INBOX)) if principal else place
    homes = (place.hrefs(_HOME) or (owner.hrefs(_HOME) if owner else []))[:_MOST_HOMES]
    found = {clean_path(each.url): each for home in homes or [place.url] for each in _look_into(session, home)}
    if _is_calendar(place) or not found:
        found = {clean_path(each.url): each for each in _look_at(session, place.url)} | found
    main = clean_path(place.url) if _is_calendar(place) else _find_main(session, owner)
    ordered = sorted(found.items(), key=lambda item: (item[0] != main, *_rank(item[1])))
    return [_describe(each, is_main=position == 0) for position, (_, each) in enumerate(ordered)]


def find_places(given: str, username: str) -> list[str]:
    """The addresses at which to begin, the likeliest first: for an address with a path that one before others."""
    named = (given.strip() or username).removeprefix("mailto:")
    if "://" not in named:
        host = named.rpartition("@")[2].lower()
        named = PROVIDERS.get(host, f"https://{host}")
    named = PROVIDERS.get((urlsplit(named).hostname or "").removeprefix("www."), named)
    path = urlsplit(named).path.strip("/")
    own = [named, f"{named.rstrip('/')}{_NEXTCLOUD}"] if path else []
    return [*own, *(urljoin(named, place) for place in (WELL_KNOWN, *_USUAL_PLACES))]


def _enter(http: Http, access: CalendarAccess) -> tuple[DavSession, Resource]:
    """The first place where a server of CalDAV lets us in. Raises CalendarFailed: what was most telling."""
    failed, ends = CalendarFailed(CalendarFailure.NOT_A_CALENDAR), end_by()  # For all places together.
    for place in find_places(access.address, access.username):
        try:
            start = _follow_well_known(http, place) if place.endswith(WELL_KNOWN) else place
            session = DavSession(http, access, start, ends)
            found = session.find(start, 0, _ASKED_OF_A_PLACE).resources
        except CalendarFailed as failure:
            is_elsewhere = isinstance(failure, Refused) and failure.status == HTTPStatus.FORBIDDEN
            if failure.failure in _FINAL and not is_elsewhere:
                raise
            failed = failed if failure.failure in _NOWHERE else failure
            continue
        if found and _is_useful(found[0]):
            return session, found[0]
    raise failed


def _follow_well_known(http: Http, url: str) -> str:
    """Where a host says that its calendars are (RFC 6764 section 5). Asked without a password: it may lie elsewhere."""
    answer = http.request("PROPFIND", url, headers={"Depth": "0"})
    place = find_redirect(answer).url
    if place == url and answer.status not in _LETS_IN:
        raise CalendarFailed(CalendarFailure.GONE)
    return place


def _is_useful(place: Resource) -> bool:
    return bool(place.hrefs(_PRINCIPAL) or place.hrefs(_HOME) or _is_calendar(place))


def _ask(session: DavSession, url: str, names: Iterable[str]) -> Resource | None:
    found = session.find(url, 0, names).resources
    return found[0] if found else None


def _look_into(session: DavSession, home: str) -> Iterator[Resource]:
    """The calendars in a home. What lies where our password may not go is left out."""
    if session.may_ask(home):
        found = session.find(home, 1, _ASKED_OF_A_CALENDAR).resources
        yield from (each for each in found if _holds_events(each) and session.may_ask(each.url))


def _look_at(session: DavSession, url: str) -> Iterator[Resource]:
    found = session.find(url, 0, _ASKED_OF_A_CALENDAR).resources
    yield from (each for each in found if _holds_events(each) and session.may_ask(each.url))


def _find_main(session: DavSession, owner: Resource | None) -> str:
    """Where invitations to the account's owner are put, when the server says so."""
    inbox = next(iter(owner.hrefs(_INBOX)), "") if owner else ""
    if not inbox or not session.may_ask(inbox):
        return ""
    try:
        found = _ask(session, inbox, [_MAIN])
    except Refused:
        return ""
    return next(map(clean_path, found.hrefs(_MAIN)), "") if found else ""


def _is_calendar(place: Resource) -> bool:
    return _IS_CALENDAR in place.kinds(_KIND)


def _holds_events(found: Resource) -> bool:
    kinds = found.kinds(_KIND)
    if _IS_CALENDAR not in kinds or kinds & _NO_CALENDARS_OF_OURS:
        return False
    listed = found.properties.get(_COMPONENTS)
    names = {each.get("name", "").upper() for each in listed} if listed is not None else set()
    return not names or "VEVENT" in names


def _describe(found: Resource, *, is_main: bool) -> FoundCalendar:
    rights = found.kinds(_RIGHTS)
    name = " ".join(found.text(_NAME).split()) or clean_path(found.url).strip("/").rpartition("/")[2]
    # A server that does not speak of rights refuses what it does not allow.
    can_write = _RIGHTS not in found.properties or bool(rights & _MAY_WRITE)
    return FoundCalendar(urljoin(found.url, clean_path(found.url)), name, can_write, _zone_of(found), is_main)


def _zone_of(found: Resource) -> str | None:
    named = found.text(_ZONE_ID)
    in_file = _TZID.search(found.text(_ZONE))
    zone = named or (in_file[1] if in_file else "")
    return zone if zone in walltime.zone_names() else None


def _rank(found: Resource) -> tuple[float, str]:
    """In the order that their owner gave them."""
    order = found.text(_ORDER)
    return float(order) if order.isascii() and order.isdigit() else float("inf"), found.text(_NAME).lower()
