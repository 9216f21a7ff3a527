"""Another e-mail address to sign in with: it counts when somebody has opened the link that was sent there, and the old
address is told.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email
from telehealth.domain.errors import InvalidInput, LinkInvalid
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Login
from telehealth.queries.practice.staff import find_login
from telehealth.services.audit import ActedBy, Setting, differences
from telehealth.services.logins.letters import end_login_links, may_send_again, send_login_letter, use_login_link
from telehealth.services.practice.accounts import record_of_login

WAIT = "A link was sent a moment ago. Please look there first, or try again in some minutes."


def ask_for_new_address(*, login_id: int, email: str, by: ActedBy, now: datetime) -> None:
    """Send a link to the new address. Raises InvalidInput (field ``email``).

    Whether somebody signs in with it already is said to nobody: no letter goes there then.
    """
    try:
        address = clean_email(email)
    except ValueError as problem:
        raise InvalidInput({"email": str(problem)}) from problem
    with transaction() as session:
        login = session.get_one(Login, login_id)
        if address.lower() == login.email.lower():
            raise InvalidInput({"email": "You sign in with this address now."})
        if not may_send_again(session, login.first_user, LoginLetterKind.ADDRESS, now=now):
            raise InvalidInput({"email": WAIT})
        if find_login(address) is None:
            send_login_letter(session, login.first_user, LoginLetterKind.ADDRESS, address=address, now=now)
        record_of_login(session, login, Setting(AuditSubject.LOGIN), AuditAction.LINK_SENT, by, now=now, to=address)


def confirm_new_address(*, link: Signed, by: ActedBy, now: datetime) -> str:
    """Let the address count that a link was sent to, and return it. Raises LinkInvalid.

    A therapist who is written to at the old one, in any of its practices, is written to at the new one.
    """
    with transaction() as session:
        letter = use_login_link(session, link, LoginLetterKind.ADDRESS, now=now)
        login, address = letter.user.login, letter.address
        if login is None or find_login(address) is not None:
            raise LinkInvalid
        _change(session, login, address, by=by, now=now)
        return address


def put_address_back(session: Session, login: Login, address: str, *, by: ActedBy, now: datetime) -> None:
    """Let a login have the address again that it had before somebody else changed it, unless another login has it
    now; and let no link to another address open anything. Inside the caller's transaction.
    """
    end_login_links(session, login.first_user, LoginLetterKind.ADDRESS, now=now)
    if address.lower() != login.email.lower() and find_login(address) is None:
        _change(session, login, address, by=by, now=now)


def _change(session: Session, login: Login, address: str, *, by: ActedBy, now: datetime) -> None:
    before = login.email
    send_login_letter(session, login.first_user, LoginLetterKind.ADDRESS_CHANGED, now=now)  # To the old one.
    end_login_links(session, login.first_user, LoginLetterKind.RESET, now=now)
    login.email = address
    for therapist in filter(None, [each.therapist for each in login.users]):
        if therapist.email.lower() == before.lower():
            therapist.email = address
    was, then = {"email": before}, {"email": address}
    changed = differences(was, then)
    record_of_login(session, login, Setting(AuditSubject.LOGIN), AuditAction.CHANGED, by, now=now, **changed)
