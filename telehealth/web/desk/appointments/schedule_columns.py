"""The columns of the schedule: a therapist's or a room's date each, with all that fills it, laid out on the wall of one
zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flask import url_for

from telehealth.domain import times, walltime
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Room, Therapist
from telehealth.queries.calendars.filled_days import FilledDays, KeptTime
from telehealth.web.desk import words
from telehealth.web.desk.appointments.grid_layout import Placed, Stretch, place_in_lanes, stretch_on
from telehealth.web.desk.appointments.moving import list_lengths
from telehealth.web.desk.appointments.schedule_filters import Colours, Filters
from telehealth.web.free_times import say_start

OVERLAID = "At the same time as something in the therapist’s own calendar"
ONE_DAY, SHOWN_FREE = timedelta(days=1), timedelta(minutes=30)


class Fill(StrEnum):
    """What an entry of the grid is."""

    APPOINTMENT = "appointment"
    STANDING = "standing"
    HOLD = "hold"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a column. ``tone`` colours it, ``href`` leads to it, ``move_id`` names what can be dragged. Where
    its end can be dragged, ``lengths`` are the minutes it may last, and ``length_href`` shows what another one means.
    """

    fill: Fill
    starts_at: datetime
    ends_at: datetime
    title: str
    meta: str = ""
    status: AppointmentStatus | None = None
    note: str = ""
    tone: str = ""
    href: str = ""
    move_id: str = ""
    lengths: Sequence[int] = ()
    length_href: str = ""


@dataclass(frozen=True, slots=True)
class FreePlace:
    """A free time of a column, where what is being moved can go."""

    stretch: Stretch
    text: str
    href: str


