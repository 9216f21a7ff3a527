"""Who acts when a request changes something: said once, and kept in the audit line of every change."""

from __future__ import annotations

from flask import request

from telehealth.api.access import staff
from telehealth.domain.audit_words import Actor, Via
from telehealth.services.audit import ActedBy


def by_client() -> ActedBy:
    """A client's program, on its own word or with a link's token."""
    return ActedBy(Actor.CLIENT, via=Via.API, remote_address=request.remote_addr)


def by_staff() -> ActedBy:
    """The member of staff whose token came with the request."""
    return ActedBy(Actor.STAFF, user_id=staff().user_id, via=Via.API, remote_address=request.remote_addr)


def by_mailbox() -> ActedBy:
    """Somebody of the practice who answers with the token from their e-mail, and is not signed in."""
    return ActedBy(Actor.STAFF, via=Via.API, remote_address=request.remote_addr)
