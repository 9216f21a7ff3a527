"""What may stand in an address."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, Map

ID = "[A-Za-z0-9_-]{1,64}"
TOKEN = "[A-Za-z0-9_.-]{1,120}"  # noqa: S105 -- the shape of a token, not a token


class KeyConverter(BaseConverter):
    """A public id or a slug in a path. Anything that could not be one is not found, without asking the database.

    ``but``: words, with spaces between them, that have addresses of their own in this place: ``Allow`` tells their
    methods only.
    """

    def __init__(self, url_map: Map, but: str = "") -> None:
        super().__init__(url_map)
        self.regex = f"(?!(?:{but.replace(' ', '|')})$){ID}" if but else ID


class TokenConverter(BaseConverter):
    """A signed token in a path."""

    regex = TOKEN