@dataclass(slots=True)
class Column:
    """One column: whose date it is, in wall time; ``open`` and ``buffers`` are drawn behind the entries."""

    day: date
    title: str
    note: str = ""
    therapist: Therapist | None = None
    room: Room | None = None
    hours: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    open: list[Stretch] = field(default_factory=list)
    closed: list[Stretch] = field(default_factory=list)
    buffers: list[Stretch] = field(default_factory=list)
    entries: list[Placed[Entry]] = field(default_factory=list)
    free: list[FreePlace] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is on this date."""
        return not (self.open or self.closed or self.entries)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What all columns of a page share."""

    filled: FilledDays
    filters: Filters
    zone: ZoneInfo
    now: datetime

    def therapist_column(self, therapist: Therapist, day: date) -> Column:
        """A date of a therapist, with hours, time off and what their own calendar says."""
        own = walltime.zone(therapist.timezone)
        column = Column(day, therapist.name, therapist=therapist)
        if times.differ(walltime.midnight(day, self.zone), self.zone, own):
            column.note = f"Works in {times.zone_name(own)}"
        for starts_at, ends_at in self._open_spans(therapist, day):
            self._behind(column.open, day, starts_at, ends_at)
        for starts_at, ends_at in self.filled.buffers.get(therapist.resource_id, ()):
            self._behind(column.buffers, day, starts_at, ends_at)
        column.hours = [self._say(day, each) for each in sorted(column.open, key=lambda each: each.begins)]
        for off in self.filled.time_off.get(therapist.id, ()):
            starts_at, ends_at = (walltime.resolve(at, own) for at in (off.starts_local, off.ends_local))
            stretch = self._behind(column.closed, day, starts_at, ends_at)
            if stretch is not None:
                column.away.append(f"Away {self._say(day, stretch)}" + (f" ({off.note})" if off.note else ""))
        if therapist.leaves_on is not None:
            left, over = walltime.midnight(therapist.leaves_on, own), walltime.midnight(day + ONE_DAY, self.zone)
            if left < over and self._behind(column.closed, day, left, over) is not None:
                column.away.append(f"Leaves on {words.short_day(therapist.leaves_on)}")
        given = (each for each in self.filled.appointments if therapist.id in (each.therapist_id, each.co_therapist_id))
        busy = (
            Entry(Fill.BUSY, *span, "Busy", "In their own calendar") for span in self.filled.busy.get(therapist.id, ())
        )
        self._fill(column, [*map(self._appointment, self._shown(given)), *self._kept(therapist.resource_id), *busy])
        return column

    def room_column(self, room: Room, day: date, place: str) -> Column:
        """A date of a room."""
        column = Column(day, room.name, place, room=room)
        used = (each for each in self.filled.appointments if each.room_id == room.id)
        shown = [self._appointment(each, with_whom=True) for each in self._shown(used)]
        self._fill(column, [*shown, *self._kept(room.resource_id)])
        return column

    def _shown(self, found: Iterable[Appointment]) -> Iterator[Appointment]:
        off = AppointmentStatus.CANCELLED
        return (each for each in found if self.filters.cancelled or each.status != off)

    def _fill(self, column: Column, entries: Iterable[Entry]) -> None:
        laid = ((each, stretch_on(column.day, each.starts_at, each.ends_at, self.zone)) for each in entries)
        column.entries = place_in_lanes([(each, stretch) for each, stretch in laid if stretch is not None])

    def _behind(self, stretches: list[Stretch], day: date, starts_at: datetime, ends_at: datetime) -> Stretch | None:
        stretch = stretch_on(day, starts_at, ends_at, self.zone)
        if stretch is not None:
            stretches.append(stretch)
        return stretch

    def _open_spans(self, therapist: Therapist, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The hours that may lie on the date: those of the therapist's own dates around it, too."""
        for own_day in (day - ONE_DAY, day, day + ONE_DAY):
            yield from self.filled.open_spans(therapist, own_day)

    def _say(self, day: date, stretch: Stretch) -> str:
        midnight = datetime.combine(day, time())
        starts, ends = (midnight + timedelta(minutes=each) for each in (stretch.begins, stretch.ends))
        return "all day" if ends - starts == ONE_DAY else words.span(starts.time(), ends.time())

    def _appointment(self, appointment: Appointment, *, with_whom: bool = False) -> Entry:
        by_service = self.filters.colour == Colours.SERVICE
        is_ahead = appointment.is_ahead(now=self.now)
        lengths = list_lengths(appointment) if is_ahead and appointment.service.other_lengths else ()
        return Entry(
            Fill.APPOINTMENT,
            appointment.starts_at,
            appointment.ends_at,
            words.say_clients(appointment),
            f"{appointment.therapist.name}, {appointment.service.name}" if with_whom else _meta(appointment),
            appointment.status,
            ". ".join(_list_notes(appointment, is_overlaid=self.filled.is_overlaid(appointment, now=self.now))),
            words.tone_of_service(appointment.service) if by_service else f"state-{appointment.status}",
            url_for("desk.appointment", public_id=appointment.public_id),
            appointment.public_id if is_ahead else "",
            lengths,
            _length_link(appointment) if lengths else "",
        )

    def _kept(self, resource_id: int) -> Iterator[Entry]:
        for each in self.filled.kept.get(resource_id, ()):
            yield _standing(each) if each.series_public_id is not None else _hold(each)


def _length_link(appointment: Appointment) -> str:
    start = say_start(appointment.starts_at)
    return url_for("desk.appointment_move_review", public_id=appointment.public_id, start=start)


def _list_notes(appointment: Appointment, *, is_overlaid: bool) -> Iterator[str]:
    if is_overlaid:
        yield OVERLAID
    if appointment.is_asked_to_move:
        yield words.ASKED
    elif appointment.overrides:
        yield "Booked on purpose against a rule"
    yield from filter(None, [words.say_bookers(appointment)])


def _meta(appointment: Appointment) -> str:
    brief = words.briefly(appointment)
    return brief if appointment.service.is_group else f"{appointment.service.name}, {brief[:1].lower()}{brief[1:]}"


def _standing(kept: KeptTime) -> Entry:
    href = url_for("desk.series_one", public_id=kept.series_public_id or "")
    who = words.listed(kept.members[:3]) or kept.service
    return Entry(Fill.STANDING, kept.starts_at, kept.ends_at, who, f"{kept.service}, standing slot to come", href=href)


def _hold(kept: KeptTime) -> Entry:
    return Entry(Fill.HOLD, kept.starts_at, kept.ends_at, "Kept for a moment", f"{kept.service}, being booked")


def add_free_places(
    columns: Iterable[Column], places: Mapping[int, Sequence[tuple[datetime, str]]], zone: ZoneInfo
) -> None:
    """Put free times into the columns of therapists, each as long as until the next one, half an hour at most."""
    for column in columns:
        theirs = places.get(column.therapist.id, ()) if column.therapist is not None else ()
        today = [each for each in theirs if walltime.wall(each[0], zone).date() == column.day]
        for place, (starts_at, href) in enumerate(today):
            following = today[place + 1][0] if place + 1 < len(today) else starts_at + SHOWN_FREE
            stretch = stretch_on(column.day, starts_at, min(following, starts_at + SHOWN_FREE), zone)
            if stretch is not None:
                column.free.append(FreePlace(stretch, times.clock_time(starts_at, zone), href))


def every_stretch(columns: Sequence[Column]) -> Iterator[Stretch]:
    """All that the hours of the grid have to show."""
    for column in columns:
        yield from column.open
        yield from (each.stretch for each in column.entries)
