"""Where people meet by video: in our own room, or elsewhere, as it was said for the appointment or for what it is of.

What was said closest to the appointment counts: for this very one, for its service, for its therapist (their own link
says so, too), for the practice, for the installation. What cannot be used, because it was never connected or is no
more, counts as not said; so there is always a room, ours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from telehealth.domain.video.calls import MOST_CALLERS
from telehealth.domain.words import VideoKind


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWishes:
    """What was said where; None: nothing. ``house`` is the installation's."""

    appointment: VideoKind | None = None
    service: VideoKind | None = None
    therapist: VideoKind | None = None
    has_own_link: bool = False
    practice: VideoKind | None = None
    house: VideoKind = VideoKind.BUILT_IN

    @property
    def in_order(self) -> Sequence[VideoKind]:
        """The closest first."""
        own_link = VideoKind.FIXED if self.has_own_link else None
        said = (self.appointment, self.service, self.therapist or own_link, self.practice, self.house)
        return [each for each in said if each is not None]


def decide_kind(wishes: KindWishes, usable: Collection[VideoKind], *, callers: int = 0) -> VideoKind:
    """Where an appointment of so many people (``callers``, therapists among them) meets. Too many for our own room meet
    elsewhere, wherever that is, as long as there is anywhere.
    """
    able = [each for each in (*wishes.in_order, *sorted(usable)) if each in usable]
    if is_too_many(callers):
        able = [each for each in able if each != VideoKind.BUILT_IN]
    return able[0] if able else VideoKind.BUILT_IN


def is_too_many(callers: int) -> bool:
    """Whether our own room cannot carry so many: each browser in it sends its picture to every other one."""
    return callers > MOST_CALLERS
