"""What is said when: the page of the practice, of one service and of one client."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import Rule
from telehealth.domain.words import Role
from telehealth.models import Client, MessageTemplate, Practice
from telehealth.queries.messages.rules import list_decided_rules
from tests.factories import Office, book, make_client, make_office, make_user
from tests.factories.rows import keep
from tests.factories.users import PASSWORD
from tests.moments import NOW, at
from tests.web.staff import Staff, as_owner, filled_in, sign_in, words_of

K = MessageKind
RULES = "/desk/message-rules"
TEXTS = {"texts_from": "09:00", "texts_until": "20:00", "texts_a_day": "4", "discretion": "bare", "names_988": "y"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def line(place: int = 0, **given: object) -> dict[str, object]:
    usual = {"amount": "48", "amount_unit": "hours", "channel": "email", "modes": ["virtual"], **given}
    names = {"amount": f"amount-{place}", "amount_unit": f"amount-{place}_unit"}
    return {names.get(name, f"{name}-{place}"): value for name, value in usual.items()}


def holds(office: Office, kind: MessageKind, **scope: int) -> list[Rule]:
    found = list_decided_rules(office.practice.id, **scope)
    return next(list(each.rules) for each in found if each.kind == kind)


def source(office: Office, kind: MessageKind, **scope: int) -> str:
    return next(each.source.value for each in list_decided_rules(office.practice.id, **scope) if each.kind == kind)


def test_everything_is_there_in_plain_words(owner: Staff, office: Office) -> None:
    words = owner.read(RULES)
    for said in (
        "72 hours before, by e-mail and by text",
        "24 hours before, by e-mail and by text",
        "15 minutes before, by text, for video",
        "3 hours after, by e-mail and by text",
        "At 7:00 AM, by e-mail",
        "What carries no mark is as usual.",
        f"Messages: {office.service.name}",
    ):
        assert said in words
    assert "the page about messages" in owner.read("/desk/settings")


def test_other_reminders_and_back_again(owner: Staff, office: Office) -> None:
    words = owner.send(f"{RULES}/reminder/change", {**line(), **line(1, amount="2", channel="text", modes=["phone"])})
    assert "It counts for everything that has not been sent yet." in words
    assert "48 hours before, by e-mail, for video" in words
    assert "2 hours before, by text, for phone" in words
    assert "Your practice's rule" in words
    assert [(rule.channel, rule.minutes) for rule in holds(office, K.REMINDER)] == [
        (Channel.EMAIL, 2880),
        (Channel.TEXT, 120),
    ]
    assert "72 hours before" in owner.send(f"{RULES}/reminder/forget")
    assert source(office, K.REMINDER) == "usual"


def test_the_form_holds_what_is_so_and_sent_as_it_is_changes_nothing(owner: Staff, office: Office) -> None:
    for kind in ("reminder", "join_link", "follow_up", "confirmation", "agenda"):
        before = sorted(holds(office, K(kind)), key=str)
        page = owner.get(f"{RULES}/{kind}/change").text
        owner.send(f"{RULES}/{kind}/change", filled_in(page))
        assert sorted(holds(office, K(kind)), key=str) == before, kind
        assert source(office, K(kind)) == "practice"


def test_the_form_counts_as_the_list_does(owner: Staff) -> None:
    filled = filled_in(owner.get(f"{RULES}/reminder/change").text)
    assert (filled["amount-0"], filled["amount-0_unit"]) == (["72"], ["hours"])


def test_nothing_at_all(owner: Staff, office: Office) -> None:
    assert "Nothing is sent." in owner.send(f"{RULES}/reminder/change", {"amount-0": ""})
    assert "Nothing is sent. Clients learn of it from the page alone." in owner.send(f"{RULES}/moved/change", {})
    owner.send(f"{RULES}/agenda/change", {"time": "06:30"})
    assert (holds(office, K.REMINDER), holds(office, K.MOVED), holds(office, K.AGENDA)) == ([], [], [])


def test_news_by_text_alone(owner: Staff, office: Office) -> None:
    owner.send(f"{RULES}/moved/change", {"channels": ["text"]})
    assert [rule.channel for rule in holds(office, K.MOVED)] == [Channel.TEXT]


def test_another_hour_for_the_agenda(owner: Staff, office: Office) -> None:
    assert "At 6:30 AM, by e-mail" in owner.send(f"{RULES}/agenda/change", {"is_on": "y", "time": "06:30"})


def test_words_of_the_practices_own(owner: Staff, office: Office) -> None:
    template = {"kind": K.REMINDER, "channel": Channel.EMAIL, "locale": "en", "name": "Warm", "body": "See you."}
    keep(MessageTemplate(practice_id=office.practice.id, changed_at=NOW, **template))
    assert "Warm" in owner.get(f"{RULES}/reminder/change").text
    words = owner.send(f"{RULES}/reminder/change", line(template="Warm"))
    assert "in your words “Warm”" in words


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"amount": "soon"}, "Please enter a whole number"),
        ({"amount": "9" * 5000}, "Please enter a whole number"),
        ({"amount": "0"}, "Please choose a time of at most 14 days."),
        ({"amount": "15", "amount_unit": "days"}, "Please choose a time of at most 14 days."),
        ({"amount_unit": "years"}, "choose minutes, hours or days"),
        ({"channel": "fax"}, "Please choose text or e-mail."),
        ({"modes": []}, "Please choose at least one way to meet."),
        ({"template": "Gone"}, "These words do not exist any more."),
    ],
)
def test_what_cannot_be_is_explained_and_what_was_typed_stays(
    owner: Staff, office: Office, wrong: dict[str, object], sentence: str
) -> None:
    answer = owner.post(f"{RULES}/reminder/change", {**line(**wrong), **line(1, amount="31")})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert 'value="31"' in answer.text
    assert source(office, K.REMINDER) == "usual"


def test_the_same_twice_is_explained(owner: Staff) -> None:
    answer = owner.post(f"{RULES}/reminder/change", {**line(), **line(1)})
    assert "Two of these are the same" in words_of(answer)


@pytest.mark.parametrize("kind", ["catch_up", "nothing", "reply"])
def test_there_are_no_rules_about_the_rest(owner: Staff, kind: str) -> None:
    assert owner.get(f"{RULES}/{kind}/change").status_code == 404
    assert owner.post(f"{RULES}/{kind}/change").status_code == 404


# Hours and discretion


def test_other_hours_for_texts(owner: Staff, office: Office) -> None:
    assert "Saved." in owner.send(f"{RULES}/texts", TEXTS)
    kept = db.session.get_one(Practice, office.practice.id, populate_existing=True)
    assert (kept.texts_from, kept.texts_until, kept.texts_a_day, kept.discretion) == (540, 1200, 4, Discretion.BARE)
    page = owner.get(RULES).text
    assert kept.names_988
    assert filled_in(page)["names_988"] == ["y"]
    assert 'value="09:00"' in page
    assert 'value="20:00"' in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"texts_from": "06:00"}, "Please choose a time from 8:00 AM to noon."),
        ({"texts_until": "23:00"}, "Please choose a time from 3:00 PM to 9:00 PM."),
        ({"texts_from": "early"}, "Please choose a time."),
        ({"texts_a_day": "many"}, "Please enter a whole number."),
        ({"texts_a_day": "0"}, "Please choose from 1 to 20 texts a day."),
        ({"discretion": "loud"}, "Please choose one."),
    ],
)
def test_hours_that_cannot_be(owner: Staff, office: Office, wrong: dict[str, str], sentence: str) -> None:
    answer = owner.post(f"{RULES}/texts", {**TEXTS, **wrong})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert next(iter(wrong.values())) in answer.text or "discretion" in wrong
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).texts_from == 480


# One service, one client


def test_one_service_says_it_otherwise(owner: Staff, office: Office) -> None:
    there = f"service={office.service.public_id}"
    words = owner.send(f"{RULES}/reminder/change?{there}", line())
    assert "This service's own rule" in words
    assert "The therapist's day" not in words
    assert "Texts, and how much they say" not in words
    assert source(office, K.REMINDER, service_id=office.service.id) == "service"
    assert source(office, K.REMINDER) == "usual"
    assert owner.get(f"{RULES}/agenda/change?{there}").status_code == 404


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.THERAPIST])
def test_a_clients_rules_are_for_all_who_know_the_client(app: Flask, office: Office, role: Role) -> None:
    made = book(office, at(10))
    known = db.session.get_one(Client, made.attendees[0].client_id)
    user = make_user(office.practice, role, password=PASSWORD)
    if role == Role.THERAPIST:
        office.therapist.user_id = user.id
        db.session.commit()
    somebody = sign_in(app, user)
    words = somebody.send(f"{RULES}/reminder/change?client={known.public_id}", {"amount-0": ""})
    assert f"Messages: {known.name}" in words
    assert "This client's own rule" in words
    assert holds(office, K.REMINDER, client_id=known.id) == []
    assert len(holds(office, K.REMINDER)) == 4
    stranger = make_client(office.practice, name="Kim Park")
    expected = 404 if role == Role.THERAPIST else 200
    assert somebody.get(f"{RULES}?client={stranger.public_id}").status_code == expected


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.THERAPIST])
def test_the_practices_rules_are_for_the_owner(app: Flask, office: Office, role: Role) -> None:
    somebody = sign_in(app, make_user(office.practice, role, password=PASSWORD))
    for there in ("", f"?service={office.service.public_id}"):
        assert somebody.get(f"{RULES}{there}").status_code == 403
        assert somebody.post(f"{RULES}/reminder/change{there}", line()).status_code == 403
        assert somebody.post(f"{RULES}/reminder/forget{there}").status_code == 403
    assert somebody.post(f"{RULES}/texts", TEXTS).status_code == 403
    assert source(office, K.REMINDER) == "usual"


def test_what_belongs_to_another_practice_is_not_there(owner: Staff) -> None:
    stranger = make_office()
    client = make_client(stranger.practice)
    for there in (f"service={stranger.service.public_id}", f"client={client.public_id}", "service=%00", "client=x%20y"):
        assert owner.get(f"{RULES}?{there}").status_code == 404
        assert owner.post(f"{RULES}/reminder/change?{there}", line()).status_code == 404
