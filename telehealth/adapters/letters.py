"""A Letter as plain text and as HTML.

The plain text says everything the HTML says, because some people read only that (and some programs read it
aloud).
"""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from telehealth.domain.messages.phrases import IN
from telehealth.domain.ports import Letter

_LINKABLE = frozenset({"http", "https", "tel", "mailto", "webcal"})


def plain_text(letter: Letter) -> str:
    """The letter in plain text, one blank line between its parts; links stand on lines of their own."""
    facts = "\n".join(f"{label}: {value}" for label, value in letter.facts)
    actions = [f"{label}:\n{url}" for label, url in letter.actions]
    parts = [letter.greeting, *letter.paragraphs, facts, *actions, "\n".join(letter.closing)]
    return "\n\n".join(part for part in parts if part) + "\n"


def html(letter: Letter, *, sender_name: str) -> str:
    """The letter as one HTML page: a single column with inline styles, readable in light and in dark.

    Everything is escaped. An address that a browser might run, such as ``javascript:``, is shown and not
    linked.
    """
    title = " ".join(letter.subject.split())
    around = IN[letter.language].around
    return _template().render(letter=letter, title=title, sender_name=sender_name, around=around)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("telehealth.adapters"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["linkable"] = _is_linkable
    return environment.get_template("letter.html")


def _is_linkable(url: str) -> bool:
    try:
        return urlsplit(url).scheme in _LINKABLE
    except ValueError:
        return False
