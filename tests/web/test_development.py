"""The pages for whoever runs the service on their own machine."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import config
from telehealth.adapters.local import LocalOutbox
from telehealth.app import create_app
from telehealth.domain.addresses import Addresses
from telehealth.domain.ports import DeliveryFailed, Email, Gateways, Letter, Text
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.factories import book, make_contact, make_office
from tests.fakes import FakeClock, FakeVideo
from tests.moments import NOW
from tests.web.staff import words_of


@pytest.fixture
def outbox(app: Flask, tmp_path: Path, clock: FakeClock) -> LocalOutbox:
    app.extensions["local_outbox"] = LocalOutbox(tmp_path / "outbox", now=clock)
    return app.extensions["local_outbox"]  # type: ignore[no-any-return]


def send_all(outbox: LocalOutbox, addresses: Addresses, clock: FakeClock) -> None:
    gateways = Gateways(texts=outbox, emails=outbox, video=FakeVideo())
    for claimed in claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
        deliver_one(claimed, gateways=gateways, now=clock())


def a_letter(**given: str) -> Email:
    letter = Letter(subject="Hello", greeting="Hello Ana,", paragraphs=(given.pop("paragraph", "Welcome."),))
    return Email(
        **{
            "reference": "one",
            "to": "ana@example.com",
            "to_name": "Ana",
            "sender_name": "Riverside",
            "reply_to": None,
            "letter": letter,
            **given,
        }
    )  # type: ignore[arg-type]


def test_an_empty_outbox(client: FlaskClient, outbox: LocalOutbox) -> None:
    assert "Nothing was sent yet" in words_of(client.get("/dev/outbox"))


def test_what_a_booking_says(client: FlaskClient, outbox: LocalOutbox, addresses: Addresses, clock: FakeClock) -> None:
    appointment = book(
        make_office(practice={"grace_minutes": 0}), contact=make_contact(name="Ana Rivera", email="ana@example.com")
    )
    send_all(outbox, addresses, clock)
    page = client.get("/dev/outbox")
    words = words_of(page)
    assert words.count("Confirmed: appointment on Tue, Nov 24 at 10:00 AM MST") >= 2
    assert "To +13035550123" in words
    assert f'href="{addresses.manage(appointment.attendees[0])}"' in page.text
    assert "Download the invite" in words


def test_the_newest_comes_first(client: FlaskClient, outbox: LocalOutbox, clock: FakeClock) -> None:
    for number in (1, 2):
        outbox.send(Text(f"text-{number}", "+13035550123", f"Text number {number}", clock() + timedelta(days=1)))
        clock.advance(timedelta(seconds=1))
    words = words_of(client.get("/dev/outbox"))
    assert words.index("Text number 2") < words.index("Text number 1")


def test_a_message_that_cannot_be_read_says_so_and_the_rest_is_shown(
    client: FlaskClient, outbox: LocalOutbox, tmp_path: Path
) -> None:
    outbox.send(a_letter())
    (tmp_path / "outbox" / "20260301T150000.000000Z-broken.json").write_text("{")
    words = words_of(client.get("/dev/outbox"))
    assert "Welcome." in words
    assert "A message that cannot be read" in words
    assert "20260301T150000.000000Z-broken" in words


def test_an_email_is_shown_in_a_frame_that_can_do_nothing(client: FlaskClient, outbox: LocalOutbox) -> None:
    outbox.send(a_letter())
    name = outbox.read(1)[0].name
    page = client.get("/dev/outbox").text
    assert f'src="/dev/outbox/{name}/html"' in page
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page
    answer = client.get(f"/dev/outbox/{name}/html")
    assert "Welcome." in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert "frame-ancestors 'self'" in policy


def test_words_of_a_message_are_shown_and_never_run(client: FlaskClient, outbox: LocalOutbox, clock: FakeClock) -> None:
    outbox.send(Text("text", "+13035550123", "<script>alert(1)</script>", clock() + timedelta(days=1)))
    outbox.send(a_letter(paragraph="<script>alert(1)</script>"))
    assert "<script>alert" not in client.get("/dev/outbox").text


def test_the_invite_is_a_file(client: FlaskClient, outbox: LocalOutbox, addresses: Addresses, clock: FakeClock) -> None:
    book(make_office(practice={"grace_minutes": 0}))
    send_all(outbox, addresses, clock)
    name = next(entry.name for entry in outbox.read(10) if entry.has_invite)
    answer = client.get(f"/dev/outbox/{name}/invite.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"METHOD:REQUEST" in answer.data


@pytest.mark.parametrize("name", ["nonsense", "..%2F..%2Fsecret_key", "%2e%2e"])
def test_a_name_is_never_a_path(client: FlaskClient, outbox: LocalOutbox, name: str) -> None:
    outbox.send(a_letter())
    assert client.get(f"/dev/outbox/{name}/html").status_code == 404
    assert client.get(f"/dev/outbox/{name}/invite.ics").status_code == 404


def test_a_text_has_no_html_and_no_invite(client: FlaskClient, outbox: LocalOutbox, clock: FakeClock) -> None:
    outbox.send(Text("text", "+13035550123", "Hello", clock() + timedelta(days=1)))
    name = outbox.read(1)[0].name
    assert client.get(f"/dev/outbox/{name}/html").status_code == 404
    assert client.get(f"/dev/outbox/{name}/invite.ics").status_code == 404


def test_the_style_guide(client: FlaskClient) -> None:
    assert client.get("/dev/styleguide").status_code == 200


def test_production_has_none_of_it(tmp_path: Path) -> None:
    environ = {
        "TELEHEALTH_ENV": "production",
        "SECRET_KEY": "a-long-and-varied-secret-key-0123456789-for-links",
        "SECURITY_PASSWORD_SALT": "another-long-and-varied-secret-9876543210-salt",
        "PUBLIC_URL": "https://practice.example",
        "SMTP_HOST": "mail.example",
        "MAIL_FROM": "desk@practice.example",
        "DATA_DIR": str(tmp_path),
    }
    app = create_app(config.load(environ))
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")] == []
    assert "development" not in app.blueprints
    with pytest.raises(DeliveryFailed, match="not set up"):
        app.extensions["gateways"].texts.send(Text("text", "+13035550123", "Hello", NOW + timedelta(days=1)))
    assert not (tmp_path / "outbox").exists()


def test_answering_a_text_as_the_client_would(
    client: FlaskClient, outbox: LocalOutbox, addresses: Addresses, clock: FakeClock, database: Session
) -> None:
    found = book(make_office(practice={"grace_minutes": 0}))
    send_all(outbox, addresses, clock)
    page = client.get("/dev/outbox").text
    assert "Answer as the client" in page
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    given = {"csrf_token": token, "number": "+13035550123", "body": "c"}
    answer = client.post("/dev/outbox/text", data=given, follow_redirects=True)
    assert "Taken as “confirm”" in answer.text
    database.expire_all()
    assert found.attendees[0].confirmed_at is not None
    send_all(outbox, addresses, clock)
    assert "thank you, we expect you" in client.get("/dev/outbox").text


def test_a_number_that_cannot_be_one_keeps_what_was_typed(client: FlaskClient, outbox: LocalOutbox) -> None:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/dev/outbox").text)[0]
    answer = client.post("/dev/outbox/text", data={"csrf_token": token, "number": "12", "body": "my words"})
    assert answer.status_code == 422
    assert "my words" in answer.text
    assert "Please check the number" in answer.text


def test_a_text_that_is_meant_for_nobody(client: FlaskClient, outbox: LocalOutbox) -> None:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/dev/outbox").text)[0]
    given = {"csrf_token": token, "number": "+13035550123", "body": "hello"}
    assert "No practice can be found" in client.post("/dev/outbox/text", data=given, follow_redirects=True).text


def test_every_page_leads_there_while_messages_stay_on_this_machine(
    app: Flask, client: FlaskClient, outbox: LocalOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "/dev/outbox" not in client.get("/").text
    monkeypatch.setitem(app.jinja_env.globals, "has_outbox", True)
    assert 'href="/dev/outbox"' in client.get("/").text
    assert "No message leaves this machine" not in client.get("/dev/outbox").text
