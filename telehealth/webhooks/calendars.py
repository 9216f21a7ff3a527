"""What Google and Microsoft post when something in a connected calendar is new. Nothing of it is believed but that: the
connection is read at once, as it would be anyway a little later.

Google: developers.google.com/workspace/calendar/api/guides/push; everything is in the headers. Microsoft:
learn.microsoft.com/graph/change-notifications-delivery-webhooks; it first asks whether we listen at all
(``validationToken``), and sends several notices at once.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.services.calendars import watching
else:
    watching = Library("telehealth.services.calendars.watching")

blueprint = Blueprint("calendar_news", __name__, url_prefix="/webhooks/calendars")

LONGEST_WORD, MOST_NOTICES, LARGEST_BODY = 1000, 100, 256 * 1024


@blueprint.post("/google")
@access.signed_by_provider
def google_told() -> ResponseReturnValue:
    """One notice. The first one of a channel says only that it is there, before we have written it down."""
    if request.headers.get("X-Goog-Resource-State") == "sync":
        return Response(status=HTTPStatus.NO_CONTENT)
    _note(request.headers.get("X-Goog-Channel-ID", ""), request.headers.get("X-Goog-Channel-Token", "")) or abort(404)
    return Response(status=HTTPStatus.NO_CONTENT)


@blueprint.post("/microsoft")
@access.signed_by_provider
def microsoft_told() -> ResponseReturnValue:
    """Its question, repeated as text within ten seconds; or notices, whose ``clientState`` is the name of the channel
    and its token, with a full stop in between.
    """
    if "validationToken" in request.args:
        return Response(request.args["validationToken"][:LONGEST_WORD], mimetype="text/plain")
    request.max_content_length = LARGEST_BODY
    states = _read_states(_read_body())
    heard = [_note(*state.partition(".")[::2]) for state in states]
    return Response(status=HTTPStatus.ACCEPTED if any(heard) else HTTPStatus.NOT_FOUND)


def _read_body() -> Any:
    """The JSON that came; None for what is none, or nested without end."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _read_states(body: Any) -> set[str]:
    """Whose channels the notices are of; one that comes several times is heard once."""
    notices = body.get("value") if isinstance(body, dict) else None
    if not isinstance(notices, list):
        return set()
    return {str(each.get("clientState", "")) for each in notices[:MOST_NOTICES] if isinstance(each, dict)}


def _note(name: str, token: str) -> bool:
    """Whether a provider of ours said it."""
    is_word = 0 < len(name) <= LONGEST_WORD and name.isascii() and name.isprintable() and len(token) <= LONGEST_WORD
    return is_word and watching.note_news(channel_public_id=name, token=token, now=clock.now())
