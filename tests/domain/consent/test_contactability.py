from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.consent.contactability import (
    NO_OPT_OUTS,
    PURPOSE_OF,
    OptOuts,
    contactable_channels,
    reached_at,
    why_not_contactable,
)
from telehealth.domain.message_words import Channel, MessageKind, Purpose, Reason, SuppressionReason
from telehealth.domain.reasons import say_reason
from tests.moments import NOW

TEXT, EMAIL = Channel.TEXT, Channel.EMAIL
HERS, SAFE = "+13035550123", "+13035550199"


@dataclass(frozen=True)
class Someone:
    """Both what was typed and what is on file."""

    client_id: int = 7
    email: str = "jane@example.com"
    phone: str | None = HERS
    text_consent_at: datetime | None = NOW
    safe_email: str | None = None
    safe_phone: str | None = None

    @property
    def id(self) -> int:
        return self.client_id


def why_not(
    who: Someone, channel: Channel, withheld: OptOuts = NO_OPT_OUTS, purpose: Purpose = Purpose.APPOINTMENTS
) -> Reason | None:
    return why_not_contactable(who, who, channel, purpose, withheld)


def refused(channel: Channel, purpose: Purpose = Purpose.APPOINTMENTS, client_id: int = 7) -> OptOuts:
    return OptOuts(refused=frozenset({(client_id, channel, purpose)}))


def suppressed(channel: Channel, address: str, reason: SuppressionReason = SuppressionReason.STOP) -> OptOuts:
    return OptOuts(suppressed={(channel, address): reason})


def test_nothing_in_the_way() -> None:
    assert [why_not(Someone(), channel) for channel in Channel] == [None, None]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(
    ("who", "withheld", "texts", "emails"),
    [
        (Someone(), NO_OPT_OUTS, True, True),
        (Someone(text_consent_at=None), NO_OPT_OUTS, False, True),
        (Someone(phone=None), NO_OPT_OUTS, False, True),
        (Someone(phone=None, safe_phone=SAFE), NO_OPT_OUTS, True, True),
        (Someone(email=""), NO_OPT_OUTS, True, False),
        (Someone(email="", safe_email="safe@example.org"), NO_OPT_OUTS, True, True),
        (Someone(), suppressed(TEXT, HERS), False, True),
        (Someone(), suppressed(TEXT, SAFE), True, True),
        (Someone(safe_phone=SAFE), suppressed(TEXT, HERS), True, True),
        (Someone(safe_phone=SAFE), suppressed(TEXT, SAFE), False, True),
        (Someone(), suppressed(EMAIL, "jane@example.com", SuppressionReason.BAD_ADDRESS), True, False),
        (Someone(email="Jane@Example.com"), suppressed(EMAIL, "jane@example.com"), True, False),
        (Someone(safe_email="safe@example.org"), suppressed(EMAIL, "jane@example.com"), True, True),
        (Someone(), suppressed(EMAIL, HERS), True, True),
    ],
)
def test_matrix(who: Someone, withheld: OptOuts, purpose: Purpose, texts: bool, emails: bool) -> None:
    wanted = {channel for channel, is_open in ((TEXT, texts), (EMAIL, emails)) if is_open}
    assert contactable_channels(who, who, purpose, withheld) == wanted


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("purpose", Purpose)
def test_a_no_is_about_one_person_one_channel_and_one_purpose(channel: Channel, purpose: Purpose) -> None:
    withheld = refused(channel, purpose)
    closed = {(c, p) for c in Channel for p in Purpose if why_not(Someone(), c, withheld, p)}
    assert closed == {(channel, purpose)}
    assert contactable_channels(Someone(client_id=8), Someone(client_id=8), purpose, withheld) == set(Channel)


@pytest.mark.parametrize("reason", SuppressionReason)
@pytest.mark.parametrize("channel", Channel)
def test_every_reason_is_a_sentence(channel: Channel, reason: SuppressionReason) -> None:
    where = HERS if channel == TEXT else "jane@example.com"
    sentence = say_reason(why_not(Someone(), channel, suppressed(channel, where, reason)))
    assert sentence[0].isupper()
    assert sentence.endswith(".")


def test_who_can_end_it_is_told_first() -> None:
    both = OptOuts(refused(TEXT).refused, suppressed(TEXT, HERS).suppressed)
    assert why_not(Someone(), TEXT, both) == Reason.TEXT_STOPPED
    assert say_reason(Reason.TEXT_STOPPED).startswith("They ended texts with STOP; only START")
    assert why_not(Someone(text_consent_at=None), TEXT, both) == Reason.TEXT_STOPPED
    assert why_not(Someone(text_consent_at=None), TEXT, refused(TEXT)) == Reason.TEXT_REFUSED_APPOINTMENTS
    assert say_reason(Reason.TEXT_REFUSED_APPOINTMENTS) == "They said no to texts about appointments."
    assert why_not(Someone(text_consent_at=None), TEXT) == Reason.DID_NOT_AGREE


def test_where_it_is_safe_wins() -> None:
    who = Someone(safe_phone=SAFE, safe_email="safe@example.org")
    assert [reached_at(who, who, channel) for channel in (TEXT, EMAIL)] == [SAFE, "safe@example.org"]
    assert reached_at(Someone(phone=None), Someone(), TEXT) is None


def test_every_kind_has_a_purpose() -> None:
    assert set(PURPOSE_OF) == set(MessageKind)
    assert {kind for kind, purpose in PURPOSE_OF.items() if purpose != Purpose.APPOINTMENTS} == {
        MessageKind.OFFER,
        MessageKind.FOLLOW_UP,
    }


@given(st.booleans(), st.booleans(), st.sampled_from(list(SuppressionReason)), st.sampled_from(list(Purpose)))
def test_more_in_the_way_never_opens_a_channel(
    agreed: bool, has_safe: bool, reason: SuppressionReason, purpose: Purpose
) -> None:
    who = Someone(text_consent_at=NOW if agreed else None, safe_phone=SAFE if has_safe else None)
    before = contactable_channels(who, who, purpose, NO_OPT_OUTS)
    where = reached_at(who, who, TEXT) or ""
    for more in (refused(TEXT, purpose), refused(EMAIL, purpose), suppressed(TEXT, where, reason)):
        assert contactable_channels(who, who, purpose, more) <= before
