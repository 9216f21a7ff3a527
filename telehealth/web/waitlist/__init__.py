"""Waiting for a time: the wish, the place in line, and the offer of something that became free."""

from __future__ import annotations

from flask import Blueprint, Response

from telehealth.web.waitlist import joining, offers, place

blueprint = Blueprint("waitlist", __name__)
joining.add_to(blueprint)
place.add_to(blueprint)
offers.add_to(blueprint)


@blueprint.after_request
def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
