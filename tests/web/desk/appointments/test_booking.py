"""A new appointment, booked at the desk."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Role, ServiceKind
from telehealth.models import Appointment, Service, Therapist, TherapistService
from telehealth.services.consent.consents import set_texts
from telehealth.web.booking.matches import make_key
from tests.factories import (
    BY_CLIENT,
    Office,
    add_licence,
    add_time_off,
    book,
    cancel,
    make_client,
    make_contact,
    make_office,
    make_room,
    make_service,
    make_therapist,
    make_user,
)
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, filled_in, sign_in, words_of

ANA = {"name": "Ana Rivera", "email": "ana@example.com"}
NEW = {"name-0": "Ana Rivera", "email-0": "ana@example.com", "phone-0": "", "timezone": "America/Denver"}
SLOT = re.compile(r'class="slot" href="([^"]+)"')


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(
        office.practice, office.service, location=office.location, name="Sam Okafor", languages=["Spanish"]
    )


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def asked(office: Office, path: str = "", **given: str) -> str:
    usual = {
        "service": office.service.public_id,
        "who": office.therapist.public_id,
        "mode": Mode.VIRTUAL.value,
        "state": "CO",
    }
    return f"/desk/book{path}?" + urlencode({**usual, **given})


def details(office: Office, start: str = "20261124T1700Z", **given: str) -> str:
    """Tomorrow at ten."""
    return asked(office, "/details", start=start, **given)


def made() -> list[Appointment]:
    db.session.expire_all()
    return list(db.session.scalars(select(Appointment).order_by(Appointment.id)))


def gives(therapist: Therapist, service: Service) -> None:
    with transaction() as session:
        session.add(TherapistService(therapist_id=therapist.id, service_id=service.id))


def send(somebody: Staff, path: str, **given: Any) -> TestResponse:
    """The form of a page as it stands, with some fields filled in."""
    form = filled_in(somebody.get(path).text)
    form.pop("therapist", None)
    return somebody.post(path, {**NEW, "key": form.get("key", ["x"])[0], **given}, follow_redirects=False)


def links(page: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in SLOT.findall(page)]


def test_the_empty_page_asks_and_complains_about_nothing(front_desk: Staff) -> None:
    words = front_desk.read("/desk/book")
    assert "1. Who is it for?" in words
    assert "Please choose" not in words
    assert "3. When?" not in words


def test_what_is_missing_is_said_when_times_are_asked_for(front_desk: Staff) -> None:
    words = front_desk.read("/desk/book?ask=1")
    assert "Please choose a service." in words
    assert "Please choose how to meet." in words


def test_finding_the_client_keeps_the_other_answers(front_desk: Staff, office: Office) -> None:
    known = book(office, at(12), contact=make_contact(**ANA)).attendees[0].client
    page = front_desk.get(asked(office, q="rivera")).text
    assert f"client={known.public_id}" in page
    assert f"service={office.service.public_id}" in page.partition(f"client={known.public_id}")[0].rpartition("href")[2]
    assert "Nobody of that name" in front_desk.read(asked(office, q="zzz"))
    chosen = front_desk.get(asked(office, client=known.public_id))
    assert "Somebody else" in words_of(chosen)
    assert filled_in(chosen.text)["client"][0] == known.public_id


def test_from_a_free_time_to_an_appointment(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(asked(office, ask="1"))
    assert "All times are in Mountain Time." in words_of(page)
    first = links(page.text)[0]
    assert "start=20261123T1600Z" in first
    answer = send(front_desk, first, **{"phone-0": "(303) 555-0123", "texts-0": "y"})
    assert answer.status_code == 302
    words = words_of(front_desk.get(answer.headers["Location"]))
    assert "Booked. Everybody who takes part is told in 3 minutes." in words
    (appointment,) = made()
    seat = appointment.attendees[0]
    assert (seat.name, seat.phone, seat.jurisdiction) == ("Ana Rivera", "+13035550123", "CO")
    assert seat.text_consent_wording == TEXT_CONSENT.format(sender="Riverside Office")
    event = appointment.events[0]
    assert (event.actor, event.via, event.remote_address) == (Actor.STAFF, Via.PAGE, "127.0.0.1")


def test_without_a_yes_there_is_no_consent(front_desk: Staff, office: Office) -> None:
    assert "after hearing these words: “Send me texts" in front_desk.read(details(office))
    assert send(front_desk, details(office), **{"phone-0": "(303) 555-0123"}).status_code == 302
    assert made()[0].attendees[0].text_consent_at is None


def test_a_form_sent_twice_books_once(front_desk: Staff, office: Office) -> None:
    key = filled_in(front_desk.get(details(office)).text)["key"][0]
    for _ in range(2):
        assert front_desk.post(details(office), {**NEW, "key": key}).status_code == 302
    assert len(made()) == 1
    changed = front_desk.post(details(office, start="20261124T2100Z"), {**NEW, "key": key})
    assert changed.status_code == 422
    assert "An appointment was booked with this form before." in words_of(changed)
    assert filled_in(changed.text)["key"] != [key]


def test_mistakes_are_explained_and_nothing_typed_is_lost(front_desk: Staff, office: Office) -> None:
    answer = send(front_desk, details(office), **{"email-0": "nonsense", "phone-0": "12"})
    assert answer.status_code == 422
    words = words_of(answer)
    assert "Please check the e-mail address" in words
    assert "Please check the number" in words
    form = filled_in(answer.text)
    assert (form["name-0"], form["email-0"], form["phone-0"]) == (["Ana Rivera"], ["nonsense"], ["12"])


def test_a_known_client_comes_with_their_contact(front_desk: Staff, office: Office) -> None:
    known = book(office, at(12), contact=make_contact(**ANA, timezone="America/New_York")).attendees[0].client
    form = filled_in(front_desk.get(details(office, client=known.public_id)).text)
    assert form["name-0"] == ["Ana Rivera"]
    assert form["phone-0"] == ["(303) 555-0123"]
    assert form["timezone"] == ["America/New_York"]
    assert send(front_desk, details(office, client=known.public_id)).status_code == 302
    assert made()[-1].attendees[0].client_id == known.id


def test_outside_hours_needs_a_tick_and_a_reason(front_desk: Staff, office: Office) -> None:
    evening = details(office, start="20261125T0300Z")
    words = front_desk.read(evening)
    assert "It is outside Dana Rivera's hours." in words
    untouched = send(front_desk, evening)
    assert untouched.status_code == 409
    assert "What stands in the way is listed below" in words_of(untouched)
    without_reason = send(front_desk, evening, waived="outside_hours")
    assert without_reason.status_code == 422
    assert "Please say why." in words_of(without_reason)
    assert 'value="outside_hours" checked' in without_reason.text
    answer = send(front_desk, evening, waived="outside_hours", reason="Only time she can")
    assert answer.status_code == 302
    words = words_of(front_desk.get(answer.headers["Location"]))
    assert "Booked on purpose outside the therapist's hours Reason: Only time she can" in words
    assert made()[0].overrides == ["outside_hours"]


def test_what_has_begun_is_told_to_nobody(front_desk: Staff, office: Office) -> None:
    this_morning = details(office, start="20261123T1530Z")
    words = front_desk.read(this_morning)
    assert "This time has passed." in words
    assert "too soon" not in words
    answer = send(front_desk, this_morning, waived=["outside_hours", "past"], reason="She walked in")
    assert answer.status_code == 302
    assert made()[0].overrides == ["outside_hours", "past"]
    assert "Booked. It has begun already, so nobody is told." in front_desk.read(answer.location)


def test_a_deliberate_overlap_is_flagged(front_desk: Staff, office: Office) -> None:
    book(office)
    taken = details(office, start="20261124T1700Z")
    assert "It overlaps another appointment of Dana Rivera, 10:00 AM to 10:50 AM MST." in front_desk.read(taken)
    answer = send(front_desk, taken, waived="taken", reason="Supervision visit")
    assert answer.status_code == 302
    assert "Booked on purpose over another appointment" in words_of(front_desk.get(answer.headers["Location"]))
    assert front_desk.read("/desk/week").count("Overlaps another appointment") == 2


def test_a_licence_can_be_set_aside_with_a_reason(front_desk: Staff, office: Office) -> None:
    elsewhere = details(office, state="UT")
    assert "no authority to practise in Utah" in front_desk.read(elsewhere)
    answer = send(front_desk, elsewhere, waived="licence", reason="On holiday there; permitted by the state")
    assert answer.status_code == 302
    assert made()[0].overrides == ["licence"]


def test_somebody_new_with_a_therapist_who_takes_nobody_new_needs_a_reason(front_desk: Staff, office: Office) -> None:
    hint, page = "Dana Rivera takes no new clients then.", details(office)
    assert hint not in front_desk.read(page)
    known = book(office, contact=make_contact(email="known@example.com")).attendees[0].client
    change(office.therapist, new_clients=NewClients.NO)
    page = details(office, start="20261124T1900Z")
    assert hint in front_desk.read(page)
    assert send(front_desk, page).status_code == 409
    assert made()[1:] == []
    answer = send(front_desk, page, waived="new_client", reason="Dana asked for them")
    words = words_of(front_desk.get(answer.headers["Location"]))
    assert "Booked on purpose although the therapist takes no new clients Reason: Dana asked for them" in words
    assert hint not in front_desk.read(details(office, start="20261124T2000Z", client=known.public_id))


def test_what_nobody_can_set_aside_has_no_form(front_desk: Staff, office: Office) -> None:
    other = make_service(office.practice, name="Supervision")
    page = front_desk.get(details(office, service=other.public_id))
    assert "This cannot be booked" in words_of(page)
    assert "Book this appointment" not in words_of(page)
    assert front_desk.post(details(office, service=other.public_id), {**NEW, "waived": "not_given"}).status_code in (
        409,
        422,
    )
    assert made() == []


def test_any_time_in_the_zone_that_is_named(front_desk: Staff, office: Office) -> None:
    answer = front_desk.get(asked(office, "/at", day="2026-11-24", time="20:00"))
    assert "start=20261125T0300Z" in answer.headers["Location"]
    wrong = front_desk.get(asked(office, "/at", day="", time=""))
    assert wrong.status_code == 422
    assert "Please choose a date." in words_of(wrong)


def test_whoever_is_free_first_is_named(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    book(office)
    answer = front_desk.get(asked(office, "/at", who="any", day="2026-11-24", time="10:00"))
    assert f"who={colleague.public_id}" in answer.headers["Location"]
    page = front_desk.get(asked(office, who="any", ask="1"))
    assert "Sam Okafor" in words_of(page).partition("3. When?")[2]
    nobody = front_desk.get(asked(office, "/at", who="any", day="2026-11-24", time="22:00"))
    assert "/desk/why-not?" in nobody.headers["Location"]
    assert "outside Sam Okafor's hours" in front_desk.read(nobody.headers["Location"])
    assert front_desk.get(details(office, who="any")).status_code == 302


def test_the_best_fit_speaks_the_language(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    assert "What would suit the client" in front_desk.read("/desk/book")
    wanted = {"who": "best", "language": make_key("Spanish")}
    page = front_desk.get(asked(office, ask="1", **wanted)).text
    assert {f"who={colleague.public_id}" in link for link in links(page)} == {True}
    assert "Spanish" not in "".join(links(page))


def test_continuity_comes_first(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    known = book(office, at(12), contact=make_contact(**ANA), therapist=colleague.public_id).attendees[0].client
    answer = front_desk.get(asked(office, "/at", who="best", client=known.public_id, day="2026-11-25", time="10:00"))
    assert f"who={colleague.public_id}" in answer.headers["Location"]


def test_a_couple_comes_with_two_contacts(front_desk: Staff, office: Office) -> None:
    couple = make_service(office.practice, kind=ServiceKind.FAMILY, name="Family session", capacity=3)
    gives(office.therapist, couple)
    page = details(office, service=couple.public_id)
    assert "Comes along (optional)" in front_desk.read(page)
    second = {"name-1": "Ben Ito", "email-1": "ben@example.com", "phone-1": ""}
    more = send(front_desk, page, **second, more="1")
    assert 'name="name-2"' in more.text
    assert filled_in(more.text)["name-1"] == ["Ben Ito"]
    twice = send(front_desk, page, **{"name-1": "Ana Rivera", "email-1": "ana@example.com"})
    assert "This person is on the list already." in words_of(twice)
    assert send(front_desk, page, **second).status_code == 302
    assert [each.name for each in made()[0].attendees] == ["Ana Rivera", "Ben Ito"]


def test_of_a_group_one_seat_at_a_time(front_desk: Staff, office: Office) -> None:
    group = make_service(office.practice, kind=ServiceKind.GROUP, name="Evening group", capacity=2)
    gives(office.therapist, group)
    page = details(office, service=group.public_id)
    assert "Comes along" not in front_desk.read(page)
    assert send(front_desk, page).status_code == 302
    assert "1 free" in front_desk.read(asked(office, service=group.public_id, ask="1"))
    assert send(front_desk, page, **{"name-0": "Ben Ito", "email-0": "ben@example.com"}).status_code == 302
    full = send(front_desk, page, **{"name-0": "Cleo Ito", "email-0": "cleo@example.com"})
    assert full.status_code == 409
    assert len(made()) == 1
    assert "Evening group, 2 of 2 seats" in front_desk.read("/desk/week")


@pytest.mark.parametrize(("capacity", "is_asked"), [(5, False), (8, True)])
def test_a_group_that_our_own_room_cannot_carry_asks_for_another(
    front_desk: Staff, office: Office, capacity: int, *, is_asked: bool
) -> None:
    change(office.service, capacity=capacity, kind=ServiceKind.GROUP)
    page = front_desk.get(asked(office, ask="1"))
    answer = send(front_desk, links(page.text)[0])
    assert answer.status_code == 302
    words = words_of(front_desk.get(answer.headers["Location"]))
    assert ("Our own video room carries six people, and this may be more." in words) is is_asked


def test_two_therapists_together(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    pair = make_service(office.practice, name="Pair session", therapists_needed=2)
    for each in (office.therapist, colleague):
        gives(each, pair)
    page = details(office, service=pair.public_id, co=colleague.public_id)
    assert "Dana Rivera and Sam Okafor" in front_desk.read(page)
    assert send(front_desk, page).status_code == 302
    assert made()[0].co_therapist_id == colleague.id
    assert "Dana Rivera and Sam Okafor together" in front_desk.read("/desk/week")


def test_a_second_therapist_who_is_away_stands_in_the_way_of_a_seat(
    front_desk: Staff, office: Office, colleague: Therapist
) -> None:
    circle = make_service(office.practice, name="Circle", kind=ServiceKind.GROUP, capacity=4, therapists_needed=2)
    for each in (office.therapist, colleague):
        gives(each, circle)
    book(office, service=circle.public_id)
    page = details(office, service=circle.public_id)
    assert "away then" not in front_desk.read(page)
    add_time_off(colleague, datetime(2026, 11, 24, 8), datetime(2026, 11, 24, 12))
    assert "Sam Okafor is away then." in front_desk.read(page)
    assert send(front_desk, page, waived="time_off", reason="A colleague steps in").status_code == 302


def test_in_person_with_a_room_of_choice(front_desk: Staff, office: Office) -> None:
    second = make_room(office.location, "Room 2")
    page = details(office, mode="in_person", place=office.location.public_id, state="")
    assert "Chosen automatically" in front_desk.read(page)
    assert send(front_desk, page, room=second.public_id).status_code == 302
    assert made()[0].room_id == second.id
    again = send(front_desk, page, room=second.public_id)
    assert again.status_code == 409


def test_by_phone_the_number_is_needed(front_desk: Staff, office: Office) -> None:
    answer = send(front_desk, details(office, mode="phone"))
    assert answer.status_code == 422
    assert "Please enter a mobile number." in words_of(answer)


@pytest.mark.parametrize("name", ["Win at evil.com now", "=?utf-8?q?=0d=0aBcc:_x=40y.z?="])
def test_a_name_that_is_none_empties_nothing(front_desk: Staff, office: Office, name: str) -> None:
    answer = send(front_desk, details(office), **{"name-0": name, "email-0": "kept@example.com"})
    assert answer.status_code == 422
    assert 'href="#name-0"' in answer.text
    assert "kept@example.com" in answer.text
    assert made() == []


def test_staff_need_no_approval(front_desk: Staff, office: Office) -> None:
    with transaction() as session:
        session.get_one(Service, office.service.id).approval = Approval.ALWAYS
    assert send(front_desk, details(office)).status_code == 302
    assert made()[0].status == AppointmentStatus.BOOKED


def test_a_client_who_is_busy_is_named_as_the_obstacle(front_desk: Staff, office: Office, colleague: Therapist) -> None:
    known = book(office, contact=make_contact(**ANA)).attendees[0].client
    page = details(office, who=colleague.public_id, client=known.public_id)
    assert "The client has another appointment then." in front_desk.read(page)
    assert send(front_desk, page, waived="client_busy", reason="Swapped").status_code == 302


def test_a_time_lost_meanwhile_is_said(front_desk: Staff, office: Office) -> None:
    page = details(office)
    key = filled_in(front_desk.get(page).text)["key"][0]
    other = book(office)
    lost = front_desk.post(page, {**NEW, "key": key})
    assert lost.status_code == 409
    assert "It overlaps another appointment" in words_of(lost)
    cancel(other)
    assert front_desk.post(page, {**NEW, "key": key}).status_code == 302


@pytest.mark.parametrize("given", [{"start": ""}, {"mode": ""}, {"start": "nonsense"}])
def test_half_an_address_leads_back_to_the_question(front_desk: Staff, office: Office, given: dict[str, str]) -> None:
    answer = front_desk.get(details(office, **given))
    assert answer.status_code == 302
    assert "/desk/book?" in answer.headers["Location"]
    assert front_desk.post(details(office, **given), NEW).status_code == 404


def test_an_ended_service_cannot_be_named(front_desk: Staff, office: Office) -> None:
    from_before = details(office)
    with transaction() as session:
        session.get_one(Service, office.service.id).ended_at = at(0, days=-1)
    assert front_desk.post(from_before, NEW).status_code == 404


def test_weeks_lead_to_each_other(front_desk: Staff, office: Office) -> None:
    page = front_desk.get(asked(office, week="2026-12-08")).text
    assert "week=2026-11-30" in page
    assert "week=2026-12-14" in page
    assert "Nothing is free in this week." in front_desk.read(asked(office, week="2027-06-01"))
    assert "November 23 to November 29, 2026" in front_desk.read(asked(office, week="nonsense"))


def test_a_therapist_books_for_themselves_only(app: Flask, office: Office, colleague: Therapist) -> None:
    somebody = as_therapist(app, office)
    assert "Sam Okafor" not in somebody.read("/desk/book").partition("Second therapist")[0]
    assert send(somebody, details(office, who=colleague.public_id)).status_code == 302
    assert made()[0].therapist_id == office.therapist.id


def test_a_therapist_names_no_client_of_a_colleague(app: Flask, office: Office, colleague: Therapist) -> None:
    theirs = book(office, therapist=colleague.public_id, contact=make_contact(**ANA)).attendees[0].client
    somebody = as_therapist(app, office)
    assert "Nobody of that name" in somebody.read(asked(office, q="Ana"))
    assert somebody.get(details(office, client=theirs.public_id)).status_code == 404


def test_a_login_without_a_calendar_books_nothing(app: Flask, office: Office) -> None:
    somebody = sign_in(app, make_user(office.practice, Role.THERAPIST, password=PASSWORD))
    assert "Your login has no calendar yet" in somebody.read(details(office))
    assert somebody.post(details(office), NEW).status_code == 404


def test_a_yes_to_texts_goes_on_when_staff_book(front_desk: Staff, office: Office) -> None:
    """An empty box says that nobody asked; it is not the client's no."""
    first = book(office, at(14), contact=make_contact(**ANA, phone="+13035550123"))
    client = first.attendees[0].client
    form = details(office, client=client.public_id)
    words = front_desk.read(form)
    assert "They agreed to texts on Mon, Nov 23, 2026, at the number ending in 0123. That goes on" in words
    front_desk.send(form, {**filled_in(front_desk.get(form).text)})
    _, seat = (each.attendees[0] for each in made())
    assert (seat.text_consent_at, seat.text_consent_wording) == (
        first.attendees[0].text_consent_at,
        first.attendees[0].text_consent_wording,
    )


