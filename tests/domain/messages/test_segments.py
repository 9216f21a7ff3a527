"""How long a text is for the phone company."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.messages.segments import EXTENDED, GSM, Length, is_cheap, measure_text, plain_words, text_name


@pytest.mark.parametrize(
    ("body", "length"),
    [
        ("", Length("GSM-7", 0, 0, 0, ())),
        ("a" * 160, Length("GSM-7", 160, 160, 1, ())),
        ("a" * 161, Length("GSM-7", 161, 161, 2, ())),
        ("a" * 306, Length("GSM-7", 306, 306, 2, ())),
        ("a" * 307, Length("GSM-7", 307, 307, 3, ())),
        ("€" * 80, Length("GSM-7", 80, 160, 1, ())),
        ("€" * 81, Length("GSM-7", 81, 162, 2, ())),
        ("é¿ñü", Length("GSM-7", 4, 4, 1, ())),
        ("á" * 70, Length("UCS-2", 70, 70, 1, ("á",))),
        ("a" * 70 + "ó", Length("UCS-2", 71, 71, 2, ("ó",))),
        ("á" * 134, Length("UCS-2", 134, 134, 2, ("á",))),
        ("á" * 135, Length("UCS-2", 135, 135, 3, ("á",))),
        ("😀" * 35, Length("UCS-2", 35, 70, 1, ("😀",))),
        ("😀" * 36, Length("UCS-2", 36, 72, 2, ("😀",))),
        ("í’í—", Length("UCS-2", 4, 4, 1, ("í", "’", "—"))),
    ],
)
def test_length(body: str, length: Length) -> None:
    assert measure_text(body) == length


def test_a_letter_of_two_places_is_not_cut_in_two() -> None:
    """153 places, of which the last is left empty: the escape and its mark stay together."""
    assert measure_text("a" * 152 + "€" + "a" * 152).segments == 3
    assert measure_text("a" * 153 + "€" + "a" * 151).segments == 2
    assert measure_text("á" * 66 + "😀" + "á" * 66).segments == 3


@given(body=st.text(max_size=400))
def test_more_letters_are_never_cheaper(body: str) -> None:
    shorter, longer = measure_text(body), measure_text(body + "a")
    assert longer.segments >= shorter.segments
    assert (longer.encoding == "GSM-7") == (set(body) <= GSM | EXTENDED)
    assert shorter.segments * (153 if shorter.encoding == "GSM-7" else 67) >= min(shorter.units, 153)


def test_typewriter_quotes_and_dashes() -> None:
    assert plain_words("“Jane’s” – soon…\u00a0") == '"Jane\'s" - soon... '


def test_a_sender_keeps_the_accents_that_the_alphabet_has() -> None:
    assert text_name("Clínica “Peña” — María Núñez, Québec") == 'Clinica "Peña" - Maria Nuñez, Québec'
    assert is_cheap(text_name("Consultório São João"))


def test_what_is_cheap() -> None:
    assert is_cheap("mañana, ¿qué?, 10 €")
    assert not is_cheap("sábado")
