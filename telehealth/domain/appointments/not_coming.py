"""When it is proposed to mark somebody as not having come to our own video room. It is never marked by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from telehealth.domain.appointments.face_to_face import Stay


def is_missed(
    therapists: Iterable[Stay], *, starts_at: datetime, ends_at: datetime, wait: timedelta, now: datetime
) -> bool:
    """Whether a client who never came may be proposed as a no-show: a therapist was inside during the appointment, and
    still ``wait`` after its start, or it is over. Where no therapist was, it is not the client who did not come.
    """
    during = [each for each in therapists if each.began_at < ends_at and each.ended_at > starts_at]
    if not during:
        return False
    waited_until = starts_at + wait
    return now >= ends_at or (now >= waited_until and max(each.ended_at for each in during) >= waited_until)
