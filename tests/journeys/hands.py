"""Two ways to use a page: with a mouse, and with nothing but a keyboard. A story told with hands works for both.

hands.fill(page.get_by_label("Name"), "Ana Rivera")
hands.press(page.get_by_role("button", name="Save"))
"""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Locator, expect

FURTHEST = 250
"""Presses of Tab from one thing to the next, at most."""
IS_FOCUSED = "element => element === document.activeElement"
SHOWS_FOCUS = """element => [element, ...element.parentElement.querySelectorAll(":focus ~ *")].some(each => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== "none" && outlineWidth !== "0px";
})"""
"""It itself, or the edge of the card it chooses."""


class Mouse:
    """Somebody who points at what they want."""

    def press(self, what: Locator) -> None:
        what.click()

    def open(self, fold: Locator) -> None:
        """What is folded away, or a menu: it stays on the page."""
        fold.click()

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def fill_date(self, field: Locator, day: date) -> None:
        field.fill(day.isoformat())

    def choose(self, field: Locator, option: str) -> None:
        """``option`` is how it reads."""
        field.select_option(label=option)

    def tick(self, box: Locator) -> None:
        box.check()


class Keyboard(Mouse):
    """Somebody who presses Tab until they are where they want to be, and sees where that is."""

    def press(self, what: Locator) -> None:
        """A link or the button of a form: it leads to a page, which is waited for, as a click does by itself."""
        self._go_to(what)
        with what.page.expect_navigation():
            what.page.keyboard.press("Enter")

    def open(self, fold: Locator) -> None:
        self._go_to(fold)
        fold.page.keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self._go_to(field)
        field.page.keyboard.press("ControlOrMeta+A")
        field.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def fill_date(self, field: Locator, day: date) -> None:
        """As the browser asks in English: month, day and year."""
        self._go_to(field)
        field.page.keyboard.type(f"{day:%m%d%Y}")
        expect(field).to_have_value(day.isoformat())

    def choose(self, field: Locator, option: str) -> None:
        self._go_to(field)
        field.page.keyboard.type(option)
        assert field.evaluate("field => field.selectedOptions[0].label") == option

    def tick(self, box: Locator) -> None:
        self._go_to(box)
        if not box.is_checked():
            box.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def _go_to(self, what: Locator) -> None:
        expect(what).to_be_visible()
        for _ in range(FURTHEST):
            if what.evaluate(IS_FOCUSED):
                assert what.evaluate(SHOWS_FOCUS), f"nobody sees that the focus is on {what}"
                return
            what.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {what}")
