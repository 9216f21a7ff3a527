"""Several appointments in one message: what an outage held up for one person, and a therapist's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.phrases import IN, SLOTS_TO_THERAPISTS
from telehealth.domain.messages.segments import is_cheap
from telehealth.domain.messages.texting_times import text_briefly, text_day, text_time
from telehealth.domain.messages.wording import Facts, as_text, both_times, closing, greeting
from telehealth.domain.ports import Letter
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.times import (
    clock_time,
    say_briefly,
    say_short_day,
    say_weekday,
    say_weekdays,
    zone_mark,
    zone_name,
)
from telehealth.domain.walltime import resolve
from telehealth.domain.words import Mode

MOST_LINKS = 2
"""In a text: each takes half a piece."""
MOST_DAYS = 6
"""In a text about dates of a standing slot; of more, the first and the last are named."""
MOST_LINES = 8
"""In a text, the next ones: nobody reads more on a phone, and a text may have 1,600 letters at most."""


def catch_up_text(several: Sequence[Facts], kind: MessageKind = MessageKind.CATCH_UP) -> str:
    """How each of a client's appointments stands now, in the order of their starts. There has to be one. ``kind`` says
    why it is one text: because ours were held up, or because they go to one phone at the same time.
    """
    first = several[0]
    has_links = len(several) <= MOST_LINKS
    # Two people with one phone may come to the same appointment.
    lines = {_line(each, Channel.TEXT): each for each in reversed(_in_order(several))}
    said = [_line_of_text(each, with_link=has_links) for each in reversed(lines.values())][:MOST_LINES]
    questions = [] if has_links else [first.language.around.entry_questions.format(phone=first.practice_phone)]
    return as_text("\n".join([first.language.to_clients[kind].text, *said, *questions]), replace(first, kind=kind))


def catch_up_letter(several: Sequence[Facts], kind: MessageKind = MessageKind.CATCH_UP) -> Letter:
    """The same as an e-mail. There has to be one."""
    first, ordered = several[0], _in_order(several)
    said, around = first.language.to_clients[kind], first.language.around
    names = [say_briefly(each.starts_at, each.zone, each.locale) for each in ordered]
    return Letter(
        subject=said.subject,
        greeting=greeting(first),
        paragraphs=(said.opening, *(_line(each, Channel.EMAIL) for each in ordered)),
        actions=tuple(
            (f"{around.see if each.is_cancelled else around.see_or_change}: {name}", each.manage_url)
            for each, name in zip(ordered, names, strict=True)
        ),
        closing=closing(first),
        language=first.locale,
    )


def _in_order(several: Sequence[Facts]) -> list[Facts]:
    return sorted(several, key=lambda each: each.starts_at)


def _line_of_text(facts: Facts, *, with_link: bool) -> str:
    line = _line(facts, Channel.TEXT)
    if facts.kind == MessageKind.JOIN_LINK and facts.can_be_joined:
        return f"{line} {facts.join_url}"  # Nobody finds the way in otherwise, however many there are.
    return f"{line} {facts.manage_url}" if with_link and not facts.is_cancelled else line


def _line(facts: Facts, channel: Channel) -> str:
    lines = facts.language.lines
    if facts.is_cancelled:
        said = lines.off
    elif facts.kind == MessageKind.OFFER:
        said = lines.free
    elif facts.is_asked_to_move:
        said = lines.asked
    else:
        said = lines.pending if facts.is_pending else lines.booked
    briefly = text_briefly if channel == Channel.TEXT else say_briefly
    return said.format(
        when=both_times(facts, channel),
        how=facts.language.how_in_short[facts.mode],
        until=briefly(facts.until or facts.starts_at, facts.zone, facts.locale),
    )


@dataclass(frozen=True, slots=True)
class StandingSlot:
    """The rhythm of a standing slot: its time on one of its days (aware) in its own zone, every so many weeks or once a
    month, and its last day, if it has one.
    """

    kind: MessageKind
    at: datetime
    zone: ZoneInfo
    every_weeks: int = 1
    until: date | None = None
    week_of_month: MonthWeek | None = None


def slot_text(slot: StandingSlot, several: Sequence[Facts]) -> str:
    """What happens to several dates of a standing slot, as one text to a client. There has to be one."""
    first = _in_order(several)[0]
    words = first.language.slots[slot.kind].text
    return as_text(words.format(**_slot_values(slot, several, Channel.TEXT)), replace(first, kind=MessageKind.SEVERAL))


def slot_letter(slot: StandingSlot, several: Sequence[Facts]) -> Letter:
    """The same as an e-mail, with every date. There has to be one."""
    ordered = _in_order(several)
    first, values = ordered[0], _slot_values(slot, several, Channel.EMAIL)
    said = (SLOTS_TO_THERAPISTS if first.for_therapist else first.language.slots)[slot.kind]
    around, locale = first.language.around, first.locale
    people = (around.whom, first.client_initials if first.for_therapist else first.therapist_name)
    notes = (
        (first.answer,) if slot.kind == MessageKind.CANCELLATION and first.answer and not first.for_therapist else ()
    )
    see = "Open the appointment" if first.for_therapist else around.see_or_change
    return Letter(
        subject=said.subject.format(**values),
        greeting=greeting(first),
        paragraphs=(said.opening.format(**values), *map(_slot_line, ordered), *notes),
        facts=() if first.is_bare or not people[1] else (people,),
        actions=tuple(
            (f"{see}: {say_briefly(each.starts_at, each.zone, locale)}", each.manage_url)
            for each in (ordered[:1] if first.for_therapist else ordered)
            if not each.is_cancelled
        ),
        closing=closing(first),
        language=locale,
    )


def _slot_line(facts: Facts) -> str:
    line = _line(facts, Channel.EMAIL)
    if facts.was_at is None:
        return line
    was = say_briefly(facts.was_at, facts.zone, facts.locale)
    return facts.language.lines.before.format(line=line, was=was)


def _slot_values(slot: StandingSlot, several: Sequence[Facts], channel: Channel) -> dict[str, str]:
    ordered = _in_order(several)
    first = ordered[0]
    day_of = text_day if channel == Channel.TEXT else say_short_day
    last = ""
    if slot.until is not None:
        ends = resolve(datetime.combine(slot.until, time(12)), slot.zone)
        last = first.language.rhythms.until.format(day=day_of(ends, slot.zone, first.locale))
    days = [day_of(each.starts_at, each.zone, first.locale) for each in ordered]
    return {
        "rhythm": _rhythm(slot, first, channel),
        "last": last,
        "first": both_times(first, channel) if slot.kind != MessageKind.CANCELLATION else days[0],
        "count": str(len(ordered)),
        "days": "; ".join(days) if len(days) <= MOST_DAYS else f"{days[0]} - {days[-1]}",
        "how": first.language.how_in_short[first.mode],
        "phone": first.practice_phone,
        "manage": first.manage_url,
    }


def _rhythm(slot: StandingSlot, facts: Facts, channel: Channel) -> str:
    """In the slot's own zone, by name: it keeps its time on that wall through every change of the clocks."""
    words, locale = facts.language.rhythms, facts.locale
    at = f"{clock_time(slot.at, slot.zone, locale)} {zone_name(slot.zone, locale)}"
    day = say_weekdays(slot.at, slot.zone, locale)
    if channel == Channel.TEXT and not is_cheap(at):
        at = text_time(slot.at, slot.zone, locale)
    if locale == SPANISH:
        at = f"{'a la' if at.startswith('1:') else 'a las'} {at}"
    if slot.week_of_month is not None:
        return _monthly(slot.week_of_month, slot, facts, channel, at)
    is_spelt = channel == Channel.EMAIL or is_cheap(day)
    weekly, otherwise = (words.weekly, words.every_weeks) if is_spelt else (words.weekly_at, words.every_weeks_at)
    return (weekly if slot.every_weeks == 1 else otherwise).format(day=day, weeks=slot.every_weeks, time=at)


