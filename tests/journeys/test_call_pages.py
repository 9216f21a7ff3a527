"""What one sees and presses in our own video room: by keyboard, on a small phone, in Spanish."""

# ruff: noqa: F811 -- fixtures of calls are imported by their names

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from telehealth.domain.words import ServiceKind
from telehealth.models import Appointment
from tests.factories import BY_STAFF, Office, book, make_contact
from tests.factories.rows import change
from tests.journeys.calling import STARTS, THERAPIST, appointment, join, moves, office  # noqa: F401 -- fixtures
from tests.journeys.conftest import LiveServer, assert_accessible, sign_in
from tests.moments import NOW

WIDTHS = (320, 1280)


def go_in(page: Page, name: str = "Go in") -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_therapist(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page], *, script: str = ""
) -> Page:
    page = open_page()
    page.add_init_script(script)
    sign_in(page, server, THERAPIST)
    page.goto(server.path("desk", "appointments", appointment.public_id, "room"))
    return page


def open_client(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page], *, script: str = "", **how: Any
) -> Page:
    page = open_page(**how)
    page.add_init_script(script)
    page.goto(join(server, appointment) + "/room")
    return page


@pytest.fixture
def both(server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]) -> tuple[Page, Page]:
    """The therapist's page and the client's, both inside and connected."""
    therapist = open_therapist(server, appointment, open_page)
    go_in(therapist)
    client = open_client(server, appointment, open_page, width=360, height=640)
    go_in(client)
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    moves(client)
    moves(therapist)
    return therapist, client


def test_every_stage_can_be_used_on_a_small_phone_and_on_a_desk(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
) -> None:
    client = open_client(server, appointment, open_page)
    expect(client.get_by_label("Camera").locator("option")).not_to_have_count(0)
    assert_accessible(client, widths=WIDTHS)
    go_in(client)
    expect(client.get_by_role("heading", name="You are in the waiting room")).to_be_focused()
    assert_accessible(client, widths=WIDTHS)
    therapist = open_therapist(server, appointment, open_page)
    go_in(therapist)
    expect(therapist.get_by_role("button", name="Let Jane Doe in")).to_be_visible()
    assert_accessible(therapist, widths=WIDTHS)
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    moves(client)
    for page in (client, therapist):
        for panel in ("Chat", "More"):
            page.get_by_role("button", name=panel, exact=True).click()
            assert_accessible(page, widths=WIDTHS)
    client.get_by_role("button", name="Leave").click()
    expect(client.get_by_role("heading", name="You have left")).to_be_focused()
    assert_accessible(client, widths=WIDTHS)


@pytest.mark.parametrize("size", [(320, 640), (640, 320), (1280, 800)])
def test_the_controls_stay_in_view_and_the_crisis_numbers_are_one_press_away(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
    size: tuple[int, int],
) -> None:
    page = open_therapist(server, appointment, open_page)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    go_in(page)
    controls = page.get_by_role("group", name="Camera, sound and more").get_by_role("button")
    expect(controls.first).to_be_in_viewport(ratio=1)
    for control in controls.all():
        expect(control).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("link", name="Get help").click()
    expect(page.get_by_role("link", name="Call 988")).to_be_in_viewport()
    for control in controls.all():
        expect(control).to_be_in_viewport(ratio=1)


def test_what_is_off_is_shown_to_the_others_in_words(both: tuple[Page, Page]) -> None:
    therapist, client = both
    microphone = client.get_by_role("button", name="Microphone", exact=True)
    expect(microphone).to_have_attribute("aria-pressed", "true")
    microphone.click()
    expect(microphone).to_have_attribute("aria-pressed", "false")
    expect(microphone.get_by_text("off")).to_be_visible()
    muted = person(therapist, "Jane Doe").get_by_text("microphone off")
    expect(muted).to_be_visible()
    client.get_by_role("button", name="Camera", exact=True).click()
    expect(person(therapist, "Jane Doe").get_by_text("camera off")).to_be_visible()
    microphone.click()
    expect(muted).to_be_hidden()


def test_what_was_off_before_going_in_is_off_inside(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
) -> None:
    client = open_client(server, appointment, open_page)
    client.get_by_role("button", name="Camera", exact=True).click()
    expect(client.get_by_text("Your camera is off")).to_be_visible()
    go_in(client)
    therapist = open_therapist(server, appointment, open_page)
    go_in(therapist)
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    expect(person(therapist, "Jane Doe").get_by_text("camera off")).to_be_visible()
    expect(client.get_by_role("button", name="Camera", exact=True)).to_have_attribute("aria-pressed", "false")


