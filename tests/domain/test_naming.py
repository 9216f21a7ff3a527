"""What people are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.naming import form_of_address, initials, natural_name


@pytest.mark.parametrize(
    ("name", "whole", "address"),
    [
        ("Jane Doe", "Jane Doe", "Jane"),
        ("María José García", "María José García", "María"),
        ("Cher", "Cher", "Cher"),
        ("Dr. Jane Doe", "Jane Doe", "Jane"),
        ("Prof. Dr. Anna Schmidt", "Anna Schmidt", "Anna"),
        ("Dra. Lucía Pérez", "Lucía Pérez", "Lucía"),
        ("Sr. Juan Pérez", "Juan Pérez", "Juan"),
        ("Mrs Smith", "Smith", "Smith"),
        ("Dr.", "Dr.", "Dr."),
        ("Don Smith", "Don Smith", "Don"),
        ("Smith, John", "John Smith", "John"),
        ("Smith,John", "John Smith", "John"),
        ("Smith,, John", "John Smith", "John"),
        ("Smith, Dr. John", "John Smith", "John"),
        ("Smith, J.", "J. Smith", "J. Smith"),
        ("Smith,", "Smith", "Smith"),
        (", Smith", "Smith", "Smith"),
        ("de la Cruz, María", "María de la Cruz", "María"),
        ("García Márquez, Gabriel José", "Gabriel José García Márquez", "Gabriel"),
        ("John Smith, Jr.", "John Smith Jr.", "John"),
        ("Smith, John, Jr.", "John Smith Jr.", "John"),
        ("Jane Doe, PhD, LCSW", "Jane Doe PhD LCSW", "Jane"),
        ("de la Cruz", "de la Cruz", "de la Cruz"),
        ("van der Berg", "van der Berg", "van der Berg"),
        ("De La Cruz María", "De La Cruz María", "De La Cruz María"),
        ("J. R. Smith", "J. R. Smith", "J. R. Smith"),
        ("J Smith", "J Smith", "J Smith"),
        ("J.R.Smith", "J.R.Smith", "J.R.Smith"),
        ("St. John Smith", "St. John Smith", "St. John Smith"),
        ("D'Angelo St.John/Smith", "D'Angelo St.John/Smith", "D'Angelo"),
        ("O'Brien-Lopez", "O'Brien-Lopez", "O'Brien-Lopez"),
        ("'Ali 'Umar", "'Ali 'Umar", "'Ali"),
        ("Abd al-Rahman Said", "Abd al-Rahman Said", "Abd al-Rahman Said"),
        ("Jane and John Doe", "Jane and John Doe", "Jane and John Doe"),
        ("Jane & John Doe", "Jane & John Doe", "Jane & John Doe"),
        ("Ana y Luis Pérez", "Ana y Luis Pérez", "Ana y Luis Pérez"),
        ("Jane/Bob Doe", "Jane/Bob Doe", "Jane/Bob Doe"),
        ("李 小龙", "李 小龙", "李 小龙"),
        ("王小明", "王小明", "王小明"),
        ("مريم العلي", "مريم العلي", "مريم العلي"),
        ("", "", ""),
        (",", ",", ","),
    ],
)
def test_forms_of_address(name: str, whole: str, address: str) -> None:
    assert (natural_name(name), form_of_address(name)) == (whole, address)


@given(name=st.text(alphabet="abA,.'é王 /&-", max_size=30))
def test_somebody_is_always_called_something(name: str) -> None:
    called = form_of_address(name)
    assert called in natural_name(name)
    assert bool(called) == bool(name.strip())
    if any(each.isalnum() for each in name):
        assert any(each.isalnum() for each in called)
        assert not called.endswith(",")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Jane Doe", "J. D."),
        ("Jane Marie van der Doe", "J. D."),
        ("Cher", "C."),
        ("", ""),
        ("é", "É."),
        ("李 小龙", "李. 小."),
        ("(x) y", "Y."),
        ("'Ali 'Umar", "A. U."),
        ("Smith, Dr. John", "J. S."),
    ],
)
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short


@given(name=st.text(max_size=80))
def test_initials_are_never_a_name(name: str) -> None:
    assert len(initials(name)) <= len("ABC. DEF.")  # One letter may grow to three in capitals: "ﬃ".
