"""Web addresses that a practice shows."""

from __future__ import annotations

import pytest

from telehealth.domain.web_links import LONGEST_LINK, clean_web_link, say_web_link


@pytest.mark.parametrize(
    ("typed", "kept", "said"),
    [
        ("https://www.elm.example/about/", "https://www.elm.example/about/", "elm.example/about"),
        ("elm.example", "https://elm.example", "elm.example"),
        (" http://elm.example?to=1#map ", "http://elm.example?to=1#map", "elm.example?to=1#map"),
        ("https://beratung-müller.example", "https://beratung-müller.example", "beratung-müller.example"),
    ],
)
def test_what_can_be_shown(typed: str, kept: str, said: str) -> None:
    assert clean_web_link(typed) == kept
    assert say_web_link(kept) == said


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "elm",
        "javascript:alert(1)",
        "javascript://elm.example/%0aalert(1)",
        "data:text/html,x",
        "https://bank.example@elm.example",
        "https://127.0.0.1/",
        "https://localhost",
        "https://elm.example:8443/",
        "https://elm.example:x/",
        "https://elm.example/a b",
        'https://elm.example/"><b>',
        "https://[::1]/",
        f"https://elm.example/{'x' * LONGEST_LINK}",
        "ftp://elm.example",
        "https://elm.example/\nx",
    ],
)
def test_what_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"Please|please"):
        clean_web_link(typed)
