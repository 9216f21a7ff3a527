"""E-mails about a login, through the outbox like everything else. The link in one is signed when it is written, so that
neither the outbox nor the log of messages holds what opens something.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Signed, new_public_id
from telehealth.domain.login_letters import MOST_A_DAY, REPLACED, RESTS_FOR, USEFUL_FOR, LoginLetterKind
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.plans import Key, Planned
from telehealth.models import Login, LoginLetter, User
from telehealth.queries.practice.login_letters import open_letters
from telehealth.services.messages.outbox import insert_message, message_values

DAY = timedelta(days=1)


def send_login_letter(
    session: Session,
    user: User,
    kind: LoginLetterKind,
    *,
    now: datetime,
    address: str = "",
    browser: str | None = None,
) -> LoginLetter:
    """Put a letter to somebody of the practice into the outbox, to go at once, inside the caller's transaction. Of a
    login that several practices let in, the caller chooses the one that it comes from (``Login.first_user``).

    It goes to the address they sign in with, or to another ``address``, and may speak of a ``browser``. A link of a
    kind of ``REPLACED`` that was sent before ends. What the letter says, and how long its link works, stands in
    ``domain.login_letters``.
    """
    if kind in REPLACED:
        end_login_links(session, user, kind, now=now)
    letter = LoginLetter(
        public_id=new_public_id(),
        practice_id=user.practice_id,
        user_id=user.id,
        kind=kind,
        address=address or user.email,
        browser=browser,
        created_at=now,
        ends_at=now + USEFUL_FOR[kind],
    )
    session.add(letter)
    session.flush()
    planned = Planned(Key(MessageKind.LOGIN, Channel.EMAIL, f"user:{user.id}"), kind.value, now, letter.ends_at)
    about = {"practice_id": user.practice_id, "login_letter_id": letter.id, "sent_to": letter.address}
    insert_message(session, message_values(planned, now=now, **about))
    return letter


def may_send_again(
    session: Session, user: User, kind: LoginLetterKind, *, now: datetime, rests_for: timedelta = RESTS_FOR
) -> bool:
    """Whether another letter of a kind is no nuisance: none went a moment ago, and not many today."""
    sent = select(func.count(), func.max(LoginLetter.created_at)).where(
        _is_about(user), LoginLetter.kind == kind, LoginLetter.created_at > now - DAY
    )
    count, last = session.execute(sent).one()
    return count < MOST_A_DAY and (last is None or now - last >= rests_for)


def end_login_links(session: Session, user: User, *kinds: LoginLetterKind, now: datetime) -> None:
    """Let the links of letters of these kinds open nothing any more."""
    _hold_login(session, user.id)
    session.execute(
        update(LoginLetter)
        .where(_is_about(user), LoginLetter.kind.in_(kinds), LoginLetter.ended_at.is_(None))
        .values(ended_at=now)
    )


def use_login_link(session: Session, link: Signed, kind: LoginLetterKind, *, now: datetime) -> LoginLetter:
    """The letter behind a link, which opens nothing from now on. Raises LinkInvalid when it did not any more before.

    Its row is locked, so of two clicks at the same moment one comes too late.
    """
    login = session.scalar(open_letters(link, kind, now=now).with_only_columns(LoginLetter.user_id))
    if login is None:
        raise LinkInvalid
    _hold_login(session, login)
    locked = open_letters(link, kind, now=now).with_for_update(of=LoginLetter)
    found = session.scalar(locked.execution_options(populate_existing=True))
    if found is None:
        raise LinkInvalid
    found.ended_at = now
    return found


def _hold_login(session: Session, user_id: int) -> None:
    """Whoever ends links of a login has its row first: two who took them in another order would wait for each other.
    Whoever is invited has none yet, and their own row stands for it.
    """
    login = select(Login.id).join(Login.users).where(User.id == user_id).with_for_update(of=Login)
    if session.scalar(login) is None:
        session.execute(select(User.id).where(User.id == user_id).with_for_update())


def _is_about(user: User) -> ColumnElement[bool]:
    """Letters about the same login, whichever of its practices they came from; of whoever is invited, their own."""
    if user.login_id is None:
        return LoginLetter.user_id == user.id
    return LoginLetter.user_id.in_(select(User.id).where(User.login_id == user.login_id))
