"""Which rules about messages hold."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.rules import AT_ONCE, DEFAULTS, EVERY_MODE, SPAN, Rule, resolve_rules, usual_rules
from telehealth.domain.words import Mode

K = MessageKind
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


def about(rules: Iterable[Rule], kind: MessageKind) -> set[tuple[Channel, int]]:
    return {(rule.channel, rule.minutes) for rule in rules if rule.kind == kind}


kinds = st.sampled_from(sorted(SPAN))
rows = st.lists(
    st.builds(
        Rule,
        kinds,
        st.sampled_from(Channel),
        st.integers(0, 20_000),
        st.just(EVERY_MODE),
        st.booleans(),
        st.sampled_from(["", "Warm"]),
    ),
    max_size=8,
    unique_by=lambda row: (row.kind, row.channel, row.minutes),
)


def test_what_usually_holds() -> None:
    assert about(DEFAULTS, K.REMINDER) == {(each, hours * 60) for each in Channel for hours in (72, 24)}
    assert about(DEFAULTS, K.JOIN_LINK) == {(TEXT, 15)}
    assert about(DEFAULTS, K.FOLLOW_UP) == {(EMAIL, 180), (TEXT, 180)}
    assert about(DEFAULTS, K.AGENDA) == {(EMAIL, 7 * 60)}
    assert all(about(DEFAULTS, kind) == {(EMAIL, 0), (TEXT, 0)} for kind in AT_ONCE)
    (link,) = usual_rules(K.JOIN_LINK)
    assert link.modes == (Mode.VIRTUAL,)


def test_every_kind_there_can_be_a_rule_about_has_a_usual_one() -> None:
    assert {rule.kind for rule in DEFAULTS} == set(SPAN)
    assert all(SPAN[rule.kind][0] <= rule.minutes <= SPAN[rule.kind][1] for rule in DEFAULTS)
    assert usual_rules(K.CATCH_UP) == ()


def test_a_practice_without_rows_has_the_usual_rules() -> None:
    assert resolve_rules(()) is DEFAULTS


def test_whoever_is_named_most_narrowly_decides_all_about_a_kind() -> None:
    practice = [Rule(K.REMINDER, EMAIL, 48 * 60), Rule(K.JOIN_LINK, TEXT, 5)]
    service, client = [Rule(K.REMINDER, TEXT, 120)], [Rule(K.REMINDER, EMAIL, 60), Rule(K.REMINDER, EMAIL, 30)]
    assert about(resolve_rules(practice), K.REMINDER) == {(EMAIL, 48 * 60)}
    assert about(resolve_rules(practice, service), K.REMINDER) == {(TEXT, 120)}
    assert about(resolve_rules(practice, service, client), K.REMINDER) == {(EMAIL, 60), (EMAIL, 30)}
    assert about(resolve_rules(practice, service, client), K.JOIN_LINK) == {(TEXT, 5)}
    assert about(resolve_rules(practice, service, client), K.FOLLOW_UP) == about(DEFAULTS, K.FOLLOW_UP)


def test_off_is_said_by_a_row() -> None:
    off = [Rule(K.REMINDER, EMAIL, 1, is_on=False)]
    assert about(resolve_rules(off), K.REMINDER) == set()
    assert about(resolve_rules([], [], off), K.REMINDER) == set()
    assert about(resolve_rules(off, [Rule(K.REMINDER, TEXT, 60)]), K.REMINDER) == {(TEXT, 60)}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([Rule(K.MOVED, TEXT)], {TEXT, EMAIL}),
        ([Rule(K.MOVED, TEXT, is_on=False)], {EMAIL}),
        ([Rule(K.MOVED, EMAIL, is_on=False)], set()),
        ([Rule(K.MOVED, TEXT), Rule(K.MOVED, EMAIL, is_on=False)], {TEXT}),
        ([Rule(K.MOVED, EMAIL)], {EMAIL}),
    ],
)
def test_news_goes_by_e_mail_unless_a_rule_says_not(rows: list[Rule], expected: set[Channel]) -> None:
    assert {channel for channel, _ in about(resolve_rules(rows), K.MOVED)} == expected


@given(rows, rows, rows)
def test_what_holds_is_on_and_comes_from_one_scope(
    practice: list[Rule], service: list[Rule], client: list[Rule]
) -> None:
    found = resolve_rules(practice, service, client)
    assert all(rule.is_on for rule in found)
    for kind in SPAN:
        scope = next((rows for rows in (client, service, practice) if any(row.kind == kind for row in rows)), None)
        theirs = [rule for rule in found if rule.kind == kind]
        if scope is None:
            assert theirs == list(usual_rules(kind))
        else:
            on = [row for row in scope if row.kind == kind and row.is_on]
            assert theirs[: len(on)] == on
            assert all(rule.channel == EMAIL and kind in AT_ONCE for rule in theirs[len(on) :])
