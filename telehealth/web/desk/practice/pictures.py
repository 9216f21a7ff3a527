"""The practice's logo and the photos of therapists: owners choose all of them, therapists their own photo."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.domain.pictures import LARGEST_PICTURE, PictureKind
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.services.practice.pictures import remove_logo, remove_photo, set_logo, set_photo
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.practice.profiles import find_profiled

SHOWN = "Saved. Your pages show it now."
REMOVED = "Removed. Nobody sees it any more."


@blueprint.get("/practice/logo")
@access.staff(Role.OWNER)
def practice_logo() -> ResponseReturnValue:
    """The logo there is, and the form for another one."""
    return _logo_form()


@blueprint.post("/practice/logo")
@access.staff(Role.OWNER)
def practice_logo_change() -> ResponseReturnValue:
    """Show it on every page."""
    try:
        set_logo(practice_id=current().practice.id, file=_read_file(PictureKind.LOGO), by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _logo_form(problem.fields[PictureKind.LOGO]), problem.status
    flash(SHOWN, "success")
    return redirect(url_for("desk.practice_logo"))


@blueprint.post("/practice/logo/remove")
@access.staff(Role.OWNER)
def practice_logo_remove() -> ResponseReturnValue:
    """Show none any more."""
    remove_logo(practice_id=current().practice.id, by=by_staff(), now=clock.now())
    flash(REMOVED, "success")
    return redirect(url_for("desk.practice_logo"))


@blueprint.get("/therapists/<public_id>/photo")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_photo(public_id: str) -> ResponseReturnValue:
    """The photo there is, and the form for another one. Raises NotFound, for a therapist also for a colleague's."""
    return _photo_form(find_profiled(public_id))


@blueprint.post("/therapists/<public_id>/photo")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_photo_change(public_id: str) -> ResponseReturnValue:
    """Show it to whoever chooses. Raises NotFound."""
    found = find_profiled(public_id)
    try:
        set_photo(**_which(found), file=_read_file(PictureKind.PHOTO), by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _photo_form(found, problem.fields[PictureKind.PHOTO]), problem.status
    flash(SHOWN, "success")
    return redirect(url_for("desk.therapists_photo", public_id=public_id))


@blueprint.post("/therapists/<public_id>/photo/remove")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_photo_remove(public_id: str) -> ResponseReturnValue:
    """Show none any more. Raises NotFound."""
    remove_photo(**_which(find_profiled(public_id)), by=by_staff(), now=clock.now())
    flash(REMOVED, "success")
    return redirect(url_for("desk.therapists_photo", public_id=public_id))


def _which(found: Therapist) -> dict[str, Any]:
    return {"practice_id": found.practice_id, "therapist_public_id": found.public_id}


def _read_file(kind: PictureKind) -> bytes:
    """What was chosen, and no more of it than tells that it is too much."""
    chosen = request.files.get(kind)
    if chosen is None:
        return b""
    with closing(chosen):
        file: bytes = chosen.read(LARGEST_PICTURE + 1)
        return file


def _logo_form(problem: str = "") -> str:
    return _form(
        PictureKind.LOGO, problem, back_url=url_for("desk.practice"), remove_url=url_for("desk.practice_logo_remove")
    )


def _photo_form(found: Therapist, problem: str = "") -> str:
    back_url = url_for("desk.therapists_profile", public_id=found.public_id)
    remove_url = url_for("desk.therapists_photo_remove", public_id=found.public_id)
    return _form(PictureKind.PHOTO, problem, therapist=found, back_url=back_url, remove_url=remove_url)


def _form(kind: PictureKind, problem: str, **context: Any) -> str:
    return render_template("desk/picture.html", kind=kind, problem=problem, **context)
