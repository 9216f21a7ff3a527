"""What the owner decides for the practice: whence texts come, how long things wait, which programs may ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.access import EVERYTHING, Scope
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import WhenUnread
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.consent.texting import own_country, say_countries
from telehealth.domain.errors import InvalidInput
from telehealth.domain.inbox.alerting import StaffAlerts
from telehealth.domain.words import Role
from telehealth.models import ApiToken, Practice
from telehealth.queries.practice.practices import list_locations, list_services, list_therapists
from telehealth.queries.practice.staff import list_tokens
from telehealth.services.practice.practice_settings import (
    CALENDAR_LIMITS,
    LIMITS,
    SIGN_IN_LIMITS,
    CalendarRules,
    MoveRules,
    PracticePace,
    SignInLimits,
    set_alerts,
    set_calendar_rules,
    set_move_rules,
    set_pace,
    set_phone_only,
    set_sign_in_limits,
    set_text_countries,
    set_text_sender,
    set_when_minor,
)
from telehealth.services.practice.token_issuing import end_token, issue_token
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import one_time_forms, words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

ALERTS = [
    {
        "value": StaffAlerts.NEAR.value,
        "label": "Urgent texts, and whatever needs a person near an appointment",
        "hint": "Near is from two hours before it until it ends: “running late”, “the link is broken”.",
    },
    {"value": StaffAlerts.URGENT.value, "label": "Urgent texts only", "hint": "Words of crisis, of violence, of harm."},
    {"value": StaffAlerts.OFF.value, "label": "None", "hint": "They stand on the page “To do”, and nobody is told."},
]
WHEN_MINOR = [
    {"value": WhenMinor.TELL.value, "label": "Tell us", "hint": "Staff read it where they look at a client and book."},
    {
        "value": WhenMinor.REQUIRE.value,
        "label": "They are booked by or with a parent or guardian",
        "hint": "Whoever books for themselves online says when they were born. You set it aside with a reason.",
    },
]
WHEN_UNREAD = [
    {
        "value": WhenUnread.GO_ON.value,
        "label": "Go on",
        "hint": "What the calendar said last counts. The therapist is told by e-mail.",
    },
    {
        "value": WhenUnread.ASK.value,
        "label": "Ask for your yes",
        "hint": "What is booked or moved online is a request, until the calendar is read again.",
    },
    {
        "value": WhenUnread.STOP.value,
        "label": "Offer nothing",
        "hint": "No time of theirs is offered online. You can still book, with a reason.",
    },
]
DAY = timedelta(days=1)
SCOPES = {
    Scope.READ: "Look: at whatever you may see",
    Scope.BOOK: "Book: appointments, standing slots, requests, the waitlist",
    Scope.DESK: "Desk: clients and how they are reached, texts, tasks, hours and time off",
    Scope.SETTINGS: "Settings: services, places, people, messages and the rest",
}
FIELDS = {"name": "token_name", "scopes": "token_scopes", "ends_at": "token_ends_on"}
"""Names of the services' fields where the page calls them otherwise."""


@blueprint.get("/settings")
@access.staff(Role.OWNER)
def settings() -> ResponseReturnValue:
    """Everything the owner can change here, on one page."""
    return _page()


@blueprint.post("/settings/texts")
@access.staff(Role.OWNER)
def settings_text_sender() -> ResponseReturnValue:
    """Change where texts come from."""
    typed = FormReader(request.form).text("text_sender")
    ours = current_app.extensions["text_senders"]
    try:
        set_text_sender(practice_id=current().practice.id, text_sender=typed, ours=ours, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem, text_sender=typed), problem.status
    flash("Saved. The next texts come from there.", "success")
    return redirect(url_for("desk.settings", _anchor="texts"))


