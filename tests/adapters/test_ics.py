"""Calendars at a private address: what is read, when nothing is, and what is no calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.ics import IcsCalendars
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarFailed,
    CalendarReading,
    FoundCalendar,
    ReadingWindow,
    TakenTimes,
    Written,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from tests.adapters import secure_server
from tests.adapters.secure_server import Asked, Says, SecureServer
from tests.adapters.test_calendar_ports import EVENT

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = ReadingWindow(MONDAY - timedelta(days=1), MONDAY + timedelta(days=90), "America/New_York")
TYPE = {"Content-Type": "text/calendar; charset=utf-8"}


class CountingParser(CalendarParser):
    """A real one that counts what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.read_so_far = 0

    def read(self, content: bytes, window: ReadingWindow) -> TakenTimes:
        self.read_so_far += 1
        return super().read(content, window)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureServer]:
    with secure_server.serve(tmp_path_factory.mktemp("secure")) as server:
        yield server


@pytest.fixture
def server(running: SecureServer) -> SecureServer:
    running.asked.clear()
    running.answer = lambda _: Says(body=calendar(MONDAY), headers=TYPE)
    return running


@pytest.fixture
def parser() -> CountingParser:
    return CountingParser()


@pytest.fixture
def gateway(server: SecureServer, parser: CountingParser) -> IcsCalendars:
    return IcsCalendars(server.make_http(), parser)


@pytest.fixture
def access(server: SecureServer) -> CalendarAccess:
    return CalendarAccess("calendar.example", "", {"url": server.url("/private-1234/basic.ics")})


