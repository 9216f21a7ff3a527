"""What messages say. Pure: facts in, words out.

Discretion (invariant 9): outside the login nobody reads a diagnosis, the kind of service, a credential or the word
"therapy"; the sender is the practice's neutral name. How much more than that is said, the practice chooses
(``words.Discretion``). Texts stay within the GSM alphabet, so that none of them is cut into more and dearer pieces by
a curly quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.domain.appointments.joining import USUAL
from telehealth.domain.icalendar import Entry, EntryStatus
from telehealth.domain.languages import ENGLISH
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages import segments
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.phrases import IN, Ending, Language, Phrase, phrase
from telehealth.domain.messages.templates import render_template
from telehealth.domain.messages.texting_times import text_briefly, text_day, text_time
from telehealth.domain.ports import Letter
from telehealth.domain.times import differ, say_briefly, say_day, say_short_day, say_time, say_when
from telehealth.domain.words import Mode

ENDED_BY_STOP = frozenset(
    {
        MessageKind.CONFIRMATION,
        MessageKind.REMINDER,
        MessageKind.MOVED,
        MessageKind.REQUEST,
        MessageKind.CHOOSE_AGAIN,
        MessageKind.INVITE_DECLINED,
        MessageKind.INVITE_COUNTERED,
        MessageKind.OFFER,
        MessageKind.FOLLOW_UP,
        MessageKind.CATCH_UP,
        MessageKind.SEVERAL,
    }
)
"""The texts that say how to end them. The others follow one of these, or leave nothing to end."""
TEXT_TIMES, EMAIL_TIMES = (text_briefly, text_day, text_time), (say_briefly, say_short_day, say_time)
NOT_IN_A_SUBJECT = ("name", "therapist", "where", "manage", "join")
_GAPS, _BLANK_LINES = re.compile(r"[ \t]{2,}"), re.compile(r"\n[ \t\r]*\n")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a message about an appointment may need, read at the moment of sending.

    ``reader_zone`` is the zone of whoever reads it, ``appointment_zone`` the venue's in person and the therapist's
    otherwise. ``reader_name`` is what the reader is called: a code name, where there is one, and nothing while nobody
    knows them; ``first_name`` is the same for texts. ``place`` is the venue's name and address,
    ``directions`` and ``map_url`` say how it is found. ``is_cancelled`` is
    about the reader: it may go on without them. For the therapist, ``manage_url`` leads to the desk, ``answer_url``
    answers a request without a login, and ``colleague_name`` is who gives it with them; for an offer, ``manage_url``
    takes it. ``until`` is the end of what is kept: a request, or an offer. ``answer`` is what the practice wrote to the
    client with its no. ``said_at`` is when the message goes out; None means on the day of the appointment.
    ``is_confirmed``: the client has said that they will come. ``can_move``: they can still move it by themselves.
    ``is_asked_to_move``: they are asked to choose another time.
    ``minutes`` is how long it lasts, where its service allows several lengths.
    ``opens_minutes`` before the start the virtual room opens.
    ``for_companion``: somebody reads it who acts for the client, of whom it says the initials, to tell two apart.
    ``is_first_text``: the practice has never texted this number before. ``was_at`` and ``was_mode`` are what a move has
    changed, None for what stayed.
    """

    kind: MessageKind
    for_therapist: bool
    sender_name: str
    practice_phone: str
    reader_name: str
    therapist_name: str
    client_initials: str
    mode: Mode
    starts_at: datetime
    ends_at: datetime
    reader_zone: ZoneInfo
    appointment_zone: ZoneInfo
    place: str
    uid: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool
    manage_url: str
    join_url: str
    is_pending: bool = False
    until: datetime | None = None
    answer: str = ""
    ending: Ending | None = None
    answer_url: str = ""
    colleague_name: str = ""
    locale: str = ENGLISH
    discretion: Discretion = Discretion.DISCREET
    first_name: str = ""
    said_at: datetime | None = None
    is_confirmed: bool = False
    can_move: bool = True
    is_asked_to_move: bool = False
    is_first_text: bool = False
    was_at: datetime | None = None
    was_mode: Mode | None = None
    directions: str = ""
    map_url: str = ""
    minutes: int | None = None
    for_companion: bool = False
    opens_minutes: int = USUAL.opens_minutes

    @property
    def can_be_joined(self) -> bool:
        """Whether there is a virtual room to enter."""
        is_over = self.kind == MessageKind.FOLLOW_UP
        return self.mode == Mode.VIRTUAL and not (
            self.is_cancelled or self.is_pending or self.is_asked_to_move or is_over
        )

    @property
    def zone(self) -> ZoneInfo:
        """The zone to say the time in: the venue's in person, the reader's otherwise."""
        return self.appointment_zone if self.mode == Mode.IN_PERSON else self.reader_zone

    @property
    def other_zone(self) -> ZoneInfo | None:
        """The zone that shows another time, when there is one."""
        other = self.reader_zone if self.mode == Mode.IN_PERSON else self.appointment_zone
        return other if differ(self.starts_at, self.zone, other) else None

    @property
    def language(self) -> Language:
        """The words of the reader's language."""
        return IN[self.locale]

    @property
    def is_bare(self) -> bool:
        """Whether neither place nor therapist may be named. Therapists know both."""
        return self.discretion == Discretion.BARE and not self.for_therapist


