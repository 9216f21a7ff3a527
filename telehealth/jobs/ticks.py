"""What happens as time passes. Rows are the schedule; this table only says how often somebody looks at them.

A tick that was missed or comes late does no harm: the next one finds the same rows.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from telehealth import clock
from telehealth.services import delivery, holds, requests, series, upkeep, waitlist

BATCH = 20
WORKER = f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the table: what is done, and every how many seconds."""

    name: str
    every: int
    action: Callable[[Flask], object]


def send_due_messages(app: Flask) -> int:
    """Send whatever is due, batch by batch, until nothing is left; how many were tried."""
    tried = 0
    addresses, gateways = app.extensions["addresses"], app.extensions["gateways"]
    while claimed := delivery.claim(worker=WORKER, addresses=addresses, limit=BATCH, now=clock.now()):
        for message in claimed:
            delivery.deliver(message, gateways=gateways, now=clock.now())
        tried += len(claimed)
    return tried


def expire_messages(_app: Flask) -> int:
    """Mark what can no longer be useful; how many."""
    return delivery.expire(now=clock.now())


def expire_requests(_app: Flask) -> int:
    """Let requests go that nobody answered in time; how many."""
    return requests.expire(now=clock.now())


def sweep_holds(_app: Flask) -> int:
    """Delete holds that are long over; how many."""
    return holds.sweep(now=clock.now())


def offer_freed_times(_app: Flask) -> int:
    """Offer what became free to those who wait; how many offers."""
    return waitlist.offer_freed(now=clock.now())


def expire_waits(_app: Flask) -> int:
    """End the offers nobody answered in time, and the waits whose last date is over; how many."""
    return waitlist.expire(now=clock.now())


def make_appointments_of_standing_slots(_app: Flask) -> int:
    """Make the appointments that standing slots are due, some weeks ahead; how many."""
    return series.materialise(now=clock.now())


def forget_old_keys(_app: Flask) -> int:
    """Forget idempotency keys and sign-ins that can no longer matter; how many."""
    return upkeep.forget_old_keys(now=clock.now())


def table(poll_seconds: int) -> tuple[Tick, ...]:
    """Every tick. ``poll_seconds`` is how soon a due message is noticed."""
    return (
        Tick("send due messages", poll_seconds, send_due_messages),
        Tick("expire messages", 60, expire_messages),
        Tick("expire requests", 60, expire_requests),
        Tick("offer freed times", 30, offer_freed_times),
        Tick("expire offers and waits", 30, expire_waits),
        Tick("sweep holds", 3600, sweep_holds),
        Tick("make the appointments of standing slots", 3600, make_appointments_of_standing_slots),
        Tick("forget old keys", 3600, forget_old_keys),
    )
