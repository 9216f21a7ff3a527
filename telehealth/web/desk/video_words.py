"""Where people meet by video, in the words of the desk."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from flask import current_app, flash

from telehealth.domain.ports import VideoFailure
from telehealth.domain.video.calls import GuestKind
from telehealth.domain.video.rooms import NEED_ROOM, RoomState
from telehealth.domain.words import VideoKind
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.models import RoomElsewhere, Service
    from telehealth.queries.video import kinds
else:
    kinds = Library("telehealth.queries.video.kinds")

KINDS: Mapping[VideoKind, str] = {
    VideoKind.BUILT_IN: "Our own room",
    VideoKind.JITSI: "Jitsi",
    VideoKind.FIXED: "A fixed link",
    VideoKind.DAILY: "Daily",
    VideoKind.ZOOM: "Zoom",
}
GUEST_KINDS: Mapping[GuestKind, str] = {
    GuestKind.INTERPRETER: "interpreter",
    GuestKind.SCHOOL: "from a school",
    GuestKind.CASE_WORKER: "caseworker",
    GuestKind.OTHER: "guest",
}
"""As what somebody was invited to one appointment, behind their name."""
ABOUT: Mapping[VideoKind, str] = {
    VideoKind.JITSI: "Your own server, or Jitsi as a service (JaaS): every appointment gets a room of its own there.",
    VideoKind.FIXED: "One address for the whole practice, such as a waiting room elsewhere. Everybody who enters comes "
    "to the same place, so it must let people in one by one. Therapists can have a link of their own in their profile.",
    VideoKind.DAILY: "A private room of its own for each appointment, made a day ahead, which only our links open.",
    VideoKind.ZOOM: "A meeting of its own for each appointment, made a day ahead, with a waiting room. It needs an app "
    "of the kind “Server-to-Server OAuth” in your Zoom account.",
}
LABELS: Mapping[str, str] = {
    "address": "Address",
    "app_id": "App id",
    "key_id": "Key id, for JaaS",
    "audience": "Audience of tokens",
    "app_secret": "Secret",
    "api_key": "API key",
    "account_id": "Account id",
    "client_id": "Client id",
    "client_secret": "Client secret",
    "host": "Host",
    "video_kind": "Where they meet by video",
    "with_other_secret": "With another secret",
    "asks_telehealth_consent": "Clients are asked to agree to video",
    "text_en": "Consent to video in English",
    "text_es": "Consent to video in Spanish",
    "video_consent": "Consent to video",
    "video_version": "Version of the text",
    "video_way": "How they said it",
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
    "daily-api_key": "In the dashboard of Daily under “Developers”. It is never shown again: empty leaves it as it is.",
    "zoom-account_id": "In the Zoom App Marketplace, under “App Credentials” of your app.",
    "zoom-client_secret": "It is never shown again: empty leaves it as it is.",
    "zoom-host": "The e-mail address of the Zoom user whose meetings they are. One user can hold only one meeting at a "
    "time. Empty: each therapist has a Zoom user with the e-mail address that is on file here.",
}
"""By the kind and the name of the field."""
TOO_MANY = "Our own video room carries six people, and this may be more. Please connect another: More, “Video”."


FAILED: Mapping[VideoFailure, str] = {
    VideoFailure.REFUSED: "It does not take these credentials. Please copy them once more, each as a whole.",
    VideoFailure.NOT_ALLOWED: "It takes them, and does not let us make rooms: a permission is missing, or the plan "
    "does not allow it.",
    VideoFailure.NO_HOST: "It does not know the user who is to host the meetings.",
    VideoFailure.UNREACHABLE: "It cannot be reached at the moment. Please try again later.",
    VideoFailure.TIMED_OUT: "It does not answer in time. Please try again later.",
    VideoFailure.OVERLOADED: "It takes no more requests for now. Please try again later.",
    VideoFailure.BROKEN: "It answers with an error. Please try again later, and look whether it reports a fault.",
}
"""What is wrong with a video service, and what to do about it."""


def name_kind(kind: VideoKind) -> str:
    """As it stands within a sentence."""
    return KINDS[kind] if kind in NEED_ROOM or kind == VideoKind.JITSI else KINDS[kind].lower()


def say_not_made(room: RoomElsewhere) -> str:
    """Why an appointment meets in our own room and not elsewhere."""
    name = KINDS[room.connection.kind]
    goes_on = "We try on until the room opens." if room.state == RoomState.FAILING else ""
    why = FAILED[room.failure or VideoFailure.TIMED_OUT]
    return f"{name} has made no room for this appointment, so it meets in our own. {why} {goes_on}".rstrip()


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
