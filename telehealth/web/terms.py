"""The terms for changing one's mind, in a sentence or two; and what a service costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.domain.appointments.policies import AnswersRequests, end_of_request
from telehealth.domain.money import Price, say_price
from telehealth.domain.times import say_briefly
from telehealth.domain.words import LateChange
from telehealth.models import Policy, Practice, Service

HOUR, DAY = 60, 24 * 60
HOURS_UNTIL = 72 * HOUR
"""Practices say "48 hours", not "two days": only longer windows are said in days."""
FREE = "Free of charge"
WITHOUT = "You can move or cancel it online until it starts."
AFTERWARDS = {
    LateChange.CALL: "After that, please call us.",
    LateChange.MARK: "After that you can still cancel, and it counts as a late cancellation; to move it, call us.",
}


TOO_LATE = {
    LateChange.CALL: "The start is less than {span} away, so to move or cancel it you would have to call us.",
    LateChange.MARK: "The start is less than {span} away: cancelling it would count as late, and to move it, call us.",
}


def say_fee(service: Service) -> str:
    """What everybody reads of what a service costs: "$150.00.", "$150.00. Sliding scale; ask us."; empty where the
    practice says nothing.
    """
    return _join_fee(service.shown_price, service.fee_note)


def say_fee_to_staff(service: Service) -> str:
    """The same with what is not shown to clients."""
    said = _join_fee(service.price, service.fee_note)
    return f"{said} (clients do not read the number)" if service.price is not None and not service.price_shown else said


def _join_fee(price: Price | None, note: str) -> str:
    amount = "" if price is None else say_price(price) if price.minor else FREE
    return " ".join(f"{each.removesuffix('.')}." for each in (amount, note) if each)


def say_terms_for(policy: Policy | None, starts_at: datetime, *, now: datetime) -> str:
    """The same for whoever is about to book a start: what is over already is not promised."""
    if policy is None or not policy.window_minutes or starts_at - timedelta(minutes=policy.window_minutes) > now:
        return say_terms(policy)
    said = TOO_LATE[policy.when_late].format(span=say_span(policy.window_minutes))
    return " ".join(filter(None, [said, policy.terms.strip()]))


def say_terms(policy: Policy | Practice | None) -> str:
    """What a client may do until when, and then what the practice itself says about it."""
    if policy is None:
        return WITHOUT
    said = [WITHOUT]
    if policy.window_minutes:
        until = f"You can move or cancel it online until {say_span(policy.window_minutes)} before the start."
        said = [until, AFTERWARDS[policy.when_late]]
    return " ".join(filter(None, [*said, policy.terms.strip()]))


def say_span(minutes: int) -> str:
    """ "30 minutes", "24 hours", "5 days"."""
    if minutes > HOURS_UNTIL and minutes % DAY == 0:
        return f"{minutes // DAY} days"
    if minutes and minutes % HOUR == 0:
        return "1 hour" if minutes == HOUR else f"{minutes // HOUR} hours"
    return f"{minutes} minutes"


def say_answer(service: AnswersRequests, starts_at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """When a request that is made now is answered at the latest: "within 2 days", or by when, where that is sooner."""
    usual = now + timedelta(minutes=service.approval_minutes)
    ends = end_of_request(service, starts_at, now=now)
    return f"within {say_span(service.approval_minutes)}" if ends >= usual else f"by {say_briefly(ends, zone)}"
