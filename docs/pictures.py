"""Takes the pictures of README and docs from the demo practice: `make pictures`.

Serves a fresh demo on this machine, opens what is shown in Chromium, and puts the pages side by side.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from telehealth.cli.demo.reading import PASSWORD

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("BROWSER") or "/usr/bin/chromium"
FLASK = (sys.executable, "-m", "flask")
OWNER = "owner@demo.example"
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1180, "height": 780}
GROUND, EDGE = "#e5ddd3", 20
PATIENCE_SECONDS = 60


def main() -> None:
    """One picture: a client's page of times, and the schedule of a day."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        settings = {**os.environ, "TELEHEALTH_ENV": "development", "DATA_DIR": folder, "PORT": port}
        for command in (["db", "upgrade"], ["seed-demo"]):
            subprocess.run([*FLASK, *command], env=settings, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*FLASK, "run", "--port", port], env=settings, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(port)
            _side_by_side(_take(url)).save(HERE / "screenshot.png", optimize=True)
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    with socket.socket() as door:
        while door.connect_ex(("127.0.0.1", int(port))):
            if time.monotonic() > until:
                sys.exit("The demo did not start. `make run` says why.")
            time.sleep(0.2)


def _take(url: str) -> list[bytes]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        local = {"locale": "en-US", "timezone_id": "America/Denver"}
        phone, desk = (browser.new_context(viewport=size, **local).new_page() for size in (PHONE, DESK))
        taken = [_times(phone, url), _schedule(desk, url)]
        browser.close()
    return taken


def _times(page: Page, url: str) -> bytes:
    page.goto(f"{url}/demo/book")
    page.get_by_label("Individual session").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Video").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("State").select_option("Colorado")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("First available").check()
    page.get_by_role("button", name="See free times").click()
    page.locator(".slot").first.wait_for()
    return page.screenshot()


def _schedule(page: Page, url: str) -> bytes:
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail address").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Schedule", exact=True).click()
    page.get_by_role("link", name="Later").click()
    page.wait_for_load_state()
    return page.screenshot()


def _side_by_side(pages: list[bytes]) -> Image.Image:
    pictures = [Image.open(io.BytesIO(each)) for each in pages]
    size = (sum(each.width + EDGE for each in pictures) + EDGE, max(each.height for each in pictures) + 2 * EDGE)
    whole, left = Image.new("RGB", size, GROUND), EDGE
    for each in pictures:
        whole.paste(each, (left, EDGE))
        left += each.width + EDGE
    return whole


if __name__ == "__main__":
    main()
