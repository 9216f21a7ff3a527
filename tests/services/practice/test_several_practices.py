"""A login that several practices let in: each keeps its own, and none decides for another."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import ApiToken, LoginLetter, Practice, PracticeEvent, User
from telehealth.queries.practice.staff import count_tokens, find_person
from telehealth.services.audit import ActedBy
from telehealth.services.logins.inviting import Invitation, accept_invitation, invite_person, join_practice
from telehealth.services.logins.new_browsers import disown_sign_in, tell_of_new_browser
from telehealth.services.logins.passkeys import NEEDED, NewPasskey, add_passkey, remove_passkey
from telehealth.services.logins.password_setting import set_password
from telehealth.services.logins.second_factor import (
    OF_SEVERAL,
    end_authenticator,
    end_second_step_of,
    keep_authenticator,
    require_second_step,
)
from telehealth.services.practice.accounts import IS_TAKEN, NewLogin, ProvenLogin, add_login
from telehealth.services.practice.people import sign_out_login, switch_login_off, switch_login_on
from telehealth.services.practice.sign_ins import AGAIN, begin_sign_in, follow_sign_in, switch_practice
from telehealth.services.practice.token_issuing import issue_token
from tests.factories import BY_STAFF, make_practice, make_user
from tests.factories.rows import change
from tests.moments import NOW

LATER = NOW + timedelta(minutes=1)
KEY = NewPasskey("an-id", "a-public-key", 0)


@pytest.fixture
def here(database: Session) -> User:
    """Robin at Riverside."""
    return make_user(make_practice(name="Riverside"), email="robin@riverside.example")


@pytest.fixture
def there(here: User) -> User:
    """The same at Hilltop, whose owner is somebody else."""
    practice = make_practice(name="Hilltop")
    make_user(practice)
    return make_user(practice, Role.FRONT_DESK, login=here.login, name="Robin R.")


def followed(user: User, secret: str) -> int | None:
    found = follow_sign_in(login_id=user.login_id, secret=secret, now=LATER)
    return found.id if found is not None else None


def begin(user: User) -> str:
    return begin_sign_in(login_id=user.login_id, user_id=user.id, now=NOW)


def switch(secret: str, user: User) -> None:
    switch_practice(login_id=user.login_id, secret=secret, user_public_id=user.public_id, now=LATER)


def test_a_sign_in_turns_to_another_practice_and_the_next_begins_there(here: User, there: User) -> None:
    secret, elsewhere = begin(here), begin(here)
    switch(secret, there)
    assert (followed(here, secret), followed(here, elsewhere)) == (there.id, here.id), "others stay where they are"
    assert followed(here, begin_sign_in(login_id=here.login_id, now=LATER)) == there.id


def test_nobody_turns_to_what_is_not_theirs(here: User, there: User) -> None:
    secret, stranger = begin(here), make_user(there.practice)
    for user_id in (stranger.public_id, "nobody"):
        with pytest.raises(NotFound):
            switch_practice(login_id=here.login_id, secret=secret, user_public_id=user_id, now=LATER)
    switch_login_off(practice_id=there.practice_id, person_public_id=there.public_id, by=BY_STAFF, now=NOW)
    with pytest.raises(NotFound):
        switch(secret, there)
    with pytest.raises(NotFound):
        switch_practice(login_id=stranger.login_id, secret=secret, user_public_id=stranger.public_id, now=LATER)


def test_the_limits_are_those_of_the_practice_at_work(here: User, there: User) -> None:
    change(there.practice, sign_in_hours=1)
    secret = begin(here)
    for minutes in range(10, 100, 10):  # Somebody clicks.
        assert follow_sign_in(login_id=here.login_id, secret=secret, now=NOW + timedelta(minutes=minutes))
    with pytest.raises(InvalidInput) as caught:
        switch_practice(
            login_id=here.login_id,
            secret=secret,
            user_public_id=there.public_id,
            now=NOW + timedelta(minutes=100),
        )
    assert caught.value.fields == {"practice": AGAIN.format("Hilltop")}


def test_whoever_is_switched_off_at_one_goes_on_at_the_other(here: User, there: User) -> None:
    gone, kept = begin(there), begin(here)
    token = {"by": BY_STAFF, "now": NOW, "name": "Screen"}
    for each in (here, there):
        issue_token(practice_id=each.practice_id, user_id=each.id, **token)
    switch_login_off(practice_id=there.practice_id, person_public_id=there.public_id, by=BY_STAFF, now=NOW)
    assert (followed(here, gone), followed(here, kept)) == (None, here.id)
    assert here.login.active
    assert followed(here, begin_sign_in(login_id=here.login_id, now=LATER)) == here.id


def test_an_owner_signs_out_of_their_own_practice_only_and_it_opens_to_none_of_the_others(
    here: User, there: User
) -> None:
    at_work, other = begin(there), begin(here)
    about = {"practice_id": there.practice_id, "person_public_id": there.public_id, "by": BY_STAFF}
    assert sign_out_login(**about, now=LATER) == 1
    assert (followed(here, at_work), followed(here, other)) == (None, here.id)
    with pytest.raises(InvalidInput):
        switch(other, there)  # Whoever has that browser may be whom the owner wants out.
    assert followed(here, begin_sign_in(login_id=here.login_id, user_id=there.id, now=LATER)) == there.id


def test_the_last_practice_that_goes_shuts_the_login(here: User, there: User, database: Session) -> None:
    make_user(here.practice)
    for each in (here, there):
        switch_login_off(practice_id=each.practice_id, person_public_id=each.public_id, by=BY_STAFF, now=NOW)
    database.expire_all()
    assert not here.login.active
    switch_login_on(practice_id=there.practice_id, person_public_id=there.public_id, by=BY_STAFF, now=NOW)
    database.expire_all()
    assert here.login.active


def test_no_owner_takes_off_a_second_step_that_guards_another_practice(here: User, there: User) -> None:
    keep_authenticator(login_id=here.login_id, secret="encrypted", by=BY_STAFF, now=NOW)
    about = {"practice_id": there.practice_id, "person_public_id": there.public_id, "by": BY_STAFF, "now": NOW}
    with pytest.raises(InvalidInput) as caught:
        end_second_step_of(**about)
    assert caught.value.fields == {"second_step": OF_SEVERAL}
    assert here.login.has_second_step


def test_nor_while_that_practice_keeps_them_out(here: User, there: User, database: Session) -> None:
    """It may let them in again, and is still guarded then."""
    make_user(here.practice)
    keep_authenticator(login_id=here.login_id, secret="encrypted", by=BY_STAFF, now=NOW)
    switch_login_off(practice_id=here.practice_id, person_public_id=here.public_id, by=BY_STAFF, now=NOW)
    database.expire_all()
    about = {"practice_id": there.practice_id, "person_public_id": there.public_id, "by": BY_STAFF, "now": NOW}
    with pytest.raises(InvalidInput) as caught:
        end_second_step_of(**about)
    assert caught.value.fields == {"second_step": OF_SEVERAL}
    switch_login_on(practice_id=here.practice_id, person_public_id=here.public_id, by=BY_STAFF, now=NOW)
    database.expire_all()
    assert here.login.has_second_step


def test_a_practice_that_keeps_them_out_knows_what_changed_meanwhile(
    here: User, there: User, database: Session
) -> None:
    keep_authenticator(login_id=here.login_id, secret="encrypted", by=BY_STAFF, now=NOW)
    change(here, active=False)
    database.expire_all()
    by = ActedBy(Actor.STAFF, user_id=there.id, via=Via.PAGE, remote_address="192.0.2.7")
    end_authenticator(login_id=here.login_id, by=by, now=NOW)
    assert sorted(lines(database, AuditSubject.SECOND_STEP)[2:]) == [
        (here.practice_id, here.id, "Robin Reed", None),
        (there.practice_id, there.id, "Robin R.", "192.0.2.7"),
    ]


def test_any_practice_may_ask_for_a_second_step(here: User, there: User, database: Session) -> None:
    require_second_step(practice_id=there.practice_id, since=NOW, by=BY_STAFF, now=NOW)
    passkey = add_passkey(login_id=here.login_id, name="Key", made=KEY, by=BY_STAFF, now=NOW)
    database.expire_all()
    assert here.login.second_step_since == NOW
    with pytest.raises(InvalidInput) as caught:
        remove_passkey(login_id=here.login_id, public_id=passkey.public_id, by=BY_STAFF, now=NOW)
    assert caught.value.fields == {"passkey": NEEDED}
    change(there, active=False)
    database.expire_all()
    assert here.login.second_step_since is None, "who is not let in there is not asked"


def lines(database: Session, subject: AuditSubject) -> list[tuple[int, int | None, str, str | None]]:
    found = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == subject).order_by(PracticeEvent.id))
    return [(each.practice_id, each.user_id, each.name, each.remote_address) for each in found]


def test_what_it_signs_in_with_is_written_down_in_each_practice_by_what_they_are_there(
    here: User, there: User, database: Session
) -> None:
    by = ActedBy(Actor.STAFF, user_id=there.id, via=Via.PAGE, remote_address="192.0.2.7")
    set_password(email=here.email, password_hash="another", by=by, now=NOW)
    assert sorted(lines(database, AuditSubject.PASSWORD)) == [
        (here.practice_id, here.id, "Robin Reed", None),
        (there.practice_id, there.id, "Robin R.", "192.0.2.7"),
    ]


def test_one_letter_goes_and_programs_of_every_practice_end(here: User, there: User, database: Session) -> None:
    begin(there)  # Where they were last.
    for each in (here, there):
        issue_token(practice_id=each.practice_id, user_id=each.id, name="Screen", by=BY_STAFF, now=NOW)
    assert count_tokens(here.login_id) == 2
    assert set_password(email=here.email, password_hash="x", by=BY_STAFF, now=NOW, ends_tokens=True) == 2
    assert database.scalars(select(ApiToken.ended_at)).all() == [NOW, NOW]
    assert [each.practice_id for each in database.scalars(select(LoginLetter))] == [there.practice_id]


def test_the_end_of_a_program_is_written_down_by_what_they_are_where_it_worked(
    here: User, there: User, database: Session
) -> None:
    for each in (here, there):
        issue_token(practice_id=each.practice_id, user_id=each.id, name="Screen", by=BY_STAFF, now=NOW)
    by = ActedBy(Actor.STAFF, user_id=here.id, via=Via.PAGE, remote_address="203.0.113.9")
    set_password(email=here.email, password_hash="x", by=by, now=NOW, ends_tokens=True)
    assert lines(database, AuditSubject.API_TOKEN)[2:] == [
        (here.practice_id, here.id, "Screen", "203.0.113.9"),
        (there.practice_id, there.id, "Screen", None),
    ]


def test_a_letter_opens_although_the_practice_that_it_came_from_lets_them_in_no_more(
    here: User, there: User, database: Session
) -> None:
    secret = begin(there)
    tell_of_new_browser(login_id=here.login_id, browser="Firefox", now=LATER)
    letter = database.scalars(select(LoginLetter).where(LoginLetter.kind == LoginLetterKind.NEW_BROWSER)).one()
    switch_login_off(practice_id=there.practice_id, person_public_id=there.public_id, by=BY_STAFF, now=LATER)
    disown_sign_in(link=Signed(letter.public_id, 0), useless_hash="x", by=BY_STAFF, now=LATER)
    assert followed(here, secret) is None


def invite(practice: Practice, email: str) -> tuple[User, Signed]:
    wanted = Invitation("Sam", email, [Role.FRONT_DESK])
    user = invite_person(practice_id=practice.id, invitation=wanted, by=BY_STAFF, now=NOW)
    return user, _link(user)


def _link(user: User) -> Signed:
    return Signed(db.session.scalars(select(LoginLetter.public_id).where(LoginLetter.user_id == user.id)).one(), 0)


def test_nothing_shows_that_an_invited_address_is_known_elsewhere(here: User, database: Session) -> None:
    keep_authenticator(login_id=here.login_id, secret="encrypted", by=BY_STAFF, now=NOW)
    begin(here)
    practice = make_practice()
    known, _ = invite(practice, "Robin@Riverside.example")
    unknown, _ = invite(practice, "nobody@riverside.example")
    shown = [find_person(practice.id, each.public_id) for each in (known, unknown)]
    assert len({(each.last_seen, tuple(each.second_steps), each.is_active, each.invited_until) for each in shown}) == 1
    written = database.scalars(select(PracticeEvent).where(PracticeEvent.practice_id == practice.id)).all()
    assert [each.action for each in written] == [AuditAction.ADDED, AuditAction.LINK_SENT] * 2


def test_only_the_login_that_was_invited_joins_and_only_once(here: User, database: Session) -> None:
    practice, stranger = make_practice(), make_user(make_practice())
    user, link = invite(practice, here.email.upper())
    with pytest.raises(NotAllowed):
        join_practice(link=link, login_id=stranger.login_id, by=BY_STAFF, now=NOW)
    with pytest.raises(NotAllowed):
        accept_invitation(link=link, password_hash="a stranger's", by=BY_STAFF, now=NOW)
    kept = here.login.password
    join_practice(link=link, login_id=here.login_id, by=BY_STAFF, now=NOW)
    database.expire_all()
    assert (user.login_id, user.invited_email, here.login.password) == (here.login_id, None, kept)
    with pytest.raises(InvalidInput):
        invite(practice, here.email)


def test_a_login_that_is_let_in_nowhere_chooses_a_new_password_and_keeps_its_second_step(
    here: User, database: Session
) -> None:
    keep_authenticator(login_id=here.login_id, secret="encrypted", by=BY_STAFF, now=NOW)
    change(here, active=False)
    user, link = invite(make_practice(), here.email)
    accept_invitation(link=link, password_hash="new", by=BY_STAFF, now=NOW)
    database.expire_all()
    assert (user.login_id, user.login.password) == (here.login_id, "new")
    assert user.login.has_second_step
    told = sorted(practice_id for practice_id, *_ in lines(database, AuditSubject.PASSWORD))
    assert told == [here.practice_id, user.practice_id], "the first may let it in again"


def test_a_login_is_added_to_a_practice_by_whoever_has_proven_it(here: User) -> None:
    practice = make_practice()
    with pytest.raises(InvalidInput) as caught:
        add_login(practice_id=practice.id, login=NewLogin("R", here.email, "x"), role=Role.OWNER, by=BY_STAFF, now=NOW)
    assert caught.value.fields == {"email": IS_TAKEN}
    proven = ProvenLogin("Robin", here.login_id)
    user = add_login(practice_id=practice.id, login=proven, role=Role.OWNER, by=BY_STAFF, now=NOW)
    assert (user.login_id, user.practice_id, user.name) == (here.login_id, practice.id, "Robin")
    with pytest.raises(InvalidInput):
        add_login(practice_id=practice.id, login=proven, role=Role.OWNER, by=BY_STAFF, now=NOW)
