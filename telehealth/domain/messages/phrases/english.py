"""The sentences in English."""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.phrases.shapes import Around, Ending, Language, Lines, Phrase, Rhythms, SlotWords
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.words import Mode

_NAMED = "{% if name %}{{ name }}, {% endif %}"
_APPOINTMENT = _NAMED + "your appointment{% if therapist %} with {{ therapist }}{% endif %}"

TO_CLIENTS: Mapping[MessageKind, Phrase] = {
    MessageKind.CONFIRMATION: Phrase(
        "Confirmed: appointment on {{ when }}",
        "Your appointment is confirmed.",
        _APPOINTMENT + " is booked for {{ when }}. {{ reply }} See or change: {{ manage }}",
    ),
    MessageKind.REMINDER: Phrase(
        "Reminder: appointment on {{ when }}",
        "This is a reminder of your appointment.",
        _NAMED + "a reminder of your appointment{% if therapist %} with {{ therapist }}{% endif %} on {{ when }}. "
        "{{ reply }} See or change: {{ manage }}",
    ),
    MessageKind.JOIN_LINK: Phrase(
        "{% if is_today %}Your appointment is about to start{% else %}Your appointment on {{ when }}{% endif %}",
        "{% if is_today %}Your appointment is about to start."
        "{% else %}Your appointment starts on {{ when }}. This is your way in.{% endif %}",
        _APPOINTMENT + " starts {% if is_today %}at {{ time }}{% else %}on {{ when }}{% endif %}. "
        "Join here: {{ join }}",
    ),
    MessageKind.MOVED: Phrase(
        "Changed: appointment on {{ when }}",
        "Your appointment has changed. This is how it is now.",
        _APPOINTMENT + "{% if was %} on {{ was }} is rescheduled to {% else %} has changed. It is now on {% endif %}"
        "{{ when }}, {{ how }}. See or change: {{ manage }}",
    ),
    MessageKind.CANCELLATION: Phrase(
        "Cancelled: appointment on {{ when }}",
        "This appointment is cancelled.",
        _APPOINTMENT + " on {{ when }} is cancelled. Questions? Call {{ phone }}.",
    ),
    MessageKind.REQUEST: Phrase(
        "We have your request for {{ when }}",
        "Thank you, we have your request. We keep this time for you while we look at it, and answer by {{ until }}.",
        _NAMED + "we have your request for {{ when }}. We keep the time for you and answer by {{ until }}. "
        "See or change: {{ manage }}",
    ),
    MessageKind.DECLINED: Phrase(
        "About your request for {{ when }}",
        "We are sorry: we cannot offer you this time. We would be glad to find another one with you.",
        _NAMED + "we are sorry, we cannot offer you {{ when }}. Please call {{ phone }} to find another time.",
    ),
    MessageKind.CHOOSE_AGAIN: Phrase(
        "Please choose another time: appointment on {{ when }}",
        "We are sorry: we cannot keep this time. Please choose another one that suits you; it takes a minute, and does "
        "not count as a cancellation of yours.",
        _NAMED + "we are sorry, we cannot keep your appointment{% if therapist %} with {{ therapist }}{% endif %} "
        "on {{ when }}. Please choose another time: {{ manage }}",
    ),
    MessageKind.INVITE_DECLINED: Phrase(
        "Cancel or move? Appointment on {{ when }}",
        "Your calendar told us that you cannot come to this appointment. Nothing is cancelled yet: please tell us "
        "whether you would like to cancel it or to choose another time. If you will come after all, you need do "
        "nothing.",
        _NAMED + "your calendar says that you cannot come on {{ when }}. Nothing is cancelled yet. "
        "Cancel or move it: {{ manage }}",
    ),
    MessageKind.INVITE_COUNTERED: Phrase(
        "We have your other time: appointment on {{ when }}",
        "Your calendar proposed another time for this appointment, and we will look at it. Until you hear from us it "
        "stays as it is. You can also choose from our free times yourself.",
        _NAMED + "we have your other time and will tell you. Until then it stays {{ when }}. "
        "See or change: {{ manage }}",
    ),
    MessageKind.OFFER: Phrase(
        "A time is free: {{ when }}",
        "A time has become free, and we keep it for you until {{ until }}.",
        _NAMED + "a time is free: {{ when }}, {{ how }}. We keep it for you until {{ until }}. "
        "Take it or say no: {{ manage }}",
    ),
    MessageKind.FOLLOW_UP: Phrase(
        "About your appointment on {{ day }}",
        "We missed you and hope that all is well. These things happen. Whenever it suits you, we are glad to find "
        "another time with you.",
        _NAMED + "we missed you on {{ day }} and hope that all is well. To find another time: {{ manage }} "
        "or call {{ phone }}.",
    ),
    MessageKind.CATCH_UP: Phrase(
        "How your appointments stand",
        "Our messages to you were held up, and we are sorry for that. This is how things stand now.",
        "sorry, our messages were held up. Your appointments now:",
    ),
    MessageKind.SEVERAL: Phrase("Your appointments", "This is how your appointments stand.", "your appointments:"),
}

