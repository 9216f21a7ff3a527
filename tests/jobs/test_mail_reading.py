"""Reading the mailbox that calendars answer to, in a real one."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.adapters.imap import ImapFolder, ImapMailbox, MailboxServer
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.message_words import TaskKind
from telehealth.domain.ports import MailboxFailed
from telehealth.jobs.mail_reading import MOST_TRIES, MailReader
from telehealth.models import Appointment, Attendee, InviteAnswer, MailboxBookmark, Task
from telehealth.services.delivery.mailboxes import LEASE, claim_mailbox, note_read, release_mailbox
from tests.factories import book, make_contact, make_office
from tests.fakes import FakeClock
from tests.imap_server import PASSWORD, ImapServer, imap_server
from tests.moments import NOW
from tests.read_samples import answer_to, read_sample, sent

A = CalendarAnswer
NEWSLETTER = b"From: shop@example.net\r\nSubject: Sale\r\n\r\nEverything must go.\r\n"


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as made:
        yield made


@pytest.fixture
def reader(server: ImapServer, database: Session, clock: FakeClock) -> MailReader:
    clock.instant = NOW
    return MailReader(mailbox_of(server), "mx.riverside.example", clock)


@pytest.fixture
def appointment(database: Session) -> Appointment:
    return book(make_office(), contact=make_contact(email="jane@example.com"))


def mailbox_of(server: ImapServer, *, password: str = PASSWORD) -> ImapMailbox:
    return ImapMailbox(
        MailboxServer(host="127.0.0.1", port=server.port, username="desk", password=password, security="none")
    )


def answers(database: Session) -> list[CalendarAnswer | None]:
    database.expire_all()
    return list(database.scalars(select(Attendee.calendar_answer).order_by(Attendee.id)))


def test_what_is_done_with_is_put_away_and_the_rest_is_left_alone(
    database: Session, server: ImapServer, reader: MailReader, appointment: Appointment
) -> None:
    sent(appointment)
    handled = [answer_to(appointment, "DECLINED"), read_sample("away_gmail")]
    stays = [NEWSLETTER, read_sample("letter"), answer_to(appointment, found="x; none")]
    server.deliver(*handled, *stays)
    assert reader.run() == 5
    assert answers(database) == [A.DECLINED]
    assert sorted(server.put_away()) == sorted(handled)
    assert sorted(server.left()) == sorted(stays)
    assert server.seen() == 0, "a person sees by the marks what nobody has read"
    kinds = sorted(database.scalars(select(Task.kind)))
    assert kinds == [TaskKind.INVITE, TaskKind.MAIL]


def test_what_was_read_is_not_read_again(
    database: Session, server: ImapServer, reader: MailReader, appointment: Appointment
) -> None:
    server.deliver(NEWSLETTER, answer_to(appointment))
    assert (reader.run(), reader.run()) == (2, 0)
    server.deliver(answer_to(appointment, "TENTATIVE", stamp="20260302T170000Z"))
    assert (reader.run(), reader.run()) == (1, 0)
    assert answers(database) == [A.TENTATIVE]


def test_a_mailbox_whose_numbers_mean_other_mails_is_read_anew_and_nothing_doubles(
    database: Session, server: ImapServer, reader: MailReader, appointment: Appointment
) -> None:
    sent(appointment)
    server.deliver(read_sample("letter"), answer_to(appointment, "DECLINED", found="x; none"))
    assert reader.run() == 2
    before = database.scalars(select(MailboxBookmark.validity)).one()
    server.renumber()
    server.deliver(answer_to(appointment))
    assert reader.run() == 3
    database.expire_all()
    assert database.scalars(select(MailboxBookmark.validity)).one() != before
    assert (len(database.scalars(select(InviteAnswer)).all()), len(database.scalars(select(Task)).all())) == (2, 1)


def test_a_worker_that_died_between_taking_and_putting_away(
    database: Session, server: ImapServer, reader: MailReader, appointment: Appointment, clock: FakeClock
) -> None:
    """What it took is taken once; what it had is free again after a while."""
    server.deliver(answer_to(appointment, "DECLINED"))
    held = claim_mailbox(name=reader.mailbox.name, worker="killed", now=NOW)
    assert held is not None
    assert reader.run() == 0, "somebody has it"
    clock.advance(LEASE)
    assert reader.run() == 1
    assert not note_read(bookmark=held, validity=1, number=99, now=NOW), "it is not the killed one's any more"
    release_mailbox(bookmark=held)
    assert len(database.scalars(select(InviteAnswer)).all()) == 1
    assert len(server.put_away()) == 1


def test_a_mailbox_that_does_not_let_us_in(
    database: Session,
    server: ImapServer,
    reader: MailReader,
    appointment: Appointment,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.deliver(answer_to(appointment))
    server.refuses = True
    with caplog.at_level(logging.WARNING, logger="telehealth"):
        assert reader.run() == 0
    assert [record.__dict__["code"] for record in caplog.records] == ["sign-in refused"]
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(reader)
    server.refuses = False
    assert reader.run() == 1, "nobody waits for a lease that nobody holds"


def test_a_mailbox_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gone = ImapMailbox(MailboxServer(host="127.0.0.1", port=port, username="x", password="y", security="none"))
    with pytest.raises(MailboxFailed, match="unreachable"), gone.open():
        pass


def test_a_mail_that_we_trip_over_holds_up_no_other(
    app: Flask, database: Session, server: ImapServer, reader: MailReader, appointment: Appointment
) -> None:
    class Tripping(MailReader):
        def _take(self, raw: bytes) -> bool:
            if b"Sale" in raw:
                return super()._take(None)  # type: ignore[arg-type]
            return super()._take(raw)

    server.deliver(NEWSLETTER, answer_to(appointment))
    logging.disable(logging.CRITICAL)
    try:
        assert Tripping(reader.mailbox, reader.trusted, reader.now).run() == 2
    finally:
        logging.disable(logging.NOTSET)
    assert answers(database) == [A.ACCEPTED]
    assert server.left() == [NEWSLETTER]


def test_a_mail_that_cannot_be_fetched_is_passed_over_once_a_later_one_can_be(
    database: Session,
    server: ImapServer,
    reader: MailReader,
    appointment: Appointment,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.deliver(answer_to(appointment, "TENTATIVE"))
    broken = next(server.home.glob("mail/new/*"))
    broken.chmod(0)
    assert (reader.run(), reader.run()) == (0, 0), "it may be the mailbox: there is nothing else in it"
    server.deliver(answer_to(appointment, "DECLINED", stamp="20260302T170000Z"))
    before = server.entered
    with caplog.at_level(logging.ERROR, logger="telehealth"):
        assert (reader.run(), reader.run()) == (1, 0)
    assert server.entered - before == MOST_TRIES + 2, "asked for a few times, and never after that"
    assert answers(database) == [A.DECLINED]
    assert [each.__dict__["count"] for each in caplog.records if each.levelno == logging.ERROR] == [1]
    assert "jane" not in caplog.text


def test_a_mail_that_is_fetched_in_the_end_is_not_passed_over(
    database: Session,
    server: ImapServer,
    reader: MailReader,
    appointment: Appointment,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[int] = []
    reads = ImapFolder.read

    def read(folder: ImapFolder, number: int, /) -> bytes | None:
        if len(refused) < MOST_TRIES - 1:
            refused.append(number)
            raise MailboxFailed("not given")
        return reads(folder, number)

    monkeypatch.setattr(ImapFolder, "read", read)
    server.deliver(answer_to(appointment), NEWSLETTER)
    with caplog.at_level(logging.WARNING, logger="telehealth"):
        assert reader.run() == 2
    assert answers(database) == [A.ACCEPTED]
    assert caplog.records == []


def test_a_mail_that_cannot_be_put_away_holds_up_no_other(
    database: Session,
    server: ImapServer,
    reader: MailReader,
    appointment: Appointment,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handled = [answer_to(appointment), answer_to(appointment, "DECLINED", stamp="20260302T170000Z")]
    server.deliver(*handled)
    (server.home / "mail" / ".Handled").write_bytes(b"No folder can be made here.")
    with caplog.at_level(logging.WARNING, logger="telehealth"):
        assert (reader.run(), reader.run()) == (2, 0)
    assert answers(database) == [A.DECLINED]
    assert sorted(server.left()) == sorted(handled)
    assert {record.__dict__["code"] for record in caplog.records} == {"refused"}
    assert "jane" not in caplog.text


def test_mail_of_long_ago_is_not_looked_at(server: ImapServer, reader: MailReader, clock: FakeClock) -> None:
    """A mailbox that was in use before may have any number of it."""
    server.deliver(NEWSLETTER)
    with reader.mailbox.open() as opened:
        assert len(opened.list_numbers(after=0, since=(NOW - timedelta(days=1)).date())) == 1
        assert opened.list_numbers(after=0, since=(NOW + timedelta(days=2)).date()) == []
        assert opened.read(99) is None
