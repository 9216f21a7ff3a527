"""Whether the service is well, for load balancers and monitors."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from telehealth.database import db
from telehealth.domain import access

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """200 when the database answers. An exception becomes a 500, which is the other answer."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")
