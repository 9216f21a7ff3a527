"""Our CalDAV client and the manners of servers that cannot be run here: what they say is written down in each test."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count as count_up
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import pytest

from telehealth.adapters import webdav
from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.caldav_accounts import find_places
from telehealth.adapters.caldav_reading import MOST_BYTES
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import HttpAnswer
from telehealth.adapters.webdav import MOST_RESOURCES, DavSession, answer_digest, clean_etag, clean_path, read_digest
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarFailed,
    CalendarReading,
    OwnEvent,
    Written,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from tests.adapters.test_calendar_ports import EVENT, KNOWN, WINDOW, busy, failure, hour, own

HOST = "https://cloud.example"
HOME = f"{HOST}/dav/ana/home/"
ACCESS = CalendarAccess(HOST, "ana@cloud.example", {"password": "secret"})
BASIC = "Basic YW5hQGNsb3VkLmV4YW1wbGU6c2VjcmV0"
Props = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """One request, with the password that it carried."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    authorization: str
    trusted_suffix: str

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass
class Script:
    """A server: for each request the first answer that fits, such as "PROPFIND https://cloud.example/", "PUT" for any
    address, or "REPORT https://… ? text" for one with a text in it. A list gives an answer each time.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

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
        asked = Asked(method, url, headers or {}, body.decode(), authorization, trusted_suffix)
        self.asked.append(asked)
        for wanted, answer in self.answers.items():
            fitting, _, within = wanted.partition(" ? ")
            if fitting in {str(asked), method} and within in asked.body:
                said = answer.pop(0) if isinstance(answer, list) else answer
                given = said(asked) if callable(said) else said
                if isinstance(given, CalendarFailed):
                    raise given
                assert isinstance(given, HttpAnswer)
                return replace(given, url=given.url or url)
        return says(404, url=url)

    def gateway(self) -> CalDavCalendars:
        return CalDavCalendars(self, CalendarParser())

    def count(self, method: str) -> int:
        return sum(each.method == method for each in self.asked)


def says(status: int, body: str = "", url: str = "", **headers: str) -> HttpAnswer:
    return HttpAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode(), url)


def many(*responses: str, token: str = "") -> HttpAnswer:
    said = f"<d:sync-token>{token}</d:sync-token>" if token else ""
    return says(
        207,
        '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav" '
        f'xmlns:cs="http://calendarserver.org/ns/">{"".join(responses)}{said}</d:multistatus>',
    )


def one(href: str, props: str = "", *, status: str = "", refused: str = "") -> str:
    """One response of a multistatus."""
    said = f"<d:status>HTTP/1.1 {status}</d:status>" if status else ""
    found = f"<d:propstat><d:prop>{props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>" if props else ""
    if refused:
        found += f"<d:propstat><d:prop>{refused}</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>"
    return f"<d:response><d:href>{href}</d:href>{said}{found}</d:response>"


def etag(version: str) -> str:
    return f"<d:getetag>{version}</d:getetag>"


def data(version: str, span: BusySpan, uid: str = "one") -> str:
    return f"{etag(version)}<cal:calendar-data>{escape(text(span, uid))}</cal:calendar-data>"


def text(span: BusySpan, uid: str = "one", more: str = "") -> str:
    begin, end = (f"{each:%Y%m%dT%H%M%SZ}" for each in span)
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
        f"DTSTART:{begin}\r\nDTEND:{end}\r\nSUMMARY:Dentist\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


CALENDAR = "<d:resourcetype><d:collection/><cal:calendar/></d:resourcetype>"
STATE = CALENDAR + "<d:sync-token>t-1</d:sync-token>"
NO_TOKEN = CALENDAR + "<cs:getctag>c-1</cs:getctag>"


def read(script: Script, bookmark: Bookmark | None = None, window: Any = WINDOW) -> CalendarReading:
    return script.gateway().read(ACCESS, HOME, bookmark or Bookmark(), window)


class TestWhereToBegin:
    @pytest.mark.parametrize(
        ("given", "username", "first"),
        [
            ("", "ana@icloud.com", "https://caldav.icloud.com/.well-known/caldav"),
            ("ana@me.com", "whoever", "https://caldav.icloud.com/.well-known/caldav"),
            ("https://www.icloud.com", "ana", "https://caldav.icloud.com/.well-known/caldav"),
            ("", "ana@fastmail.com", "https://caldav.fastmail.com/dav/"),
            ("fastmail.com", "ana", "https://caldav.fastmail.com/dav/"),
            ("mailto:Ana@Cloud.Example", "", "https://cloud.example/.well-known/caldav"),
            ("cloud.example", "", "https://cloud.example/.well-known/caldav"),
            ("https://cloud.example:8443", "", "https://cloud.example:8443/.well-known/caldav"),
            ("https://caldav.fastmail.com", "ana", "https://caldav.fastmail.com/dav/"),
            ("https://cloud.example/remote.php/dav", "", "https://cloud.example/remote.php/dav"),
        ],
    )
    def test_from_whatever_is_given(self, given: str, username: str, first: str) -> None:
        assert find_places(given, username)[0] == first

    @pytest.mark.parametrize("within", ["", "/nextcloud", "/nextcloud/"])
    def test_a_nextcloud_without_a_known_place_is_found(self, within: str) -> None:
        places = find_places(f"https://cloud.example{within}", "")
        assert f"https://cloud.example{within.rstrip('/')}/remote.php/dav/" in places


class TestFindingAnAccount:
    def test_icloud_has_each_account_on_a_host_of_its_own(self) -> None:
        """GET and the well-known address answer 400, and the home lies on another host: within the provider."""
        shard = "https://p42-caldav.icloud.com"
        script = Script(
            {
                "PROPFIND https://caldav.icloud.com/.well-known/caldav": says(400),
                "PROPFIND https://caldav.icloud.com/": many(
                    one("/", "<d:current-user-principal><d:href>/123/principal/</d:href></d:current-user-principal>")
                ),
                "PROPFIND https://caldav.icloud.com/123/principal/": many(
                    one(
                        "/123/principal/",
                        f"<cal:calendar-home-set><d:href>{shard}:443/123/calendars/</d:href></cal:calendar-home-set>",
                    )
                ),
                f"PROPFIND {shard}/123/calendars/": many(
                    one("/123/calendars/", "<d:resourcetype><d:collection/></d:resourcetype>"),
                    one("/123/calendars/inbox/", "<d:resourcetype><cal:schedule-inbox/></d:resourcetype>"),
                    one(
                        "/123/calendars/tasks/",
                        CALENDAR + "<cal:supported-calendar-component-set><cal:comp name='VTODO'/>"
                        "</cal:supported-calendar-component-set>",
                    ),
                    one("/123/calendars/home/", CALENDAR + "<d:displayname>Home</d:displayname>"),
                ),
            }
        )
        access = CalendarAccess("", "ana@icloud.com", {"password": "abcd-efgh"})
        [found] = script.gateway().list_calendars(access)
        assert (found.remote_id, found.name, found.is_main) == (f"{shard}/123/calendars/home/", "Home", True)
        assert {each.trusted_suffix for each in script.asked if each.authorization} == {"icloud.com"}
        script.answers[f"PROPFIND {found.remote_id}"] = many(one("/123/calendars/home/", STATE))
        script.answers[f"REPORT {found.remote_id}"] = many()
        assert script.gateway().read(access, found.remote_id, Bookmark(), WINDOW).is_whole

    def test_the_password_goes_nowhere_else(self) -> None:
        """A server says that somebody's home lies on a host of another owner, and so does one that looks alike."""
        for elsewhere in ("https://evil.example/", "https://p1.icloud.com.evil.example/", "http://p1.icloud.com/"):
            script = Script(
                {
                    "PROPFIND https://caldav.icloud.com/": many(
                        one("/", f"<cal:calendar-home-set><d:href>{elsewhere}</d:href></cal:calendar-home-set>")
                    )
                }
            )
            script.gateway().list_calendars(CalendarAccess("", "ana@icloud.com", {"password": "secret"}))
            assert not [each for each in script.asked if not each.url.startswith("https://caldav.icloud.com/")]

    def test_nor_does_a_calendar_that_lies_elsewhere_become_one_of_theirs(self) -> None:
        home = "<cal:calendar-home-set><d:href>/dav/ana/</d:href></cal:calendar-home-set>"
        listed = many(one("https://evil.example/dav/ana/work/", CALENDAR), one("/dav/ana/home/", CALENDAR))
        script = Script({f"PROPFIND {HOST}/": many(one("/", home)), f"PROPFIND {HOST}/dav/ana/": listed})
        assert [found.remote_id for found in script.gateway().list_calendars(ACCESS)] == [HOME]

    def test_nor_one_that_a_calendar_names_beside_itself(self) -> None:
        itself = many(one("/", CALENDAR), one("https://evil.example/dav/ana/work/", CALENDAR))
        script = Script({f"PROPFIND {HOST}/": itself})
        assert [found.remote_id for found in script.gateway().list_calendars(ACCESS)] == [f"{HOST}/"]

    def test_a_well_known_address_is_asked_without_a_password_and_then_followed(self) -> None:
        script = Script(
            {
                "PROPFIND https://example.org/.well-known/caldav": says(301, location=f"{HOST}/dav/"),
                f"PROPFIND {HOST}/dav/": many(
                    one("/dav/", "<cal:calendar-home-set><d:href>/dav/ana/</d:href></cal:calendar-home-set>")
                ),
                f"PROPFIND {HOST}/dav/ana/": many(one("/dav/ana/home/", CALENDAR)),
            }
        )
        [found] = script.gateway().list_calendars(replace(ACCESS, address="example.org"))
        assert found.remote_id == HOME
        assert [bool(each.authorization) for each in script.asked] == [False, True, True]

    def test_rights_zones_order_and_what_was_thrown_away(self) -> None:
        zone = "BEGIN:VCALENDAR&#13;\nBEGIN:VTIMEZONE&#13;\nTZID:Europe/Lisbon&#13;\nEND:VTIMEZONE"
        reading = "<d:current-user-privilege-set><d:privilege><d:read/></d:privilege></d:current-user-privilege-set>"
        writing = "<d:current-user-privilege-set><d:privilege><d:write/></d:privilege></d:current-user-privilege-set>"
        order = "<a:calendar-order xmlns:a='http://apple.com/ns/ical/'>{}</a:calendar-order>"
        script = Script(
            {
                f"PROPFIND {HOST}/": many(
                    one("/", "<d:current-user-principal><d:href>/p/</d:href></d:current-user-principal>")
                ),
                f"PROPFIND {HOST}/p/": many(
                    one(
                        "/p/",
                        "<cal:calendar-home-set><d:href>/dav/ana/</d:href></cal:calendar-home-set>"
                        "<cal:schedule-inbox-URL><d:href>/dav/ana/inbox/</d:href></cal:schedule-inbox-URL>",
                    )
                ),
                f"PROPFIND {HOST}/dav/ana/inbox/": many(
                    one(
                        "/dav/ana/inbox/",
                        "<cal:schedule-default-calendar-URL><d:href>/dav/ana/work/</d:href></cal:schedule-default-calendar-URL>",
                    )
                ),
                f"PROPFIND {HOST}/dav/ana/": many(
                    one("/dav/ana/team/", CALENDAR + reading + order.format(2)),
                    one(
                        "/dav/ana/home/",
                        CALENDAR + order.format(1) + f"<cal:calendar-timezone>{zone}</cal:calendar-timezone>",
                    ),
                    one("/dav/ana/work/", CALENDAR + writing + "<d:displayname> Work\n hours </d:displayname>"),
                    one(
                        "/dav/ana/bin/",
                        "<d:resourcetype><cal:calendar/><n:deleted-calendar xmlns:n='http://nextcloud.com/ns'/></d:resourcetype>",
                    ),
                ),
            }
        )
        found = script.gateway().list_calendars(ACCESS)
        assert [(each.name, each.can_write, each.zone, each.is_main) for each in found] == [
            ("Work hours", True, None, True),
            ("home", True, "Europe/Lisbon", False),
            ("team", False, None, False),
        ]

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (says(401, www_authenticate='Basic realm="x"'), CalendarFailure.REFUSED),
            (says(403), CalendarFailure.REFUSED),
            (says(200, "<html>Welcome"), CalendarFailure.NOT_A_CALENDAR),
            (says(207, "<html>"), CalendarFailure.NOT_A_CALENDAR),
            (says(404), CalendarFailure.NOT_A_CALENDAR),
            (says(429, retry_after="90"), CalendarFailure.OVERLOADED),
            (says(503), CalendarFailure.OVERLOADED),
            (CalendarFailed(CalendarFailure.UNREACHABLE), CalendarFailure.UNREACHABLE),
            (CalendarFailed(CalendarFailure.FORBIDDEN_ADDRESS), CalendarFailure.FORBIDDEN_ADDRESS),
        ],
        ids=str,
    )
    def test_says_why_there_is_none(self, answer: Any, expected: CalendarFailure) -> None:
        script = Script(dict.fromkeys((f"PROPFIND {place}" for place in find_places(HOST, "")), answer))
        with pytest.raises(CalendarFailed) as caught:
            script.gateway().list_calendars(ACCESS)
        assert failure(caught) is expected
        if expected is CalendarFailure.OVERLOADED and isinstance(answer, HttpAnswer) and answer.headers:
            assert caught.value.retry_after == 90

    @pytest.mark.parametrize(
        "place",
        ["https://[bad/", "//[", "http://[::1", "https://cloud.example:99999999/", "https://cloud.example:abc/"],
    )
    @pytest.mark.parametrize("asked", ["PROPFIND", f"PROPFIND {HOST}/.well-known/caldav"])
    def test_says_so_where_what_a_server_gives_is_no_address(self, place: str, asked: str) -> None:
        given = one(place, f"<d:current-user-principal><d:href>{place}</d:href></d:current-user-principal>")
        answer = many(given) if asked == "PROPFIND" else says(401, location=place)
        with pytest.raises(CalendarFailed):
            Script({asked: answer}).gateway().list_calendars(ACCESS)

    def test_xml_that_blows_up_is_not_opened(self) -> None:
        bomb = (
            '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><multistatus>&b;</multistatus>'
        )
        script = Script({f"PROPFIND {HOST}/": says(207, bomb)})
        with pytest.raises(CalendarFailed) as caught:
            script.gateway().list_calendars(ACCESS)
        assert failure(caught) is CalendarFailure.NOT_A_CALENDAR


