"""The headers of an e-mail that can be ended with one click."""

from __future__ import annotations

from email import message_from_bytes

import pytest

from telehealth.adapters import mime
from telehealth.domain.ports import DeliveryFailed, Email, Letter
from tests.moments import NOW

URL = "https://appointments.a-practice-with-a-long-name.example/u/123e4567-e89b-12d3-a456-426614174000.imLK-cICPfCYHDgSkqYK"


def sent(url: str) -> bytes:
    email = Email("a-1", "jane@example.com", "Jane", "Riverside Office", None, Letter("s", "g", ("p",)), None, url)
    return mime.build_mime(email, sender_address="appointments@riverside.example", sent_at=NOW).content


def test_one_click() -> None:
    raw = sent(URL)
    # As it is, on one line: mail programs take no encoded words here (RFC 2369 section 2, RFC 8058 section 3.1).
    assert f"\r\nList-Unsubscribe: <{URL}>\r\n".encode() in raw
    assert message_from_bytes(raw)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_cannot_be_ended_has_neither() -> None:
    assert not [name for name in message_from_bytes(sent("")) if name.startswith("List-")]


@pytest.mark.parametrize(
    "url", ["https://x.example/u/a\r\nBcc: b@example.com", "https://x.example/>", "mailto:a@b.example"]
)
def test_nothing_gets_into_the_header(url: str) -> None:
    with pytest.raises(DeliveryFailed):
        sent(url)
