"""What messages say. Pure: facts in, words out.

Discretion (invariant 9): outside the login nobody reads a diagnosis, the kind of service, a credential or the word
"therapy"; the sender is the practice's neutral name. Texts stay within the GSM alphabet, so that none of them is cut
into more and dearer pieces by a curly quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.domain.icalendar import Entry, EntryStatus
from telehealth.domain.joining import OPENS_BEFORE
from telehealth.domain.phrases import HOW, HOW_IN_SHORT, Ending, Phrase, phrase
from telehealth.domain.ports import Letter
from telehealth.domain.times import differ, say_briefly, say_day, say_time, say_when
from telehealth.domain.words import MessageKind, Mode

OPENS_MINUTES = int(OPENS_BEFORE.total_seconds() // 60)
OPENS_ITSELF = "Please keep this message to yourself: its links open your appointment without a password."
ANSWERS_ITSELF = "Please keep this message to yourself: its link answers without a password."


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a message about an appointment may need, read at the moment of sending.

    ``reader_zone`` is the zone of whoever reads it, ``appointment_zone`` the venue's in person and the therapist's
    otherwise. ``place`` is the venue's name and address. ``is_cancelled`` is about the reader: it may go on without
    them. For the therapist, ``manage_url`` leads to the desk, ``answer_url`` answers a request without a login, and
    ``colleague_name`` is who gives it with them; for an offer, ``manage_url`` takes it. ``until`` is the end of what
    is kept: a request, or an offer. ``answer`` is what the practice wrote to the client with its no.
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

    @property
    def can_be_joined(self) -> bool:
        """Whether there is a virtual room to enter."""
        return self.mode == Mode.VIRTUAL and not (self.is_cancelled or self.is_pending)

    @property
    def zone(self) -> ZoneInfo:
        """The zone to say the time in: the venue's in person, the reader's otherwise."""
        return self.appointment_zone if self.mode == Mode.IN_PERSON else self.reader_zone

    @property
    def other_zone(self) -> ZoneInfo | None:
        """The zone that shows another time, when there is one."""
        other = self.reader_zone if self.mode == Mode.IN_PERSON else self.appointment_zone
        return other if differ(self.starts_at, self.zone, other) else None


def text(facts: Facts) -> str:
    """The words of a text."""
    return _filled(_phrase(facts).text, facts)


def letter(facts: Facts) -> Letter:
    """The words of an e-mail."""
    said = _phrase(facts)
    return Letter(
        subject=_filled(said.subject, facts),
        greeting=f"Hello {facts.reader_name},",
        paragraphs=(_filled(said.opening, facts), *_answer(facts), *_advice(facts)),
        facts=_fact_table(facts),
        actions=_actions(facts),
        closing=_closing(facts),
    )


def _phrase(facts: Facts) -> Phrase:
    return phrase(facts.kind, facts.ending, for_therapist=facts.for_therapist)


def _filled(sentence: str, facts: Facts) -> str:
    when = say_briefly(facts.starts_at, facts.zone)
    return sentence.format(
        sender=facts.sender_name,
        day=when,
        when=when,
        time=say_time(facts.starts_at, facts.zone),
        how=HOW_IN_SHORT[facts.mode],
        until=say_briefly(facts.until or facts.starts_at, facts.zone),
        manage=facts.manage_url,
        join=facts.join_url,
        phone=facts.practice_phone,
    )


def _answer(facts: Facts) -> tuple[str, ...]:
    """What the practice wrote with its no. In an e-mail only: a text lights up on a locked screen."""
    is_no = facts.kind == MessageKind.DECLINED and facts.ending is None
    return (facts.answer,) if is_no and facts.answer and not facts.for_therapist else ()


def _advice(facts: Facts) -> tuple[str, ...]:
    if facts.can_be_joined and not facts.for_therapist and facts.kind != MessageKind.OFFER:
        return (f"The video room opens {OPENS_MINUTES} minutes before the start. Nothing needs to be installed.",)
    return ()


def _is_ahead_of_the_reader(facts: Facts) -> bool:
    """Whether the reader is a client who still has something to wait for, such as a call."""
    return not facts.for_therapist and not facts.is_cancelled


def _fact_table(facts: Facts) -> tuple[tuple[str, str], ...]:
    rows = [("When", say_when(facts.starts_at, facts.zone))]
    if facts.other_zone is not None:
        label = "Your own time" if facts.mode == Mode.IN_PERSON else "Other time zone"
        rows.append(
            (label, f"{say_day(facts.starts_at, facts.other_zone)}, {say_time(facts.starts_at, facts.other_zone)}")
        )
    rows.append(("How", HOW[facts.mode] if _is_ahead_of_the_reader(facts) else HOW[facts.mode].partition(":")[0]))
    if facts.place:
        rows.append(("Where", facts.place))
    if facts.for_therapist:
        rows.append(("With", facts.client_initials or "Nobody yet"))
        rows.extend([("Together with", facts.colleague_name)] if facts.colleague_name else [])
    else:
        rows.append(("With", facts.therapist_name))
    return tuple(rows)


def _actions(facts: Facts) -> tuple[tuple[str, str], ...]:
    if facts.is_cancelled:
        # Whoever handed it on cannot open it any more.
        return () if facts.ending == Ending.HANDED_ON else (("See the appointment", facts.manage_url),)
    if facts.kind == MessageKind.OFFER:
        return (("Take this time, or say no", facts.manage_url),)
    manage = ("Open the appointment", facts.manage_url) if facts.for_therapist else ("See or change", facts.manage_url)
    if facts.kind == MessageKind.REQUEST and facts.for_therapist:
        return (("Say yes or no", facts.answer_url), manage)
    if not facts.can_be_joined:
        return (manage,)
    join = ("Join by video", facts.join_url)
    return (join, manage) if facts.kind == MessageKind.JOIN_LINK else (manage, join)


def _closing(facts: Facts) -> tuple[str, ...]:
    if facts.for_therapist:
        return (*((ANSWERS_ITSELF,) if facts.kind == MessageKind.REQUEST else ()), facts.sender_name)
    keep = ANSWERS_ITSELF if facts.kind == MessageKind.OFFER else OPENS_ITSELF
    return (f"Questions? Call {facts.sender_name} at {facts.practice_phone}.", keep)


def entry(facts: Facts) -> Entry:
    """The appointment as a calendar may show it: neutral, because calendars are shared with families and employers."""
    whom = f" ({facts.client_initials})" if facts.client_initials else ""
    with_whom = whom if facts.for_therapist else f" with {facts.sender_name}"
    return Entry(
        uid=facts.uid,
        sequence=facts.sequence,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        updated_at=facts.changed_at,
        summary=f"Appointment{with_whom}",
        description=_description(facts),
        location=facts.place or (facts.join_url if facts.can_be_joined else ""),
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
    link = _calendar_link(facts)
    lines = [f"{'Open' if facts.for_therapist else 'Join by video'}: {link}"] if link else []
    return "\n".join([*lines, f"Questions? Call {facts.practice_phone}."])


def initials(name: str) -> str:
    """ "J. D." of "Jane Doe": enough for the therapist to know, too little for others."""
    letters = [word[0].upper() for word in name.split() if word[0].isalnum()]
    return " ".join(f"{letter}." for letter in (letters[:1] + letters[-1:] if len(letters) > 1 else letters))
