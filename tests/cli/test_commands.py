"""What an operator types, and what comes of it."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup
from flask_security import verify_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import config
from telehealth.cli.demo.reading import FILE, PASSWORD, read_practice
from telehealth.cli.serving import say_where
from telehealth.domain.message_words import (
    Channel,
    MessageKind,
    MessageStatus,
    ReplyMeaning,
    SuppressionReason,
    TaskKind,
)
from telehealth.domain.words import AppointmentStatus, Approval, Mode, OccurrenceStatus, Role, ServiceKind
from telehealth.models import (
    ApiToken,
    Appointment,
    Attendee,
    Consent,
    InboundText,
    Licence,
    Location,
    Login,
    Message,
    MessageRule,
    Occurrence,
    Picture,
    Practice,
    Room,
    Series,
    SeriesMember,
    Service,
    Suppression,
    Task,
    Therapist,
    TimeOff,
    User,
    WaitlistEntry,
    WeeklyHours,
)
from telehealth.queries.appointments.licences import uncovered_appointments
from telehealth.queries.delivery.message_report import report_of_period
from telehealth.queries.inbox.tasks import list_done_tasks, list_open_tasks
from telehealth.queries.practice.api_tokens import find_api_token
from telehealth.queries.practice.practices import find_practice
from telehealth.queries.series.standing_slots import list_running
from telehealth.queries.waitlist.waitlist_entries import list_waiting
from telehealth.services.audit import COMMAND
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.second_factor import keep_authenticator
from tests.factories import book, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at

DELIVERED = Message.status == MessageStatus.DELIVERED
PRACTICE = (
    "create-practice --slug elm --name Elm --phone 303-555-0100 --email hello@elm.example --timezone America/Denver "
    "--owner-name Ana --owner-email ana@elm.example --password correct-horse"
)


@pytest.fixture
def run(app: Flask, database: Session, clock: Any) -> Any:
    def invoke(line: str) -> Any:
        return app.test_cli_runner().invoke(args=line.split(" ") if isinstance(line, str) else line)

    return invoke


def test_an_empty_practice_with_an_owner_and_the_usual_rules(database: Session, run: Any) -> None:
    answer = run(PRACTICE)
    assert answer.exit_code == 0, answer.output
    practice = find_practice("elm")
    assert (practice.sender_name, practice.phone) == ("Elm", "+13035550100")
    owner = database.scalars(select(User)).one()
    assert owner.has(Role.OWNER)
    assert verify_password("correct-horse", owner.login.password)
    assert database.scalar(select(func.count()).select_from(MessageRule)) == 0, "the usual rules need no rows"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("--slug elm", "--slug Elm!"), "slug"),
        (("--slug elm", "--slug desk"), "slug"),
        (("America/Denver", "Mars/Olympus"), "timezone"),
        (("303-555-0100", "12"), "number"),
        (("correct-horse", "short"), "password"),
        (("ana@elm.example", "ana"), "e-mail"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(run: Any, change: tuple[str, str], word: str) -> None:
    answer = run(PRACTICE.replace(*change))
    assert answer.exit_code == 1
    assert word in answer.output
    assert "Traceback" not in answer.output


def test_a_practice_can_be_furnished_from_the_command_line(database: Session, run: Any) -> None:
    run(PRACTICE)
    for line in (
        ["add-service", "--practice", "elm", "--kind", "individual", "--name", "A talk", "--minutes", "50"],
        ["add-location", "--practice", "elm", "--name", "House", "--address", "1 Elm St", "--state", "co",
         "--timezone", "America/Denver", "--room", "A", "--room", "B"],
        ["add-therapist", "--practice", "elm", "--name", "Bo Li", "--credential", "LPC", "--email", "bo@elm.example",
         "--timezone", "America/Denver", "--licence", "CO:2024-01-01:2027-12-31", "--password", "correct-horse"],
        ["add-staff", "--practice", "elm", "--name", "Sam", "--email", "sam@elm.example",
         "--password", "correct-horse"],
    ):  # fmt: skip
        answer = run(line)
        assert answer.exit_code == 0, answer.output
    therapist = database.scalars(select(Therapist)).one()
    assert [service.name for service in therapist.services] == ["A talk"]
    assert len(therapist.weekly_hours) == 5
    licence = database.scalars(select(Licence)).one()
    assert (licence.jurisdiction, licence.valid_until) == ("CO", date(2027, 12, 31))
    assert [room.name for room in database.scalars(select(Location)).one().rooms] == ["A", "B"]
    service = database.scalars(select(Service)).one()
    assert (service.duration_minutes, service.capacity) == (50, 1)
    assert service.policy is not None
    assert service.policy.window_minutes == 24 * 60


def test_an_owner_is_a_therapist_with_the_same_login(database: Session, run: Any) -> None:
    run(PRACTICE)
    who = ["--practice", "elm", "--name", "Ana", "--credential", "LPC", "--email", "Ana@elm.example"]
    answer = run(["add-therapist", *who, "--timezone", "America/Denver", "--password", "another-horse"])
    assert answer.exit_code == 0, answer.output
    owner = database.scalars(select(User)).one()
    assert owner.role_names == [Role.OWNER, Role.THERAPIST]
    assert database.scalars(select(Therapist.user_id)).all() == [owner.id]
    assert verify_password("correct-horse", owner.login.password)  # The one they have.


def test_a_service_for_several_people_has_room_for_them(database: Session, run: Any) -> None:
    run(PRACTICE)
    family = ["add-service", "--practice", "elm", "--kind", "family", "--name", "Sleep", "--minutes", "90",
              "--approval", "always"]  # fmt: skip
    assert run(family).exit_code == 0
    service = database.scalars(select(Service)).one()
    assert (service.capacity, service.approval) == (6, Approval.ALWAYS)
    answer = run([*family[:-2], "--capacity", "1"])
    assert (answer.exit_code, "at least two people" in answer.output) == (1, True)
    answer = run(["group" if word == "family" else word for word in family])
    assert (answer.exit_code, "booked at once" in answer.output) == (1, True)


def test_a_new_password_replaces_the_old_one(database: Session, run: Any) -> None:
    run(PRACTICE)
    before = database.scalars(select(Login.fs_uniquifier)).one()
    assert run("set-password --email ana@elm.example --password another-horse").exit_code == 0
    database.expire_all()
    user = database.scalars(select(User)).one()
    assert verify_password("another-horse", user.login.password)
    assert user.login.fs_uniquifier != before, "sign-ins with the old password end"


@pytest.mark.parametrize(("flag", "counts"), [("", False), (" --end-tokens", False), (" --keep-tokens", True)])
def test_a_new_password_ends_tokens_unless_told_otherwise(database: Session, run: Any, flag: str, counts: bool) -> None:
    run(PRACTICE)
    token = run("issue-token --email ana@elm.example --name Reports").output.strip()
    answer = run(f"set-password --email ana@elm.example --password another-horse{flag}")
    assert ("Ended tokens of programs that acted for it: 1." in answer.output) != counts
    assert (find_api_token(token) is not None) == counts


def test_a_token_is_shown_once_and_only_its_digest_kept(database: Session, run: Any) -> None:
    run(PRACTICE)
    answer = run("issue-token --email ana@elm.example --name Reports")
    assert answer.output.startswith("tele_")
    assert run("issue-token --email nobody@elm.example --name Reports").exit_code == 1


def test_capitals_do_not_make_another_login(database: Session, run: Any) -> None:
    run(PRACTICE)
    answer = run("add-staff --practice elm --name Ana --email Ana@elm.example --password correct-horse")
    assert (answer.exit_code, "already" in answer.output) == (1, True)
    assert len(database.scalars(select(User)).all()) == 1


def test_without_settings_the_flask_command_says_what_is_missing_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEHEALTH_ENV", "production")
    monkeypatch.setenv("FLASK_SKIP_DOTENV", "1")
    monkeypatch.setenv("FLASK_APP", "wsgi.py")
    monkeypatch.chdir(Path(config.__file__).parent.parent)
    monkeypatch.delitem(sys.modules, "wsgi", raising=False)
    answer = CliRunner().invoke(FlaskGroup(), ["--help"])
    assert answer.exit_code == 0
    assert "SECRET_KEY must be" in answer.output
    assert "Usage:" in answer.output
    assert "Traceback" not in answer.output


def test_production_has_no_demo(
    app: Flask, database: Session, run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    answer = run("seed-demo")
    assert (answer.exit_code, "passwords" in answer.output) == (1, True)
    assert database.scalars(select(User)).all() == []
    say_where()
    said = capsys.readouterr().out
    assert "/sign-in" in said
    assert PASSWORD not in said


def test_the_demo_practice_is_believable_and_made_once(database: Session, run: Any, clock: FakeClock) -> None:
    answer = run("seed-demo")
    assert answer.exit_code == 0, answer.output
    practice = database.scalars(select(Practice)).one()
    therapists = database.scalars(select(Therapist)).all()
    assert len(therapists) == 6
    assert len({therapist.timezone for therapist in therapists}) == 3
    assert {each.photo for each in therapists} | {practice.logo} == set(database.scalars(select(Picture.digest)))
    made = database.scalar(select(func.count()).select_from(Appointment))
    assert made > 80
    waiting = select(func.count()).select_from(Message).where(Message.status == "planned", Message.due_at <= clock())
    assert database.scalar(waiting) == 0, "starting the jobs process does not set off a flood"
    assert practice.slug == "demo"
    has_each_kind_of_thing(database)
    shows_the_whole_life(database, practice, clock)
    shows_what_clients_answered(database, practice, clock)
    assert run("seed-demo").exit_code == 0
    assert database.scalar(select(func.count()).select_from(Appointment)) == made


def has_each_kind_of_thing(database: Session) -> None:
    """Every section of the file has become rows, and what they lead to is there, too."""
    for model in (
        Location, Room, Licence, WeeklyHours, TimeOff, MessageRule, Series, SeriesMember, WaitlistEntry, InboundText,
        Task, Consent, Suppression,
    ):  # fmt: skip
        assert database.scalar(select(func.count()).select_from(model)), model
    everything = (AppointmentStatus, Appointment.status), (Mode, Appointment.mode), (ServiceKind, Service.kind)
    found = {name: set(database.scalars(select(column).distinct())) for name, column in everything}
    assert found[AppointmentStatus] == set(AppointmentStatus) - {AppointmentStatus.ARRIVED}, "nobody is there just now"
    assert found[Mode] == set(Mode)
    assert found[ServiceKind] == set(ServiceKind) - {ServiceKind.CRISIS, ServiceKind.SUPERVISION}
    told = {MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.JOIN_LINK, MessageKind.REQUEST,
            MessageKind.FOLLOW_UP, MessageKind.REPLY, MessageKind.NOTE}  # fmt: skip
    assert told <= set(database.scalars(select(Message.kind).distinct()))


def shows_the_whole_life(database: Session, practice: Practice, clock: FakeClock) -> None:
    """A visitor finds one of everything."""
    by_kind = {service.kind: service for service in database.scalars(select(Service))}
    assert by_kind[ServiceKind.COUPLE].capacity == 2
    group = next(each for each in list_running(practice.id, now=clock()) if each.service.kind == ServiceKind.GROUP)
    assert len(group.members) == group.service.capacity - 1, "one seat is free"
    pending = database.scalars(select(Appointment).where(Appointment.status == AppointmentStatus.PENDING)).all()
    assert len(pending) == 1
    together = select(func.count()).select_from(Appointment).where(Appointment.co_therapist_id.is_not(None))
    assert database.scalar(together) == 1
    conflicts = select(func.count()).where(Occurrence.status == OccurrenceStatus.CONFLICT)
    assert database.scalar(conflicts) >= 1
    assert len(list_waiting(practice.id)) == 2
    assert uncovered_appointments(practice.id, None, clock())
    assert {room.kind for room in database.scalars(select(Room))} >= {"group room", "playroom"}
    policies = {service.policy.version for service in by_kind.values() if service.policy is not None}
    assert policies == {1, 2}


def shows_what_clients_answered(database: Session, practice: Practice, clock: FakeClock) -> None:
    """To do, the log and the report have something to show, and nobody is in danger."""
    waits, done = list_open_tasks(practice.id), list_done_tasks(practice.id, limit=10)
    assert [each.kind for each in waits].count(TaskKind.ADDRESS) == 1
    assert "Running ten minutes late, sorry" in [each.inbound.body for each in waits if each.inbound]
    assert all("e-mail" in each.note for each in waits if each.kind == TaskKind.ADDRESS)
    at_the_desk = database.scalars(select(User).where(User.name == "Sam Whitaker")).one()
    assert [each.done_by_id for each in done] == [at_the_desk.id]
    assert database.scalar(select(func.count()).where(Message.kind == MessageKind.NOTE, DELIVERED)) == 1
    report = report_of_period(practice.id, since=clock() - timedelta(days=90), until=clock())
    assert {ReplyMeaning.CONFIRM, ReplyMeaning.STOP, ReplyMeaning.OTHER} <= set(report.replies)
    assert ReplyMeaning.CRISIS not in report.replies
    assert {"text and e-mail", "e-mail only"} <= set(report.by_channel)
    assert {"within 6 hours", "about a day"} <= set(report.by_lead)
    assert min(report.confirmed.whole, report.unconfirmed.whole) > 5
    opted_out = said_to(database, "Peter Novak")
    assert report.opt_outs == {"stop": 1, "bad_address": 1, "consent": 1}
    stopped_at = database.scalars(select(Suppression.since).where(Suppression.reason == SuppressionReason.STOP)).one()
    assert {each.channel for each in opted_out if each.sent_at and each.sent_at > stopped_at} == {Channel.EMAIL}
    assert any(each.kind == MessageKind.JOIN_LINK and each.channel == Channel.EMAIL for each in opted_out)
    spanish = [each for each in said_to(database, "Lucía Herrera") if each.channel == Channel.TEXT and each.body]
    assert len(spanish) > 1
    assert all("su cita" in each.body for each in spanish)


def said_to(database: Session, who: str) -> list[Message]:
    found = select(Message).join(Attendee, Attendee.id == Message.attendee_id).where(Attendee.name == who)
    return list(database.scalars(found))


class TestTheFileOfTheDemo:
    @pytest.mark.parametrize(
        ("written", "instead", "said"),
        [
            ('therapist = "Daniel Abreu"', 'therapist = "Daniela Abreu"', 'therapist = "Daniela Abreu"'),
            ('second_therapist = "Thomas Keller"', 'second_therapist = "Tom"', 'second_therapist = "Tom"'),
            ('service = "Sleep group"', 'service = "Sleep"', 'service = "Sleep"'),
            ('who = ["Ada Nowak"]', 'who = ["Ada Novak"]', 'who = "Ada Novak"'),
            ('place = "Lakeview"', 'place = "Lakeside"', 'place = "Lakeside"'),
            ('weekday = "Thursday"', 'weekday = "Thirstday"', 'weekday = "Thirstday"'),
            ('kind = "group"', 'kind = "grup"', 'kind = "grup"'),
        ],
    )
    def test_is_refused_when_it_names_what_does_not_exist(
        self, tmp_path: Path, written: str, instead: str, said: str
    ) -> None:
        file = tmp_path / "practice.toml"
        text = FILE.read_text(encoding="utf-8")
        assert written in text
        file.write_text(text.replace(written, instead), encoding="utf-8")
        with pytest.raises(
            ValueError, match=f"practice.toml says {re.escape(said)}, and there is nothing by that name"
        ):
            read_practice(file)

    def test_lists_each_name_once_and_nobody_who_could_exist(self) -> None:
        facts = read_practice()
        clients = [*facts["clients"]["regulars"], *facts["clients"]["others"]]
        for section in (facts["services"], facts["places"], facts["therapists"], clients):
            names = [each["name"] for each in section]
            assert len(set(names)) == len(names)
        assert all(each["email"].endswith(".example") and " 555-01" in each["phone"] for each in clients)


class TestRehearse:
    def test_prints_every_message_of_these_days_and_sends_nothing(self, run: Any, database: Any) -> None:
        office = make_office()
        book(office, at(10, days=4))
        said = run("rehearse --from 2026-11-24 --days 5").output
        assert "Thursday, November 26, 2026" in said
        assert "email to Jane Doe: reminder (1440 minutes)" in said
        assert "Nothing was sent." in said
        assert not database.scalars(select(Message.id).where(Message.sent_at.is_not(None))).all()

    def test_says_what_is_wrong_with_a_date(self, run: Any, database: Any) -> None:
        make_office()
        answer = run("rehearse --from tomorrow")
        assert answer.exit_code != 0
        assert "2027-03-10" in answer.output


def test_the_link_with_which_the_first_practice_begins(client: Any, run: Any) -> None:
    answer = run("setup-link")
    address = answer.output.strip().partition("/start/")[2]
    assert client.get(f"/start/{address}").status_code == 200
    run(PRACTICE)
    refused = run("setup-link")
    assert refused.exit_code == 1
    assert "There is a practice here already." in refused.output


def test_whoever_lost_phone_and_codes_is_let_in_again(database: Session, run: Any) -> None:
    run(PRACTICE)
    owner = database.scalars(select(User)).one()
    keep_authenticator(login_id=owner.login_id, secret="encrypted", by=COMMAND, now=NOW)
    add_passkey(
        login_id=owner.login_id, name="Blue key", made=NewPasskey("an-id", "a-public-key", 0), by=COMMAND, now=NOW
    )
    answer = run("end-second-step --email ANA@elm.example")
    assert (answer.exit_code, "Only the password is asked for now." in answer.output) == (0, True)
    assert not database.get_one(Login, owner.login_id, populate_existing=True).has_second_step
    assert "There is no login" in run("end-second-step --email nobody@elm.example").output


def test_a_login_that_is_there_owns_another_practice_by_its_own_password(database: Session, run: Any) -> None:
    run(PRACTICE)
    other = PRACTICE.replace("--slug elm --name Elm", "--slug oak --name Oak")
    answer = run(other.replace("correct-horse", "another-horse"))
    assert (answer.exit_code, "login with this address already" in answer.output) == (1, True)
    assert run(other).exit_code == 0
    users = database.scalars(select(User).order_by(User.id)).all()
    assert [each.practice.slug for each in users] == ["elm", "oak"]
    assert len({each.login_id for each in users}) == 1
    answer = run("issue-token --email Ana@elm.example --name Screen")
    assert (answer.exit_code, "--practice: elm, oak" in answer.output) == (1, True)
    assert run("issue-token --email ana@elm.example --name Screen --practice oak").exit_code == 0
    assert database.scalars(select(ApiToken.user_id)).all() == [users[1].id]
    assert run("issue-token --email ana@elm.example --name Screen --practice ash").exit_code == 1
