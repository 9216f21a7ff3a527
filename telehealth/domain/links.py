"""Links nobody can guess, and nobody has to store.

Four kinds of secret live here:

* A *signed link* carries a public id and a signature made from the application's own keys. Nothing secret is
  stored, so a stolen database opens no appointment. Keys may be rotated: the first one signs, any of them
  verifies. It also carries how often the links of its row were ended (``version``), and the row knows the same: a
  link from before the last end opens nothing. Version 0 is not written out.
* A *code* of six digits is made in the same way, for whoever has to type it. So few digits are worth something only
  because its row counts how often they were guessed.
* A *stored secret* (calendar feeds, API tokens) is random; only its SHA-256 digest is kept. A plain hash is
  enough because the secret has 192 random bits, so there is nothing a dictionary could find (OWASP ASVS 5.0,
  V11.4).
* A *made secret* (a client's own calendar) is stored in the same way, but made from the keys, as a signature is: so it
  can be shown again to whoever may see it, and it still opens what it opens when its key is gone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from telehealth.domain.errors import LinkInvalid

_PUBLIC_ID_BYTES = 9  # 12 characters
_SECRET_BYTES = 24  # 32 characters, 192 bits
_MADE_BYTES = 24  # As many, of a mac instead of chance.
_SIGNATURE_BYTES = 16  # 22 characters, 128 bits
_CODE_DIGITS = 6

# ``[A-Za-z0-9_-]`` instead of ``\w``, which would let letters of every script through.
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})(?:\.([A-Za-z0-9_-]{12}))?(?:\.([1-9][0-9]{0,5}))?\.([A-Za-z0-9_-]{22})")


class Linked(Protocol):
    """A row with links: its public id, and how often they were ended."""

    @property
    def public_id(self) -> str: ...
    @property
    def links_version(self) -> int: ...


class Signed(NamedTuple):
    """What a signed link names: a row, the version of its links that this is one of, and the companion (public id of 12
    characters) for whom it was made, if it was.
    """

    public_id: str
    links_version: int = 0
    companion: str = ""


def companion_of(link: Linked) -> str:
    """The companion (public id) for whom a link was made; empty for the client's own."""
    return link.companion if isinstance(link, Signed) else ""


def link_of_companion(row: Linked, companion: Linked) -> Signed:
    """What a companion's link to a client's row names: it ends with the links of either, because both only grow."""
    return Signed(row.public_id, row.links_version + companion.links_version, companion.public_id)


def new_public_id() -> str:
    """A fresh name for a row that appears in links: 12 URL-safe characters, 72 random bits."""
    return secrets.token_urlsafe(_PUBLIC_ID_BYTES)


def new_secret() -> str:
    """A fresh secret of 192 random bits in 32 URL-safe characters. Show it once and store only its
    ``digest``.
    """
    return secrets.token_urlsafe(_SECRET_BYTES)


def make_secret(keys: Sequence[str], purpose: str, row: Linked) -> str:
    """The secret of a row, made with the first key: another one for each version of its links. Store only its
    ``digest``. Raises ValueError when there is no key.
    """
    return _made_secrets(keys, purpose, row)[0]


def find_made_secret(keys: Sequence[str], purpose: str, row: Linked, digest: str) -> str:
    """The same again, whichever of the keys made it; empty for a secret that none of them made."""
    made = _made_secrets(keys, purpose, row)
    return next((each for each in made if hmac.compare_digest(digest_of(each), digest)), "")


def _made_secrets(keys: Sequence[str], purpose: str, row: Linked) -> list[str]:
    _require_keys(keys)
    named = f"{row.public_id}.{row.links_version}".encode()
    macs = (hmac.digest(_purpose_key(key, purpose), named, "sha256")[:_MADE_BYTES] for key in keys)
    return [base64.urlsafe_b64encode(each).decode() for each in macs]


def digest_of(secret: str) -> str:
    """What is stored of a secret: its SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def sign_link(keys: Sequence[str], purpose: str, public_id: str, version: int = 0, companion: str = "") -> str:
    """The token ``<public_id>.<22 characters>`` for one purpose, made with the first key; after links were ended
    ``<public_id>.<version>.<22 characters>``, and for a companion with their id behind the first one.

    Raises ValueError when there is no key, or when ``public_id`` could not travel in a link: both are
    mistakes of ours.
    """
    _require_keys(keys)
    if not _PUBLIC_ID.fullmatch(public_id):
        raise ValueError("A public id is 1 to 64 of A-Z, a-z, 0-9, - and _.")
    named = _named(public_id, companion, version)
    return f"{named}.{_signature(keys[0], purpose, named)}"


def verify_link(keys: Sequence[str], purpose: str, token: str) -> Signed:
    """What a token was signed for, with any of the keys and for this very purpose.

    Whether the row's links were ended since is for whoever reads the row (``is_ended``). Raises LinkInvalid for
    everything else, whatever a stranger may have typed.
    """
    _require_keys(keys)
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise LinkInvalid
    public_id, companion, version, signature = match.groups(default="")
    named = _named(public_id, companion, version)
    # Every key is tried, so that the time taken does not tell which one fitted.
    fits = [hmac.compare_digest(_signature(key, purpose, named), signature) for key in keys]
    if not any(fits):
        raise LinkInvalid
    return Signed(public_id, int(version or 0), companion)


def make_code(keys: Sequence[str], public_id: str) -> str:
    """Six digits for somebody to type, each number as likely as any other. They belong to a row (its public id), and
    are kept nowhere. Raises ValueError when there is no key.
    """
    _require_keys(keys)
    return _code(keys[0], public_id)


def is_code(keys: Sequence[str], public_id: str, typed: str) -> bool:
    """Whether somebody typed that, in whichever way they write six digits; any of the keys may have made it."""
    _require_keys(keys)
    digits = "".join(letter for letter in typed if letter not in " -\u00a0")
    fits = [hmac.compare_digest(_code(key, public_id).encode(), digits.encode("utf-8", "replace")) for key in keys]
    return any(fits)


def _code(key: str, public_id: str) -> str:
    mac = hmac.digest(_purpose_key(key, "code"), public_id.encode(), "sha256")
    return f"{int.from_bytes(mac) % 10**_CODE_DIGITS:0{_CODE_DIGITS}}"


def is_ended(link: Linked, row: Linked) -> bool:
    """Whether a link that names this row was ended."""
    return link.links_version < row.links_version


def _named(public_id: str, companion: str, version: object) -> str:
    return ".".join([public_id, *filter(None, [companion]), *([str(version)] if version else [])])


def _signature(key: str, purpose: str, named: str) -> str:
    mac = hmac.digest(_purpose_key(key, purpose), named.encode(), "sha256")[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


@lru_cache(maxsize=64)
def _purpose_key(key: str, purpose: str) -> bytes:
    """Each purpose gets a key of its own, so a link to join can never be replayed as a link to cancel."""
    return hmac.digest(key.encode(), f"telehealth link: {purpose}".encode(), "sha256")


def _require_keys(keys: Sequence[str]) -> None:
    # A single string is a sequence of one-letter keys, and an empty key signs for everybody.
    if isinstance(keys, str) or not keys or not all(keys):
        raise ValueError("Signing needs a sequence of at least one key, and no empty ones.")
