"""Which scope a token needs for which operation. Looking is looking everywhere; what writes is named here by its group.

``api.access`` asks here, and so does the description of the API. A group that nobody has named needs the scope that is
given out least; a house test finds it.
"""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.access import Scope

LOOKS = {"GET", "HEAD", "OPTIONS"}
ONLY_LOOK = {"Series.post_preview", "Series changes.post_change_preview", "Words of messages.post_preview"}
"""Operations that take a body, and change nothing."""
WRITES: Mapping[str, Scope] = {
    "Desk changes": Scope.BOOK,
    "Series": Scope.BOOK,
    "Series changes": Scope.BOOK,
    "Changed clocks": Scope.BOOK,
    "Requests": Scope.BOOK,
    "Reassignments": Scope.BOOK,
    "Waitlist for staff": Scope.BOOK,
    "Clients": Scope.DESK,
    "Records of clients": Scope.DESK,
    "Imports of clients": Scope.DESK,
    "Reach": Scope.DESK,
    "Messages": Scope.DESK,
    "Texts to us": Scope.DESK,
    "To do": Scope.DESK,
    "Hours": Scope.DESK,
    "Busy": Scope.DESK,
    "Guests": Scope.DESK,
    "Whereabouts": Scope.DESK,
    "Face-to-face time": Scope.DESK,
    "Changes in own calendars": Scope.DESK,
    "Alerts": Scope.SETTINGS,
    "Appointments in own calendars": Scope.SETTINGS,
    "Calendar feeds": Scope.SETTINGS,
    "Connected calendars": Scope.SETTINGS,
    "Closures": Scope.SETTINGS,
    "First steps": Scope.SETTINGS,
    "Licences": Scope.SETTINGS,
    "Message rules": Scope.SETTINGS,
    "People": Scope.SETTINGS,
    "Pictures": Scope.SETTINGS,
    "Places": Scope.SETTINGS,
    "Practice": Scope.SETTINGS,
    "Profiles": Scope.SETTINGS,
    "Services": Scope.SETTINGS,
    "Settings": Scope.SETTINGS,
    "Therapists": Scope.SETTINGS,
    "Tokens": Scope.SETTINGS,
    "Video": Scope.SETTINGS,
    "Words of messages": Scope.SETTINGS,
}
"""By the group that operations stand in."""
APART: Mapping[str, Scope] = {
    "Video.put_video_of_appointment": Scope.BOOK,
    "Alerts.post_take": Scope.DESK,
    "Records of clients.post_agreement": Scope.SETTINGS,
    "Records of clients.post_erasure": Scope.SETTINGS,
    "Records of clients.put_kept_years": Scope.SETTINGS,
}
"""Operations that are of another kind than their group."""


def scope_of(endpoint: str, method: str) -> Scope:
    """The scope of an operation."""
    if method.upper() in LOOKS or endpoint in ONLY_LOOK:
        return Scope.READ
    return APART.get(endpoint) or WRITES.get(endpoint.partition(".")[0], Scope.SETTINGS)
