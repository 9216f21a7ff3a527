"""Web addresses that a practice shows: its own site, a directory, a map. They open only when they are clicked."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from telehealth.domain.contact import clean_line

LONGEST_LINK = 300
_HOST = re.compile(r"(?:[\w](?:[\w-]*[\w])?\.)+[^\W\d_]{2,}")
_HELP = "Please check the web address; it should look like https://www.example.com."


def clean_web_link(value: object) -> str:
    """A web address that a browser opens and that is what it looks like: http or https (which may be left out), a host
    with a name, nobody's password. Raises ValueError with a sentence for the person.
    """
    text = clean_line(value, longest=LONGEST_LINK)
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        is_fine = _is_open_to_all(parts)
    except ValueError as problem:
        raise ValueError(_HELP) from problem
    if not is_fine or re.search(r"[\s\"'<>\\]", text):
        raise ValueError(_HELP)
    return text


def say_web_link(link: str) -> str:
    """A link as people read it: "elm.example/about"."""
    return link.partition("://")[2].removeprefix("www.").removesuffix("/")


def _is_open_to_all(parts: SplitResult) -> bool:
    """Raises ValueError for a port that is none."""
    is_web = parts.scheme in ("http", "https") and parts.port in (None, 80, 443)
    return is_web and "@" not in parts.netloc and _HOST.fullmatch(parts.hostname or "") is not None
