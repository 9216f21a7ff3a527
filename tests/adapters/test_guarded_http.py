"""Requests to addresses that somebody typed: what they never reach, and where they end."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from ipaddress import ip_address
from threading import Event

import pytest

from telehealth.adapters.guarded_http import (
    GuardedHttp,
    HttpAnswer,
    failure_of,
    find_target,
    is_public,
    look_up,
)
from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure
from tests.adapters import secure_server
from tests.adapters.secure_server import HOST, Asked, Says, SecureServer

SECRET = "Basic c2VjcmV0"
ONE_MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureServer]:
    with secure_server.serve(tmp_path_factory.mktemp("secure")) as server:
        yield server


@pytest.fixture
def server(running: SecureServer) -> SecureServer:
    running.answer = lambda _: Says()
    running.asked.clear()
    running.connections = 0
    return running


def failure_at(http: GuardedHttp, url: str) -> CalendarFailure:
    with pytest.raises(CalendarFailed) as caught:
        http.request("GET", url)
    assert url not in repr(caught.value)
    assert caught.value.__context__ is None  # Nothing that was asked for hangs on it.
    return caught.value.failure


class TestWhatCountsAsPublic:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
            "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1",
            "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::127.0.0.1",
            "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "2002:7f00:1::", "2002:a00:1::1",
            "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:0:7f00:1::",
        ],
    )  # fmt: skip
    def test_nothing_of_here_or_of_a_neighbour(self, address: str) -> None:
        assert not is_public(ip_address(address))

    @pytest.mark.parametrize(
        "address", ["17.248.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
    )
    def test_the_rest_of_the_world(self, address: str) -> None:
        assert is_public(ip_address(address))


class TestAddressesAsTyped:
    @pytest.mark.parametrize(
        ("typed", "asked_for"),
        [
            ("webcal://calendar.example/a.ics", "https://calendar.example/a.ics"),
            ("webcals://calendar.example/a.ics", "https://calendar.example/a.ics"),
            ("  https://Calendar.Example.:443/a b?x=y#part ", "https://calendar.example/a%20b?x=y"),
            ("https://calendar.example:8443", "https://calendar.example:8443/"),
            ("https://kälender.example/", "https://xn--klender-5wa.example/"),
            ("https://calendar.example/p%20q/%C3%A4", "https://calendar.example/p%20q/%C3%A4"),
            ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
        ],
    )
    def test_what_is_asked_for(self, typed: str, asked_for: str) -> None:
        assert find_target(typed).url == asked_for

    @pytest.mark.parametrize(
        "typed",
        [
            "http://calendar.example/", "ftp://calendar.example/", "file:///etc/passwd", "gopher://calendar.example/",
            "calendar.example/a.ics", "", "https://", "https:///a.ics",
            "https://calendar.example:25/", "https://calendar.example:80/", "https://calendar.example:99999/",
            "https://me:word@calendar.example/", "https://calendar.example@127.0.0.1/",
            "https://calendar.example\\@127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
            "https://127.1/", "https://0x7f.1/", "https://calendar.example.0x1/", "https://a_b%00.example/",
            "https://calendar.example%2f/", "https://calendar .example/", "https://" + "a" * 64 + ".example/",
        ],
    )  # fmt: skip
    def test_what_is_not_opened(self, typed: str) -> None:
        with pytest.raises(CalendarFailed) as caught:
            find_target(typed)
        assert caught.value.failure is CalendarFailure.FORBIDDEN_ADDRESS

    @pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "169.254.169.254"])
    def test_no_address_leads_to_this_machine(self, server: SecureServer, host: str) -> None:
        http = GuardedHttp(authorities=server.authorities, resolve=look_up)
        assert failure_at(http, f"https://{host}:{server.port}/") is CalendarFailure.FORBIDDEN_ADDRESS
        assert server.connections == 0


class TestWhereItConnects:
    def test_every_address_of_a_name_must_be_public(self, server: SecureServer) -> None:
        http = server.make_http(resolve=lambda _host, _port: [HOST, "10.0.0.7"])
        assert failure_at(http, server.url()) is CalendarFailure.FORBIDDEN_ADDRESS
        assert server.connections == 0

    def test_a_name_is_looked_up_once(self, server: SecureServer) -> None:
        """Whoever answers something else the second time changes nothing: the connection goes to what was checked."""
        answers = iter([[HOST], ["10.0.0.7"]])
        http = server.make_http(resolve=lambda _host, _port: next(answers))
        assert http.request("GET", server.url()).status == 200
        assert next(answers) == ["10.0.0.7"]

    def test_a_name_that_changed_is_checked_again(self, server: SecureServer) -> None:
        answers = iter([[HOST], ["10.0.0.7"]])
        http = server.make_http(resolve=lambda _host, _port: next(answers))
        http.request("GET", server.url())
        assert failure_at(http, server.url()) is CalendarFailure.FORBIDDEN_ADDRESS
        assert len(server.asked) == 1

    def test_a_host_that_has_moved_is_asked_where_it_is_now(self, server: SecureServer) -> None:
        places = iter([[HOST], ["127.0.0.2"], [HOST], [HOST]])
        http = server.make_http(resolve=lambda *_: next(places), counts_as_public=lambda _: True)
        http.request("GET", server.url())
        assert failure_at(http, server.url()) is CalendarFailure.UNREACHABLE, "nobody listens there"
        http.request("PUT", server.url(), body=b"once")
        http.request("GET", server.url())
        assert [each.method for each in server.asked] == ["GET", "PUT", "GET"]
        assert server.connections <= 2

    def test_the_name_is_asked_for(self, server: SecureServer) -> None:
        server.make_http().request("GET", server.url())
        assert server.asked[0].headers["host"] == f"calendar.example:{server.port}"

    def test_a_connection_is_used_again(self, server: SecureServer) -> None:
        http = server.make_http()
        for _ in range(3):
            http.request("GET", server.url())
        assert server.connections == 1

    @pytest.mark.parametrize("url", ["https://stranger.example:{port}/", "https://127.0.0.2:{port}/"])
    def test_a_certificate_for_another_name(self, server: SecureServer, url: str) -> None:
        http = server.make_http(counts_as_public=lambda _: True)
        assert failure_at(http, url.format(port=server.port)) is CalendarFailure.UNREACHABLE
        assert server.asked == []

    def test_a_certificate_that_nobody_vouches_for(self, server: SecureServer) -> None:
        assert failure_at(server.make_http(authorities=None), server.url()) is CalendarFailure.UNREACHABLE
        assert server.asked == []

    def test_a_name_that_nobody_knows(self, server: SecureServer) -> None:
        def resolve(_host: str, _port: int) -> list[str]:
            raise OSError

        assert failure_at(server.make_http(resolve=resolve), server.url()) is CalendarFailure.UNREACHABLE

    def test_a_name_that_is_looked_up_for_ever(self, server: SecureServer) -> None:
        never = Event()

        def resolve(_host: str, _port: int) -> list[str]:
            never.wait(60)
            return []

        http = server.make_http(resolve=resolve, lookup_seconds=0.1)
        assert failure_at(http, server.url()) is CalendarFailure.TIMED_OUT
        never.set()

    def test_the_environment_names_no_proxy(self, server: SecureServer, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        assert server.make_http().request("GET", server.url()).status == 200


class TestRedirects:
    def lead(self, server: SecureServer, *places: str, status: int = 302) -> None:
        """Each path leads to the next place; the last one is answered."""
        steps = dict(zip(["/calendar.ics", "/1", "/2", "/3", "/4", "/5"], places, strict=False))
        server.answer = lambda asked: (
            Says(status, headers={"Location": steps[asked.path]}) if asked.path in steps else Says(body=b"here")
        )

    def test_are_followed(self, server: SecureServer) -> None:
        self.lead(server, "/1", "/2")
        answer = server.make_http().request("GET", server.url())
        assert (answer.body, answer.url) == (b"here", server.url("/2"))

    @pytest.mark.parametrize(
        "place",
        ["https://127.0.0.1/", "https://10.0.0.7/", "http://calendar.example/", "file:///etc/passwd", "//[::1]/"],
    )
    def test_lead_nowhere_that_could_not_be_asked_at_once(self, server: SecureServer, place: str) -> None:
        self.lead(server, place)
        http = server.make_http(
            counts_as_public=lambda address: len(server.asked) == 0 and str(address) == HOST,
            resolve=lambda host, port: look_up(host, port) if host[0] in "1:" else [HOST],
        )
        assert failure_at(http, server.url()) is CalendarFailure.FORBIDDEN_ADDRESS
        assert len(server.asked) == 1

    @pytest.mark.parametrize("place", ["https://[bad", "//[", "https://other.example:99999999/", "https://x:abc/"])
    def test_lead_nowhere_where_nothing_is_an_address(self, server: SecureServer, place: str) -> None:
        server.answer = lambda _: Says(302, headers={"Location": place})
        assert failure_at(server.make_http(), server.url()) is CalendarFailure.FORBIDDEN_ADDRESS

    def test_end(self, server: SecureServer) -> None:
        self.lead(server, "/1", "/calendar.ics")
        assert failure_at(server.make_http(), server.url()) is CalendarFailure.BROKEN
        assert len(server.asked) == 5

    def test_take_secrets_along_on_one_host_only(self, server: SecureServer) -> None:
        self.lead(server, "/1", server.url("/2", host="other.example"), server.url("/3"))
        server.make_http().request("GET", server.url(), authorization=SECRET)
        assert [asked.headers.get("authorization") for asked in server.asked] == [SECRET, SECRET, None, SECRET]

    def test_take_no_secret_to_another_port_of_a_suffix(self, server: SecureServer) -> None:
        self.lead(server, server.url("/1", host="p01-calendar.example"))
        server.make_http().request("GET", server.url(), authorization=SECRET, trusted_suffix="example")
        assert [asked.headers.get("authorization") for asked in server.asked] == [SECRET, None]

    def test_take_what_is_written_nowhere_else(self, server: SecureServer) -> None:
        elsewhere = server.url("/1", host="other.example")
        self.lead(server, elsewhere, status=307)
        answer = server.make_http().request("PUT", server.url(), body=b"an appointment")
        assert (answer.status, answer.headers["location"], len(server.asked)) == (307, elsewhere, 1)

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_ask_the_same_again(self, server: SecureServer, status: int) -> None:
        self.lead(server, "/1", status=status)
        server.make_http().request("PROPFIND", server.url(), body=b"<a/>", authorization=SECRET)
        assert [(asked.method, asked.body) for asked in server.asked] == [("PROPFIND", b"<a/>")] * 2

    def test_see_other_is_read(self, server: SecureServer) -> None:
        self.lead(server, server.url("/1", host="other.example"), status=303)
        server.make_http().request("POST", server.url(), body=b"secret", authorization=SECRET)
        assert (server.asked[1].method, server.asked[1].body) == ("GET", b"")
        assert "authorization" not in server.asked[1].headers

    def test_a_server_is_remembered_by_no_cookie(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(headers={"Set-Cookie": "who=you"})
        http = server.make_http()
        http.request("GET", server.url())
        http.request("GET", server.url())
        assert "cookie" not in server.asked[1].headers


class TestBounds:
    def test_a_large_answer(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(body=b"x" * (ONE_MEBIBYTE + 1))
        assert failure_at(server.make_http(most_bytes=ONE_MEBIBYTE), server.url()) is CalendarFailure.TOO_LARGE

    def test_an_answer_of_just_that_size(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(body=b"x" * ONE_MEBIBYTE)
        assert len(server.make_http(most_bytes=ONE_MEBIBYTE).request("GET", server.url()).body) == ONE_MEBIBYTE

    def test_an_answer_that_does_not_say_how_large_it_is(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(parts=itertools.repeat(b"x" * 65536))
        assert failure_at(server.make_http(), server.url()) is CalendarFailure.TOO_LARGE

    def test_a_small_answer_that_unpacks_to_a_large_one(self, server: SecureServer) -> None:
        packed = gzip.compress(b"\0" * (200 * ONE_MEBIBYTE), 9)
        server.answer = lambda _: Says(body=packed, headers={"Content-Encoding": "gzip"})
        assert len(packed) < ONE_MEBIBYTE
        assert failure_at(server.make_http(), server.url()) is CalendarFailure.TOO_LARGE

    def test_a_packed_answer(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(body=gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"})
        assert server.make_http().request("GET", server.url()).body == b"hello"

    def test_an_answer_that_is_packed_wrongly(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(body=b"hello", headers={"Content-Encoding": "gzip"})
        assert failure_at(server.make_http(), server.url()) is CalendarFailure.BROKEN

    def test_an_answer_without_end(self, server: SecureServer) -> None:
        """A byte now and then keeps nobody here."""
        ended = Event()

        def drip() -> Iterator[bytes]:
            while not ended.wait(0.01):
                yield b"x"

        server.answer = lambda _: Says(parts=drip())
        assert failure_at(server.make_http(seconds=0.3), server.url()) is CalendarFailure.TIMED_OUT
        ended.set()

    def test_all_redirects_together(self, server: SecureServer) -> None:
        wait = Event()

        def answer(asked: Asked) -> Says:
            wait.wait(0.12)
            return Says(302, headers={"Location": asked.path + "1"})

        server.answer = answer
        assert failure_at(server.make_http(seconds=0.3), server.url()) is CalendarFailure.TIMED_OUT
        assert len(server.asked) <= 3

    def test_headers_without_end(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(headers={f"X-{number}": "x" * 1000 for number in range(2000)})
        with pytest.raises(CalendarFailed):
            server.make_http().request("GET", server.url())

    def test_a_request_after_a_failed_one(self, server: SecureServer) -> None:
        http = server.make_http()
        server.answer = lambda _: Says(parts=itertools.repeat(b"x" * 65536))
        failure_at(http, server.url())
        server.answer = lambda _: Says(body=b"again")
        assert http.request("GET", server.url()).body == b"again"


class TestWhatIsSent:
    def test_any_method_headers_and_a_body(self, server: SecureServer) -> None:
        http = server.make_http()
        http.request("REPORT", server.url("/c/?a=b"), headers={"Depth": "1"}, body=b"<x/>", authorization=SECRET)
        asked = server.asked[0]
        assert (asked.method, asked.path, asked.body) == ("REPORT", "/c/?a=b", b"<x/>")
        assert (asked.headers["depth"], asked.headers["authorization"]) == ("1", SECRET)
        assert "expect" not in asked.headers

    def test_nothing_stays_for_the_next_one(self, server: SecureServer) -> None:
        http = server.make_http()
        http.request("PUT", server.url(), body=b"x" * 5000, authorization=SECRET)
        http.request("GET", server.url())
        assert (server.asked[1].body, server.asked[1].headers.get("authorization")) == (b"", None)

    def test_only_the_head(self, server: SecureServer) -> None:
        server.answer = lambda _: Says(headers={"ETag": '"1"'})
        assert server.make_http().request("HEAD", server.url()).headers["etag"] == '"1"'

    def test_a_header_stays_one(self, server: SecureServer) -> None:
        http = server.make_http()
        for name, failure in (("If-None-Match", CalendarFailure.BROKEN), ("Authorization", CalendarFailure.REFUSED)):
            with pytest.raises(CalendarFailed) as caught:
                http.request("GET", server.url(), headers={name: "x\r\nHost: other.example"})
            assert caught.value.failure is failure
        assert server.asked == []

    def test_what_is_secret_is_in_no_repr(self, server: SecureServer) -> None:
        answer = server.make_http().request("GET", server.url("/private-123.ics"))
        assert "private-123" not in repr(answer)


class TestStatuses:
    @pytest.mark.parametrize(
        ("status", "failure"),
        [
            (401, CalendarFailure.REFUSED), (403, CalendarFailure.REFUSED), (404, CalendarFailure.GONE),
            (410, CalendarFailure.GONE), (412, CalendarFailure.CHANGED_MEANWHILE), (429, CalendarFailure.OVERLOADED),
            (503, CalendarFailure.OVERLOADED), (500, CalendarFailure.BROKEN), (799, CalendarFailure.BROKEN),
        ],
    )  # fmt: skip
    def test_in_our_words(self, status: int, failure: CalendarFailure) -> None:
        assert failure_of(HttpAnswer(status, {}, b"", "")).failure is failure

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry-after": "120"}, 120.0),
            ({"retry-after": "Mon, 02 Mar 2026 15:05:00 GMT", "date": "Mon, 02 Mar 2026 15:00:00 GMT"}, 300.0),
            ({"retry-after": "Mon, 02 Mar 2026 14:00:00 GMT", "date": "Mon, 02 Mar 2026 15:00:00 GMT"}, 0.0),
            ({"retry-after": "soon"}, None),
            ({"retry-after": "²"}, None),
            ({}, None),
        ],
    )
    def test_when_to_come_back(self, headers: dict[str, str], seconds: float | None) -> None:
        assert failure_of(HttpAnswer(429, headers, b"", "")).retry_after == seconds
