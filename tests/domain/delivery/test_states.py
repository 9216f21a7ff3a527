"""A message only moves forward."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.delivery.states import LOST, REACHES, STEPS, advance, may_become, require_step
from telehealth.domain.errors import ImpossibleStatus
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.ports import DeliveryStatus

S = MessageStatus
ORDER = (S.PLANNED, S.SENDING, S.ACCEPTED, S.SENT)
ENDED = frozenset({S.DELIVERED, S.UNDELIVERED, S.FAILED, S.VOID, S.EXPIRED})
reports = st.lists(st.sampled_from(DeliveryStatus), max_size=12)
statuses = st.sampled_from(MessageStatus)


def replay(start: MessageStatus, reported: list[DeliveryStatus]) -> list[MessageStatus]:
    """Every status a message goes through."""
    seen = [start]
    for report in reported:
        seen.append(advance(seen[-1], report) or seen[-1])
    return seen


def rank(status: MessageStatus) -> int:
    return len(ORDER) if status in ENDED else ORDER.index(status)


def test_the_table_knows_every_status() -> None:
    assert set(STEPS) == set(MessageStatus) == set(ORDER) | ENDED


def test_no_report_leads_out_of_an_end() -> None:
    ends = {status for status in MessageStatus if not any(advance(status, report) for report in DeliveryStatus)}
    assert ends == ENDED


def test_what_was_tried_got_through_or_was_lost() -> None:
    assert set(MessageStatus) - REACHES - LOST == {S.VOID, S.EXPIRED}
    assert not REACHES & LOST


@given(statuses, reports)
def test_reports_in_any_order_and_number_never_move_a_message_back(
    start: MessageStatus, reported: list[DeliveryStatus]
) -> None:
    ranks = [rank(status) for status in replay(start, reported)]
    assert ranks == sorted(ranks)


@given(statuses, reports)
def test_a_message_that_has_ended_stays_as_it_is(start: MessageStatus, reported: list[DeliveryStatus]) -> None:
    seen = replay(start, reported)
    ended = [status for status in seen if status in ENDED]
    assert len(set(ended)) <= 1


@pytest.mark.parametrize("end", [DeliveryStatus.DELIVERED, DeliveryStatus.UNDELIVERED, DeliveryStatus.FAILED])
@pytest.mark.parametrize("start", [MessageStatus.PLANNED, MessageStatus.SENDING, MessageStatus.ACCEPTED])
def test_every_order_of_one_life_ends_alike(start: MessageStatus, end: DeliveryStatus) -> None:
    life = [DeliveryStatus.ACCEPTED, DeliveryStatus.SENT, DeliveryStatus.SENT, end, end]
    assert {replay(start, list(order))[-1] for order in permutations(life)} == {MessageStatus(end.value)}


def test_a_repeated_report_changes_nothing() -> None:
    assert advance(MessageStatus.SENT, DeliveryStatus.SENT) is None


def test_a_late_report_changes_nothing() -> None:
    assert advance(MessageStatus.DELIVERED, DeliveryStatus.SENT) is None


def test_a_report_that_overtakes_our_own_record_is_believed() -> None:
    assert advance(MessageStatus.PLANNED, DeliveryStatus.DELIVERED) is MessageStatus.DELIVERED


def test_a_claim_may_be_given_up() -> None:
    assert require_step(MessageStatus.SENDING, MessageStatus.PLANNED) is MessageStatus.PLANNED


def test_what_was_taken_is_never_planned_again() -> None:
    # SENDING is not taken yet, and what is VOID or EXPIRED never was.
    taken = set(MessageStatus) - {MessageStatus.SENDING, MessageStatus.VOID, MessageStatus.EXPIRED}
    assert not any(may_become(status, MessageStatus.PLANNED) for status in taken)


def test_an_impossible_step_says_so() -> None:
    with pytest.raises(ImpossibleStatus, match="void cannot become sent"):
        require_step(MessageStatus.VOID, MessageStatus.SENT)


@pytest.mark.parametrize("aside", [MessageStatus.VOID, MessageStatus.EXPIRED])
def test_what_was_put_aside_may_be_planned_again_and_no_report_does_so(aside: MessageStatus) -> None:
    assert require_step(aside, MessageStatus.PLANNED) is MessageStatus.PLANNED
    assert {advance(aside, report) for report in DeliveryStatus} == {None}


def test_a_claim_may_be_taken_over() -> None:
    assert may_become(MessageStatus.SENDING, MessageStatus.SENDING)
    assert not may_become(MessageStatus.PLANNED, MessageStatus.PLANNED)
