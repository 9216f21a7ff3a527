"""Google Calendar by its REST API, version 3.

What is read is asked for by a field mask, so that titles, descriptions, places and guests of somebody's own events are
never even sent to us. Everything that is peculiar to Google stays in this file. Sources, as of 2026-11:

- scopes and which request takes which: developers.google.com/workspace/calendar/api/auth and the reference of each
- sync tokens, and 410 for those that mean nothing any more: …/calendar/api/guides/sync
- ids that clients choose, extended properties, event types: …/calendar/api/v3/reference/events
- channels: …/calendar/api/guides/push
- versions and If-Match: …/calendar/api/guides/version-resources; errors: …/calendar/api/guides/errors
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from telehealth.adapters.google_events import EventReader, event_id, is_newer, is_writing, read_own, write_event
from telehealth.adapters.oauth import OAuthApp, ProviderAnswer, ProviderApi, SignedIn, count_pages
from telehealth.domain.calendar_ports import (
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
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.walltime import zone_names

SCOPES: Final = tuple(
    f"https://www.googleapis.com/auth/calendar.{each}"
    for each in (
        "calendarlist.readonly",  # Which calendars there are.
        "events.freebusy",  # When they are busy, also those that somebody else owns.
        "events.owned",  # Appointments into one that they own, and known again there.
    )
)
MOST_PAGES: Final = 40
_EVENT: Final = "id,etag,status,start,end,transparency,eventType,iCalUID,extendedProperties/private"
_READ: Final = f"nextPageToken,nextSyncToken,items({_EVENT},attendees(self,responseStatus))"
_LISTED: Final = "nextPageToken,items(id,summary,summaryOverride,accessRole,timeZone,primary)"
_TOO_MANY: Final = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "calendarUsageLimitsExceeded"}
)
_NOT_THERE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleApp:
    """What Google knows us by. ``base_url`` stands in for all of Google's hosts, for tests and local fakes."""

    client_id: str
    client_secret: str
    base_url: str = ""

    @property
    def oauth(self) -> OAuthApp:
        """Where people sign in. A refresh token is given only when consent is asked for anew (``prompt``)."""
        return OAuthApp(
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorize_url=f"{self.base_url or 'https://accounts.google.com'}/o/oauth2/v2/auth",
            token_url=f"{self.base_url or 'https://oauth2.googleapis.com'}/token",
            revoke_url=f"{self.base_url or 'https://oauth2.googleapis.com'}/revoke",
            scopes=SCOPES,
            extras={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "false"},
        )