def _monthly(week: MonthWeek, slot: StandingSlot, facts: Facts, channel: Channel, at: str) -> str:
    words, which = facts.language.rhythms, facts.language.rhythms.which[week]
    day = say_weekday(slot.at, slot.zone, facts.locale)
    is_spelt = channel == Channel.EMAIL or is_cheap(which + day)
    return (words.monthly if is_spelt else words.monthly_at).format(which=which, day=day, time=at)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One line of a day. ``who`` are initials, ``is_request`` says that it waits for a yes."""

    starts_at: datetime
    ends_at: datetime
    who: str
    mode: Mode
    is_request: bool


@dataclass(frozen=True, slots=True)
class Agenda:
    """A therapist's day, in their own zone. ``desk_url`` is where all of it is, after signing in."""

    day: date
    zone: ZoneInfo
    therapist_name: str
    sender_name: str
    meetings: Sequence[Meeting]
    desk_url: str


def agenda_letter(agenda: Agenda) -> Letter:
    """The e-mail about a day. It names nobody: it lies in a mailbox."""
    day = f"{agenda.day:%A, %B} {agenda.day.day}"
    count = len(agenda.meetings)
    counted = f"{count} appointment{'' if count == 1 else 's'}" if count else "nothing booked"
    return Letter(
        subject=f"{day}: {counted}",
        greeting=f"Hello {agenda.therapist_name},",
        paragraphs=(f"This is how {day} looks. All times are in {zone_name(agenda.zone)}.",)
        if count
        else (f"Nothing is booked for {day} so far.",),
        facts=tuple((_span(each, agenda.zone), _meeting(each)) for each in agenda.meetings),
        actions=(("Open the desk", agenda.desk_url),),
        closing=(agenda.sender_name,),
    )


def _span(meeting: Meeting, zone: ZoneInfo) -> str:
    """The zone is said at the end: on the night when clocks change, two mornings differ by it."""
    ends = f"{clock_time(meeting.ends_at, zone)} {zone_mark(meeting.ends_at, zone)}"
    return f"{clock_time(meeting.starts_at, zone)} to {ends}"


def _meeting(meeting: Meeting) -> str:
    said = f"{meeting.who or 'Nobody yet'}, {IN[ENGLISH].how_in_short[meeting.mode]}"
    return f"{said}; a request that waits for your answer" if meeting.is_request else said