@pytest.mark.parametrize("change", ["another number", "a no since"])
def test_a_yes_to_texts_holds_for_its_number_and_until_a_no(front_desk: Staff, office: Office, change: str) -> None:
    first = book(office, at(14), contact=make_contact(**ANA, phone="+13035550123"))
    if change == "a no since":
        set_texts(link=first.attendees[0], wants=False, by=BY_CLIENT, now=NOW)
    number = "(303) 555-0199" if change == "another number" else "(303) 555-0123"
    front_desk.send(details(office), {**NEW, "phone-0": number})
    assert made()[-1].attendees[0].client_id == first.attendees[0].client_id
    assert made()[-1].attendees[0].text_consent_at is None


def test_a_partner_by_video_is_where_they_say(front_desk: Staff, office: Office) -> None:
    couple = make_service(office.practice, name="Couple session", kind=ServiceKind.COUPLE, capacity=2)
    gives(office.therapist, couple)
    add_licence(office.therapist, "UT")
    form = details(office, service=couple.public_id)
    assert filled_in(front_desk.get(form).text)["jurisdiction-1"] == ["CO"], "where the first one is, until said"
    partner = {
        "name-1": "Ben Ode",
        "email-1": "ben@example.com",
        "jurisdiction-1": "UT",
        "timezone-1": "America/Phoenix",
    }
    wrong = front_desk.post(form, {**NEW, **partner, "jurisdiction-1": "Mars"})
    assert 'href="#jurisdiction-1"' in wrong.text
    front_desk.send(form, {**NEW, **partner})
    ana, ben = made()[0].attendees
    assert (ana.jurisdiction, ben.jurisdiction) == ("CO", "UT")
    assert (ana.timezone, ben.timezone) == ("America/Denver", "America/Phoenix")


