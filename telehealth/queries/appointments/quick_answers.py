"""What can be named in the box "Who is free?" at a practice, and what a question there takes as said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from telehealth.domain.appointments.quick_questions import Doubt, Matter, Named, QuickQuestion
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Therapist
from telehealth.queries.practice.practices import list_locations, list_services

MODE_WORDS = {
    Mode.VIRTUAL: ("Video", ("virtual", "online")),
    Mode.PHONE: ("Phone", ("call",)),
    Mode.IN_PERSON: ("In-person", ("office",)),
}
SAID_MODES = {Mode.VIRTUAL: "video", Mode.PHONE: "phone", Mode.IN_PERSON: "in person"}
WHICH_SERVICE = "Which service is it for?"
WHICH_STATE = "In which state will the client be? It decides who may treat them."
MOST_WAYS = 8


def list_names(practice_id: int, team: Sequence[Therapist]) -> Iterator[Named]:
    """Whatever can be named by somebody who may ask about this ``team``."""
    yield from (Named(Matter.SERVICE, each.public_id, each.name) for each in list_services(practice_id))
    yield from (Named(Matter.THERAPIST, each.public_id, each.name) for each in team)
    yield from (Named(Matter.LANGUAGE, each, each) for each in sorted({word for one in team for word in one.languages}))
    yield from (Named(Matter.MODE, mode.value, name, also) for mode, (name, also) in MODE_WORDS.items())
    yield from (Named(Matter.STATE, code, name, (code,)) for code, name in JURISDICTIONS.items())


def complete_question(practice_id: int, found: QuickQuestion, text: str) -> list[str]:
    """Fill in what there is only one of, or what is usual here; each is said. What is still open becomes a doubt."""
    said: list[str] = []
    services = list_services(practice_id)
    named = found.named.get(Matter.SERVICE)
    service = next((each for each in services if named is not None and each.public_id == named.key), None)
    if service is None and len(services) == 1:
        service = services[0]
        found.named[Matter.SERVICE] = Named(Matter.SERVICE, service.public_id, service.name)
    if service is None:
        if not any("any of these" in each.sentence for each in found.doubts):
            found.doubts.append(Doubt(WHICH_SERVICE, tuple(f"{text} {each.name}" for each in services[:MOST_WAYS])))
        return said
    if Matter.MODE not in found.named:
        mode = next(mode for mode in Mode if mode in service.modes)
        found.named[Matter.MODE] = Named(Matter.MODE, mode.value, MODE_WORDS[mode][0])
        if len(service.modes) > 1:
            said.append(f"{SAID_MODES[mode]}, as nothing else was said")
    said += _assume_state(practice_id, found, text)
    return said


def _assume_state(practice_id: int, found: QuickQuestion, text: str) -> list[str]:
    if Matter.STATE in found.named or found.named[Matter.MODE].key == Mode.IN_PERSON:
        return []
    states = sorted({each.jurisdiction for each in list_locations(practice_id)})
    if len(states) == 1:
        found.named[Matter.STATE] = Named(Matter.STATE, states[0], JURISDICTIONS.get(states[0], states[0]))
        return [f"a client in {found.named[Matter.STATE].name}, where the practice is"]
    ways = tuple(f"{text} {JURISDICTIONS[each]}" for each in states if each in JURISDICTIONS)
    found.doubts.append(Doubt(WHICH_STATE, ways))
    return []