@blueprint.post("/settings/alerts")
@access.staff(Role.OWNER)
def settings_alerts() -> ResponseReturnValue:
    """Change what staff are told at once, and where."""
    typed = FormReader(request.form)
    alerts = typed.word("alerts", StaffAlerts, "Please choose when.")
    given = {"alerts": typed.text("alerts"), "alert_phone": typed.text("alert_phone")}
    try:
        typed.refuse()
        assert alerts is not None  # noqa: S101 -- refused above
        set_alerts(
            practice_id=current().practice.id,
            alerts=alerts,
            alert_phone=given["alert_phone"],
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(problem, alerts=given), problem.status
    flash("Saved. It counts from the next text on.", "success")
    return redirect(url_for("desk.settings", _anchor="urgent-texts"))


@blueprint.post("/settings/countries")
@access.staff(Role.OWNER)
def settings_text_countries() -> ResponseReturnValue:
    """Change which countries are texted."""
    typed = FormReader(request.form).text("text_countries")
    codes = typed.replace(",", " ").split()
    try:
        set_text_countries(practice_id=current().practice.id, countries=codes, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem, text_countries=typed), problem.status
    flash("Saved. Whoever has a number elsewhere is e-mailed.", "success")
    return redirect(url_for("desk.settings", _anchor="texts"))


@blueprint.post("/settings/pace")
@access.staff(Role.OWNER)
def settings_pace() -> ResponseReturnValue:
    """Change how long things wait."""
    typed = FormReader(request.form)
    given: dict[str, Any] = {**typed.numbers(LIMITS)}
    try:
        typed.refuse()
        set_pace(practice_id=current().practice.id, pace=PracticePace(**given), by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem, pace=request.form), problem.status
    flash("Saved. It counts from now on.", "success")
    return redirect(url_for("desk.settings", _anchor="pace"))


@blueprint.post("/settings/sign-ins")
@access.staff(Role.OWNER)
def settings_sign_ins() -> ResponseReturnValue:
    """Change how long staff stay signed in."""
    typed = FormReader(request.form)
    given: dict[str, Any] = {**typed.numbers(SIGN_IN_LIMITS)}
    try:
        typed.refuse()
        limits = SignInLimits(**given)
        set_sign_in_limits(practice_id=current().practice.id, limits=limits, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem, sign_in_limits=request.form), problem.status
    flash("Saved. It counts from now on, for everybody.", "success")
    return redirect(url_for("desk.settings", _anchor="signing-in"))


@blueprint.post("/settings/moves")
@access.staff(Role.OWNER)
def settings_moves() -> ResponseReturnValue:
    """Change what clients may move by themselves."""
    typed = FormReader(request.form)
    most = typed.number("most_moves", "Please enter a whole number, or leave it empty.", needed=False)
    rules = MoveRules(most, moves_ask_again=typed.is_ticked("moves_ask_again"))
    try:
        typed.refuse()
        set_move_rules(practice_id=current().practice.id, rules=rules, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        given = {"most_moves": typed.text("most_moves"), "moves_ask_again": rules.moves_ask_again}
        return _page(problem, moves=given), problem.status
    flash("Saved. It counts from now on.", "success")
    return redirect(url_for("desk.settings", _anchor="moves"))


@blueprint.post("/settings/calendars")
@access.staff(Role.OWNER)
def settings_calendars() -> ResponseReturnValue:
    """Change what therapists' own calendars mean for what is offered."""
    typed = FormReader(request.form)
    given: dict[str, Any] = {**typed.numbers(CALENDAR_LIMITS)}
    given["tentative_is_busy"] = typed.is_ticked("tentative_is_busy")
    given["when_unread"] = typed.word("when_unread", WhenUnread)
    try:
        typed.refuse()
        set_calendar_rules(
            practice_id=current().practice.id, rules=CalendarRules(**given), by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        kept = {name: typed.text(name) for name in (*CALENDAR_LIMITS, "when_unread")}
        return _page(problem, calendar_rules={**kept, "tentative_is_busy": given["tentative_is_busy"]}), problem.status
    flash("Saved. It counts from now on.", "success")
    return redirect(url_for("desk.settings", _anchor="calendars"))


@blueprint.post("/settings/phone-only")
@access.staff(Role.OWNER)
def settings_phone_only() -> ResponseReturnValue:
    """Take clients without an e-mail address, or no more."""
    typed = FormReader(request.form)
    set_phone_only(
        practice_id=current().practice.id,
        takes_phone_only=typed.is_ticked("takes_phone_only"),
        books_phone_only=typed.is_ticked("books_phone_only"),
        by=by_staff(),
        now=clock.now(),
    )
    flash("Saved. It counts from now on; clients who are there stay.", "success")
    return redirect(url_for("desk.settings", _anchor="phone-only"))


@blueprint.post("/settings/minors")
@access.staff(Role.OWNER)
def settings_minors() -> ResponseReturnValue:
    """Want minors to be booked by, or with, whoever acts for them, or only tell."""
    typed = FormReader(request.form)
    wanted = typed.word("when_minor", WhenMinor)
    if wanted is not None:
        set_when_minor(practice_id=current().practice.id, when_minor=wanted, by=by_staff(), now=clock.now())
        flash("Saved. It counts from now on; what is booked stays.", "success")
    return redirect(url_for("desk.settings", _anchor="minors"))


@blueprint.post("/settings/tokens")
@access.staff(Role.OWNER)
def settings_token_issue() -> ResponseReturnValue:
    """Make a token. It is on the page that answers, and never again."""
    if one_time_forms.was_used():
        flash("This was already made; the token was shown once. Make a new one to replace it.", "warning")
        return _page(), HTTPStatus.CONFLICT
    typed, practice = FormReader(request.form), current().practice
    name, scopes = typed.text("token_name"), [each for each in Scope if each in typed.several("token_scopes")]
    last = typed.day("token_ends_on", needed=False)
    try:
        typed.refuse()
        token = issue_token(
            practice_id=practice.id,
            user_id=viewer.id,
            name=name,
            scopes=scopes,
            ends_at=None if last is None else walltime.midnight(last + DAY, walltime.zone(practice.timezone)),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(
            problem, token_name=name, token_scopes=scopes, token_ends_on=typed.text("token_ends_on")
        ), problem.status
    one_time_forms.remember_use()
    return _page(fresh_token=token)


@blueprint.post("/settings/tokens/<public_id>/end")
@access.staff(Role.OWNER)
def settings_token_end(public_id: str) -> ResponseReturnValue:
    """Make a token worthless. Raises NotFound."""
    end_token(practice_id=current().practice.id, public_id=public_id, by=by_staff(), now=clock.now())
    flash("The token is ended. The program that used it is shut out from now on.", "success")
    return redirect(url_for("desk.settings", _anchor="tokens"))


def _page(problem: InvalidInput | None = None, **given: Any) -> str:
    """The page; ``given`` holds what was typed into one of its forms, or a fresh token."""
    practice = current().practice
    fields = {FIELDS.get(name, name): sentence for name, sentence in problem.fields.items()} if problem else {}
    return render_template(
        "desk/settings.html",
        **{**_unchanged(practice), **given},
        problems=fields,
        tokens=[(each, *_say_token(practice, each)) for each in list_tokens(practice.id)],
        scope_choices=SCOPES.items(),
        services=list_services(practice.id),
        therapists=list_therapists(practice.id),
        places=list_locations(practice.id),
        public_page=_public_page(practice),
        alert_choices=ALERTS,
        unread_choices=WHEN_UNREAD,
        minor_choices=WHEN_MINOR,
        zone_data=walltime.zone_data_version(),
        is_zone_data_old=walltime.is_zone_data_old(now=clock.now()),
        words=words,
        once=one_time_forms.make_word(),
    )


def _unchanged(practice: Practice) -> Mapping[str, Any]:
    """The forms of the page as nobody has typed into them yet."""
    return {
        "pace": {name: str(getattr(practice, name)) for name in LIMITS},
        "sign_in_limits": {name: str(getattr(practice, name)) for name in SIGN_IN_LIMITS},
        "moves": {
            "most_moves": "" if practice.most_moves is None else str(practice.most_moves),
            "moves_ask_again": practice.moves_ask_again,
        },
        "calendar_rules": {
            **{name: str(getattr(practice, name)) for name in CALENDAR_LIMITS},
            "tentative_is_busy": practice.tentative_is_busy,
            "when_unread": practice.when_unread.value,
        },
        "takes_phone_only": practice.takes_phone_only,
        "books_phone_only": practice.books_phone_only,
        "when_minor": practice.when_minor.value,
        "text_sender": practice.text_sender or "",
        "alerts": {"alerts": practice.alerts.value, "alert_phone": practice.alert_phone or ""},
        "text_countries": ", ".join(practice.text_countries),
        "own_country": say_countries({own_country(practice.phone)}),
        "fresh_token": "",
        "token_name": "",
        "token_scopes": [Scope.READ],
        "token_ends_on": "",
    }


def _say_token(practice: Practice, token: ApiToken) -> tuple[str, str, str, str]:
    """When it was made, what it may do, when it was used, and how it ends."""
    made, used, until = (
        times.say_briefly(instant, walltime.zone(practice.timezone)) if instant is not None else ""
        for instant in (token.created_at, token.used_at, token.ends_at)
    )
    may = "everything" if set(token.scopes) == EVERYTHING else ", ".join(token.scopes)
    is_over = token.ends_at is not None and token.ends_at <= clock.now()
    ends = "until somebody ends it" if not until else f"until {until}, which is over" if is_over else f"until {until}"
    return made, may, used, ends


def _public_page(practice: Practice) -> str:
    addresses: Addresses = current_app.extensions["addresses"]
    return f"{addresses.base_url}/{practice.slug}"
