"""WebDAV as far as calendars need it (RFC 4918, 6578): asking for properties, reports, and what comes back.

Every server writes addresses in its own manner: whole ones and paths, percent-encoded here and plain there. In here a
resource is known by its path, written in one way only (``clean_path``), on the host of the collection that it is in.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import parse_http_list, parse_keqv_list
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from telehealth.adapters.guarded_http import HttpAnswer, failure_of
from telehealth.domain.calendar_ports import CalendarAccess, CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.late import Library

if TYPE_CHECKING:
    import defusedxml
    from defusedxml import ElementTree
else:
    defusedxml, ElementTree = Library("defusedxml"), Library("defusedxml.ElementTree")

SECONDS: Final = 120.0
"""For everything that is asked of a server in one call, however many requests that takes."""
MOST_RESOURCES: Final = 50_000
DAV, CALDAV, SERVER, APPLE = (
    "{DAV:}",
    "{urn:ietf:params:xml:ns:caldav}",
    "{http://calendarserver.org/ns/}",
    ("{http://apple.com/ns/ical/}"),
)
_HTTPS: Final = 443
_SHARDED: Final = ("icloud.com",)
"""Providers whose accounts lie on hosts of their own, below this domain."""
_KEPT_IN_A_NAME: Final = "@:!$&'()*+,;=~"
_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
_STATUS: Final = re.compile(r"HTTP/\S+\s+(\d{3})")
_GZIPPED: Final = re.compile(r'-gzip("?)$')
_HASHES: Final = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}

register_namespace("C", CALDAV[1:-1])
register_namespace("D", DAV[1:-1])


class Http(Protocol):
    """What carries requests: ``guarded_http.GuardedHttp``."""

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
        """One request and its answer, whatever its status. Raises CalendarFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an answer: its clean path and whole address, its status (404: it is gone; 507: there is more),
    and the properties it has, by their names.
    """

    path: str
    url: str
    status: int = HTTPStatus.OK
    properties: Mapping[str, Element] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """The text of a property; empty without one."""
        found = self.properties.get(name)
        return (found.text or "").strip() if found is not None else ""

    def kinds(self, name: str) -> set[str]:
        """The names of the elements within a property, at any depth."""
        found = self.properties.get(name)
        return {each.tag for each in found.iter()} - {name} if found is not None else set()

    def hrefs(self, name: str) -> list[str]:
        """The addresses within a property, as whole ones."""
        found = self.properties.get(name)
        inside = found.iter(f"{DAV}href") if found is not None else ()
        return [_whole(self.url, each.text) for each in inside if each.text]

    @property
    def etag(self) -> str:
        """Its version; empty when the server did not say."""
        return clean_etag(self.text(f"{DAV}getetag"))


@dataclass(frozen=True, slots=True)
class MultiStatus:
    """An answer about many resources, and the token to ask on with."""

    resources: Sequence[Resource]
    token: str = ""


def end_by() -> float:
    """When what begins now has to end."""
    return time.monotonic() + SECONDS


@dataclass(slots=True)
class DavSession:
    """A few requests to the server of one account, none of which begins after ``ends``. ``home`` is an address that the
    account's password may go to: others of its host get it as well, and those of its provider.
    """

    http: Http
    access: CalendarAccess
    home: str
    ends: float = field(default_factory=end_by)
    _challenge: dict[str, str] = field(default_factory=dict)
    _asked: int = 0

    def find(self, url: str, depth: int, names: Iterable[str]) -> MultiStatus:
        """Some properties of a resource, with ``depth`` 1 also of what lies in it. Raises CalendarFailed."""
        asked = Element(f"{DAV}propfind")
        _ask_for(asked, names)
        return self._read(self.ask("PROPFIND", url, tostring(asked, "utf-8"), {"Depth": str(depth)} | _XML))

    def report(self, url: str, depth: int, wanted: Element) -> MultiStatus:
        """What a report says. Raises CalendarFailed."""
        return self._read(self.ask("REPORT", url, tostring(wanted, "utf-8"), {"Depth": str(depth)} | _XML))

    def ask(self, method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> HttpAnswer:
        """One request with our password. Raises CalendarFailed: REFUSED for one that is wrong; other statuses are the
        caller's to read.
        """
        if not self.may_ask(url):
            raise CalendarFailed(CalendarFailure.FORBIDDEN_ADDRESS)
        answer = self._ask(method, url, body, headers)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._take_challenge(answer):
            answer = self._ask(method, url, body, headers)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise failure_of(answer)
        return answer

    def may_ask(self, url: str) -> bool:
        """Whether an address that a server gave may get our password: on the host that we signed in to, or on another
        one of a provider that has many.
        """
        asked, home = urlsplit(url), urlsplit(self.home)
        if asked.scheme != "https" or (asked.port or _HTTPS) != (home.port or _HTTPS):
            return False
        suffix = self._suffix()
        return asked.hostname == home.hostname or (bool(suffix) and f".{asked.hostname}".endswith(f".{suffix}"))

    def _ask(self, method: str, url: str, body: bytes, headers: Mapping[str, str] | None) -> HttpAnswer:
        if time.monotonic() > self.ends:
            raise CalendarFailed(CalendarFailure.TIMED_OUT)
        signed = self._authorize(method, url)
        return self.http.request(
            method, url, headers=headers, body=body, authorization=signed, trusted_suffix=self._suffix()
        )

    def _suffix(self) -> str:
        host = f".{urlsplit(self.home).hostname}"
        return next((suffix for suffix in _SHARDED if host.endswith(f".{suffix}")), "")

    def _authorize(self, method: str, url: str) -> str:
        name, password = self.access.username, self.access.secrets.get("password", "")
        if self._challenge:
            self._asked += 1
            return answer_digest(self._challenge, name, password, method, url, self._asked, secrets.token_hex(8))
        return "Basic " + b64encode(f"{name}:{password}".encode()).decode()

    def _take_challenge(self, answer: HttpAnswer) -> bool:
        """Whether a server would rather have a digest of the password (RFC 7616), of which it was not given one yet."""
        challenge = read_digest(answer.headers.get("www-authenticate", ""))
        is_new = bool(challenge) and (not self._challenge or challenge.get("stale", "").lower() == "true")
        self._challenge = challenge or self._challenge
        return is_new

    def _read(self, answer: HttpAnswer) -> MultiStatus:
        if answer.status != HTTPStatus.MULTI_STATUS:
            raise refusal_of(answer)
        root = read_xml(answer.body)
        resources = [_resource(each, answer.url) for each in root.iterfind(f"{DAV}response")]
        if len(resources) > MOST_RESOURCES:
            raise CalendarFailed(CalendarFailure.TOO_LARGE)
        return MultiStatus(resources, (root.findtext(f"{DAV}sync-token") or "").strip())


class Refused(CalendarFailed):
    """A request that a server did not carry out, with the status of its answer."""

    def __init__(self, failed: CalendarFailed, status: int) -> None:
        super().__init__(failed.failure, retry_after=failed.retry_after)
        self.status = status


def refusal_of(answer: HttpAnswer) -> Refused:
    """Why something was not done, by the status of the answer."""
    if answer.status < HTTPStatus.BAD_REQUEST:  # A page where an answer of WebDAV should be.
        return Refused(CalendarFailed(CalendarFailure.NOT_A_CALENDAR), answer.status)
    return Refused(failure_of(answer), answer.status)


def read_xml(body: bytes) -> Element:
    """An answer's XML, without whatever could blow it up or fetch something. Raises CalendarFailed."""
    try:
        root: Element = ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, defusedxml.DefusedXmlException, ValueError, LookupError):
        raise CalendarFailed(CalendarFailure.NOT_A_CALENDAR) from None
    return root


