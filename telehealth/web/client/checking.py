"""Trying one's own device before an appointment: days ahead, and once its room is open with the network, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.late import Library
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import open_seat_for_all
from telehealth.web.headers import limiter
from telehealth.web.link_pages import NETWORK_TESTS, READS, find_address_asked

if TYPE_CHECKING:
    from telehealth.web import checks
else:
    checks = Library("telehealth.web.checks")

TRIED_WHILE = frozenset({Door.NOT_YET, Door.OPEN})


@blueprint.get("/j/<token>/check")
@access.by_link
@limiter.limit(READS)
def show_check(token: str) -> ResponseReturnValue:
    """The page, as long as the appointment is not over. Looking at it is no arrival."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    join_url = url_for("client.show_join", token=token)
    if seat.door not in TRIED_WHILE:
        return redirect(join_url)
    return checks.show_check_page(
        relays_url=url_for("client.test_network", token=token),
        back_url=join_url,
        check_link=url_for("client.show_check", token=token),
        is_open=seat.door == Door.OPEN,
        language=seat.language,
        practice=seat.context["practice"],
    )


@blueprint.post("/j/<token>/check")
@access.by_link
@limiter.limit(READS)
@limiter.limit(NETWORK_TESTS, key_func=find_address_asked)
@access.answers_in_json
def test_network(token: str) -> ResponseReturnValue:
    """What a test of the network needs."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    return checks.answer_test(is_open=seat.door == Door.OPEN)
