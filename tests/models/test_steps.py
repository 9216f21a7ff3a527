"""Steps of the schema that fill in what earlier rows did not know."""

from __future__ import annotations

import runpy
from datetime import date, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import String, column, insert, inspect, literal, select, table, text, update

from telehealth.adapters.inbound_mail import read_mail
from telehealth.database import db, transaction
from telehealth.domain.access import Scope
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.inbox.alerting import AlertReason, StaffAlerts
from telehealth.domain.inbox.inbound_mail import MailFate
from telehealth.domain.message_words import Channel, MessageKind, SuppressionReason
from telehealth.domain.reasons import say_why
from telehealth.domain.words import AppointmentStatus, Mode, OccurrenceStatus, Role
from telehealth.models import (
    Alert,
    Appointment,
    AppointmentEvent,
    Attendee,
    BusyInterval,
    CalendarChannel,
    CalendarFeed,
    Client,
    ConnectedCalendar,
    Login,
    LoginLetter,
    Message,
    Occupancy,
    Occurrence,
    Passkey,
    Practice,
    PracticeEvent,
    RecoveryCode,
    RemoteEntry,
    SignIn,
    Suppression,
    Task,
    Therapist,
    TimeOff,
    User,
)
from telehealth.queries.calendars.feeds import find_feed_by_secret
from telehealth.queries.hours.busy_intervals import TIMES, select_busy
from telehealth.queries.practice.api_tokens import find_api_token
from telehealth.services.appointments.asking import ask_to_move
from telehealth.services.calendars.written_calendars import WritingWish
from telehealth.services.consent.suppressions import leave_address_alone, pause_texts
from telehealth.services.delivery.inbound_mail import take_mail
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.logins.new_browsers import tell_of_new_browser
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.second_factor import CODES, end_second_step, make_recovery_codes
from telehealth.services.practice.sign_ins import begin_sign_in
from telehealth.services.practice.token_issuing import issue_token
from telehealth.services.series.members import add_member
from tests import databases
from tests.factories import (
    BY_STAFF,
    add_busy,
    add_time_off,
    book,
    make_client,
    make_contact,
    make_group_office,
    make_office,
    make_series,
    make_user,
)
from tests.factories.connections import make_connected_calendar, make_connection
from tests.factories.feeds import make_feed
from tests.factories.rows import change, keep
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at
from tests.read_samples import answer_to
from tests.writing_calendars import WrittenPlace

