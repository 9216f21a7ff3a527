"""Pictures for everybody: one address for each, named by what is in it, so that browsers need ask for it once only."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.pictures import MEDIA_TYPE
from telehealth.queries.practice.practices import find_picture
from telehealth.web.headers import ONE_YEAR, limiter

READS = "600 per minute"

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/pictures/<digest>.webp")
@access.public
@limiter.limit(READS)
def show_picture(digest: str) -> ResponseReturnValue:
    """The picture. Whatever lies in the database goes out as WebP and as nothing else, and could run nothing."""
    response = Response(find_picture(digest), mimetype=MEDIA_TYPE)
    response.set_etag(digest)
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline; filename=picture.webp"
    return response.make_conditional(request)
