"""Coming to a call, being let in, and what browsers tell each other through us."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.database import db
from telehealth.domain.errors import NotAllowed, NotFound, OpenElsewhere, RoomClosed
from telehealth.domain.video.calls import (
    GONE_AFTER,
    LARGEST_SIGNAL,
    MOST_SIGNALS,
    SEEN_EVERY,
    CallerRole,
    CallerState,
    SignalSent,
)
from telehealth.models import Appointment, Caller, CallSignal, CallVisit
from telehealth.services.video.coming import Came, Comer, come, leave, leave_who_are_gone
from telehealth.services.video.conducting import end_for_all, let_in, put_out, raise_hand
from telehealth.services.video.exchanging import Exchanged, exchange
from tests.factories import BY_CLIENT, BY_STAFF, book, make_office
from tests.moments import at

pytestmark = pytest.mark.usefixtures("database")

STARTS = at(10, days=3)
NOW = STARTS - timedelta(minutes=5)
DANA = Comer("user:1", CallerRole.THERAPIST, "Dana")
JANE = Comer("attendee:jane", CallerRole.CLIENT, "Jane")


@pytest.fixture
def appointment() -> Appointment:
    return book(make_office(), STARTS)


def comes(appointment: Appointment, comer: Comer, *, key: str = "", takes_over: bool = False, after: int = 0) -> Came:
    return come(
        practice_id=appointment.practice_id, appointment_id=appointment.id, comer=comer, key=key,
        takes_over=takes_over,
        by=BY_STAFF if comer.user_id else BY_CLIENT, now=NOW + timedelta(seconds=after),
    )  # fmt: skip


def asks(who: Came, *sent: SignalSent, fetched: int = 0, after: int = 0) -> Exchanged:
    now = NOW + timedelta(seconds=after)
    return exchange(caller_public_id=who.caller_public_id, key=who.key, after=fetched, sent=sent, now=now)


def who(came: Came) -> dict[str, str]:
    return {"caller_public_id": came.caller_public_id, "key": came.key}


def both_inside(appointment: Appointment) -> tuple[Came, Came]:
    dana, jane = comes(appointment, DANA), comes(appointment, JANE)
    let_in(**who(dana), by=BY_STAFF, now=NOW)
    return dana, jane


def test_a_client_waits_and_sees_nobody_until_they_are_let_in(appointment: Appointment) -> None:
    jane = comes(appointment, JANE)
    assert not asks(jane).is_awaited
    dana = comes(appointment, DANA)
    waiting = asks(jane)
    assert (waiting.caller.state, waiting.others, waiting.is_awaited) == (CallerState.WAITING, [], True)
    assert [each.name for each in asks(dana).others] == ["Jane"]
    let_in(**who(dana), whom=jane.caller_public_id, by=BY_STAFF, now=NOW)
    assert [each.name for each in asks(jane).others] == ["Dana"]


def test_what_one_sends_the_other_gets_once_in_order_and_it_is_forgotten(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    to_dana = [SignalSent(dana.caller_public_id, number, f'{{"n": {number}}}') for number in (1, 2)]
    asks(jane, *to_dana)
    asks(jane, *to_dana)  # The answer was lost, so it is sent again.
    got = asks(dana).signals
    assert [each.body for each in got] == ['{"n": 1}', '{"n": 2}']
    assert asks(dana, fetched=got[-1].id).signals == []
    assert db.session.query(CallSignal).count() == 0


def test_nobody_reaches_somebody_who_is_not_inside_or_in_another_call(appointment: Appointment) -> None:
    dana, jane = comes(appointment, DANA), comes(appointment, JANE)
    other = book(make_office(practice={"slug": "other"}), STARTS)
    elsewhere, _ = both_inside(other)
    asks(dana, SignalSent(jane.caller_public_id, 1, "{}"), SignalSent(elsewhere.caller_public_id, 2, "{}"))
    asks(jane, SignalSent(dana.caller_public_id, 1, "{}"))
    assert db.session.query(CallSignal).count() == 0


def test_what_is_too_large_or_too_much_is_left_out(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    asks(jane, SignalSent(dana.caller_public_id, 1, "x" * (LARGEST_SIGNAL + 1)))
    asks(jane, *(SignalSent(dana.caller_public_id, number, "{}") for number in range(1, MOST_SIGNALS + 20)))
    assert db.session.query(CallSignal).count() == MOST_SIGNALS


def test_a_second_device_asks_first_and_the_first_one_is_told(appointment: Appointment) -> None:
    first = comes(appointment, JANE)
    with pytest.raises(OpenElsewhere):
        comes(appointment, JANE)
    again = comes(appointment, JANE, key=first.key)  # The page was loaded anew.
    second = comes(appointment, JANE, takes_over=True)
    assert (first.device, again.device, second.device) == (1, 2, 3)
    with pytest.raises(OpenElsewhere):
        asks(again)
    assert asks(second).caller.device == second.device


def test_who_was_not_heard_of_has_left_and_comes_back_without_waiting(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    late = int(GONE_AFTER.total_seconds())
    asks(dana, after=late - 1)
    assert leave_who_are_gone(now=NOW + GONE_AFTER) == 1
    assert asks(jane, after=late).caller.state == CallerState.LEFT
    (visit,) = db.session.query(CallVisit).join(Caller).filter(Caller.role == CallerRole.CLIENT).all()
    assert (visit.began_at, visit.ended_at) == (NOW, NOW)
    comes(appointment, JANE, after=late)
    assert [each.name for each in asks(dana, after=late).others] == ["Jane"]


def test_time_inside_is_kept_for_each_visit(appointment: Appointment) -> None:
    _, jane = both_inside(appointment)
    asks(jane, after=int(SEEN_EVERY.total_seconds()))
    leave(**who(jane), now=NOW + timedelta(minutes=20))
    comes(appointment, JANE, after=25 * 60)
    visits = db.session.query(CallVisit).join(Caller).filter(Caller.role == CallerRole.CLIENT).order_by(CallVisit.id)
    twenty, twenty_five = NOW + timedelta(minutes=20), NOW + timedelta(minutes=25)
    assert [(each.began_at, each.ended_at) for each in visits] == [(NOW, twenty), (twenty_five, None)]


def test_who_was_put_out_stays_out_until_they_are_let_in_again(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    put_out(**who(dana), whom=jane.caller_public_id, by=BY_STAFF, now=NOW)
    back = comes(appointment, JANE, takes_over=True)
    assert asks(back).caller.state == CallerState.REMOVED
    let_in(**who(dana), whom=back.caller_public_id, by=BY_STAFF, now=NOW)
    assert asks(back).caller.state == CallerState.ADMITTED


def test_after_the_end_everybody_waits_again(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    asks(jane, SignalSent(dana.caller_public_id, 1, "{}"))
    end_for_all(**who(dana), by=BY_STAFF, now=NOW)
    assert db.session.query(CallSignal).count() == 0
    told = asks(jane)
    assert (told.caller.state, told.call.ended_at) == (CallerState.LEFT, NOW)
    assert asks(comes(appointment, JANE)).caller.state == CallerState.WAITING


def test_only_a_therapist_who_is_in_conducts(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    for deed in (let_in, end_for_all):
        with pytest.raises(NotAllowed):
            deed(**who(jane), by=BY_STAFF, now=NOW)
    leave(**who(dana), now=NOW)
    with pytest.raises(NotAllowed):
        end_for_all(**who(dana), by=BY_STAFF, now=NOW)
    raise_hand(**who(jane), is_up=True, now=NOW)
    assert asks(jane).caller.hand_at == NOW


def test_a_key_opens_nothing_else(appointment: Appointment) -> None:
    dana, jane = both_inside(appointment)
    with pytest.raises(OpenElsewhere):
        exchange(caller_public_id=dana.caller_public_id, key=jane.key, after=0, now=NOW)
    with pytest.raises(NotFound):
        exchange(caller_public_id="nobody", key=jane.key, after=0, now=NOW)


def test_a_room_that_is_not_open_lets_nobody_come(appointment: Appointment) -> None:
    with pytest.raises(RoomClosed):
        comes(appointment, JANE, after=-3600)
