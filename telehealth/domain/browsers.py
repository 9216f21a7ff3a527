"""What somebody would call their own browser, from what it says of itself. Pure, and rough on purpose: it tells one
machine from another to whoever owns both, and nothing more.
"""

from __future__ import annotations

UNKNOWN = "A browser"
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that is found: most say that they are Chrome and Safari, too."""
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("CrOS", "a Chromebook"),
    ("Linux", "Linux"),
)


def name_browser(user_agent: str) -> str:
    """ "Firefox on Windows"; "A browser" where nothing is known of it."""
    program = _first(_PROGRAMS, user_agent) or UNKNOWN
    system = _first(_SYSTEMS, user_agent)
    return f"{program} on {system}" if system else program


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for word, name in known if word in user_agent), "")
