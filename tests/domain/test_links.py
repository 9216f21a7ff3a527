"""Signed links and stored secrets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import (
    Signed,
    digest_of,
    is_ended,
    link_of_companion,
    new_public_id,
    new_secret,
    sign_link,
    verify_link,
)

KEYS = ["the key of today", "the key of yesterday"]


def test_a_link_carries_its_public_id_and_22_characters_of_signature() -> None:
    assert re.fullmatch(r"abc_DEF-1234\.[A-Za-z0-9_-]{22}", sign_link(KEYS, "manage", "abc_DEF-1234"))


def test_a_link_that_was_printed_once_works_for_ever() -> None:
    # Links stand in messages that people keep: changing how they are made would break every one of them.
    assert sign_link(["k"], "manage", "abc") == "abc.aIZLj37xpmysAi_-5xZw0w"


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.sampled_from(["manage", "join"]))
def test_what_was_signed_verifies(public_id: str, purpose: str) -> None:
    assert verify_link(KEYS, purpose, sign_link(KEYS, purpose, public_id)) == Signed(public_id)


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.integers(1, 999_999))
def test_a_link_says_of_which_version_it_is(public_id: str, version: int) -> None:
    assert verify_link(KEYS, "manage", sign_link(KEYS, "manage", public_id, version)) == Signed(public_id, version)


@given(
    st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    st.integers(0, 999_999),
    st.from_regex(r"[A-Za-z0-9_-]{12}", fullmatch=True),
)
def test_a_link_says_for_which_companion_it_is(public_id: str, version: int, companion: str) -> None:
    token = sign_link(KEYS, "manage", public_id, version, companion)
    assert verify_link(KEYS, "manage", token) == Signed(public_id, version, companion)
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", token.replace(f".{companion}", "", 1))


def test_a_companions_link_ends_with_either_row() -> None:
    seat, companion = Signed("seat", 2), Signed("companion-id", 3)
    sent = link_of_companion(seat, companion)
    assert sent == Signed("seat", 5, "companion-id")
    for ended in (link_of_companion(Signed("seat", 3), companion), link_of_companion(seat, Signed("companion-id", 4))):
        assert is_ended(sent, ended)
    assert not is_ended(sent, link_of_companion(seat, companion))


def test_a_link_that_was_ended_cannot_be_written_into_a_newer_one() -> None:
    public_id, signature = sign_link(KEYS, "manage", "abc").split(".")
    for forged in (f"{public_id}.1.{signature}", f"{public_id}.0.{signature}", f"{public_id}.01.{signature}"):
        with pytest.raises(LinkInvalid):
            verify_link(KEYS, "manage", forged)
    newer = sign_link(KEYS, "manage", "abc", 1)
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", newer.replace(".1.", ".2."))
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", newer.replace(".1.", "."))


@pytest.mark.parametrize(("link", "row", "ended"), [(0, 0, False), (0, 1, True), (1, 2, True), (2, 2, False)])
def test_what_is_older_than_the_row_says_is_ended(link: int, row: int, ended: bool) -> None:
    assert is_ended(Signed("abc", link), Signed("abc", row)) is ended


def test_a_link_of_the_key_before_still_works() -> None:
    assert verify_link(KEYS, "manage", sign_link(KEYS[1:], "manage", "abc")).public_id == "abc"


def test_a_link_of_a_retired_key_does_not() -> None:
    with pytest.raises(LinkInvalid):
        verify_link(KEYS[:1], "manage", sign_link(KEYS[1:], "manage", "abc"))


def test_a_link_to_join_does_not_manage() -> None:
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", sign_link(KEYS, "join", "abc"))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "abc",
        "abc.",
        ".aaaaaaaaaaaaaaaaaaaaaa",
        "abc.aaaaaaaaaaaaaaaaaaaaaa",
        "abc.aaaaaaaaaaaaaaaaaaaaa",
        "abc.aaaaaaaaaaaaaaaaaaaaaa\n",
        "a" * 10_000,
        "a" * 10_000 + ".aaaaaaaaaaaaaaaaaaaaaa",
        "äbc.aaaaaaaaaaaaaaaaaaaaaa",
        "abc.ääääääääääääääääääääää",
        "abc.٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣٣",
        "\ud800.aaaaaaaaaaaaaaaaaaaaaa",
        "\0",
    ],
)
def test_what_a_stranger_types_is_refused(token: str) -> None:
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", token)


@given(st.data())
def test_changing_any_character_breaks_a_link(data: st.DataObject) -> None:
    token = sign_link(KEYS, "manage", "abcdefghijkl")
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters().filter(lambda drawn: drawn != token[place]))
    with pytest.raises(LinkInvalid):
        verify_link(KEYS, "manage", token[:place] + letter + token[place + 1 :])


@pytest.mark.parametrize("keys", [[], [""], ["good", ""], "a string is not a list of keys"])
def test_signing_without_a_proper_key_is_a_mistake_of_ours(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        sign_link(keys, "manage", "abc")
    with pytest.raises(ValueError, match="at least one key"):
        verify_link(keys, "manage", "abc.aaaaaaaaaaaaaaaaaaaaaa")


@pytest.mark.parametrize("public_id", ["", "a.b", "a b", "a/b", "ä", "a" * 65])
def test_only_ids_that_can_travel_are_signed(public_id: str) -> None:
    with pytest.raises(ValueError, match="public id"):
        sign_link(KEYS, "manage", public_id)


def test_public_ids_have_12_url_safe_characters_and_differ() -> None:
    ids = {new_public_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", each) for each in ids)


def test_secrets_are_long_enough_and_differ() -> None:
    secrets = {new_secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert all(len(each) * 6 >= 128 for each in secrets)


def test_a_digest_is_sha256_in_hexadecimal() -> None:
    assert digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_digest_takes_whatever_a_stranger_sends() -> None:
    assert len(digest_of("\ud800" + "ä" * 10_000)) == 64
