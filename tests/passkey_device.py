"""A device that makes passkeys and shows them, as a browser would hand over what it says; honest or not."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40
QUESTION = re.compile(r'data-question="([^"]+)"')


def question_in(page: str) -> dict[str, Any]:
    """What a page asks the browser."""
    found = QUESTION.search(page)
    assert found, page
    question: dict[str, Any] = json.loads(unescape(found[1]))
    return question


@dataclass
class Device:
    """One passkey for one site. ``counts`` is what it says at its next use, None for one that does not count."""

    origin: str = "http://localhost"
    site: str = "localhost"
    counts: int | None = None
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    owner: str | None = None

    def make(self, question: dict[str, Any]) -> str:
        """Answer a question for a new passkey."""
        self.owner = question["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32) for each in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + public
        said = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._says(HAS_KEY) + attested})
        client = self._client("webauthn.create", question)
        return self._answer(clientDataJSON=client, attestationObject=said)

    def show(self, question: dict[str, Any]) -> str:
        """Answer a question for a passkey."""
        client, says = self._client("webauthn.get", question), self._says(0)
        signature = self.key.sign(says + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        handle = {"userHandle": self.owner} if self.owner else {}
        return self._answer(clientDataJSON=client, authenticatorData=says, signature=signature, **handle)

    def copy(self, **given: Any) -> Device:
        """Another device that has got hold of the same passkey."""
        return replace(self, **given)

    def _says(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        counted = 0
        if self.counts is not None:
            counted, self.counts = self.counts, self.counts + 1
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + counted.to_bytes(4)

    def _client(self, kind: str, question: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": question["challenge"], "origin": self.origin}).encode()

    def _answer(self, **response: bytes | str) -> str:
        name = bytes_to_base64url(self.credential_id)
        said = {key: each if isinstance(each, str) else bytes_to_base64url(each) for key, each in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})
