"""Several appointments in one message: what an outage held up for one person, and a therapist's day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from telehealth.domain.languages import ENGLISH
from telehealth.domain.messages.phrases import IN
from telehealth.domain.messages.texting_times import text_briefly
from telehealth.domain.messages.wording import Facts, as_text, both_times, closing, greeting
from telehealth.domain.ports import Letter
from telehealth.domain.times import clock_time, say_briefly, zone_mark, zone_name
from telehealth.domain.words import Channel, MessageKind, Mode

MOST_LINKS = 2
"""In a text: each takes half a piece."""
MOST_LINES = 8
"""In a text, the next ones: nobody reads more on a phone, and a text may have 1,600 letters at most."""


def catch_up_text(several: Sequence[Facts]) -> str:
    """How each of a client's appointments stands now, in the order of their starts. There has to be one."""
    first = several[0]
    has_links = len(several) <= MOST_LINKS
    # Two people with one phone may come to the same appointment.
    lines = list(dict.fromkeys(_line_of_text(each, with_link=has_links) for each in _in_order(several)))[:MOST_LINES]
    questions = [] if has_links else [first.language.around.entry_questions.format(phone=first.practice_phone)]
    return as_text("\n".join([first.language.to_clients[MessageKind.CATCH_UP].text, *lines, *questions]), first)


def catch_up_letter(several: Sequence[Facts]) -> Letter:
    """The same as an e-mail. There has to be one."""
    first, ordered = several[0], _in_order(several)
    said, around = first.language.to_clients[MessageKind.CATCH_UP], first.language.around
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
    return f"{line} {facts.manage_url}" if with_link and not facts.is_cancelled else line


def _line(facts: Facts, channel: Channel) -> str:
    lines = facts.language.lines
    if facts.is_cancelled:
        said = lines.off
    elif facts.kind == MessageKind.OFFER:
        said = lines.free
    else:
        said = lines.pending if facts.is_pending else lines.booked
    briefly = text_briefly if channel == Channel.TEXT else say_briefly
    return said.format(
        when=both_times(facts, channel),
        how=facts.language.how_in_short[facts.mode],
        until=briefly(facts.until or facts.starts_at, facts.zone, facts.locale),
    )


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
