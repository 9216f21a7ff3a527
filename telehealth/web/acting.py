"""Who acts when a page changes something: said once, and kept in the audit line of every change.

Who is signed in has two sides. ``flask_login.current_user`` is the login: what it signs in with. ``viewer`` is what it
is in the practice where this sign-in is at work: everything that a page of the desk shows or changes asks that one.
"""

from typing import cast

from flask import g, request
from werkzeug.local import LocalProxy

from telehealth.domain.audit_words import Actor, Via
from telehealth.models import Login, LoginLetter, User
from telehealth.services.audit import ActedBy


def find_viewer() -> User:
    """Whoever is signed in, as what they are in the practice at work (``web.access`` finds out before any view)."""
    found: User = g.viewer
    return found


viewer = cast("User", LocalProxy(find_viewer))


def by_client(via: Via = Via.PAGE) -> ActedBy:
    """The client who reads the page: the practice's own, or (`Via.LINK`) one that a link in a message opened."""
    return ActedBy(Actor.CLIENT, via=via, remote_address=request.remote_addr)


def by_staff(via: Via = Via.PAGE) -> ActedBy:
    """The member of staff who is signed in."""
    return ActedBy(Actor.STAFF, user_id=find_viewer().id, via=via, remote_address=request.remote_addr)


def by_login(login: Login) -> ActedBy:
    """Whoever is about to sign in, and is at work nowhere yet."""
    return ActedBy(Actor.STAFF, user_id=login.first_user.id, via=Via.PAGE, remote_address=request.remote_addr)


def by_stranger() -> ActedBy:
    """Whoever stands before the page for signing in: nobody knows who that is."""
    return ActedBy(Actor.SYSTEM, via=Via.PAGE, remote_address=request.remote_addr)


def by_letter(letter: LoginLetter) -> ActedBy:
    """Whoever opened the link in an e-mail about their login."""
    return ActedBy(Actor.STAFF, user_id=letter.user_id, via=Via.LINK, remote_address=request.remote_addr)


def by_link_of_staff() -> ActedBy:
    """Somebody of the practice who answers from a mailbox, without signing in: the link does not tell who."""
    return ActedBy(Actor.STAFF, via=Via.LINK, remote_address=request.remote_addr)
