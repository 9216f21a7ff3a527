"""A real server and a real browser. The server runs in a thread of this process, so a story can move its clock.

    def test_something(server, office, page):
        page.goto(server.path(office.practice.slug, "book"))
        server.clock.advance(timedelta(hours=1))

Rows are made with the factories, by stories that use the fixture ``rows``; they are really committed, into a database
of the story's own.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from telehealth.clock import running_on
from telehealth.database import db
from telehealth.domain.ports import Gateways
from tests import databases
from tests.caldav_fixtures import caldav_owner, caldav_servers  # noqa: F401 -- fixtures
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo
from tests.moments import NOW

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that shows five test pictures a second, a microphone that beeps, a screen to share; nobody is asked.
    "--use-fake-device-for-media-stream=fps=5",
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
)
PATIENCE_MS = 10_000
WIDTHS = (320, 1280)  # A small phone and a desk.
RUN_AXE = """async options => {
    const { violations } = await axe.run(document, { ...options, resultTypes: ["violations"] });
    const told = node => node.target.join(" ") + " " + (node.failureSummary || "");
    return violations.map(each => each.id + ": " + each.nodes.map(told).join("; "));
}"""
EVERY_RULE: dict[str, Any] = {}
ONLY_COLOURS = {"runOnly": ["color-contrast"]}


@dataclass
class LiveServer:
    """The service at ``url``; ``clock`` is what it takes for the time."""

    app: Flask
    url: str
    clock: FakeClock
    video: FakeVideo

    def path(self, *parts: str, **query: Any) -> str:
        """An address of this server."""
        given = "&".join(f"{name}={value}" for name, value in query.items())
        return "/".join([self.url, *parts]) + (f"?{given}" if given else "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a page needs a browser."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with the schema that the migrations make. Each story works on a copy of its own."""
    folder = tmp_path_factory.mktemp("migrated")
    path = folder / "journey.db"
    with databases.migrated_app(databases.sqlite(path), folder=folder):
        return path


@pytest.fixture
def host() -> str:
    """What the machine is called in addresses. A story may call it by a name."""
    return "127.0.0.1"


@pytest.fixture
def server(tmp_path: Path, migrated: Path, host: str) -> Iterator[LiveServer]:
    """An empty service that stands at NOW, with ways out that lead nowhere."""
    clock = FakeClock(NOW)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://{host}:{listener.getsockname()[1]}"
        copied = shutil.copy(migrated, tmp_path / migrated.name)
        with _service(url, copied, clock) as (app, video), _serving(app, listener), running_on(clock):
            yield LiveServer(app, url, clock, video)


@contextmanager
def _service(url: str, path: Path, clock: FakeClock) -> Iterator[tuple[Flask, FakeVideo]]:
    video = FakeVideo()
    gateways = Gateways(texts=FakeTexts(now=clock), emails=FakeEmails(), video=video)
    app = databases.make_app(databases.sqlite(path), folder=path.parent, gateways=gateways, PUBLIC_URL=url)
    yield app, video
    databases.close(app)


@contextmanager
def _serving(app: Flask, listener: socket.socket) -> Iterator[None]:
    server = make_server("127.0.0.1", 0, app, threaded=True, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join(20)
    server.server_close()


@pytest.fixture
def rows(server: LiveServer) -> Iterator[None]:
    """Lets the story use the factories: their rows land in the server's database."""
    with server.app.app_context():
        yield
        db.session.remove()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page in a fresh profile: ``open_page(width=320, timezone_id="Europe/Berlin")``.

    A story fails when a page throws or breaks the content policy.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(*, width: int = 1280, height: int = 800, **given: Any) -> Page:
        usual = {"timezone_id": "America/Denver", "locale": "en-US", "viewport": {"width": width, "height": height}}
        context = browser.new_context(**{**usual, **given})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: _note(problems, message.text))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def _note(problems: list[str], text: str) -> None:
    if "Content Security Policy" in text:
        problems.append(text)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page on a desk-sized screen in Denver."""
    return open_page()


def sign_in(page: Page, server: LiveServer, email: str, path: str = "desk") -> None:
    """As whoever has the password of the factories, on the way to ``path``; waits until its page is there."""
    page.goto(server.path(path))
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(server.path(path))
    if path == "desk":
        expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def assert_accessible(page: Page, *, widths: Sequence[int] = ()) -> None:
    """No violation of axe, in light and in dark, and nothing to scroll sideways; at all of ``widths``, when given."""
    size = page.viewport_size
    assert size is not None
    # A page that was just come to by a click may not have its document yet, and axe keeps the one it finds.
    page.wait_for_load_state()
    # Run by the debugger, which stands outside the page's content policy.
    page.evaluate(AXE.read_text())
    for width in widths or [size["width"]]:
        page.set_viewport_size({**size, "width": width})
        _assert_accessible_as_it_is(page)
    page.set_viewport_size(size)


def _assert_accessible_as_it_is(page: Page) -> None:
    for scheme, rules in (("dark", ONLY_COLOURS), ("light", EVERY_RULE)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert page.evaluate(RUN_AXE, rules) == [], f"{page.url} in {scheme}"
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url
