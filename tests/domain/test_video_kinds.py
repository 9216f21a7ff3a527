"""Where people meet by video: what is said closest to an appointment counts, if it can be used."""

from __future__ import annotations

import pytest

from telehealth.domain.errors import InvalidInput
from telehealth.domain.video.calls import MOST_CALLERS
from telehealth.domain.video.connections import clean_access
from telehealth.domain.video.kinds import KindWishes, decide_kind
from telehealth.domain.words import VideoKind

OURS, JITSI, FIXED = VideoKind.BUILT_IN, VideoKind.JITSI, VideoKind.FIXED
ALL = set(VideoKind)


@pytest.mark.parametrize(
    ("said", "meets"),
    [
        ({}, OURS),
        ({"house": JITSI}, JITSI),
        ({"house": JITSI, "practice": OURS}, OURS),
        ({"practice": JITSI, "has_own_link": True}, FIXED),
        ({"practice": JITSI, "has_own_link": True, "therapist": OURS}, OURS),
        ({"practice": JITSI, "therapist": FIXED, "service": OURS}, OURS),
        ({"therapist": FIXED, "service": OURS, "appointment": JITSI}, JITSI),
        ({"house": FIXED, "practice": JITSI, "therapist": OURS}, OURS),
    ],
)
def test_what_is_closest_counts(said: dict[str, VideoKind], meets: VideoKind) -> None:
    assert decide_kind(KindWishes(**said), ALL) == meets  # type: ignore[arg-type]


def test_what_cannot_be_used_counts_as_not_said() -> None:
    wishes = KindWishes(appointment=JITSI, service=FIXED, practice=OURS)
    assert decide_kind(wishes, {OURS, FIXED}) == FIXED
    assert decide_kind(wishes, {OURS}) == OURS
    assert decide_kind(KindWishes(appointment=JITSI), set()) == OURS


def test_too_many_for_our_own_room_meet_wherever_there_is_another() -> None:
    wishes = KindWishes(service=OURS)
    assert decide_kind(wishes, {OURS, JITSI}, callers=MOST_CALLERS) == OURS
    assert decide_kind(wishes, {OURS, JITSI}, callers=MOST_CALLERS + 1) == JITSI
    assert decide_kind(wishes, {OURS}, callers=MOST_CALLERS + 1) == OURS


TYPED = {"address": "meet.practice.example", "app_id": "river", "app_secret": "a long secret"}


class TestWhatIsTyped:
    def test_a_server_with_tokens(self) -> None:
        access = clean_access(JITSI, TYPED, {})
        assert (access.address, access.settings["audience"]) == ("https://meet.practice.example", "jitsi")
        assert access.secrets == {"app_secret": "a long secret"}
        assert "a long secret" not in repr(access)

    def test_a_secret_that_is_left_empty_stays(self) -> None:
        access = clean_access(JITSI, {**TYPED, "app_secret": ""}, {"app_secret": "the old one"})
        assert access.secrets == {"app_secret": "the old one"}

    def test_without_an_app_no_secret_is_kept(self) -> None:
        access = clean_access(JITSI, {"address": "https://meet.practice.example"}, {"app_secret": "the old one"})
        assert access.secrets == {"app_secret": ""}

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"address": ""}, "address"),
            ({"address": "http://meet.practice.example"}, "address"),
            ({"address": "https://user:pw@meet.practice.example"}, "address"),
            ({"address": "javascript:alert(1)"}, "address"),
            ({"app_secret": ""}, "app_secret"),
            ({"app_id": ""}, "app_id"),
            ({"key_id": "river/1"}, "app_secret"),
            ({"key_id": "river/1", "app_secret": "-----BEGIN PRIVATE KEY-----\nnonsense"}, "app_secret"),
            ({"app_id": "x" * 201}, "app_id"),
        ],
    )
    def test_what_cannot_be(self, typed: dict[str, str], field: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            clean_access(JITSI, {**TYPED, **typed}, {})
        assert list(caught.value.fields) == [field]