def test_chat_arrives_is_counted_and_is_gone_with_the_page(both: tuple[Page, Page]) -> None:
    therapist, client = both
    client.get_by_role("button", name="Chat", exact=True).click()
    client.get_by_label("Message").fill("Is the sound <b>good</b>?")
    client.get_by_label("Message").press("Enter")
    opens = therapist.get_by_role("button", name="Chat 1 new")
    expect(opens).to_be_visible()
    expect(therapist.get_by_role("status").filter(has_text="Jane Doe writes: Is the sound")).to_be_attached()
    opens.click()
    expect(therapist.get_by_role("log")).to_contain_text("Is the sound <b>good</b>?")
    expect(therapist.get_by_role("button", name="Chat", exact=True)).to_be_visible()
    expect(therapist.get_by_text("it is not kept")).to_be_visible()
    therapist.reload()
    go_in(therapist)
    moves(therapist)
    therapist.get_by_role("button", name="Chat", exact=True).click()
    expect(therapist.get_by_role("log")).not_to_contain_text("sound")


def test_a_screen_is_shown_large_to_the_other_until_it_is_not(both: tuple[Page, Page]) -> None:
    therapist, client = both
    share = therapist.get_by_role("button", name="Share screen")
    share.click()
    expect(share).to_have_attribute("aria-pressed", "true")
    screen = person(client, "Dana Rivera’s screen")
    expect(screen).to_have_class("call__person call__person--screen is-large")
    moves(client)
    share.click()
    expect(screen).to_have_count(0)
    expect(person(client, "Dana Rivera")).to_have_class("call__person is-large")


