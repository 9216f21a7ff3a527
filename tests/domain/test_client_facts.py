"""What is kept of a client, cleaned."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from telehealth.domain.client_facts import LONGEST_NOTE, MOST_TAGS, ClientFacts, clean_facts
from telehealth.domain.errors import InvalidInput

TODAY = date(2026, 11, 23)


def test_each_tag_once_as_it_was_typed_first() -> None:
    facts = clean_facts(ClientFacts(tags=["School ", "", "interpreter", "school"], desk_note=" Stairs. "), today=TODAY)
    assert (facts.tags, facts.desk_note) == (("School", "interpreter"), "Stairs.")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("born_on", date(2026, 11, 24)),
        ("born_on", date(1899, 12, 31)),
        ("pronouns", "x" * 41),
        ("tags", [str(number) for number in range(MOST_TAGS + 1)]),
        ("tags", ["a\nb"]),
        ("emergency_contact", "x" * 201),
        ("desk_note", "x" * (LONGEST_NOTE + 1)),
    ],
)
def test_what_cannot_be_kept(field: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_facts(ClientFacts(**{field: value}), today=TODAY)
    assert list(refusal.value.fields) == [field]
