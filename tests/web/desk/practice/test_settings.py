"""What the owner decides."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain import links
from telehealth.domain.inbox.alerting import StaffAlerts
from telehealth.models import ApiToken, Practice
from telehealth.queries.practice.staff import list_tokens
from tests.factories import Office, make_office
from tests.web.staff import Staff, as_owner, filled_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"slug": "riverside"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def test_the_booking_page_is_there_to_copy(owner: Staff) -> None:
    page = owner.get("/desk/settings").text
    assert re.search(r'id="public-page" value="http[^"]+/riverside"', page)


def test_texts_come_from_a_number_of_the_practices_own(owner: Staff, office: Office) -> None:
    page = owner.send("/desk/settings/texts", {"text_sender": "(303) 555-0199"})
    assert "Saved. The next texts come from there." in page
    assert 'value="+13035550199"' in owner.get("/desk/settings").text
    owner.send("/desk/settings/texts", {"text_sender": ""})
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).text_sender is None


@pytest.mark.parametrize("typed", ["12", "MG123", "Riverside"])
def test_a_number_for_texts_that_cannot_be_one(owner: Staff, office: Office, typed: str) -> None:
    answer = owner.post("/desk/settings/texts", {"text_sender": typed})
    assert answer.status_code == 422
    assert "Please enter a number, such as +13035550123, or MG with the 32" in words_of(answer)
    assert f'value="{typed}"' in answer.text
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).text_sender is None


def test_nobody_takes_a_number_from_which_others_send(
    app: Flask, owner: Staff, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_office(practice={"text_sender": "+13035550199"})
    answer = owner.post("/desk/settings/texts", {"text_sender": "+13035550199"})
    assert "Another practice here uses this for its texts." in words_of(answer)
    monkeypatch.setitem(app.extensions, "text_senders", {"+13035550100", ""})
    owner.send("/desk/settings/texts", {"text_sender": "+13035550100"})
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).text_sender is None


def token_form(owner: Staff, name: str = "Front desk screen") -> dict[str, str]:
    return {"token_name": name, "token_scopes": "read", "once": filled_in(owner.get("/desk/settings").text)["once"][0]}


def test_a_token_is_shown_once(owner: Staff, office: Office) -> None:
    page = owner.post("/desk/settings/tokens", token_form(owner)).text
    found = re.search(r'id="fresh-token" value="(tele_[^"]+)"', page)
    assert found is not None
    again = owner.get("/desk/settings")
    assert found[1] not in again.text
    assert "Front desk screen Made by Robin Reed, Mon, Nov 23 at 9:00 AM MST" in words_of(again)
    token = list_tokens(office.practice.id)[0]
    assert token.secret_digest == links.digest_of(found[1])


def test_reloading_the_page_that_shows_a_token_makes_none(owner: Staff, office: Office) -> None:
    form = token_form(owner)
    assert "tele_" in owner.post("/desk/settings/tokens", form).text
    answer = owner.post("/desk/settings/tokens", form)
    assert answer.status_code == 409
    assert "This was already made; the token was shown once. Make a new one to replace it." in words_of(answer)
    assert "tele_" not in answer.text
    assert len(list_tokens(office.practice.id)) == 1


def test_a_token_is_ended(owner: Staff, office: Office) -> None:
    owner.post("/desk/settings/tokens", token_form(owner))
    token = list_tokens(office.practice.id)[0].public_id
    assert "No program has a token." in owner.send(f"/desk/settings/tokens/{token}/end")
    assert db.session.query(ApiToken).one().ended_at is not None


def test_a_token_needs_a_name(owner: Staff) -> None:
    form = token_form(owner, " ")
    answer = owner.post("/desk/settings/tokens", form)
    assert "Please name the program that will use the token." in words_of(answer)
    assert "tele_" in owner.post("/desk/settings/tokens", {**form, "token_name": "Screen"}).text


def test_what_can_be_booked_is_listed(owner: Staff) -> None:
    words = owner.read("/desk/settings")
    assert "Individual session, 50 minutes" in words
    assert "Dana Rivera, LPC" in words


def pace(**given: str) -> dict[str, str]:
    usual = {
        "grace_minutes": "5",
        "hold_minutes": "12",
        "offer_minutes": "60",
        "quiet_minutes": "0",
        "series_weeks": "8",
        "no_show_minutes": "20",
    }
    return {**usual, **given}


def test_how_long_things_wait_is_changed(owner: Staff, office: Office) -> None:
    assert filled_in(owner.get("/desk/settings").text)["grace_minutes"] == ["3"]
    assert "Saved. It counts from now on." in owner.send("/desk/settings/pace", pace())
    practice = db.session.get_one(Practice, office.practice.id, populate_existing=True)
    assert (practice.grace_minutes, practice.hold_minutes, practice.offer_minutes) == (5, 12, 60)
    assert (practice.quiet_minutes, practice.series_weeks, practice.no_show_minutes) == (0, 8, 20)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"grace_minutes": "61"}, "Please choose from 0 to 60 minutes."),
        ({"hold_minutes": "1"}, "Please choose from 2 to 60 minutes."),
        ({"offer_minutes": "9"}, "Please choose from 10 minutes to two days"),
        ({"quiet_minutes": "-1"}, "Please choose from 0 minutes to a day"),
        ({"series_weeks": "53"}, "Please choose from 1 to 52 weeks."),
        ({"series_weeks": "many"}, "Please enter a whole number."),
    ],
)
def test_a_wait_that_cannot_be_is_explained_and_kept(
    owner: Staff, office: Office, wrong: dict[str, str], sentence: str
) -> None:
    answer = owner.post("/desk/settings/pace", pace(**wrong))
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert filled_in(answer.text)["hold_minutes"] == [wrong.get("hold_minutes", "12")]
    assert db.session.get_one(Practice, office.practice.id).grace_minutes == 3


def read_practice(office: Office) -> Practice:
    return db.session.get_one(Practice, office.practice.id, populate_existing=True)


def test_what_clients_may_move(owner: Staff, office: Office) -> None:
    page = owner.get("/desk/settings").text
    assert filled_in(page).get("most_moves") is None
    assert filled_in(page)["moves_ask_again"] == ["y"]
    assert "Saved." in owner.send("/desk/settings/moves", {"most_moves": "2"})
    kept = read_practice(office)
    assert (kept.most_moves, kept.moves_ask_again) == (2, False)
    changes = owner.read("/desk/changes")
    assert "Moves by clients, at most" in changes
    owner.send("/desk/settings/moves", {"most_moves": "", "moves_ask_again": "y"})
    kept = read_practice(office)
    assert (kept.most_moves, kept.moves_ask_again) == (None, True)


def test_what_own_calendars_mean(owner: Staff, office: Office) -> None:
    page = owner.get("/desk/settings").text
    assert filled_in(page)["unread_hours"] == ["24"]
    assert filled_in(page)["when_unread"] == ["go_on"]
    given = {"busy_before_minutes": "10", "busy_after_minutes": "15", "unread_hours": "6", "when_unread": "stop"}
    assert "Saved." in owner.send("/desk/settings/calendars", given)
    kept = read_practice(office)
    assert (kept.busy_before_minutes, kept.busy_after_minutes, kept.unread_hours) == (10, 15, 6)
    assert (kept.tentative_is_busy, kept.when_unread) == (False, "stop")
    assert "When a calendar is old" in owner.read("/desk/changes")


@pytest.mark.parametrize(("name", "wrong"), [("unread_hours", "1"), ("unread_hours", "often"), ("when_unread", "no")])
def test_rules_of_calendars_that_cannot_be_are_explained_and_kept(
    owner: Staff, office: Office, name: str, wrong: str
) -> None:
    given = {"busy_before_minutes": "7", "busy_after_minutes": "0", "unread_hours": "6", "when_unread": "stop"}
    answer = owner.post("/desk/settings/calendars", {**given, name: wrong})
    assert answer.status_code == 422
    assert 'value="7"' in answer.text
    assert read_practice(office).unread_hours == 24, "nothing was changed"


def test_all_rules_of_calendars_that_cannot_be_are_named_at_once(owner: Staff) -> None:
    given = {"busy_before_minutes": "200", "busy_after_minutes": "-1", "unread_hours": "often", "when_unread": "no"}
    page = words_of(owner.post("/desk/settings/calendars", given))
    for sentence in (
        "Please choose from 0 to 120 minutes to keep free before.",
        "Please choose from 0 to 120 minutes to keep free after.",
        "Please enter a whole number.",
        "Please choose one.",
    ):
        assert page.count(sentence) == 2, "above the form, and at its field"


@pytest.mark.parametrize(
    ("form", "given", "sentences"),
    [
        ("pace", {"grace_minutes": "soon", "hold_minutes": "900"}, ["a whole number", "from 2 to 60 minutes"]),
        ("sign-ins", {"idle_minutes": "long", "sign_in_hours": "99"}, ["a whole number", "from 1 to 24 hours"]),
    ],
)
def test_other_numbers_are_checked_all_at_once_too(
    owner: Staff, form: str, given: dict[str, str], sentences: list[str]
) -> None:
    page = words_of(owner.post(f"/desk/settings/{form}", given))
    assert [each for each in sentences if each not in page] == []


@pytest.mark.parametrize("wrong", ["-1", "21", "often"])
def test_moves_that_cannot_be_are_explained_and_kept(owner: Staff, office: Office, wrong: str) -> None:
    answer = owner.post("/desk/settings/moves", {"most_moves": wrong})
    assert answer.status_code == 422
    assert f'value="{wrong}"' in answer.text
    assert read_practice(office).moves_ask_again, "nothing was changed"


def test_the_owner_decides_what_staff_are_told_at_once(owner: Staff, office: Office) -> None:
    page = owner.send("/desk/settings/alerts", {"alerts": "urgent", "alert_phone": "(303) 555-0141"})
    assert "Saved. It counts from the next text on." in page
    assert 'value="+13035550141"' in owner.get("/desk/settings").text
    practice = db.session.get_one(Practice, office.practice.id, populate_existing=True)
    assert (practice.alerts, practice.alert_phone) == (StaffAlerts.URGENT, "+13035550141")
    line = words_of(owner.get("/desk/changes"))
    assert "Texts that staff are told of at once" in line
    assert "urgent ones" in line
    assert "Number for alerts" in line


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"alerts": "near", "alert_phone": "12"}, "Please check the number"),
        ({"alerts": "loud", "alert_phone": ""}, "Please choose when."),
    ],
)
def test_what_cannot_be_decided_about_alerts(owner: Staff, office: Office, given: dict[str, str], said: str) -> None:
    answer = owner.post("/desk/settings/alerts", given)
    assert answer.status_code == 422
    assert said in words_of(answer)
    practice = db.session.get_one(Practice, office.practice.id, populate_existing=True)
    assert (practice.alerts, practice.alert_phone) == (StaffAlerts.NEAR, None)


@pytest.mark.parametrize("costly", ["+8816123456789", "+19005550123"])
def test_staff_are_not_texted_where_texts_cost_or_never_arrive(owner: Staff, office: Office, costly: str) -> None:
    answer = owner.post("/desk/settings/alerts", {"alerts": "near", "alert_phone": costly})
    assert answer.status_code == 422
    assert f'value="{costly}"' in answer.text
    assert read_practice(office).alert_phone is None


def test_what_is_wanted_where_a_minor_is_booked(owner: Staff) -> None:
    assert "Saved." in owner.send("/desk/settings/minors", {"when_minor": "require"})
    assert filled_in(owner.get("/desk/settings").text)["when_minor"] == ["require"]
    assert "When a client is a minor" in owner.read("/desk/changes")
    owner.send("/desk/settings/minors", {"when_minor": "never"})
    assert filled_in(owner.get("/desk/settings").text)["when_minor"] == ["require"]