class TestReading:
    def test_an_answer_that_is_cut_short_is_asked_on(self) -> None:
        """RFC 6578 section 3.6: the rest comes with the token that came with the first part."""
        script = Script(
            {
                f"REPORT {HOME} ? >t-1<": many(
                    one("/dav/ana/home/a.ics", etag('"1"')),
                    one("/dav/ana/home/", status="507 Insufficient"),
                    token="t-2",
                ),
                f"REPORT {HOME} ? >t-2<": many(
                    one("/dav/ana/home/a.ics", status="404 Not Found"),
                    one("/dav/ana/home/b.ics", etag('"1"')),
                    token="t-3",
                ),
                f"REPORT {HOME} ? multiget": many(one("/dav/ana/home/b.ics", data('"1"', hour()))),
            }
        )
        news = read(script, Bookmark(token="t-1"))
        assert (busy(news), list(news.removed), news.bookmark.token) == ([hour()], ["/dav/ana/home/a.ics"], "t-3")

    def test_one_that_is_always_cut_short_ends(self) -> None:
        script = Script({f"REPORT {HOME}": many(one("/dav/ana/home/", status="507 Insufficient"), token="t-1")})
        with pytest.raises(CalendarFailed) as caught:
            read(script, Bookmark(token="t-1"))
        assert failure(caught) is CalendarFailure.BROKEN

    @pytest.mark.parametrize("status", [400, 403, 409, 412, 500, 501, 507])
    def test_a_dead_token_in_every_manner(self, status: int) -> None:
        script = Script(
            {
                f"REPORT {HOME} ? sync-collection": says(status, '<error xmlns="DAV:"><valid-sync-token/></error>'),
                f"PROPFIND {HOME}": many(one("/dav/ana/home/", STATE)),
                f"REPORT {HOME} ? calendar-query": many(one("/dav/ana/home/a.ics", etag('"1"'))),
                f"REPORT {HOME} ? multiget": many(one("/dav/ana/home/a.ics", data('"1"', hour()))),
            }
        )
        reading = read(script, Bookmark(token="old", entries={"/dav/ana/home/a.ics": '"1"'}))
        assert (reading.is_whole, busy(reading), reading.bookmark.token) == (True, [hour()], "t-1")

    @pytest.mark.parametrize("status", [401, 404, 429, 503])
    def test_what_a_token_has_nothing_to_do_with(self, status: int) -> None:
        script = Script({f"REPORT {HOME}": says(status)})
        with pytest.raises(CalendarFailed):
            read(script, Bookmark(token="t-1"))
        assert len(script.asked) == 1

    @pytest.mark.parametrize(
        "written",
        [
            "/dav/ana/home/a%40b.ics",
            "/dav/ana/home/a@b.ics",
            f"{HOME}a%40b.ics",
            "a@b.ics",
            "http://cloud.example/dav/ana/home/a%40b.ics",
        ],
    )
    def test_one_place_in_every_writing(self, written: str) -> None:
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, NO_TOKEN)),
                f"REPORT {HOME} ? calendar-query": many(one("/dav/ana/home/a%40b.ics", etag('"1"'))),
                f"REPORT {HOME} ? multiget": many(one(written, data('"1"', hour()))),
            }
        )
        reading = read(script)
        assert [entry.remote_id for entry in reading.entries] == ["/dav/ana/home/a@b.ics"]
        assert script.count("GET") == 0

    def test_what_a_report_leaves_out_is_fetched_by_itself(self) -> None:
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, STATE)),
                f"REPORT {HOME} ? calendar-query": many(
                    *(one(f"/dav/ana/home/{each}.ics", etag('"1"')) for each in "abcd")
                ),
                f"REPORT {HOME} ? multiget": many(
                    one("/dav/ana/home/a.ics", data('"1"', hour())),
                    one("/dav/ana/home/b.ics", etag('"1"'), refused="<cal:calendar-data/>"),
                    one("/dav/ana/home/c.ics", status="404 Not Found"),
                ),
                f"GET {HOME}b.ics": says(200, text(hour(2)), etag='W/"1-gzip"'),
                f"GET {HOME}d.ics": says(410),
            }
        )
        reading = read(script)
        assert busy(reading) == [hour(), hour(2)]
        assert dict(reading.bookmark.entries) == {
            "/dav/ana/home/a.ics": '"1"',
            "/dav/ana/home/b.ics": '"1"',
        }

    def test_a_server_that_knows_no_report(self) -> None:
        script = Script(
            {
                f"PROPFIND {HOME} ? getctag": many(one(HOME, CALENDAR)),
                f"PROPFIND {HOME} ? getetag": many(one(HOME, CALENDAR), one(f"{HOME}a.ics", etag('"1"'))),
                f"REPORT {HOME}": says(501),
                f"GET {HOME}a.ics": says(200, text(hour()), etag='"1"'),
            }
        )
        first = read(script)
        assert (first.is_whole, busy(first), first.bookmark.token, first.bookmark.version) == (
            True,
            [hour()],
            None,
            None,
        )
        assert read(script, first.bookmark).is_unchanged

    def test_an_answer_that_is_too_large_is_asked_for_in_halves(self) -> None:
        def answer(asked: Asked) -> Any:
            if asked.body.count("<D:href>") > 1:
                return CalendarFailed(CalendarFailure.TOO_LARGE)
            return many(one(f"/dav/ana/home/{'a' if 'a.ics' in asked.body else 'b'}.ics", data('"1"', hour())))

        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, STATE)),
                f"REPORT {HOME} ? calendar-query": many(*(one(f"{HOME}{each}.ics", etag('"1"')) for each in "ab")),
                f"REPORT {HOME} ? multiget": answer,
            }
        )
        assert len(read(script).entries) == 2

    @pytest.mark.parametrize("has_token", [True, False])
    def test_what_cannot_be_read_is_read_again_until_it_can(self, has_token: bool) -> None:
        """Nothing is new by then but what we make of it: the server is not asked for it by its version."""
        path = "/dav/ana/home/a.ics"
        broken = data('"2"', hour()).replace("END:VCALENDAR", "")
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, STATE if has_token else NO_TOKEN)),
                f"REPORT {HOME} ? sync-collection": many(token="t-1"),
                f"REPORT {HOME} ? calendar-query": many(one(path, etag('"2"'))),
                f"REPORT {HOME} ? multiget": [many(one(path, broken)), many(one(path, data('"2"', hour())))],
            }
        )
        first = read(script)
        (entry,) = first.entries
        assert (entry.is_read, entry.unread, entry.spans) == (False, 1, ())
        second = read(script, first.bookmark)
        assert (busy(second), second.entries[0].unread, second.is_whole) == ([hour()], 0, False)
        assert read(script, second.bookmark).is_unchanged

    def test_a_list_that_is_cut_short_is_asked_for_in_smaller_windows(self) -> None:
        """The server tells no more than one event at a time, and that there are more."""
        spans = {"a": hour(), "b": hour(24 * 30), "c": hour(24 * 60)}

        def answer(asked: Asked) -> HttpAnswer:
            since, until = (
                datetime.strptime(each, "%Y%m%dT%H%M%S%z") for each in re.findall(r'(?:start|end)="(\w+)"', asked.body)
            )
            found = [name for name, span in spans.items() if span.starts_at < until and span.ends_at > since]
            said = [one(f"{HOME}{name}.ics", etag('"1"')) for name in found[:1]]
            return many(*said, *([one(HOME, status="507 Insufficient Storage")] if len(found) > 1 else []))

        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, STATE)),
                f"REPORT {HOME} ? calendar-query": answer,
                f"REPORT {HOME} ? multiget": many(
                    *(one(f"{HOME}{name}.ics", data('"1"', span, name)) for name, span in spans.items())
                ),
            }
        )
        reading = read(script)
        assert (reading.is_whole, sorted(busy(reading))) == (True, sorted(spans.values()))

    @pytest.mark.parametrize("knows_reports", [True, False])
    def test_a_list_that_stays_cut_short_is_not_taken_for_all_of_it(self, knows_reports: bool) -> None:
        part = many(one(f"{HOME}a.ics", etag('"1"')), one(HOME, status="507 Insufficient Storage"))
        script = Script(
            {
                f"PROPFIND {HOME} ? getctag": many(one(HOME, STATE)),
                f"PROPFIND {HOME}": part,
                f"REPORT {HOME} ? calendar-query": part if knows_reports else says(501),
            }
        )
        with pytest.raises(CalendarFailed) as caught:
            read(script)
        assert failure(caught) is CalendarFailure.TOO_LARGE

    def test_versions_that_are_cut_short_leave_nothing_gone(self) -> None:
        known = Bookmark(version="c-0", entries={f"/dav/ana/home/{each}.ics": '"1"' for each in "ab"})
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, NO_TOKEN)),
                f"REPORT {HOME} ? calendar-query": many(),
                f"REPORT {HOME} ? multiget": many(
                    one(f"{HOME}a.ics", etag('"1"')), one(HOME, status="507 Insufficient Storage")
                ),
            }
        )
        with pytest.raises(CalendarFailed) as caught:
            read(script, known)
        assert failure(caught) is CalendarFailure.TOO_LARGE

    def test_what_was_moved_out_of_the_window_is_not_gone(self) -> None:
        """By ctag only what lies in the window is listed: one of ours was moved two years ahead, one is really gone."""
        known = Bookmark(version="c-0", entries={f"/dav/ana/home/{each}.ics": '"1"' for each in "abc"})
        far = hour(24 * 700)
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, NO_TOKEN)),
                f"REPORT {HOME} ? calendar-query": many(),
                f"REPORT {HOME} ? calendar-data": many(
                    one(f"{HOME}a.ics", data('"2"', far, EVENT.uid)),
                ),
                f"REPORT {HOME} ? multiget": many(
                    one(f"{HOME}a.ics", etag('"2"')),
                    one(f"{HOME}b.ics", etag('"1"')),
                    one(f"{HOME}c.ics", status="404 x"),
                ),
            }
        )
        news = read(script, known, KNOWN)
        assert [(each.uid, each.starts_at) for each in own(news)] == [(EVENT.uid, far.starts_at)]
        assert list(news.removed) == ["/dav/ana/home/c.ics"]
        assert set(news.bookmark.entries) == {"/dav/ana/home/a.ics", "/dav/ana/home/b.ics"}

    def test_a_calendar_that_became_something_else_is_gone(self) -> None:
        for answer in (
            many(one(HOME, "<d:resourcetype><d:collection/></d:resourcetype>")),
            many(one(HOME, status="404 x")),
        ):
            with pytest.raises(CalendarFailed) as caught:
                read(Script({f"PROPFIND {HOME}": answer}))
            assert failure(caught) is CalendarFailure.GONE


