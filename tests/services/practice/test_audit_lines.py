"""Whatever a practice sets leaves a line of audit: who, what, and what it was before. Never a secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain import links
from telehealth.domain.access import Scope
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import Rule
from telehealth.domain.sealing import KeyRing
from telehealth.domain.words import Approval, LateChange, Mode, Role, ServiceKind, VideoKind
from telehealth.models import ApiToken, CalendarFeed, Login, Practice, PracticeEvent, Service, User
from telehealth.queries.practice.staff import list_tokens
from telehealth.services.audit import LONGEST_TOLD, ActedBy
from telehealth.services.calendars.feed_addresses import FeedWish, add_feed, change_feed, close_feed, renew_feed
from telehealth.services.consent.companions import add_companion
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.inbox.alert_rules import Duty, add_duty
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.password_setting import set_password
from telehealth.services.logins.second_factor import keep_authenticator, make_recovery_codes, require_second_step
from telehealth.services.messages.rule_setting import (
    RuleScope,
    RulesWish,
    Texting,
    forget_rules,
    save_rules,
    set_texting,
)
from telehealth.services.messages.template_setting import Wording, delete_template, save_template
from telehealth.services.practice.accounts import NewLogin, add_login
from telehealth.services.practice.catalogue import (
    ServiceFacts,
    add_service,
    change_service,
    end_service,
    reopen_service,
)
from telehealth.services.practice.client_files import set_language
from telehealth.services.practice.client_importing import take_client_file
from telehealth.services.practice.exporting import Exported, record_export
from telehealth.services.practice.founding import create_practice
from telehealth.services.practice.places import LocationFacts, add_location, add_room, end_location, end_room, set_room
from telehealth.services.practice.policies import NewTerms, change_terms
from telehealth.services.practice.practice_profile import PracticeProfile, change_practice_profile
from telehealth.services.practice.practice_settings import (
    PracticePace,
    SignInLimits,
    set_pace,
    set_sign_in_limits,
    set_text_sender,
    set_when_minor,
)
from telehealth.services.practice.sign_ins import begin_sign_in, end_all_sign_ins
from telehealth.services.practice.therapists import (
    LicenceFacts,
    TherapistFacts,
    TherapistLimits,
    add_licence,
    add_therapist,
    change_limits,
    end_licence,
)
from telehealth.services.practice.token_issuing import end_token, issue_token
from telehealth.services.video.choosing import choose_video_of_practice
from telehealth.services.video.connecting import connect_video
from tests.factories import Office, book, make_client, make_office, make_user
from tests.factories import add_licence as keep_licence
from tests.factories.connections import connect_calendars
from tests.moments import NOW

BY_COMMAND = ActedBy(Actor.STAFF, via=Via.COMMAND)
HASH = "$argon2id$v=19$a-hash"
KEY = NewPasskey("an-id", "a-public-key", 0)
SAM_HILL = NewLogin("Sam Hill", "sam@riverside.example", HASH)
REMINDERS = [Rule(MessageKind.REMINDER, Channel.EMAIL, 2880)]
KEPT_REMINDER = {
    "channel": "email",
    "minutes": 2880,
    "modes": ["virtual", "in_person", "phone"],
    "is_on": True,
    "template": "",
}


@dataclass(frozen=True)
class Desk:
    """An office, and its owner in front of the desk."""

    office: Office
    owner: User

    @property
    def by(self) -> ActedBy:
        return ActedBy(Actor.STAFF, user_id=self.owner.id, via=Via.PAGE, remote_address="10.1.2.3")

    @property
    def set(self) -> dict[str, Any]:
        """What every change takes."""
        return {"practice_id": self.office.practice.id, "by": self.by, "now": NOW}

    @property
    def about_therapist(self) -> dict[str, Any]:
        return {**self.set, "therapist_id": self.office.therapist.id}

    @property
    def about_service(self) -> dict[str, Any]:
        return {**self.set, "service_public_id": self.office.service.public_id}


@pytest.fixture
def desk(database: Session) -> Desk:
    office = make_office(practice={"email": "desk@riverside.example"}, therapist={"name": "Dana Rivera"})
    return Desk(office, make_user(office.practice, name="Robin Reed"))


def lines(database: Session, office: Office) -> list[PracticeEvent]:
    database.expire_all()
    wanted = select(PracticeEvent).where(PracticeEvent.practice_id == office.practice.id)
    return list(database.scalars(wanted.order_by(PracticeEvent.id)))


TOLD = {
    "subject": "therapist", "whose": "Dana Rivera", "detail": "busy", "shows_place": False, "shows_time_off": True,
    "shows_standing": True,
}  # fmt: skip


def make_address(desk: Desk) -> tuple[CalendarFeed, str]:
    owner = desk.office.therapist.public_id
    wish = FeedWish(name="My phone")
    return add_feed(**desk.set, subject=FeedSubject.THERAPIST, owner_public_id=owner, wish=wish)


def facts(service: Service, **given: Any) -> ServiceFacts:
    """The service as it is, but for what is given."""
    values = {name: getattr(service, name) for name in ServiceFacts.__slots__ if name != "therapists"}
    values |= {"room_kind": service.room_kind or "", "modes": [Mode(each) for each in service.modes], **given}
    return ServiceFacts(**values)


def save_reminders(desk: Desk, **scope: str) -> None:
    save_rules(**desk.set, wish=RulesWish(MessageKind.REMINDER, REMINDERS, RuleScope(**scope)))


def save_words(desk: Desk, body: str) -> str:
    wording = Wording(MessageKind.REMINDER, Channel.TEXT, "en", body, name="Short")
    return save_template(**desk.set, wanted=wording).public_id


def add_a_companion(desk: Desk) -> None:
    client = make_client(desk.office.practice, name="Jane Doe")
    maria = CompanionFacts("Maria Doe", Relationship.PARENT, "maria@example.com")
    add_companion(**desk.set, client_public_id=client.public_id, facts=maria)


def change_preferences(desk: Desk) -> None:
    client = make_client(desk.office.practice, name="Jane Doe")
    wish = ContactPreferences("es", code_name="J.", safe_email="jane@safe.example")
    change_contact_preferences(**desk.set, client_public_id=client.public_id, wish=wish)


def end_every_sign_in(desk: Desk) -> None:
    for _ in range(2):
        begin_sign_in(login_id=desk.owner.login_id, now=NOW)
    end_all_sign_ins(login_id=desk.owner.login_id, by=desk.by, now=NOW)


def end_utah(desk: Desk) -> None:
    held = keep_licence(desk.office.therapist, "UT", valid_until=date(2027, 1, 1))
    end_licence(**desk.about_therapist, licence_id=held.id, last_day=date(2026, 12, 1))


A, S = AuditAction, AuditSubject
LONGER = {
    "kind": "individual",
    "name": "Longer",
    "duration_minutes": 80,
    "modes": ["virtual", "in_person", "phone"],
    "description": "",
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "step_minutes": 30,
    "notice_minutes": 0,
    "horizon_days": 60,
    "position": 0,
    "other_lengths": [],
    "capacity": 1,
    "opened_by_staff": False,
    "when_one_cancels": "all_off",
    "load_percent": 100,
    "approval": "never",
    "approval_minutes": 2880,
    "room_kind": None,
    "therapists_needed": 1,
    "open_to": "everybody",
    "price_shown": True,
    "fee_note": "",
    "colour": None,
    "price": None,
    "therapists": [],
}
SAM = {
    "name": "Sam Okafor",
    "video_url": None,
    "credential": "LPC",
    "email": "sam@riverside.example",
    "timezone": "America/Denver",
    "about": "",
    "modalities": [],
    "specialties": [],
    "languages": ["English"],
    "daily_cap": None,
    "services": ["Individual session"],
    "licences": [],
}


def profile(practice: Practice, **given: Any) -> PracticeProfile:
    """The practice as it is, but for what is given."""
    return PracticeProfile(**{**{name: getattr(practice, name) for name in PracticeProfile.__slots__}, **given})


TEXTING = Texting(9 * 60, 20 * 60, 6, Discretion.DISCREET)
PACE = PracticePace(
    grace_minutes=5, hold_minutes=10, offer_minutes=120, quiet_minutes=5, series_weeks=10, no_show_minutes=15
)
Case = tuple[Callable[[Desk], object], AuditSubject, AuditAction, str, dict[str, Any]]
CHANGES: dict[str, Case] = {
    "sender": (
        lambda desk: change_practice_profile(
            **desk.set,
            profile=profile(
                desk.office.practice, sender_name="River", phone="303 555 0188", email="a@riverside.example"
            ),
        ),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {
            "before": {"sender_name": "Riverside Office", "phone": "(303) 555-0100", "email": "desk@riverside.example"},
            "after": {"sender_name": "River", "phone": "+13035550188", "email": "a@riverside.example"},
        },
    ),
    "text sender": (
        lambda desk: set_text_sender(**desk.set, text_sender="303 555 0199", ours=()),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {"before": {"text_sender": None}, "after": {"text_sender": "+13035550199"}},
    ),
    "video for all": (
        lambda desk: choose_video_of_practice(**desk.set, kind=VideoKind.BUILT_IN, house=VideoKind.JITSI),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {"before": {"video_kind": None}, "after": {"video_kind": "built_in"}},
    ),
    "a video service": (
        lambda desk: connect_video(
            **desk.set, kind=VideoKind.FIXED, typed={"address": "doxy.example/river"}, ring=KeyRing([])
        ),
        S.VIDEO_CONNECTION, A.ADDED, "Fixed link",
        {"after": {"address": "https://doxy.example/river"}},
    ),
    "minors": (
        lambda desk: set_when_minor(**desk.set, when_minor=WhenMinor.REQUIRE),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {"before": {"when_minor": "tell"}, "after": {"when_minor": "require"}},
    ),
    "sign-in limits": (
        lambda desk: set_sign_in_limits(**desk.set, limits=SignInLimits(idle_minutes=90, sign_in_hours=12)),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {"before": {"idle_minutes": 60}, "after": {"idle_minutes": 90}},
    ),
    "everybody's second step": (
        lambda desk: require_second_step(practice_id=desk.office.practice.id, since=NOW, by=desk.by, now=NOW),
        S.PRACTICE, A.CHANGED, "",
        {"before": {"second_step_since": None}, "after": {"second_step_since": NOW.isoformat()}},
    ),
    "a passkey": (
        lambda desk: add_passkey(login_id=desk.owner.login_id, name="Blue key", made=KEY, by=desk.by, now=NOW),
        S.PASSKEY, A.ADDED, "Robin Reed", {"called": "Blue key"},
    ),
    "pace": (
        lambda desk: set_pace(**desk.set, pace=PACE),
        S.PRACTICE, A.CHANGED, "Riverside Counseling",
        {"before": {"grace_minutes": 3}, "after": {"grace_minutes": 5}},
    ),
    "another service": (
        lambda desk: add_service(**desk.set, facts=facts(desk.office.service, name="Longer", duration_minutes=80)),
        S.SERVICE, A.ADDED, "Longer", {"after": LONGER},
    ),
    "a service": (
        lambda desk: change_service(
            **desk.about_service,
            facts=facts(desk.office.service, kind=ServiceKind.INTAKE, approval=Approval.ALWAYS, therapists=[]),
        ),
        S.SERVICE, A.CHANGED, "Individual session",
        {
            "before": {"kind": "individual", "approval": "never", "therapists": ["Dana Rivera"]},
            "after": {"kind": "intake", "approval": "always", "therapists": []},
        },
    ),
    "a closed service": (
        lambda desk: end_service(**desk.about_service), S.SERVICE, A.ENDED, "Individual session", {},
    ),
    "terms": (
        lambda desk: change_terms(**desk.about_service, terms=NewTerms(2880, LateChange.CALL, "Half the fee.")),
        S.TERMS, A.CHANGED, "Individual session",
        {
            "before": {"window_minutes": None, "when_late": None, "terms": None},
            "after": {"window_minutes": 2880, "when_late": "call", "terms": "Half the fee."},
        },
    ),
    "a place": (
        lambda desk: add_location(
            **desk.set, facts=LocationFacts("Annex", "2 Main Street", "CO", "America/Denver", ["Blue", "Red"])
        ),
        S.LOCATION, A.ADDED, "Annex",
        {
            "after": {
                "name": "Annex",
                "address": "2 Main Street",
                "jurisdiction": "CO",
                "timezone": "America/Denver",
                "directions": "",
                "map_url": "",
                "rooms": ["Blue", "Red"],
            }
        },
    ),
    "a closed place": (
        lambda desk: end_location(**desk.set, location_public_id=desk.office.location.public_id),
        S.LOCATION, A.ENDED, "Main Street office", {},
    ),
    "a closed room": (
        lambda desk: end_room(**desk.set, room_public_id=desk.office.room.public_id),
        S.ROOM, A.ENDED, "Room 1, Main Street office", {},
    ),
    "a room more": (
        lambda desk: add_room(**desk.set, location_public_id=desk.office.location.public_id, name="Blue"),
        S.ROOM, A.ADDED, "Blue, Main Street office", {"after": {"name": "Blue", "kind": ""}},
    ),
    "a room": (
        lambda desk: set_room(**desk.set, room_public_id=desk.office.room.public_id, kind="playroom"),
        S.ROOM, A.CHANGED, "Room 1, Main Street office", {"before": {"kind": ""}, "after": {"kind": "playroom"}},
    ),
    "a therapist": (
        lambda desk: add_therapist(
            **desk.set, facts=TherapistFacts("Sam Okafor", "LPC", "sam@riverside.example", "America/Denver")
        ),
        S.THERAPIST, A.ADDED, "Sam Okafor", {"after": SAM},
    ),
    "a licence": (
        lambda desk: add_licence(**desk.about_therapist, facts=LicenceFacts("UT", date(2026, 1, 1), number="U 1")),
        S.LICENCE, A.ADDED, "Utah, Dana Rivera",
        {"after": {"basis": "licence", "number": "U 1", "valid_from": "2026-01-01", "valid_until": None}},
    ),
    "the end of a licence": (
        end_utah, S.LICENCE, A.CHANGED, "Utah, Dana Rivera",
        {"before": {"valid_until": "2027-01-01"}, "after": {"valid_until": "2026-12-01"}},
    ),
    "limits": (
        lambda desk: change_limits(**desk.about_therapist, limits=TherapistLimits(6, None, 3)),
        S.LIMITS, A.CHANGED, "Dana Rivera",
        {"before": {"daily_cap": None, "longest_run": None}, "after": {"daily_cap": 6, "longest_run": 3}},
    ),
    "a calendar address": (
        make_address,
        S.FEED, A.ADDED, "My phone", {"after": TOLD},
    ),
    "reminders": (
        save_reminders, S.MESSAGE_RULES, A.CHANGED, "",
        {"kind": "reminder", "before": {"rules": None}, "after": {"rules": [KEPT_REMINDER]}},
    ),
    "reminders of a service": (
        lambda desk: save_reminders(desk, service=desk.office.service.public_id),
        S.MESSAGE_RULES, A.CHANGED, "Individual session",
        {"kind": "reminder", "of": "service", "before": {"rules": None}, "after": {"rules": [KEPT_REMINDER]}},
    ),
    "texting hours": (
        lambda desk: set_texting(**desk.set, texting=TEXTING),
        S.TEXTING_HOURS, A.CHANGED, "Riverside Counseling",
        {"before": {"texts_from": 480, "texts_until": 1260}, "after": {"texts_from": 540, "texts_until": 1200}},
    ),
    "words": (
        lambda desk: save_words(desk, "See you {{ when }}"),
        S.MESSAGE_TEMPLATE, A.ADDED, "Short",
        {
            "kind": "reminder",
            "channel": "text",
            "locale": "en",
            "after": {"subject": "", "body": "See you {{ when }}"},
        },
    ),
    "a login": (
        lambda desk: add_login(**desk.set, login=SAM_HILL, role=Role.FRONT_DESK),
        S.LOGIN, A.ADDED, "Sam Hill", {"after": {"email": "sam@riverside.example", "role": "front_desk"}},
    ),
    "a password": (
        lambda desk: set_password(email=desk.owner.email, password_hash=HASH, by=desk.by, now=NOW),
        S.PASSWORD, A.CHANGED, "Robin Reed", {},
    ),
    "a second step": (
        lambda desk: keep_authenticator(login_id=desk.owner.login_id, secret="encrypted", by=desk.by, now=NOW),
        S.SECOND_STEP, A.ADDED, "Robin Reed", {},
    ),
    "recovery codes": (
        lambda desk: make_recovery_codes(login_id=desk.owner.login_id, by=desk.by, now=NOW),
        S.RECOVERY_CODES, A.ADDED, "Robin Reed", {"count": 10},
    ),
    "sign-ins": (end_every_sign_in, S.SIGN_INS, A.ENDED, "Robin Reed", {"count": 2}),
    "a token": (
        lambda desk: issue_token(**desk.set, user_id=desk.owner.id, name="Billing"),
        S.API_TOKEN, A.ADDED, "Billing", {"after": {"acts_for": "Robin Reed", "scopes": [*Scope]}},
    ),
    "who is on duty": (
        lambda desk: add_duty(**desk.set, duty=Duty(desk.owner.public_id, weekday=6, starts=9 * 60, ends=12 * 60)),
        S.ALERTS, A.ADDED, "On duty: Robin Reed", {"after": {"weekday": 6, "starts": 540, "ends": 720}},
    ),
    "appointments taken along": (
        lambda desk: record_export(
            **desk.set, what=Exported.APPOINTMENTS, first=date(2026, 11, 1), last=date(2026, 11, 30)
        ),
        S.EXPORT, A.CREATED, "appointments", {"first_day": "2026-11-01", "last_day": "2026-11-30"},
    ),
    "a file of clients": (
        lambda desk: take_client_file(**desk.set, file_name="clients.csv", data=b"Name,E-mail\nJane,j@example.com"),
        S.CLIENT_IMPORT, A.ADDED, "a file", {"lines": 1},
    ),
    "a calendar elsewhere": (
        lambda desk: connect_calendars(desk.office.therapist, by=desk.by),
        S.CALENDAR_CONNECTION, A.ADDED, "Fastmail, Dana Rivera",
        {"after": {"kind": "caldav", "calendars_taking_time": 2, "calendars": 2}},
    ),
    "who acts for a client": (
        add_a_companion, S.COMPANION, A.ADDED, "Maria Doe",
        {
            "after": {
                "name": "Maria Doe", "relationship": "parent", "email": "maria@example.com", "phone": None,
                "locale": "en", "messages_to": "client", "may_change": True, "wants_texts": False,
            },
        },
    ),
    "how a client is reached": (
        change_preferences, S.CLIENT, A.CHANGED, "Jane Doe",
        {
            "before": {"locale": "en", "code_name": "", "safe_email": None},
            "after": {"locale": "es", "code_name": "J.", "safe_email": "jane@safe.example"},
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_leaves_one_line(database: Session, desk: Desk, what: str) -> None:
    act, subject, action, name, details = CHANGES[what]
    act(desk)
    [line] = lines(database, desk.office)
    assert (line.subject, line.action, line.name) == (subject, action, name)
    assert (line.actor, line.user_id, line.via) == (Actor.STAFF, desk.owner.id, Via.PAGE)
    assert (line.remote_address, line.at) == ("10.1.2.3", NOW)
    assert line.details == details


@pytest.mark.parametrize("subject", list(AuditSubject))
def test_every_subject_is_something_that_leaves_a_line(subject: AuditSubject) -> None:
    """Those of hours are tested with the hours."""
    of_hours = {S.CLOSURE, S.WEEKLY_HOURS, S.OVERRIDE, S.TIME_OFF, S.BUSY_TIME}
    assert subject in of_hours | {of for _, of, *_ in CHANGES.values()}


def test_a_change_that_changes_nothing_leaves_no_line(database: Session, desk: Desk) -> None:
    office, practice = desk.office, desk.office.practice
    client = make_client(practice)
    wish = ContactPreferences(client.locale)
    change_practice_profile(**desk.set, profile=profile(practice))
    assert lines(database, office).pop().details["after"] == {"phone": "+13035550100"}, "in another form"
    before = len(lines(database, office))
    change_practice_profile(**desk.set, profile=profile(practice))
    set_text_sender(**desk.set, text_sender="", ours=())
    set_pace(**desk.set, pace=PracticePace(**{name: getattr(practice, name) for name in PracticePace.__slots__}))
    set_texting(**desk.set, texting=Texting(**{name: getattr(practice, name) for name in Texting.__slots__}))
    change_service(**desk.about_service, facts=facts(office.service, therapists=[office.therapist.public_id]))
    reopen_service(**desk.about_service)
    set_room(**desk.set, room_public_id=office.room.public_id, kind=office.room.kind)
    change_limits(**desk.about_therapist, limits=TherapistLimits(None, None, None))
    forget_rules(**desk.set, kind=MessageKind.REMINDER, scope=RuleScope())
    end_all_sign_ins(login_id=desk.owner.login_id, by=desk.by, now=NOW)
    set_language(**desk.set, client_public_id=client.public_id, locale=client.locale)
    change_contact_preferences(**desk.set, client_public_id=client.public_id, wish=wish)
    assert len(lines(database, office)) == before


def test_the_same_again_leaves_no_second_line(database: Session, desk: Desk) -> None:
    token = issue_token(**desk.set, user_id=desk.owner.id, name="Billing")
    public_id = list_tokens(desk.office.practice.id)[0].public_id
    for _ in range(2):
        end_service(**desk.about_service)
        end_token(practice_id=desk.office.practice.id, public_id=public_id, by=desk.by, now=NOW)
        change_terms(**desk.about_service, terms=NewTerms(60))
        save_words(desk, "See you {{ when }}")
        save_reminders(desk)
    said = [(line.subject, line.action) for line in lines(database, desk.office)]
    assert token
    assert said == [
        (S.API_TOKEN, A.ADDED),
        (S.SERVICE, A.ENDED),
        (S.API_TOKEN, A.ENDED),
        (S.TERMS, A.CHANGED),
        (S.MESSAGE_TEMPLATE, A.ADDED),
        (S.MESSAGE_RULES, A.CHANGED),
    ]


def test_the_life_of_a_calendar_address(database: Session, desk: Desk) -> None:
    feed, _ = make_address(desk)
    which = {**desk.set, "feed_public_id": feed.public_id}
    renew_feed(**which)
    for _ in range(2):
        change_feed(**which, wish=FeedWish(name="My phone", detail=FeedDetail.FULL, shows_place=True))
    close_feed(**which)
    assert [(line.action, line.details) for line in lines(database, desk.office)] == [
        (A.ADDED, {"after": TOLD}),
        (A.CHANGED, {"renewed": True}),
        (
            A.CHANGED,
            {"before": {"detail": "busy", "shows_place": False}, "after": {"detail": "full", "shows_place": True}},
        ),
        (A.REMOVED, {"before": {**TOLD, "detail": "full", "shows_place": True}}),
    ]
    assert {line.subject_public_id for line in lines(database, desk.office)} == {feed.public_id}
    for deed in (renew_feed, close_feed):
        with pytest.raises(NotFound):
            deed(**{**which, "practice_id": make_office().practice.id})


def test_a_service_opens_again_and_rules_and_words_go(database: Session, desk: Desk) -> None:
    end_service(**desk.about_service)
    reopen_service(**desk.about_service)
    save_reminders(desk)
    forget_rules(**desk.set, kind=MessageKind.REMINDER, scope=RuleScope())
    template = save_words(desk, "See you {{ when }}")
    delete_template(**desk.set, public_id=template)
    _, opened, _, forgotten, _, removed = lines(database, desk.office)
    assert opened.action == A.REOPENED
    assert forgotten.details["before"] == {"rules": [KEPT_REMINDER]}
    assert forgotten.details["after"] == {"rules": None}
    assert (removed.action, removed.subject_public_id) == (A.REMOVED, template)
    assert removed.details["before"]["body"] == "See you {{ when }}"


def test_a_practice_begins_with_two_lines(database: Session) -> None:
    made = create_practice(
        slug="elm",
        profile=PracticeProfile("Elm", "Elm", "hello@elm.example", "+13035550100", "America/Denver"),
        owner=NewLogin("Ana", "ana@elm.example", HASH),
        by=BY_COMMAND,
        now=NOW,
    )
    found = database.scalars(select(PracticeEvent).where(PracticeEvent.practice_id == made.id)).all()
    assert [(line.subject, line.name, line.via) for line in found] == [
        (S.PRACTICE, "Elm", Via.COMMAND),
        (S.LOGIN, "Ana", Via.COMMAND),
    ]


def test_a_therapist_with_a_login_leaves_two_lines(database: Session, desk: Desk) -> None:
    who = TherapistFacts(
        "Sam Okafor", "LPC", "sam@riverside.example", "America/Denver", [("CO", date(2026, 1, 1), None)]
    )
    made = add_therapist(**desk.set, facts=who, login=NewLogin("Sam Okafor", "sam@riverside.example", HASH))
    login, therapist = lines(database, desk.office)
    assert (login.subject, login.details["after"]["role"]) == (S.LOGIN, "therapist")
    assert (therapist.subject, therapist.subject_public_id) == (S.THERAPIST, made.public_id)
    assert therapist.details["after"]["licences"] == ["CO"]


def test_a_login_that_gives_care_as_well_is_one_more_line(database: Session, desk: Desk) -> None:
    who = TherapistFacts("Robin Reed", "LPC", "robin@riverside.example", "America/Denver")
    add_therapist(**desk.set, facts=who, login=desk.owner.id)
    login, therapist = lines(database, desk.office)
    assert (login.subject, login.name, therapist.subject) == (S.LOGIN, "Robin Reed", S.THERAPIST)
    assert login.details == {"before": {"roles": ["owner"]}, "after": {"roles": ["owner", "therapist"]}}


def test_a_client_chooses_a_language_with_a_link(database: Session, desk: Desk) -> None:
    client = make_client(desk.office.practice, name="Jane Doe")
    by = ActedBy(Actor.CLIENT, via=Via.LINK)
    set_language(practice_id=client.practice_id, client_public_id=client.public_id, locale="es", by=by, now=NOW)
    [line] = lines(database, desk.office)
    assert (line.actor, line.user_id, line.via) == (Actor.CLIENT, None, Via.LINK)
    assert line.details == {"before": {"locale": "en"}, "after": {"locale": "es"}}


def test_what_is_refused_leaves_no_line(database: Session, desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        change_limits(**desk.about_therapist, limits=TherapistLimits(0, None, None))
    with pytest.raises(InvalidInput):
        change_service(**desk.about_service, facts=facts(desk.office.service, name=""))
    with pytest.raises(NotFound):
        change_service(**desk.about_service, facts=facts(desk.office.service, name="Other", therapists=["nobody"]))
    book(desk.office)
    assert lines(database, desk.office) == []


def test_long_words_are_told_from_where_they_part(database: Session, desk: Desk) -> None:
    alike = "word " * 60
    for end in ("one {{ when }}", "two {{ when }}"):
        save_words(desk, f"{alike}{end}")
    added, changed = lines(database, desk.office)
    assert len(added.details["after"]["body"]) == LONGEST_TOLD
    assert added.details["after"]["body"].endswith("…")
    assert changed.details["before"]["body"] == "…word word word word one {{ when }}"
    assert changed.details["after"]["body"] == "…word word word word two {{ when }}"


def test_no_line_holds_a_secret(database: Session, desk: Desk) -> None:
    feed, feed_secret = make_address(desk)
    secrets = [
        issue_token(**desk.set, user_id=desk.owner.id, name="Billing"),
        feed_secret,
        renew_feed(**desk.set, feed_public_id=feed.public_id)[1],
        begin_sign_in(login_id=desk.owner.login_id, now=NOW),
    ]
    add_login(**desk.set, login=SAM_HILL, role=Role.OWNER)
    set_password(email=desk.owner.email, password_hash=f"{HASH}-2", by=desk.by, now=NOW)
    end_all_sign_ins(login_id=desk.owner.login_id, by=desk.by, now=NOW)
    digests = [*database.scalars(select(ApiToken.secret_digest)), *database.scalars(select(CalendarFeed.secret_digest))]
    uniquifiers = list(database.scalars(select(Login.fs_uniquifier)))
    written = " ".join(f"{line.name} {line.subject_public_id} {line.details}" for line in lines(database, desk.office))
    assert len(lines(database, desk.office)) == 5
    for secret in [*secrets, *map(links.digest_of, secrets), *digests, *uniquifiers, HASH, "argon2"]:
        assert secret not in written
