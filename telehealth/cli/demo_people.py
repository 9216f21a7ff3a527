"""The invented people of the demo practice. Nobody here exists: example addresses, and numbers kept for fiction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telehealth.domain import languages
from telehealth.domain.words import Approval, LateChange, Mode, ServiceKind, WhenOneCancels
from telehealth.services.practice.catalogue import ServiceFacts, TherapistLimits
from telehealth.services.practice.policies import NewTerms

ABOUT = (
    "We are six people who listen for a living, in Denver, Chicago and New York, and by video wherever we are "
    "licensed. New clients are welcome. The first conversation is there to find out whether we fit."
)

EVERY_WAY = (Mode.VIRTUAL, Mode.IN_PERSON, Mode.PHONE)

SERVICES = (
    ServiceFacts(
        kind=ServiceKind.INTAKE,
        name="First conversation",
        description="For new clients: what brings you here, and what could help.",
        duration_minutes=60,
        modes=(Mode.VIRTUAL, Mode.IN_PERSON),
        buffer_after_minutes=15,
        notice_minutes=24 * 60,
        position=1,
    ),
    ServiceFacts(
        kind=ServiceKind.INDIVIDUAL,
        name="Individual session",
        description="For clients who have met their therapist.",
        duration_minutes=50,
        modes=EVERY_WAY,
        notice_minutes=4 * 60,
        position=2,
    ),
    ServiceFacts(
        kind=ServiceKind.COUPLE,
        name="Couples session",
        description="For two, together in one place or joining from two.",
        duration_minutes=80,
        modes=(Mode.VIRTUAL, Mode.IN_PERSON),
        buffer_before_minutes=5,
        notice_minutes=24 * 60,
        position=3,
        capacity=2,
        load_percent=150,
    ),
    ServiceFacts(
        kind=ServiceKind.INDIVIDUAL,
        name="Longer session",
        description="Ninety minutes, for example for EMDR. We look at every request first.",
        duration_minutes=90,
        modes=(Mode.VIRTUAL, Mode.IN_PERSON),
        notice_minutes=24 * 60,
        position=4,
        load_percent=150,
        approval=Approval.ALWAYS,
    ),
    ServiceFacts(
        kind=ServiceKind.GROUP,
        name="Sleep group",
        description="Up to six people, once a week.",
        duration_minutes=90,
        modes=(Mode.IN_PERSON,),
        buffer_before_minutes=10,
        position=5,
        capacity=6,
        opened_by_staff=True,
        room_kind="group room",
    ),
    ServiceFacts(
        kind=ServiceKind.FAMILY,
        name="Family session with two therapists",
        description="For families who would like four ears.",
        duration_minutes=80,
        modes=(Mode.VIRTUAL,),
        notice_minutes=48 * 60,
        position=6,
        capacity=5,
        when_one_cancels=WhenOneCancels.GOES_ON,
        load_percent=150,
        therapists_needed=2,
    ),
)
POPULARITY = (2, 7, 2)
"""How often clients book the first services by themselves; the others are set up in cli/demo_life.py."""

LONGER, GROUP, FAMILY = (service.name for service in SERVICES[3:])
TERMS = {
    "Individual session": NewTerms(24 * 60, LateChange.MARK, "Late cancellations cost half the fee; illness does not."),
    "Couples session": NewTerms(48 * 60, LateChange.CALL, "We keep eighty minutes free for you two."),
}

SHARE_THAT_WANTS_TEXTS = 0.7
SHARE_IN_PERSON = 0.35
SHARE_BY_PHONE = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """A location with its rooms, and the kinds of those that have one."""

    name: str
    address: str
    jurisdiction: str
    timezone: str
    rooms: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...] = ()


PLACES = (
    Place(
        "Juniper Street",
        "418 Juniper Street, Denver, CO 80203",
        "CO",
        "America/Denver",
        ("Aspen", "Willow", "Garden room"),
        (("Garden room", "group room"), ("Willow", "playroom")),
    ),
    Place("Lakeview", "1200 Belmont Avenue, Chicago, IL 60657", "IL", "America/Chicago", ("North room",)),
)

USUAL = TherapistLimits(daily_cap=6, weekly_cap=25, longest_run=None)
GENTLE = TherapistLimits(daily_cap=5, weekly_cap=18, longest_run=3, break_minutes=20, note_minutes=10)

# Weekday (0 is Monday), first and last hour, and the place for meeting in person.
Hours = Sequence[tuple[int, int, int, str | None]]


@dataclass(frozen=True, slots=True)
class Person:
    """A therapist."""

    name: str
    credential: str
    email: str
    timezone: str
    states: tuple[str, ...]
    about: str
    modalities: tuple[str, ...]
    specialties: tuple[str, ...]
    hours: Hours
    languages: tuple[str, ...] = ("English",)
    away_in_days: int | None = None
    limits: TherapistLimits = USUAL


def _week(first: int, last: int, days: Sequence[int], place: str | None = None) -> Hours:
    return [(day, first, last, place) for day in days]


THERAPISTS = (
    Person(
        "Maya Lindqvist",
        "LPC",
        "maya@demo.example",
        "America/Denver",
        ("CO", "WY", "UT"),
        "Warm and practical. Works with adults who carry too much.",
        ("CBT", "ACT"),
        ("Anxiety", "Work and burnout"),
        [*_week(9, 17, (0, 1, 3), "Juniper Street"), *_week(8, 14, (4,))],
    ),
    Person(
        "Daniel Abreu",
        "LCSW",
        "daniel@demo.example",
        "America/Denver",
        ("CO", "NM"),
        "Calm, with a dry sense of humour. Evening hours on Tuesdays and Thursdays.",
        ("EMDR", "Psychodynamic"),
        ("Trauma", "Grief"),
        [*_week(11, 20, (1, 3), "Juniper Street"), *_week(9, 15, (2, 4))],
        languages=("English", "Spanish"),
    ),
    Person(
        "Grace Oyelaran",
        "LMFT",
        "grace@demo.example",
        "America/Chicago",
        ("IL", "WI"),
        "For couples and families who would like to talk differently.",
        ("EFT", "Gottman"),
        ("Couples", "Families"),
        [*_week(10, 18, (0, 2, 3), "Lakeview"), *_week(9, 13, (5,))],
    ),
    Person(
        "Thomas Keller",
        "PsyD",
        "thomas@demo.example",
        "America/Chicago",
        ("IL", "IN", "MI"),
        "Psychologist. Unhurried, curious, direct when it helps.",
        ("CBT", "ERP"),
        ("OCD", "Sleep"),
        [*_week(8, 16, (0, 1, 2, 3)), *_week(8, 12, (4,), "Lakeview")],
        languages=("English", "German"),
        away_in_days=9,
    ),
    Person(
        "Leila Haddad",
        "LCSW",
        "leila@demo.example",
        "America/New_York",
        ("NY", "NJ", "CT"),
        "Works by video with students and young professionals.",
        ("DBT", "ACT"),
        ("Young adults", "Life changes"),
        _week(12, 20, (0, 1, 2, 3)),
        languages=("English", "Arabic", "French"),
        limits=GENTLE,
    ),
    Person(
        "Jonah Price",
        "LPC-A",
        "jonah@demo.example",
        "America/New_York",
        ("NY",),
        "Associate, supervised by Leila Haddad. Gentle and thorough.",
        ("Person-centred",),
        ("Loneliness", "Self-worth"),
        _week(9, 15, (1, 2, 3, 4)),
    ),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A client. ``locale`` is the language of their messages, empty for the usual one."""

    name: str
    email: str
    phone: str
    locale: str = ""


