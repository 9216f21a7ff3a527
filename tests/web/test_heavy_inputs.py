"""Heavy inputs at every form that a page shows, and at the doors of providers: none costs more than it may."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator

from telehealth.domain.addresses import Addresses, LinkPurpose
from tests.factories import Office, book, make_office
from tests.heavy import bounded, heavy
from tests.moments import at
from tests.web.staff import Staff, as_owner
from tests.web.visitor import Visitor

ROOM, ROOM_IN_ADDRESSES, ROOM_IN_A_TEXT = 60_000, 1_200, 1_600
AT_A_TIME = 2
"""How many heavy inputs each field gets. They go round, so that each one meets many fields."""
MOST_PAGES = 120


@dataclass
class AnyForm:
    """Where a form goes, and everything that it could send, with what it would send now."""

    action: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__()
        self.path, self.forms, self.links = path, list[AnyForm](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self.path, given["href"]))
        if tag == "form":
            action = urljoin(self.path, given.get("action") or self.path)
            self.forms.append(AnyForm(action, given.get("method", "get").lower()))
        if tag in {"input", "select", "textarea", "button"} and self.forms and given.get("name"):
            self.forms[-1].sent.setdefault(given["name"], given.get("value", ""))


def pages(browser: FlaskClient, *first: str) -> Iterator[Page]:
    """These pages and what they lead to, one of each kind of address."""
    waiting, kinds = deque(first), set[str]()
    while waiting and len(kinds) < MOST_PAGES:
        path = waiting.popleft()
        here = urlsplit(path)
        kind = "/".join(part if part.replace("-", "").isalpha() else "…" for part in here.path.split("/"))
        if here.netloc or kind in kinds or "sign-out" in kind:
            continue
        kinds.add(kind)
        answer = browser.get(path)
        if answer.status_code in {301, 302, 303}:
            waiting.append(answer.location)
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            page = Page(path, answer.text)
            waiting.extend(page.links)
            yield page


def try_forms(browser: FlaskClient, *first: str) -> set[str]:
    """Every field of every form with something heavy in it; the addresses that were tried."""
    long, short = cycle(heavy(ROOM).items()), cycle(heavy(ROOM_IN_ADDRESSES).items())
    tried: dict[str, AnyForm] = {}
    for page in list(pages(browser, *first)):
        for form in page.forms:
            tried.setdefault(f"{form.method} {urlsplit(form.action).path} {sorted(form.sent)}", form)
    for what, form in tried.items():
        for name in form.sent.keys() - {"csrf_token"}:
            for _, (weight, value) in zip(range(AT_A_TIME), long if form.method == "post" else short, strict=False):
                with bounded(f"{what}: {weight} in {name}"):
                    answer = send(browser, form, {name: value})
                assert answer.status_code < 500, (what, weight, name)
        with bounded(f"{what}: many fields"):
            assert send(browser, form, {f"a{number}": "1" for number in range(400)}).status_code < 500
        with bounded(f"{what}: one field often"):
            assert send(browser, form, dict.fromkeys(form.sent.keys() - {"csrf_token"}, ["x"] * 40)).status_code < 500
    return {urlsplit(form.action).path for form in tried.values()}


def send(browser: FlaskClient, form: AnyForm, changed: dict[str, Any]) -> Any:
    sent = {**form.sent, **changed}
    if form.method == "post":
        return browser.post(form.action, data=sent)
    return browser.get(f"{urlsplit(form.action).path}?{urlencode(sent, doseq=True)}")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


def test_every_form_of_the_desk(app: Flask, office: Office) -> None:
    book(office, at(10, days=3))
    owner: Staff = as_owner(app, office)
    tried = try_forms(owner.browser, "/desk", "/desk/week", "/desk/book", "/desk/settings", "/desk/why-not")
    assert len(tried) > 25


def test_every_form_of_the_public_pages(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    appointment = book(office, at(10, days=3))
    seat = appointment.attendees[0]
    slug = office.practice.slug
    visitor = Visitor(client, office)
    details = visitor.choose().location
    tried = try_forms(
        client,
        f"/{slug}",
        visitor.book_path(**visitor.choices),
        details,
        f"/{slug}/wait",
        f"/m/{addresses.token(LinkPurpose.MANAGE, seat)}",
        f"/j/{addresses.token(LinkPurpose.JOIN, seat)}",
        "/sign-in",
        "/dev/outbox",
    )
    assert len(tried) > 6


@pytest.mark.parametrize("header", ["Accept-Language", "User-Agent", "Cookie", "X-Forwarded-For", "Referer", "Host"])
def test_every_header(client: FlaskClient, office: Office, header: str) -> None:
    for what, value in heavy(8_000).items():
        in_a_line = " ".join(value.split()).encode().decode("latin-1").translate(dict.fromkeys(range(32), "x"))
        with bounded(f"{what} in {header}"):
            answer = client.get(f"/{office.practice.slug}", headers={header: in_a_line})
        assert answer.status_code < 500, (header, what)


def test_every_text_that_comes_in(app: Flask, client: FlaskClient, office: Office) -> None:
    book(office, at(10, days=3))
    path = "/webhooks/twilio/inbound"
    for number, (what, value) in enumerate(heavy(ROOM_IN_A_TEXT).items()):
        given = {
            "MessageSid": f"SM{number}",
            "From": "+13035550123",
            "To": "+13035550999",
            "Body": value,
            "NumMedia": "0",
        }
        validator = RequestValidator(app.config["TWILIO_AUTH_TOKEN"])
        signature = validator.compute_signature(app.config["PUBLIC_URL"] + path, given)
        with bounded(f"a text of {what}"):
            assert client.post(path, data=given, headers={"X-Twilio-Signature": signature}).status_code == 200, what


PARTS = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"
RECIPIENT = b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\n\r\n"
MAILS = {
    "parts in parts": PARTS * 3_000,
    "mails in mails": b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
    "many parts": PARTS + b"\r\n--a\r\n" * 20_000,
    "a header without end": b"To: " + b"a" * 200_000,
    "lines that go on": b"To: a\r\n" + b" a\r\n" * 40_000,
    "many headers": b"To: a@b.example\r\n" * 12_000 + b"\r\n",
    "encoded words": b"Subject: " + b"=?utf-8?q?=41?= " * 12_000 + b"\r\n\r\n",
    "comments in comments": b"To: " + b"(" * 100_000 + b"\r\n\r\n",
    "parameters": b"Content-Type: multipart/report" + b"; a*0=b" * 20_000 + b"\r\n\r\n",
    "recipients": b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b\r\nAction: failed\r\n\r\n" * 4_000,
}


@pytest.mark.parametrize(("what", "mail"), MAILS.items(), ids=MAILS)
def test_every_mail_that_comes_back(app: Flask, client: FlaskClient, what: str, mail: bytes) -> None:
    report = b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\r\n\r\n--a\r\n"
    headers = {"Authorization": f"Bearer {app.config['BOUNCE_TOKEN']}"}
    for whole in (mail, report + mail):
        with bounded(what):
            answer = client.post("/webhooks/mail/bounces", data=whole[:250_000], headers=headers)
        assert answer.status_code == 204
