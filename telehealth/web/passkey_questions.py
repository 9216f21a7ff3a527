"""Asking a browser for a passkey, and finding out whether what it answers is right (WebAuthn).

The page carries the question, the visitor's session remembers it, and the form brings the answer: no script of ours
talks to the server by itself. Passkeys are for the configured public address, whatever a proxy or a visitor calls us.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import current_app, request, session

from telehealth import clock
from telehealth.domain.errors import InvalidInput
from telehealth.domain.passkeys import ANSWERED_WITHIN, Site, find_site
from telehealth.late import Library
from telehealth.models import Login, Passkey
from telehealth.queries.practice.staff import find_passkey
from telehealth.services.logins.passkeys import NewPasskey, Showing, note_showing

ASKED = "passkey"
"""Of the visitor's session, and of the form: the question, and the answer to it."""
LONGEST_ANSWER = 20_000
UNKNOWN = "This passkey does not open a login here. Please try another one, or sign in with your password."
UNVERIFIED = "Your device did not check that it is you. Please type your password, and use this passkey after it."
TOO_LATE = "That took a while, or the page was open twice. Please try again."
COPIED = "This passkey looks like a copy of another, so we let nobody in with it. We have sent its owner an e-mail."
NOT_MADE = "Your device did not make a passkey that we can use. Please try again, or use another device."
_webauthn, _helpers, _structs = Library("webauthn"), Library("webauthn.helpers"), Library("webauthn.helpers.structs")


class Purpose(StrEnum):
    """What an answer is good for; for nothing else."""

    SIGN_IN = "sign_in"
    AGAIN = "again"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class _Question:
    challenge: bytes
    asked_at: datetime


def has_passkeys() -> bool:
    """Whether browsers make passkeys for the address of this installation."""
    return find_site(current_app.config["PUBLIC_URL"]) is not None


def ask_for_passkey(purpose: Purpose, among: Sequence[Passkey] = (), *, proves_person: bool) -> str:
    """The question for one of these passkeys, or for any that the browser has for us, as the page carries it.

    With ``proves_person`` the device must check by a finger, a face or a PIN who holds it.
    """
    wanted = _structs.UserVerificationRequirement
    options = _webauthn.generate_authentication_options(
        rp_id=_site().name,
        challenge=_remember(purpose),
        allow_credentials=_describe(among),
        user_verification=wanted.REQUIRED if proves_person else wanted.PREFERRED,
    )
    return str(_webauthn.options_to_json(options))


def ask_to_make_one(login: Login, name: str) -> str:
    """The question for a new passkey of somebody of this name. A device that has one already makes no second."""
    options = _webauthn.generate_registration_options(
        rp_id=_site().name,
        rp_name=login.first_user.signs_in_to or _site().name,
        user_id=login.public_id.encode(),
        user_name=login.email,
        user_display_name=name,
        challenge=_remember(Purpose.ADD),
        exclude_credentials=_describe(login.passkeys),
        authenticator_selection=_structs.AuthenticatorSelectionCriteria(
            resident_key=_structs.ResidentKeyRequirement.PREFERRED,
            user_verification=_structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return str(_webauthn.options_to_json(options))


def read_passkey(purpose: Purpose, *, whose: Login | None, proves_person: bool) -> Passkey:
    """The passkey in the form, used up: of this login, or of anybody's. Raises InvalidInput (field ``passkey``)."""
    question = _recall(purpose)
    try:
        answer = _helpers.parse_authentication_credential_json(_answer())
        passkey = _find_asked(answer, whose)
        shown = _webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=question.challenge,
            expected_rp_id=_site().name,
            expected_origin=_site().origin,
            credential_public_key=_helpers.base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,  # The service compares what is counted, behind the lock of the row.
        )
    except Exception as problem:  # Whatever the library stumbles over in a stranger's bytes: it is no passkey.
        raise _refuse(UNKNOWN) from problem
    if proves_person and not shown.user_verified:
        raise _refuse(UNVERIFIED)
    counted, asked_at = shown.new_sign_count, question.asked_at
    what = note_showing(passkey_id=passkey.id, counted=counted, asked_at=asked_at, now=clock.now())
    if what != Showing.COUNTS:
        raise _refuse(COPIED if what == Showing.COPIED else TOO_LATE)
    return passkey


def read_new_passkey() -> NewPasskey:
    """What the form brings of a passkey that was made. Raises InvalidInput (field ``passkey``)."""
    question = _recall(Purpose.ADD)
    try:
        made = _webauthn.verify_registration_response(
            credential=_answer(),
            expected_challenge=question.challenge,
            expected_rp_id=_site().name,
            expected_origin=_site().origin,
        )
    except Exception as problem:  # The same.
        raise _refuse(NOT_MADE) from problem
    credential_id, public_key = (
        str(_helpers.bytes_to_base64url(each)) for each in (made.credential_id, made.credential_public_key)
    )
    return NewPasskey(credential_id, public_key, made.sign_count)


def _site() -> Site:
    site = find_site(current_app.config["PUBLIC_URL"])
    if site is None:
        raise RuntimeError("passkeys are asked for where there are none")
    return site


def _remember(purpose: Purpose) -> bytes:
    challenge: bytes = _helpers.generate_challenge()
    session[ASKED] = [purpose, _helpers.bytes_to_base64url(challenge), clock.now().timestamp()]
    return challenge


def _recall(purpose: Purpose) -> _Question:
    """What was asked, once. Raises InvalidInput where nothing was, something else, or long ago."""
    asked_for, challenge, at = session.pop(ASKED, ("", "", 0))
    asked_at = datetime.fromtimestamp(at, UTC)
    if asked_for != purpose or clock.now() - asked_at >= ANSWERED_WITHIN:
        raise _refuse(TOO_LATE)
    return _Question(_helpers.base64url_to_bytes(challenge), asked_at)


def _answer() -> str:
    return request.form.get(ASKED, "")[:LONGEST_ANSWER]


def _describe(passkeys: Sequence[Passkey]) -> list[Any]:
    return [
        _structs.PublicKeyCredentialDescriptor(id=_helpers.base64url_to_bytes(each.credential_id)) for each in passkeys
    ]


def _find_asked(answer: Any, whose: Login | None) -> Passkey:
    """The passkey of an answer, if it may answer. Raises LookupError.

    A device that was asked for one of several passkeys need not say whose it is; what it says is true.
    """
    passkey = find_passkey(_helpers.bytes_to_base64url(answer.raw_id))
    if passkey is None or not passkey.login.active or (whose is not None and whose.id != passkey.login_id):
        raise LookupError
    if answer.response.user_handle not in {None, passkey.login.public_id.encode()}:
        raise LookupError
    return passkey


def _refuse(sentence: str) -> InvalidInput:
    return InvalidInput({ASKED: sentence})