_NAMES = (
    "Ada Nowak", "Ben Castillo", "Carmen Ortiz", "David Kim", "Elena Petrova", "Farid Rahimi", "Gloria Mensah",
    "Hannah Weiss", "Ivan Horvat", "Jasmine Carter", "Kofi Boateng", "Laura Jensen", "Marcus Bell", "Nina Rossi",
    "Omar Khalil", "Priya Nair", "Quentin Moore", "Rosa Delgado", "Sofia Andersson", "Tyler Brooks", "Uma Patel",
    "Victor Chen", "Wendy Tran", "Xavier Dupont", "Yara Saleh", "Zoe Martin", "Aaron Levy", "Bianca Costa",
    "Caleb Young", "Dina Farouk", "Ethan Wright", "Fiona Gallagher", "Gabriel Silva", "Helen Zhou", "Isaac Turner",
    "Julia Schmidt", "Karim Aziz", "Lena Fischer", "Miguel Santos", "Naomi Clarke",
)  # fmt: skip

CLIENTS = tuple(
    Visitor(name, f"{name.lower().replace(' ', '.')}@client.example", f"(303) 555-01{number:02d}")
    for number, name in enumerate(_NAMES, start=10)
)

AT_THE_DESK = "Sam Whitaker"

# Those of cli/demo_life.py. The regulars are clients of the practice like the others.
REGULARS = (CLIENTS[0], CLIENTS[1], *CLIENTS[35:])


def _somebody(name: str, number: int) -> Visitor:
    return Visitor(name, f"{name.lower().replace(' ', '.')}@client.example", f"(303) 555-01{number:02d}")


WAITING = (_somebody("Olivia Hart", 60), _somebody("Paul Weber", 61))
ASKS = _somebody("Rebecca Stone", 62)
FAR_AWAY = _somebody("Samir Haddou", 63)
FAMILY_OF_THREE = (_somebody("Tara Quinn", 64), _somebody("Sean Quinn", 65), _somebody("Nora Quinn", 66))

# Those of cli/demo_talk.py.
HAS_A_QUESTION = _somebody("Walter Hughes", 67)
ENDS_TEXTS = _somebody("Peter Novak", 68)
GAVE_A_LANDLINE = _somebody("Mei Tanaka", 69)
SPEAKS_SPANISH = Visitor("Lucía Herrera", "lucia.herrera@client.example", "(303) 555-0170", languages.SPANISH)
