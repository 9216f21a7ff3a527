"""Finding who is asked first among 5,000 who wait, when one hour becomes free.

Beside it the least that anybody could do: the same rows from the bare driver, and the same wishes read with ``json``
and compared with ``datetime``, one after the other.
"""

from __future__ import annotations

import json
import random
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench import databases, figures, workload, yardstick
from bench.figures import Place
from bench.measure import Figure, milliseconds
from bench.processes import in_fresh_process
from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.words import Mode, WaitlistStatus
from telehealth.models import WaitlistEntry
from telehealth.queries.waitlist.freed_slots import Freed, WaitlistSearch

WAITING = 5_000
THERAPISTS = 20
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
HOUR, DURATION = workload.HOUR, workload.DURATION


def matching(folder: Path, kind: str) -> Generator[Figure, None, None]:
    """From a freed hour to those who would be asked, in their order."""
    place = figures.half_full(folder, THERAPISTS, kind=kind)
    (ours, bare), peak = in_fresh_process(_matching, place)
    name = f"9  a freed hour, {WAITING:,} wait, {kind}"
    yield Figure(name=name, value=ours, unit="ms", yardstick=bare, aim="<= 50 ms", peak=peak)


def _matching(place: Place) -> tuple[float, float]:
    bare = yardstick.Database(place.url)
    with databases.service(place.url, place.folder).app_context():
        _fill(place)
        since = _free_an_hour(bare)
        freed = Freed(1, 1, 1, since, since + HOUR, place.now)
        ours, theirs = partial(_willing, freed, place.now), partial(_willing_by_hand, bare, freed)
        found = ours()
        assert found == theirs()
        assert found
        return milliseconds(ours, theirs, calls=5)


def _willing(freed: Freed, now: datetime) -> list[int]:
    """Everybody to whom the hour could be offered, in the order in which the service would ask them."""
    search = WaitlistSearch(freed, now)
    return [wait.entry_id for wait in search.ranked() if next(search.proposals(wait), None) is not None]


def _willing_by_hand(database: yardstick.Database, freed: Freed) -> list[int]:
    since, until = int(freed.starts_at.timestamp()), int(freed.ends_at.timestamp())
    free = yardstick.free_starts(database, freed.therapist_id, since - yardstick.LASTS + 1, until)
    slots = [(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(start, UTC) + DURATION) for start in free]
    own = {
        key
        for (key,) in database.run(
            "SELECT client_id FROM attendee JOIN appointment ON appointment.id = appointment_id WHERE therapist_id = ?",
            freed.therapist_id,
        )
    }
    found = []
    for key, client, ids, windows, zone, created in database.run(_WAITING, "waiting"):
        therapists, local = _read(ids), walltime.zone(zone)
        if therapists and freed.therapist_id not in therapists:
            continue
        seen = [(starts.astimezone(local), ends.astimezone(local)) for starts, ends in slots]
        if any(_inside(window, *slot) for window in _read(windows) for slot in seen):
            found.append((not therapists and client not in own, created, key))
    return [key for *_, key in sorted(found)]


_WAITING = "SELECT id, client_id, therapist_ids, windows, timezone, created_at FROM waitlist_entry WHERE status = ?"


def _inside(window: dict[str, Any], starts: datetime, ends: datetime) -> bool:
    return bool(
        window["weekday"] == starts.weekday() == ends.weekday()
        and window["starts"] <= f"{starts:%H:%M}"
        and f"{ends:%H:%M}" <= window["ends"]
    )


def _read(kept: Any) -> Any:
    return json.loads(kept) if isinstance(kept, str) else kept


def _fill(place: Place) -> None:
    chance = random.Random(9)  # noqa: S311 -- a workload, not a secret
    with transaction() as session:
        session.connection().execute(insert(WaitlistEntry), [_entry(n, chance, place.now) for n in range(WAITING)])


def _entry(number: int, chance: random.Random, now: datetime) -> dict[str, Any]:
    """Two days of the week, some hours on each; every third names a therapist or two."""
    named = chance.sample(range(1, THERAPISTS + 1), chance.choice([0, 0, 1, 2]))
    return {
        "practice_id": 1,
        "service_id": 1,
        "client_id": chance.randint(1, THERAPISTS * workload.CLIENTS_EACH),
        "name": f"Client {number}",
        "email": f"client{number}@people.example",
        "timezone": chance.choice(ZONES),
        "jurisdiction": workload.STATE,
        "modes": [Mode.VIRTUAL.value],
        "therapist_ids": sorted(named),
        "windows": [_window(weekday, chance) for weekday in sorted(chance.sample(workload.WORKDAYS, 2))],
        "until": (now + timedelta(days=60)).date(),
        "status": WaitlistStatus.WAITING,
        "created_at": now - number * timedelta(minutes=1),
        "changed_at": now,
    }


def _window(weekday: int, chance: random.Random) -> dict[str, Any]:
    opens = chance.randint(7, 15)
    return {"weekday": weekday, "starts": f"{opens:02}:00", "ends": f"{opens + chance.randint(2, 6):02}:00"}


def _free_an_hour(database: yardstick.Database) -> datetime:
    """The first therapist's first appointment is called off."""
    first = "SELECT id, %s FROM appointment WHERE therapist_id = 1 ORDER BY starts_at LIMIT 1"
    key, starts = database.run(first % database.seconds("starts_at")).fetchone()
    database.run("DELETE FROM occupancy WHERE appointment_id = ?", key)
    database.run("UPDATE appointment SET status = ? WHERE id = ?", "cancelled", key)
    return datetime.fromtimestamp(starts, UTC)
