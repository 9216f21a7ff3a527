"""What a client opens from a message: seeing, moving and cancelling an appointment, and the way into the room.

These pages open without a login, so they are as discreet as a text: no kind of service, no credential, and the
practice's neutral name (invariant 9).
"""

from telehealth.web.client import (
    again,
    agreeing,
    before,
    calling,
    checking,
    joining,
    language,
    managing,
    moving,
    renewing,
    subscribing,
    texts,
)
from telehealth.web.client.frame import blueprint

PAGES = (managing, moving, again, texts, language, joining, before, agreeing, calling, checking, renewing, subscribing)

__all__ = ["PAGES", "blueprint"]