def test_a_time_chosen_in_the_schedule_stays_until_everything_else_is_said(front_desk: Staff, office: Office) -> None:
    chosen = f"who={office.therapist.public_id}&start=20261124T2200Z"
    words = front_desk.read(f"/desk/book?{chosen}")
    assert "Tuesday, November 24, 3:00 PM Mountain Time" in words
    assert filled_in(front_desk.get(f"/desk/book?{chosen}").text)["start"] == ["20261124T2200Z"] * 2
    answer = front_desk.get(f"/desk/book?{chosen}&service={office.service.public_id}&mode=virtual&state=CO&ask=1")
    assert answer.location.startswith("/desk/book/details?")
    assert "start=20261124T2200Z" in answer.location


def test_a_couple_is_asked_for_the_second_person(front_desk: Staff, office: Office) -> None:
    couple = make_service(office.practice, name="Couple session", kind=ServiceKind.COUPLE, capacity=2)
    gives(office.therapist, couple)
    form = details(office, service=couple.public_id)
    alone = front_desk.post(form, {**NEW, "name-1": "", "email-1": ""})
    assert alone.status_code == 422
    assert "A couple comes as two." in words_of(alone)
    assert filled_in(alone.text)["name-0"] == [NEW["name-0"]]
    assert made() == []
    front_desk.send(form, {**NEW, "name-1": "", "email-1": "", "alone": "y"})
    assert len(made()[0].attendees) == 1