ENDINGS: Mapping[Ending, Phrase] = {
    Ending.EXPIRED: Phrase(
        "About your request for {{ when }}",
        "We are sorry: we could not answer your request in time, so this time is free again. "
        "We would be glad to find another one with you.",
        _NAMED + "we are sorry, we could not answer your request for {{ when }} in time. "
        "Please call {{ phone }} to find another time.",
    ),
    Ending.WITHDRAWN: Phrase(
        "Taken back: request for {{ when }}",
        "You took your request back. Nothing else needs to be done.",
        _NAMED + "you took back your request for {{ when }}. Questions? Call {{ phone }}.",
    ),
    Ending.BY_CLIENT: Phrase(
        "Cancelled: appointment on {{ when }}",
        "You cancelled this appointment. Nothing else needs to be done.",
        _NAMED + "you cancelled your appointment{% if therapist %} with {{ therapist }}{% endif %} on {{ when }}. "
        "Questions? Call {{ phone }}.",
    ),
    Ending.BY_ANOTHER: Phrase(
        "Cancelled: appointment on {{ when }}",
        "This appointment is cancelled, because somebody else who was to come cannot.",
        _APPOINTMENT + " on {{ when }} is cancelled, because somebody else cannot come. Questions? Call {{ phone }}.",
    ),
    Ending.BY_PRACTICE: Phrase(
        "Cancelled: appointment on {{ when }}",
        "We are sorry: we had to cancel this appointment.",
        _NAMED + "we are sorry, we had to cancel your appointment{% if therapist %} with {{ therapist }}{% endif %} "
        "on {{ when }}. Questions? Call {{ phone }}.",
    ),
}

TO_THERAPISTS: Mapping[MessageKind, Phrase] = {
    MessageKind.CONFIRMATION: Phrase("Confirmed: appointment on {{ when }}", "Your appointment is confirmed."),
    MessageKind.MOVED: Phrase(
        "Changed: appointment on {{ when }}", "This appointment has changed. This is how it is now."
    ),
    MessageKind.CANCELLATION: Phrase("Cancelled: appointment on {{ when }}", "This appointment is cancelled."),
    MessageKind.REQUEST: Phrase(
        "Please answer: request for {{ when }}",
        "Somebody asks for this time. It is kept until you answer; if nobody answers by {{ until }}, it is free again.",
    ),
    MessageKind.DECLINED: Phrase(
        "Declined: request for {{ when }}", "This request was declined. The time is free again."
    ),
}

ENDINGS_TO_THERAPISTS: Mapping[Ending, Phrase] = {
    Ending.EXPIRED: Phrase(
        "Not answered: request for {{ when }}", "Nobody answered this request in time. The time is free again."
    ),
    Ending.WITHDRAWN: Phrase(
        "Taken back: request for {{ when }}", "The client took this request back. The time is free again."
    ),
    Ending.BY_CLIENT: Phrase("Cancelled: appointment on {{ when }}", "The client cancelled this appointment."),
    Ending.BY_PRACTICE: Phrase("Cancelled: appointment on {{ when }}", "The practice cancelled this appointment."),
    Ending.HANDED_ON: Phrase(
        "No longer yours: appointment on {{ when }}",
        "You no longer have this appointment: a colleague has taken it over. Nothing else needs to be done.",
    ),
}

