"""A small Google Calendar on loopback, after its public description (developers.google.com/workspace/calendar/api):

- v3/reference/calendarList/list, …/get, v3/reference/events/list, …/get, …/insert, …/update, …/delete: parameters,
  scopes and answers; events of calendars that somebody else shows only as busy come without anything else
- guides/sync: a token comes with the last page only, goes with no bounds, and is answered by 410 when it is old
- guides/version-resources: If-Match and 412; guides/errors: how it says no; guides/performance: the field mask
- v3/reference/events: ids of one's own are base32hex, count for one calendar, and stay taken after a deletion

A recurring event is stored as its instances, for ``singleEvents=true`` is all that is understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from telehealth.domain import walltime
from tests.fake_oauth import FakeProvider

SCOPE = "https://www.googleapis.com/auth/calendar"
LIST, FREE_BUSY, OWNED = (
    f"{SCOPE}.calendarlist.readonly",
    f"{SCOPE}.events.freebusy",
    f"{SCOPE}.events.owned",
)
WITH_TOKEN_FORBIDDEN = {"iCalUID", "orderBy", "privateExtendedProperty", "q", "timeMin", "timeMax", "updatedMin"}
LIST_PARAMETERS = {
    "singleEvents",
    "maxResults",
    "maxAttendees",
    "fields",
    "syncToken",
    "pageToken",
    "timeMin",
    "timeMax",
}
WRITABLE = {
    "id",
    "summary",
    "description",
    "location",
    "start",
    "end",
    "status",
    "transparency",
    "visibility",
    "reminders",
    "extendedProperties",
    "colorId",
    "attendees",
}


class Refused(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class GoogleCalendar:
    """One calendar of the account."""

    id: str
    summary: str
    role: str = "owner"
    zone: str = "America/Denver"
    is_main: bool = False
    events: dict[str, dict[str, Any]] = field(default_factory=dict)


class FakeGoogle(FakeProvider):
    """One account with its calendars. ``page`` is how many events it puts on a page at most."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.page = 2500
        self.count = 0
        self.oldest_token = 0
        self.channels: dict[str, dict[str, Any]] = {}
        self.calendars = {
            each.id: each
            for each in (
                GoogleCalendar("dana@example.com", "dana@example.com", is_main=True),
                GoogleCalendar("family@group.calendar.google.com", "Family", role="writer"),
                GoogleCalendar("en.usa#holiday@group.v.calendar.google.com", "Holidays", role="reader"),
            )
        }

    def add_routes(self) -> None:
        base = "/calendar/v3"
        self.app.register_error_handler(Refused, self._refuse)
        for rule, view, methods in (
            ("/users/me/calendarList", self._list_calendars, ["GET"]),
            ("/users/me/calendarList/<path:calendar_id>", self._show_calendar, ["GET"]),
            ("/calendars/<calendar_id>/events", self._list_events, ["GET"]),
            ("/calendars/<calendar_id>/events", self._insert, ["POST"]),
            ("/calendars/<calendar_id>/events/watch", self._watch, ["POST"]),
            ("/channels/stop", self._stop, ["POST"]),
            ("/calendars/<calendar_id>/events/<event_id>", self._event, ["GET", "PUT", "DELETE"]),
        ):
            self.app.add_url_rule(base + rule, f"{view.__name__}", view, methods=methods)

    # What a test does as the calendar's owner.

    def put(self, event_id: str, calendar_id: str = "dana@example.com", **given: Any) -> dict[str, Any]:
        """Write an event, or over one."""
        event = {
            "iCalUID": f"{event_id}@google.com",
            "status": "confirmed",
            "summary": "Secret plans",
            "description": "Nobody's business",
            "eventType": "default",
            **self.calendars[calendar_id].events.get(event_id, {}),
            **given,
            "id": event_id,
        }
        return self._store(self.calendars[calendar_id], event)

    def delete(self, event_id: str, calendar_id: str = "dana@example.com") -> None:
        event = self.calendars[calendar_id].events[event_id]
        self._store(self.calendars[calendar_id], {**event, "status": "cancelled"})

    def expire_tokens(self) -> None:
        self.count += 1
        self.oldest_token = self.count

    def _store(self, calendar: GoogleCalendar, event: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        calendar.events[event["id"]] = {**event, "etag": f'"{self.count}"', "#": self.count}
        return calendar.events[event["id"]]

    # What it answers.

    def _refuse(self, refused: Refused) -> ResponseReturnValue:
        said = {"domain": "global", "reason": refused.reason, "message": refused.reason}
        return jsonify(error={"code": refused.status, "message": refused.reason, "errors": [said]}), refused.status

    def _require(self, *scopes: str) -> None:
        grant = self.grant_of_request()
        if grant is None:
            raise Refused(401, "authError")
        if not set(scopes) & set(grant.scopes):
            raise Refused(403, "insufficientPermissions")

    def _calendar(self, calendar_id: str, *, to_write: bool = False) -> GoogleCalendar:
        self._require(*([OWNED] if to_write else [OWNED, FREE_BUSY]))
        calendar = self.calendars.get(calendar_id)
        if calendar is None:
            raise Refused(404, "notFound")
        if to_write and calendar.role != "owner":
            raise Refused(403, "insufficientPermissions")  # The scope reaches only what one owns.
        return calendar

    def _list_calendars(self) -> ResponseReturnValue:
        self._require(LIST)
        return _masked({"kind": "calendar#calendarList", "items": [_listed(each) for each in self.calendars.values()]})

    def _show_calendar(self, calendar_id: str) -> ResponseReturnValue:
        self._require(LIST)
        if calendar_id not in self.calendars:
            raise Refused(404, "notFound")
        return _masked(_listed(self.calendars[calendar_id]))

    def _list_events(self, calendar_id: str) -> ResponseReturnValue:
        calendar, asked = self._calendar(calendar_id), request.args
        if set(asked) - LIST_PARAMETERS or asked.get("singleEvents") != "true":
            raise Refused(400, "badRequest")
        if "syncToken" in asked:
            if WITH_TOKEN_FORBIDDEN & set(asked):
                raise Refused(400, "syncTokenWithRequestRestrictions")
            since = int(asked["syncToken"])
            if since < self.oldest_token:
                raise Refused(410, "fullSyncRequired")
            found = [each for each in calendar.events.values() if each["#"] > since]
        else:
            found = [each for each in calendar.events.values() if _is_within(each, asked, calendar.zone)]
        begin, size = int(asked.get("pageToken", 0)), min(self.page, int(asked.get("maxResults", 250)))
        answer: dict[str, Any] = {
            "kind": "calendar#events",
            "summary": calendar.summary,
            "timeZone": calendar.zone,
            "items": [self._shown(calendar, each) for each in found[begin : begin + size]],
        }
        if begin + size < len(found):
            answer["nextPageToken"] = str(begin + size)
        else:
            answer["nextSyncToken"] = str(self.count)
        return _masked(answer)

    def _shown(self, calendar: GoogleCalendar, event: Mapping[str, Any]) -> dict[str, Any]:
        grant = self.grant_of_request()
        assert grant is not None
        if event["status"] == "cancelled":
            return {"kind": "calendar#event", "id": event["id"], "etag": event["etag"], "status": "cancelled"}
        sees_all = calendar.role == "owner" and OWNED in grant.scopes
        hidden = {"#"} if sees_all else {"#", "summary", "description", "attendees", "extendedProperties", "location"}
        return {"kind": "calendar#event", **{name: value for name, value in event.items() if name not in hidden}}

    def _watch(self, calendar_id: str) -> ResponseReturnValue:
        """guides/push: an https address, an id of one's own that is used once, and a token that comes back."""
        calendar, body = self._calendar(calendar_id), request.get_json()
        if body["type"] != "web_hook" or not body["address"].startswith("https://"):
            raise Refused(400, "push.webhookUrlNotHttps")
        if body["id"] in self.channels or len(body["id"]) > 64 or len(body["token"]) > 256:
            raise Refused(400, "channelIdNotUnique")
        self.channels[body["id"]] = {**body, "resourceId": f"resource-{calendar.id}"}
        kept = {name: self.channels[body["id"]][name] for name in ("id", "resourceId", "token", "expiration")}
        return jsonify(kind="api#channel", **kept)

    def _stop(self) -> ResponseReturnValue:
        self._require(OWNED, FREE_BUSY)
        body = request.get_json()
        if self.channels.get(body["id"], {}).get("resourceId") != body["resourceId"]:
            raise Refused(404, "channelUnknown")
        del self.channels[body["id"]]
        return "", 204

    def _insert(self, calendar_id: str) -> ResponseReturnValue:
        calendar, body = self._calendar(calendar_id, to_write=True), _body()
        own_id = body.get("id") or f"auto{self.count}"
        if not re.fullmatch(r"[a-v0-9]{5,1024}", own_id):
            raise Refused(400, "invalid")
        if own_id in calendar.events:
            raise Refused(409, "duplicate")
        new = {"status": "confirmed", "eventType": "default", "iCalUID": f"{own_id}@google.com", **body, "id": own_id}
        return _masked(self._shown(calendar, self._store(calendar, new)))

    def _event(self, calendar_id: str, event_id: str) -> ResponseReturnValue:
        calendar = self._calendar(calendar_id, to_write=request.method != "GET")
        event = calendar.events.get(event_id)
        if event is None:
            raise Refused(404, "notFound")
        if request.method == "GET":
            return _masked({**self._shown(calendar, event), "iCalUID": event["iCalUID"]})
        if request.method == "DELETE" and event["status"] == "cancelled":
            raise Refused(410, "deleted")
        if request.headers.get("If-Match", event["etag"]) != event["etag"]:
            raise Refused(412, "conditionNotMet")
        if request.method == "DELETE":
            self._store(calendar, {**event, "status": "cancelled"})
            return "", 204
        kept = {name: event[name] for name in ("id", "iCalUID", "eventType")}
        return _masked(self._shown(calendar, self._store(calendar, {"status": "confirmed", **_body(), **kept})))


def at(instant: datetime, zone: str = "America/Denver") -> dict[str, str]:
    """As an event says when."""
    return {"dateTime": instant.astimezone(walltime.zone(zone)).isoformat(), "timeZone": zone}


def _listed(calendar: GoogleCalendar) -> dict[str, Any]:
    return {
        "kind": "calendar#calendarListEntry",
        "id": calendar.id,
        "summary": calendar.summary,
        "accessRole": calendar.role,
        "timeZone": calendar.zone,
        **({"primary": True} if calendar.is_main else {}),
    }


def _body() -> dict[str, Any]:
    body = request.get_json()
    if set(body) - WRITABLE or "start" not in body or "end" not in body:
        raise Refused(400, "required")
    if request.args.get("sendUpdates") != "none" or body.get("attendees"):
        raise AssertionError("somebody would get a mail")
    return dict(body)


def _is_within(event: Mapping[str, Any], asked: Mapping[str, str], zone: str) -> bool:
    if event["status"] == "cancelled":
        return False
    starts_at, ends_at = _instant(event["start"], zone), _instant(event["end"], zone)
    since, until = (datetime.fromisoformat(asked[each]) if each in asked else None for each in ("timeMin", "timeMax"))
    return (since is None or ends_at > since) and (until is None or starts_at < until)


def _instant(said: Mapping[str, str], zone: str) -> datetime:
    if "dateTime" in said:
        return datetime.fromisoformat(said["dateTime"])
    return datetime.combine(date.fromisoformat(said["date"]), time(), walltime.zone(zone))


def _masked(data: dict[str, Any]) -> ResponseReturnValue:
    """Only the fields that were asked for."""
    asked = request.args.get("fields")
    return jsonify(_project(data, _parse(asked)) if asked else data)


def _parse(mask: str) -> dict[str, Any]:
    """ "a,b(c,d/e)" as {"a": {}, "b": {"c": {}, "d": {"e": {}}}}; an empty one means all of it."""
    tree: dict[str, Any] = {}
    depth = begin = 0
    parts = []
    for place, letter in enumerate(mask + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append(mask[begin:place])
            begin = place + 1
    for part in parts:
        name, paren, rest = part.partition("(")
        if paren:
            tree[name] = _parse(rest[:-1])
        else:
            head, slash, tail = part.partition("/")
            tree[head] = {**tree.get(head, {}), **(_parse(tail) if slash else {})}
    return tree


def _project(data: Any, tree: Mapping[str, Any]) -> Any:
    if not tree:
        return data
    if isinstance(data, list):
        return [_project(each, tree) for each in data]
    return {name: _project(data[name], below) for name, below in tree.items() if name in data}


def hours(begin: datetime, *, hours: float = 1) -> dict[str, Any]:
    """Start and end of an event."""
    return {"start": at(begin), "end": at(begin + timedelta(hours=hours))}