STEPS = Path(__file__).resolve().parents[2] / "migrations" / "versions"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_dates_of_standing_slots_learn_for_how_long_they_are_kept(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, group, shorter = make_office(), make_group_office(buffer_after_minutes=10), make_group_office()
        make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)], count=20)
        for each in (group, shorter):
            make_series(each, contacts=[], count=20)
        for each, minutes in ((office, 80), (group, 80), (shorter, 30)):
            each.service.duration_minutes = minutes
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0015")
        flask_migrate.upgrade()
        planned = select(Occurrence).where(Occurrence.status == OccurrenceStatus.PLANNED).order_by(Occurrence.id)
        rows = db.session.scalars(planned).all()
        # Clients and rooms say it. Where there is neither, it is what the service says, within what is kept.
        assert [row.duration_minutes for row in rows] == [50] * 11 + [60] * 11 + [30] * 11
        kept = select(Occupancy).where(Occupancy.occurrence_id.is_not(None), Occupancy.core_starts_at.is_not(None))
        ends = {row.occurrence_id: row.core_ends_at for row in db.session.scalars(kept)}
        assert ends == {row.id: row.starts_at + timedelta(minutes=row.duration_minutes) for row in rows}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_date_lasts_longer_than_its_therapist_is_kept(kind: str, tmp_path: Path, worker_id: str) -> None:
    """Whoever joined a group after its service had come to last longer was taken for longer than the therapist."""
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        group = make_group_office()
        made = make_series(group, contacts=[], count=20)
        contact, last = make_contact(), timedelta(minutes=80)
        add_member(
            practice_id=group.practice.id, series_public_id=made.public_id, contact=contact, by=BY_STAFF, now=NOW
        )
        group.service.duration_minutes = 80
        clients = Occupancy.service_id.is_(None) & Occupancy.occurrence_id.is_not(None)
        for row in db.session.scalars(select(Occupancy).where(clients)):
            row.ends_at = row.starts_at + last
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0015")
        flask_migrate.upgrade()
        planned = select(Occurrence).where(Occurrence.status == OccurrenceStatus.PLANNED)
        assert {row.duration_minutes for row in db.session.scalars(planned)} == {50}
        cores = select(Occupancy.core_ends_at, Occupancy.ends_at).where(Occupancy.core_ends_at.is_not(None))
        rows = db.session.execute(cores).all()
        assert rows
        assert all(row.core_ends_at <= row.ends_at for row in rows)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_guard_comes_to_see_deliberate_overlaps(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"guard_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(with_rules=False), at(10))
        usual = {"practice_id": made.practice_id, "resource_id": made.therapist.resource_id, "appointment_id": made.id}
        flagged = {**usual, "starts_at": at(10, 30), "ends_at": at(12), "overlap_allowed": True}
        plain = {**usual, "starts_at": at(11), "ends_at": at(11, 10), "overlap_allowed": False}
        again = {**plain, "starts_at": at(11, 20), "ends_at": at(11, 30)}
        with transaction() as session:
            assert insert_unless_taken(session, Occupancy, flagged)
            assert insert_unless_taken(session, Occupancy, plain) is None
        flask_migrate.downgrade(revision="0020")
        with transaction() as session:
            assert insert_unless_taken(session, Occupancy, plain)
        flask_migrate.upgrade()
        with transaction() as session:
            assert insert_unless_taken(session, Occupancy, again) is None
            assert insert_unless_taken(session, Occupancy, {**again, "overlap_allowed": True})
            session.execute(update(Occupancy).values(expires_at=at(20)))  # What lies there already may change hands.


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_the_audit_said_in_words_becomes_codes_and_words_again(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"audit_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        appointment = book(make_office(), at(10))
        flask_migrate.downgrade(revision="0018")
        words = ["corrected to noshow", "room changed", "moved to an offered time", "moved"]
        line = {
            "practice_id": appointment.practice_id,
            "appointment_id": appointment.id,
            "at": NOW,
            "actor": Actor.STAFF,
        }
        event = AppointmentEvent.__table__
        for said in words:
            db.session.execute(
                insert(event).values({**line, "details": {"sequence": 0}}).values(action=literal(said, String))
            )
        db.session.commit()
        flask_migrate.upgrade()
        kept = db.session.execute(
            select(AppointmentEvent.action, AppointmentEvent.details).order_by(AppointmentEvent.id)
        ).all()
        assert [tuple(row) for row in kept[-4:]] == [
            (AuditAction.CORRECTED, {"sequence": 0, "to": "noshow"}),
            (AuditAction.ROOM_CHANGED, {"sequence": 0}),
            (AuditAction.MOVED_TO_OFFER, {"sequence": 0}),
            (AuditAction.MOVED, {"sequence": 0}),
        ]
        db.session.remove()
        flask_migrate.downgrade(revision="0018")
        said_again = db.session.execute(text("SELECT action FROM appointment_event ORDER BY id")).scalars().all()
        assert said_again[-4:] == words
        db.session.remove()
        flask_migrate.upgrade()


def sentences() -> dict[str, tuple[str | None, str | None, str]]:
    """Whatever stood in rows, and what becomes of it."""
    step = runpy.run_path(str(STEPS / "0020_reasons_are_codes.py"))
    known: dict[str, str] = step["SENTENCES"]
    unknown = "the number had many texts in 24 hours already"
    return {
        "": (None, None, ""),
        **{said: (code, None, "") for code, said in known.items()},
        **{f"instead of a text: {said}": ("instead_of_text", code, "") for code, said in known.items()},
        "the number had 17 texts in 24 hours already": ("many_texts", None, "17"),
        "instead of a text: the number had 6 texts in 24 hours already": ("instead_of_text", "many_texts", "6"),
        unknown: ("other", None, unknown),
        "it rained {hard}": ("other", None, "it rained {hard}"),
        "instead of a text: it rained": ("instead_of_text", "other", "it rained"),
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_reasons_become_codes_and_read_as_before(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, known = make_office(), sentences()
        for hour in range(9, 17):
            for day in range(1, 5):
                book(office, at(hour, days=day), contact=make_contact(name=f"Client {day} {hour}"))
        rows = list(db.session.scalars(select(Message.id).order_by(Message.id).limit(len(known))))
        assert len(rows) == len(known)
        db.session.remove()
        flask_migrate.downgrade(revision="0019")
        before = dict(zip(rows, known, strict=True))
        for row, sentence in before.items():
            db.session.execute(text("UPDATE message SET reason = :said WHERE id = :id"), {"said": sentence, "id": row})
        db.session.commit()
        db.session.remove()
        flask_migrate.upgrade()
        found = {each.id: each for each in db.session.scalars(select(Message).where(Message.id.in_(rows)))}
        assert {row: say_why(each) for row, each in found.items()} == before
        codes = {row: (each.reason, each.text_reason, each.reason_detail) for row, each in found.items()}
        assert codes == dict(zip(rows, known.values(), strict=True))
        db.session.remove()
        flask_migrate.downgrade(revision="0019")
        said = db.session.execute(text("SELECT id, reason FROM message")).all()
        assert {row: sentence for row, sentence in said if row in before} == before
        assert {sentence for row, sentence in said if row not in before} == {""}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_the_clients_so_far_those_are_known_who_came(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, came, typed = make_office(), make_contact(name="Came"), make_contact(name="Typed")
        first = book(office, at(10), contact=came)
        book(office, at(12), contact=typed)
        number, fulfilled = first.attendees[0].id, {"status": AppointmentStatus.FULFILLED}
        db.session.execute(update(Attendee).where(Attendee.id == number).values(fulfilled))
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0025")
        flask_migrate.upgrade()
        found = {each.name: each.known_at == each.created_at for each in db.session.scalars(select(Client))}
        assert found == {"Came": True, "Typed": False}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_alerts_go_with_their_step_and_practices_are_told_again(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office()
        texted = {"sender": "+13035550123", "recipient": "+13035550999", "addresses": app.extensions["addresses"]}
        receive_text(provider_id="SM1", body="I want to die", now=NOW, **texted)
        kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
        assert kinds == [MessageKind.ALERT, MessageKind.REPLY]
        db.session.remove()
        flask_migrate.downgrade(revision="0027")
        flask_migrate.upgrade()
        assert db.session.scalars(select(Message.kind)).all() == [MessageKind.REPLY]
        assert db.session.get_one(Practice, office.practice.id).alerts == StaffAlerts.NEAR


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_clients_were_asked_goes_with_its_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(), at(10, days=8))
        ask_to_move(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)
        appointment_id = made.id
        assert MessageKind.CHOOSE_AGAIN in db.session.scalars(select(Message.kind)).all()
        db.session.remove()
        flask_migrate.downgrade(revision="0047")
        flask_migrate.upgrade()
        assert MessageKind.CHOOSE_AGAIN not in db.session.scalars(select(Message.kind)).all()
        assert db.session.scalars(select(AppointmentEvent.action)).all() == [AuditAction.BOOKED]
        assert not db.session.get_one(Appointment, appointment_id).is_asked_to_move


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_answers_of_calendars_go_with_their_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(), contact=make_contact(email="jane@example.com"))
        mail = read_mail(answer_to(made, "DECLINED"), trusted="mx.riverside.example")
        assert take_mail(mail=mail, now=NOW) == MailFate.DONE
        assert MessageKind.INVITE_DECLINED in db.session.scalars(select(Message.kind)).all()
        db.session.remove()
        flask_migrate.downgrade(revision="0073")
        flask_migrate.upgrade()
        assert MessageKind.INVITE_DECLINED not in db.session.scalars(select(Message.kind)).all()
        assert db.session.scalars(select(Task.kind)).all() == []
        assert db.session.scalars(select(AppointmentEvent.action)).all() == [AuditAction.BOOKED]
        assert db.session.scalars(select(Attendee.calendar_answer)).all() == [None]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_staff_were_told_of_a_text_becomes_an_alert_about_its_task(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        make_office()
        texted = {"sender": "+13035550123", "recipient": "+13035550999", "addresses": app.extensions["addresses"]}
        receive_text(provider_id="SM1", body="I want to die", now=NOW, **texted)
        told = db.session.execute(select(*Message.__table__.c).where(Message.kind == MessageKind.ALERT)).one()._asdict()
        inbound, task = db.session.execute(select(Task.inbound_id, Task.id)).one()
        db.session.remove()
        flask_migrate.downgrade(revision="0055")
        there = {each["name"] for each in inspect(db.engine).get_columns("message")}
        columns = [each for each in Message.__table__.c if each.name in there - {"id", "inbound_id", "day"}]
        older = table("message", *(column(each.name, each.type) for each in columns), column("inbound_id"))
        with transaction() as session:
            values = {each.name: told[each.name] for each in columns}
            session.execute(insert(older).values(**values, inbound_id=inbound))
        flask_migrate.upgrade()
        (alert,) = db.session.scalars(select(Alert)).all()
        assert (alert.reason, alert.task_id, alert.began_at) == (AlertReason.URGENT, task, NOW)
        moved = select(Message.alert_id, Message.inbound_id).where(Message.kind == MessageKind.ALERT)
        assert db.session.execute(moved).all() == [(alert.id, None)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whoever_may_want_no_texts_gets_none_from_older_code_either(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, phone = make_office(), "+13035550123"
        book(office, contact=make_contact(phone=phone))
        book(office, at(12), contact=make_contact(phone="+13035550177"))
        for number in (phone, "+13035550177"):
            pause_texts(phone=number, now=NOW)
        leave_address_alone(practice_id=office.practice.id, channel=Channel.TEXT, address=phone, by=BY_STAFF, now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision="0028")
        flask_migrate.upgrade()
        rows = db.session.execute(select(Suppression.address, Suppression.reason).order_by(Suppression.address)).all()
        staff = SuppressionReason.STAFF
        assert [tuple(row) for row in rows] == [(phone, staff), ("+13035550177", staff)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_login_gets_a_name_of_its_own_and_loses_roles_that_older_code_does_not_know(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        practice = make_office().practice
        for roles in ((Role.OWNER,), (Role.FRONT_DESK, Role.BILLER)):
            make_user(practice, *roles)
        db.session.remove()
        flask_migrate.downgrade(revision="0038")
        flask_migrate.upgrade()
        users = db.session.scalars(select(User).order_by(User.id)).all()
        assert [each.role_names for each in users] == [[Role.OWNER], [Role.FRONT_DESK]]
        assert len({each.public_id for each in users}) == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_passkeys_and_all_that_tells_of_them_go_with_their_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        user = make_user(make_office().practice)
        made = NewPasskey("an-id", "a-public-key", 0)
        add_passkey(login_id=user.login_id, name="Blue key", made=made, by=BY_STAFF, now=NOW)
        end_second_step(login_id=user.login_id, by=BY_STAFF, now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision="0046")
        flask_migrate.upgrade()
        for table in (Passkey, LoginLetter, Message):
            assert db.session.scalars(select(table.id)).all() == []
        subjects = set(db.session.scalars(select(PracticeEvent.subject)))
        assert subjects == {AuditSubject.SECOND_STEP}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sign_ins_from_before_get_a_name_and_say_who_has_ever_signed_in(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        practice = make_office().practice
        known, never = (make_user(practice).login_id for _ in range(2))
        for later in (0, 1):
            begin_sign_in(login_id=known, now=NOW + timedelta(hours=later))
        tell_of_new_browser(login_id=known, browser="Firefox on Windows", now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision="0052")
        flask_migrate.upgrade()
        assert db.session.scalars(select(LoginLetter.id)).all() == []
        assert len(set(db.session.scalars(select(SignIn.public_id)))) == 2
        first = {row.id: row.first_sign_in_at for row in db.session.execute(select(Login.id, Login.first_sign_in_at))}
        assert first == {known: NOW, never: None}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_therapists_stay_take_new_clients_and_are_plainly_away_until_somebody_says_otherwise(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"going_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(therapist={"leaves_on": date(2027, 2, 1), "new_clients": NewClients.NO})
        add_time_off(
            office.therapist, datetime(2026, 12, 1), datetime(2027, 1, 1), kind=AbsenceKind.SICK, is_shown=True
        )
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0044")
        flask_migrate.upgrade()
        therapist, away = db.session.scalars(select(Therapist)).one(), db.session.scalars(select(TimeOff)).one()
        assert (therapist.leaves_on, therapist.new_clients, therapist.new_clients_from) == (None, NewClients.YES, None)
        assert (away.kind, away.is_shown, away.ends_local) == (AbsenceKind.TIME_OFF, False, datetime(2027, 1, 1))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_tokens_of_before_may_do_everything_and_lesser_ones_do_not_come_to(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        user = make_user(make_office().practice)
        made = {"practice_id": user.practice_id, "user_id": user.id, "by": BY_STAFF, "now": NOW}
        kept, less = issue_token(**made, name="All"), issue_token(**made, name="Less", scopes=[Scope.READ])
        ends = issue_token(**made, name="Ends", ends_at=NOW + timedelta(days=1))
        db.session.remove()
        flask_migrate.downgrade(revision="0058")
        flask_migrate.upgrade()
        found = find_api_token(kept)
        assert found is not None
        assert found.scopes == [*Scope]
        assert [find_api_token(each) for each in (less, ends)] == [None, None]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_address_of_before_opens_what_it_opened_and_of_several_the_newest_stays(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"feeds_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, colleague = make_office(), make_office()
        make_feed(office.practice, office.therapist, name="Phone")
        _, newest = make_feed(office.practice, office.therapist, FeedDetail.CODE_NAME, name="Home", shows_place=True)
        _, full = make_feed(colleague.practice, colleague.therapist, FeedDetail.FULL, shows_time_off=False)
        for owner in (make_client(office.practice), office.room, office.location, None):
            make_feed(office.practice, owner)
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0065")
        flask_migrate.upgrade()
        kept = db.session.scalars(select(CalendarFeed).order_by(CalendarFeed.id)).all()
        assert [find_feed_by_secret(path[10:-4]) for path in (newest, full)] == kept
        told = [(each.name, each.detail, each.shows_place, each.shows_time_off, each.read_at) for each in kept]
        assert told == [
            ("My calendar", FeedDetail.INITIALS, False, True, None),
            ("My calendar", FeedDetail.FULL, True, True, None),
        ]
        assert len({each.public_id for each in kept}) == len(kept)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_login_of_before_is_in_its_practice_and_of_several_the_first_one_stays(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"logins_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        here, there = make_office().practice, make_office().practice
        first = make_user(here, email="robin@riverside.example")
        second, invited = make_user(there, login=first.login), make_user(there, invited_email="sam@riverside.example")
        public_id = first.login.public_id
        add_passkey(login_id=first.login_id, name="Key", made=NewPasskey("an-id", "key", 0), by=BY_STAFF, now=NOW)
        make_recovery_codes(login_id=first.login_id, by=BY_STAFF, now=NOW)
        for each in (first, second):
            begin_sign_in(login_id=first.login_id, user_id=each.id, now=NOW)
        ids = [each.id for each in (first, second, invited)]
        db.session.remove()
        flask_migrate.downgrade(revision="0067")
        flask_migrate.upgrade()
        kept, off, asked = (db.session.get_one(User, each) for each in ids)
        assert (kept.email, kept.login.public_id, kept.login.first_sign_in_at) == (
            "robin@riverside.example",
            public_id,
            NOW,
        )
        assert [each.name for each in kept.login.passkeys] == ["Key"], "devices know it by this public id"
        assert [each.user_id for each in db.session.scalars(select(SignIn))] == [kept.id]
        assert (
            len(db.session.scalars(select(RecoveryCode).where(RecoveryCode.login_id == kept.login_id)).all()) == CODES
        )
        assert (off.login, off.active, off.email) == (None, False, f"{off.public_id}@switched-off.invalid")
        assert (asked.login, asked.active, asked.email) == (None, True, "sam@riverside.example")
        made = make_user(here)
        assert made.login_id > kept.login_id, "the database goes on counting"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_login_is_taken_back_although_another_of_its_practices_gave_it_its_public_id(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    """Logins of before have the public id of who they were then, and that need not be the first of theirs now."""
    url = databases.new_url(kind, folder=tmp_path, name=f"public_ids_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        here, there = make_office().practice, make_office().practice
        joined = make_user(here, invited_email="robin@riverside.example")
        before = make_user(there, email="robin@riverside.example")
        with transaction() as session:
            joined = session.get_one(User, joined.id)
            joined.login, joined.invited_email = session.get_one(User, before.id).login, None
            joined.login.public_id = before.public_id
        add_passkey(login_id=before.login_id, name="Key", made=NewPasskey("an-id", "key", 0), by=BY_STAFF, now=NOW)
        ids, public_id = [joined.id, before.id], before.public_id
        db.session.remove()
        flask_migrate.downgrade(revision="0067")
        flask_migrate.upgrade()
        other, kept = (db.session.get_one(User, each) for each in ids)
        assert kept.login is not None
        assert (kept.email, kept.login.public_id) == ("robin@riverside.example", public_id)
        assert [each.name for each in kept.login.passkeys] == ["Key"], "devices know it by this public id"
        assert (other.login, other.active, other.email) == (None, False, f"{other.public_id}@switched-off.invalid")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_written_elsewhere_goes_with_its_step_and_connections_stay(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(with_rules=False)
        place = WrittenPlace(FakeCalendars(), office.therapist)
        place.connect(wish=WritingWish(FeedDetail.FULL, place=True))
        book(office)
        assert place.write() == 1
        db.session.remove()
        flask_migrate.downgrade(revision="0071")
        flask_migrate.upgrade()
        assert place.rows() == []
        calendar = place.calendar()
        assert (calendar.is_written, calendar.writes_detail, calendar.writes_place) == (True, FeedDetail.BUSY, False)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_channels_go_with_their_step_and_what_they_tell_of_stays(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        calendar = make_connected_calendar(make_connection(make_office(with_rules=False).therapist))
        keep(CalendarChannel(practice_id=calendar.practice_id, calendar_id=calendar.id, due_at=NOW))
        remote_id, before = calendar.remote_id, "0077"
        db.session.remove()
        flask_migrate.downgrade(revision=before)
        flask_migrate.upgrade()
        assert list(db.session.scalars(select(CalendarChannel))) == []
        assert db.session.scalars(select(ConnectedCalendar)).one().remote_id == remote_id


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_read_elsewhere_stays_when_nobody_counts_what_was_not(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        calendar = make_connected_calendar(make_connection(make_office(with_rules=False).therapist))
        entry = {"remote_id": "a", "remote_digest": "a" * 64, "version": "1", "unread_events": 2}
        keep(RemoteEntry(practice_id=calendar.practice_id, calendar_id=calendar.id, **entry))
        db.session.remove()
        flask_migrate.downgrade(revision="0078")
        flask_migrate.upgrade()
        [kept] = db.session.scalars(select(RemoteEntry))
        assert (kept.remote_id, kept.version, kept.unread_events) == ("a", "1", 0)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_how_far_a_calendar_was_read_stays_when_nobody_knows_by_which_rules(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        connection = make_connection(make_office(with_rules=False).therapist, failure=CalendarFailure.TOO_SLOW)
        make_connected_calendar(connection, token="7", read_whole_at=NOW, read_by="a" * 64)
        db.session.remove()
        flask_migrate.downgrade(revision="0081")
        flask_migrate.upgrade()
        [kept] = db.session.scalars(select(ConnectedCalendar))
        assert (kept.token, kept.read_whole_at, kept.read_by) == ("7", NOW, None)
        assert kept.connection.failure is CalendarFailure.TIMED_OUT


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_address_by_the_link_of_somebody_not_known_goes_with_its_step(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"own_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office()
        first, second = book(office), book(office, at(13))
        change(second.attendees[0], booked_from_id=first.attendees[0].id)
        whole, _ = make_feed(office.practice, first.attendees[0].client)
        part, _ = make_feed(office.practice, first.attendees[0].client)
        change(part, attendee_id=first.attendees[0].id)
        kept_id = whole.id
        db.session.remove()
        flask_migrate.downgrade(revision="0082")
        flask_migrate.upgrade()
        [kept] = db.session.scalars(select(CalendarFeed))
        assert (kept.id, kept.attendee_id, kept.links_version) == (kept_id, None, 0)
        assert set(db.session.scalars(select(Attendee.booked_from_id))) == {None}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_busy_times_of_any_length_stay_as_they_are(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        therapist = make_office(with_rules=False).therapist
        spans = [(at(9), at(10)), (at(9), at(9) + timedelta(days=30))]
        for span in spans:
            add_busy(therapist, *span)
        whose = BusyInterval.therapist_id == therapist.id
        db.session.remove()
        flask_migrate.downgrade(revision="0084")
        kept = select(BusyInterval.starts_at, BusyInterval.ends_at).order_by(BusyInterval.ends_at)
        assert [tuple(row) for row in db.session.execute(kept)] == spans
        db.session.remove()
        flask_migrate.upgrade()
        near = select_busy(TIMES, whose, since=at(9), until=at(10))
        assert [tuple(row) for row in db.session.execute(near)] == spans