class TestBounds:
    def test_a_calendar_of_more_than_anybody_has(self) -> None:
        listed = many("<d:response><d:href>/dav/ana/home/a.ics</d:href></d:response>" * (MOST_RESOURCES + 1))
        script = Script({f"PROPFIND {HOME}": many(one(HOME, STATE)), f"REPORT {HOME}": listed})
        with pytest.raises(CalendarFailed) as caught:
            read(script)
        assert failure(caught) is CalendarFailure.TOO_LARGE

    def test_finding_an_account_takes_no_longer_at_many_places(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = count_up(step=50)
        monkeypatch.setattr(webdav, "time", SimpleNamespace(monotonic=lambda: next(moments)))
        script = Script()
        with pytest.raises(CalendarFailed) as caught:
            script.gateway().list_calendars(ACCESS)
        assert failure(caught) is CalendarFailure.TIMED_OUT
        assert len(script.asked) < len(find_places(HOST, ""))

    def test_events_that_are_too_much_together(self) -> None:
        """Each of them is small enough; the rest is not even asked for."""
        part = MOST_BYTES // 4
        listed = many(*(one(f"{HOME}{each}.ics", etag('"1"')) for each in range(10)))
        script = Script(
            {
                f"PROPFIND {HOME}": many(one(HOME, STATE)),
                f"REPORT {HOME} ? calendar-query": listed,
                f"REPORT {HOME}": says(501),
                "GET": says(200, "x" * part, etag='"1"'),
            }
        )
        with pytest.raises(CalendarFailed) as caught:
            read(script)
        assert failure(caught) is CalendarFailure.TOO_LARGE
        assert script.count("GET") == 5

    def test_a_server_that_takes_all_the_time_there_is(self) -> None:
        script = Script({f"PROPFIND {HOME}": many(one(HOME, STATE))})
        session = DavSession(script, ACCESS, HOME, ends=0.0)
        with pytest.raises(CalendarFailed) as caught:
            session.find(HOME, 0, ["{DAV:}sync-token"])
        assert failure(caught) is CalendarFailure.TIMED_OUT
        assert script.asked == []


PLACE = f"{HOME}{EVENT.uid}.ics"
PATH = clean_path(PLACE)
OURS = f"X-TELEHEALTH-KEY:{EVENT.key}\r\nSEQUENCE:0\r\n"


class TestWriting:
    def write(self, script: Script, before: Written | None = None) -> Written:
        return script.gateway().write(ACCESS, HOME, EVENT, before)

    def test_a_server_that_says_no_version_is_asked(self) -> None:
        script = Script({f"PUT {PLACE}": says(201), f"GET {PLACE}": says(200, "x", etag='"7"')})
        assert self.write(script) == Written(PATH, '"7"')
        assert script.asked[0].headers["If-None-Match"] == "*"

    def test_not_even_when_it_is_asked(self) -> None:
        versions = many(one(PLACE, etag('"8"')))
        script = Script({f"PUT {PLACE}": says(204), f"GET {PLACE}": says(200, "x"), f"REPORT {HOME}": versions})
        assert self.write(script) == Written(PATH, '"8"')

    @pytest.mark.parametrize("status", [400, 409, 412])
    def test_a_uid_that_lingers_in_a_bin_gets_another_every_time_the_same(self, status: int) -> None:
        def put(asked: Asked) -> HttpAnswer:
            is_first = f"UID:{EVENT.uid}\r\n" in asked.body
            return (
                says(status, "Deleted calendar object with uid already exists") if is_first else says(201, etag='"1"')
            )

        places: set[str] = set()
        for _ in range(2):
            script = Script({"PUT": put, f"PROPFIND {HOME}": many(one(HOME, STATE)), f"REPORT {HOME}": many()})
            places.add(self.write(script).remote_id)
        assert len(places) == 1
        assert PATH not in places

    def test_where_another_uid_is_not_taken_either_it_is_the_server(self) -> None:
        script = Script({"PUT": says(409), f"PROPFIND {HOME}": many(one(HOME, STATE)), f"REPORT {HOME}": many()})
        with pytest.raises(CalendarFailed) as caught:
            self.write(script)
        assert failure(caught) is CalendarFailure.BROKEN

    def test_ours_without_its_key_is_taken_over(self) -> None:
        """Some servers drop what they do not know. The UID is as good."""
        there = text(hour(), EVENT.uid)
        script = Script(
            {f"PUT {PLACE}": [says(412), says(204, etag='"2"')], f"GET {PLACE}": says(200, there, etag='"1"')}
        )
        assert self.write(script) == Written(PATH, '"2"')
        assert script.asked[-1].headers["If-Match"] == '"1"'

    def test_what_somebody_else_put_in_our_place_stays(self) -> None:
        script = Script({f"PUT {PLACE}": says(412), f"GET {PLACE}": says(200, text(hour(), "another"), etag='"1"')})
        with pytest.raises(CalendarFailed) as caught:
            self.write(script)
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE
        assert script.count("PUT") == 1

    @pytest.mark.parametrize(
        ("status", "expected"),
        [
            (401, CalendarFailure.REFUSED),
            (403, CalendarFailure.REFUSED),
            (413, CalendarFailure.TOO_LARGE),
            (429, CalendarFailure.OVERLOADED),
            (500, CalendarFailure.BROKEN),
            (507, CalendarFailure.BROKEN),
        ],
    )
    def test_says_why_it_was_not_written(self, status: int, expected: CalendarFailure) -> None:
        for before in (None, Written(PATH, '"1"')):
            with pytest.raises(CalendarFailed) as caught:
                self.write(Script({f"PUT {PLACE}": says(status)}), before)
            assert failure(caught) is expected

    @pytest.mark.parametrize("status", [404, 412])
    def test_a_change_of_what_is_gone(self, status: int) -> None:
        script = Script({f"PUT {PLACE}": says(status), f"PROPFIND {HOME}": many(one(HOME, STATE))})
        with pytest.raises(CalendarFailed) as caught:
            self.write(script, Written(PATH, '"1"'))
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE

    @pytest.mark.parametrize("status", [200, 202, 204, 207, 404, 410])
    def test_removing(self, status: int) -> None:
        script = Script({f"DELETE {PLACE}": says(status)})
        script.gateway().remove(ACCESS, HOME, Written(PATH, '"1"'))
        assert script.asked[0].headers["If-Match"] == '"1"'

    def test_removing_what_is_gone_on_a_server_that_looks_at_the_version_first(self) -> None:
        script = Script({f"DELETE {PLACE}": says(412)})
        script.gateway().remove(ACCESS, HOME, Written(PATH, '"1"'))
        script.answers[f"GET {PLACE}"] = says(200, text(hour()), etag='"2"')
        with pytest.raises(CalendarFailed) as caught:
            script.gateway().remove(ACCESS, HOME, Written(PATH, '"1"'))
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE


class TestFinding:
    """One of ours as it stands there now, whatever its owner has made of it."""

    def find(self, more: str = "", *, uid: str = EVENT.uid) -> OwnEvent | None:
        script = Script({f"GET {PLACE}": says(200, text(hour(), uid, OURS + more), etag='"2"')})
        found = script.gateway().find(ACCESS, HOME, PATH)
        assert found is not None
        return found[1]

    @pytest.mark.parametrize(
        "rule",
        ["", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=0,15,30,45", "FREQ=YEARLY"],
    )
    def test_what_repeats_is_ours_on_its_first_date(self, rule: str) -> None:
        found = self.find(f"RRULE:{rule}\r\n" if rule else "")
        assert found is not None
        assert (found.key, BusySpan(found.starts_at, found.ends_at)) == (EVENT.key, hour())

    def test_whose_first_date_is_left_out(self) -> None:
        found = self.find(f"RRULE:FREQ=YEARLY\r\nEXDATE:{hour().starts_at:%Y%m%dT%H%M%SZ}\r\n")
        assert found is not None
        assert found.starts_at > hour().starts_at + timedelta(days=364)

    def test_what_cannot_be_read_is_not_gone(self) -> None:
        script = Script({f"GET {PLACE}": says(200, f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{OURS}", etag='"2"')})
        with pytest.raises(CalendarFailed) as caught:
            script.gateway().find(ACCESS, HOME, PATH)
        assert failure(caught) is CalendarFailure.UNREADABLE

    def test_what_is_not_ours(self) -> None:
        there = text(hour(), "another", "RRULE:FREQ=HOURLY\r\n")
        found = Script({f"GET {PLACE}": says(200, there, etag='"2"')}).gateway().find(ACCESS, HOME, PATH)
        assert found == ('"2"', None)


class TestSigningIn:
    def test_with_a_password_in_every_request(self) -> None:
        script = Script({f"PROPFIND {HOME}": many(one(HOME, STATE)), f"REPORT {HOME}": many()})
        read(script)
        assert {each.authorization for each in script.asked} == {BASIC}

    @pytest.mark.parametrize("algorithm", ["", ", algorithm=SHA-256", ", algorithm=MD5"])
    def test_by_a_digest_where_a_server_wants_one(self, algorithm: str) -> None:
        challenge = f'Digest realm="BaikalDAV", qop="auth", nonce="n-1", opaque="o"{algorithm}, Basic realm="x"'
        hash_of = hashlib.sha256 if "SHA" in algorithm else hashlib.md5

        def answer(asked: Asked) -> HttpAnswer:
            if not asked.authorization.startswith("Digest "):
                return says(401, www_authenticate=challenge)
            said = read_digest(asked.authorization)
            first = hash_of(b"ana@cloud.example:BaikalDAV:secret").hexdigest()
            second = hash_of(f"{asked.method}:/dav/ana/home/".encode()).hexdigest()
            expected = f"{first}:n-1:{said['nc']}:{said['cnonce']}:auth:{second}"
            is_right = said["response"] == hash_of(expected.encode()).hexdigest() and said["opaque"] == "o"
            return (many(one(HOME, STATE)) if asked.method == "PROPFIND" else many()) if is_right else says(403)

        script = Script({f"PROPFIND {HOME}": answer, f"REPORT {HOME}": answer})
        assert read(script).is_whole
        assert len(script.asked) == 3
        assert [read_digest(each.authorization).get("nc") for each in script.asked] == [None, "00000001", "00000002"]

    def test_a_digest_of_a_wrong_password_ends(self) -> None:
        script = Script({f"PROPFIND {HOME}": says(401, www_authenticate='Digest realm="x", nonce="n"')})
        with pytest.raises(CalendarFailed) as caught:
            read(script)
        assert caught.value.needs_sign_in
        assert len(script.asked) == 2

    def test_the_digest_of_the_standard(self) -> None:
        """The examples of RFC 7616 section 3.9.1."""
        challenge = {
            "realm": "http-auth@example.org",
            "qop": "auth, auth-int",
            "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
        }
        cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        asked = ("Mufasa", "Circle of Life", "GET", "http://www.example.org/dir/index.html", 1, cnonce)
        assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in answer_digest(challenge | {"algorithm": "MD5"}, *asked)
        sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        assert f'response="{sha}"' in answer_digest(challenge | {"algorithm": "SHA-256"}, *asked)

    def test_nothing_tells_the_password(self) -> None:
        script = Script({f"PROPFIND {HOME}": says(401)})
        with pytest.raises(CalendarFailed) as caught:
            read(script)
        assert "secret" not in repr(caught.value) + str(caught.value) + repr(ACCESS)


@pytest.mark.parametrize(
    ("written", "clean"), [('"1"', '"1"'), ('W/"1"', '"1"'), ('"1-gzip"', '"1"'), (" 1-gzip ", "1"), ("", "")]
)
def test_versions_are_compared_in_one_writing(written: str, clean: str) -> None:
    assert clean_etag(written) == clean


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("https://x.example/a b/%7Eana/caf%c3%a9@1.ics", "/a%20b/~ana/caf%C3%A9@1.ics"),
        ("/a%2Fb/50%25.ics", "/a%2Fb/50%25.ics"),
        ("/a/%40%27%28.ics", "/a/@'(.ics"),
    ],
)
def test_places_are_compared_in_one_writing(address: str, path: str) -> None:
    assert clean_path(address) == clean_path(path) == path
