"""Trying one's own camera, microphone, speaker and network, for whoever works here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.late import Library
from telehealth.web.acting import viewer
from telehealth.web.desk.frame import blueprint
from telehealth.web.headers import limiter
from telehealth.web.link_pages import NETWORK_TESTS

if TYPE_CHECKING:
    from telehealth.web import checks
else:
    checks = Library("telehealth.web.checks")


@blueprint.get("/video/check")
@access.staff()
def video_check() -> ResponseReturnValue:
    """The page."""
    address = url_for("desk.video_check")
    return checks.show_check_page(relays_url=address, back_url=url_for("desk.today"), check_link=address, is_open=True)


@blueprint.post("/video/check")
@access.staff()
@limiter.limit(NETWORK_TESTS, key_func=lambda: f"test:staff:{viewer.id}")
@access.answers_in_json
def video_check_network() -> ResponseReturnValue:
    """What a test of the network needs."""
    return checks.answer_test(is_open=True)
