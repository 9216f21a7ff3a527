"""What a practice says about a video service elsewhere that it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.ports import VideoAccess
from telehealth.domain.web_links import clean_web_link
from telehealth.domain.words import VideoKind
from telehealth.late import Library

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
else:
    serialization = Library("cryptography.hazmat.primitives.serialization")
    rsa = Library("cryptography.hazmat.primitives.asymmetric.rsa")

LONGEST: Final = 200
LONGEST_SECRET: Final = 8000
"""A private key has some 3,300 letters."""
PRIVATE_KEY: Final = "-----BEGIN"
USUAL_AUDIENCE: Final = "jitsi"
NOT_HTTPS = "Please give an address that starts with https://."
NEEDS_SECRET = "Please give the secret, too: without it, the app id opens nothing."  # noqa: S105 -- a sentence
NEEDS_APP = "Please give the app id that this secret belongs to."
NEEDS_KEY = "With a key id, the secret is the private key as a whole, from -----BEGIN to -----END."
NOT_A_KEY = "This private key cannot be read. Please copy it as a whole."
NEEDED = "Please fill this in."


@dataclass(frozen=True, slots=True)
class ConnectionFields:
    """What a kind has to be told: settings that anybody of the desk may read, and secrets."""

    settings: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    usual_address: str = ""


FIELDS: Mapping[VideoKind, ConnectionFields] = {
    VideoKind.JITSI: ConnectionFields(("app_id", "key_id", "audience"), ("app_secret",), ("address",)),
    VideoKind.FIXED: ConnectionFields(needed=("address",)),
    VideoKind.DAILY: ConnectionFields((), ("api_key",), ("api_key",)),
    VideoKind.ZOOM: ConnectionFields(
        ("account_id", "client_id", "host"), ("client_secret",), ("account_id", "client_id", "client_secret")
    ),
}
"""Of what can be connected."""


def clean_access(kind: VideoKind, typed: Mapping[str, str], kept_secrets: Mapping[str, str]) -> VideoAccess:
    """What was typed, as it is kept. A secret that is left empty stays as it is (``kept_secrets``), for as long as what
    it belongs to is there. Raises InvalidInput by field.
    """
    fields = FIELDS[kind]
    given = {name: typed.get(name, "").strip() or kept_secrets.get(name, "") for name in fields.needed}
    problems = {name: NEEDED for name, value in given.items() if not value}
    settings = {name: _read_line(problems, name, typed.get(name, "")) for name in fields.settings}
    secrets = {
        name: (typed.get(name, "").replace("\0", "").strip() or kept_secrets.get(name, ""))[:LONGEST_SECRET]
        for name in fields.secrets
    }
    address = _read_address(problems, typed.get("address", "") or fields.usual_address)
    if kind == VideoKind.JITSI:
        _check_jitsi(problems, settings, secrets, is_secret_typed=bool(typed.get("app_secret", "").strip()))
    if problems:
        raise InvalidInput(problems)
    return VideoAccess(address=address, settings=settings, secrets=secrets)


def _check_jitsi(
    problems: dict[str, str], settings: dict[str, str], secrets: dict[str, str], *, is_secret_typed: bool
) -> None:
    settings["audience"] = settings["audience"] or USUAL_AUDIENCE
    if settings["app_id"] and not secrets["app_secret"]:
        problems["app_secret"] = NEEDS_SECRET
    elif not settings["app_id"] and is_secret_typed:
        problems["app_id"] = NEEDS_APP
    elif not settings["app_id"]:
        secrets["app_secret"] = ""
    if settings["key_id"] and not secrets["app_secret"].startswith(PRIVATE_KEY):
        problems["app_secret"] = NEEDS_KEY
    elif settings["key_id"] and not _is_private_key(secrets["app_secret"]):
        problems["app_secret"] = NOT_A_KEY


def _is_private_key(secret: str) -> bool:
    try:
        return isinstance(serialization.load_pem_private_key(secret.encode(), None), rsa.RSAPrivateKey)
    except Exception:  # noqa: BLE001 -- whatever a library makes of what somebody pasted
        return False


def _read_line(problems: dict[str, str], name: str, typed: str) -> str:
    try:
        return clean_line(typed, longest=LONGEST)
    except ValueError as problem:
        problems[name] = str(problem)
        return ""


def _read_address(problems: dict[str, str], typed: str) -> str:
    if "address" in problems or not typed:
        return ""
    try:
        address = clean_web_link(typed)
    except ValueError as problem:
        problems["address"] = str(problem)
        return ""
    if not address.startswith("https://"):
        problems["address"] = NOT_HTTPS
    return address