def text(facts: Facts, own: Phrase | None = None) -> str:
    """The words of a text; ``own`` are the practice's instead of the usual ones."""
    said = (own or _phrase(facts)).text
    return as_text(render_template(said, values(facts, Channel.TEXT)), facts)


def as_text(words: str, facts: Facts) -> str:
    """Words as a text: who sends it comes first, and how to end texts comes last. The first one that a number gets also
    says what texts cost and how to get help (CTIA Messaging Principles and Best Practices, section 5.1).
    """
    around = facts.language.around
    usual = [around.stop] if facts.kind in ENDED_BY_STOP else []
    ends = [around.first_stop] if facts.is_first_text else usual
    said = segments.plain_words(" ".join([words.strip(), *ends]))
    return _GAPS.sub(" ", f"{segments.text_name(facts.sender_name)}: {said}")


def letter(facts: Facts, own: Phrase | None = None) -> Letter:
    """The words of an e-mail; ``own`` are the practice's instead of the usual ones, its subject may be empty."""
    usual, filled_in = _phrase(facts), values(facts, Channel.EMAIL)
    subject = (own.subject if own is not None else "") or usual.subject
    opening = render_template((own or usual).opening, filled_in)
    return Letter(
        subject=_neutral_subject(subject, filled_in) or _neutral_subject(usual.subject, filled_in),
        greeting=greeting(facts),
        paragraphs=(*_paragraphs(opening), *_answer(facts), *_advice(facts)),
        facts=(*_of_the_end(facts, own), *_fact_table(facts)),
        actions=_actions(facts),
        closing=closing(facts),
        language=facts.locale,
    )


def _neutral_subject(subject: str, filled_in: Mapping[str, str]) -> str:
    """A subject names nobody and no place, as a calendar's entry does: it lights up on a locked screen, and some
    calendars show it as the entry's title.
    """
    said = render_template(subject, {**filled_in, **dict.fromkeys(NOT_IN_A_SUBJECT, "")})
    return " ".join(said.split()).strip(" ,;:-")


def greeting(facts: Facts) -> str:
    """ "Hello Jane Doe,". Where nothing is to be named, nobody is, nor who is not known yet."""
    around = facts.language.around
    return (
        around.hello_nobody if facts.is_bare or not facts.reader_name else around.hello.format(name=facts.reader_name)
    )


def _paragraphs(words: str) -> tuple[str, ...]:
    parts = (_GAPS.sub(" ", part).strip() for part in _BLANK_LINES.split(words))
    return tuple(part for part in parts if part)


def _phrase(facts: Facts) -> Phrase:
    return phrase(facts.kind, facts.ending, facts.locale, for_therapist=facts.for_therapist)


