"""Whether a message may go out, and if not, what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from telehealth.domain.consent.contactability import NO_OPT_OUTS, OptOuts
from telehealth.domain.delivery.verdicts import Verdict, decide
from telehealth.domain.message_words import (
    Channel,
    MessageKind,
    MessageStatus,
    Purpose,
    Reason,
    ReplyMeaning,
    SuppressionReason,
)
from telehealth.domain.words import AppointmentStatus, OfferStatus

NOON = datetime(2026, 3, 4, 19, 0, tzinfo=UTC)  # in Denver, a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHONE = "+13035550123"
K, S = MessageKind, MessageStatus


def message(**given: Any) -> Any:
    """A reminder by text that may go: one client, in Denver, who agreed to texts."""
    practice = SimpleNamespace(texts_from=480, texts_until=1260, texts_a_day=6, plan_version=3)
    client = SimpleNamespace(id=7, safe_phone=None, safe_email=None)
    attendee = SimpleNamespace(
        client_id=7,
        client=client,
        email="jane@example.com",
        phone=PHONE,
        text_consent_at=NOON - DAY,
        timezone="America/Denver",
        jurisdiction="CO",
        status=AppointmentStatus.BOOKED,
    )
    usual = {
        "kind": K.REMINDER,
        "channel": Channel.TEXT,
        "version": 1,
        "not_after": NOON + DAY,
        "companion": None,
        "appointment": SimpleNamespace(sequence=1, plan_version=3, practice=practice),
        "attendee": attendee,
        "therapist": None,
        "offer": None,
        "inbound": None,
        "login_letter": None,
        "alert": None,
    }
    return SimpleNamespace(**{**usual, **given})


def judged(row: Any, *, now: datetime = NOON, withheld: OptOuts = NO_OPT_OUTS, had: int = 0) -> Verdict:
    return decide(row, withheld=withheld, now=now, texted={PHONE: had})


def test_it_may_go() -> None:
    assert judged(message()) == Verdict(send=True)


def test_an_older_version_is_void() -> None:
    found = judged(message(version=0))
    assert (found.send, found.status, found.reason) == (False, S.VOID, Reason.APPOINTMENT_CHANGED)


def test_a_catch_up_is_about_several_things() -> None:
    assert judged(message(kind=K.CATCH_UP, version=0)).send


@pytest.mark.parametrize("kind", [K.REMINDER, K.JOIN_LINK])
def test_whoever_does_not_come_is_not_reminded(kind: MessageKind) -> None:
    row = message(kind=kind)
    row.attendee.status = AppointmentStatus.CANCELLED
    assert judged(row).reason == Reason.NOT_COMING
    assert judged(message(kind=K.CANCELLATION, attendee=row.attendee)).send


def test_whoever_came_after_all_gets_no_line_about_missing() -> None:
    row = message(kind=K.FOLLOW_UP)
    assert judged(row).status == S.VOID
    row.attendee.status = AppointmentStatus.NOSHOW
    assert judged(row).send


def test_too_late_is_too_late() -> None:
    found = judged(message(not_after=NOON))
    assert (found.status, found.by_email) == (S.EXPIRED, False)


def test_what_was_planned_under_older_rules_stays_until_it_is_planned_anew() -> None:
    row = message()
    row.appointment.plan_version = 2
    found = judged(row)
    assert (found.send, found.status, found.wait_until) == (False, None, None)


def test_without_consent_it_goes_by_e_mail() -> None:
    row = message()
    row.attendee.text_consent_at = None
    found = judged(row)
    assert (found.status, found.by_email) == (S.VOID, True)
    assert judged(message(channel=Channel.EMAIL, attendee=row.attendee)).send


def test_a_no_and_a_stop_count() -> None:
    no = OptOuts(refused=frozenset({(7, Channel.TEXT, Purpose.APPOINTMENTS)}))
    stop = OptOuts(suppressed={(Channel.TEXT, PHONE): SuppressionReason.STOP})
    for withheld in (no, stop):
        found = judged(message(), withheld=withheld)
        assert (found.status, found.by_email) == (S.VOID, True)
        assert judged(message(channel=Channel.EMAIL), withheld=withheld).send


@pytest.mark.parametrize(
    ("wall", "waits_for"),
    [(7, 8), (8, None), (20, None), (21, 8 + 24), (2, 8)],
)
def test_nobody_is_texted_at_night(wall: int, waits_for: int | None) -> None:
    midnight = datetime(2026, 3, 4, 7, 0, tzinfo=UTC)
    found = judged(message(), now=midnight + wall * HOUR)
    assert found.wait_until == (None if waits_for is None else midnight + waits_for * HOUR)
    assert found.send == (waits_for is None)
    assert judged(message(channel=Channel.EMAIL), now=midnight + wall * HOUR).send


def test_a_state_may_be_stricter() -> None:
    row = message()
    row.attendee.jurisdiction = "WA"  # Until 20:00.
    evening = NOON + 8 * HOUR
    assert judged(message(), now=evening).send
    assert not judged(row, now=evening).send


def test_what_has_no_use_in_the_morning_goes_by_e_mail() -> None:
    night = NOON + 10 * HOUR
    found = judged(message(not_after=night + HOUR), now=night)
    assert (found.status, found.by_email) == (S.EXPIRED, True)


def test_a_number_gets_only_so_many_texts_a_day() -> None:
    assert judged(message(), had=5).send
    found = judged(message(), had=6)
    assert (found.send, found.status, found.by_email) == (False, S.VOID, True)
    assert (found.reason, found.detail) == (Reason.MANY_TEXTS, "6")


def test_what_somebody_texted_is_answered_by_night() -> None:
    night = NOON + 10 * HOUR
    inbound = SimpleNamespace(sender=PHONE, received_at=night - HOUR, meaning=ReplyMeaning.OTHER)
    row = message(kind=K.REPLY, appointment=None, attendee=None, inbound=inbound)
    assert judged(row, now=night, had=9).send
    stop = OptOuts(suppressed={(Channel.TEXT, PHONE): SuppressionReason.STOP})
    found = judged(row, withheld=stop)
    assert (found.status, found.by_email) == (S.VOID, False)


@pytest.mark.parametrize("meaning", ReplyMeaning)
@pytest.mark.parametrize("kind", [K.REPLY, K.NOTE])
@pytest.mark.parametrize("reason", SuppressionReason)
def test_what_may_follow_an_end_of_texts(reason: SuppressionReason, kind: MessageKind, meaning: ReplyMeaning) -> None:
    inbound = SimpleNamespace(sender=PHONE, received_at=NOON, meaning=meaning)
    row = message(kind=kind, appointment=None, attendee=None, inbound=inbound)
    sent = judged(row, withheld=OptOuts(suppressed={(Channel.TEXT, PHONE): reason})).send
    is_allowed = kind == K.REPLY and meaning in {ReplyMeaning.STOP, ReplyMeaning.CRISIS}
    assert sent == (reason == SuppressionReason.PAUSED or (reason == SuppressionReason.STOP and is_allowed))


def test_staff_on_duty_are_told_at_any_hour() -> None:
    night = NOON + 15 * HOUR
    inbound = SimpleNamespace(sender=PHONE, received_at=night - 6 * HOUR, meaning=ReplyMeaning.CRISIS)
    row = message(kind=K.ALERT, appointment=None, attendee=None, inbound=inbound, sent_to=PHONE, not_after=night + HOUR)
    assert judged(row, now=night, had=99).send
    bad = OptOuts(suppressed={(Channel.TEXT, PHONE): SuppressionReason.BAD_ADDRESS})
    found = judged(row, withheld=bad, now=night)
    assert (found.status, found.by_email) == (S.VOID, True), "in another way"


@pytest.mark.parametrize("kind", [K.REPLY, K.NOTE])
def test_whoever_texted_us_hours_ago_is_asleep_by_now(kind: MessageKind) -> None:
    practice = SimpleNamespace(texts_from=480, texts_until=1260, timezone="America/Denver")
    client = SimpleNamespace(timezone="America/New_York")
    inbound = SimpleNamespace(sender=PHONE, received_at=NOON, practice=practice, client=client)
    row = message(kind=kind, appointment=None, attendee=None, inbound=inbound, not_after=NOON + DAY)
    assert judged(row, now=NOON + 6 * HOUR).send
    night, eight_in_new_york = NOON + 9 * HOUR, NOON + 18 * HOUR
    assert judged(row, now=night).wait_until == eight_in_new_york
    inbound.client = None
    assert judged(row, now=night).wait_until == eight_in_new_york + 2 * HOUR
    row.not_after = night + HOUR
    found = judged(row, now=night)
    assert (found.status, found.by_email) == (S.EXPIRED, False)


def test_therapists_are_written_to_whatever_clients_said() -> None:
    row = message(kind=K.AGENDA, channel=Channel.EMAIL, appointment=None, attendee=None)
    assert judged(row, now=NOON + 10 * HOUR).send


def test_an_offer_that_was_answered_is_void() -> None:
    seat = message().attendee
    entry = SimpleNamespace(**vars(seat), practice=message().appointment.practice)
    offer = SimpleNamespace(status=OfferStatus.OPEN, entry=entry)
    row = message(kind=K.OFFER, appointment=None, attendee=None, offer=offer)
    assert judged(row).send
    offer.status = OfferStatus.ACCEPTED
    assert judged(row).reason == Reason.OFFER_ANSWERED
