"""The front desk's "To do"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, TaskKind
from telehealth.models import InboundText, Message, Task
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.task_opening import open_task
from telehealth.web.desk.inbox.tasks import TASKS_IN_VIEW
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_therapist
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

NUMBER, OTHER, OURS = "+13035550123", "+13035550177", "+13035550999"
ONCE = re.compile(r'name="once" value="([^"]+)"')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def text(database: Session, addresses: Addresses) -> Any:
    def send(body: str, *, sender: str = NUMBER, minutes: int = 0) -> str:
        """Texts something to us; the address of the task that came of it."""
        now = NOW + timedelta(minutes=minutes)
        sid = f"SM{body}{minutes}"
        receive_text(provider_id=sid, sender=sender, recipient=OURS, body=body, addresses=addresses, now=now)
        found = database.scalars(
            select(Task).join(InboundText, InboundText.id == Task.inbound_id).where(InboundText.provider_id == sid)
        ).one()
        return f"/desk/tasks/{found.public_id}"

    return send


def answer(staff: Staff, task: str, body: str, **more: str) -> str:
    page = staff.get(task).text
    found = ONCE.search(page)
    assert found is not None
    return staff.send(f"{task}/answer", {"once": found[1], "body": body, **more})


def notes(database: Session) -> list[str]:
    return list(database.scalars(select(Message.body).where(Message.kind == MessageKind.NOTE)))


def test_nothing_to_do(front_desk: Staff) -> None:
    assert "Nothing to do" in front_desk.read("/desk/tasks")
    assert "To do (" not in front_desk.get("/desk").text


def test_the_urgent_first_with_who_and_what_and_links(front_desk: Staff, office: Office, text: Any) -> None:
    found = book(office, contact=make_contact(name="Ana Rivera"))
    text("I want to die", minutes=1)
    text("Is there parking?", minutes=2)
    text("Hi, do you take new people?", sender=OTHER, minutes=3)
    page = front_desk.get("/desk/tasks")
    words = front_desk.read("/desk/tasks")
    assert words.index("I want to die") < words.index("do you take new people") < words.index("Is there parking?")
    assert "Must not wait" in words
    assert "Ana Rivera" in words
    assert "(303) 555-0177" in words
    assert "No client of ours has this number." in words
    assert f"/desk/appointments/{found.public_id}" in page.text
    assert f"/desk/clients/{found.attendees[0].client.public_id}" in page.text
    assert "To do (3)" in page.text
    assert "MST" in words


def test_many_are_a_line_each_after_the_first(front_desk: Staff, office: Office, text: Any) -> None:
    for minutes in range(TASKS_IN_VIEW + 2):
        text(f"Is there parking on day {minutes}?", minutes=minutes)
    cards, line, rest = front_desk.get("/desk/tasks").text.partition("<summary>2 more</summary>")
    assert line
    assert cards.count('<section class="card">') == TASKS_IN_VIEW
    assert "parking on day 1?" in rest
    assert "Done" in rest


def test_the_thread_and_an_answer(front_desk: Staff, office: Office, text: Any, database: Session) -> None:
    book(office)
    task = text("Is there parking?")
    words = front_desk.read(task)
    assert "They wrote, Mon, Nov 23 at 9:00 AM MST Is there parking?" in words
    assert "We may not see this right away" in words, "what we answered by ourselves"
    assert "/m/…" in words, "staff do not get the client's key"
    assert "Your answer is on its way." in answer(front_desk, task, "Yes, behind the house.")
    assert notes(database) == ["Riverside Office: Yes, behind the house."]
    assert "behind the house" in front_desk.read(task)
    assert "Done without an answer" in front_desk.read(task), "it is open until somebody says that it is done"


def test_a_long_talk_shows_its_end_and_folds_what_went_out_by_itself(
    front_desk: Staff, office: Office, text: Any
) -> None:
    book(office)
    task = ""
    for minute in range(12):
        task = text(f"Word number {minute}.", minutes=minute)
    page = front_desk.get(task).text
    earlier, latest = page.split("</ol></details>", 1) if "Earlier texts" in page else ("", page)
    assert "Word number 0." in earlier
    assert "Word number 11." in latest
    assert "automatic text" in page
    assert page.index("Word number 11.") < page.index("Send and mark as done")


def test_answer_and_done_in_one(front_desk: Staff, office: Office, text: Any, database: Session) -> None:
    book(office)
    task = text("Is there parking?")
    words = answer(front_desk, task, "Yes.", do="done")
    assert "the task is done" in words
    assert "Nothing to do" in words
    assert "Done lately (1)" in words


def test_an_answer_sent_twice_goes_once(front_desk: Staff, office: Office, text: Any, database: Session) -> None:
    book(office)
    task = text("Is there parking?")
    found = ONCE.search(front_desk.get(task).text)
    assert found is not None
    for _ in range(2):
        front_desk.send(f"{task}/answer", {"once": found[1], "body": "Yes."})
    assert len(notes(database)) == 1


def test_what_was_typed_stays_when_it_cannot_be_sent(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    task = text("Is there parking?")
    found = ONCE.search(front_desk.get(task).text)
    assert found is not None
    refused = front_desk.post(f"{task}/answer", {"once": found[1], "body": "x" * 1001})
    assert refused.status_code == 422
    assert "x" * 1001 in refused.text
    assert "at most 1,000" in refused.text
    empty = front_desk.post(f"{task}/answer", {"once": found[1], "body": "  "})
    assert "Please write a few words" in empty.text


def test_who_ended_texts_cannot_be_answered(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    task = text("Is there parking?")
    stop_texts(phone=NUMBER, now=NOW)
    words = front_desk.read(task)
    assert "This number cannot be texted" in words
    assert "Your text" not in words


def test_a_crisis_says_what_to_do(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    words = front_desk.read(text("I want to die"))
    assert "Please call them now" in words
    assert "(303) 555-0123" in words


def test_done_and_open_again(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    task = text("Is there parking?")
    assert "Nothing to do" in front_desk.send(f"{task}/done")
    assert "Done Mon, Nov 23" in front_desk.read(task)
    assert "It is open again." in front_desk.send(f"{task}/reopen")
    assert "To do (1)" in front_desk.get("/desk").text


def test_a_message_that_did_not_arrive(front_desk: Staff, office: Office, database: Session) -> None:
    found = book(office)
    message = database.scalars(
        select(Message).where(Message.channel == Channel.TEXT).order_by(Message.id).limit(1)
    ).one()
    change(
        message, status=MessageStatus.FAILED, sent_to=NUMBER, sent_at=NOW, body="words", reason=Reason.MAY_BE_NOBODYS
    )
    with transaction() as session:
        open_task(
            session, practice_id=office.practice.id, kind=TaskKind.UNDELIVERED, now=NOW, message=message,
            client_id=found.attendees[0].client_id, appointment_id=found.id, note="It went by e-mail instead.",
        )  # fmt: skip
    words = front_desk.read("/desk/tasks")
    assert "It went by e-mail instead." in words
    task = database.scalars(select(Task)).one()
    words = front_desk.read(f"/desk/tasks/{task.public_id}")
    assert "the number or address may be nobody's" in words
    assert "Your text" not in words, "there is nobody who waits for an answer"


def test_a_therapist_sees_their_clients_only(app: Flask, office: Office, text: Any) -> None:
    other = make_therapist(office.practice, office.service, name="Kim Vale")
    book(office)
    task = text("Is there parking?")
    text("Who are you?", sender=OTHER, minutes=1)
    own = as_therapist(app, office)
    assert "Is there parking?" in own.read("/desk/tasks")
    assert "Who are you?" not in own.read("/desk/tasks")
    stranger = as_therapist(app, office, other)
    assert "Nothing to do" in stranger.read("/desk/tasks")
    for path in (task, f"{task}/nonsense"):
        assert stranger.get(path).status_code == 404
    for verb in ("answer", "done", "reopen"):
        assert stranger.post(f"{task}/{verb}").status_code == 404


def test_what_is_not_there(front_desk: Staff) -> None:
    for path in ("/desk/tasks/nothing", "/desk/tasks/%00", "/desk/tasks/" + "x" * 500):
        assert front_desk.get(path).status_code == 404


def test_another_practice_sees_nothing(app: Flask, front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    task = text("Is there parking?")
    stranger = as_front_desk(app, make_office())
    assert stranger.get(task).status_code == 404
    assert "Nothing to do" in stranger.read("/desk/tasks")


def test_a_confirmation_shows_at_the_desk(front_desk: Staff, office: Office, addresses: Addresses) -> None:
    found = book(office, at(10, days=0, minute=30), by=BY_STAFF)
    receive_text(provider_id="SM1", sender=NUMBER, recipient=OURS, body="C", addresses=addresses, now=NOW)
    assert "They will come, said Mon, Nov 23 at 9:00 AM MST" in front_desk.read(f"/desk/appointments/{found.public_id}")
    assert "By text" in front_desk.read(f"/desk/appointments/{found.public_id}")
    assert "Confirmed" in front_desk.read("/desk")


def test_today_says_what_waits_and_first_what_must_not(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    assert "to do:" not in front_desk.read("/desk")
    text("Can I come later?")
    assert "1 thing to do: 1 text" in front_desk.read("/desk")
    text("I want to die", minutes=1)
    assert "1 text must not wait Read it now 2 things to do: 2 texts" in front_desk.read("/desk")
    with transaction() as session:
        for kind in (TaskKind.CALENDAR, TaskKind.EMPTIED, TaskKind.UNDELIVERED):
            open_task(session, practice_id=office.practice.id, kind=kind, now=NOW)
    said = "2 texts, 1 message that did not arrive and 2 questions about own calendars"
    assert f"5 things to do: {said}" in front_desk.read("/desk")
    page = front_desk.read("/desk/tasks")
    assert "Please call them now. 988 and 911 are being texted to them. (303) 555-0123 Client: Jane Doe" in page


def test_a_pause_is_said_and_can_be_answered(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    text("pls stop msging me")
    found = db.session.scalars(select(Task)).one()
    page = front_desk.get(f"/desk/tasks/{found.public_id}")
    assert "Texts to this number are paused" in words_of(page)
    assert "#left-alone" in page.text
    assert "Send and mark as done" in words_of(page)


def test_near_a_session_the_page_is_calm(front_desk: Staff, office: Office, text: Any) -> None:
    book(office)
    text("the link is broken", minutes=24 * 60)
    found = db.session.scalars(select(Task)).one()
    assert "Please call them now" not in front_desk.read(f"/desk/tasks/{found.public_id}")
