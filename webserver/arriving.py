"""Knowing when a request has wholly come (RFC 9112): only where it ends is decided here, gunicorn reads it afterwards.

What the two understand differently does no harm: gunicorn gets what has come and finds nothing more to wait for, so it
refuses the request and the connection is closed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

LARGEST_HEAD = 32 * 1024
HEAD_ENDS = b"\r\n\r\n"

_PATH = re.compile(rb"[^ ]+ ([^ ?]*)")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect:[ \t]*100-continue[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
_CHUNK_SIZE = re.compile(rb"([0-9a-f]{1,12})[ \t]*(?:;.*)?", re.IGNORECASE | re.DOTALL)


class Arrival:
    """What has come of one request. A body of more bytes than ``largest_body`` says of its path is not waited for."""

    def __init__(self, largest_body: Callable[[str], int]) -> None:
        self.data = bytearray()
        self.is_cut_off = False
        """Whether more may come that nobody is going to read, so that this must be the connection's last request."""
        self.refusal: HTTPStatus | None = None
        """What to answer when it is no use to wait for the rest, or to read what has come."""
        self.expects_word = False
        """Whether the client waits to be told that it may send the body (RFC 9110 section 10.1.1)."""
        self._largest_body_at = largest_body
        self._largest_body = 0
        self._looked_at = 0
        self._head_ends: int | None = None
        self._next_chunk: int | None = None
        self._in_chunks = 0
        self._ends: int | None = None

    def add(self, data: bytes) -> None:
        """Take what just came."""
        self.data += data
        if self._head_ends is None:
            self._look_for_head()
            if self._head_ends is None and len(self.data) > LARGEST_HEAD:
                self.refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if self._next_chunk is not None and not self.is_whole:
            self._skip_chunks(self._next_chunk)

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._ends is not None and len(self.data) >= self._ends

    def split(self) -> tuple[bytes, bytes]:
        """The request, once it is whole, and the beginning of the next one."""
        return bytes(self.data[: self._ends]), bytes(self.data[self._ends :])

    def _look_for_head(self) -> None:
        at = self.data.find(HEAD_ENDS, max(self._looked_at - len(HEAD_ENDS), 0))
        self._looked_at = len(self.data)
        if at < 0:
            return
        head = bytes(self.data[: at + 2])
        self._head_ends = at + len(HEAD_ENDS)
        self.expects_word = bool(_EXPECTS.search(head))
        path = _PATH.match(head)
        self._largest_body = self._largest_body_at(path[1].decode("latin-1") if path else "")
        if _CODED.search(head):
            self._next_chunk = self._head_ends
            return
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        # The service refuses a larger body in words of its own, and need not see it for that.
        self.is_cut_off = length > self._largest_body
        self._ends = len(self.data) if self.is_cut_off else self._head_ends + length

    def _skip_chunks(self, at: int) -> None:
        """Go from one chunk's size to the next one's, up to the chunk of no size and the lines after it."""
        while (line_ends := self.data.find(b"\r\n", at)) >= 0:
            size = _CHUNK_SIZE.fullmatch(self.data, at, line_ends)
            if size is None:
                self.refusal = HTTPStatus.BAD_REQUEST
                return
            length = int(size[1], 16)
            if length == 0:
                end = self.data.find(HEAD_ENDS, line_ends)
                self._ends = end + len(HEAD_ENDS) if end >= 0 else None
                break
            at = line_ends + 2 + length + 2
            self._in_chunks += length
        self._next_chunk = at
        # What is said about the chunks may be longer than what is in them.
        came = len(self.data) - (self._head_ends or 0)
        if self._in_chunks > self._largest_body or came > 2 * self._largest_body:
            self.refusal = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
