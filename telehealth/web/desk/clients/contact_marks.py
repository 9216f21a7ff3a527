"""What staff see at a glance about how somebody may be written to, wherever a client stands in a list; and whether
somebody has to act for them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from telehealth.domain.coming_of_age import OWN_CONSENT, AgeStanding, age_on, judge_age
from telehealth.domain.companions import MessagesTo
from telehealth.domain.consent.contactability import OptOuts, TypedContact, reached_at, why_not_contactable
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.message_words import Channel, Purpose, Reason
from telehealth.domain.reasons import say_reason
from telehealth.models import Attendee, Client, Companion
from telehealth.queries.consent.opt_outs import latest_contacts, opt_outs_of_seats
from telehealth.queries.practice.clients import list_companions_of
from telehealth.web.desk.words import listed

NOTHING_SAID = {None, Reason.DID_NOT_AGREE, Reason.NO_NUMBER}
"""Nobody said no; nobody said yes either."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A small badge. ``why`` is the whole sentence."""

    text: str
    tone: str
    why: str


def list_marks(
    contact: TypedContact, client: Client, withheld: OptOuts, readers: Collection[Companion] = ()
) -> list[Mark]:
    """What is unusual: texts or e-mail that they, or their phone, do not take, and contacts to be careful with. That a
    child has no address is not, where somebody else reads what is sent (``readers``).
    """
    found = []
    no_texts, no_email = (
        why_not_contactable(contact, client, channel, Purpose.APPOINTMENTS, withheld)
        for channel in (Channel.TEXT, Channel.EMAIL)
    )
    if no_texts not in NOTHING_SAID:
        found.append(Mark("No texts", "wait", say_reason(no_texts)))
    if no_email is not None and not (no_email == Reason.NO_EMAIL and readers):
        comes_back = no_email == Reason.EMAIL_BAD_ADDRESS
        found.append(Mark("E-mail comes back" if comes_back else "No e-mail", "bad", say_reason(no_email)))
    if client.safe_phone or client.safe_email or client.code_name:
        found.append(Mark("Safe contact", "active", "Messages go where it is safe, or use another name."))
    return found


def list_marks_of_seats(practice_id: int, seats: Collection[Attendee]) -> dict[int, list[Mark]]:
    """The badges of some seats, by the seat's id; asked of the rows once for all of them."""
    withheld, readers = opt_outs_of_seats(practice_id, seats), _find_readers(seats)
    return {each.id: list_marks(each, each.client, withheld, readers.get(each.id, ())) for each in seats}


def _find_readers(seats: Collection[Attendee]) -> dict[int, list[Companion]]:
    """Who else gets the messages about seats whose clients have no address, by the seat's id: whoever the practice
    knows, and who booked it.
    """
    without = [each for each in seats if reached_at(each, each.client, Channel.EMAIL) is None]
    others = [
        each
        for each in list_companions_of({seat.client_id for seat in without})
        if each.ended_at is None and each.messages_to != MessagesTo.CLIENT
    ]
    return {
        seat.id: [
            each
            for each in others
            if each.client_id == seat.client_id and (each.is_known or each.id == seat.booked_by_id)
        ]
        for seat in without
    }


def describe_reach(practice_id: int, seats: Collection[Attendee]) -> dict[int, dict[str, Any]]:
    """What the page of an appointment says about reaching its clients, by the seat's id: where it is safe, whether they
    get texts, and the badges.
    """
    withheld, readers = opt_outs_of_seats(practice_id, seats), _find_readers(seats)
    return {
        each.id: {
            "email": reached_at(each, each.client, Channel.EMAIL),
            "phone": reached_at(each, each.client, Channel.TEXT),
            "texts": _texts(each, withheld, readers.get(each.id, [])),
            "marks": list_marks(each, each.client, withheld, readers.get(each.id, ())),
            "note": each.client.contact_note,
        }
        for each in seats
    }


def _texts(seat: Attendee, withheld: OptOuts, readers: Sequence[Companion]) -> str:
    why_not = why_not_contactable(seat, seat.client, Channel.TEXT, Purpose.APPOINTMENTS, withheld)
    if why_not is None:
        return "Agreed to texts"
    if readers:
        said = f"None to them: {listed([each.name for each in readers])} get{'s' * (len(readers) == 1)} the messages"
    else:
        said = "E-mail only" if reached_at(seat, seat.client, Channel.EMAIL) else "None"
    return said if why_not in NOTHING_SAID else f"{said}. {say_reason(why_not)}"


def say_age(client: Client, state: str | None, today: date) -> str:
    """What a minor's age means for who agrees to their care in a state; empty for everybody else."""
    standing = judge_age(client.born_on, state, on=today)
    if client.born_on is None or standing == AgeStanding.OF_AGE:
        return ""
    said = f"A minor, {age_on(client.born_on, today)} years old."
    if standing == AgeStanding.AGREES_ALONE and state is not None:
        own, where = OWN_CONSENT[state], JURISDICTIONS[state]
        return f"{said} In {where} people may agree to counselling from {own.age} on ({own.statute}; please check)."
    is_alone = all(each.ended_at is not None or not each.is_known for each in client.companions)
    return f"{said} Somebody has to act for them{', and nobody does yet' if is_alone else ''}."


def list_marks_of_clients(practice_id: int, clients: Collection[Client]) -> dict[int, list[Mark]]:
    """The badges of some clients as they came last, by the client's id; none for who has never had an appointment."""
    latest = latest_contacts([each.id for each in clients])
    by_seat = list_marks_of_seats(practice_id, list(latest.values()))
    return {client_id: by_seat[seat.id] for client_id, seat in latest.items()}
