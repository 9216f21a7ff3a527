"""What a practice shows to everybody."""

from __future__ import annotations

import json
from datetime import date

from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.moments import NOW


def test_a_practice(api: Caller, office: Office) -> None:
    found = api.get(path_of(office))
    assert (found["slug"], found["timezone"]) == (office.practice.slug, "America/Denver")
    assert "Riverside Office" in found["text_consent"]


def test_an_unknown_practice(api: Caller) -> None:
    api.refused("not_found", "GET", "/practices/nowhere")


def test_services_that_ended_are_not_listed_but_can_be_read(api: Caller, office: Office) -> None:
    ended = factories.make_service(office.practice, name="Old", ended_at=NOW)
    listed = api.get(path_of(office, "/services"))["services"]
    assert [service["id"] for service in listed] == [office.service.public_id]
    assert listed[0]["bookable"]
    assert not api.get(path_of(office, f"/services/{ended.public_id}"))["bookable"]


def test_a_service_says_how_it_is_given(api: Caller, office: Office) -> None:
    found = api.get(path_of(office, f"/services/{office.service.public_id}"))
    assert found["duration_minutes"] == 50
    assert found["modes"] == ["virtual", "in_person", "phone"]


def test_therapists_tell_nothing_private(api: Caller, office: Office) -> None:
    found = api.get(path_of(office, f"/therapists/{office.therapist.public_id}"))
    assert found["services"] == [office.service.public_id]
    assert found["jurisdictions"] == ["CO"]
    written = json.dumps(found)
    assert office.therapist.email not in written
    assert "user" not in written
    assert "phone" not in written


def test_a_licence_counts_from_its_first_to_its_last_day(api: Caller, office: Office) -> None:
    for jurisdiction, since, until in (
        ("UT", date(2026, 11, 23), None),
        ("NM", date(2026, 11, 24), None),
        ("WY", date(2020, 1, 1), date(2026, 11, 23)),
        ("AZ", date(2020, 1, 1), date(2026, 11, 22)),
    ):
        factories.add_licence(office.therapist, jurisdiction, valid_from=since, valid_until=until)
    found = api.get(path_of(office, f"/therapists/{office.therapist.public_id}"))
    assert found["jurisdictions"] == ["CO", "UT", "WY"]


def test_therapists_of_a_service(api: Caller, office: Office) -> None:
    other = factories.make_service(office.practice)
    colleague = factories.make_therapist(office.practice, other, name="Ari Bell")
    everybody = api.get(path_of(office, "/therapists"))["therapists"]
    assert [who["name"] for who in everybody] == ["Ari Bell", "Dana Rivera"]
    some = api.get(path_of(office, f"/therapists?service={other.public_id}"))["therapists"]
    assert [who["id"] for who in some] == [colleague.public_id]
    api.refused("not_found", "GET", path_of(office, "/therapists?service=unknown"))


def test_therapists_who_left_are_not_found(api: Caller, office: Office) -> None:
    left = factories.make_therapist(office.practice, office.service, ended_at=NOW)
    assert len(api.get(path_of(office, "/therapists"))["therapists"]) == 1
    api.refused("not_found", "GET", path_of(office, f"/therapists/{left.public_id}"))


def test_locations(api: Caller, office: Office) -> None:
    (found,) = api.get(path_of(office, "/locations"))["locations"]
    assert found["id"] == office.location.public_id
    assert found["timezone"] == "America/Denver"


def test_unknown_parameters_are_refused(api: Caller, office: Office) -> None:
    problem = api.refused("invalid_input", "GET", path_of(office, "/therapists?servcie=x"))
    assert list(problem["errors"]) == ["servcie"]


WORD = "a-word-that-nobody-guesses"


def test_what_is_on_no_list_is_read_by_the_word_of_its_link(api: Caller, office: Office) -> None:
    hidden = factories.make_service(office.practice, name="Long talk", open_to="link", link_word=WORD)
    inside = factories.make_service(office.practice, name="Inside", open_to="staff")
    factories.make_therapist(office.practice, hidden, inside)
    assert [each["id"] for each in api.get(path_of(office, "/services"))["services"]] == [office.service.public_id]
    found = api.get(path_of(office, f"/services/{WORD}"))
    assert (found["id"], found["name"], found["open_to"], found["bookable"]) == (WORD, "Long talk", "link", True)
    for each in (hidden, inside):
        by_id = api.get(path_of(office, f"/services/{each.public_id}"))
        assert (by_id["id"], by_id["bookable"]) == (each.public_id, False)
        given = {key for who in api.get(path_of(office, "/therapists"))["therapists"] for key in who["services"]}
        assert each.public_id not in given
    with_it = api.get(path_of(office, f"/therapists?service={WORD}"))["therapists"]
    assert len(with_it) == 1
    assert with_it[0]["services"] == []


def test_what_is_for_some_clients_is_asked_for(api: Caller, office: Office) -> None:
    asked = factories.make_service(office.practice, open_to="known_clients")
    found = api.get(path_of(office, f"/services/{asked.public_id}"))
    assert (found["open_to"], found["approval"], found["bookable"]) == ("known_clients", "always", True)


def test_a_practice_says_when_it_is_closed(api: Caller, office: Office, owner: str) -> None:
    assert api.get(path_of(office))["closures"] == []
    api.post(path_of(office, "/closures"), {"first_day": "2026-12-24", "last_day": "2026-12-26"}, token=owner)
    kept = {"first_day": "2026-12-24", "last_day": "2026-12-26", "yields_to_hours": False}
    assert api.get(path_of(office))["closures"] == [kept]
