"""The first page: the way to the practice, when there is only one, to the desk, and to a practice of one's own while
there is none.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.queries.practice.practices import find_only_practice, list_practices
from telehealth.web.access import staff_are_signed_in
from telehealth.web.headers import limiter
from telehealth.web.starting import is_open_to_all, may_start

READS = "180 per minute"
MOST_NAMED = 50

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
@access.public
@limiter.limit(READS)
def first_page() -> ResponseReturnValue:
    """Staff go to their desk, visitors to the only practice. Of several none is named: that is theirs to do. Where
    nobody has a practice of their own yet, the page says how one begins. On one's own machine there is no secret in
    which practices there are.
    """
    if staff_are_signed_in():
        return redirect(url_for("desk.today"))
    only = find_only_practice()
    if may_start():
        return render_template("front.html", demo=only, starts=True, is_open=is_open_to_all())
    if only is not None:
        return redirect(url_for("booking.show_practice", slug=only.slug))
    return render_template("front.html", practices=list_practices(most=MOST_NAMED) if is_open_to_all() else [])
