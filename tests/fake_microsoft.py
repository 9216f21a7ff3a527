"""A small Microsoft Graph on loopback, after its public description (learn.microsoft.com/graph):

- api/user-list-calendars, api/calendar-get, api/calendar-list-calendarview, api/calendar-list-events,
  api/calendar-post-events, api/event-get, api/event-update, api/event-delete: parameters, permissions and answers
- query-parameters: $select, $expand, $filter and $top, with an @odata.nextLink to each page that is left
- api/singlevaluelegacyextendedproperty-post-singlevalueextendedproperties, …-get: values of our own, if expanded
- resources/event: transactionId; outlook-immutable-id and the zone of an answer by Prefer; errors: how it says no

A recurring event is stored as its occurrences, as a view shows them. Refresh tokens are new each time
(learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow), and there is no address that takes them back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from tests.fake_oauth import FakeProvider

SELECTED = {"$select", "$expand", "$top", "$skip", "$filter", "startDateTime", "endDateTime"}
WRITABLE = {
    "subject",
    "body",
    "location",
    "start",
    "end",
    "showAs",
    "sensitivity",
    "isReminderOn",
    "categories",
    "singleValueExtendedProperties",
    "transactionId",
    "attendees",
}
MOST = 1000
FILTER = re.compile(
    r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']*)' and ep/value eq '((?:[^']|'')*)'\)", re.IGNORECASE
)


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class MicrosoftCalendar:
    """One calendar of the mailbox."""

    id: str
    name: str
    can_edit: bool = True
    is_main: bool = False
    events: dict[str, dict[str, Any]] = field(default_factory=dict)


class FakeMicrosoft(FakeProvider):
    """One mailbox with its calendars. ``page`` is how many events it puts on a page at most."""

    authorize_path = "/common/oauth2/v2.0/authorize"
    token_path = "/common/oauth2/v2.0/token"
    revoke_path = "/no-such-thing"
    rotates = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.page = MOST
        self.count = 0
        self.transactions: dict[str, str] = {}
        self.refuses_used_transactions = False
        self.channels: dict[str, dict[str, Any]] = {}
        self.asks: Callable[[str, str], str] = lambda _address, question: question
        self.calendars = {
            each.id: each
            for each in (
                MicrosoftCalendar("AAMkA/family=", "Family", can_edit=False),
                MicrosoftCalendar("AAMkA/main==", "Calendar", is_main=True),
            )
        }

    def is_lasting(self, asked: Mapping[str, str], scopes: tuple[str, ...]) -> bool:
        return "offline_access" in scopes

    def named_scopes(self, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"https://graph.microsoft.com/{each}" for each in scopes if each != "offline_access")

    def add_routes(self) -> None:
        self.app.register_error_handler(Refused, self._refuse)
        for rule, view, methods in (
            ("/me/calendar", self._main_calendar, ["GET"]),
            ("/me/calendars", self._list_calendars, ["GET"]),
            ("/me/calendars/<path:calendar_id>", self._show_calendar, ["GET"]),
            ("/me/calendars/<path:calendar_id>/calendarView", self._view, ["GET"]),
            ("/me/calendars/<path:calendar_id>/events", self._events, ["GET"]),
            ("/me/calendars/<path:calendar_id>/events", self._create, ["POST"]),
            ("/me/calendars/<path:calendar_id>/events/<path:event_id>", self._event_of, ["GET"]),
            ("/subscriptions", self._subscribe, ["POST"]),
            ("/subscriptions/<name>", self._unsubscribe, ["DELETE"]),
            ("/me/events/<path:event_id>", self._event, ["PATCH", "DELETE"]),
        ):
            self.app.add_url_rule(f"/v1.0{rule}", view.__name__, view, methods=methods)

    # What a test does as the mailbox's owner.

    def put(self, event_id: str, calendar_id: str = "AAMkA/main==", **given: Any) -> dict[str, Any]:
        """Write an event, or over one."""
        event = {
            "iCalUId": f"040000008200E00074C5B7101A82E008{event_id}",
            "subject": "Secret plans",
            "body": {"contentType": "html", "content": "Nobody's business"},
            "isAllDay": False,
            "isCancelled": False,
            "showAs": "busy",
            "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
            "transactionId": None,
            **self.calendars[calendar_id].events.get(event_id, {}),
            **given,
            "id": event_id,
        }
        return self._store(self.calendars[calendar_id], event)

    def delete(self, event_id: str, calendar_id: str = "AAMkA/main==") -> None:
        del self.calendars[calendar_id].events[event_id]

    def _store(self, calendar: MicrosoftCalendar, event: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        calendar.events[event["id"]] = {**event, "@odata.etag": f'W/"{self.count}"'}
        return calendar.events[event["id"]]

    # What it answers.

    def _refuse(self, refused: Refused) -> ResponseReturnValue:
        return jsonify(error={"code": refused.code, "message": refused.code}), refused.status

    def _require(self, *, to_write: bool = False) -> None:
        grant = self.grant_of_request()
        if grant is None:
            raise Refused(401, "InvalidAuthenticationToken")
        if "Calendars.ReadWrite" not in grant.scopes and (to_write or "Calendars.Read" not in grant.scopes):
            raise Refused(403, "ErrorAccessDenied")
        if set(request.args) - SELECTED or 'IdType="ImmutableId"' not in request.headers.get("Prefer", ""):
            raise AssertionError(f"not as it was meant: {request.full_path}")

    def _calendar(self, calendar_id: str, *, to_write: bool = False) -> MicrosoftCalendar:
        self._require(to_write=to_write)
        if calendar_id not in self.calendars:
            raise Refused(404, "ErrorItemNotFound")
        return self.calendars[calendar_id]

    def _main_calendar(self) -> ResponseReturnValue:
        self._require()
        return jsonify(next(_selected(self._listed(each)) for each in self.calendars.values() if each.is_main))

    def _list_calendars(self) -> ResponseReturnValue:
        self._require()
        return jsonify(value=[_selected(self._listed(each)) for each in self.calendars.values()])

    def _show_calendar(self, calendar_id: str) -> ResponseReturnValue:
        return jsonify(_selected(self._listed(self._calendar(calendar_id))))

    def _listed(self, calendar: MicrosoftCalendar) -> dict[str, Any]:
        return {
            "id": calendar.id,
            "name": calendar.name,
            "canEdit": calendar.can_edit,
            "isDefaultCalendar": calendar.is_main,
            "owner": {"name": "Dana", "address": self.account},
        }

    def _view(self, calendar_id: str) -> ResponseReturnValue:
        calendar = self._calendar(calendar_id)
        since, until = (datetime.fromisoformat(request.args[each]) for each in ("startDateTime", "endDateTime"))
        found = [each for each in calendar.events.values() if _instant(each["end"]) > since]
        return self._page([each for each in found if _instant(each["start"]) < until])

    def _events(self, calendar_id: str) -> ResponseReturnValue:
        calendar = self._calendar(calendar_id)
        named = FILTER.fullmatch(request.args["$filter"])
        if named is None:
            raise Refused(400, "ErrorInvalidUrlQueryFilter")
        wanted = {"id": named[1], "value": named[2].replace("''", "'")}
        found = [each for each in calendar.events.values() if wanted in each.get("singleValueExtendedProperties", ())]
        return self._page(found)

    def _page(self, found: list[dict[str, Any]]) -> ResponseReturnValue:
        begin, size = int(request.args.get("$skip", 0)), min(self.page, int(request.args.get("$top", 10)))
        answer: dict[str, Any] = {"value": [_selected(each) for each in found[begin : begin + size]]}
        if begin + size < len(found):
            rest = {**request.args, "$skip": str(begin + size)}
            query = "&".join(f"{quote(name)}={quote(value)}" for name, value in rest.items())
            answer["@odata.nextLink"] = f"{self.url}{quote(request.path)}?{query}"
        return jsonify(answer)

    def _create(self, calendar_id: str) -> ResponseReturnValue:
        calendar, body = self._calendar(calendar_id, to_write=True), _body()
        if not calendar.can_edit:
            raise Refused(403, "ErrorAccessDenied")
        transaction = body.get("transactionId")
        if transaction in self.transactions:
            known = calendar.events.get(self.transactions[transaction])
            if known is None or self.refuses_used_transactions:
                raise Refused(409, "ErrorDuplicateTransactionId")
            return jsonify(_selected(known)), 201
        new_id = f"AAMkE/{self.count}="
        if transaction:
            self.transactions[transaction] = new_id
        return jsonify(_selected(self.put(new_id, calendar_id, **body))), 201

    def _subscribe(self) -> ResponseReturnValue:
        """api/subscription-post-subscriptions: the address must answer a question first, within ten seconds."""
        self._require()
        body, question = request.get_json(), f"Validation: Testing client application {self.count}"
        if set(body) != {"changeType", "notificationUrl", "resource", "expirationDateTime", "clientState"}:
            raise Refused(400, "InvalidRequest")
        if not body["notificationUrl"].startswith("https://") or body["resource"] != "/me/events":
            raise Refused(400, "InvalidRequest")
        if len(body["clientState"]) > 128 or self.asks(body["notificationUrl"], question) != question:
            raise Refused(400, "ValidationError")
        self.count += 1
        self.channels[f"subscription-{self.count}"] = body
        return jsonify({**body, "id": f"subscription-{self.count}"}), 201

    def _unsubscribe(self, name: str) -> ResponseReturnValue:
        self._require()
        if self.channels.pop(name, None) is None:
            raise Refused(404, "ResourceNotFound")
        return "", 204

    def _event_of(self, calendar_id: str, event_id: str) -> ResponseReturnValue:
        event = self._calendar(calendar_id).events.get(event_id)
        if event is None:
            raise Refused(404, "ErrorItemNotFound")
        return jsonify(_selected(event))

    def _event(self, event_id: str) -> ResponseReturnValue:
        self._require(to_write=True)
        calendar = next((each for each in self.calendars.values() if event_id in each.events), None)
        if calendar is None:
            raise Refused(404, "ErrorItemNotFound")
        event = calendar.events[event_id]
        if request.headers.get("If-Match", event["@odata.etag"]) != event["@odata.etag"]:
            raise Refused(412, "ErrorIrresolvableConflict")
        if request.method == "DELETE":
            del calendar.events[event_id]
            return "", 204
        return jsonify(_selected(self._store(calendar, {**event, **_body()})))


def at(instant: datetime) -> dict[str, str]:
    """As an event says when, in UTC."""
    return {"dateTime": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def hours(begin: datetime, *, hours: float = 1) -> dict[str, Any]:
    """Start and end of an event."""
    return {"start": at(begin), "end": at(begin + timedelta(hours=hours))}


def _instant(said: Mapping[str, str]) -> datetime:
    assert said["timeZone"] == "UTC"
    return datetime.fromisoformat(said["dateTime"]).replace(tzinfo=UTC)


def _body() -> dict[str, Any]:
    body = request.get_json()
    if set(body) - WRITABLE:
        raise Refused(400, "ErrorInvalidProperty")
    if body.get("attendees") or body.get("isReminderOn", True):
        raise AssertionError("somebody would be reminded, or get a mail")
    return dict(body)


def _selected(data: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was selected or expanded; the version and the id always."""
    names = request.args.get("$select", "").split(",") if "$select" in request.args else list(data)
    shown = {name: data[name] for name in [*names, "id", "@odata.etag"] if name in data}
    shown.pop("singleValueExtendedProperties", None)
    expanded = re.fullmatch(r"singleValueExtendedProperties\(\$filter=(.*)\)", request.args.get("$expand", ""))
    if expanded:
        wanted = re.findall(r"id eq '([^']*)'", expanded[1])
        if found := [each for each in data.get("singleValueExtendedProperties", ()) if each["id"] in wanted]:
            shown["singleValueExtendedProperties"] = found
    return shown