def make_report(kind: str, names: Iterable[str]) -> Element:
    """A report that asks for some properties."""
    report = Element(kind)
    _ask_for(report, names)
    return report


def add_text(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """One more element with a text."""
    child = SubElement(parent, name, attributes)
    child.text = text or None
    return child


def clean_path(address: str) -> str:
    """The path of an address as we write it: the same for every way of writing the same place."""
    return "/".join(quote(unquote(part), safe=_KEPT_IN_A_NAME) for part in urlsplit(address).path.split("/"))


def clean_etag(etag: str) -> str:
    """A version as it can be asked for again: some web servers mark those of what they packed, and then do not know
    them any more.
    """
    return _GZIPPED.sub(r"\1", etag.strip().removeprefix("W/"))


def read_digest(challenges: str) -> dict[str, str]:
    """What a server wants for a digest; empty when it does not want one, or one that we do not make."""
    _, marker, rest = challenges.partition("Digest ")
    if not marker:
        return {}
    found = parse_keqv_list([each for each in parse_http_list(rest) if "=" in each])
    return found if found.get("algorithm", "MD5").upper() in _HASHES and "nonce" in found else {}


def answer_digest(
    challenge: Mapping[str, str], name: str, password: str, method: str, url: str, count: int, cnonce: str
) -> str:
    """The value of the header Authorization by RFC 7616 section 3.4, with quality of protection "auth" where the server
    knows that.
    """
    hash_of = _HASHES[challenge.get("algorithm", "MD5").upper()]

    def digest(*parts: str) -> str:
        return hash_of(":".join(parts).encode()).hexdigest()

    parts = urlsplit(url)
    uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    realm, nonce = challenge.get("realm", ""), challenge["nonce"]
    ours, asked = digest(name, realm, password), digest(method, uri)
    said = {"username": name.replace("\\", "\\\\").replace('"', '\\"'), "realm": realm, "nonce": nonce, "uri": uri}
    extra = f", algorithm={challenge['algorithm']}" if "algorithm" in challenge else ""
    if "auth" in challenge.get("qop", "").replace(" ", "").split(","):
        said |= {"cnonce": cnonce, "response": digest(ours, nonce, f"{count:08x}", cnonce, "auth", asked)}
        extra += f", qop=auth, nc={count:08x}"
    else:
        said["response"] = digest(ours, nonce, asked)
    if "opaque" in challenge:
        said["opaque"] = challenge["opaque"]
    return "Digest " + ", ".join(f'{key}="{value}"' for key, value in said.items()) + extra


def _ask_for(parent: Element, names: Iterable[str]) -> None:
    wanted = SubElement(parent, f"{DAV}prop")
    for name in names:
        SubElement(wanted, name)


def _resource(response: Element, asked: str) -> Resource:
    url = _whole(asked, response.findtext(f"{DAV}href") or "")
    status = _status(response.findtext(f"{DAV}status"))
    return Resource(clean_path(url), url, status, dict(_properties(response)))


def _whole(asked: str, href: str) -> str:
    """Servers behind a proxy may take themselves for http, on a port that nobody outside knows. Raises CalendarFailed
    for what is no address.
    """
    try:
        return _put_together(asked, href.strip())
    except ValueError:
        raise CalendarFailed(CalendarFailure.NOT_A_CALENDAR) from None


def _put_together(asked: str, href: str) -> str:
    """Raises ValueError."""
    url, here = urlsplit(urljoin(asked, href)), urlsplit(asked)
    if url.scheme == "http" and url.hostname == here.hostname:
        url = url._replace(scheme=here.scheme, netloc=here.netloc)
    if url.port == _HTTPS and url.scheme == "https":
        url = url._replace(netloc=url.netloc.removesuffix(f":{_HTTPS}"))
    return url.geturl()


def _properties(response: Element) -> Iterator[tuple[str, Element]]:
    for group in response.iterfind(f"{DAV}propstat"):
        if _status(group.findtext(f"{DAV}status")) == HTTPStatus.OK:
            yield from ((each.tag, each) for each in group.iterfind(f"{DAV}prop/*"))


def _status(line: str | None) -> int:
    found = _STATUS.match((line or "").strip())
    return int(found[1]) if found else HTTPStatus.OK
