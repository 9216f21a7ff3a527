"""Addresses of calendars: several for each, of all kinds; who reads them, and when they end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.errors import InvalidInput, LinkInvalid, NotFound
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.domain.words import Role
from telehealth.models import CalendarFeed, User
from telehealth.queries.calendars.feeds import find_feed_by_secret, is_shut, list_feeds
from telehealth.services.audit import ActedBy
from telehealth.services.calendars.feed_addresses import (
    LONGEST_NAME,
    MOST_FEEDS,
    FeedWish,
    add_feed,
    change_feed,
    close_feed,
    note_reading,
    renew_feed,
)
from telehealth.services.consent.link_ending import end_links_of_client
from telehealth.services.practice.accounts import set_roles
from telehealth.services.practice.people import switch_login_off, switch_login_on
from tests.factories import BY_STAFF, Office, make_client, make_office, make_therapist, make_user
from tests.factories.feeds import make_feed
from tests.factories.rows import change
from tests.moments import NOW
from tests.statements import listening

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + timedelta(hours=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def office() -> Office:
    return make_office()


def secret_of(path: str) -> str:
    return path.removeprefix("/calendar/").removesuffix(".ics")


def by(user: User) -> ActedBy:
    return ActedBy(BY_STAFF.actor, user_id=user.id)


def opens(path: str) -> bool:
    db.session.expire_all()
    try:
        return find_feed_by_secret(secret_of(path)) is not None
    except LinkInvalid:
        return False


def which(feed: CalendarFeed, **given: Any) -> dict[str, Any]:
    return {"practice_id": feed.practice_id, "feed_public_id": feed.public_id, "by": BY_STAFF, "now": LATER, **given}


def test_a_therapist_has_several_and_closes_one_of_them(office: Office) -> None:
    phone, at_phone = make_feed(office.practice, office.therapist, name="Phone")
    home, at_home = make_feed(office.practice, office.therapist, FeedDetail.INITIALS, name="Home")
    assert list_feeds(office.practice.id, FeedSubject.THERAPIST, office.therapist.id) == [phone, home]
    close_feed(**which(phone))
    assert find_feed_by_secret(secret_of(at_home)) == home
    with pytest.raises(LinkInvalid):
        find_feed_by_secret(secret_of(at_phone))


def test_each_kind_is_listed_by_itself(office: Office) -> None:
    client = make_client(office.practice)
    owners = {
        FeedSubject.THERAPIST: office.therapist,
        FeedSubject.CLIENT: client,
        FeedSubject.ROOM: office.room,
        FeedSubject.PLACE: office.location,
        FeedSubject.PRACTICE: None,
    }
    made = {subject: make_feed(office.practice, owner)[0] for subject, owner in owners.items()}
    for subject, owner in owners.items():
        assert made[subject].subject == subject
        assert list_feeds(office.practice.id, subject, owner.id if owner else None) == [made[subject]]
    assert len(list_feeds(office.practice.id)) == len(owners)
    assert list_feeds(make_office().practice.id) == []


def test_a_new_address_ends_the_old_one_and_nobody_has_read_it(office: Office) -> None:
    feed, path = make_feed(office.practice, office.therapist)
    note_reading(feed_id=feed.id, version="a", user_agent=FIREFOX, now=NOW)
    renewed, secret = renew_feed(**which(feed))
    assert (renewed.id, renewed.read_at, renewed.read_by) == (feed.id, None, None)
    assert find_feed_by_secret(secret).id == feed.id
    with pytest.raises(LinkInvalid):
        find_feed_by_secret(secret_of(path))


@pytest.mark.parametrize("name", ["", " \t ", "x" * (LONGEST_NAME + 1), "two\nlines"])
def test_a_name_is_one_short_line(office: Office, name: str) -> None:
    feed, _ = make_feed(office.practice, office.therapist)
    with pytest.raises(InvalidInput) as refusal:
        change_feed(**which(feed), wish=FeedWish(name=name))
    assert set(refusal.value.fields) == {"name"}


def test_there_are_not_too_many(office: Office) -> None:
    for number in range(MOST_FEEDS):
        make_feed(office.practice, office.therapist, name=f"Calendar {number}")
    with pytest.raises(InvalidInput) as refusal:
        make_feed(office.practice, office.therapist)
    assert "close one first" in refusal.value.fields["name"]
    make_feed(office.practice, None)


def test_what_belongs_to_another_practice_is_not_found(office: Office) -> None:
    other = make_office()
    feed, _ = make_feed(office.practice, office.room)
    theirs = {"practice_id": other.practice.id}
    with pytest.raises(NotFound):
        close_feed(**which(feed, **theirs))
    wish = FeedWish(name="Door")
    for subject, owner in ((FeedSubject.ROOM, office.room), (FeedSubject.CLIENT, make_client(office.practice))):
        with pytest.raises(NotFound):
            add_feed(subject=subject, owner_public_id=owner.public_id, wish=wish, by=BY_STAFF, now=NOW, **theirs)


def test_who_reads_is_known_by_family_and_since_when_it_says_so(office: Office) -> None:
    feed, _ = make_feed(office.practice, office.therapist)
    first = note_reading(feed_id=feed.id, version="a", user_agent="Google-Calendar-Importer", now=NOW)
    assert (first, feed.read_at, feed.read_by) == (NOW, NOW, "Google Calendar")
    assert note_reading(feed_id=feed.id, version="a", user_agent=FIREFOX, now=LATER) == NOW, "it says the same"
    assert (feed.read_at, feed.read_by) == (LATER, "A browser")
    news = note_reading(feed_id=feed.id, version="b", user_agent=FIREFOX, now=LATER)
    again = note_reading(feed_id=feed.id, version="a", user_agent=FIREFOX, now=LATER)
    assert (news, again) == (LATER, LATER + timedelta(seconds=1)), "seconds are all that programs are told"
    close_feed(**which(feed))
    assert note_reading(feed_id=feed.id, version="a", user_agent=FIREFOX, now=LATER) is None


def test_a_shared_address_ends_with_the_login_that_made_it(office: Office) -> None:
    user = make_user(office.practice, Role.FRONT_DESK)
    paths = [make_feed(office.practice, owner, by=by(user))[1] for owner in (office.room, office.location, None)]
    client = make_feed(office.practice, make_client(office.practice), by=by(user))[1]
    change(user, active=False)
    for path in paths:
        with pytest.raises(LinkInvalid):
            find_feed_by_secret(secret_of(path))
    assert find_feed_by_secret(secret_of(client)), "a client's is the client's"


def test_a_therapists_address_ends_with_the_owner_who_made_it(office: Office) -> None:
    owner = make_user(office.practice)
    make_user(office.practice)
    path = make_feed(office.practice, office.therapist, FeedDetail.FULL, by=by(owner))[1]
    assert find_feed_by_secret(secret_of(path))
    given: dict[str, Any] = {
        "practice_id": office.practice.id,
        "person_public_id": owner.public_id,
        "by": BY_STAFF,
        "now": LATER,
    }
    switch_login_off(**given)
    assert opens(path) is False
    assert [is_shut(each) for each in list_feeds(office.practice.id)] == [True], "the pages say so"
    switch_login_on(**given)
    assert opens(path)


@pytest.mark.parametrize(
    ("roles", "own", "others", "shared"),
    [
        ({Role.OWNER}, True, True, True),
        ({Role.OWNER, Role.THERAPIST}, True, True, True),
        ({Role.THERAPIST}, True, False, False),
        ({Role.THERAPIST, Role.FRONT_DESK}, True, False, True),
        ({Role.FRONT_DESK}, False, False, True),
        ({Role.BILLER}, False, False, False),
    ],
)
def test_an_address_opens_as_long_as_its_maker_could_run_it(
    office: Office, roles: set[Role], own: bool, others: bool, shared: bool
) -> None:
    maker = make_user(office.practice)
    change(office.therapist, user_id=maker.id)
    colleague = make_therapist(office.practice, office.service)
    given: dict[str, Any] = {"by": by(maker), "detail": FeedDetail.FULL}
    paths = [make_feed(office.practice, each, **given)[1] for each in (office.therapist, colleague, office.room, None)]
    assert [opens(each) for each in paths] == [True] * 4
    with transaction() as session:
        set_roles(session, maker, roles, by=BY_STAFF, now=LATER)
    assert [opens(each) for each in paths] == [own, others, shared, shared]


def test_finding_what_an_address_opens_is_one_statement(database: Session, office: Office) -> None:
    maker = make_user(office.practice, Role.OWNER, Role.THERAPIST, Role.FRONT_DESK)
    change(office.therapist, user_id=maker.id)
    for owner in (office.therapist, office.room, None):
        secret = secret_of(make_feed(office.practice, owner, by=by(maker))[1])
        database.expunge_all()
        with listening() as said:
            find_feed_by_secret(secret)
        assert len(said) == 1


def test_it_ends_with_a_clients_links(database: Session, office: Office) -> None:
    client = make_client(office.practice)
    make_feed(office.practice, client)
    keep = make_feed(office.practice, make_client(office.practice))[0]
    end_links_of_client(practice_id=office.practice.id, client_public_id=client.public_id, by=BY_STAFF, now=NOW)
    assert database.scalars(select(CalendarFeed.id)).all() == [keep.id]


def test_a_therapist_who_has_left_has_none(office: Office) -> None:
    gone = make_therapist(office.practice, office.service)
    _, path = make_feed(office.practice, gone)
    change(gone, ended_at=NOW)
    with pytest.raises(LinkInvalid):
        find_feed_by_secret(secret_of(path))
