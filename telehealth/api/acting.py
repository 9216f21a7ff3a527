"""Who acts when a request changes something: said once, and kept in the audit line of every change."""

from __future__ import annotations

from flask import request

from telehealth.api.access import staff
from telehealth.domain.words import Actor, Via
from telehealth.services.audit import By


def by_client() -> By:
    """A client's program, on its own word or with a link's token."""
    return By(Actor.CLIENT, via=Via.API, remote_address=request.remote_addr)


def by_staff() -> By:
    """The member of staff whose token came with the request."""
    return By(Actor.STAFF, user_id=staff().user_id, via=Via.API, remote_address=request.remote_addr)


def by_mailbox() -> By:
    """Somebody of the practice who answers with the token from their e-mail, and is not signed in."""
    return By(Actor.STAFF, via=Via.API, remote_address=request.remote_addr)
