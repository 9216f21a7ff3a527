"""Whatever looks at links without a person, at every address of the way into a video appointment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.adapters.video import OurRooms
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, AppointmentEvent, Caller, Task, VideoCall, Whereabouts
from tests.factories import book, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at

TEN = at(10)
PEOPLE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 Telegram-Android"
)
IN_AN_APP = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/470]"
)
PROGRAMS = {
    "facebook": {"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
    "whatsapp": {"User-Agent": "WhatsApp/2.23.20.0"},
    "slack": {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
    "skype": {"User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
    "bing": {"User-Agent": "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/103 Safari/537.36 BingPreview/1.0b"},
    "telegram": {"User-Agent": "TelegramBot (like TwitterBot)"},
    "office": {"User-Agent": "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)"},
    "google": {"User-Agent": "Google-Safety"},
    "mimecast": {"User-Agent": "Mozilla/5.0 (compatible; Mimecast URL scanner)"},
    "tools": {"User-Agent": "python-requests/2.32"},
    "chrome ahead": {"User-Agent": PEOPLE, "Sec-Purpose": "prefetch;prerender"},
    "safari ahead": {"User-Agent": PEOPLE, "Purpose": "prefetch"},
    "firefox ahead": {"User-Agent": PEOPLE, "X-Moz": "prefetch"},
}
PATHS = ("", "/before", "/enter", "/room", "/check", "/call")


@pytest.fixture
def appointment(client: FlaskClient, clock: FakeClock) -> Appointment:
    booked = book(make_office(), TEN, now=NOW)
    clock.instant = TEN - timedelta(minutes=5)
    return booked


@pytest.fixture
def door(appointment: Appointment, addresses: Addresses) -> str:
    return f"/j/{addresses.token(LinkPurpose.JOIN, appointment.attendees[0])}"


@pytest.fixture(params=["ours", "elsewhere"])
def rooms(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "ours":
        monkeypatch.setitem(app.extensions, "gateways", replace(app.extensions["gateways"], video=OurRooms()))
    return str(request.param)


@pytest.fixture
def count(database: Session, appointment: Appointment) -> Callable[[], list[int]]:
    def of_each() -> list[int]:
        database.rollback()
        rows = (Caller, VideoCall, AppointmentEvent, Task, Whereabouts)
        return [database.scalar(select(func.count()).select_from(each)) or 0 for each in rows]

    return of_each


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_nothing_is_written_and_nobody_has_arrived(
    client: FlaskClient, rooms: str, door: str, appointment: Appointment, count: Callable[[], list[int]],
    program: dict[str, str],
) -> None:  # fmt: skip
    before = count()
    for path in PATHS:
        for method in (client.get, client.head):
            answer = method(door + path, headers=program)
            assert answer.status_code in {200, 302}, path
            assert not answer.headers.get("Location", "").startswith("http"), "the way into a room elsewhere"
    assert count() == before
    seat = appointment.attendees[0]
    assert (appointment.status, seat.status, seat.entered_at) == (
        AppointmentStatus.BOOKED, AppointmentStatus.BOOKED, None,
    )  # fmt: skip


def test_asking_for_the_head_of_a_page_enters_nothing_whoever_it_is(
    client: FlaskClient, rooms: str, door: str, appointment: Appointment
) -> None:
    assert client.head(f"{door}/enter", headers={"User-Agent": PEOPLE}).location == door
    assert appointment.attendees[0].entered_at is None


@pytest.mark.parametrize("person", [PEOPLE, PHONE, IN_AN_APP, ""])
def test_people_go_in_whatever_they_open_the_link_with(client: FlaskClient, rooms: str, door: str, person: str) -> None:
    leads_to = f"{door}/room" if rooms == "ours" else "https://video.test/"
    assert client.get(f"{door}/enter", headers={"User-Agent": person}).location.startswith(leads_to)
