"""Clients from a file of another program: given, looked at, and imported only then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.csv_rows import write_csv
from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.lines import ClientColumn, ImportStatus, LineOutcome, Matching
from telehealth.domain.importing.tables import LARGEST_FILE, MOST_LINES
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import ClientImport, ImportLine
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.practice import client_imports
    from telehealth.services.practice import client_importing
else:
    client_imports = Library("telehealth.queries.practice.client_imports")
    client_importing = Library("telehealth.services.practice.client_importing")

MOST_SHOWN, MOST_PAGES, EXAMPLES = 12, 800, 3
LOOKED_AGAIN = timedelta(seconds=4)
NO_FILE = "Please choose a file."
LEFT_OUT = ("", "Leave out")
COLUMNS = {
    ClientColumn.NAME: "Name",
    ClientColumn.FIRST_NAME: "First name",
    ClientColumn.LAST_NAME: "Last name",
    ClientColumn.EMAIL: "E-mail",
    ClientColumn.PHONE: "Phone",
    ClientColumn.BORN_ON: "Date of birth",
    ClientColumn.PRONOUNS: "Pronouns",
    ClientColumn.LOCALE: "Language",
    ClientColumn.TIMEZONE: "Time zone",
    ClientColumn.TAGS: "Tags",
    ClientColumn.EMERGENCY_CONTACT: "In an emergency",
    ClientColumn.DESK_NOTE: "Note for the desk",
}
OUTCOMES = {
    LineOutcome.NEW: ("New", "They become clients. Nothing is sent to them."),
    LineOutcome.REFUSED: (
        "Cannot be read",
        "They are left out. You can download them, put them right, and import that.",
    ),
    LineOutcome.ALIKE: ("Look like somebody", "The same name with the same number, address or date of birth is there."),
    LineOutcome.TWICE: ("Twice in the file", "Only the first line is taken."),
    LineOutcome.KNOWN: ("Here already", "The same name and address: nothing changes with them."),
}
STATUSES = {
    ImportStatus.READY: ("Looked at, not imported", "wait"),
    ImportStatus.RUNNING: ("Being imported", "active"),
    ImportStatus.DONE: ("Imported", "good"),
}
WHY = {LineOutcome.ALIKE: "Looks like somebody you have, or like a line before it."}


@blueprint.get("/clients/import")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import() -> ResponseReturnValue:
    """The form for a file, and the files that are still kept."""
    return _start({})


@blueprint.post("/clients/import")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_file() -> ResponseReturnValue:
    """Look at a file. No client is made."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _start({"file": NO_FILE}), InvalidInput.status
    try:
        found = client_importing.take_client_file(
            practice_id=current().practice.id,
            file_name=given.filename,
            data=given.stream.read(LARGEST_FILE + 1),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _start(problem.fields), problem.status
    return redirect(url_for("desk.clients_import_one", public_id=found.public_id))


@blueprint.get("/clients/import/<public_id>")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_one(public_id: str) -> ResponseReturnValue:
    """What would become, becomes or became of it. Raises NotFound."""
    return _one(_find(public_id), {})


@blueprint.post("/clients/import/<public_id>/columns")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_columns(public_id: str) -> ResponseReturnValue:
    """Say what the columns hold, and look again. Raises NotFound."""
    found, typed = _find(public_id), FormReader(request.form)
    chosen = [typed.text(f"column-{at}") for at in range(len(found.titles))]
    columns = tuple(ClientColumn(each) if each in COLUMNS else None for each in chosen)
    try:
        client_importing.match_columns(
            practice_id=found.practice_id,
            public_id=public_id,
            matching=Matching(columns, day_first=typed.is_ticked("day_first")),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _one(found, problem.fields, chosen), problem.status
    flash("Looked at again. Nothing is imported yet.", "success")
    return redirect(url_for("desk.clients_import_one", public_id=public_id))


@blueprint.post("/clients/import/<public_id>/begin")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_begin(public_id: str) -> ResponseReturnValue:
    """Make clients of it. The first portion is done at once; the rest goes on while the page is closed. Raises
    NotFound.
    """
    found, typed = _find(public_id), FormReader(request.form)
    try:
        client_importing.begin_import(
            practice_id=found.practice_id,
            public_id=public_id,
            adds_alike=typed.is_ticked("adds_alike"),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _one(found, problem.fields), problem.status
    client_importing.import_portion(now=clock.now())
    return redirect(url_for("desk.clients_import_one", public_id=public_id))


@blueprint.post("/clients/import/<public_id>/discard")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_discard(public_id: str) -> ResponseReturnValue:
    """Throw the file away. Raises NotFound."""
    client_importing.discard_import(
        practice_id=current().practice.id, public_id=public_id, by=by_staff(), now=clock.now()
    )
    flash("The file is thrown away. Clients who were imported stay.", "success")
    return redirect(url_for("desk.clients_import"))


@blueprint.get("/clients/import/<public_id>/left-out")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_import_left_out(public_id: str) -> ResponseReturnValue:
    """The lines that are left out, as they were, with what is wrong with each, to be put right. Raises NotFound."""
    found = _find(public_id)
    lines = [
        line
        for each in (LineOutcome.REFUSED, LineOutcome.ALIKE)
        for line in client_imports.list_import_lines(found.id, each)
    ]
    shown = sorted((each for each in lines if each.cells), key=lambda each: each.number)
    rows = ([each.number, _why(each), *each.cells] for each in shown)
    file = Response(write_csv(["Line", "What is wrong", *found.titles], rows), mimetype="text/csv")
    file.headers["Content-Disposition"] = 'attachment; filename="left-out.csv"'
    return file


def _find(public_id: str) -> ClientImport:
    return client_imports.find_client_import(current().practice.id, public_id)


def _start(problems: Mapping[str, str]) -> str:
    found = client_imports.list_client_imports(current().practice.id)
    counts = client_imports.count_import_lines([each.id for each in found])
    return render_template(
        "desk/clients_import.html",
        problems=problems,
        kept=[_kept(each, _of(each, counts)) for each in found],
        most=f"{MOST_LINES:,}",
    )


def _kept(each: ClientImport, counts: Counter[tuple[LineOutcome, bool]]) -> Mapping[str, Any]:
    zone = current().zone
    return {
        "row": each,
        "lines": words.counted(counts.total(), "line"),
        "status": STATUSES[each.status],
        "given": f"{times.say_briefly(each.created_at, zone)}{f' by {each.user.name}' if each.user else ''}",
    }


def _of(found: ClientImport, counts: Counter[tuple[int, LineOutcome, bool]]) -> Counter[tuple[LineOutcome, bool]]:
    return Counter({(what, done): number for (which, what, done), number in counts.items() if which == found.id})


def _one(found: ClientImport, problems: Mapping[str, str], chosen: Sequence[str] = ()) -> str:
    counts = _of(found, client_imports.count_import_lines([found.id]))
    numbers = {each: counts[each, False] + counts[each, True] for each in OUTCOMES}
    typed = FormReader(request.args)
    shown = _shown_outcome(found, numbers, typed.text("show"))
    page = min(max(typed.number("page", "", needed=False) or 1, 1), MOST_PAGES)
    first = (page - 1) * MOST_SHOWN
    lines = client_imports.list_import_lines(found.id, shown, limit=MOST_SHOWN, skip=first) if shown else []
    return render_template(
        "desk/clients_import_one.html",
        found=found,
        status=STATUSES[found.status],
        problems=problems,
        columns=_columns(found, chosen),
        choices=[LEFT_OUT, *COLUMNS.items()],
        outcomes=[(each, *text, numbers[each]) for each, text in OUTCOMES.items() if numbers[each]],
        numbers=numbers,
        total=counts.total(),
        done=sum(number for (_, is_done), number in counts.items() if is_done),
        shown=shown,
        titles=["Line", *_titles(found), "What is wrong"][
            : None if shown in WHY or shown == LineOutcome.REFUSED else -1
        ],
        rows=[_row(found, each) for each in lines],
        earlier=_page(found, shown, page - 1) if page > 1 else "",
        later=_page(found, shown, page + 1) if shown and first + MOST_SHOWN < numbers[shown] else "",
        ends=times.say_briefly(found.ends_at, current().zone),
        now=clock.now(),
        again=clock.now() + LOOKED_AGAIN,
        words=words,
    )


def _shown_outcome(found: ClientImport, numbers: Mapping[LineOutcome, int], asked: str) -> LineOutcome | None:
    """Whose lines stand below: those that were asked for, else the new ones. Of what is imported only those are left
    that somebody may want to put right.
    """
    is_over = found.status != ImportStatus.READY
    left = [LineOutcome.REFUSED, *([] if found.adds_alike else [LineOutcome.ALIKE])] if is_over else list(OUTCOMES)
    there = [each for each in left if numbers[each]]
    return next((each for each in there if each == asked), there[0] if there else None)


def _page(found: ClientImport, shown: LineOutcome | None, page: int) -> str:
    return url_for("desk.clients_import_one", public_id=found.public_id, show=shown, page=page, _anchor="lines")


def _columns(found: ClientImport, chosen: Sequence[str]) -> list[Mapping[str, Any]]:
    """Each column with its title, what it holds, and what stands in the first lines."""
    filled = [each.cells for each in client_imports.list_import_lines(found.id, LineOutcome.NEW, limit=EXAMPLES)]
    filled = filled or [
        each.cells for each in client_imports.list_import_lines(found.id, LineOutcome.REFUSED, limit=EXAMPLES)
    ]
    return [
        {
            "title": title,
            "holds": (chosen or found.columns)[at],
            "examples": "; ".join(cells[at][:40] for cells in filled if at < len(cells) and cells[at]),
        }
        for at, title in enumerate(found.titles)
    ]


def _held(found: ClientImport) -> list[int]:
    """The columns that are not left out."""
    return [at for at, holds in enumerate(found.columns) if holds]


def _titles(found: ClientImport) -> list[str]:
    return [COLUMNS[ClientColumn(found.columns[at])] for at in _held(found)]


def _row(found: ClientImport, line: ImportLine) -> list[object]:
    shown = [line.cells[at] if at < len(line.cells) else "" for at in _held(found)]
    why = [_why(line)] if line.outcome in {*WHY, LineOutcome.REFUSED} else []
    return [line.number, *shown, *why]


def _why(line: ImportLine) -> str:
    return line.problem or WHY.get(line.outcome, "")