def values(facts: Facts, channel: Channel) -> Mapping[str, str]:
    """What the variables of ``domain.messages.templates`` stand for here."""
    zone, locale, is_text = facts.zone, facts.locale, channel == Channel.TEXT
    briefly, short_day, clock = TEXT_TIMES if is_text else EMAIL_TIMES
    names_people = facts.discretion == Discretion.NAMED if is_text else not facts.is_bare
    ours = {
        "when": both_times(facts, channel) if is_text else briefly(facts.starts_at, zone, locale),
        "day": short_day(facts.starts_at, zone, locale),
        "time": clock(facts.starts_at, zone, locale),
        "how": ", ".join(filter(None, [facts.language.how_in_short[facts.mode], _length(facts)])),
        "until": briefly(facts.until, zone, locale) if facts.until is not None else "",
        "was": briefly(facts.was_at, zone, locale) if facts.was_at is not None else "",
        "reply": _reply(facts),
        "is_today": "yes" if _is_today(facts) else "",
    }
    return {
        **ours,
        "name": (facts.first_name if is_text else facts.reader_name) if names_people else "",
        "therapist": facts.therapist_name if names_people else "",
        "where": "" if is_text or facts.is_bare else facts.place,
        "sender": facts.sender_name,
        "phone": facts.practice_phone,
        "manage": facts.manage_url,
        "join": facts.join_url if facts.can_be_joined else "",
    }


def both_times(facts: Facts, channel: Channel) -> str:
    """The start in short, and in the other zone behind it: with the day, where that is another one, too."""
    briefly, _, clock = TEXT_TIMES if channel == Channel.TEXT else EMAIL_TIMES
    said, other = briefly(facts.starts_at, facts.zone, facts.locale), facts.other_zone
    if other is not None:
        is_same_day = facts.starts_at.astimezone(other).date() == facts.starts_at.astimezone(facts.zone).date()
        said = f"{said} ({(clock if is_same_day else briefly)(facts.starts_at, other, facts.locale)})"
    return f"{said}, {_for_whom(facts)}" if _for_whom(facts) else said


def _for_whom(facts: Facts) -> str:
    """Whom it is about, for whoever acts for them: "for LD", without dots, which would end a sentence."""
    if not facts.for_companion or facts.is_bare or not facts.client_initials:
        return ""
    letters = facts.client_initials.replace(".", "").replace(" ", "")
    return facts.language.around.for_whom.format(initials=letters)


def _reply(facts: Facts) -> str:
    around = facts.language.around
    if facts.can_move:
        return around.reply_when_confirmed if facts.is_confirmed else around.reply
    return "" if facts.is_confirmed else around.reply_where_it_stays


def _is_today(facts: Facts) -> bool:
    if facts.said_at is None:
        return True
    return facts.said_at.astimezone(facts.zone).date() == facts.starts_at.astimezone(facts.zone).date()


def _answer(facts: Facts) -> tuple[str, ...]:
    """What the practice wrote with its no, or when it cancelled. In an e-mail only: a text lights up on a locked
    screen.
    """
    is_no = facts.kind == MessageKind.DECLINED and facts.ending is None
    is_no = is_no or facts.kind == MessageKind.CANCELLATION
    return (facts.answer,) if is_no and facts.answer and not facts.for_therapist else ()


def _advice(facts: Facts) -> tuple[str, ...]:
    if facts.can_be_joined and not facts.for_therapist and facts.kind != MessageKind.OFFER:
        return (facts.language.around.room_opens.format(minutes=facts.opens_minutes),)
    return ()


def _is_ahead_of_the_reader(facts: Facts) -> bool:
    """Whether the reader is a client who still has something to wait for, such as a call."""
    return not (facts.for_therapist or facts.is_cancelled or facts.kind == MessageKind.FOLLOW_UP)


def _of_the_end(facts: Facts, own: Phrase | None) -> tuple[tuple[str, str], ...]:
    """Who cancelled it, where the words do not say so."""
    cancelled_by = facts.language.cancellers.get(facts.ending) if own is not None and facts.ending else None
    return ((facts.language.around.cancelled_by, cancelled_by),) if cancelled_by else ()


def _before(facts: Facts) -> list[tuple[str, str]]:
    """The time and the way to meet that were, as far as they are others now."""
    parts = [say_when(facts.was_at, facts.zone, facts.locale)] if facts.was_at is not None else []
    if facts.was_mode is not None:
        parts.append(facts.language.how[facts.was_mode].partition(":")[0])
    return [(facts.language.around.before, "; ".join(parts))] if parts else []


