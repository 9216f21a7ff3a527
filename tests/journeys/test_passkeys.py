"""Passkeys in a browser, with a device that the browser itself makes up (its debugger's virtual authenticator)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from telehealth.domain.words import Role
from telehealth.models import User
from tests.factories import make_office, make_user
from tests.factories.users import PASSWORD
from tests.journeys.conftest import WIDTHS, LiveServer, assert_accessible

LAPTOP: dict[str, Any] = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
OLD_KEY = {**LAPTOP, "transport": "usb", "hasResidentKey": False, "hasUserVerification": False, "isUserVerified": False}


@pytest.fixture
def host() -> str:
    """Browsers make no passkeys for numbers."""
    return "localhost"


@pytest.fixture
def user(rows: None) -> User:
    office = make_office()
    return make_user(office.practice, Role.OWNER, password=PASSWORD, email="dana@riverside.example")


class Device:
    """What the browser of a page believes to be attached."""

    def __init__(self, page: Page, options: dict[str, Any]) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials

    def take(self, credential: dict[str, Any]) -> None:
        """Hold a passkey of another device."""
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def set_verified(self, *, verified: bool) -> None:
        """Let the next look at a face be good, or not."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})


def type_password(page: Page, server: LiveServer) -> None:
    page.goto(server.path("sign-in"))
    page.get_by_label("E-mail address").fill("dana@riverside.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def add_passkey(page: Page, server: LiveServer, name: str) -> None:
    page.goto(server.path("desk", "account") + "#passkeys")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What to call it").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text(f"“{name}” is added")).to_be_visible()


def sign_out(page: Page, server: LiveServer) -> None:
    server.clock.advance(timedelta(minutes=1))
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def expect_today(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


def test_a_passkey_is_added_signs_in_alone_and_after_the_password_and_is_removed(
    server: LiveServer, user: User, page: Page
) -> None:
    device = Device(page, LAPTOP)
    type_password(page, server)
    page.goto(server.path("desk", "account") + "#passkeys")
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("link", name="Add a passkey").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Please give it a name")
    assert device.credentials() == [], "nothing is made that nobody would keep"
    add_passkey(page, server, "Work laptop")
    assert_accessible(page, widths=WIDTHS)
    assert [each["isResidentCredential"] for each in device.credentials()] == [True]

    sign_out(page, server)
    page.get_by_role("link", name="sign in with a passkey").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Use a passkey").click()
    expect_today(page)

    sign_out(page, server)
    type_password(page, server)
    expect(page.get_by_text("Your password is right")).to_be_visible()
    assert_accessible(page, widths=WIDTHS)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Use a passkey").press("Enter")
    expect_today(page)

    page.goto(server.path("desk", "account") + "#passkeys")
    page.get_by_role("link", name="Remove Work laptop").click()
    assert_accessible(page, widths=WIDTHS)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have none.")).to_be_visible()
    sign_out(page, server)
    type_password(page, server)
    expect_today(page)


def test_a_device_that_has_one_makes_no_second_and_a_strange_face_opens_nothing(
    server: LiveServer, user: User, page: Page
) -> None:
    device = Device(page, LAPTOP)
    type_password(page, server)
    add_passkey(page, server, "Work laptop")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("What to call it").fill("Once more")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for you already")
    assert_accessible(page, widths=WIDTHS)
    page.goto(server.path("desk"))
    sign_out(page, server)
    device.set_verified(verified=False)
    page.get_by_role("link", name="sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("Please try again")
    device.set_verified(verified=True)
    page.get_by_role("button", name="Use a passkey").click()
    expect_today(page)


def test_a_security_key_serves_after_the_password(server: LiveServer, user: User, page: Page) -> None:
    Device(page, OLD_KEY)
    type_password(page, server)
    add_passkey(page, server, "Blue key")
    sign_out(page, server)
    type_password(page, server)
    page.get_by_role("button", name="Use a passkey").click()
    expect_today(page)


def test_a_copied_passkey_opens_nothing(server: LiveServer, user: User, open_page: Callable[..., Page]) -> None:
    page, thief = open_page(), open_page()
    device = Device(page, LAPTOP)
    type_password(page, server)
    add_passkey(page, server, "Work laptop")
    copy = device.credentials()[0]
    sign_out(page, server)
    page.get_by_role("link", name="sign in with a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect_today(page)
    server.clock.advance(timedelta(minutes=1))
    Device(thief, LAPTOP).take(copy)
    thief.goto(server.path("sign-in", "passkey"))
    thief.get_by_role("button", name="Use a passkey").click()
    expect(thief.locator("[data-error-summary]")).to_contain_text("looks like a copy")


def test_without_script_the_pages_say_what_to_do(
    server: LiveServer, user: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(server.path("sign-in", "passkey"))
    expect(page.get_by_text("Please sign in with your password.")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    type_password(page, server)
    page.goto(server.path("sign-in", "passkeys", "new"))
    expect(page.get_by_text("set up an authenticator app.")).to_be_visible()
