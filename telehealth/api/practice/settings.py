"""What holds for the whole practice: how long things wait, and where its texts come from."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Several, YesOrNo, bounded, word
from telehealth.domain import access
from telehealth.domain.calendar_words import WhenUnread
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.contact import LONGEST_PHONE
from telehealth.domain.inbox.alerting import StaffAlerts
from telehealth.domain.words import Role
from telehealth.models import Practice
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.practice_settings import (
    CALENDAR_LIMITS,
    LIMITS,
    MOVE_LIMITS,
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

MOST_COUNTRIES = 250

blueprint = Blueprint("Settings", "What holds for the whole practice. Staff read it, owners change it.")


class PaceSchema(Body):
    """How long things wait, in minutes, and how many weeks ahead standing slots become appointments."""

    grace_minutes = bounded(
        LIMITS["grace_minutes"], "Nothing is said for so long after a change: move-and-undo tells nobody."
    )
    hold_minutes = bounded(LIMITS["hold_minutes"], "A chosen slot is kept for so long while somebody types.")
    offer_minutes = bounded(LIMITS["offer_minutes"], "A slot is kept for so long for somebody from the waitlist.")
    quiet_minutes = bounded(LIMITS["quiet_minutes"], "A freed time rests for so long before it is offered.")
    series_weeks = bounded(LIMITS["series_weeks"], "So far ahead the appointments of standing slots are made.")
    no_show_minutes = bounded(
        LIMITS["no_show_minutes"], "So long after its start a client is waited for in our video room."
    )


PACE_EXAMPLE = {"grace_minutes": 3, "hold_minutes": 10, "offer_minutes": 120, "quiet_minutes": 5, "series_weeks": 10,
                "no_show_minutes": 15}  # fmt: skip


class TextSenderSchema(Body):
    """Where the practice's texts come from."""

    text_sender = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_PHONE),
        metadata={
            "description": "A number in E.164, or the id of a Messaging Service (`MG` and 32 hex digits), of the "
            "practice's own; empty: the installation's."
        },
    )


class CountriesSchema(Body):
    """Whose numbers are texted."""

    text_countries = Several(
        fields.String(validate=validate.Length(max=2)),
        required=True,
        validate=validate.Length(max=MOST_COUNTRIES),
        metadata={"description": "Codes (ISO 3166-1), `US`, `CA`; none: the practice's own country."},
    )


COUNTRIES_EXAMPLE = {"text_countries": ["CA", "US"]}
SENDER_EXAMPLE = {"text_sender": "+13035550123"}


class AlertsSchema(Body):
    """Which texts of clients' are told to staff at once, by e-mail and by text, and a number that hears of all."""

    alerts = word(
        StaffAlerts,
        required=True,
        metadata={
            "description": "`near`: urgent ones, and whatever needs a person from two hours before an appointment "
            "until it ends; `urgent`: urgent ones only; `off`: none."
        },
    )
    alert_phone = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_PHONE),
        metadata={"description": "Of the practice (E.164); empty for none. Therapists have numbers of their own."},
    )


ALERTS_EXAMPLE = {"alerts": "near", "alert_phone": "+13035550141"}


@blueprint.get("/practices/<key:practice>/pace")
@access.staff()
@operation("getPace")
@blueprint.response(200, PaceSchema, example=PACE_EXAMPLE)
def get_pace() -> Practice:
    """Read how long things wait"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/pace")
@access.staff(Role.OWNER)
@operation("changePace")
@blueprint.arguments(PaceSchema, example=PACE_EXAMPLE)
@blueprint.response(200, PaceSchema, example=PACE_EXAMPLE)
def put_pace(body: dict[str, Any]) -> dict[str, Any]:
    """Change how long things wait"""
    set_pace(practice_id=staff().practice_id, pace=PracticePace(**body), by=by_staff(), now=clock.now())
    return body


class SignInLimitsSchema(Body):
    """When sign-ins of staff end by themselves. Tokens of programs are not concerned."""

    idle_minutes = bounded(SIGN_IN_LIMITS["idle_minutes"], "So long after the last click.")
    sign_in_hours = bounded(SIGN_IN_LIMITS["sign_in_hours"], "So long after it began, in any case.")


SIGN_IN_LIMITS_EXAMPLE = {"idle_minutes": 60, "sign_in_hours": 12}


@blueprint.get("/practices/<key:practice>/sign-in-limits")
@access.staff()
@operation("getSignInLimits")
@blueprint.response(200, SignInLimitsSchema, example=SIGN_IN_LIMITS_EXAMPLE)
def get_sign_in_limits() -> Practice:
    """Read when sign-ins of staff end"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/sign-in-limits")
