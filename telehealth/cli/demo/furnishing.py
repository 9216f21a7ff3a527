"""Opening the demo practice: its people, what they offer, where and when, and how clients are reminded."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache

from flask_security import hash_password

from telehealth.cli.demo.drawing import draw_logo, draw_portrait
from telehealth.cli.demo.reading import PASSWORD, SLUG, Demo, Facts, on_weekday
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.rules import Rule
from telehealth.domain.words import Mode, Role
from telehealth.models import Location, Service, Therapist
from telehealth.services.audit import COMMAND
from telehealth.services.hours.hours_setting import TimeOffWish, WeeklyWish, add_hours_entry
from telehealth.services.messages.rule_setting import RuleScope, RulesWish, save_rules
from telehealth.services.practice import catalogue, places, therapists
from telehealth.services.practice.accounts import NewLogin, add_login
from telehealth.services.practice.founding import create_practice
from telehealth.services.practice.pictures import set_logo, set_photo
from telehealth.services.practice.policies import NewTerms, change_terms
from telehealth.services.practice.practice_profile import PracticeProfile
from telehealth.services.practice.practice_settings import put_first_steps_away

BY_STAFF = COMMAND


def open_practice(facts: Facts, *, now: datetime) -> Demo:
    """With everything that is set up some weeks before ``now``."""
    # Whoever tries it out wants to read the messages at once: no grace.
    owner = _login(facts["owner"])
    profile = PracticeProfile(**facts["practice"], about=facts["about"])
    practice = create_practice(slug=SLUG, profile=profile, owner=owner, grace_minutes=0, by=BY_STAFF, now=now)
    set_logo(practice_id=practice.id, file=draw_logo(facts["logo"]), by=BY_STAFF, now=now)
    put_first_steps_away(practice_id=practice.id, is_away=True, by=BY_STAFF, now=now)
    add_login(practice_id=practice.id, login=_login(facts["front_desk"]), role=Role.FRONT_DESK, by=BY_STAFF, now=now)
    demo = Demo(practice.id, facts, now)
    for section, add in {
        "services": _add_service,
        "places": _add_place,
        "therapists": _add_therapist,
        "time_off": _add_time_off,
        "reminders": _set_reminders,
    }.items():
        for told in facts[section]:
            add(demo, told, {"practice_id": practice.id, "now": demo.opened})
    return demo


def _login(person: Facts) -> NewLogin:
    return NewLogin(name=person["name"], email=person["email"], password_hash=_password_hash())


@cache
def _password_hash() -> str:
    """Everybody's: made to be slow, and no secret."""
    return hash_password(PASSWORD)


def _without(told: Facts, *keys: str) -> Facts:
    return {key: value for key, value in told.items() if key not in keys}


def _add_service(demo: Demo, told: Facts, then: Facts) -> None:
    position = 1 + demo.facts["services"].index(told)
    facts = catalogue.ServiceFacts(**_without(told, "terms", "asked_for"), position=position)
    service = catalogue.add_service(facts=facts, by=BY_STAFF, **then)
    if "terms" in told:
        change_terms(service_public_id=service.public_id, terms=NewTerms(**told["terms"]), by=BY_STAFF, **then)


def _add_place(_demo: Demo, told: Facts, then: Facts) -> None:
    uses = {room["name"]: room.get("used_as", "") for room in told["rooms"]}
    place = places.add_location(facts=places.LocationFacts(**{**told, "rooms": list(uses)}), by=BY_STAFF, **then)
    for room in place.rooms:
        places.set_room(room_public_id=room.public_id, kind=uses[room.name], by=BY_STAFF, **then)


def _add_therapist(demo: Demo, told: Facts, then: Facts) -> None:
    first, last = (demo.now.date() + timedelta(days=days) for days in (-900, 500))
    licences = [(state, first, last) for state in told["states"]]
    facts = therapists.TherapistFacts(**_without(told, "states", "hours", "limits", "portrait"), licences=licences)
    therapist = therapists.add_therapist(facts=facts, login=_login(told), by=BY_STAFF, **then)
    photo = draw_portrait(told["portrait"])
    set_photo(therapist_public_id=therapist.public_id, file=photo, by=BY_STAFF, **then)
    limits = therapists.TherapistLimits(**{"longest_run": None, **demo.facts["usual_limits"], **told.get("limits", {})})
    therapists.change_limits(therapist_id=therapist.id, limits=limits, by=BY_STAFF, **then)
    for span in told["hours"]:
        place = demo.find(Location, span["place"]).public_id if "place" in span else None
        modes = [Mode.VIRTUAL, Mode.PHONE] + ([Mode.IN_PERSON] if place else [])
        for day in span["days"]:
            wish = WeeklyWish(day, span["from"], span["until"], modes, place)
            add_hours_entry(therapist_id=therapist.id, wish=wish, by=BY_STAFF, **then)


def _add_time_off(demo: Demo, told: Facts, then: Facts) -> None:
    day = demo.now.date() + timedelta(days=told["in_days"])
    starts = datetime.combine(on_weekday(day, told.get("weekday", day.weekday())), time())
    ends = starts + timedelta(days=told["for_days"])
    wish = TimeOffWish(starts, ends, told["note"])
    add_hours_entry(therapist_id=demo.find(Therapist, told["therapist"]).id, wish=wish, by=BY_STAFF, **then)


def _set_reminders(demo: Demo, told: Facts, then: Facts) -> None:
    rules = [Rule(MessageKind.REMINDER, each["channel"], each["minutes"]) for each in told["rules"]]
    scope = RuleScope(service=demo.find(Service, told["service"]).public_id)
    wish = RulesWish(MessageKind.REMINDER, rules, scope)
    save_rules(wish=wish, by=BY_STAFF, **then)
