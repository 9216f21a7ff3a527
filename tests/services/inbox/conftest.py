from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageKind
from telehealth.models import Message
from telehealth.services.inbox.receiving import receive_text
from tests.factories import Office, make_office
from tests.moments import NOW
from tests.texting import NUMBER, OURS


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def text(app: Flask, database: Session, addresses: Addresses) -> Any:
    """Texts something to us, and returns what we answer ("" for nothing)."""
    numbers = count(1)

    def send(body: str, *, sender: str = NUMBER, now: datetime = NOW, sid: str = "", **given: Any) -> str:
        given = {"recipient": OURS, "provider_id": sid or f"SM{next(numbers)}", **given}
        found = receive_text(sender=sender, body=body, addresses=addresses, now=now, **given)
        database.expire_all()
        if found is None:
            return ""
        about = select(Message).where(Message.inbound_id == found.id, Message.kind == MessageKind.REPLY)
        answer = database.scalars(about).one_or_none()
        return answer.body if answer is not None else ""

    return send
