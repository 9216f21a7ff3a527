"""Agreeing to meet by video: in front of the questions before the call, and ahead of time from the page of the
appointment. Works without script, and looking writes nothing.

Nobody is kept out: whoever has questions goes on and talks about them first, and whoever is in need calls, or is
called.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import choose_words
from telehealth.domain.times import say_day
from telehealth.domain.words import AppointmentStatus, Mode, TelehealthAnswer
from telehealth.late import Library
from telehealth.web.acting import by_client
from telehealth.web.client.before import help_in_crisis
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Phase, Seat, open_seat_for_all
from telehealth.web.client.spoken import show_spoken
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES

if TYPE_CHECKING:
    from telehealth.domain.consent import telehealth as texts
    from telehealth.queries.consent import telehealth as standings
    from telehealth.services.consent import telehealth as answering
    from telehealth.web.client import consent_words
else:
    texts = Library("telehealth.domain.consent.telehealth")
    standings = Library("telehealth.queries.consent.telehealth")
    answering = Library("telehealth.services.consent.telehealth")
    consent_words = Library("telehealth.web.client.consent_words")


@blueprint.get("/j/<token>/consent")
@access.by_link
@limiter.limit(READS)
def show_consent(token: str) -> ResponseReturnValue:
    """The text and the question, on the way into the room; at another time than the room's, the door says what is."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN or not _is_asked(seat):
        return redirect(url_for("client.show_join", token=token))
    return _show(seat, token, LinkPurpose.JOIN)


@blueprint.post("/j/<token>/consent")
@access.by_link
@limiter.limit(WRITES)
def submit_consent(token: str) -> ResponseReturnValue:
    """Keep the answer; a yes leads on to the questions before the call."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN or not _is_asked(seat):
        return redirect(url_for("client.show_join", token=token), HTTPStatus.SEE_OTHER)
    return _submit(seat, token, LinkPurpose.JOIN)


@blueprint.get("/m/<token>/consent")
@access.by_link
@limiter.limit(READS)
def show_consent_ahead(token: str) -> ResponseReturnValue:
    """The same ahead of time."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    if not offers_consent(seat):
        return redirect(url_for("client.show_appointment", token=token))
    return _show(seat, token, LinkPurpose.MANAGE)


@blueprint.post("/m/<token>/consent")
@access.by_link
@limiter.limit(WRITES)
def submit_consent_ahead(token: str) -> ResponseReturnValue:
    """Keep the answer."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    if not offers_consent(seat):
        return redirect(url_for("client.show_appointment", token=token), HTTPStatus.SEE_OTHER)
    return _submit(seat, token, LinkPurpose.MANAGE)


def asks_consent(seat: Seat) -> bool:
    """Whether the question comes next for the reader of a seat, whose room is open: it has no answer that counts. Of
    whoever acts for somebody of age nothing is asked.
    """
    if not _is_asked(seat) or (seat.companion is not None and not _may_agree(seat)):
        return False
    return standings.needs_telehealth_consent(seat.appointment.practice, seat.attendee.client_id)


def offers_consent(seat: Seat) -> bool:
    """Whether the page of an appointment leads to the question, or to the answer that was given."""
    is_ahead = seat.phase in {Phase.AHEAD, Phase.BEGUN} and seat.appointment.status != AppointmentStatus.PENDING
    return is_ahead and seat.appointment.mode == Mode.VIRTUAL and _is_asked(seat) and _may_agree(seat)


def _is_asked(seat: Seat) -> bool:
    return seat.appointment.practice.asks_telehealth_consent


def _may_agree(seat: Seat) -> bool:
    return answering.may_agree(seat.attendee, is_companion=seat.companion is not None, now=seat.now)


def _submit(seat: Seat, token: str, purpose: LinkPurpose) -> ResponseReturnValue:
    typed = FormReader(request.form)
    answer = typed.word("answer", TelehealthAnswer)
    if answer is None or (answer == TelehealthAnswer.AGREED and not _may_agree(seat)):
        return _show(seat, token, purpose)
    words = choose_words(consent_words.CONSENT_WORDS, seat.language)
    try:
        answering.answer_telehealth(
            attendee_public_id=seat.attendee.public_id,
            companion_id=seat.companion.id if seat.companion is not None else None,
            answer=answer,
            signature=request.form.get("signature", ""),
            mark=request.form.get("mark", ""),
            language=seat.language,
            by=by_client(Via.LINK).through(seat.link),
            now=seat.now,
        )
    except answering.TextChanged:
        return _show(seat, token, purpose, problems={"": words["text_changed"]})
    except InvalidInput:
        is_empty = not request.form.get("signature", "").strip()
        return _show(seat, token, purpose, problems={"signature": words["say_name" if is_empty else "name_long"]})
    agreed = answer == TelehealthAnswer.AGREED and purpose == LinkPurpose.JOIN
    return redirect(
        url_for("client.show_before", token=token) if agreed else _page_url(token, purpose), HTTPStatus.SEE_OTHER
    )


def _page_url(token: str, purpose: LinkPurpose) -> str:
    page = "client.show_consent" if purpose == LinkPurpose.JOIN else "client.show_consent_ahead"
    return url_for(page, token=token)


def _show(
    seat: Seat, token: str, purpose: LinkPurpose, *, problems: dict[str, str] | None = None
) -> ResponseReturnValue:
    practice, language = seat.appointment.practice, seat.language
    holds = standings.find_text_version(practice.id)
    standing = standings.find_standings(practice, [seat.attendee.client_id])[seat.attendee.client_id]
    last, is_joining = standing.last, purpose == LinkPurpose.JOIN
    shown: dict[str, Any] = {
        "said": choose_words(consent_words.CONSENT_WORDS, language),
        "blocks": texts.split_text(holds.in_language(language)),
        "mark": holds.mark(language),
        "version": holds.version,
        "is_given": standing.is_given,
        "is_declined": last is not None and last.answer != TelehealthAnswer.AGREED,
        "answered": say_day(last.answered_at, seat.facts.zone, language) if last is not None else "",
        "may_agree": _may_agree(seat),
        "signature": request.form.get("signature", ""),
        "problems": problems or {},
        "page_url": _page_url(token, purpose),
        "on_url": url_for("client.show_before", token=token) if is_joining else "",
        "call_url": url_for("client.show_call_me", token=token) if is_joining else "",
        "back_url": "" if is_joining else url_for("client.show_appointment", token=token),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return show_spoken(seat, "client/consent.html", status, **shown, **help_in_crisis(seat))
