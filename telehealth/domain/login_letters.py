"""E-mails to somebody of a practice about their login: until when each is useful, and its words. Pure.

Staff read the desk in English, and so they do these. Whoever stands behind them reads the subject on a locked phone: it
names no client and no kind of care.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.ports import Letter


class LoginLetterKind(StrEnum):
    """What an e-mail to somebody of the practice says about their login."""

    RESET = "reset"  # With a link to choose a new password.
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a word


USEFUL_FOR: Mapping[LoginLetterKind, timedelta] = MappingProxyType(
    {LoginLetterKind.RESET: timedelta(hours=1), LoginLetterKind.PASSWORD_CHANGED: timedelta(days=3)}
)
"""How long its link opens something; where it has none, how long it is worth being told."""
RESTS_FOR = timedelta(minutes=5)
MOST_A_DAY = 10
"""A link that was asked for again within this time is not sent again, and no more than so many are in a day: a stranger
who knows an address could fill its mailbox otherwise.
"""
NOT_YOU = "If that was not you, please tell whoever runs your practice, and choose a new password."


def write_login_letter(kind: LoginLetterKind, *, sender: str, link: str, desk: str) -> Letter:
    """The words of one. ``link`` is what this letter is for, if it is for anything; ``desk`` is where staff begin."""
    if kind == LoginLetterKind.RESET:
        return Letter(
            subject="Choose a new password",
            greeting="Hello,",
            paragraphs=(
                "Somebody asked for a new password for your login. Choose one within an hour; the link works once.",
                "Everywhere you are signed in now, you will be signed out then.",
            ),
            actions=(("Choose a new password", link),),
            closing=("If you did not ask, do nothing: your password stays as it is.", sender),
        )
    return Letter(
        subject="Your password was changed",
        greeting="Hello,",
        paragraphs=("The password of your login here was changed. Other sign-ins with the old one have ended.",),
        actions=(("Go to the desk", desk),),
        closing=(NOT_YOU, sender),
    )