@access.staff(Role.OWNER)
@operation("changeSignInLimits")
@blueprint.arguments(SignInLimitsSchema, example=SIGN_IN_LIMITS_EXAMPLE)
@blueprint.response(200, SignInLimitsSchema, example=SIGN_IN_LIMITS_EXAMPLE)
def put_sign_in_limits(body: dict[str, Any]) -> dict[str, Any]:
    """Change when sign-ins of staff end"""
    limits = SignInLimits(**body)
    set_sign_in_limits(practice_id=staff().practice_id, limits=limits, by=by_staff(), now=clock.now())
    return body


class MoveRulesSchema(Body):
    """What clients may move by themselves."""

    most_moves = bounded(
        MOVE_LIMITS["most_moves"],
        "How often a client may move one appointment online; null: no limit. Moving it back does not count.",
        allow_none=True,
    )
    moves_ask_again = YesOrNo(
        required=True,
        metadata={"description": "What always needs the practice's yes needs it again when its client moves it."},
    )


MOVES_EXAMPLE = {"most_moves": 3, "moves_ask_again": True}


@blueprint.get("/practices/<key:practice>/move-rules")
@access.staff()
@operation("getMoveRules")
@blueprint.response(200, MoveRulesSchema, example=MOVES_EXAMPLE)
def get_move_rules() -> Practice:
    """Read what clients may move"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/move-rules")
@access.staff(Role.OWNER)
@operation("changeMoveRules")
@blueprint.arguments(MoveRulesSchema, example=MOVES_EXAMPLE)
@blueprint.response(200, MoveRulesSchema, example=MOVES_EXAMPLE)
def put_move_rules(body: dict[str, Any]) -> dict[str, Any]:
    """Change what clients may move"""
    set_move_rules(practice_id=staff().practice_id, rules=MoveRules(**body), by=by_staff(), now=clock.now())
    return body


class CalendarRulesSchema(Body):
    """What therapists' own calendars mean for what is offered."""

    busy_before_minutes = bounded(
        CALENDAR_LIMITS["busy_before_minutes"], "Minutes kept free before what is taken in a therapist's own calendar."
    )
    busy_after_minutes = bounded(CALENDAR_LIMITS["busy_after_minutes"], "Minutes kept free after it.")
    tentative_is_busy = YesOrNo(
        required=True, metadata={"description": "What a therapist has only half accepted takes time, too."}
    )
    unread_hours = bounded(CALENDAR_LIMITS["unread_hours"], "A calendar that was not read for so many hours is old.")
    when_unread = word(
        WhenUnread,
        required=True,
        metadata={
            "description": "When a therapist's calendar is old: go_on (what it said last counts), ask (what is booked "
            "online is a request) or stop (no time of theirs is offered)."
        },
    )


CALENDAR_RULES_EXAMPLE = {
    "busy_before_minutes": 0,
    "busy_after_minutes": 15,
    "tentative_is_busy": True,
    "unread_hours": 24,
    "when_unread": "ask",
}


@blueprint.get("/practices/<key:practice>/calendar-rules")
@access.staff()
@operation("getCalendarRules")
@blueprint.response(200, CalendarRulesSchema, example=CALENDAR_RULES_EXAMPLE)
def get_calendar_rules() -> Practice:
    """Read what therapists' own calendars mean for what is offered"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/calendar-rules")
@access.staff(Role.OWNER)
@operation("changeCalendarRules")
@blueprint.arguments(CalendarRulesSchema, example=CALENDAR_RULES_EXAMPLE)
@blueprint.response(200, CalendarRulesSchema, example=CALENDAR_RULES_EXAMPLE)
def put_calendar_rules(body: dict[str, Any]) -> dict[str, Any]:
    """Change what therapists' own calendars mean for what is offered"""
    set_calendar_rules(practice_id=staff().practice_id, rules=CalendarRules(**body), by=by_staff(), now=clock.now())
    return body


class PhoneOnlySchema(Body):
    """Whether clients may be known by their number."""

    takes_phone_only = YesOrNo(
        required=True, metadata={"description": "Staff may enter clients without an e-mail address."}
    )
    books_phone_only = YesOrNo(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whoever proves their number may book online without one. Left out, it stays."},
    )


PHONE_ONLY_EXAMPLE = {"takes_phone_only": True, "books_phone_only": True}


