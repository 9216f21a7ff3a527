"""The page on which a client chooses a time, beside the same times from our own API."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from bench import workload
from bench.figures import API, Place, half_full, zulu
from bench.measure import Figure, milliseconds
from bench.server import get, running
from bench.workload import SLUG, STATE, ZONE
from telehealth.web.booking.choices import ANYONE
from telehealth.web.free_times import ONE_WEEK, find_midnight, say_start

THERAPISTS, CALLS = 20, 20
CHOSEN = re.compile(rb'name="slot" value="([^"]+)"')


def pages_of_times(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """A week with one therapist, and with whoever is free."""
    place = half_full(folder, THERAPISTS, kind=kind)
    with running("wsgi:app", place.environ) as service:
        for therapist, who in ((workload.public_id("therapist", 1), "one"), ("", f"any of {THERAPISTS}")):
            page, api = page_of_times(place, therapist), times(place, therapist)
            assert list_shown(_body(service.send(page))) == list_told(_body(service.send(api)))
            ours, bare = partial(service.send, page), partial(service.send, api)
            value, other = milliseconds(ours, bare, calls=CALLS)
            name = f"4  page of times, {who}, {kind}"
            yield Figure(name=name, value=value, unit="ms", yardstick=other, aim="<= 1.5 x", peak=service.peak())


def page_of_times(place: Place, therapist: str) -> bytes:
    """The request of somebody who has answered all questions but the last; without a therapist anyone will do."""
    day = place.weeks.monday + ONE_WEEK
    answers = {"therapist": therapist or ANYONE, "state": STATE, "tz": ZONE.key, "week": day.isoformat()}
    return get(f"/{SLUG}/book?{urlencode(answers)}")


def times(place: Place, therapist: str) -> bytes:
    """The request of a program for the same week, which begins as many weeks from today as fit."""
    today = place.now.astimezone(ZONE).date()
    first = today + (place.weeks.monday + ONE_WEEK - today) // ONE_WEEK * ONE_WEEK
    asked = {
        "service": workload.public_id("service", 1),
        "mode": "virtual",
        "jurisdiction": STATE,
        "since": zulu(find_midnight(first, ZONE)),
        "until": zulu(find_midnight(first + ONE_WEEK, ZONE)),
        **({"therapist": therapist} if therapist else {}),
    }
    return get(f"{API}/slots?{urlencode(asked)}")


def list_shown(page: bytes) -> list[str]:
    """The slots of a page, as they stand in addresses."""
    return [slot.decode() for slot in CHOSEN.findall(page)]


def list_told(answer: bytes) -> list[str]:
    """The same of the API's answer."""
    slots = json.loads(answer)["slots"]
    return [f"{say_start(datetime.fromisoformat(slot['start']))}.{slot['therapist']}" for slot in slots]


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]