_SLOT_MOVED, _SLOT_OFF = "Changed: appointments {rhythm}", "Cancelled: {count} appointments from {first} on"
SLOTS: Mapping[MessageKind, SlotWords] = {
    MessageKind.CONFIRMATION: SlotWords(
        "Confirmed: appointments {rhythm}",
        "Your standing appointment is booked {rhythm}{last}. These are its dates so far.",
        "your appointment is booked {rhythm}{last}, {how}, first on {first} ({count} dates so far). "
        "See or change: {manage}",
    ),
    MessageKind.MOVED: SlotWords(
        _SLOT_MOVED,
        "Your standing appointment has changed. It is now {rhythm}{last}. These are the dates that changed.",
        "your standing appointment has changed. It is now {rhythm}{last}, {how}, first on {first} "
        "({count} dates so far). See or change: {manage}",
    ),
    MessageKind.CANCELLATION: SlotWords(
        _SLOT_OFF,
        "We have cancelled these appointments.",
        "we have cancelled {count} of your appointments: {days}. Questions? Call {phone}.",
    ),
}
SLOTS_TO_THERAPISTS: Mapping[MessageKind, SlotWords] = {
    MessageKind.CONFIRMATION: SlotWords(
        "Confirmed: appointments {rhythm}",
        "A standing appointment is booked {rhythm}{last}. These are its dates so far.",
    ),
    MessageKind.MOVED: SlotWords(
        _SLOT_MOVED,
        "A standing appointment has changed. It is now {rhythm}{last}. These are the dates that changed.",
    ),
    MessageKind.CANCELLATION: SlotWords(_SLOT_OFF, "These appointments are cancelled."),
}

ENGLISH = Language(
    to_clients=TO_CLIENTS,
    endings=ENDINGS,
    cancellers={
        Ending.BY_CLIENT: "You",
        Ending.BY_ANOTHER: "Somebody else who was to come",
        Ending.BY_PRACTICE: "Us",
    },
    how={Mode.VIRTUAL: "By video", Mode.PHONE: "By phone: we call you", Mode.IN_PERSON: "In person"},
    how_in_short={Mode.VIRTUAL: "by video", Mode.PHONE: "by phone", Mode.IN_PERSON: "in person"},
    around=Around(
        hello="Hello {name},",
        hello_nobody="Hello,",
        when="When",
        length="Length",
        minutes="{minutes} minutes",
        your_own_time="Your own time",
        other_zone="Other time zone",
        before="Before",
        cancelled_by="Cancelled by",
        how="How",
        where="Where",
        way_there="How to find it",
        map="Map",
        whom="With",
        about_whom="For",
        for_whom="for {initials}",
        room_opens="The video room opens {minutes} minutes before the start. Nothing needs to be installed.",
        see="See the appointment",
        see_or_change="See or change",
        join="Join by video",
        answer_offer="Take this time, or say no",
        find_another="Find another time",
        questions="Questions? Call {sender} at {phone}.",
        button_fails="If the button does not work, open this address:",
        opens_itself="Please keep this message to yourself: its links open your appointment without a password.",
        answers_itself="Please keep this message to yourself: its link answers without a password.",
        entry="Appointment with {sender}",
        entry_questions="Questions? Call {phone}.",
        reply="Reply C to confirm, R to reschedule.",
        reply_when_confirmed="Reply R to reschedule.",
        reply_where_it_stays="Reply C to confirm.",
        stop="Reply STOP to end texts.",
        first_stop="Msg & data rates may apply. Reply HELP for help, STOP to end texts.",
        no_more="No more e-mails like this one: {url}",
    ),
    lines=Lines(
        booked="{when}, {how}: booked.",
        off="{when}: cancelled.",
        pending="{when}: we have your request, and answer by {until}.",
        asked="{when}: please choose another time.",
        free="{when}, {how}: free. We keep it for you until {until}.",
        before="{line} Before: {was}.",
    ),
    slots=SLOTS,
    rhythms=Rhythms(
        weekly="every {day} at {time}",
        every_weeks="every {weeks} weeks on {day} at {time}",
        weekly_at="every week at {time}",
        every_weeks_at="every {weeks} weeks at {time}",
        monthly="on the {which} {day} of every month at {time}",
        monthly_at="every month at {time}",
        which={each: each.value for each in MonthWeek},
        until=" until {day}",
    ),
)
