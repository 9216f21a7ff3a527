"""Where a request ends is found as gunicorn's own parser finds it, however the bytes are cut."""

from __future__ import annotations

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from hypothesis import given
from hypothesis import strategies as st

from webserver.arriving import LARGEST_HEAD, Arrival

LARGEST = 1000
LINES = ["Host: a", "X-Long: " + "x" * 300, "Content-Type: text/plain", "Cookie: a=b; c=d", "X: content-length: 7"]

bodies = st.binary(max_size=60)
heads = st.lists(st.sampled_from(LINES), unique=True)


def largest(path: str) -> int:
    return 10 * LARGEST if path == "/large" else LARGEST


def with_length(head: list[str], body: bytes) -> bytes:
    lines = ["POST /a HTTP/1.1", *head, f"content-Length:  {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def in_chunks(head: list[str], chunks: list[bytes], trailer: bytes) -> bytes:
    lines = ["POST /a HTTP/1.1", *head, "Transfer-Encoding: chunked"]
    coded = b"".join(b"%X;a=b\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + coded + b"0\r\n" + trailer + b"\r\n"


requests = st.one_of(
    st.builds(with_length, heads, bodies),
    st.builds(in_chunks, heads, st.lists(bodies, max_size=4), st.sampled_from([b"", b"X-Sum: 1\r\n"])),
)


def read_by_gunicorn(request: bytes) -> bytes:
    """What gunicorn leaves of it once it has read one request and its body."""
    parser = get_parser(Config(), [request], ("127.0.0.1", 1))
    next(parser).body.read()
    return bytes(parser.unreader.take_buffered())


@given(requests, bodies, st.integers(1, 50))
def test_a_request_ends_where_gunicorn_ends_it(request_bytes: bytes, behind: bytes, step: int) -> None:
    arrival = Arrival(largest)
    for at in range(0, len(request_bytes) - 1, step):
        arrival.add(request_bytes[at : min(at + step, len(request_bytes) - 1)])
        assert not arrival.is_whole
    arrival.add(request_bytes[-1:] + behind)
    assert arrival.is_whole
    assert not arrival.is_cut_off
    whole, rest = arrival.split()
    assert (whole, rest) == (request_bytes, behind)
    assert read_by_gunicorn(whole) == b""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"zz\r\n", 400),
        (b"-1\r\nab\r\n", 400),
        (b"\r\n", 400),
        (b"fffffffffff\r\n", 413),
        (b"1;" + b"x" * LARGEST * 2, 413),
        (b"5\r\nabcde\r\n" * 201, 413),
        (b"0\r\n" + b"X: x\r\n" * 400, 413),
    ],
    ids=["no number", "below nothing", "no size", "too long", "size without an end", "too many", "endless trailer"],
)
def test_chunks_that_make_no_sense_are_not_waited_for(body: bytes, status: int) -> None:
    arrival = Arrival(largest)
    arrival.add(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert arrival.refusal == status


@pytest.mark.parametrize(("length", "cut_off"), [(LARGEST, False), (LARGEST + 1, True), (10**11, True)])
def test_a_body_that_will_be_refused_is_not_waited_for(length: int, cut_off: bool) -> None:
    arrival = Arrival(largest)
    arrival.add(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\nabc" % length)
    assert (arrival.is_whole, arrival.is_cut_off) == (cut_off, cut_off)


def test_a_head_without_end_is_too_large() -> None:
    arrival = Arrival(largest)
    arrival.add(b"GET / HTTP/1.1\r\nX: " + b"x" * (LARGEST_HEAD - 30))
    assert arrival.refusal is None
    arrival.add(b"x" * 30)
    assert arrival.refusal == 431


@pytest.mark.parametrize("line", [b"Expect: 100-continue", b"expect:100-Continue "])
def test_who_waits_for_a_word_is_noticed(line: bytes) -> None:
    arrival = Arrival(largest)
    arrival.add(b"POST / HTTP/1.1\r\n" + line + b"\r\nContent-Length: 3\r\n\r\n")
    assert arrival.expects_word


@pytest.mark.parametrize(("target", "cut_off"), [(b"/large", False), (b"/large?a=b", False), (b"/a?/large", True)])
def test_how_much_is_waited_for_is_a_matter_of_the_path(target: bytes, cut_off: bool) -> None:
    arrival = Arrival(largest)
    arrival.add(b"POST " + target + b" HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (10 * LARGEST))
    assert arrival.is_cut_off == cut_off
    chunks = Arrival(largest)
    chunks.add(b"POST " + target + b" HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%X\r\n" % (2 * LARGEST))
    assert (chunks.refusal == 413) == cut_off
