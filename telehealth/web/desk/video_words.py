"""Where people meet by video, in the words of the desk."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from flask import current_app, flash

from telehealth.domain.words import VideoKind
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.models import Service
    from telehealth.queries.video import kinds
else:
    kinds = Library("telehealth.queries.video.kinds")

KINDS: Mapping[VideoKind, str] = {
    VideoKind.BUILT_IN: "Our own room",
    VideoKind.JITSI: "Jitsi",
    VideoKind.FIXED: "A fixed link",
}
ABOUT: Mapping[VideoKind, str] = {
    VideoKind.JITSI: "Your own server, or Jitsi as a service (JaaS): every appointment gets a room of its own there.",
    VideoKind.FIXED: "One address for the whole practice, such as a waiting room elsewhere. Everybody who enters comes "
    "to the same place, so it must let people in one by one. Therapists can have a link of their own in their profile.",
}
LABELS: Mapping[str, str] = {
    "address": "Address",
    "app_id": "App id",
    "key_id": "Key id, for JaaS",
    "audience": "Audience of tokens",
    "app_secret": "Secret",
    "video_kind": "Where they meet by video",
    "with_other_secret": "With another secret",
    "crisis_phone": "Number for crises",
    "crisis_about": "Who answers it",
}
HINTS: Mapping[str, str] = {
    "jitsi-address": "https://meet.your-practice.org, or https://8x8.vc/ and your app id for JaaS.",
    "jitsi-app_id": "Without one, whoever knows the name of a room can enter it.",
    "jitsi-key_id": "As the console of JaaS shows it. Empty for a server of your own.",
    "jitsi-audience": "What the server accepts; jitsi as a rule.",
    "jitsi-app_secret": "What the server checks tokens with; for JaaS the whole private key. It is never shown again: "
    "empty leaves it as it is.",
    "fixed-address": "https://…",
}
"""By the kind and the name of the field."""
TOO_MANY = "Our own video room carries six people, and this may be more. Please connect another: More, “Video”."


def list_choices(
    connected: Collection[VideoKind],
    house: VideoKind,
    *,
    usual: str,
    has_own_link: bool = False,
    now: VideoKind | None = None,
) -> list[tuple[str, str]]:
    """What can be chosen: the ``usual`` one first, then whatever can be used, and what is chosen ``now``."""
    usable = kinds.list_usable(connected, house, has_own_link=has_own_link)
    return [("", usual), *((kind.value, said) for kind, said in KINDS.items() if kind in usable or kind == now)]


def show_video_choices(
    practice_id: int, *, usual: str, has_own_link: bool = False, now: VideoKind | None = None
) -> dict[str, Any]:
    """What a page shows that lets one of them be chosen for a therapist, a service or an appointment."""
    connected = [each.kind for each in kinds.list_video_connections(practice_id)]
    house = current_app.extensions["house_video"]
    choices = list_choices(connected, house, usual=usual, has_own_link=has_own_link, now=now)
    return {"video_choices": choices, "video_words": sys.modules[__name__]}


def warn_of_too_many(service: Service) -> None:
    """Ask for another place to meet where appointments of a service may be too large for our own room, and nothing else
    is connected.
    """
    if kinds.list_in_want(service.practice_id, [service], current_app.extensions["house_video"]):
        flash(TOO_MANY, "warning")
