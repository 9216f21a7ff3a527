"""Outlook.com and Microsoft 365 by Microsoft Graph, version 1.0.

What is read is asked for by name (``$select``), so that titles, bodies, places and guests of somebody's own events are
never even sent to us. That is why changes are not asked for by delta: over a calendar view it takes no ``$select`` and
no ``$expand``, so it sends every title and body, and our own events could not be told. Everything that is peculiar to
Microsoft stays in this file. Sources, as of 2026-11:

- what delta takes: learn.microsoft.com/graph/api/event-delta, "OData query parameters"; …/graph/delta-query-events
- the view: …/graph/api/calendar-list-calendarview; events: …/graph/api/resources/event
- values of our own: …/graph/api/resources/singlevaluelegacyextendedproperty
- subscriptions: …/graph/api/subscription-post-subscriptions and …-delete
- ids that stay when an event is moved: …/graph/outlook-immutable-id; limits: …/graph/throttling
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from telehealth.adapters.oauth import OAuthApp, ProviderAnswer, ProviderApi, SignedIn, count_pages
from telehealth.domain.calendar_ports import (
    UNREAD_VERSION,
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    ChannelWish,
    FoundCalendar,
    OwnEvent,
    ReadingWindow,
    RemoteChannel,
    SignInTicket,
    Written,
    WrittenEvent,
    bound_span,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.walltime import midnight, zone

SCOPES: Final = ("offline_access", "Calendars.ReadWrite")
"""Nothing narrower writes, and what writes may read as well; calendars that others share are left out."""
KEY, WRITING = (
    f"String {{4f3c1c52-6c8a-4d0e-9d0b-7f5f7c6a2e11}} Name {name}" for name in ("TelehealthKey", "TelehealthWriting")
)
"""The extended properties that make one of our events known again, and say what was written last."""
MOST_PAGES: Final = 100
PAGE: Final = "200"
MOST_WRITINGS: Final = 5
"""How often one event can be put back after it was deleted there."""
_EVENT: Final = "id,start,end,isAllDay,isCancelled,showAs,responseStatus,iCalUId,transactionId"
_EXPAND: Final = f"singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{WRITING}')"
_PREFER: Final = 'outlook.timezone="UTC", IdType="ImmutableId"'
_NEVER_BUSY: Final = frozenset({"free", "workingElsewhere"})
_HALF_ACCEPTED: Final = frozenset({"tentativelyAccepted", "notResponded"})
_FAILURES: Final[Mapping[int, CalendarFailure]] = {
    HTTPStatus.FORBIDDEN: CalendarFailure.REFUSED,
    HTTPStatus.NOT_FOUND: CalendarFailure.GONE,
    HTTPStatus.GONE: CalendarFailure.GONE,
    HTTPStatus.CONFLICT: CalendarFailure.CHANGED_MEANWHILE,
    HTTPStatus.PRECONDITION_FAILED: CalendarFailure.CHANGED_MEANWHILE,
    HTTPStatus.TOO_MANY_REQUESTS: CalendarFailure.OVERLOADED,
    HTTPStatus.SERVICE_UNAVAILABLE: CalendarFailure.OVERLOADED,
    HTTPStatus.GATEWAY_TIMEOUT: CalendarFailure.TIMED_OUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftApp:
    """What Microsoft knows us by. ``directory`` says whose accounts may sign in: "common" for everybody's, or one
    organisation's. ``base_url`` stands in for all of Microsoft's hosts, for tests and local fakes.
    """

    client_id: str
    client_secret: str
    directory: str = "common"
    base_url: str = ""

    @property
    def oauth(self) -> OAuthApp:
        """Where people sign in. There is no address at which access is given back: it ends in their account."""
        host = f"{self.base_url or 'https://login.microsoftonline.com'}/{quote(self.directory, safe='')}/oauth2/v2.0"
        return OAuthApp(
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorize_url=f"{host}/authorize",
            token_url=f"{host}/token",
            scopes=SCOPES,
            extras={"prompt": "select_account", "response_mode": "query"},
        )


class MicrosoftCalendars(SignedIn):
    """A ``SignedInCalendars`` for Microsoft."""

    def __init__(self, app: MicrosoftApp) -> None:
        super().__init__(app.oauth)
        self._api = ProviderApi(f"{app.base_url or 'https://graph.microsoft.com'}/v1.0", self._oauth)

    def finish(self, ticket: SignInTicket, code: str, /, *, now: datetime) -> CalendarAccess:
        """The main calendar names who owns it."""
        access = CalendarAccess(secrets=self._oauth.fetch(ticket, code, now))
        answer = self._ask(access, "GET", "/me/calendar", params={"$select": "id,owner"})
        return replace(access, username=str((_take(answer).get("owner") or {}).get("address", "")))

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        """All of the account. Their zone is the mailbox's, which would take one more scope."""
        params = {"$select": "id,name,canEdit,isDefaultCalendar", "$top": "100"}
        found = [
            FoundCalendar(
                remote_id=each["id"],
                name=each.get("name") or "Calendar",
                can_write=bool(each.get("canEdit")),
                is_main=bool(each.get("isDefaultCalendar")),
            )
            for page in self._pages(access, "/me/calendars", params)
            for each in page.get("value", ())
        ]
        return sorted(found, key=lambda each: not each.is_main)

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        """The whole window each time, in one request for every 200 events; told is what is not as it was."""
        params = {
            "startDateTime": _said(window.since),
            "endDateTime": _said(window.until),
            "$select": _EVENT,
            "$expand": _EXPAND,
            "$top": PAGE,
        }
        entries = [
            read_entry(event, window)
            for page in self._pages(access, f"{_path(remote_id)}/calendarView", params)
            for event in page.get("value", ())
        ]
        known = {each.remote_id: each.version for each in entries}
        here = Bookmark(version=_rules(window), entries=known)
        if bookmark.version != here.version:
            return CalendarReading(here, is_whole=True, entries=entries)
        if known == dict(bookmark.entries):
            return CalendarReading(here, is_unchanged=True)
        news = [each for each in entries if bookmark.entries.get(each.remote_id) != each.version]
        return CalendarReading(here, entries=news, removed=[each for each in bookmark.entries if each not in known])

    def write(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written | None, /) -> Written:
        """What was taken although its answer was lost is looked for first. ``transactionId`` keeps two of us who write
        it at the same moment from making two.
        """
        standing = before or self._find_written(access, remote_id, event)
        if standing is None:
            return self._create(access, remote_id, event)
        return self._change(access, remote_id, event, standing, is_known=before is not None)

    def _change(
        self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written, *, is_known: bool
    ) -> Written:
        standing = self._get(access, remote_id, before.remote_id)
        if standing is None or (not is_known and event.is_older_than(_extended(standing, WRITING))):
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        is_before = standing["@odata.etag"] == before.version  # If-Match alone is not promised for events.
        if _is_writing(standing, event) and not (is_known and is_before):
            return Written(standing["id"], standing["@odata.etag"])
        if not is_before:
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        answer = self._ask(
            access, "PATCH", _event_path(before.remote_id), body=_body(event), headers={"If-Match": before.version}
        )
        if answer.status == HTTPStatus.NOT_FOUND:
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        return _written(answer)

    def _create(self, access: CalendarAccess, remote_id: str, event: WrittenEvent) -> Written:
        """Somebody of us may be faster: then what they have made is given back, or refused as there already, and is
        not what was to be written.
        """
        for transaction in transaction_ids(event.uid):
            body = {**_body(event), "transactionId": transaction}
            answer = self._ask(access, "POST", f"{_path(remote_id)}/events", body=body)
            is_refused = answer.status == HTTPStatus.CONFLICT
            made = self._find_written(access, remote_id, event) if is_refused else _written(answer)
            if made is None:
                continue
            if not is_refused and _span(answer.data, "UTC") == (event.starts_at, event.ends_at):
                return made
            return self._change(access, remote_id, event, made, is_known=False)
        raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)  # Written and deleted again and again.

    def _find_written(self, access: CalendarAccess, remote_id: str, event: WrittenEvent) -> Written | None:
        """The event as we once wrote it. A copy that its owner made of it carries the key, but not our transaction."""
        same = f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq '{_quoted(event.key)}')"
        params = {"$filter": same, "$select": "id,transactionId", "$top": "50"}
        ours = transaction_ids(event.uid)
        for page in self._pages(access, f"{_path(remote_id)}/events", params):
            for each in page.get("value", ()):
                if each.get("transactionId") in ours:
                    return Written(each["id"], each["@odata.etag"])
        return None

    def remove(self, access: CalendarAccess, remote_id: str, written: Written, /) -> None:
        """Take an event out again."""
        path = f"{_path(remote_id)}/events/{quote(written.remote_id, safe='')}"
        standing = self._ask(access, "GET", path, params={"$select": "id"})
        if standing.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return
        if _take(standing)["@odata.etag"] != written.version:
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        answer = self._ask(access, "DELETE", _event_path(written.remote_id), headers={"If-Match": written.version})
        if answer.status != HTTPStatus.NOT_FOUND:
            _take(answer)

    def find(self, access: CalendarAccess, remote_id: str, written_id: str, /) -> tuple[str, OwnEvent | None] | None:
        """One of our events as it stands there."""
        event = self._get(access, remote_id, written_id)
        if event is None or event.get("isCancelled"):
            return None
        key, span = _extended(event, KEY), _span(event, "UTC")
        own = OwnEvent(key, _uid(event), *span) if key and span else None
        return event["@odata.etag"], own

    def watch(self, access: CalendarAccess, remote_id: str, wish: ChannelWish, /) -> RemoteChannel:  # noqa: ARG002
        """A subscription to all events of the mailbox: a single calendar is no resource that can be subscribed to."""
        body = {
            "changeType": "created,updated,deleted",
            "notificationUrl": wish.address,
            "resource": "/me/events",
            "expirationDateTime": _said(wish.until),
            "clientState": f"{wish.name}.{wish.token}",
        }
        data = _take(self._ask(access, "POST", "/subscriptions", body=body))
        return RemoteChannel(str(data["id"]), "/me/events", datetime.fromisoformat(data["expirationDateTime"]))

    def unwatch(self, access: CalendarAccess, channel: RemoteChannel, /) -> None:
        """End one."""
        answer = self._ask(access, "DELETE", f"/subscriptions/{quote(channel.name, safe='')}")
        if answer.status != HTTPStatus.NOT_FOUND:
            _take(answer)

    def _get(self, access: CalendarAccess, remote_id: str, own_id: str) -> Mapping[str, Any] | None:
        """An event of a calendar; None when it is gone. Raises GONE when the calendar is."""
        params = {"$select": _EVENT, "$expand": _EXPAND}
        answer = self._ask(access, "GET", f"{_path(remote_id)}/events/{quote(own_id, safe='')}", params=params)
        if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            _take(self._ask(access, "GET", _path(remote_id), params={"$select": "id"}))
            return None
        return _take(answer)

    def _pages(self, access: CalendarAccess, path: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        given: Mapping[str, str] | None = params
        for _ in count_pages(MOST_PAGES):
            page = _take(self._ask(access, "GET", path, params=given))
            yield page
            if "@odata.nextLink" not in page:
                return
            path, given = str(page["@odata.nextLink"]), None
            if not path.startswith(f"{self._api.base_url}/"):
                raise CalendarFailed(CalendarFailure.FORBIDDEN_ADDRESS)

    def _ask(self, access: CalendarAccess, method: str, path: str, **given: Any) -> ProviderAnswer:
        headers = {"Prefer": _PREFER, **(given.pop("headers", None) or {})}
        return self._api.ask(access, method, path, headers=headers, **given)


def transaction_ids(uid: str) -> list[str]:
    """By what an event is known again whose answer was lost, one for each time that it may have to be made."""
    return [hashlib.sha256(f"{uid} {number}".encode()).hexdigest()[:40] for number in range(MOST_WRITINGS)]


def read_entry(event: Mapping[str, Any], window: ReadingWindow) -> CalendarEntry:
    """What is kept of an event."""
    entry, span = CalendarEntry(event["id"], event["@odata.etag"]), _span(event, window.zone)
    if event.get("isCancelled"):
        return entry
    if span is None:
        return replace(entry, version=UNREAD_VERSION, unread=1)
    names = (_extended(event, KEY), event.get("iCalUId", ""))
    ours = next((window.known[name] for name in names if name in window.known), None)
    left = tuple(ours.subtract_from(span)) if ours else (span,)
    return replace(
        entry,
        spans=left if _is_busy(event, window) and span.starts_at < span.ends_at else (),
        own=(OwnEvent(ours.key, _uid(event), *span),) if ours else (),
    )


def _is_busy(event: Mapping[str, Any], window: ReadingWindow) -> bool:
    shown, answer = event.get("showAs"), (event.get("responseStatus") or {}).get("response")
    if shown in _NEVER_BUSY or answer == "declined":
        return False
    return window.is_tentative_busy or (shown != "tentative" and answer not in _HALF_ACCEPTED)


def _span(event: Mapping[str, Any], zone_name: str) -> BusySpan | None:
    """When an event is. All-day ones begin at midnight of no zone in particular: they are days in the zone given."""
    try:
        starts_at, ends_at = (_naive(event[each]) for each in ("start", "end"))
        if event.get("isAllDay") and starts_at.time() == ends_at.time() == time():
            here = zone(zone_name)
            return bound_span(midnight(starts_at.date(), here), midnight(ends_at.date(), here))
    except (KeyError, ValueError, OverflowError):
        return None
    return bound_span(starts_at.replace(tzinfo=UTC), ends_at.replace(tzinfo=UTC))


def _naive(said: Mapping[str, str]) -> datetime:
    """UTC, as was asked for. Raises ValueError for any other zone: it would be hours wrong."""
    if said.get("timeZone") != "UTC":
        raise ValueError
    return datetime.fromisoformat(said["dateTime"]).replace(tzinfo=None)


def _extended(event: Mapping[str, Any], name: str) -> str:
    values = event.get("singleValueExtendedProperties") or ()
    return next((str(each.get("value", "")) for each in values if str(each.get("id", "")).lower() == name.lower()), "")


def _uid(event: Mapping[str, Any]) -> str:
    """Our own, where it stands as we made it; a copy has another one."""
    ours = _extended(event, WRITING).partition(" ")[2]
    return ours if ours and event.get("transactionId") in transaction_ids(ours) else str(event.get("iCalUId", ""))


def _is_writing(standing: Mapping[str, Any], event: WrittenEvent) -> bool:
    """Whether an event stands as it is about to be written."""
    is_it = _extended(standing, WRITING).startswith(event.fingerprint)
    return is_it and _span(standing, "UTC") == (event.starts_at, event.ends_at)


def _rules(window: ReadingWindow) -> str:
    """By which rules events are read: when they change, all is new."""
    return f"{window.zone} {window.is_tentative_busy:d}"


def _body(event: WrittenEvent) -> dict[str, Any]:
    """No guests, no reminder, no video."""
    return {
        "subject": event.summary,
        "body": {"contentType": "text", "content": event.description},
        "location": {"displayName": event.location},
        "start": {"dateTime": _said(event.starts_at).rstrip("Z"), "timeZone": "UTC"},
        "end": {"dateTime": _said(event.ends_at).rstrip("Z"), "timeZone": "UTC"},
        "showAs": "tentative" if event.is_tentative else "busy",
        "sensitivity": "private",
        "isReminderOn": False,
        "categories": [event.category] if event.category else [],
        "singleValueExtendedProperties": [
            {"id": KEY, "value": event.key},
            {"id": WRITING, "value": event.mark},
        ],
    }


def _said(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quoted(value: str) -> str:
    """Within the quotation marks of a filter (OData 4.01 URL conventions, 5.1.1.6.1)."""
    return value.replace("'", "''")


def _path(remote_id: str) -> str:
    return f"/me/calendars/{quote(remote_id, safe='')}"


def _event_path(own_id: str) -> str:
    return f"/me/events/{quote(own_id, safe='')}"


def _written(answer: ProviderAnswer) -> Written:
    data = _take(answer)
    return Written(data["id"], data["@odata.etag"])


def _take(answer: ProviderAnswer) -> Mapping[str, Any]:
    """What an answer holds. Raises CalendarFailed for one that says no."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer.data
    raise CalendarFailed(_FAILURES.get(answer.status, CalendarFailure.BROKEN), retry_after=answer.retry_after)