class GoogleCalendars(SignedIn):
    """A ``SignedInCalendars`` for Google."""

    def __init__(self, app: GoogleApp) -> None:
        super().__init__(app.oauth)
        self._api = ProviderApi(f"{app.base_url or 'https://www.googleapis.com'}/calendar/v3", self._oauth)

    def finish(self, ticket: SignInTicket, code: str, /, *, now: datetime) -> CalendarAccess:
        """The main calendar of an account has its address for an id."""
        access = CalendarAccess(secrets=self._oauth.fetch(ticket, code, now))
        main = next((each for each in self.list_calendars(access) if each.is_main), None)
        return replace(access, username=main.remote_id if main else "")

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        """All that the account shows. Written is only into those that it owns: no scope of ours reaches further."""
        params = {"maxResults": "250", "minAccessRole": "freeBusyReader", "fields": _LISTED}
        found = [
            FoundCalendar(
                remote_id=each["id"],
                name=each.get("summaryOverride") or each.get("summary") or each["id"],
                can_write=each.get("accessRole") == "owner",
                zone=each.get("timeZone") if each.get("timeZone") in zone_names() else None,
                is_main=bool(each.get("primary")),
            )
            for page in self._pages(access, "/users/me/calendarList", params)
            for each in page.get("items", ())
        ]
        return sorted(found, key=lambda each: not each.is_main)

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        """With a sync token what changed since; else, or when it means nothing any more, all of the window."""
        if bookmark.token:
            try:
                return self._read_news(access, remote_id, bookmark, window)
            except CalendarFailed as failed:
                if failed.failure != CalendarFailure.TOKEN_EXPIRED:
                    raise
        bounds = {"timeMin": window.since.isoformat(), "timeMax": window.until.isoformat()}
        token, entries, _ = self._read(access, remote_id, bounds, window)
        known = {each.remote_id: each.version for each in entries}
        return CalendarReading(Bookmark(token=token, entries=known), is_whole=True, entries=entries)

    def _read_news(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow
    ) -> CalendarReading:
        token, entries, gone = self._read(access, remote_id, {"syncToken": bookmark.token or ""}, window)
        removed = [each for each in gone if each in bookmark.entries]
        if not entries and not removed:
            return CalendarReading(replace(bookmark, token=token), is_unchanged=True)
        known = {**bookmark.entries, **{each.remote_id: each.version for each in entries}}
        known = {name: version for name, version in known.items() if name not in set(removed)}
        return CalendarReading(Bookmark(token=token, entries=known), entries=entries, removed=removed)

    def _read(
        self, access: CalendarAccess, remote_id: str, which: Mapping[str, str], window: ReadingWindow
    ) -> tuple[str | None, list[CalendarEntry], list[str]]:
        """The next sync token, what is there, and the ids of what is gone."""
        params = {"singleEvents": "true", "maxResults": "2500", "maxAttendees": "1", "fields": _READ, **which}
        reader, token, entries, gone = EventReader(window), None, list[CalendarEntry](), list[str]()
        for page in self._pages(access, f"{_path(remote_id)}/events", params):
            token = page.get("nextSyncToken")
            for event in page.get("items", ()):
                entry = reader.read(event)
                if entry is None:
                    gone.append(event["id"])
                else:
                    entries.append(entry)
        return token, entries, gone

    def write(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written | None, /) -> Written:
        """Under an id made from the UID: who inserts it once more is told that it is there (409), also when it was
        deleted, and then writes over what stands there.
        """
        if before is None:
            body = {"id": event_id(event.uid), **write_event(event)}
            params = {"sendUpdates": "none", "fields": "id,etag"}
            answer = self._api.ask(access, "POST", f"{_path(remote_id)}/events", params=params, body=body)
            if answer.status != HTTPStatus.CONFLICT:
                return self._written(access, remote_id, answer)
            before = self._seen(access, remote_id, event_id(event.uid), event)
        answer = self._put(access, remote_id, event, before)
        if answer.status == HTTPStatus.PRECONDITION_FAILED:
            return self._seen(access, remote_id, before.remote_id, event, is_only_same=True)
        return self._written(access, remote_id, answer)

    def _put(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written) -> ProviderAnswer:
        return self._api.ask(
            access,
            "PUT",
            f"{_path(remote_id)}/events/{quote(before.remote_id, safe='')}",
            params={"sendUpdates": "none", "fields": "id,etag"},
            body=write_event(event),
            headers={"If-Match": before.version},
        )

    def _seen(
        self, access: CalendarAccess, remote_id: str, own_id: str, event: WrittenEvent, *, is_only_same: bool = False
    ) -> Written:
        """What stands there now; ``is_only_same``: just when it is this writing of the event, whose answer was lost.
        Raises CHANGED_MEANWHILE.
        """
        standing = self._get(access, remote_id, own_id)
        if standing is None or is_newer(standing, event) or (is_only_same and not is_writing(standing, event)):
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        return Written(own_id, standing["etag"])

    def _written(self, access: CalendarAccess, remote_id: str, answer: ProviderAnswer) -> Written:
        if answer.status in _NOT_THERE:
            self._require_calendar(access, remote_id)
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        data = _take(answer)
        return Written(data["id"], data["etag"])

    def remove(self, access: CalendarAccess, remote_id: str, written: Written, /) -> None:
        """Take an event out again."""
        path = f"{_path(remote_id)}/events/{quote(written.remote_id, safe='')}"
        answer = self._api.ask(
            access, "DELETE", path, params={"sendUpdates": "none"}, headers={"If-Match": written.version}
        )
        if answer.status in _NOT_THERE:
            return
        if answer.status == HTTPStatus.PRECONDITION_FAILED:
            standing = self._get(access, remote_id, written.remote_id)
            if standing is None or standing.get("status") == "cancelled":
                return
        _take(answer)

    def find(self, access: CalendarAccess, remote_id: str, written_id: str, /) -> tuple[str, OwnEvent | None] | None:
        """One of our events as it stands there."""
        event = self._get(access, remote_id, written_id)
        if event is None or event.get("status") == "cancelled":
            return None
        return event["etag"], read_own(event)

    def watch(self, access: CalendarAccess, remote_id: str, wish: ChannelWish, /) -> RemoteChannel:
        """A channel for one calendar. There is no renewing: another one is made."""
        body = {
            "id": wish.name,
            "type": "web_hook",
            "address": wish.address,
            "token": wish.token,
            "expiration": str(int(wish.until.timestamp() * 1000)),
        }
        data = _take(self._api.ask(access, "POST", f"{_path(remote_id)}/events/watch", body=body))
        ends = str(data.get("expiration", ""))
        ends_at = datetime.fromtimestamp(int(ends) / 1000, UTC) if ends.isdigit() else wish.until
        return RemoteChannel(wish.name, str(data["resourceId"]), ends_at)

    def unwatch(self, access: CalendarAccess, channel: RemoteChannel, /) -> None:
        """Stop one."""
        answer = self._api.ask(
            access, "POST", "/channels/stop", body={"id": channel.name, "resourceId": channel.resource}
        )
        if answer.status not in _NOT_THERE:
            _take(answer)

    def _get(self, access: CalendarAccess, remote_id: str, own_id: str) -> Mapping[str, Any] | None:
        """An event, also one that was deleted; None when there never was one. Raises GONE for a lost calendar."""
        path = f"{_path(remote_id)}/events/{quote(own_id, safe='')}"
        answer = self._api.ask(access, "GET", path, params={"fields": _EVENT})
        if answer.status in _NOT_THERE:
            self._require_calendar(access, remote_id)
            return None
        return _take(answer)

    def _require_calendar(self, access: CalendarAccess, remote_id: str) -> None:
        """That an event is gone must not be mistaken for that its calendar is. Raises GONE."""
        path = f"/users/me/calendarList/{quote(remote_id, safe='')}"
        _take(self._api.ask(access, "GET", path, params={"fields": "id"}))

    def _pages(self, access: CalendarAccess, path: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        mark: dict[str, str] = {}
        for _ in count_pages(MOST_PAGES):
            page = _take(self._api.ask(access, "GET", path, params={**params, **mark}))
            yield page
            if not page.get("nextPageToken"):
                return
            mark = {"pageToken": page["nextPageToken"]}


def _path(remote_id: str) -> str:
    return f"/calendars/{quote(remote_id, safe='')}"


def _take(answer: ProviderAnswer) -> Mapping[str, Any]:
    """What an answer holds. Raises CalendarFailed for one that says no."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return answer.data
    raise CalendarFailed(_explain(answer), retry_after=answer.retry_after)


def _explain(answer: ProviderAnswer) -> CalendarFailure:
    reasons = set(_reasons(answer.data.get("error")))
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or reasons & _TOO_MANY:
        return CalendarFailure.OVERLOADED
    if answer.status == HTTPStatus.FORBIDDEN:
        return CalendarFailure.REFUSED
    if answer.status == HTTPStatus.GONE and reasons & {"fullSyncRequired", "updatedMinTooLongAgo"}:
        return CalendarFailure.TOKEN_EXPIRED
    if answer.status in _NOT_THERE:
        return CalendarFailure.GONE
    if answer.status == HTTPStatus.PRECONDITION_FAILED:
        return CalendarFailure.CHANGED_MEANWHILE
    return CalendarFailure.OVERLOADED if answer.status == HTTPStatus.SERVICE_UNAVAILABLE else CalendarFailure.BROKEN


def _reasons(error: object) -> Iterable[str]:
    if not isinstance(error, Mapping):
        return ()
    return [str(each.get("reason")) for each in error.get("errors", ()) if isinstance(each, Mapping)]
