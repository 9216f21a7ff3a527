"""Sending by hand, as a test wants it."""

from __future__ import annotations

from datetime import datetime

from telehealth.domain.ports import Gateways
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.sending import deliver_all


def deliver_one(claimed: Claimed, *, gateways: Gateways, now: datetime) -> None:
    """Send one claimed message at an instant, and record what came of it."""
    deliver_all([claimed], gateways=gateways, now=lambda: now)
