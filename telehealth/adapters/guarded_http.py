"""Requests to addresses that somebody typed, or that a server gave: out into the public internet, and nowhere else.

Whoever may name an address could otherwise have this machine ask its neighbours (OWASP: server-side request forgery).
So: https only, on port 443 or one above 1023 (calendar servers at home like 8443; below that listen mail and the like).
The host is looked up once, EVERY address of it must be public, and the connection goes to one of these very addresses,
with the certificate checked for the name. Redirects are few, and each is checked alike. Nothing of the environment
counts (no proxy, no .netrc), no cookies are kept, and an answer is bounded in time and size.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.late import Library

if TYPE_CHECKING:
    import certifi
    import pycurl
else:
    certifi, pycurl = Library("certifi"), Library("pycurl")

IPAddress = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Every address of a host (for a port). Raises OSError."""

SECONDS, LOOKUP_SECONDS, MOST_BYTES, MOST_REDIRECTS = 20.0, 4.0, 10 * 1024 * 1024, 4
_HTTPS, _LOWEST_FREE_PORT, _HIGHEST_PORT = 443, 1024, 65535
_SCHEMES: Final = frozenset({"https", "webcal", "webcals"})
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_ENDS_IN_A_NUMBER: Final = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")
_KEPT: Final = "/:@!$&'()*+,;=~-._%"
_UNICAST, _NAT64 = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_READS: Final = frozenset({"GET", "HEAD"})


class Target(NamedTuple):
    """Where a request goes: a host name (ASCII) or address, its port, and path and query, all safe to put together."""

    host: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """As it is asked for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}{'' if self.port == _HTTPS else f':{self.port}'}{self.path}"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, and from where after all redirects. ``headers`` have names in lower case; what came several
    times is joined by commas. ``url`` may be secret.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)


def is_public(address: IPAddress) -> bool:
    """Whether an address is one of the public internet, also where it stands within another: an IPv4 address mapped
    into IPv6, or one behind 6to4 (RFC 3056) or NAT64 (RFC 6052).
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        return address in _UNICAST and address.is_global
    return address.is_global and not address.is_multicast


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address of a host, by the system. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def find_target(url: str) -> Target:
    """Where an address leads. webcal is https by another name. Raises CalendarFailed for whatever we do not open: other
    schemes and ports, a name or password within, and numbers in odd writing, which each program reads as it likes.
    """
    found = _read_address(url.strip())
    if found is None:  # Raised out here: the reason why Python could not read it holds what was typed.
        raise CalendarFailed(CalendarFailure.FORBIDDEN_ADDRESS)
    return found


def find_redirect(answer: HttpAnswer) -> Target:
    """Where an answer sends whoever asked; to its own address where it sends nobody. Raises CalendarFailed."""
    try:
        there = urljoin(answer.url, answer.headers.get("location", ""))
    except ValueError:
        there = ""
    return find_target(there)


def _read_address(url: str) -> Target | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTPS
        host = _read_host(parts.hostname or "")
    except ValueError:  # UnicodeError is one, too.
        return None
    is_port_open = port == _HTTPS or _LOWEST_FREE_PORT <= port <= _HIGHEST_PORT
    if parts.scheme not in _SCHEMES or "@" in parts.netloc or not is_port_open:
        return None
    query = f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else ""
    return Target(host, port, (quote(parts.path, safe=_KEPT) or "/") + query)


def _read_host(host: str) -> str:
    """Raises ValueError."""
    if ":" in host:
        return str(ipaddress.IPv6Address(host.partition("%")[0]))
    name = host.rstrip(".").encode("idna").decode().lower()
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        return str(ipaddress.IPv4Address(name))  # Only as four decimal numbers.
    if not _NAME.fullmatch(name):
        raise ValueError
    return name


