"""Appointments and messages of some days as files (CSV) for other programs, and who took them along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.contact import say_phone
from telehealth.domain.csv_rows import stream_csv
from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.reasons import say_why
from telehealth.domain.words import AppointmentStatus, Role
from telehealth.late import Library
from telehealth.models import Message
from telehealth.queries.delivery.message_log import LogFilters, list_log
from telehealth.services.practice.exporting import Exported, record_export
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.met_times import MET_SOURCES
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.messages.message_lines import reader
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.appointments.face_to_face import FaceToFace
    from telehealth.queries.appointments import seat_lines
    from telehealth.queries.appointments.seat_lines import SeatLine
else:
    seat_lines = Library("telehealth.queries.appointments.seat_lines")

AT_ONCE = 500
ONE_DAY = timedelta(days=1)
USUAL_DAYS = timedelta(days=30)
WHAT = {Exported.APPOINTMENTS: "Appointments", Exported.MESSAGES: "Messages"}
HINTS = {
    Exported.APPOINTMENTS: "A line for each client of each appointment, also of what was cancelled.",
    Exported.MESSAGES: "When what went to whom, and what became of it. Without the words: they hold links.",
}
SEAT_STATUSES = {
    AppointmentStatus.PENDING: "Waits for a yes",
    AppointmentStatus.BOOKED: "Booked",
    AppointmentStatus.ARRIVED: "Here",
    AppointmentStatus.FULFILLED: "Came",
    AppointmentStatus.CANCELLED: "Cancelled",
    AppointmentStatus.NOSHOW: "Did not come",
}
MESSAGE_STATUSES = {
    MessageStatus.PLANNED: "Planned",
    MessageStatus.SENDING: "On its way",
    MessageStatus.ACCEPTED: "On its way",
    MessageStatus.SENT: "Sent",
    MessageStatus.DELIVERED: "Delivered",
    MessageStatus.UNDELIVERED: "Not delivered",
    MessageStatus.FAILED: "Could not be sent",
    MessageStatus.VOID: "No longer needed",
    MessageStatus.EXPIRED: "Too late to send",
}


@dataclass(frozen=True, slots=True)
class Period:
    """From one date to another, both inclusive, in the zone of the practice."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        """The first one after it."""
        return datetime.combine(self.last + ONE_DAY, time(), self.zone)


@blueprint.get("/export")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def export() -> ResponseReturnValue:
    """The form, with the last days filled in."""
    today = clock.now().astimezone(_zone()).date()
    usual = {"what": Exported.APPOINTMENTS, "since": words.iso(today - USUAL_DAYS), "until": words.iso(today)}
    return _page(MultiDict(usual), {})


@blueprint.post("/export")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def export_file() -> ResponseReturnValue:
    """The file, as it is read. It is written down first."""
    practice, typed = current().practice, FormReader(request.form)
    try:
        what = typed.word("what", Exported)
        first, last = typed.day("since"), typed.day("until")
        typed.refuse()
        assert what is not None and first is not None and last is not None  # noqa: S101, PT018 -- refused above
        record_export(practice_id=practice.id, what=what, first=first, last=last, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(request.form, problem.fields), problem.status
    columns, rows = _FILES[what](practice.id, Period(first, last, _zone()))
    file = Response(stream_with_context(stream_csv(columns, rows)), mimetype="text/csv")
    file.headers["Content-Disposition"] = f'attachment; filename="{what}-{first}-{last}.csv"'
    return file


def _page(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    options = [{"value": each, "label": text, "hint": HINTS[each]} for each, text in WHAT.items()]
    return render_template("desk/export.html", values=values, problems=problems, options=options, zone_name=_zone().key)


def _zone() -> ZoneInfo:
    return walltime.zone(current().practice.timezone)


def _appointments(practice_id: int, period: Period) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    here = period.zone.key
    columns = ["Appointment", f"Starts ({here})", f"Ends ({here})", "Starts (UTC)", "Minutes", "Service", "Therapist",
               "Second therapist", "Client", "Client's name", "E-mail", "Phone", "What became of it", "How", "Place",
               "State", f"Booked ({here})", "Booked by", "What they are to the client", f"Met from ({here})",
               f"Met until ({here})", "Minutes face to face", "Who says so"]  # fmt: skip
    lines = seat_lines.read_seat_lines(practice_id, since=period.since, until=period.until)
    return columns, (_seat(each, period.zone) for each in lines)


def _seat(each: SeatLine, zone: ZoneInfo) -> Sequence[object]:
    return (
        each.appointment,
        _say(each.starts_at, zone),
        _say(each.ends_at, zone),
        f"{each.starts_at:%Y-%m-%dT%H:%M:%SZ}",
        int((each.ends_at - each.starts_at).total_seconds() // 60),
        each.service,
        each.therapist,
        each.co_therapist,
        each.client,
        each.name,
        each.email,
        say_phone(each.phone) if each.phone else "",
        SEAT_STATUSES[each.status],
        words.MODES[each.mode],
        each.location,
        each.jurisdiction,
        _say(each.created_at, zone),
        each.booker,
        words.RELATIONSHIPS[each.booker_is] if each.booker_is is not None else "",
        *_met(each.met, zone),
    )


def _met(met: FaceToFace | None, zone: ZoneInfo) -> Sequence[object]:
    """When they met; empty where nothing is known."""
    if met is None:
        return "", "", "", ""
    return _say(met.starts_at, zone), _say(met.ends_at, zone), met.minutes, MET_SOURCES[met.source]


def _messages(practice_id: int, period: Period) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    here = period.zone.key
    columns = ["Message", f"Due ({here})", f"Sent ({here})", "Due (UTC)", "How", "What", "To", "Address", "State",
               "Why", "Appointment"]  # fmt: skip
    return columns, (_message(each, period.zone) for each in _read_messages(practice_id, period))


def _read_messages(practice_id: int, period: Period) -> Iterator[Message]:
    filters, after = LogFilters(since=period.since, until=period.until), None
    while True:
        page = list_log(practice_id, filters, after=after, limit=AT_ONCE)
        yield from page.rows
        after = page.following
        if after is None:
            return


def _message(each: Message, zone: ZoneInfo) -> Sequence[object]:
    address = each.sent_to or ""
    return (
        each.public_id,
        _say(each.due_at, zone),
        _say(each.sent_at, zone) if each.sent_at is not None else "",
        f"{each.due_at:%Y-%m-%dT%H:%M:%SZ}",
        words.CHANNELS[each.channel],
        words.message(each),
        reader(each),
        say_phone(address) if address.startswith("+") else address,
        MESSAGE_STATUSES[each.status],
        say_why(each),
        each.appointment.public_id if each.appointment is not None else "",
    )


def _say(at: datetime, zone: ZoneInfo) -> str:
    """As spreadsheets read it. The zone stands over the column."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


_FILES = {Exported.APPOINTMENTS: _appointments, Exported.MESSAGES: _messages}
