"""Secrets that have to be read again, and so cannot be digests: sealed with a key that stands outside the database.

AES-GCM (NIST SP 800-38D) with a random nonce of 96 bits. What is sealed is bound to the row and column it was sealed
for: moved to another one it does not open. The first key seals, every key opens; so a new key is put in front, and the
older ones stay until everything was sealed anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from telehealth.late import Library

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import aead
else:
    aead = Library("cryptography.hazmat.primitives.ciphers.aead")

_FORM: Final = b"\x01"
_MARK, _NONCE = 4, 12


class SealBroken(Exception):
    """What was sealed does not open: no key of today's sealed it, it was sealed for another place, or it is damaged."""


@dataclass(slots=True)
class Rotated:
    """How many secrets were sealed anew, how many the newest key had sealed already, how many a worker was using just
    then, and how many no key opens.
    """

    anew: int = 0
    already: int = 0
    in_use: int = 0
    broken: int = 0
    last_id: int = 0


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The texts that keys are made of, the newest first. Each is as long and as random as a secret key."""

    texts: Sequence[str] = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be sealed, because nobody has set a key."""
        return not self.texts

    def seal(self, value: bytes, *, place: str) -> bytes:
        """Close a value up for one place, like "connection.secret:" and a public id."""
        key, nonce = _key(self.texts[0]), os.urandom(_NONCE)
        return _FORM + _mark(key) + nonce + aead.AESGCM(key).encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """The value again. Raises SealBroken."""
        mark, nonce, body = sealed[1 : 1 + _MARK], sealed[1 + _MARK : 1 + _MARK + _NONCE], sealed[1 + _MARK + _NONCE :]
        for key in map(_key, self.texts):
            if sealed[:1] == _FORM and _mark(key) == mark:
                try:
                    return aead.AESGCM(key).decrypt(nonce, body, place.encode())
                except Exception as error:  # InvalidTag, or too short to be anything.
                    raise SealBroken from error
        raise SealBroken

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it."""
        return sealed[: 1 + _MARK] == _FORM + _mark(_key(self.texts[0]))


def _key(text: str) -> bytes:
    """256 bits from a text that is random already."""
    return hashlib.sha256(b"telehealth sealing\0" + text.encode()).digest()


def _mark(key: bytes) -> bytes:
    """What tells keys apart, and nothing about them."""
    return hashlib.sha256(b"mark\0" + key).digest()[:_MARK]