def _fact_table(facts: Facts) -> tuple[tuple[str, str], ...]:
    around, locale, how = facts.language.around, facts.locale, facts.language.how[facts.mode]
    rows = [*_before(facts), (around.when, say_when(facts.starts_at, facts.zone, locale))]
    if facts.other_zone is not None:
        label = around.your_own_time if facts.mode == Mode.IN_PERSON else around.other_zone
        day = say_day(facts.starts_at, facts.other_zone, locale)
        rows.append((label, f"{day}, {say_time(facts.starts_at, facts.other_zone, locale)}"))
    rows.extend([(around.length, said)] if (said := _length(facts)) else [])
    rows.append((around.how, how if _is_ahead_of_the_reader(facts) else how.partition(":")[0]))
    if _for_whom(facts):
        rows.append((around.about_whom, facts.client_initials))
    if facts.place and not facts.is_bare:
        rows += [(around.where, facts.place), *_way_there(facts)]
    if facts.for_therapist:
        rows.append((around.whom, facts.client_initials or "Nobody yet"))
        rows.extend([("Together with", facts.colleague_name)] if facts.colleague_name else [])
    elif not facts.is_bare:
        rows.append((around.whom, facts.therapist_name))
    return tuple(rows)


def _length(facts: Facts) -> str:
    """How long it lasts, where that is not always the same."""
    return facts.language.around.minutes.format(minutes=facts.minutes) if facts.minutes is not None else ""


def _way_there(facts: Facts) -> list[tuple[str, str]]:
    """How a client who is still to come finds the place. The map is an address: nothing of it comes with the mail."""
    if facts.is_asked_to_move or not _is_ahead_of_the_reader(facts):
        return []
    around = facts.language.around
    said = [(around.way_there, " ".join(facts.directions.split())), (around.map, facts.map_url)]
    return [(label, text) for label, text in said if text]


def _actions(facts: Facts) -> tuple[tuple[str, str], ...]:
    around = facts.language.around
    if facts.is_cancelled:
        # Whoever handed it on cannot open it any more.
        return () if facts.ending == Ending.HANDED_ON else ((around.see, facts.manage_url),)
    named = {
        MessageKind.OFFER: around.answer_offer,
        MessageKind.FOLLOW_UP: around.find_another,
        MessageKind.CHOOSE_AGAIN: around.find_another,
    }
    if facts.kind in named:
        return ((named[facts.kind], facts.manage_url),)
    manage = ("Open the appointment" if facts.for_therapist else around.see_or_change, facts.manage_url)
    if facts.kind == MessageKind.REQUEST and facts.for_therapist:
        return (("Say yes or no", facts.answer_url), manage)
    if not facts.can_be_joined:
        return (manage,)
    join = (around.join, facts.join_url)
    return (join, manage) if facts.kind == MessageKind.JOIN_LINK else (manage, join)


def closing(facts: Facts) -> tuple[str, ...]:
    """The small lines at the end of an e-mail."""
    around = facts.language.around
    if facts.for_therapist:
        return (*((around.answers_itself,) if facts.kind == MessageKind.REQUEST else ()), facts.sender_name)
    keep = around.answers_itself if facts.kind == MessageKind.OFFER else around.opens_itself
    return (around.questions.format(sender=facts.sender_name, phone=facts.practice_phone), keep)


def entry(facts: Facts) -> Entry:
    """The appointment as a calendar may show it: neutral, because calendars are shared with families and employers."""
    initials_of = f"Appointment ({facts.client_initials})" if facts.client_initials else "Appointment"
    place = "" if facts.is_bare else facts.place
    return Entry(
        uid=facts.uid,
        sequence=facts.sequence,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        updated_at=facts.changed_at,
        summary=initials_of if facts.for_therapist else facts.language.around.entry.format(sender=facts.sender_name),
        description=_description(facts),
        location=place or (facts.join_url if facts.can_be_joined else ""),
        url=_calendar_link(facts),
        status=_entry_status(facts),
    )


def _entry_status(facts: Facts) -> EntryStatus:
    if facts.is_cancelled:
        return EntryStatus.CANCELLED
    return EntryStatus.TENTATIVE if facts.is_pending else EntryStatus.CONFIRMED


def _calendar_link(facts: Facts) -> str:
    """The one link a calendar gets. A client's never leads to the page that can cancel: calendars are shared, and that
    page opens without a password. The desk asks staff to sign in.
    """
    if facts.for_therapist:
        return facts.manage_url
    return facts.join_url if facts.can_be_joined else ""


def _description(facts: Facts) -> str:
    around, link = facts.language.around, _calendar_link(facts)
    lines = [f"{'Open' if facts.for_therapist else around.join}: {link}"] if link else []
    return "\n".join([*lines, around.entry_questions.format(phone=facts.practice_phone)])
