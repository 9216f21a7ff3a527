"""Whether the service is well, for load balancers and monitors."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from telehealth import clock, observability
from telehealth.domain import access
from telehealth.queries.delivery.outbox import count_due_messages, oldest_lateness

blueprint = Blueprint("health", __name__)

LATE = timedelta(minutes=5)
"""Providers have their moments; messages that wait for longer need somebody to look at ``flask jobs``."""


@blueprint.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """200 when the database answers. An exception becomes a 500, which is the other answer.

    Pages work when messages are late, so that is no reason to take a web process away: ``status`` says it.
    """
    late_by = oldest_lateness(now=clock.now())
    return jsonify(status="late" if late_by > LATE else "ok", oldest_due_seconds=int(late_by.total_seconds()))


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
