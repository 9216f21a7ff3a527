"""What a client opens from a message: seeing, moving and cancelling an appointment, and the way into the room.

These pages open without a login, so they are as discreet as a text: no kind of service, no credential, and the
practice's neutral name (invariant 9).
"""

from __future__ import annotations

from flask import Blueprint, Response

from telehealth.web.client import joining, language, managing, moving, renewing, texts

blueprint = Blueprint("client", __name__)
managing.add_to(blueprint)
moving.add_to(blueprint)
texts.add_to(blueprint)
language.add_to(blueprint)
joining.add_to(blueprint)
renewing.add_to(blueprint)


@blueprint.after_request
def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