def test_who_came_along_last_time_is_filled_in(front_desk: Staff, office: Office) -> None:
    couple = make_service(office.practice, name="Couple session", kind=ServiceKind.COUPLE, capacity=2)
    gives(office.therapist, couple)
    ben = make_contact(name="Ben Ode", email="ben@example.com", timezone="America/Phoenix")
    first = book(office, at(12), service=couple.public_id, contact=make_contact(**ANA), others=(ben,))
    client = first.attendees[0].client
    given = filled_in(front_desk.get(details(office, service=couple.public_id, client=client.public_id)).text)
    assert (given["name-1"], given["email-1"]) == (["Ben Ode"], ["ben@example.com"])
    assert given["timezone-1"] == ["America/Phoenix"]
    single = filled_in(front_desk.get(details(office, client=client.public_id)).text)
    assert "name-1" not in single


def test_a_longer_one_is_chosen_with_its_times(front_desk: Staff, office: Office) -> None:
    with transaction():
        office.service.other_lengths = [80]
    assert "How long? 50 minutes, as usual 80 minutes" in front_desk.read(asked(office))
    page = front_desk.get(asked(office, minutes="80"))
    assert "start=20261124T2200Z" in page.text
    assert "start=20261124T2300Z" not in page.text  # It would last beyond the hours.
    href = next(each for each in SLOT.findall(page.text) if "start=20261124T1700Z" in each).replace("&amp;", "&")
    assert "80 minutes" in front_desk.read(href)
    front_desk.post(href, {**filled_in(front_desk.get(href).text), **NEW})
    made = db.session.scalars(select(Appointment)).one()
    assert made.minutes == 80


