"""Where the practice meets by video: what it has chosen, the video services elsewhere that it uses, and trying them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.appointments.joining import LIMITS as ROOM_LIMITS
from telehealth.domain.errors import InvalidInput, NotFound, VideoOff
from telehealth.domain.links import new_secret
from telehealth.domain.ports import Gateways, Guest, VideoAccess, VideoFailed, VideoRoom
from telehealth.domain.video.rooms import NEED_ROOM
from telehealth.domain.words import Role, VideoKind
from telehealth.late import Library
from telehealth.queries.practice.practices import find_service, list_services, list_therapists
from telehealth.services.practice.practice_settings import RoomRules, set_room_rules
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import video_words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.practice.profiles import find_profiled
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.video import connections
    from telehealth.queries.video import kinds, rooms
    from telehealth.services.video import choosing, connecting
else:
    connections = Library("telehealth.domain.video.connections")
    kinds = Library("telehealth.queries.video.kinds")
    rooms = Library("telehealth.queries.video.rooms")
    choosing = Library("telehealth.services.video.choosing")
    connecting = Library("telehealth.services.video.connecting")

TRIED_FOR = timedelta(minutes=15)
"""So long a room that is only for trying can be entered."""
NOT_TRIED = "There is nothing to try yet. Please connect it first."


@blueprint.get("/video")
@access.staff(Role.OWNER)
def video() -> ResponseReturnValue:
    """What is chosen and connected."""
    return _page()


@blueprint.post("/video")
@access.staff(Role.OWNER)
def video_choose() -> ResponseReturnValue:
    """Choose where the practice meets."""
    try:
        kind = read_kind(FormReader(request.form))
        choosing.choose_video_of_practice(practice_id=current().practice.id, kind=kind, **_acting())
    except InvalidInput as problem:
        return _page(problem.fields, chosen=request.form.get("video_kind", "")), problem.status
    flash("Saved. Whoever enters next comes there.", "success")
    return redirect(url_for("desk.video"))


@blueprint.post("/video/hours")
@access.staff(Role.OWNER)
def video_hours() -> ResponseReturnValue:
    """Change when rooms can be entered."""
    typed = FormReader(request.form)
    given: dict[str, Any] = {**typed.numbers(ROOM_LIMITS)}
    try:
        typed.refuse()
        set_room_rules(practice_id=current().practice.id, rules=RoomRules(**given), by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem.fields, hours={name: typed.text(name) for name in ROOM_LIMITS}), problem.status
    flash("Saved. It counts from now on, also for what is booked.", "success")
    return redirect(url_for("desk.video", _anchor="hours"))


@blueprint.post("/video/<word>/connect")
@access.staff(Role.OWNER)
def video_connect(word: str) -> ResponseReturnValue:
    """Use a video service elsewhere, or use it otherwise. Raises NotFound."""
    kind, typed = _kind_named(word), FormReader(request.form)
    fields = connections.FIELDS[kind]
    given = {name: typed.text(name) for name in ("address", *fields.settings, *fields.secrets)}
    try:
        connecting.connect_video(
            practice_id=current().practice.id,
            kind=kind,
            typed=given,
            ring=current_app.extensions["key_ring"],
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(problem.fields, at=kind, given=given), problem.status
    except VideoOff as problem:
        return _page({fields.secrets[0]: str(problem)}, at=kind, given=given), problem.status
    flash(f"Saved: {video_words.KINDS[kind]}. Try it now, then choose it above or where you want it.", "success")
    return redirect(url_for("desk.video", _anchor=kind.value))


@blueprint.post("/video/<word>/try")
@access.staff(Role.OWNER)
def video_try(word: str) -> ResponseReturnValue:
    """Make a way into a room that is only for trying. Raises NotFound."""
    kind, now = _kind_named(word), clock.now()
    found = kinds.find_video_connection(current().practice.id, kind)
    opened = connecting.try_to_open_video(current_app.extensions["key_ring"], found) if found is not None else None
    if opened is None:
        flash(NOT_TRIED, "error")
        return redirect(url_for("desk.video", _anchor=kind.value))
    if kind in NEED_ROOM:
        return _check(kind, opened)
    link = opened.address if kind == VideoKind.FIXED else ""
    room = VideoRoom(f"try-{new_secret()}", kind, now, now + TRIED_FOR, fixed_link=link, access=opened)
    gateways: Gateways = current_app.extensions["gateways"]
    address = gateways.video.join_url(room, Guest(viewer.name, is_therapist=True))
    return render_template("desk/video_try.html", kind=kind, address=address, words=video_words)


def _check(kind: VideoKind, opened: VideoAccess) -> ResponseReturnValue:
    """Ask a service that makes rooms whether it would make them for us."""
    gateways: Gateways = current_app.extensions["gateways"]
    try:
        gateways.rooms[kind].check(opened)
    except VideoFailed as failed:
        flash(f"{video_words.KINDS[kind]}: {video_words.FAILED[failed.failure]}", "error")
    else:
        flash(f"{video_words.KINDS[kind]} lets us in. Rooms are made there a day before each appointment.", "success")
    return redirect(url_for("desk.video", _anchor=kind.value))


@blueprint.post("/video/<word>/end")
@access.staff(Role.OWNER)
def video_end(word: str) -> ResponseReturnValue:
    """Use a video service no more. Raises NotFound."""
    kind = _kind_named(word)
    connecting.end_video(practice_id=current().practice.id, kind=kind, by=by_staff(), now=clock.now())
    rest = " once the rooms that were made there are given back" if kind in NEED_ROOM else ""
    said = f"Ended: {video_words.KINDS[kind]}. Its secret is forgotten{rest}. Who was to meet there meets here."
    flash(said, "success")
    return redirect(url_for("desk.video"))


@blueprint.post("/therapists/<public_id>/video")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_choose_video(public_id: str) -> ResponseReturnValue:
    """Choose where a therapist meets. Raises NotFound, for a therapist also for a colleague."""
    found = find_profiled(public_id)
    choose = partial(
        choosing.choose_video_of_therapist, practice_id=found.practice_id, therapist_public_id=public_id, **_acting()
    )
    return _choose(choose, url_for("desk.therapists_profile", public_id=public_id, _anchor="video-kind"))


@blueprint.post("/services/<public_id>/video")
@access.staff(Role.OWNER)
def services_choose_video(public_id: str) -> ResponseReturnValue:
    """Choose where people meet for a service. Raises NotFound."""
    found = find_service(current().practice.id, public_id)
    choose = partial(
        choosing.choose_video_of_service, practice_id=found.practice_id, service_public_id=public_id, **_acting()
    )
    return _choose(choose, url_for("desk.services_edit", public_id=public_id, _anchor="video-kind"))


def _choose(choose: Callable[..., object], back: str) -> ResponseReturnValue:
    """Do it with what was chosen, and go back to the page that has the form."""
    try:
        choose(kind=read_kind(FormReader(request.form)))
    except InvalidInput as problem:
        flash(problem.fields["video_kind"], "error")
        return redirect(back)
    flash("Saved. Whoever enters next comes there.", "success")
    return redirect(back)


def read_kind(typed: FormReader) -> VideoKind | None:
    """What was chosen; None: nothing of its own. Raises InvalidInput."""
    kind = typed.word("video_kind", VideoKind) if typed.text("video_kind") else None
    typed.refuse()
    return kind


def _acting() -> dict[str, Any]:
    return {"house": current_app.extensions["house_video"], "by": by_staff(), "now": clock.now()}


def _kind_named(word: str) -> VideoKind:
    try:
        kind = VideoKind(word)
    except ValueError:
        raise NotFound from None
    if kind not in connections.FIELDS:
        raise NotFound
    return kind


def _page(
    problems: Mapping[str, str] | None = None,
    *,
    chosen: str | None = None,
    at: VideoKind | None = None,
    given: Mapping[str, str] | None = None,
    hours: Mapping[str, str] | None = None,
) -> str:
    practice = current().practice
    connected = {each.kind: each for each in kinds.list_video_connections(practice.id)}
    house = current_app.extensions["house_video"]
    services, therapists = list_services(practice.id), list_therapists(practice.id)
    return render_template(
        "desk/video.html",
        choices=video_words.list_choices(connected, house, usual=f"As usual: {video_words.KINDS[house]}"),
        chosen=chosen if chosen is not None else (practice.video_kind or ""),
        connected=connected,
        fields=connections.FIELDS,
        problems={f"{at}-{name}" if at else name: said for name, said in (problems or {}).items()},
        at=at,
        given=given or {},
        hours=hours or {name: str(getattr(practice, name)) for name in ROOM_LIMITS},
        not_made=rooms.list_rooms_fallen_back(practice.id),
        too_large=kinds.list_in_want(practice.id, services, house),
        own_therapists=[each for each in therapists if each.video_kind is not None or each.video_url],
        own_services=[each for each in services if each.video_kind is not None],
        words=video_words,
    )
