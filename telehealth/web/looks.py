"""How a practice's pages look, for everybody: its pictures and its colour. Each address names what is there, so that
browsers need ask for it once only.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.colours import make_stylesheet
from telehealth.domain.errors import NotFound
from telehealth.domain.pictures import MEDIA_TYPE
from telehealth.queries.practice.practices import find_picture
from telehealth.web.headers import ONE_YEAR, limiter

READS = "600 per minute"
KEPT = f"public, max-age={ONE_YEAR}, immutable"
_DIGITS = re.compile(r"[0-9a-f]{6}")

blueprint = Blueprint("looks", __name__)


@blueprint.get("/pictures/<digest>.webp")
@access.public
@limiter.limit(READS)
def show_picture(digest: str) -> ResponseReturnValue:
    """The picture. Whatever lies in the database goes out as WebP and as nothing else, and could run nothing."""
    response = Response(find_picture(digest), mimetype=MEDIA_TYPE)
    response.set_etag(digest)
    response.headers["Cache-Control"] = KEPT
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline; filename=picture.webp"
    return response.make_conditional(request)


@blueprint.get("/colours/<digits>.<version>.css")
@access.public
@limiter.limit(READS)
def show_colours(digits: str, version: str) -> ResponseReturnValue:
    """The rules. They follow from the colour alone, so nothing is looked up. Raises NotFound, also for a version that
    is not ours.
    """
    if not _DIGITS.fullmatch(digits):
        raise NotFound
    rules, ours = make_stylesheet(f"#{digits}")
    if version != ours:
        raise NotFound
    response = Response(rules, mimetype="text/css")
    response.set_etag(ours)
    response.headers["Cache-Control"] = KEPT
    return response.make_conditional(request)


def make_colours_url(colour: str) -> str:
    """Where the style sheet of a colour (#rrggbb) is."""
    return url_for("looks.show_colours", digits=colour[1:], version=make_stylesheet(colour)[1])
