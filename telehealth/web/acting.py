"""Who acts when a page changes something: said once, and kept in the audit line of every change."""

from flask import request
from flask_security import current_user

from telehealth.domain.audit_words import Actor, Via
from telehealth.models import LoginLetter
from telehealth.services.audit import ActedBy


def by_client(via: Via = Via.PAGE) -> ActedBy:
    """The client who reads the page: the practice's own, or (`Via.LINK`) one that a link in a message opened."""
    return ActedBy(Actor.CLIENT, via=via, remote_address=request.remote_addr)


def by_staff(via: Via = Via.PAGE) -> ActedBy:
    """The member of staff who is signed in."""
    return ActedBy(Actor.STAFF, user_id=current_user.id, via=via, remote_address=request.remote_addr)


def by_stranger() -> ActedBy:
    """Whoever stands before the page for signing in: nobody knows who that is."""
    return ActedBy(Actor.SYSTEM, via=Via.PAGE, remote_address=request.remote_addr)


def by_letter(letter: LoginLetter) -> ActedBy:
    """Whoever opened the link in an e-mail about their login."""
    return ActedBy(Actor.STAFF, user_id=letter.user_id, via=Via.LINK, remote_address=request.remote_addr)


def by_link_of_staff() -> ActedBy:
    """Somebody of the practice who answers from a mailbox, without signing in: the link does not tell who."""
    return ActedBy(Actor.STAFF, via=Via.LINK, remote_address=request.remote_addr)
