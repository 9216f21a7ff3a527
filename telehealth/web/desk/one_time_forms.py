"""Forms that make a secret work once: to reload the page that shows it makes nothing, and shows nothing again.

Each form carries a random word, and the browser's session keeps the words of the last forms that were used. It is a
kindness against reloading, not a lock: two requests at the very same moment would both be served.
"""

from __future__ import annotations

import secrets

from flask import abort, request, session

FIELD, USED = "once", "used_forms"
KEPT = 20  # The session is a cookie, and stays small.
LONGEST = 40


def make_word() -> str:
    """A word for a form that is shown now."""
    return secrets.token_urlsafe(12)


def was_used() -> bool:
    """Whether the form of this request was used before. One without a word is not ours, and is refused."""
    given = request.form.get(FIELD, "")
    if not 0 < len(given) <= LONGEST:
        abort(400)
    return given in session.get(USED, ())


def remember_use() -> None:
    """Remember the form of this request."""
    session[USED] = [*session.get(USED, ()), request.form[FIELD]][-KEPT:]
