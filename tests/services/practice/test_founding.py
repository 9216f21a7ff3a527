"""How practices begin."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput
from telehealth.models import Practice
from telehealth.services.practice.accounts import NewLogin
from telehealth.services.practice.founding import create_practice, suggest_slug
from telehealth.services.practice.practice_profile import PracticeProfile
from tests.factories import BY_STAFF, make_practice, make_user
from tests.moments import NOW

PROFILE = PracticeProfile("Elm", "Elm", "hello@elm.example", "303 555 0100", "America/Denver")
OWNER = NewLogin("Ana", "ana@elm.example", "a hash")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Elm Street Counseling", "elm-street-counseling"),
        ("Señora Müller & Söhne", "senora-muller-sohne"),
        ("O'Brien's", "obriens"),
        ("心理", ""),
        ("x" * 80, "x" * 40),
    ],
)
def test_a_word_for_addresses(name: str, slug: str) -> None:
    assert suggest_slug(name) == slug


def test_all_that_cannot_be_is_told_at_once(database: Session) -> None:
    wrong = PracticeProfile("", "Elm", "x", "12", "Mars/Base")
    with pytest.raises(InvalidInput) as refused:
        create_practice(slug="desk", profile=wrong, owner=NewLogin("", "x", "a hash"), by=BY_STAFF, now=NOW)
    assert sorted(refused.value.fields) == ["email", "name", "owner_email", "owner_name", "phone", "slug", "timezone"]
    assert database.query(Practice).count() == 0


def test_an_address_and_a_login_that_are_taken(database: Session) -> None:
    practice = make_practice(slug="elm")
    make_user(practice, email="ana@elm.example")
    with pytest.raises(InvalidInput) as refused:
        create_practice(slug="elm", profile=PROFILE, owner=OWNER, by=BY_STAFF, now=NOW)
    assert list(refused.value.fields) == ["slug"]
    with pytest.raises(InvalidInput) as refused:
        create_practice(slug="oak", profile=PROFILE, owner=OWNER, by=BY_STAFF, now=NOW)
    assert list(refused.value.fields) == ["owner_email"]
    assert database.query(Practice).count() == 1
