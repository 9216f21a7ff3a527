"""What clients want to be written about, and what they do not: theirs to say, and kept with exactly the words of it.

Every yes and no is a row of its own, and the latest one holds. Nothing here cancels an appointment, and whatever is
planned for the people concerned is planned anew. ``services.consent.suppressions`` is about numbers and addresses
instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.states import require_ahead
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.consent.contactability import THEIRS_TO_REFUSE, reached_at
from telehealth.domain.consent.texting import countries_texted, say_untextable, why_not_textable
from telehealth.domain.contact import TEXT_CONSENT, Contact, clean_phone
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.links import Linked
from telehealth.domain.message_words import Channel, ConsentSource, Purpose
from telehealth.models import Appointment, Attendee, Client, Consent, Practice, SeriesMember, WaitlistEntry
from telehealth.models.columns import new_uuid
from telehealth.queries.consent.client_files import ClientFile, ClientFiles, Said, read_client_files
from telehealth.services import audit
from telehealth.services.audit import ActedBy
from telehealth.services.consent.link_ending import end_links_of_seats
from telehealth.services.locking import lock_linked_seat, read_client
from telehealth.services.messages.planning import replan_appointment, replan_appointments
from telehealth.services.messages.repeating import tell_again
from telehealth.services.messages.replanning import belongs_to, lock_ahead

LONGEST_WORDING = 1000
NOT_BY_LINK = "E-mail about appointments can only be ended by the practice. Please call us. Nothing was changed."
TEXTS_OFF = "Stop texts, send e-mail only."
_INSERT = insert(Consent)


def record_consent(  # noqa: PLR0913 -- a yes or no is these facts
    session: Session,
    *,
    practice_id: int,
    client_id: int,
    channel: Channel,
    purpose: Purpose,
    is_given: bool,
    source: ConsentSource,
    wording: str,
    address: str,
    now: datetime,
    user_id: int | None = None,
) -> None:
    """Write one yes or no down, inside the caller's transaction. ``wording`` is exactly what was shown or said, and
    ``address`` where they are reached.
    """
    row = {
        "public_id": new_uuid(),
        "practice_id": practice_id,
        "client_id": client_id,
        "channel": channel,
        "purpose": purpose,
        "is_given": is_given,
        "source": source,
        "wording": wording,
        "address": address,
        "user_id": user_id,
        "at": now,
    }
    session.connection().execute(_INSERT, row)


def record_agreements(
    session: Session,
    people: Iterable[Attendee | SeriesMember | WaitlistEntry],
    files: ClientFiles,
    *,
    by: ActedBy,
    now: datetime,
    purpose: Purpose = Purpose.APPOINTMENTS,
) -> ClientFiles:
    """Write down what a ticked box on a form said, for those of ``people`` who ticked it; their files with that in it.

    The words cover all purposes. ``purpose`` is the one that the form is about: a no to it ends here. A no to another
    one was said on purpose, and a box on a form about something else does not take it back; nor does any box end STOP.
    What holds already, in these words for this number, is not written again.
    """
    by_id = files.by_id
    rows = [
        {
            "public_id": new_uuid(),
            "practice_id": each.practice_id,
            "client_id": each.client_id,
            "channel": Channel.TEXT,
            "purpose": covered,
            "is_given": True,
            "source": ConsentSource.FORM,
            "wording": each.text_consent_wording or "",
            "address": each.phone or "",
            "user_id": by.user_id,
            "at": now,
        }
        for each in people
        for covered in Purpose
        if each.text_consent_at is not None
        and _is_news(by_id[each.client_id].said.get((Channel.TEXT, covered)), each, is_asked=covered == purpose)
    ]
    if not rows:
        return files
    session.connection().execute(_INSERT, rows)
    return files.with_said(rows)


def agreed_texts(
    contact: Contact, client: ClientFile, practice: Practice, *, is_theirs_to_say: bool, gets_texts: bool, now: datetime
) -> tuple[datetime, str] | tuple[None, None]:
    """When a client agreed to texts about what they are entered for, and in which words; nothing where they did not.

    What a client has agreed to for a number goes on holding when staff, or anybody else, book for them: an empty box on
    their form says that nobody asked, and not that they want no texts any more. A client who leaves it empty says so
    (``is_theirs_to_say``).
    """
    if gets_texts:
        return now, TEXT_CONSENT.format(sender=practice.sender_name)
    stands = client.standing_yes(contact.phone) if not is_theirs_to_say and contact.phone else None
    return (stands.at, stands.wording) if stands is not None else (None, None)


@retry_on_conflict
def set_texts(*, link: Linked, wants: bool, by: ActedBy, now: datetime, phone: str = "") -> Attendee:
    """Turn texts about their appointments on or off for the client of the seat that a signed link names.

    On is for this seat: nobody else's number is known from here. Off is for all that the client has. Without a
    ``phone`` the number on file is used. With another one than was texted so far, the links that went there are ended,
    that of the page which asks as well: the seat that is returned has a new one. Off is heard whenever it is said.
    Raises LinkInvalid, LinkEnded, InvalidInput when there is no number to text, and for on all of ``require_ahead``.
    """
    with transaction() as session:
        whose = session.scalars(select(Attendee.client_id).where(Attendee.public_id == link.public_id)).all()
        ahead = lock_ahead(session, belongs_to(whose), now=now)
        seat = lock_linked_seat(session, link)
        appointment = seat.appointment
        is_elsewhere = False
        if wants:
            _require_ahead(seat, now=now)
            if phone or not seat.client.safe_phone:
                number = _textable(appointment.practice, _number(phone or seat.phone or ""))
                was_texted = seat.text_consent_at is not None and seat.phone is not None
                is_elsewhere, seat.phone = was_texted and number != seat.phone, number
            wording = TEXT_CONSENT.format(sender=appointment.practice.sender_name)
            seat.text_consent_at, seat.text_consent_wording = now, wording
            record_agreements(session, [seat], _file_of(session, seat), by=by, now=now)
        else:
            seat.text_consent_at = seat.text_consent_wording = None
            record_consent(
                session,
                practice_id=seat.practice_id,
                client_id=seat.client_id,
                channel=Channel.TEXT,
                purpose=Purpose.APPOINTMENTS,
                is_given=False,
                source=ConsentSource.LINK,
                wording=TEXTS_OFF,
                address=seat.phone or "",
                now=now,
                user_id=by.user_id,
            )
        session.flush()
        audit.record_event(
            session,
            appointment,
            AuditAction.TEXTS_ON if wants else AuditAction.TEXTS_OFF,
            by,
            now=now,
            attendee=seat.public_id,
        )
        if is_elsewhere:
            end_links_of_seats(session, appointment, [seat], by, now=now)
        replan_appointment(session, appointment, now=now, only=[seat])
        replan_appointments(session, [each for each in ahead if each.id != appointment.id], now=now)
        if is_elsewhere:
            tell_again(session, [seat], now=now)
        return seat


@retry_on_conflict
def say_consent(  # noqa: PLR0913 -- a yes or no is these facts
    *,
    practice_id: int,
    client_public_id: str,
    channel: Channel,
    purpose: Purpose,
    is_given: bool,
    source: ConsentSource,
    by: ActedBy,
    now: datetime,
    wording: str = "",
    link: Linked | None = None,
) -> Client:
    """Write down what a client (their public id) wants: told to staff by phone, in session or in writing, or with a
    link of theirs. ``wording`` is what was shown or said.

    A yes to texts about appointments that was told to staff counts for every seat ahead that has a number. E-mail
    about appointments can only be refused through staff. With the ``link`` to a seat, a yes is only taken before it
    begins. Raises NotFound, NotAllowed for whoever may not say it, and by a link LinkInvalid, LinkEnded, and for a yes
    what ``require_ahead`` raises.
    """
    if not by.is_staff and not is_given and channel == Channel.EMAIL and purpose not in THEIRS_TO_REFUSE:
        raise NotAllowed(NOT_BY_LINK)
    with transaction() as session:
        found = read_client(session, practice_id, client_public_id)
        ahead = lock_ahead(session, belongs_to([found.id]), now=now, practice_id=practice_id)
        if link is not None:
            seat = lock_linked_seat(session, link)
            if is_given:
                _require_ahead(seat, now=now)
        record_consent(
            session,
            practice_id=practice_id,
            client_id=found.id,
            channel=channel,
            purpose=purpose,
            is_given=is_given,
            source=source,
            wording=_cut(wording),
            address=_address(session, found, channel),
            now=now,
            user_id=by.user_id,
        )
        if is_given and by.is_staff and (channel, purpose) == (Channel.TEXT, Purpose.APPOINTMENTS):
            _take_up(session, ahead, found, wording=_cut(wording), now=now)
        replan_appointments(session, ahead, now=now)
        return found


def _require_ahead(seat: Attendee, *, now: datetime) -> None:
    """Whoever still holds the link to what is off or has begun agrees to nothing with it: it may lie about anywhere."""
    require_ahead(seat.appointment.status, seat.status, starts_at=seat.appointment.starts_at, now=now)


def _take_up(session: Session, ahead: Sequence[Appointment], client: Client, *, wording: str, now: datetime) -> None:
    """Seats for which texts were not agreed to so far get them from now on."""
    seats = [seat for each in ahead for seat in each.attendees if seat.client_id == client.id]
    for seat in seats:
        if seat.text_consent_at is None and reached_at(seat, client, Channel.TEXT):
            seat.text_consent_at, seat.text_consent_wording = now, wording
    session.flush()


def _file_of(session: Session, seat: Attendee) -> ClientFiles:
    return read_client_files(session, seat.practice_id, None, client_ids=[seat.client_id], contacts=[seat])


def _is_news(known: Said | None, person: Attendee | SeriesMember | WaitlistEntry, *, is_asked: bool) -> bool:
    if known is None:
        return True
    if not known.is_given:
        return is_asked
    return (known.wording, known.address) != (person.text_consent_wording or "", person.phone or "")


def _address(session: Session, client: Client, channel: Channel) -> str:
    """Where they are reached: where it is safe, else as they typed last."""
    latest = session.scalar(
        select(Attendee).where(Attendee.client_id == client.id).order_by(Attendee.id.desc()).limit(1)
    )
    return reached_at(latest or client, client, channel) or ""


def _cut(wording: str) -> str:
    return wording.replace("\0", "").strip()[:LONGEST_WORDING]


def _textable(practice: Practice, number: str | None) -> str | None:
    """The same number. Raises InvalidInput where the practice texts nobody."""
    countries = countries_texted(practice.phone, practice.text_countries)
    if number is not None and why_not_textable(number, countries) is not None:
        raise InvalidInput({"phone": say_untextable(number, countries)})
    return number


def _number(typed: str) -> str | None:
    try:
        return clean_phone(typed, needed=True)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
