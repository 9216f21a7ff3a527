"""Adding, changing and removing what says when a therapist works: one way for all three kinds of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.models import Location, Therapist
from telehealth.queries.hours.working_hours import HoursEntry, find_hours_entry
from telehealth.queries.practice.practices import list_former_locations_too, list_locations
from telehealth.services.hours.hours_setting import (
    HoursWish,
    add_hours_entry,
    change_hours_entry,
    remove_hours_entry,
)
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, with_therapist
from telehealth.web.form_reader import FormReader

ADDED, CHANGED = "Added", "Changed"
Said = Iterable[tuple[str, str]]
"""Sentences for the next page, each with its tone."""


@dataclass(frozen=True, slots=True)
class EntryForm(Generic[HoursEntry]):
    """The form of one kind of entry, with what the kind has of its own.

    ``read`` makes wishes of what was typed and raises InvalidInput; only weekly hours are added for several days at
    once. ``fill`` is the other way round. ``say_saved`` speaks of entries that were ADDED or CHANGED. ``names`` are the
    fields of a wish that the form calls otherwise.
    """

    model: type[HoursEntry]
    template: str
    listed_at: str
    at_first: MultiDict[str, str]
    fill: Callable[[HoursEntry], MultiDict[str, str]]
    read: Callable[[FormReader], Sequence[HoursWish[HoursEntry]]]
    say_saved: Callable[[Sequence[HoursEntry], str], Said]
    removed: str
    names: Mapping[str, str] = field(default_factory=dict)

    def show_empty(self, _therapist: Therapist) -> ResponseReturnValue:
        """The form for a new entry."""
        return self._page(self.at_first, {}, changing=False)

    def show_filled(self, therapist: Therapist, public_id: str) -> ResponseReturnValue:
        """The form for an entry that is there, filled in. Raises NotFound."""
        return self._page(self.fill(find_hours_entry(self.model, therapist.id, public_id)), {}, changing=True)

    def add(self, therapist: Therapist) -> ResponseReturnValue:
        """Add what was typed, or explain above it what cannot be."""
        try:
            added = [
                add_hours_entry(
                    practice_id=therapist.practice_id,
                    therapist_id=therapist.id,
                    wish=wish,
                    by=by_staff(),
                    now=clock.now(),
                )
                for wish in self.read(FormReader(request.form))
            ]
        except InvalidInput as problem:
            return self._page(request.form, problem.fields, changing=False), problem.status
        return self._back(self.say_saved(added, ADDED))

    def change(self, therapist: Therapist, public_id: str) -> ResponseReturnValue:
        """Put what was typed in the place of an entry, or explain above it what cannot be. Raises NotFound."""
        entry = find_hours_entry(self.model, therapist.id, public_id)
        try:
            wish, *_ = self.read(FormReader(request.form))
            changed = change_hours_entry(
                practice_id=therapist.practice_id,
                therapist_id=therapist.id,
                public_id=entry.public_id,
                wish=wish,
                by=by_staff(),
                now=clock.now(),
            )
        except InvalidInput as problem:
            return self._page(request.form, problem.fields, changing=True), problem.status
        return self._back(self.say_saved([changed], CHANGED))

    def remove(self, therapist: Therapist, public_id: str) -> ResponseReturnValue:
        """Remove an entry. Raises NotFound."""
        remove_hours_entry(
            self.model,
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            public_id=public_id,
            by=by_staff(),
            now=clock.now(),
        )
        return self._back([(self.removed, "success")])

    def _back(self, said: Said) -> ResponseReturnValue:
        for sentence, tone in said:
            flash(sentence, tone)
        return redirect(url_for(self.listed_at))

    def _page(self, values: MultiDict[str, str], problems: Mapping[str, str], *, changing: bool) -> str:
        return render_template(
            self.template,
            values=values,
            problems={self.names.get(name, name): sentence for name, sentence in problems.items()},
            changing=changing,
            places=_places(values.get("location")),
            modes=words.MODES,
            words=words,
        )


def _places(chosen: str | None) -> Sequence[Location]:
    """Where people can meet now, and what the entry names already: it may have been closed since."""
    practice_id = current().practice.id
    places = list_locations(practice_id)
    if not chosen or chosen in {each.public_id for each in places}:
        return places
    return [*places, *(each for each in list_former_locations_too(practice_id) if each.public_id == chosen)]


def add_pages(path: str, form: EntryForm[Any], endpoints: Sequence[str]) -> None:
    """Put the pages of a kind below a path of the desk, each under its endpoint."""
    pages: Sequence[tuple[str, str, Callable[..., ResponseReturnValue]]] = (
        ("GET", "new", form.show_empty),
        ("POST", "new", form.add),
        ("GET", "<public_id>/change", form.show_filled),
        ("POST", "<public_id>/change", form.change),
        ("POST", "<public_id>/remove", form.remove),
    )
    for endpoint, (method, rest, view) in zip(endpoints, pages, strict=True):
        page = access.staff()(with_therapist(view))
        blueprint.add_url_rule(f"{path}/{rest}", endpoint, page, methods=[method])
