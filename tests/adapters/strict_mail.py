"""A reader of mail that forgives nothing: what it takes, every mail program reads in the same way.

It is our own on purpose. The standard library's repairs what is broken, and decodes names that it should leave alone.
"""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import dataclass, field
from itertools import pairwise

_HEADER = re.compile(r"([A-Z][A-Za-z-]*):(?: (\S.*)?)?")
_FOLDED = re.compile(r" \S.*")
_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/=]+)\?=")
_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_QUOTED = r'"(?:[ !#-\[\]-~]|\\\\)*"'
_MAILBOX = re.compile(rf"(?:({_ATOM}(?: {_ATOM})*|{_QUOTED}) )?<({_ADDRESS})>|({_ADDRESS})")
_BOUNDARY = re.compile(r'(multipart/[a-z]+); boundary="([^"]+)"')


@dataclass
class Part:
    """One part: its own headers in their order, and what is in it."""

    headers: list[tuple[str, str]]
    lines: list[str] = field(repr=False)
    parts: list[Part] = field(default_factory=list)

    def __getitem__(self, wanted: str) -> str:
        (value,) = (value for name, value in self.headers if name == wanted)
        return value

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.headers]

    @property
    def shape(self) -> object:
        """The kinds of the parts, and of the parts in them."""
        kind = self["Content-Type"].partition(";")[0]
        return {kind: [part.shape for part in self.parts]} if self.parts else kind

    def leaves(self) -> list[Part]:
        return [leaf for part in self.parts for leaf in part.leaves()] if self.parts else [self]


def read_mail(raw: bytes) -> Part:
    """One mail, as it arrived. Fails on anything that two programs might read in two ways."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert b"\x00" not in raw
    text = raw.decode("ascii")
    assert text.count("\r") == text.count("\n") == text.count("\r\n")
    lines = text.split("\r\n")[:-1]
    assert max(map(len, lines)) <= 998
    return _read_part(lines)


def read_mailbox(value: str) -> tuple[str, str]:
    """The one name and the one address that a header holds."""
    found = _MAILBOX.fullmatch(value)
    assert found, value
    name, address, alone = found.groups()
    shown = name or ""
    if shown.startswith('"'):
        shown = shown[1:-1].replace("\\\\", "\\")
        assert "=?" not in shown
    return read_words(shown), address or alone


def read_words(value: str) -> str:
    """Words as a person sees them: encoded words in full, and nothing that decodes a second time."""
    if not value.startswith("=?"):
        assert "=?" not in value
        return value
    pieces = [_WORD.fullmatch(piece) for piece in value.split(" ")]
    assert all(piece is not None and len(piece.group()) <= 75 for piece in pieces)
    words = "".join(b64decode(piece.group(1), validate=True).decode() for piece in pieces if piece)
    assert words.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", words)
    assert "=?" not in words
    return words


def _read_part(lines: list[str]) -> Part:
    end = lines.index("")
    headers: list[tuple[str, str]] = []
    for line in lines[:end]:
        if _FOLDED.fullmatch(line):
            name, value = headers.pop()
            headers.append((name, value + line))
        else:
            found = _HEADER.fullmatch(line)
            assert found, line
            headers.append((found.group(1), found.group(2) or ""))
    part = Part(headers, lines[end + 1 :])
    assert len(set(part.names)) == len(part.names)
    several = _BOUNDARY.fullmatch(part["Content-Type"])
    if several:
        part.parts = [_read_part(each) for each in _split(part.lines, several.group(2))]
    return part


def _split(lines: list[str], boundary: str) -> list[list[str]]:
    marks = [number for number, line in enumerate(lines) if line.startswith(f"--{boundary}")]
    assert [lines[number] for number in marks[:-1]] == [f"--{boundary}"] * (len(marks) - 1)
    assert lines[marks[-1]] == f"--{boundary}--"
    assert not any(lines[: marks[0]]), "nothing stands before the first part"
    assert not any(lines[marks[-1] + 1 :]), "nor after the last one"
    return [lines[first + 1 : last] for first, last in pairwise(marks)]
