"""Private calendars, for calendar programs to poll."""

from __future__ import annotations

import gzip
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.late import Library
from telehealth.models import CalendarFeed
from telehealth.queries.calendars.feeds import FeedContent, find_feed_by_secret, is_noted, read_feed
from telehealth.web.link_pages import find_addresses

if TYPE_CHECKING:
    from telehealth.services.calendars import feed_addresses
else:
    feed_addresses = Library("telehealth.services.calendars.feed_addresses")

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/calendar/<secret>.ics")
@access.by_link
def show_feed(secret: str) -> ResponseReturnValue:
    """The feed. Whoever has its newest copy gets 304; what was written once is given again, until it is otherwise."""
    now = clock.now()
    feed = find_feed_by_secret(secret)
    content = read_feed(feed, base_url=find_addresses().base_url, now=now)
    is_small = request.accept_encodings.quality("gzip") > 0
    response = Response(mimetype="text/calendar")
    # The same calendar in other bytes: only a strong mark would promise the very same ones.
    response.set_etag(content.version, weak=is_small)
    response.last_modified = _note(feed, content, now=now)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.vary.add("Accept-Encoding")
    if not request.if_none_match.contains_weak(content.version):
        _fill(response, content, is_small=is_small)
    return response.make_conditional(request)


def _note(feed: CalendarFeed, content: FeedContent, *, now: datetime) -> datetime | None:
    program = request.user_agent.string
    if is_noted(feed, content, program, now=now):
        return feed.version_since
    return feed_addresses.note_reading(feed_id=feed.id, version=content.version, user_agent=program, now=now)


def _fill(response: Response, content: FeedContent, *, is_small: bool) -> None:
    written = _written(content)
    if is_small:
        response.content_encoding = "gzip"
    response.set_data(written if is_small else gzip.decompress(written))


@lru_cache(maxsize=64)
def _kept(_version: str) -> list[bytes]:
    """A place for the bytes of one version; the least used versions are forgotten."""
    return []


def _written(content: FeedContent) -> bytes:
    """Compressed: so dozens of long feeds are kept in the room of one."""
    kept = _kept(content.version)
    if not kept:
        kept.append(gzip.compress(content.write(), compresslevel=6, mtime=0))
    return kept[0]
