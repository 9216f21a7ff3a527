"""Sending by hand, as a test wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from telehealth.domain.addresses import Addresses
from telehealth.domain.ports import Email, Gateways, Text
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.sending import deliver_all
from tests.fakes import FakeClock, FakeEmails, FakeTexts


def deliver_one(claimed: Claimed, *, gateways: Gateways, now: datetime) -> None:
    """Send one claimed message at an instant, and record what came of it."""
    deliver_all([claimed], gateways=gateways, now=lambda: now)


@dataclass
class Carrier:
    """Whoever carries the outbox until nothing in it is due, and what came since the last look."""

    addresses: Addresses
    gateways: Gateways
    clock: FakeClock
    emails: FakeEmails
    texts: FakeTexts
    seen: tuple[int, int] = (0, 0)

    def carry(self, by: timedelta) -> tuple[list[Email], list[Text]]:
        """So much later; the e-mails and texts that came."""
        self.clock.advance(by)
        while claimed := claim_messages(worker="w", addresses=self.addresses, limit=100, now=self.clock()):
            for each in claimed:
                deliver_one(each, gateways=self.gateways, now=self.clock())
        emails, texts = self.emails.sent[self.seen[0] :], self.texts.sent[self.seen[1] :]
        self.seen = (len(self.emails.sent), len(self.texts.sent))
        return emails, texts