@blueprint.get("/practices/<key:practice>/phone-only")
@access.staff()
@operation("getPhoneOnly")
@blueprint.response(200, PhoneOnlySchema, example=PHONE_ONLY_EXAMPLE)
def get_phone_only() -> Practice:
    """Read whether there may be clients without an e-mail address"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/phone-only")
@access.staff(Role.OWNER)
@operation("changePhoneOnly")
@blueprint.arguments(PhoneOnlySchema, example=PHONE_ONLY_EXAMPLE)
@blueprint.response(200, PhoneOnlySchema, example=PHONE_ONLY_EXAMPLE)
def put_phone_only(body: dict[str, Any]) -> Practice:
    """Change whether there may be clients without an e-mail address

    They hear from the practice by text only, and only when they agreed to texts.
    """
    set_phone_only(practice_id=staff().practice_id, **body, by=by_staff(), now=clock.now())
    return find_practice(staff().practice_slug)


class MinorsSchema(Body):
    """What the practice wants where a minor is booked for whom somebody has to act."""

    when_minor = word(
        WhenMinor,
        required=True,
        metadata={
            "description": "tell (staff read so) or require (they are booked by, or with, whoever acts for them: "
            "online `born_on` is needed without a `booker`, and staff name `no_guardian` in `waived`)."
        },
    )


MINORS_EXAMPLE = {"when_minor": "require"}


@blueprint.get("/practices/<key:practice>/minors")
@access.staff()
@operation("getMinors")
@blueprint.response(200, MinorsSchema, example=MINORS_EXAMPLE)
def get_minors() -> Practice:
    """Read what the practice wants where a minor is booked"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/minors")
@access.staff(Role.OWNER)
@operation("changeMinors")
@blueprint.arguments(MinorsSchema, example=MINORS_EXAMPLE)
@blueprint.response(200, MinorsSchema, example=MINORS_EXAMPLE)
def put_minors(body: dict[str, Any]) -> Practice:
    """Change what the practice wants where a minor is booked"""
    set_when_minor(practice_id=staff().practice_id, **body, by=by_staff(), now=clock.now())
    return find_practice(staff().practice_slug)


@blueprint.get("/practices/<key:practice>/text-sender")
@access.staff()
@operation("getTextSender")
@blueprint.response(200, TextSenderSchema, example=SENDER_EXAMPLE)
def get_text_sender() -> dict[str, Any]:
    """Read where texts come from"""
    return {"text_sender": find_practice(staff().practice_slug).text_sender or ""}


@blueprint.put("/practices/<key:practice>/text-sender")
@access.staff(Role.OWNER)
@operation("changeTextSender")
@blueprint.arguments(TextSenderSchema, example=SENDER_EXAMPLE)
@blueprint.response(200, TextSenderSchema, example=SENDER_EXAMPLE)
def put_text_sender(body: dict[str, Any]) -> dict[str, Any]:
    """Choose where texts come from

    The next texts use it. What clients answer has to be posted here from it, as from the installation's own.
    """
    ours = current_app.extensions["text_senders"]
    kept = set_text_sender(practice_id=staff().practice_id, **body, ours=ours, by=by_staff(), now=clock.now())
    return {"text_sender": kept or ""}


@blueprint.get("/practices/<key:practice>/alerts")
@access.staff()
@operation("getAlerts")
@blueprint.response(200, AlertsSchema, example=ALERTS_EXAMPLE)
def get_alerts() -> dict[str, Any]:
    """Read which texts are told to staff at once"""
    found = find_practice(staff().practice_slug)
    return {"alerts": found.alerts, "alert_phone": found.alert_phone or ""}


@blueprint.put("/practices/<key:practice>/alerts")
@access.staff(Role.OWNER)
@operation("changeAlerts")
@blueprint.arguments(AlertsSchema, example=ALERTS_EXAMPLE)
@blueprint.response(200, AlertsSchema, example=ALERTS_EXAMPLE)
def put_alerts(body: dict[str, Any]) -> dict[str, Any]:
    """Choose which texts are told to staff at once

    The therapist of that client, the front desk and the owners. An alert names nobody and quotes nothing.
    """
    kept = set_alerts(practice_id=staff().practice_id, **body, by=by_staff(), now=clock.now())
    return {"alerts": body["alerts"], "alert_phone": kept or ""}


@blueprint.get("/practices/<key:practice>/text-countries")
@access.staff()
@operation("getTextCountries")
@blueprint.response(200, CountriesSchema, example=COUNTRIES_EXAMPLE)
def get_text_countries() -> Practice:
    """Read which countries are texted"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/text-countries")
@access.staff(Role.OWNER)
@operation("changeTextCountries")
@blueprint.arguments(CountriesSchema, example=COUNTRIES_EXAMPLE)
@blueprint.response(200, CountriesSchema, example=COUNTRIES_EXAMPLE)
def put_text_countries(body: dict[str, Any]) -> dict[str, Any]:
    """Choose which countries are texted

    Numbers elsewhere, and satellite and premium numbers anywhere, are not: whoever agreed to texts there is e-mailed.
    """
    kept = set_text_countries(
        practice_id=staff().practice_id, countries=body["text_countries"], by=by_staff(), now=clock.now()
    )
    return {"text_countries": kept}
