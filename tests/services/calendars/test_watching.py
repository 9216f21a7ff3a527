"""Channels by which Google and Microsoft tell us what is new: made, renewed, stopped, and believed in nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.adapters.google_calendar import GoogleApp, GoogleCalendars
from telehealth.adapters.microsoft_calendar import MicrosoftApp, MicrosoftCalendars
from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import ChannelWish, RemoteChannel, SignedInCalendars, SignInTicket
from telehealth.domain.calendar_words import CalendarKind, ConnectionState
from telehealth.models import CalendarChannel, CalendarConnection
from telehealth.services.calendars.signing_in import SignedIn, connect_by_sign_in, end_and_give_back
from telehealth.services.calendars.syncing import EVERY, sync_due_calendars
from telehealth.services.calendars.watching import BEFORE_IT_ENDS, FIRST_WAIT, LONGEST, keep_channels
from tests.factories import BY_STAFF, make_office
from tests.factories.connections import RING
from tests.factories.rows import change
from tests.fake_google import FakeGoogle
from tests.fake_microsoft import FakeMicrosoft
from tests.fake_oauth import CLIENT_ID, CLIENT_SECRET
from tests.moments import NOW

OUTSIDE = Addresses("https://practice.example", ["a-key"])


@dataclass
class Provider:
    """A provider with one connection here, which was read once."""

    server: FakeGoogle | FakeMicrosoft
    kind: CalendarKind
    calendars: SignedInCalendars
    client: FlaskClient

    @property
    def connection(self) -> CalendarConnection:
        db.session.expire_all()
        return db.session.scalars(select(CalendarConnection)).one()

    def keep(self, *, later: timedelta = timedelta(), addresses: Addresses = OUTSIDE) -> int:
        sign_ins = {self.kind: self.calendars}
        return keep_channels(sign_ins=sign_ins, ring=RING, addresses=addresses, now=NOW + later)

    def read(self, *, later: timedelta = timedelta()) -> int:
        return sync_due_calendars(gateways={self.kind: self.calendars}, ring=RING, now=NOW + later)

    def tell(self, *, token: str = "", name: str = "") -> int:
        """Post a notice about the one channel that there is, as the provider does; the status of the answer."""
        [channel] = self.server.channels.values()
        if self.kind == CalendarKind.GOOGLE:
            headers = {
                "X-Goog-Channel-ID": name or channel["id"],
                "X-Goog-Channel-Token": token or channel["token"],
                "X-Goog-Resource-State": "exists",
            }
            return self.client.post("/webhooks/calendars/google", headers=headers).status_code
        known, _, secret = channel["clientState"].partition(".")
        notice = {"subscriptionId": "s", "clientState": f"{name or known}.{token or secret}", "changeType": "updated"}
        return self.client.post("/webhooks/calendars/microsoft", json={"value": [notice, notice]}).status_code

    def ask(self, address: str, question: str) -> str:
        """What our address answers to Microsoft's question."""
        path = urlsplit(address).path
        answer = self.client.post(path, query_string={"validationToken": question})
        assert (answer.status_code, answer.mimetype) == (200, "text/plain")
        return answer.text


def _connect(provider: Provider) -> Provider:
    office, ticket = make_office(), SignInTicket("a-state", "a-verifier" * 5, provider.server.redirect_uris[0])
    code = provider.server.consent(provider.calendars.find_address(ticket))["code"]
    back = SignedIn(kind=provider.kind, calendars=provider.calendars, ticket=ticket, code=code)
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    connect_by_sign_in(**whose, back=back, ring=RING, by=BY_STAFF, now=NOW)
    assert provider.read() == 1
    assert provider.connection.state == ConnectionState.WORKING
    return provider


@pytest.fixture
def google(client: FlaskClient) -> Iterator[Provider]:
    with FakeGoogle() as server:
        app = GoogleApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url)
        yield _connect(Provider(server, CalendarKind.GOOGLE, GoogleCalendars(app), client))


@pytest.fixture
def microsoft(client: FlaskClient) -> Iterator[Provider]:
    with FakeMicrosoft() as server:
        app = MicrosoftApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url)
        yield _connect(Provider(server, CalendarKind.MICROSOFT, MicrosoftCalendars(app), client))


@pytest.fixture(params=["google", "microsoft"])
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.getfixturevalue(request.param)
    return found


def channels() -> list[CalendarChannel]:
    db.session.expire_all()
    return list(db.session.scalars(select(CalendarChannel).order_by(CalendarChannel.id)))


def test_what_is_new_is_read_at_once(provider: Provider) -> None:
    assert provider.keep() == 1
    assert provider.read() == 0, "it was read a moment ago"
    assert provider.tell() in {202, 204}
    assert provider.connection.due_at == NOW
    assert provider.read() == 1


