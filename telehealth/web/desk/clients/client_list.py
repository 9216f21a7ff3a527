"""The practice's clients as a list: found, narrowed down, some at a time; and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, languages, times
from telehealth.domain.contact import say_phone
from telehealth.domain.csv_rows import write_csv
from telehealth.models import Client, Companion
from telehealth.queries.practice.client_lists import Around, ClientsWho, Session, list_sessions_around, who_are
from telehealth.queries.practice.clients import list_companions_of, search_clients
from telehealth.web.desk import words
from telehealth.web.desk.clients import contact_marks
from telehealth.web.desk.clients.finding import LONGEST_SEARCH
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

AT_A_TIME, AT_A_TIME_IN_A_FILE = 10, 500
MOST_PAGES = 2_000
EVERYBODY = ("", "Everybody")
WHO = {
    ClientsWho.NO_NEXT: "Nothing booked ahead",
    ClientsWho.MISSED_TWICE: "Did not come twice or more",
    ClientsWho.WAIT: "On the waitlist",
}
COLUMNS = (
    *("Name", "E-mail", "Phone", "Time zone", "Language", "Therapist", "Last session", "Next session", "Since"),
    "Who acts for them",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a text, whom to narrow it to, and which page, the first being 1."""

    text: str
    who: ClientsWho | None
    page: int

    def find(self, *, limit: int, skip: int, now: datetime) -> Sequence[Client]:
        """So many of them, as far as the reader may see them."""
        practice_id, only = current().practice.id, current().only_therapist
        narrowed = [who_are(self.who, practice_id, therapist_id=only, now=now)] if self.who else []
        return search_clients(practice_id, self.text, therapist_id=only, only=narrowed, limit=limit, skip=skip)

    def link(self, endpoint: str, page: int = 1) -> str:
        """The same elsewhere, or another page of it."""
        return url_for(endpoint, q=self.text or None, who=self.who, page=page if page > 1 else None)


@blueprint.get("/clients")
@access.staff()
def clients() -> ResponseReturnValue:
    """All clients by name, or those found by ``?q=``, narrowed by ``?who=``. A therapist finds their own."""
    desk, asked, now = current(), _read(), clock.now()
    found = asked.find(limit=AT_A_TIME + 1, skip=(asked.page - 1) * AT_A_TIME, now=now)
    shown = found[:AT_A_TIME]
    around = list_sessions_around(shown, therapist_id=desk.only_therapist, now=now)
    has_more = len(found) > AT_A_TIME
    return render_template(
        "desk/clients.html",
        found=shown,
        marks=contact_marks.list_marks_of_clients(desk.practice.id, shown),
        lines={each.id: _line(around[each.id]) for each in shown},
        asked=asked,
        choices=[EVERYBODY, *_choices()],
        earlier=asked.link("desk.clients", asked.page - 1) if asked.page > 1 else "",
        later=asked.link("desk.clients", asked.page + 1) if has_more else "",
        file=asked.link("desk.clients_file"),
        words=words,
    )


@blueprint.get("/clients/file")
@access.staff()
def clients_file() -> ResponseReturnValue:
    """The same as CSV, all pages of it."""
    now = clock.now()
    day = now.astimezone(current().zone).date()
    file = Response(write_csv(COLUMNS, _rows(_read(), now)), mimetype="text/csv")
    file.headers["Content-Disposition"] = f'attachment; filename="clients-{day}.csv"'
    return file


def _rows(asked: Asked, now: datetime) -> Iterator[Sequence[object]]:
    skip, zone = 0, current().zone
    while found := asked.find(limit=AT_A_TIME_IN_A_FILE, skip=skip, now=now):
        around = list_sessions_around(found, therapist_id=current().only_therapist, now=now)
        acting = list_companions_of([each.id for each in found])
        for each in found:
            its = around[each.id]
            companions = [_say_companion(one) for one in acting if one.client_id == each.id and one.ended_at is None]
            phone = say_phone(each.phone) if each.phone else ""
            language = languages.LANGUAGES.get(each.locale, each.locale)
            sessions = (_say(session) for session in (its.last, its.next))
            since = each.created_at.astimezone(zone).date()
            known = (each.name, each.email, phone, each.timezone, language, its.therapist, *sessions, since)
            yield (*known, "; ".join(companions))
        skip += len(found)


def _say_companion(companion: Companion) -> str:
    reached = filter(None, [companion.email, say_phone(companion.phone) if companion.phone else ""])
    stranger = [] if companion.is_known else ["booked online, not known"]
    return ", ".join([words.say_booker(companion), *reached, *stranger])


def _read() -> Asked:
    typed = FormReader(request.args)
    who = next((each for each, _ in _choices() if each == typed.text("who")), None)
    page = typed.number("page", "", needed=False) or 1
    return Asked(" ".join(typed.text("q").split())[:LONGEST_SEARCH], who, min(max(page, 1), MOST_PAGES))


def _choices() -> Sequence[tuple[ClientsWho, str]]:
    """The waitlist is a matter of the whole practice."""
    is_one = current().only_therapist is not None
    return [(each, text) for each, text in WHO.items() if not (is_one and each == ClientsWho.WAIT)]


def _line(around: Around) -> Mapping[str, Any]:
    return {"therapist": around.therapist, "last": _say_day(around.last), "next": _say(around.next)}


def _say_day(session: Session | None) -> str:
    """Of what is over the day will do."""
    return words.short_day(session.at.astimezone(current().zone).date()) if session is not None else ""


def _say(session: Session | None) -> str:
    return f"{_say_day(session)} at {times.say_time(session.at, current().zone)}" if session is not None else ""
