"""What follows for a message that a provider did not take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from telehealth.domain.delivery.retries import NEVER_AGAIN, REASONS, Step, after_failure
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.domain.ports import DeliveryFailed, Remedy
from tests.moments import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Try:
    channel: Channel = Channel.TEXT
    attempts: int = 1
    first_tried_at: datetime = NOW
    not_after: datetime = NOW + DAY
    ask_since: datetime | None = None


def follows(remedy: Remedy, attempt: Try | None = None, *, now: datetime = NOW, asked: float | None = None) -> Step:
    failure = DeliveryFailed("4711", remedy, retry_after=asked)
    return after_failure(attempt or Try(), failure, spread=1.0, now=now)


def test_every_remedy_has_its_words() -> None:
    assert set(REASONS) == set(Remedy)


@pytest.mark.parametrize("remedy", sorted(Remedy))
def test_what_will_never_be_taken_ends(remedy: Remedy) -> None:
    step = follows(remedy)
    assert (step.status == MessageStatus.FAILED) == (remedy in NEVER_AGAIN)
    assert step.reason == REASONS[remedy]
    assert step.unsure == (remedy == Remedy.ASK)


@pytest.mark.parametrize(
    ("remedy", "wait"),
    [(Remedy.RETRY, MINUTE / 2), (Remedy.ASK, MINUTE), (Remedy.RETRY_LATER, 30 * MINUTE), (Remedy.ALERT, 15 * MINUTE)],
)
def test_how_long_it_waits(remedy: Remedy, wait: timedelta) -> None:
    assert follows(remedy).due_at == NOW + wait
    assert follows(remedy, asked=2400).due_at == NOW + 40 * MINUTE


def test_waits_double_up_to_an_hour() -> None:
    waits = [follows(Remedy.RETRY, Try(attempts=number)).due_at - NOW for number in range(1, 11)]
    assert waits == [min(MINUTE / 2 * 2**number, 60 * MINUTE) for number in range(10)]


def test_nothing_is_tried_beyond_its_use_but_asked_about_for_a_day() -> None:
    late = Try(not_after=NOW + MINUTE / 4)
    assert follows(Remedy.RETRY, late).status == MessageStatus.FAILED
    assert follows(Remedy.ASK, late).status == MessageStatus.PLANNED
    assert follows(Remedy.ASK, late, now=NOW + DAY).status == MessageStatus.FAILED


def test_a_phone_out_of_reach_is_tried_once_more() -> None:
    assert follows(Remedy.RETRY_LATER, Try(attempts=1)).status == MessageStatus.PLANNED
    assert follows(Remedy.RETRY_LATER, Try(attempts=2)).status == MessageStatus.FAILED


@pytest.mark.parametrize(
    ("attempt", "status"),
    [
        (Try(), MessageStatus.FAILED),
        (Try(ask_since=NOW), MessageStatus.PLANNED),
        (Try(Channel.EMAIL), MessageStatus.PLANNED),
    ],
)
def test_a_text_waits_an_hour_for_our_set_up_and_an_e_mail_as_long_as_it_is_useful(
    attempt: Try, status: MessageStatus
) -> None:
    assert follows(Remedy.ALERT, attempt, now=NOW + 44 * MINUTE).status == MessageStatus.PLANNED
    assert follows(Remedy.ALERT, attempt, now=NOW + 45 * MINUTE).status == status


def test_what_may_have_gone_stays_unsure_until_somebody_knows() -> None:
    assert follows(Remedy.RETRY, Try(ask_since=NOW)).unsure
    assert follows(Remedy.ALERT, Try(ask_since=NOW)).unsure


def test_an_e_mail_without_an_answer_does_not_go_for_ever() -> None:
    again = Try(Channel.EMAIL, attempts=7, ask_since=NOW)
    assert follows(Remedy.ASK, again, now=NOW + 59 * MINUTE).status == MessageStatus.PLANNED
    assert follows(Remedy.ASK, again, now=NOW + 60 * MINUTE).status == MessageStatus.FAILED
