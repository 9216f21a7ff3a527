"""A client in front of the pages: reads words, follows links, fills forms in as a browser without scripts would."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.domain.words import Mode
from tests.factories import Office
from tests.web.staff import words_of

TYPED = {"name": "Jane Doe", "email": "jane@example.com", "phone": "(303) 555-0123"}


@dataclass
class Form:
    """What a form would send: its fields as they stand, and the names and values of its buttons by their text."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self._href, self._text, self._select = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        handler = getattr(self, f"_start_{tag}", None)
        if handler:
            handler(given)

    def _start_form(self, given: dict[str, str]) -> None:
        self.forms.append(Form(given.get("action", ""), given.get("method", "get")))

    def _start_input(self, given: dict[str, str]) -> None:
        is_off = given.get("type") in {"checkbox", "radio"} and "checked" not in given
        if self.forms and "name" in given and not is_off:
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def _start_select(self, given: dict[str, str]) -> None:
        self._select = given["name"]

    def _start_option(self, given: dict[str, str]) -> None:
        if "selected" in given or self._select not in self.forms[-1].fields:
            self.forms[-1].fields[self._select] = given["value"]

    def _start_button(self, given: dict[str, str]) -> None:
        self._open.append((given.get("name", ""), given.get("value", "")))
        self._text = ""

    def _start_a(self, given: dict[str, str]) -> None:
        self._href, self._text = given["href"], ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        text = " ".join(self._text.replace("\xa0", " ").split())
        if tag == "button" and (button := self._open.pop()) and self.forms:
            self.forms[-1].buttons.setdefault(text, button)
        if tag == "a":
            self.links.setdefault(text, self._href)


def read(answer: TestResponse) -> _Page:
    page = _Page()
    page.feed(answer.text.partition("<main")[2].partition("</main>")[0])
    return page


def form_of(answer: TestResponse, method: str = "post") -> Form:
    """The form on a page that is sent with this method."""
    return next(form for form in read(answer).forms if form.method == method)


def slots_of(answer: TestResponse) -> list[str]:
    """The slots a page offers, as its buttons name them, in order."""
    return [value for form in read(answer).forms for name, value in form.buttons.values() if name == "slot"]


@dataclass
class Visitor:
    """A browser on the way to an appointment with an office."""

    browser: FlaskClient
    office: Office

    @property
    def choices(self) -> dict[str, str]:
        """Every question answered: by video, in Colorado, with the office's only therapist."""
        return {"service": self.office.service.public_id, "mode": Mode.VIRTUAL.value, "state": "CO"}

    def book_path(self, **query: str) -> str:
        return f"/{self.office.practice.slug}/book?{urlencode(query)}"

    def ask(self, **query: str) -> TestResponse:
        """The booking page with these answers in its address."""
        return self.browser.get(self.book_path(**query))

    def times(self, **query: str) -> TestResponse:
        return self.ask(**{**self.choices, **query})

    def choose(self, slot: str | None = None, **query: str) -> TestResponse:
        """Press a time, the first one offered unless told otherwise."""
        times = self.times(**query)
        form = form_of(times)
        return self.browser.post(form.action, data={**form.fields, "slot": slot or slots_of(times)[0]})

    def details(self, slot: str | None = None, **query: str) -> TestResponse:
        """The empty form for a time that is kept."""
        return self.follow(self.choose(slot, **query))

    def follow(self, answer: TestResponse) -> TestResponse:
        """The page that an answer leads to."""
        assert answer.status_code == 303, answer.status
        return self.browser.get(answer.location)

    def review(self, **typed: str) -> TestResponse:
        return self.send(self.details(), "Review", **{**TYPED, **typed})

    def send(self, answer: TestResponse, button: str, **typed: Any) -> TestResponse:
        """Fill the page's form in and press a button. None leaves a field out."""
        form = form_of(answer)
        name, value = next(pair for text, pair in form.buttons.items() if text.startswith(button))
        data = {**form.fields, **typed, **({name: value} if name else {})}
        path = form.action or answer.request.path
        return self.browser.post(path, data={key: given for key, given in data.items() if given is not None})


def problem_of(answer: TestResponse) -> str:
    """The words of the summary that takes the focus; empty when there is none."""
    _, found, rest = answer.text.partition("data-error-summary>")
    return words_of(type("Part", (), {"text": f"<main>{rest.partition('</div>')[0]}</main>"})()) if found else ""
