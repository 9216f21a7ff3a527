"""Another e-mail address to sign in with: it counts when somebody has opened the link that was sent there, and the old
address is told.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email
from telehealth.domain.errors import InvalidInput, LinkInvalid
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import User
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.logins.letters import end_login_links, may_send_again, send_login_letter, use_login_link

WAIT = "A link was sent a moment ago. Please look there first, or try again in some minutes."


def ask_for_new_address(*, user_id: int, email: str, by: ActedBy, now: datetime) -> None:
    """Send a link to the new address. Raises InvalidInput (field ``email``).

    Whether somebody signs in with it already is said to nobody: no letter goes there then.
    """
    try:
        address = clean_email(email)
    except ValueError as problem:
        raise InvalidInput({"email": str(problem)}) from problem
    with transaction() as session:
        user = session.get_one(User, user_id)
        if address.lower() == user.email.lower():
            raise InvalidInput({"email": "You sign in with this address now."})
        if not may_send_again(session, user, LoginLetterKind.ADDRESS, now=now):
            raise InvalidInput({"email": WAIT})
        if not _is_taken(session, address):
            send_login_letter(session, user, LoginLetterKind.ADDRESS, address=address, now=now)
        about = Setting(AuditSubject.LOGIN, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.LINK_SENT, by, now=now, to=address)


def confirm_new_address(*, link: Signed, by: ActedBy, now: datetime) -> str:
    """Let the address count that a link was sent to, and return it. Raises LinkInvalid.

    A therapist who is written to at the old one is written to at the new one.
    """
    with transaction() as session:
        letter = use_login_link(session, link, LoginLetterKind.ADDRESS, now=now)
        user, address = letter.user, letter.address
        if _is_taken(session, address):
            raise LinkInvalid
        _change(session, user, address, by=by, now=now)
        return address


def put_address_back(session: Session, user: User, address: str, *, by: ActedBy, now: datetime) -> None:
    """Let a login have the address again that it had before somebody else changed it, unless another login has it
    now; and let no link to another address open anything. Inside the caller's transaction.
    """
    end_login_links(session, user, LoginLetterKind.ADDRESS, now=now)
    if address.lower() != user.email.lower() and not _is_taken(session, address):
        _change(session, user, address, by=by, now=now)


def _change(session: Session, user: User, address: str, *, by: ActedBy, now: datetime) -> None:
    before = user.email
    send_login_letter(session, user, LoginLetterKind.ADDRESS_CHANGED, now=now)  # To the old one.
    end_login_links(session, user, LoginLetterKind.RESET, now=now)
    user.email = address
    if user.therapist is not None and user.therapist.email.lower() == before.lower():
        user.therapist.email = address
    about = Setting(AuditSubject.LOGIN, name=user.name)
    was, then = {"email": before}, {"email": address}
    record_change(session, user.practice_id, about, by, before=was, after=then, now=now)


def _is_taken(session: Session, address: str) -> bool:
    return session.scalar(select(User.id).where(func.lower(User.email) == address.lower()).limit(1)) is not None