@pytest.mark.parametrize(
    "forged", [{"token": "another"}, {"name": "another"}, {"name": "x" * 2000}, {"name": "\u00fc"}], ids=str
)
def test_what_somebody_else_says_changes_nothing(provider: Provider, forged: dict[str, str]) -> None:
    provider.keep()
    before = provider.connection.due_at
    assert provider.tell(**{name: value.encode().decode("latin-1") for name, value in forged.items()}) == 404
    assert provider.connection.due_at == before


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"value": 7}', b'{"value": [7, {}]}', b'{"value": null}', b"[" * 200_000]
)
def test_nonsense_is_not_found(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/webhooks/calendars/microsoft", data=body, content_type="application/json")
    assert answer.status_code == 404
    assert client.post("/webhooks/calendars/google").status_code == 404


def test_microsoft_asks_first_whether_anybody_listens(microsoft: Provider) -> None:
    assert isinstance(microsoft.server, FakeMicrosoft)
    microsoft.server.asks = microsoft.ask
    assert microsoft.keep() == 1
    assert len(microsoft.server.channels) == 1


def test_the_first_word_of_a_channel_is_taken_before_it_is_written_down(client: FlaskClient) -> None:
    headers = {"X-Goog-Resource-State": "sync", "X-Goog-Channel-ID": "not-yet"}
    assert client.post("/webhooks/calendars/google", headers=headers).status_code == 204


def test_the_token_itself_is_not_kept(provider: Provider) -> None:
    provider.keep()
    [channel] = channels()
    [there] = provider.server.channels.values()
    told = there.get("token") or there["clientState"].partition(".")[2]
    assert len(told) >= 43
    assert told not in str(vars(channel))


def test_a_channel_is_renewed_before_it_ends(provider: Provider) -> None:
    provider.keep()
    [before] = provider.server.channels
    ends_in = LONGEST[provider.kind]
    assert provider.keep(later=ends_in - BEFORE_IT_ENDS - timedelta(minutes=1)) == 0
    assert provider.keep(later=ends_in - BEFORE_IT_ENDS) == 1
    [after] = provider.server.channels
    assert after != before, "and the former one was stopped"
    [channel] = channels()
    assert channel.ends_at == NOW + 2 * ends_in - BEFORE_IT_ENDS
    assert provider.tell() in {202, 204}


def test_a_provider_that_does_not_want_to_is_asked_later_and_later(provider: Provider) -> None:
    for tries, wait in ((1, FIRST_WAIT), (2, 2 * FIRST_WAIT)):
        provider.server.fail_next(500, path="watch" if provider.kind == CalendarKind.GOOGLE else "subscriptions")
        later = timedelta() if tries == 1 else FIRST_WAIT
        assert provider.keep(later=later) == 1
        [channel] = channels()
        assert (channel.failures, channel.due_at) == (tries, NOW + later + wait)
        assert channel.worker is None
    assert provider.connection.state == ConnectionState.WORKING, "it is read as before"


def test_an_answer_that_nobody_expected_holds_up_no_other_channel(
    google: Provider, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def surprise(_access: object, _remote_id: str, wish: ChannelWish) -> RemoteChannel:
        raise KeyError(wish.token)

    monkeypatch.setattr(google.calendars, "watch", surprise)
    assert google.keep() == 1
    [channel] = channels()
    assert (channel.failures, channel.worker, channel.due_at) == (1, None, NOW + FIRST_WAIT)
    assert "KeyError" in {getattr(each, "problem", "") for each in caplog.records}


def test_one_calendar_has_one_channel_and_a_mailbox_one_for_all(google: Provider) -> None:
    for each in google.connection.calendars:
        change(each, blocks=True)
    assert google.keep() == 3
    assert len(google.server.channels) == 3
    assert google.keep() == 0


def test_a_mailbox_has_one_channel_for_all_its_calendars(microsoft: Provider) -> None:
    for each in microsoft.connection.calendars:
        change(each, blocks=True)
    assert microsoft.keep() == 1
    assert microsoft.keep() == 0
    assert len(microsoft.server.channels) == 1


def test_what_is_read_no_more_is_not_told_of(provider: Provider) -> None:
    provider.keep()
    for each in provider.connection.calendars:
        change(each, blocks=False)
    assert provider.keep(later=timedelta(minutes=1)) == 1
    assert provider.server.channels == {}
    assert channels() == []


def test_a_connection_that_ended_leaves_no_channel(provider: Provider) -> None:
    provider.keep()
    row = provider.connection
    whose = {"practice_id": row.practice_id, "connection_public_id": row.public_id}
    end_and_give_back(**whose, sign_ins={provider.kind: provider.calendars}, ring=RING, by=BY_STAFF, now=NOW)
    assert provider.server.channels == {}, "nobody could stop them later: what opens it is forgotten"
    provider.keep(later=timedelta(minutes=1))
    assert channels() == []


def test_ending_one_does_not_wait_for_its_channels(google: Provider, caplog: pytest.LogCaptureFixture) -> None:
    google.keep()
    row = google.connection
    whose = {"practice_id": row.practice_id, "connection_public_id": row.public_id}
    google.server.fail_next(503, path="stop")
    assert end_and_give_back(**whose, sign_ins={google.kind: google.calendars}, ring=RING, by=BY_STAFF, now=NOW)
    assert google.connection.state == ConnectionState.ENDED
    assert google.server.grants == []
    assert "channels could not be stopped" in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "http://practice.example",
        "https://localhost",
        "https://127.0.0.1:8443",
        "https://192.168.1.7",
        "https://[::1]",
        "https://clinic.local",
        "https://intranet",
    ],
)
def test_nobody_is_asked_to_tell_an_address_that_they_cannot_reach(google: Provider, address: str) -> None:
    assert google.keep(addresses=Addresses(address, ["a-key"])) == 0
    assert google.server.channels == {}
    assert channels() == []


def test_news_that_comes_while_it_is_read_is_not_forgotten(
    app: Flask, google: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    google.keep()
    change(google.connection, due_at=NOW)
    calendars: Any = google.calendars
    read = calendars.read

    def read_and_hear(*given: Any) -> Any:
        found = read(*given)
        with app.app_context():
            change(google.connection, due_at=NOW + timedelta(seconds=2))  # As a notice does two seconds later.
        return found

    monkeypatch.setattr(calendars, "read", read_and_hear)
    google.read(later=timedelta(seconds=1))
    assert google.connection.due_at == NOW + timedelta(seconds=2)
    monkeypatch.setattr(calendars, "read", read)
    google.read(later=timedelta(seconds=3))
    assert google.connection.due_at == NOW + timedelta(seconds=3) + EVERY[CalendarKind.GOOGLE]