def calendar(*starts: datetime, stamp: str = "20260301T000000Z") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//"]
    for start in starts:
        times = [f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + HOUR:%Y%m%dT%H%M%SZ}"]
        lines += ["BEGIN:VEVENT", f"UID:{start:%Y%m%d%H}@tests", f"DTSTAMP:{stamp}", *times, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def spans(reading: CalendarReading) -> list[BusySpan]:
    [entry] = reading.entries
    return list(entry.spans)


def failure_of(gateway: IcsCalendars, access: CalendarAccess, bookmark: Bookmark | None = None) -> CalendarFailure:
    with pytest.raises(CalendarFailed) as caught:
        gateway.read(access, "", bookmark or Bookmark(), WINDOW)
    return caught.value.failure


class TestReading:
    def test_all_of_it_is_one_entry(self, gateway: IcsCalendars, access: CalendarAccess) -> None:
        reading = gateway.read(access, "", Bookmark(), WINDOW)
        assert (reading.is_whole, reading.is_unchanged, list(reading.removed)) == (True, False, [])
        assert [entry.remote_id for entry in reading.entries] == [""]
        assert spans(reading) == [BusySpan(MONDAY, MONDAY + HOUR)]

    def test_one_calendar_that_can_only_be_read(self, gateway: IcsCalendars, access: CalendarAccess) -> None:
        assert gateway.list_calendars(access) == [FoundCalendar("", "", can_write=False, is_main=True)]

    def test_an_access_stays_as_it_is(self, gateway: IcsCalendars, access: CalendarAccess) -> None:
        assert gateway.refresh(access, now=MONDAY) is access

    def test_webcal(self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess) -> None:
        url = access.secrets["url"].replace("https:", "webcal:")
        assert spans(gateway.read(replace(access, secrets={"url": url}), "", Bookmark(), WINDOW))

    @pytest.mark.parametrize(
        "kind", ["text/calendar", "TEXT/Calendar;charset=UTF-8", "text/plain", "application/octet-stream", ""]
    )
    def test_types_of_a_calendar(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess, kind: str
    ) -> None:
        server.answer = lambda _: Says(body=b"\xef\xbb\xbf\r\n" + calendar(MONDAY), headers={"Content-Type": kind})
        assert spans(gateway.read(access, "", Bookmark(), WINDOW))

    def test_an_empty_calendar_is_one(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess
    ) -> None:
        server.answer = lambda _: Says(body=calendar(), headers=TYPE)
        assert spans(gateway.read(access, "", Bookmark(), WINDOW)) == []


class TestNothingNew:
    @pytest.mark.parametrize(
        ("said", "asked"),
        [
            ({"ETag": 'W/"7"'}, {"if-none-match": 'W/"7"'}),
            (
                {"Last-Modified": "Mon, 02 Mar 2026 15:00:00 GMT"},
                {"if-modified-since": "Mon, 02 Mar 2026 15:00:00 GMT"},
            ),
        ],
    )
    def test_the_server_is_asked(
        self,
        server: SecureServer,
        gateway: IcsCalendars,
        access: CalendarAccess,
        parser: CountingParser,
        said: dict[str, str],
        asked: dict[str, str],
    ) -> None:
        def answer(request: Asked) -> Says:
            if asked.items() <= dict(request.headers).items():
                return Says(304)
            return Says(body=calendar(MONDAY), headers={**TYPE, **said})

        server.answer = answer
        first = gateway.read(access, "", Bookmark(), WINDOW)
        again = gateway.read(access, "", first.bookmark, WINDOW)
        assert (again.is_unchanged, list(again.entries), again.bookmark) == (True, [], first.bookmark)
        assert parser.read_so_far == 1

    def test_a_server_that_cannot_tell(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess, parser: CountingParser
    ) -> None:
        first = gateway.read(access, "", Bookmark(), WINDOW)
        assert gateway.read(access, "", first.bookmark, WINDOW).is_unchanged
        server.answer = lambda _: Says(body=calendar(MONDAY, MONDAY + 5 * HOUR), headers=TYPE)
        assert len(spans(gateway.read(access, "", first.bookmark, WINDOW))) == 2
        assert parser.read_so_far == 2
        assert (
            first.bookmark.token == sha256(calendar(MONDAY).replace(b"DTSTAMP:20260301T000000Z\r\n", b"")).hexdigest()
        )

    def test_only_the_moment_of_the_download_is_another(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess, parser: CountingParser
    ) -> None:
        first = gateway.read(access, "", Bookmark(), WINDOW)
        server.answer = lambda _: Says(body=calendar(MONDAY, stamp="20260302T111111Z"), headers=TYPE)
        assert gateway.read(access, "", first.bookmark, WINDOW).is_unchanged
        assert parser.read_so_far == 1

    @pytest.mark.parametrize("mark", ['"caf\xe9"', '"a\tb"', f'"{"x" * 500}"'], ids=["letters", "tab", "long"])
    def test_a_mark_that_cannot_be_asked_with_is_let_alone(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess, mark: str
    ) -> None:
        headers = TYPE | {"ETag": mark, "Last-Modified": mark}
        server.answer = lambda _: Says(body=calendar(MONDAY), headers=headers)
        first = gateway.read(access, "", Bookmark(), WINDOW)
        assert (first.bookmark.version, first.bookmark.modified) == (None, None)
        assert gateway.read(access, "", first.bookmark, WINDOW).is_unchanged
        assert not {"if-none-match", "if-modified-since"} & server.asked[-1].headers.keys()

    def test_a_whole_pass_asks_for_all_of_it(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess
    ) -> None:
        gateway.read(access, "", Bookmark(), WINDOW)
        gateway.read(access, "", Bookmark(), WINDOW)
        assert not {"if-none-match", "if-modified-since"} & {*server.asked[1].headers}

    def test_unchanged_since_nothing_is_nonsense(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess
    ) -> None:
        server.answer = lambda _: Says(304)
        assert failure_of(gateway, access) is CalendarFailure.BROKEN


class TestFailures:
    @pytest.mark.parametrize(
        ("said", "failure"),
        [
            (Says(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}), CalendarFailure.NOT_A_CALENDAR),
            (Says(body=b"<html>Sign in</html>", headers=TYPE), CalendarFailure.NOT_A_CALENDAR),
            (Says(body=calendar(MONDAY), headers={"Content-Type": "text/html"}), CalendarFailure.NOT_A_CALENDAR),
            (Says(body=b"", headers=TYPE), CalendarFailure.NOT_A_CALENDAR),
            (Says(401), CalendarFailure.REFUSED),
            (Says(404), CalendarFailure.GONE),
            (Says(429, headers={"Retry-After": "60"}), CalendarFailure.OVERLOADED),
            (Says(500), CalendarFailure.BROKEN),
            (Says(206, body=calendar(MONDAY), headers=TYPE), CalendarFailure.BROKEN),
            (Says(302, headers={"Location": "http://127.0.0.1/"}), CalendarFailure.FORBIDDEN_ADDRESS),
        ],
    )
    def test_are_told_apart(
        self, server: SecureServer, gateway: IcsCalendars, access: CalendarAccess, said: Says, failure: CalendarFailure
    ) -> None:
        server.answer = lambda _: said
        assert failure_of(gateway, access) is failure
        with pytest.raises(CalendarFailed):
            gateway.list_calendars(access)

    def test_no_address(self, gateway: IcsCalendars) -> None:
        assert failure_of(gateway, CalendarAccess()) is CalendarFailure.REFUSED

    def test_nothing_can_be_written(self, gateway: IcsCalendars, access: CalendarAccess) -> None:
        given = {gateway.write: (EVENT, None), gateway.remove: (Written("", ""),), gateway.find: ("",)}
        for asked, more in given.items():
            with pytest.raises(CalendarFailed) as caught:
                asked(access, "", *more)
            assert caught.value.failure is CalendarFailure.REFUSED
