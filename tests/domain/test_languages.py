"""Which language a code means."""

from __future__ import annotations

import pytest

from telehealth.domain.languages import clean_language, nearest_language, preferred_language


@pytest.mark.parametrize(
    ("code", "language"),
    [("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("en-GB", "en"), ("fr", "en"), ("", "en"), ("esperanto", "en")],
)
def test_the_nearest(code: str, language: str) -> None:
    assert nearest_language(code) == language


@pytest.mark.parametrize(
    ("codes", "language"),
    [(["de", "es-MX", "en"], "es"), (["en-US", "es"], "en"), (["est", "es"], "es"), (["fr"], "en"), ([], "en")],
)
def test_the_first_of_ours(codes: list[str], language: str) -> None:
    assert preferred_language(codes) == language


def test_what_was_chosen() -> None:
    assert [clean_language(value) for value in ("es", " EN ", "", None)] == ["es", "en", "", ""]
    with pytest.raises(ValueError, match="English, Español"):
        clean_language("fr")
