"""The outbox folder."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from telehealth.adapters.local import LocalOutbox
from telehealth.domain.message_words import Channel
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Remedy, Text
from tests.fakes import FakeClock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "outbox"


@pytest.fixture
def outbox(folder: Path, clock: FakeClock) -> LocalOutbox:
    return LocalOutbox(folder, now=clock)


def test_an_outbox_that_was_never_used_is_empty(outbox: LocalOutbox) -> None:
    assert outbox.read(limit=10) == []


def test_a_text_is_one_file_that_people_can_read(outbox: LocalOutbox, folder: Path, text: Text) -> None:
    receipt = outbox.send(text)
    assert receipt.status is DeliveryStatus.DELIVERED
    assert receipt.provider_id == "20260302T150000.000000Z-8c1f-text.json"
    content = json.loads((folder / receipt.provider_id).read_text())
    assert (content["to"], content["body"]) == (text.to, text.body)


def test_an_email_is_one_file_that_mail_programs_open(outbox: LocalOutbox, folder: Path, email: Email) -> None:
    outbox.send(email)
    (path,) = folder.iterdir()
    assert path.suffix == ".eml"
    assert b"Subject: Your appointment" in path.read_bytes()


def test_reading_tells_what_was_sent(outbox: LocalOutbox, clock: FakeClock, text: Text, email: Email) -> None:
    outbox.send(email)
    clock.advance(timedelta(seconds=1))
    outbox.send(replace(text, body="Change it here: https://practice.example/m/abc. (Or https://practice.example/x)"))
    newest, oldest = outbox.read(limit=10)
    assert newest.channel is Channel.TEXT
    assert newest.when == clock()
    assert newest.to == text.to
    assert newest.links == ("https://practice.example/m/abc", "https://practice.example/x")
    assert oldest.channel is Channel.EMAIL
    assert oldest.subject == "Your appointment on Tuesday, March 10"
    assert oldest.to == "Ana Souza <ana@example.org>"
    assert oldest.has_invite
    assert oldest.links == tuple(url for _, url in email.letter.actions)
    assert "Hello Ana," in oldest.text
    assert "<table" in oldest.html


def test_reading_stops_at_the_limit(outbox: LocalOutbox, clock: FakeClock, text: Text) -> None:
    for number in range(5):
        outbox.send(replace(text, reference=f"text-{number}", body=str(number)))
        clock.advance(timedelta(milliseconds=1))
    assert [entry.text for entry in outbox.read(limit=2)] == ["4", "3"]


def test_the_same_reference_replaces_the_first_copy(
    outbox: LocalOutbox, folder: Path, clock: FakeClock, text: Text, email: Email
) -> None:
    for _ in range(3):
        outbox.send(text)
        outbox.send(replace(email, reference=text.reference))
        clock.advance(timedelta(minutes=1))
    assert sorted(path.suffix for path in folder.iterdir()) == [".eml", ".json"]


def test_one_reference_inside_another_is_another(outbox: LocalOutbox, text: Text) -> None:
    for reference in ("1", "11", "1-1", "11-1"):
        outbox.send(replace(text, reference=reference))
    assert len(outbox.read(limit=10)) == 4


@pytest.mark.parametrize("reference", ["../../escape", "/etc/passwd", "a" * 5_000, "ä", "", ".", "a\x00b", "\ud800"])
def test_no_reference_leaves_the_folder(outbox: LocalOutbox, folder: Path, text: Text, reference: str) -> None:
    strange = replace(text, reference=reference)
    outbox.send(strange)
    outbox.send(strange)
    assert len(list(folder.iterdir())) == 1
    assert len(list(folder.parent.iterdir())) == 1
    assert outbox.find(strange, since=text.expires_at - timedelta(days=1)) is not None


def test_files_of_others_are_left_alone(outbox: LocalOutbox, folder: Path, text: Text) -> None:
    outbox.send(text)
    for name in ("notes.json", ".hidden.tmp", "x-y.eml"):
        (folder / name).write_text("not ours")
    assert len(outbox.read(limit=10)) == 1


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("json", b"not ours"),
        ("json", b"[1]"),
        ("eml", b"Content-Type: text/plain; charset=nonsense\r\n\r\nx"),
        ("eml", b"To: a@\r\n\r\nx"),
        ("eml", b"To: =?utf-8?q?=0d=0aBcc:_x=40y.z?= <a@b.example>\r\n\r\nx"),
    ],
)
def test_what_cannot_be_read_does_not_hide_the_rest(
    outbox: LocalOutbox, folder: Path, text: Text, suffix: str, content: bytes
) -> None:
    outbox.send(text)
    (folder / f"20260301T150000.000000Z-broken.{suffix}").write_bytes(content)
    good, strange = outbox.read(limit=10)
    assert (good.text, good.is_unreadable) == (text.body, False)
    assert strange.name == "20260301T150000.000000Z-broken"
    # Newer libraries read one or the other mail; what nobody can read says so.
    assert strange.is_unreadable or suffix == "eml"
    assert strange.is_unreadable or strange.text == "x"


def test_a_letter_in_any_script_is_read_back(outbox: LocalOutbox, email: Email, text: Text) -> None:
    outbox.send(replace(email, letter=replace(email.letter, subject="Réservé 予約", paragraphs=("ありがとう 👋",))))
    outbox.send(replace(text, body="ありがとう 👋 \ud800"))
    read_text, read_mail = sorted(outbox.read(limit=2), key=lambda entry: entry.channel, reverse=True)
    assert read_mail.subject == "Réservé 予約"
    assert "ありがとう 👋" in read_mail.text
    assert read_text.text == "ありがとう 👋 ?"


def test_a_malformed_address_is_refused_and_not_written(outbox: LocalOutbox, email: Email) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        outbox.send(replace(email, to="ana"))
    assert caught.value.remedy is Remedy.BAD_ADDRESS
    assert outbox.read(limit=10) == []


def test_entries_do_not_show_people(outbox: LocalOutbox, text: Text, email: Email) -> None:
    outbox.send(text)
    outbox.send(email)
    shown = repr(outbox.read(limit=2))
    assert "ana@" not in shown
    assert text.to not in shown
