"""What was said and what it did, over the API."""

from __future__ import annotations

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.models import Message
from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.moments import NOW, at


def test_the_log_with_its_filters_page_by_page(api: Caller, office: Office, owner: str) -> None:
    booked = factories.book(office, at(10, days=4))
    path = path_of(office, "/messages")
    found, after = [], None
    while True:
        query = {"limit": 2, **({"after": after} if after else {})}
        page = api.get(path, token=owner, query_string=query)
        found += page["messages"]
        after = page["next"]
        if after is None:
            break
    assert [each["due"] for each in found] == sorted((each["due"] for each in found), reverse=True)
    kinds = {each["kind"] for each in found}
    assert {"confirmation", "reminder"} <= kinds
    query = {"kind": "reminder", "channel": "email", "appointment": booked.public_id, "status": "planned"}
    reminders = api.get(path, token=owner, query_string=query)["messages"]
    assert {(each["kind"], each["channel"], each["body"]) for each in reminders} == {("reminder", "email", "")}
    assert api.get(path, token=owner, query_string={"status": "failed"})["messages"] == []


def test_what_was_sent_is_read_without_the_keys_and_sent_again(api: Caller, office: Office, owner: str) -> None:
    factories.book(office, at(10, days=4))
    with transaction() as session:
        row = session.scalars(
            select(Message).where(Message.kind == MessageKind.CONFIRMATION).order_by(Message.id)
        ).first()
        assert row is not None
        row.status, row.sent_at, row.body = MessageStatus.DELIVERED, NOW, f"See https://host/m/abc.{'x' * 22}"
        public_id = row.public_id
    one = api.get(path_of(office, f"/messages/{public_id}"), token=owner)
    assert one["body"] == "See https://host/m/…"
    again = api.ask("POST", path_of(office, f"/messages/{public_id}/resend"), token=owner)
    assert again.status_code == 201
    assert again.get_json()["status"] == "planned"
    waiting = again.get_json()["id"]
    api.refused("cannot_resend", "POST", path_of(office, f"/messages/{waiting}/resend"), token=owner)


def test_the_report_of_some_days(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, "/messages/report")
    report = api.get(path, token=owner, query_string={"since": "2026-11-01", "until": "2026-12-01"})
    assert report["attendance"] == {"part": 0, "whole": 0, "low": 0.0, "high": 1.0}
    api.refused("invalid_input", "GET", path, token=owner, query_string={"since": "2026-12-01", "until": "2026-11-01"})
