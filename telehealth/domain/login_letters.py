"""E-mails to somebody of a practice about their login here, and about what they signed in to elsewhere: until when each
is useful, and its words. Pure.

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
    INVITATION = "invitation"  # With a link to accept it.
    ADDRESS = "address"  # With a link to sign in with the address that it is sent to.
    ADDRESS_CHANGED = "address_changed"  # To the old one.
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 -- a word
    SECOND_STEP_ON = "second_step_on"
    SECOND_STEP_OFF = "second_step_off"
    SECOND_STEP_ENDED = "second_step_ended"  # By somebody else, for whoever lost what it takes.
    RECOVERY_CODE_USED = "recovery_code_used"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_COPIED = "passkey_copied"
    NEW_BROWSER = "new_browser"  # With a link for whoever did not sign in there.
    CALENDAR_SILENT = "calendar_silent"  # A calendar of theirs elsewhere does not answer.
    CALENDAR_REFUSED = "calendar_refused"  # It lets us in no more.
    CALENDAR_OF_OTHER = "calendar_of_other"  # One of a therapist who cannot sign in here is not read any more.
    CALENDAR_QUESTION = "calendar_question"  # What they did to appointments in one has to be answered.


NEUTRAL_SENDER = "Appointments"
"""Signs e-mails about a login that belongs to several practices: each shows its own copy to its staff."""
NEWS: Mapping[LoginLetterKind, tuple[str, str]] = MappingProxyType(
    {
        LoginLetterKind.PASSWORD_CHANGED: (
            "Your password was changed",
            "The password of your login here was changed. Other sign-ins with the old one have ended.",
        ),
        LoginLetterKind.ADDRESS_CHANGED: (
            "You sign in with another address now",
            "Another e-mail address was set for your login here, so this one does not work any more.",
        ),
        LoginLetterKind.SECOND_STEP_ON: (
            "Signing in now takes two steps",
            "From now on a code of your authenticator app is asked for when you sign in.",
        ),
        LoginLetterKind.SECOND_STEP_OFF: (
            "Your authenticator app was taken off",
            "The authenticator app was taken off your login here. No code of it is asked for now.",
        ),
        LoginLetterKind.SECOND_STEP_ENDED: (
            "Signing in takes one step again",
            "The app and the passkeys of your login were taken off: your password is enough. Please set one up soon.",
        ),
        LoginLetterKind.RECOVERY_CODE_USED: (
            "A recovery code was used",
            "Somebody signed in as you with one of your recovery codes. It does not work again.",
        ),
        LoginLetterKind.PASSKEY_ADDED: (
            "A passkey was added to your login",
            "With it one signs in here without your password; after your password more is asked for from now on.",
        ),
        LoginLetterKind.PASSKEY_REMOVED: (
            "A passkey was taken off your login",
            "It does not open your login here any more. What else you sign in with stays as it is.",
        ),
        LoginLetterKind.PASSKEY_COPIED: (
            "A passkey of yours may have been copied",
            "Somebody with a copy of one of your passkeys was not let in. Please remove it, and add another.",
        ),
    }
)
"""Word of what was done: subject and sentence."""
OF_CALENDARS: Mapping[LoginLetterKind, tuple[str, str]] = MappingProxyType(
    {
        LoginLetterKind.CALENDAR_SILENT: (
            "One of your calendars does not answer",
            "One of the calendars that you connected here has not answered for a day or longer. We go on trying.",
        ),
        LoginLetterKind.CALENDAR_REFUSED: (
            "One of your calendars asks you to sign in again",
            "One of the calendars that you connected here lets us in no more. Please sign in to it again.",
        ),
        LoginLetterKind.CALENDAR_OF_OTHER: (
            "A colleague’s calendar is not read any more",
            "A calendar of a colleague who cannot sign in here is not read any more. Please look after it with them.",
        ),
        LoginLetterKind.CALENDAR_QUESTION: (
            "Something was changed in your calendar",
            "Appointments were moved or deleted in a calendar that you connected here. Please say what is meant.",
        ),
    }
)
"""Of calendars that a therapist keeps elsewhere: subject and sentence. It names no calendar: those are their own. What
has to be told of one of somebody without a login goes to the desk.
"""
REPLACED = frozenset({LoginLetterKind.RESET, LoginLetterKind.INVITATION, LoginLetterKind.ADDRESS})
"""Those whose link ends when another of the kind is sent."""
USEFUL_FOR: Mapping[LoginLetterKind, timedelta] = MappingProxyType(
    {
        LoginLetterKind.RESET: timedelta(hours=1),
        LoginLetterKind.INVITATION: timedelta(hours=72),
        LoginLetterKind.ADDRESS: timedelta(hours=24),
        LoginLetterKind.NEW_BROWSER: timedelta(days=7),
        **dict.fromkeys(NEWS, timedelta(days=3)),
        **dict.fromkeys(OF_CALENDARS, timedelta(days=3)),
    }
)
"""How long its link opens something; where it has none, how long it is worth being told."""
RESTS_FOR = timedelta(minutes=5)
MOST_A_DAY = 10
"""A link that was asked for again within this time is not sent again, and no more than so many are in a day: a stranger
who knows an address could fill its mailbox otherwise.
"""
LAST_HOLDS = (
    "What it said last still counts; what is new in it is not seen here. The page “Calendars” says which it is."
)
OF_WHOM = (
    "What it said last still counts; what is new in it is not seen here. The page “Calendars” leads to whose it is."
)
NOTHING_YET = (
    "Nothing was changed here, and nobody was told. It stands under “To do”; what is put back in your calendar needs "
    "no answer."
)
NOT_YOU = "If that was not you, please tell whoever runs your practice, and choose a new password."
NOT_ME = (
    "It ends every sign-in and your password, takes off what was added to your login since, and we e-mail you a link "
    "to a new password."
)
NOT_YOUR_PASSKEY = (
    "If you did not add it, take it off on the page of your account, or press “That was not me” in our e-mail about "
    "the sign-in: a new password alone leaves it. Please tell whoever runs your practice, too."
)
"""With a passkey one signs in without a password, so that another does not shut its holder out."""


def write_login_letter(kind: LoginLetterKind, *, sender: str, link: str, desk: str, about: str = "") -> Letter:
    """The words of one. ``link`` is what this letter is for, if it is for anything; ``desk`` is where staff begin;
    ``about`` is the browser that it speaks of, and when.
    """
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
    if kind == LoginLetterKind.INVITATION:
        return Letter(
            subject="You are invited to sign in",
            greeting="Hello,",
            paragraphs=(
                f"{sender} invites you to sign in. Please accept within three days; the link works once.",
                "You sign in with this e-mail address, and a password that you choose then or have here already.",
            ),
            actions=(("Accept the invitation", link),),
            closing=("If you do not know what this is about, do nothing.", sender),
        )
    if kind == LoginLetterKind.ADDRESS:
        return Letter(
            subject="Is this your new address?",
            greeting="Hello,",
            paragraphs=("Somebody wants to sign in here with this address. If that is you, say so within a day.",),
            actions=(("Use this address", link),),
            closing=("If you did not ask, do nothing: nothing is changed.", sender),
        )
    if kind == LoginLetterKind.NEW_BROWSER:
        return Letter(
            subject="Was this you?",
            greeting="Hello,",
            paragraphs=(
                f"Your login here was used in a browser that we did not know: {about}.",
                "If that was you, there is nothing to do.",
            ),
            actions=(("That was not me", link),),
            closing=(NOT_ME, sender),
        )
    if kind in OF_CALENDARS:
        return _write_of_calendars(kind, sender, desk)
    subject, sentence = NEWS[kind]
    return Letter(
        subject=subject,
        greeting="Hello,",
        paragraphs=(sentence,),
        actions=(("Go to the desk", desk),),
        closing=(NOT_YOUR_PASSKEY if kind == LoginLetterKind.PASSKEY_ADDED else NOT_YOU, sender),
    )


def _write_of_calendars(kind: LoginLetterKind, sender: str, desk: str) -> Letter:
    subject, sentence = OF_CALENDARS[kind]
    is_asked = kind == LoginLetterKind.CALENDAR_QUESTION
    what_holds = {
        LoginLetterKind.CALENDAR_QUESTION: NOTHING_YET,
        LoginLetterKind.CALENDAR_OF_OTHER: OF_WHOM,
    }.get(kind, LAST_HOLDS)
    return Letter(
        subject=subject,
        greeting="Hello,",
        paragraphs=(sentence, what_holds),
        actions=(("Go to the desk", desk),),
        closing=(sender,) if is_asked else ("We write again in a week if it stays like this.", sender),
    )
