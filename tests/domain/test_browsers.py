"""What a browser is called to whoever owns it."""

from __future__ import annotations

import pytest

from telehealth.domain.browsers import name_browser

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.4 Safari/605.1.15"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (f"{WINDOWS} {CHROME}", "Chrome on Windows"),
        (f"{WINDOWS} {CHROME} Edg/131.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} Gecko/20100101 Firefox/133.0", "Firefox on Windows"),
        (MAC, "Safari on a Mac"),
        (f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1", "Safari on an iPhone"),
        (f"{IPHONE} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome on an iPhone"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME}", "Chrome on Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME}", "Chrome on a Chromebook"),
        ("Something/1.0 (X11; Linux x86_64)", "A browser on Linux"),
        ("Werkzeug/3.1", "A browser"),
        ("", "A browser"),
        ("SamsungBrowser Android " * 999, "Samsung Internet on Android"),
    ],
)
def test_a_browser_by_its_rough_name(said: str, name: str) -> None:
    assert name_browser(said) == name
    assert len(name) <= 40