def test_lengths_are_asked_for_where_there_is_a_choice(front_desk: Staff, office: Office) -> None:
    assert "How long?" not in front_desk.read(asked(office))
    assert "50 minutes" in front_desk.read(asked(office, "/details", start="20261124T1700Z", minutes="80"))


@pytest.mark.parametrize("is_chosen", [True, False])
def test_a_minor_for_whom_nobody_acts_needs_a_reason_where_the_practice_wants_that(
    front_desk: Staff, office: Office, *, is_chosen: bool
) -> None:
    """Also one whose name is only typed: whoever is on the phone was not looked up."""
    hint = "The client is a minor, and nobody acts for them on file"
    leo = make_client(office.practice, name="Leo Doe", email="leo@example.com")
    change(leo, born_on=date(2018, 5, 4))
    page = details(office, **({"client": leo.public_id} if is_chosen else {}))
    typed = {"name-0": "Leo Doe", "email-0": "leo@example.com"}
    assert hint not in front_desk.read(page)
    change(office.practice, when_minor=WhenMinor.REQUIRE)
    assert (hint in front_desk.read(page)) is is_chosen
    refused = send(front_desk, page, **typed)
    assert refused.status_code == 409
    assert hint in words_of(refused)
    answer = send(front_desk, page, **typed, waived="no_guardian", reason="The court has said so")
    words = words_of(front_desk.get(answer.headers["Location"]))
    assert "Booked on purpose for a minor for whom nobody acts on file Reason: The court has said so" in words
