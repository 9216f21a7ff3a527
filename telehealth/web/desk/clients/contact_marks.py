"""What staff see at a glance about how somebody may be written to, wherever a client stands in a list; and whether
somebody has to act for them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from telehealth.domain.coming_of_age import OWN_CONSENT, AgeStanding, age_on, judge_age
from telehealth.domain.consent.contactability import OptOuts, TypedContact, reached_at, why_not_contactable
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.message_words import Channel, Purpose, Reason
from telehealth.domain.reasons import say_reason
from telehealth.models import Attendee, Client
from telehealth.queries.consent.opt_outs import latest_contacts, opt_outs_of_seats

NOTHING_SAID = {None, Reason.DID_NOT_AGREE, Reason.NO_NUMBER}
"""Nobody said no; nobody said yes either."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A small badge. ``why`` is the whole sentence."""

    text: str
    tone: str
    why: str


def list_marks(contact: TypedContact, client: Client, withheld: OptOuts) -> list[Mark]:
    """What is unusual: texts or e-mail that they, or their phone, do not take, and contacts to be careful with."""
    found = []
    no_texts, no_email = (
        why_not_contactable(contact, client, channel, Purpose.APPOINTMENTS, withheld)
        for channel in (Channel.TEXT, Channel.EMAIL)
    )
    if no_texts not in NOTHING_SAID:
        found.append(Mark("No texts", "wait", say_reason(no_texts)))
    if no_email is not None:
        comes_back = no_email == Reason.EMAIL_BAD_ADDRESS
        found.append(Mark("E-mail comes back" if comes_back else "No e-mail", "bad", say_reason(no_email)))
    if client.safe_phone or client.safe_email or client.code_name:
        found.append(Mark("Safe contact", "active", "Messages go where it is safe, or use another name."))
    return found


def list_marks_of_seats(practice_id: int, seats: Collection[Attendee]) -> dict[int, list[Mark]]:
    """The badges of some seats, by the seat's id; asked of the rows once for all of them."""
    withheld = opt_outs_of_seats(practice_id, seats)
    return {each.id: list_marks(each, each.client, withheld) for each in seats}


def describe_reach(practice_id: int, seats: Collection[Attendee]) -> dict[int, dict[str, Any]]:
    """What the page of an appointment says about reaching its clients, by the seat's id: where it is safe, whether they
    get texts, and the badges.
    """
    withheld = opt_outs_of_seats(practice_id, seats)
    return {
        each.id: {
            "email": reached_at(each, each.client, Channel.EMAIL),
            "phone": reached_at(each, each.client, Channel.TEXT),
            "texts": _texts(why_not_contactable(each, each.client, Channel.TEXT, Purpose.APPOINTMENTS, withheld)),
            "marks": list_marks(each, each.client, withheld),
            "note": each.client.contact_note,
        }
        for each in seats
    }


def _texts(why_not: Reason | None) -> str:
    if why_not is None:
        return "Agreed to texts"
    return "E-mail only" if why_not in NOTHING_SAID else f"E-mail only. {say_reason(why_not)}"


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