def test_a_call_by_keyboard_alone(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
) -> None:
    page = open_therapist(server, appointment, open_page)
    press(page, "Go in")
    expect(page.get_by_role("heading", name="In the room")).to_be_focused()
    press(page, "Microphone")
    expect(page.get_by_role("button", name="Microphone", exact=True)).to_have_attribute("aria-pressed", "false")
    press(page, "Chat")
    expect(page.get_by_label("Message")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Chat", exact=True)).to_be_focused()
    press(page, "Leave")
    expect(page.get_by_role("dialog", name="Leave, or end it for everybody?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Leave", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    press(page, "Only I leave")
    expect(page.get_by_role("heading", name="You have left")).to_be_focused()


def person(page: Page, name: str) -> Locator:
    """The picture of somebody: others', or "You"."""
    return page.locator(".call__person").filter(has=page.locator("[data-name]", has_text=name))


def open_panel(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def press(page: Page, name: str) -> None:
    """Walk there with Tab, and press Enter."""
    wanted = page.get_by_role("button", name=name, exact=True).and_(page.locator(":visible"))
    for _ in range(40):
        if wanted.evaluate("each => each === document.activeElement"):
            page.keyboard.press("Enter")
            return
        page.keyboard.press("Tab")
    raise AssertionError(name)


def test_another_camera_takes_the_place_of_the_one_that_is_sent(both: tuple[Page, Page]) -> None:
    therapist, client = both
    client.get_by_role("button", name="More", exact=True).click()
    camera = client.get_by_label("Camera", exact=True).and_(client.locator("select"))
    before = client.evaluate("document.querySelector('[data-own]').srcObject.getVideoTracks()[0].id")
    other = camera.locator("option").nth(-1)
    camera.select_option(value=other.get_attribute("value"))
    expect(client.get_by_text("Changed to")).to_be_visible()
    assert client.evaluate("document.querySelector('[data-own]').srcObject.getVideoTracks()[0].id") != before
    moves(therapist)


def test_the_microphone_is_heard_before_the_call_and_a_tone_is_said_too(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
) -> None:
    page = open_client(server, appointment, open_page)
    expect(page.get_by_text("Your microphone hears you.")).to_be_visible()
    page.get_by_role("button", name="Play a tone").click()
    expect(page.get_by_text("You should hear a tone now.")).to_be_visible()


def test_a_hand_and_a_timer_are_seen_by_the_other(both: tuple[Page, Page]) -> None:
    therapist, client = both
    client.get_by_role("button", name="More", exact=True).click()
    client.get_by_role("button", name="Raise hand").click()
    expect(person(therapist, "Jane Doe").get_by_text("hand raised")).to_be_visible()
    therapist.get_by_role("button", name="More", exact=True).click()
    therapist.get_by_label("Minutes from now").fill("none")
    therapist.get_by_role("button", name="Start").click()
    expect(therapist.get_by_text("Please type 1 to 240 minutes.")).to_be_visible()
    therapist.get_by_label("Minutes from now").fill("10")
    therapist.get_by_role("button", name="Start").click()
    expect(therapist.get_by_text("10 minutes left (only you see it)")).to_be_visible()
    expect(client.get_by_text("10 minutes left")).to_have_count(0)
    therapist.get_by_label("Everybody sees it").check()
    therapist.get_by_role("button", name="Start").click()
    expect(client.locator("[data-timer-shown]")).to_have_text("10 minutes left")
    therapist.get_by_role("button", name="Stop").click()
    expect(client.locator("[data-timer-shown]")).to_be_hidden()


def test_somebody_is_removed_only_after_a_question(both: tuple[Page, Page]) -> None:
    therapist, client = both
    therapist.get_by_role("button", name="More", exact=True).click()
    therapist.get_by_role("button", name="Remove Jane Doe").click()
    therapist.get_by_role("button", name="Stay", exact=True).click()
    expect(client.get_by_role("list", name="In the room")).to_be_visible()
    therapist.get_by_role("button", name="Remove Jane Doe").click()
    therapist.get_by_role("button", name="Remove", exact=True).click()
    expect(client.get_by_text("The therapist has ended your visit.")).to_be_visible()
    expect(therapist.locator("#announcer")).to_have_text("Jane Doe has left.")


def test_ones_own_picture_is_hidden_and_whoever_speaks_is_large(both: tuple[Page, Page]) -> None:
    therapist, _ = both
    own = person(therapist, "You")
    expect(own).to_be_visible()
    therapist.get_by_role("button", name="More", exact=True).click()
    therapist.get_by_role("button", name="Hide my own picture").click()
    expect(own).to_be_hidden()
    therapist.get_by_role("button", name="Whoever speaks is large").click()
    expect(person(therapist, "Jane Doe")).to_have_class("call__person is-large")


WITHOUT_THE_DEVICE = """
    window.SpeechRecognition = class { static available() { return "available"; } };
"""
ON_THE_DEVICE = """
    window.SpeechRecognition = class extends EventTarget {
        static async available({ langs, processLocally }) {
            return langs[0] === "en" && processLocally ? "available" : "unavailable";
        }
        static async install() { return false; }
        get processLocally() { return this.isLocal; }
        set processLocally(isLocal) { this.isLocal = isLocal; }
        start(track) {
            const said = { resultIndex: 0, results: [[{ transcript: `${track.kind}, ${this.isLocal}` }]] };
            this.dispatchEvent(Object.assign(new Event("result"), said));
        }
        abort() { this.dispatchEvent(new Event("end")); }
    };
    MediaStreamTrack.prototype.getCapabilities = () => ({ backgroundBlur: [false, true] });
    MediaStreamTrack.prototype.applyConstraints = async function ({ advanced }) { Object.assign(this, advanced[0]); };
    MediaStreamTrack.prototype.getSettings = function () { return { backgroundBlur: this.backgroundBlur }; };
    window.locks = 0;
    const request = async () => { window.locks += 1; return { release: async () => {} }; };
    Object.defineProperty(navigator, "wakeLock", { value: { request } });
"""
"""A browser that writes down what it hears without asking anybody, and blurs what is behind."""


def test_captions_are_offered_only_where_no_voice_leaves_the_device(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    therapist = open_therapist(server, appointment, open_page, script=ON_THE_DEVICE)
    go_in(therapist)
    client = open_client(server, appointment, open_page, script=WITHOUT_THE_DEVICE)
    go_in(client)
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    moves(client)
    client.get_by_role("button", name="More", exact=True).click()
    expect(client.get_by_role("button", name="Full screen")).to_be_visible()
    expect(client.get_by_role("button", name="Captions, made on this device")).to_be_hidden()
    expect(client.get_by_role("button", name="Blur what is behind me")).to_be_hidden()
    therapist.get_by_role("button", name="More", exact=True).click()
    therapist.get_by_role("button", name="Captions, made on this device").click()
    expect(therapist.get_by_text("Jane Doe: audio, true")).to_be_visible()
    therapist.get_by_role("button", name="Captions, made on this device").click()
    expect(therapist.get_by_text("Jane Doe: audio, true")).to_be_hidden()


def test_captions_that_fail_say_so(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_therapist(server, appointment, open_page, script=ON_THE_DEVICE.replace('"available"', '"downloadable"'))
    go_in(page)
    open_panel(page, "More")
    captions = page.get_by_role("button", name="Captions, made on this device")
    captions.click()
    expect(page.get_by_text("This browser cannot make captions here after all.")).to_be_visible()
    expect(captions).to_have_attribute("aria-pressed", "false")


def test_what_is_behind_is_blurred_and_the_screen_stays_on(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_therapist(server, appointment, open_page, script=ON_THE_DEVICE)
    go_in(page)
    page.get_by_role("button", name="More", exact=True).click()
    blur = page.get_by_role("button", name="Blur what is behind me")
    blur.click()
    expect(blur).to_have_attribute("aria-pressed", "true")
    page.wait_for_function("window.locks === 1")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # As when somebody comes back to the page.
    page.wait_for_function("window.locks === 2")


def test_full_screen_leaves_the_crisis_numbers_within_reach(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_therapist(server, appointment, open_page)
    go_in(page)
    page.get_by_role("button", name="More", exact=True).click()
    whole = page.get_by_role("button", name="Full screen")
    whole.click()
    expect(whole).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Get help").click()
    expect(page.get_by_role("link", name="Call 988")).to_be_in_viewport()


def test_three_share_the_room_there_is(server: LiveServer, office: Office, open_page: Callable[..., Page]) -> None:
    change(office.service, kind=ServiceKind.COUPLE, capacity=2)
    couple = book(
        office, STARTS, by=BY_STAFF, contact=make_contact(name="Jane Doe"), others=(make_contact(name="Ana Doe"),)
    )
    server.clock.advance(STARTS - timedelta(minutes=5) - NOW)
    therapist = open_therapist(server, couple, open_page)
    go_in(therapist)
    clients = [open_page(width=320, height=640), open_page(width=640, height=320)]
    for client, seat in zip(clients, couple.attendees, strict=True):
        client.goto(server.app.extensions["addresses"].join(seat) + "/room")
        client.get_by_role("button", name="Camera", exact=True).click()
        go_in(client)
    expect(therapist.get_by_role("button", name="Let Ana Doe in")).to_be_visible()
    therapist.get_by_role("button", name="Let everybody in").click()
    for page in (therapist, *clients):
        expect(page.locator(".call__person")).to_have_count(3)
        expect(page.get_by_text("Connecting…").and_(page.locator(":visible"))).to_have_count(0)
        expect(page.get_by_role("list", name="In the room")).to_have_attribute("data-layout", "grid")
        boxes = [tile.bounding_box() for tile in page.locator(".call__person").all()]
        areas = [box["width"] * box["height"] for box in boxes if box is not None]
        assert len(areas) == 3
        assert max(areas) < 1.1 * min(areas)
    assert_accessible(clients[0])
    open_panel(therapist, "More")
    therapist.get_by_role("button", name="Whoever speaks is large").click()
    expect(therapist.locator(".call__person.is-large")).to_have_count(1)


def test_half_an_answer_of_our_server_stops_nothing(
    server: LiveServer, appointment: Appointment, open_page: Callable[..., Page]
) -> None:
    page = open_therapist(server, appointment, open_page)
    page.route("**/call/exchange", lambda route: route.fulfill(body='{"me":', content_type="application/json"), times=1)
    go_in(page)
    expect(page.get_by_role("heading", name="In the room")).to_be_focused()


def test_the_room_speaks_the_language_of_the_client(
    server: LiveServer,
    appointment: Appointment,
    open_page: Callable[..., Page],
) -> None:
    change(appointment.attendees[0].client, locale="es")
    page = open_client(server, appointment, open_page)
    assert page.locator("html").get_attribute("lang") == "es"
    expect(page.get_by_role("link", name="Llamar al 988")).to_be_attached()
    go_in(page, "Entrar")
    expect(page.get_by_role("heading", name="Está en la sala de espera")).to_be_visible()
    therapist = open_therapist(server, appointment, open_page)
    go_in(therapist)
    therapist.get_by_role("button", name="Let Jane Doe in").click()
    expect(page.get_by_role("button", name="Micrófono", exact=True)).to_be_visible()
    moves(page)
    page.get_by_role("button", name="Más", exact=True).click()
    assert_accessible(page, widths=WIDTHS)
