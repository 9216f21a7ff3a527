"""Words of a practice's own: what may be written, and what is said about the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import revealing
from telehealth.domain.messages.phrases import IN
from telehealth.domain.messages.templates import (
    LONGEST_SOURCE,
    MEANINGS,
    ONLY,
    RESERVED,
    SAMPLES,
    TOO_MANY,
    VARIABLES,
    check_template,
    render_template,
)
from tests.discretion import revealed

K, TEXT, EMAIL = MessageKind, Channel.TEXT, Channel.EMAIL


def refusal(source: str, kind: MessageKind = K.REMINDER, channel: Channel = TEXT, *, is_subject: bool = False) -> str:
    with pytest.raises(InvalidInput) as refused:
        check_template(source, kind, channel, is_subject=is_subject)
    ((field, sentence),) = refused.value.fields.items()
    assert field == ("subject" if is_subject else "body")
    return sentence


@pytest.mark.parametrize("locale", list(IN))
@pytest.mark.parametrize("kind", list(VARIABLES))
def test_the_usual_words_are_checked_as_the_practices_are(kind: MessageKind, locale: str) -> None:
    """Somebody who opens the page and saves what is there gets the same messages."""
    said = IN[locale].to_clients[kind]
    check_template(said.text, kind, TEXT)
    check_template(said.opening, kind, EMAIL)
    check_template(said.subject, kind, EMAIL, is_subject=True)


def test_every_variable_says_what_it_is() -> None:
    assert set(MEANINGS) == set(SAMPLES) == {name for names in VARIABLES.values() for name in names}


def test_filling_in() -> None:
    source = "{% if name %}{{ name|upper }}, {% endif %}see you {{ when }}{{ '!' if join else '.' }}"
    check_template(source, K.REMINDER, TEXT)
    assert render_template(source, {**SAMPLES, "join": ""}) == "JANE, see you Tue, Nov 24 at 3:00 PM MST."
    assert render_template(source, {**SAMPLES, "name": ""}) == "see you Tue, Nov 24 at 3:00 PM MST!"


def test_what_is_filled_in_is_never_read_as_a_template() -> None:
    assert render_template("{{ name }}", {**SAMPLES, "name": "{{ join }}{% x"}) == "{{ join }}{% x"


def test_an_unknown_variable_is_named_with_those_that_there_are() -> None:
    assert refusal("Hi {{ client }}") == (
        "There is no variable “client” in this message. You can use: " + ", ".join(VARIABLES[K.REMINDER]) + "."
    )
    assert "“until”" in refusal("Answer by {{ until }}")
    check_template("Answer by {{ until }}", K.REQUEST, TEXT)


@pytest.mark.parametrize(
    "source",
    [
        "{% for each in when %}{{ each }}{% endfor %}",
        "{% set name = 'x' %}",
        "{% macro x() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{{ when.__class__ }}",
        "{{ when['__class__'] }}",
        "{{ when() }}",
        "{{ lipsum() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ when ~ day }}",
        "{{ when == day }}",
        "{{ when is defined }}",
        "{{ [when] }}",
        "{{ {'a': when} }}",
        "{{ -when }}",
        "{{ when|trim('x') }}",
    ],
)
def test_only_what_is_simple_can_be_used(source: str) -> None:
    assert refusal(source) == ONLY
    with pytest.raises(ValueError):  # noqa: PT011 -- any: nobody sees it.
        render_template(source, SAMPLES)


@pytest.mark.parametrize("source", ["{{ when|replace('a', 'b') }}", "{{ when|attr('x') }}", "{{ when|safe }}"])
def test_only_a_few_filters_can_be_used(source: str) -> None:
    assert refusal(source).endswith("You can use: upper, lower, capitalize, trim.")


@pytest.mark.parametrize("source", ["{{ when", "{% if name %}x", "{% endif %}", "{{ }}", "{% %}", "{{ 'a }}", "{# x"])
def test_what_is_not_closed(source: str) -> None:
    assert refusal(source).startswith("Something is opened and not closed")
    assert "(line 2)" in refusal(f"Hello\n{source}")


def test_nothing_and_too_much() -> None:
    assert refusal(" \n ") == "Please write something, or go back to the usual words."
    longest = LONGEST_SOURCE[TEXT, False]
    check_template("a" * longest, K.REMINDER, TEXT)
    assert "at most 600" in refusal("a" * (longest + 1))
    assert refusal("{{ manage }}" * 40).endswith("Please make it shorter.")
    assert refusal("{{" + "not " * 900 + "when }}", channel=EMAIL) == ONLY
    assert refusal("a\nb", channel=EMAIL, is_subject=True) == "Please keep the subject on one line."
    assert refusal("a\0b") == "Please use ordinary letters only."


@pytest.mark.parametrize("word", RESERVED)
@pytest.mark.parametrize("asks", ["Reply {}", "reply with “{}” to x", "Text us: {}", "Responda {} para x"])
def test_no_text_asks_for_a_word_that_carriers_act_on(word: str, asks: str) -> None:
    assert word in refusal(asks.format(word))


@pytest.mark.parametrize(
    "source", ["Reply C to confirm or CANCEL to cancel", "Reply with C, or YES if you come", "Responda C o YES"]
)
def test_nor_further_on_in_the_sentence(source: str) -> None:
    refusal(source)


@pytest.mark.parametrize(
    "source",
    [
        "Reply C to confirm, R to reschedule",
        "Reply R to reschedule or cancel",
        "Call us to cancel. Yes, we are open.",
        "We write to you again at the end of the week.",
        "The end. Start well!",
    ],
)
def test_ordinary_sentences_are_left_alone(source: str) -> None:
    check_template(source, K.REMINDER, TEXT)


def test_in_an_e_mail_carriers_have_no_say() -> None:
    check_template("Reply YES to come.", K.REMINDER, EMAIL)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("Your therapy is soon", "therapy"),
        ("Su terapia es pronto", "terapia"),
        ("Couples session at {{ when }}", "Couples"),
        ("{% if name %}a{% else %}anxiety{% endif %}", "anxiety"),
        ("{{ 'therapy' if name else 'x' }}", "therapy"),
        ("{% raw %}therapy{% endraw %}", "therapy"),
        ("Con su psicóloga", "psicóloga"),
    ],
)
def test_what_says_too_much_is_refused(source: str, word: str) -> None:
    assert refusal(source).startswith(f"“{word}” tells")


@pytest.mark.parametrize(
    "source",
    [
        "Your coun\u00adseling, {{ when }}",
        "Your thera\u200bpy, {{ when }}",
        "Su sesio\u0301n, {{ when }}",
        "Your \uff54herapy, {{ when }}",
        "Your ther{{ '' }}apy, {{ when }}",
        "Your the{# #}rapy, {{ when }}",
    ],
)
def test_what_is_written_with_unseen_marks_is_read_as_people_read_it(source: str) -> None:
    assert all("what kind of care" in refusal(source, channel=each) for each in Channel)


@pytest.mark.parametrize(
    "source",
    [
        "{%if day%}" * 110 + "{{ when }}" + "{%endif%}" * 110,
        "{{" + "not " * 250 + "day}}",
        "{{ day" + "|trim" * 250 + "}}",
        "{{" + "(" * 1500 + "day" + ")" * 1500 + "}}",
    ],
)
def test_what_is_nested_deeper_than_python_goes_is_refused(source: str) -> None:
    assert refusal(source, channel=EMAIL) == ONLY


def fill(piece: str, longest: int = LONGEST_SOURCE[EMAIL, False]) -> str:
    """As often as it fits."""
    return piece * (longest // len(piece))


@pytest.mark.parametrize(
    "source",
    [
        "{{ day" + "|trim" * 31 + " }}",
        "{{ day" + "|trim|upper" * 350 + " }}",
        "{{ " + "not " * 990 + "day }}",
        "{{ day" + " and day" * 400 + " }}",
        "{{ " + "1 if 1 else " * 300 + "day }}",
        "{% if day %}" * 130 + "{% endif %}" * 130,
        "{% if day %}x{% else %}" * 100 + "{% endif %}" * 100,
        "{{ " + "(" * 31 + "day" + ")" * 31 + " }}",
        "{{ " + "(" * 1990 + " }}",
        "{{ " + "[" * 1900 + "]" * 1900 + " }}",
        "{{ " + "{1:" * 900 + "1" + "}" * 900 + " }}",
        "{{ " + "-" * 3900 + "1 }}",
        "{{ day" + "[day" * 700 + "]" * 700 + " }}",
        "{{ day" + "(day" * 700 + ")" * 700 + " }}",
        "{{ 0x" + "f" * 3900 + " }}",
        fill("{{ day" + "|trim" * 150 + " }}"),
        fill("{{" + "not " * 150 + "day}}"),
    ],
)
def test_what_would_be_dear_to_read_or_to_compile_is_refused(source: str) -> None:
    """Whatever its form: also where it was saved before."""
    assert refusal(source, channel=EMAIL) == ONLY
    with pytest.raises(ValueError):  # noqa: PT011 -- any: the usual words are sent instead.
        render_template(source, SAMPLES)


def test_more_pieces_than_a_message_can_need_are_refused() -> None:
    assert refusal(fill("{{1}}x"), channel=EMAIL) == TOO_MANY
    with pytest.raises(ValueError):  # noqa: PT011 -- as above.
        render_template(fill("{{1}}x"), SAMPLES)


def test_what_was_saved_when_it_might_be_longer_is_not_even_read() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- as above.
        render_template("a" * (LONGEST_SOURCE[EMAIL, False] + 1), SAMPLES)


@pytest.mark.parametrize(
    "source",
    [
        "{{ day" + "|trim" * 25 + " }}",
        "{% if day %}" * 25 + "{{ when }}" + "{% endif %}" * 25,
        "{{ " + "(" * 25 + "day or " * 20 + "when" + ")" * 25 + " }}",
        "{{ " + "not (" * 14 + "day" + ")" * 14 + " }}",
        fill("{% if name %}{{ name|upper }}, {% else %}Hello, {% endif %}see you {{ day }}. ", 2_000),
    ],
)
def test_what_a_person_may_write_is_well_within_the_limits(source: str) -> None:
    check_template(source, K.REMINDER, EMAIL)
    assert render_template(source, SAMPLES)


@pytest.mark.parametrize("source", ["{{ '\\0' }}", "{{ '\\ud800' }}", "a{{ 'b\\x1b' if name else 'c' }}"])
def test_quotes_hold_no_letters_that_could_not_be_typed(source: str) -> None:
    assert refusal(source) == "Please use ordinary letters only."


def test_the_list_of_the_tests_and_ours_agree() -> None:
    said = "therapist counselor psychologist clinic diagnosis mental depressed anxious disorder treatment patient"
    more = "health session intake couple family group LMFT PhD terapia psicólogo sesión salud"
    for word in f"{said} {more}".split():
        assert revealed(word)
        assert revealing(word) == [word]
    assert revealing("https://therapy.example/x obsession stands") == []


@pytest.mark.parametrize(("kind", "needed"), [(K.JOIN_LINK, "join"), (K.OFFER, "manage")])
def test_what_would_be_no_use_without_its_link(kind: MessageKind, needed: str) -> None:
    assert f"{{{{ {needed} }}}}" in refusal("Soon.", kind)
    check_template("Soon.", kind, EMAIL)  # The buttons of an e-mail are ours.
    check_template(f"Soon: {{{{ {needed} }}}}", kind, TEXT)


@settings(max_examples=300)
@given(source=st.text(alphabet="{}%# ifendwhrx|'\"()[].+-*~=\n", max_size=60))
def test_whatever_is_typed_is_either_refused_or_can_be_sent(source: str) -> None:
    try:
        check_template(source, K.REMINDER, TEXT)
    except InvalidInput:
        return
    assert isinstance(render_template(source, SAMPLES), str)