@dataclass(slots=True)
class GuardedHttp:
    """Asks public servers. Safe to share between threads; keeps connections open, and nothing else.

    ``seconds`` are for a request with all its redirects, besides ``lookup_seconds`` for finding each host;
    ``most_bytes`` is how large its answer may be once it is unpacked.
    ``counts_as_public`` says which addresses may be connected to, ``resolve`` looks hosts up, and ``authorities`` is
    the file of those who may vouch for a certificate: tests give their own, and nothing that is set can.
    """

    seconds: float = SECONDS
    lookup_seconds: float = LOOKUP_SECONDS
    most_bytes: int = MOST_BYTES
    most_redirects: int = MOST_REDIRECTS
    counts_as_public: Callable[[IPAddress], bool] = is_public
    resolve: Resolve = look_up
    authorities: str | None = None
    _idle: deque[Any] = field(default_factory=deque, repr=False)  # Each keeps its connections.

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        authorization: str = "",
        trusted_suffix: str = "",
    ) -> HttpAnswer:
        """One request and its answer, whatever its status.

        ``authorization`` (a value of that header) and ``body`` go to the host and port of ``url``, and to hosts of
        ``trusted_suffix`` ("icloud.com") on port 443. Who is redirected elsewhere goes on without them when it is a GET
        or HEAD; anything else is not followed: the redirect is the answer. Raises CalendarFailed.
        """
        seconds = self.seconds
        first = target = find_target(url)
        for left in range(self.most_redirects, -1, -1):
            said = dict(headers or {})
            if authorization and _is_at_home(target, first, trusted_suffix):
                said["Authorization"] = authorization
            answer, took = self._ask(method, target, said, body, seconds)
            seconds -= took
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            target = find_redirect(answer)
            is_read = (method in _READS and not body) or answer.status == HTTPStatus.SEE_OTHER
            if not is_read and not _is_at_home(target, first, trusted_suffix):
                return answer
            if answer.status == HTTPStatus.SEE_OTHER and method != "HEAD":
                method, body = "GET", b""
            if not left:
                break
        raise CalendarFailed(CalendarFailure.BROKEN)  # Sent round in circles.

    def _ask(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> tuple[HttpAnswer, float]:
        addresses = self._find_addresses(target)
        said = _Answer(self.most_bytes)
        options = self._options(target, addresses, seconds) | {
            pycurl.CUSTOMREQUEST: method,
            pycurl.NOBODY: method == "HEAD",
            # Without "Expect: 100-continue", which some servers answer after a second only.
            pycurl.HTTPHEADER: [_write_header(*each) for each in headers.items()] + ["Expect:"],
            pycurl.WRITEFUNCTION: said.take_body,
            pycurl.HEADERFUNCTION: said.take_header,
        }
        if body:
            options |= {pycurl.POSTFIELDS: body, pycurl.POSTFIELDSIZE: len(body)}
        status, took = self._perform(options, said)
        return HttpAnswer(status, said.headers, bytes(said.body), target.url), took

    def _find_addresses(self, target: Target) -> list[IPAddress]:
        """Every address of a host, all of them public. Raises CalendarFailed."""
        found = _resolve_within(self.lookup_seconds, self.resolve, target.host, target.port)
        if not found:
            raise CalendarFailed(CalendarFailure.UNREACHABLE)
        addresses = list(dict.fromkeys(ipaddress.ip_address(each.partition("%")[0]) for each in found))
        if not all(map(self.counts_as_public, addresses)):
            raise CalendarFailed(CalendarFailure.FORBIDDEN_ADDRESS)
        return addresses

    def _options(self, target: Target, addresses: Sequence[IPAddress], seconds: float) -> dict[int, Any]:
        written = ",".join(f"[{each}]" if each.version == 6 else str(each) for each in addresses)  # noqa: PLR2004
        allowed = set(addresses)

        def look_again(address: str, *_: object) -> int:
            """The last look before anything is asked: whatever libcurl is connected to, it is what was checked."""
            is_checked = ipaddress.ip_address(address.partition("%")[0]) in allowed
            return int(pycurl.PREREQFUNC_OK if is_checked else pycurl.PREREQFUNC_ABORT)

        return {
            pycurl.URL: target.url,
            pycurl.PROTOCOLS: pycurl.PROTO_HTTPS,
            pycurl.RESOLVE: [f"{target.host}:{target.port}:{written}"],
            pycurl.PREREQFUNCTION: look_again,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.PROXY: "",
            pycurl.NETRC: pycurl.NETRC_IGNORED,
            pycurl.ACCEPT_ENCODING: "gzip, deflate",
            pycurl.USERAGENT: "telehealth-calendars/1.0",
            pycurl.CAINFO: self.authorities or certifi.where(),
            pycurl.TIMEOUT_MS: max(1, round(seconds * 1000)),
            pycurl.MAXFILESIZE_LARGE: self.most_bytes,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.NOSIGNAL: 1,  # Signals and threads do not go together.
        }

    def _perform(self, options: Mapping[int, Any], said: _Answer) -> tuple[int, float]:
        try:
            curl = self._idle.pop()
        except IndexError:
            curl = pycurl.Curl()
        curl.reset()  # What was asked for last; connections stay.
        try:
            for option, value in options.items():
                curl.setopt(option, value)
            _ask_where_it_is(curl)
            return curl.getinfo(pycurl.RESPONSE_CODE), curl.getinfo(pycurl.TOTAL_TIME)
        except pycurl.error as error:
            failure = CalendarFailed(CalendarFailure.TOO_LARGE if said.is_full else _failure(error.args[0]))
        finally:
            curl.reset()
            self._idle.append(curl)
        # Raised out here so that what was asked for, which may be secret, is not chained to it.
        raise failure


class _Answer:
    """What comes in, as far as there is room."""

    def __init__(self, most_bytes: int) -> None:
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self.is_full = False
        self._most_bytes = most_bytes

    def take_header(self, line: bytes) -> None:
        """One header; a status line begins anew, for what came before was only "go on"."""
        if line.startswith(b"HTTP/"):
            self.headers.clear()
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            known = self.headers.get(name.lower())
            self.headers[name.lower()] = value.strip() if known is None else f"{known}, {value.strip()}"

    def take_body(self, part: bytes) -> int:
        """How much of it was taken: all, or nothing, which ends the request."""
        if len(self.body) + len(part) > self._most_bytes:
            self.is_full = True
            return 0
        self.body += part
        return len(part)


def _ask_where_it_is(curl: Any) -> None:
    """Have a request carried. An open connection may lead to where its host was before: nothing was asked there then,
    and another one is opened. Raises pycurl.error.
    """
    try:
        curl.perform()
    except pycurl.error as error:
        is_another = error.args[0] == pycurl.E_ABORTED_BY_CALLBACK and not curl.getinfo(pycurl.NUM_CONNECTS)
        if not is_another:
            raise
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        curl.perform()


def _is_at_home(target: Target, first: Target, suffix: str) -> bool:
    """Whether a secret meant for one host may go to another."""
    is_within = suffix and (target.host == suffix or target.host.endswith(f".{suffix}")) and target.port == _HTTPS
    return target[:2] == first[:2] or bool(is_within)


def _resolve_within(seconds: float, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """What a host's addresses are; empty when nobody knows. The system's own look-up has no end that could be set."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, UnicodeError):
            return

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise CalendarFailed(CalendarFailure.TIMED_OUT)
    return found


def _write_header(name: str, value: str) -> str:
    """One header, which nothing in it ends. Raises CalendarFailed: a name that nobody can sign in with, or a mark that
    the server should not have given.
    """
    if not value.isascii() or not value.isprintable():
        raise CalendarFailed(CalendarFailure.REFUSED if name == "Authorization" else CalendarFailure.BROKEN)
    return f"{name}: {value}"


def _failure(code: int) -> CalendarFailure:
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return CalendarFailure.TIMED_OUT
    if code == pycurl.E_FILESIZE_EXCEEDED:
        return CalendarFailure.TOO_LARGE
    if code == pycurl.E_ABORTED_BY_CALLBACK:
        return CalendarFailure.FORBIDDEN_ADDRESS
    unfit = {pycurl.E_BAD_CONTENT_ENCODING, pycurl.E_PARTIAL_FILE, pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR}
    return CalendarFailure.BROKEN if code in unfit else CalendarFailure.UNREACHABLE


_BY_STATUS: Final[Mapping[int, CalendarFailure]] = {
    HTTPStatus.UNAUTHORIZED: CalendarFailure.REFUSED,
    HTTPStatus.FORBIDDEN: CalendarFailure.REFUSED,
    HTTPStatus.NOT_FOUND: CalendarFailure.GONE,
    HTTPStatus.GONE: CalendarFailure.GONE,
    HTTPStatus.REQUEST_TIMEOUT: CalendarFailure.TIMED_OUT,
    HTTPStatus.PRECONDITION_FAILED: CalendarFailure.CHANGED_MEANWHILE,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: CalendarFailure.TOO_LARGE,
    HTTPStatus.TOO_MANY_REQUESTS: CalendarFailure.OVERLOADED,
    HTTPStatus.SERVICE_UNAVAILABLE: CalendarFailure.OVERLOADED,
    HTTPStatus.GATEWAY_TIMEOUT: CalendarFailure.TIMED_OUT,
}


def failure_of(answer: HttpAnswer) -> CalendarFailed:
    """What the status of an answer that is no success means, where nothing else is known about it."""
    failure = _BY_STATUS.get(answer.status, CalendarFailure.BROKEN)
    return CalendarFailed(failure, retry_after=_wait_of(answer.headers))


def _wait_of(headers: Mapping[str, str]) -> float | None:
    """For how many seconds a server asks to be left alone. An hour of the clock counts from the server's own."""
    said = headers.get("retry-after", "")
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("date", ""))).total_seconds())
    except (ValueError, TypeError):
        return None
