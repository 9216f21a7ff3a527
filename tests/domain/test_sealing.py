"""Secrets that have to be read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.sealing import KeyRing, SealBroken

OLD, NEW = "the-older-key-of-the-practice", "the-newer-key-of-the-practice"
HERE = "calendar_connection.secret:one"


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_again_and_shows_nothing(value: bytes) -> None:
    ring = KeyRing([NEW])
    sealed = ring.seal(value, place=HERE)
    assert ring.open(sealed, place=HERE) == value
    assert len(value) < 4 or value not in sealed
    assert ring.seal(value, place=HERE) != sealed


def test_a_key_behind_the_newest_still_opens() -> None:
    sealed = KeyRing([OLD]).seal(b"secret", place=HERE)
    both = KeyRing([NEW, OLD])
    assert both.open(sealed, place=HERE) == b"secret"
    assert not both.is_newest(sealed)
    assert both.is_newest(both.seal(b"secret", place=HERE))


def test_it_opens_nowhere_else() -> None:
    ring = KeyRing([NEW])
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"secret", place=HERE), place="calendar_connection.secret:another")


@pytest.mark.parametrize("harm", [b"", b"\x01", b"not sealed at all, whatever it says"])
def test_what_was_never_sealed_does_not_open(harm: bytes) -> None:
    with pytest.raises(SealBroken):
        KeyRing([NEW]).open(harm, place=HERE)


def test_a_changed_bit_breaks_the_seal() -> None:
    ring = KeyRing([NEW])
    sealed = bytearray(ring.seal(b"secret", place=HERE))
    for at in range(len(sealed)):
        harmed = sealed.copy()
        harmed[at] ^= 1
        with pytest.raises(SealBroken):
            ring.open(bytes(harmed), place=HERE)


def test_a_lost_key_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        KeyRing([NEW]).open(KeyRing([OLD]).seal(b"secret", place=HERE), place=HERE)


def test_keys_are_not_shown() -> None:
    assert NEW not in repr(KeyRing([NEW]))
