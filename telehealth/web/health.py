"""Whether the service is well, for load balancers and monitors."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import make_url

from telehealth import clock, observability
from telehealth.domain import access, walltime
from telehealth.queries.delivery.outbox import count_due_messages, oldest_lateness
from telehealth.services.practice.examining import CANNOT_SERVE, IS_LATE, Problem, examine_database

blueprint = Blueprint("health", __name__)

LITTLE = 512
"""MiB that are left when a disk is nearly full: what is written in some days, and time to look for more."""
BEATS_MISSED, BEAT_TAKES = 3, timedelta(seconds=10)
"""Jobs are silent when so many beats are missing, and the last one had time to be written down."""
RETRY_AFTER = 30


@blueprint.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """200 when pages can be served: the database can be read and written, and its schema is ours. 503 otherwise, within
    a few seconds even when the database is locked.

    ``status`` is "unwell" when something needs mending, and "late" when only messages or jobs are: pages work then, so
    that is no reason to take a web process away. ``problems`` names what is wrong.
    """
    now, settings = clock.now(), current_app.config
    found = examine_database(
        jobs_silent_after=timedelta(seconds=BEATS_MISSED * settings["JOBS_POLL_SECONDS"]) + BEAT_TAKES,
        now=now,
    )
    free = min(_free_mib(path) for path in _where_we_write())
    problems = [*found.problems, *([Problem.DISK_NEARLY_FULL] if free < LITTLE else [])]
    answer = jsonify(
        status="ok" if not problems else "late" if IS_LATE.issuperset(problems) else "unwell",
        problems=problems,
        schema=found.schema,
        oldest_due_seconds=int(found.late_by.total_seconds()),
        jobs_beat_seconds_ago=int((now - found.jobs_beat_at).total_seconds()) if found.jobs_beat_at else None,
        disk_free_mib=free,
        zone_data=walltime.zone_data_version(),
    )
    if CANNOT_SERVE.intersection(problems):
        answer.status_code, answer.headers["Retry-After"] = HTTPStatus.SERVICE_UNAVAILABLE, str(RETRY_AFTER)
    return answer


def _where_we_write() -> Iterator[Path]:
    """Folders on this machine: what a PostgreSQL server has left, it says itself."""
    yield Path(current_app.config["DATA_DIR"])
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite" and url.database:
        yield Path(url.database).parent


def _free_mib(path: Path) -> int:
    """What is left on the disk of this folder, or of where it would be made."""
    there = next(each for each in (path.resolve(), *path.resolve().parents) if each.exists())
    return int(shutil.disk_usage(there).free // 2**20)


@blueprint.get("/metrics")
@access.public
def metrics() -> ResponseReturnValue:
    """Prometheus's text, for whoever knows METRICS_TOKEN; without that setting there is no such page."""
    token = current_app.config["METRICS_TOKEN"]
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        abort(401)
    now = clock.now()
    observability.show_backlog(count_due_messages(now=now), oldest_lateness(now=now).total_seconds())
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
