"""Trying camera, microphone, speaker and network before a call: the page, and what a test of the network needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain.languages import ENGLISH, nearest_language
from telehealth.domain.links import new_secret
from telehealth.late import Library
from telehealth.web.calls import find_relays

if TYPE_CHECKING:
    from telehealth.domain.video import relays
    from telehealth.web import call_words
else:
    relays = Library("telehealth.domain.video.relays")
    call_words = Library("telehealth.web.call_words")

ALLOWS_TRYING = "camera=(self), microphone=(self), display-capture=(), screen-wake-lock=(), geolocation=(), payment=()"
"""On a page that is only for trying: no screen is shared there, and none stays on."""


def show_check_page(
    *, relays_url: str, back_url: str, is_open: bool, language: str = ENGLISH, **context: Any
) -> Response:
    """The page in the language of whoever reads it. ``is_open``: what the test of the network needs is given now."""
    words = call_words.find_call_words(language)
    said = {"frame_language": nearest_language(language), "words": words, "frame_words": words}
    has_relays = is_open and bool(current_app.config["TURN_URLS"])
    response = make_response(
        render_template(
            "call/check.html",
            relays_url=relays_url,
            back_url=back_url,
            has_relays=has_relays,
            is_ahead=not is_open,
            **said,
            **context,
        )
    )
    response.headers["Permissions-Policy"] = ALLOWS_TRYING
    return response


def answer_test(*, is_open: bool) -> ResponseReturnValue:
    """What a test of the network needs, for two minutes; nothing while the room is closed, lest an old link open our
    relay to anybody at any time.
    """
    if not is_open:
        return jsonify(ice=[])
    whom = f"test-{new_secret()[:12]}"
    return jsonify(ice=relays.make_ice_servers(find_relays(), whom, now=clock.now(), lasts=relays.LASTS_FOR_TEST))
