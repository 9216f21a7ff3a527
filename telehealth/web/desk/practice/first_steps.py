"""The list of first steps on Today, which stays until everything is done or the owner puts it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.first_steps import FirstStep, PracticeSetup
from telehealth.domain.words import Role
from telehealth.queries.practice.first_steps import find_setup
from telehealth.services.practice.practice_settings import put_first_steps_away
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import Desk, blueprint, current

Links = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One entry of the list: what it is about, why, where it is done, and what is in its way."""

    title: str
    text: str
    links: Links
    is_done: bool
    notes: Sequence[str] = ()


def list_first_steps(desk: Desk) -> list[StepLine]:
    """What is left to do and what is done, for an owner; empty once everything is, or when it was put away."""
    practice = desk.practice
    if practice.first_steps_put_away_at is not None or not viewer.has(Role.OWNER):
        return []
    has_own_video = bool(current_app.extensions["has_own_video"])
    found = find_setup(practice, desk.team, has_own_video=has_own_video, now=clock.now())
    lines = [_line(step, found, desk) for step in FirstStep]
    return [] if all(each.is_done for each in lines) else lines


@blueprint.post("/first-steps/put-away")
@access.staff(Role.OWNER)
def today_put_away() -> ResponseReturnValue:
    """Put the list away."""
    put_first_steps_away(practice_id=current().practice.id, is_away=True, by=by_staff(), now=clock.now())
    flash("The list is put away. More, “Practice” brings it back.", "success")
    return redirect(url_for("desk.today"))


@blueprint.post("/first-steps/bring-back")
@access.staff(Role.OWNER)
def today_bring_back() -> ResponseReturnValue:
    """Show the list again, as far as something is left."""
    put_first_steps_away(practice_id=current().practice.id, is_away=False, by=by_staff(), now=clock.now())
    flash("The list of first steps is on Today again, unless everything is done.", "success")
    return redirect(url_for("desk.today"))


def _address(endpoint: str, desk: Desk) -> str:
    return url_for(endpoint, slug=desk.practice.slug) if endpoint in _PUBLIC else url_for(endpoint)


def _line(step: FirstStep, found: PracticeSetup, desk: Desk) -> StepLine:
    title, text, links = _WORDS[step]
    addresses = [(said, _address(endpoint, desk)) for said, endpoint in links]
    notes = [words.say_mismatch(each) for each in found.mismatches] if step == FirstStep.HOURS else []
    return StepLine(title, text, addresses, step in found.done, notes)


_PUBLIC = {"booking.show_practice", "booking.show_booking"}
_WORDS: dict[FirstStep, tuple[str, str, Links]] = {
    FirstStep.THERAPIST: (
        "Who sees clients",
        "You, with the login you have, or others.",
        [("I see clients myself", "desk.therapists_myself"), ("Others do", "desk.therapists_new")],
    ),
    FirstStep.SERVICE: (
        "A first service",
        "What people can book: a first conversation, or what you give most.",
        [("Add a service", "desk.services_new")],
    ),
    FirstStep.PLACE: (
        "Places",
        "Where you meet in person. If you meet online only, choose that in your services and leave this.",
        [("Add a place", "desk.places_new")],
    ),
    FirstStep.HOURS: (
        "Hours",
        "When appointments can begin, and how people meet then. Your own calendar can be connected as well.",
        [("Set the hours", "desk.hours"), ("Connect a calendar, if you like", "desk.calendars")],
    ),
    FirstStep.LICENCES: (
        "Licences",
        "By state: nobody is offered to a client who will be somewhere else.",
        [("Add a licence", "desk.licences")],
    ),
    FirstStep.MEETING: (
        "How you meet by video",
        "A video link for each therapist. Without one people meet on a public server, which is for trying out.",
        [("Set video links", "desk.therapists_video")],
    ),
    FirstStep.PAGE: (
        "Your page",
        "Write a few words about yourself, then look at what your clients will see.",
        [("Write about yourself", "desk.practice"), ("Look at your page", "booking.show_practice")],
    ),
    FirstStep.TRIAL: (
        "A test booking to yourself",
        "Book with your own name and e-mail address, and read what your clients will read.",
        [("Book a test", "booking.show_booking")],
    ),
}
