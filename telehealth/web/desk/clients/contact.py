"""How a client is reached: what they agreed to and when, where it is safe, and "do not text this number"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, languages, times, walltime
from telehealth.domain.audit_words import Actor
from telehealth.domain.consent.contactability import ABOUT_PURPOSE, PLURALS, why_not_contactable
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import InvalidInput, OptedOut
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, Reason, SuppressionReason
from telehealth.domain.reasons import say_reason
from telehealth.models import Appointment, Attendee, Client, Consent, Suppression
from telehealth.queries.appointments.licences import Unfit, list_unfit_of_client
from telehealth.queries.consent.opt_outs import (
    addresses_of,
    latest_contacts,
    list_consents,
    list_suppressions,
    opt_outs_of_seats,
)
from telehealth.queries.practice.clients import find_client, find_latest_contact, find_twin
from telehealth.queries.practice.staff import login_names
from telehealth.services.consent.consents import say_consent
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.contact_preferences import (
    ContactPreferences,
    change_contact_preferences,
    set_state,
    set_timezone,
)
from telehealth.services.consent.link_ending import end_links_of_client
from telehealth.services.consent.suppressions import THEIRS, leave_address_alone, lift_suppression
from telehealth.web.acting import by_staff
from telehealth.web.booking import zones
from telehealth.web.booking.choices import STATES
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.form_reader import FormReader

FIELDS = ("locale", "code_name", "safe_email", "safe_phone", "contact_note")
SOURCES = {
    ConsentSource.FORM: "ticked on a form",
    ConsentSource.LINK: "with their own link",
    ConsentSource.TEXT: "by text",
    ConsentSource.PHONE: "told by phone",
    ConsentSource.IN_SESSION: "told in person",
    ConsentSource.LETTER: "told in writing",
    ConsentSource.STAFF: "by staff, who lifted a stop",
}
TOLD = (ConsentSource.PHONE, ConsentSource.IN_SESSION, ConsentSource.LETTER)
"""How staff hear of it; the other ways speak for themselves."""
ABOUT = {f"{channel} {purpose}": (channel, purpose) for purpose in Purpose for channel in (Channel.TEXT, Channel.EMAIL)}
REASONS = {
    SuppressionReason.STOP: "ended with STOP",
    SuppressionReason.BLOCKED: "blocked by the phone or its carrier",
    SuppressionReason.BAD_ADDRESS: "does not work",
    SuppressionReason.STAFF: "left alone, as we were asked",
    SuppressionReason.PAUSED: "paused: they may want no more texts, and were asked",
}
LINKS_ENDED = (
    "Every link that was sent is ended. Nothing else changed, and nothing new is sent by this: the next message has a "
    "new link, and you can send one again at any time."
)
WRITTEN_AGAIN_PERHAPS = (
    "It is written to again. The carrier may go on blocking our texts until START comes from that phone; then the next "
    "one fails, and waits under “To do”."
)
YES, NO = "yes", "no"
NOT_THIS_TIME = "They agreed earlier, but not with the appointment that they booked last."
PLEASE_SAY_HOW = "Please choose how they told you."
PLEASE_QUOTE = "Please write down what they agreed to, for example: “Please text me my reminders.”"


@dataclass(frozen=True, slots=True)
class State:
    """One channel for one purpose: whether they may be written to, else why not, and what was said last about it."""

    title: str
    value: str
    is_open: bool
    why: str
    said: str


@blueprint.get("/clients/<public_id>/contact")
@access.staff()
def clients_contact(public_id: str) -> ResponseReturnValue:
    """Everything about it on one page. Raises NotFound."""
    return _page(_client(public_id))


@blueprint.post("/clients/<public_id>/contact")
@access.staff()
def clients_contact_change(public_id: str) -> ResponseReturnValue:
    """Change the language, the code name, where it is safe, and the note. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    wish = ContactPreferences(**{name: typed.text(name) for name in FIELDS})
    try:
        change_contact_preferences(
            practice_id=client.practice_id, client_public_id=public_id, wish=wish, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(client, problem, contact=request.form), problem.status
    flash("Saved. Everything that was not sent yet goes by it.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id))


@blueprint.post("/clients/<public_id>/contact/correct")
@access.staff()
def clients_contact_correct(public_id: str) -> ResponseReturnValue:
    """Put a mistyped name, address or number right. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    name = typed.text("name") if "name" in request.form else None
    wish = RightContact(email=typed.text("email"), phone=typed.text("phone"), name=name)
    try:
        correct_contact(
            practice_id=client.practice_id, client_public_id=public_id, wish=wish, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(client, problem, right=request.form), problem.status
    flash(
        "Saved, also for what lies ahead. Where an address or number changed, links that went elsewhere are ended, and "
        "they get it confirmed again.",
        "success",
    )
    return redirect(url_for("desk.clients_contact", public_id=public_id))


@blueprint.post("/clients/<public_id>/links/end")
@access.staff()
def clients_links_end(public_id: str) -> ResponseReturnValue:
    """End every link that the client was sent. Raises NotFound."""
    client = _client(public_id)
    end_links_of_client(practice_id=client.practice_id, client_public_id=public_id, by=by_staff(), now=clock.now())
    flash(LINKS_ENDED, "success")
    return redirect(url_for("desk.clients_one", public_id=public_id))


@blueprint.post("/clients/<public_id>/timezone")
@access.staff()
def clients_contact_zone(public_id: str) -> ResponseReturnValue:
    """Say times to them in another zone. Raises NotFound."""
    client = _client(public_id)
    try:
        set_timezone(
            practice_id=client.practice_id,
            client_public_id=public_id,
            timezone=request.form.get("timezone", ""),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(client, problem), problem.status
    flash("Saved. From now on times are said to them in this zone.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id, _anchor="zone"))


@blueprint.post("/clients/<public_id>/state")
@access.staff()
def clients_contact_state(public_id: str) -> ResponseReturnValue:
    """They are in another state: what lies ahead of them is judged anew. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    try:
        set_state(
            practice_id=client.practice_id,
            client_public_id=public_id,
            jurisdiction=typed.text("jurisdiction"),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(client, problem, place=request.form), problem.status
    flash("Saved, for what lies ahead of them. Nothing was moved or cancelled.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id))


@blueprint.post("/clients/<public_id>/consents")
@access.staff()
def clients_contact_say(public_id: str) -> ResponseReturnValue:
    """Write down a yes or a no that the client told somebody here. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    about, is_given = ABOUT.get(typed.text("about")), typed.text("answer") == YES
    source = typed.word("source", ConsentSource, PLEASE_SAY_HOW)
    wording = typed.text("wording")
    if about is None:
        typed.problems["about"] = "Please choose what it is about."
    if source is not None and source not in TOLD:
        typed.problems["source"] = PLEASE_SAY_HOW
    if typed.text("answer") not in (YES, NO):
        typed.problems["answer"] = "Please choose what they say."
    if is_given and not wording:
        typed.problems["wording"] = PLEASE_QUOTE
    try:
        typed.refuse()
        assert about is not None and source is not None  # noqa: S101, PT018 -- refused above
        say_consent(
            practice_id=client.practice_id,
            client_public_id=public_id,
            channel=about[0],
            purpose=about[1],
            is_given=is_given,
            source=source,
            wording=wording,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(client, problem, saying=request.form), problem.status
    flash("Written down. It counts at once, and no appointment is changed by it.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id, _anchor="answers"))


@blueprint.post("/clients/<public_id>/left-alone")
@access.staff()
def clients_contact_leave_alone(public_id: str) -> ResponseReturnValue:
    """ "Do not text this number." Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    channel = typed.word("channel", Channel) or Channel.TEXT
    try:
        kept = leave_address_alone(
            practice_id=client.practice_id,
            channel=channel,
            address=typed.text("address"),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page(client, problem, alone=request.form), problem.status
    flash(f"{_shown(kept)} is left alone from now on. What was planned for it goes another way.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id, _anchor="left-alone"))


@blueprint.post("/clients/<public_id>/left-alone/<suppression>/lift")
@access.staff()
def clients_contact_lift(public_id: str, suppression: str) -> ResponseReturnValue:
    """Write to it again. Raises NotFound."""
    client = _client(public_id)
    if suppression not in {each.public_id for each in _suppressions(client)}:
        suppression = ""  # Not theirs, so it is not found.
    why = FormReader(request.form).text("why")
    try:
        lifted = lift_suppression(
            practice_id=client.practice_id, suppression_public_id=suppression, by=by_staff(), now=clock.now(), why=why
        )
    except OptedOut as refusal:
        flash(str(refusal), "error")
    except InvalidInput as problem:
        flash(" ".join(problem.fields.values()), "error")
    else:
        flash(WRITTEN_AGAIN_PERHAPS if lifted.reason in THEIRS else "It is written to again.", "success")
    return redirect(url_for("desk.clients_contact", public_id=public_id, _anchor="left-alone"))


def _client(public_id: str) -> Client:
    return find_client(current().practice.id, public_id, therapist_id=current().only_therapist)


def _page(client: Client, problem: InvalidInput | None = None, **given: MultiDict[str, str]) -> str:
    zone = current().zone
    suppressions = _suppressions(client)
    said = list_consents(client.practice_id, client.id)
    people = [number for each in suppressions for number in (each.user_id, each.ended_by_id)]
    people.extend(each.user_id for each in said)
    users = login_names(client.practice_id, {each for each in people if each is not None})
    contact = MultiDict({name: getattr(client, name) or "" for name in FIELDS})
    latest = find_latest_contact(client.practice_id, client.id) or client
    right = MultiDict({"email": latest.email, "phone": latest.phone or "", "name": client.name})
    there = walltime.zone(latest.timezone)
    place = MultiDict({"jurisdiction": (latest.jurisdiction or "") if isinstance(latest, Attendee) else ""})
    usual = {"contact": contact, "saying": MultiDict(), "alone": MultiDict(), "right": right, "place": place}
    return render_template(
        "desk/client_contact.html",
        client=client,
        twin=find_twin(client),
        problems=problem.fields if problem else {},
        languages=list(languages.LANGUAGES.items()),
        timezone=there.key,
        zones=zones.list_zones(there, walltime.zone(current().practice.timezone)),
        states=list_contact_states(client, said, zone),
        about=[(value, _title(*pair)) for value, pair in ABOUT.items()],
        sources=[(source.value, SOURCES[source].capitalize()) for source in TOLD],
        all_states=[("", "Choose a state"), *STATES],
        unfit=[_unfit(each, why) for each, why in list_unfit_of_client(client.practice_id, client.id, now=clock.now())],
        left_alone=[_entry(each, users, zone) for each in suppressions if each.ended_at is None],
        history=_history(said, suppressions, users, zone),
        words=words,
        **{**usual, **given},
    )


def _unfit(appointment: Appointment, why: Iterable[Unfit]) -> dict[str, str]:
    return {
        "when": times.say_briefly(appointment.starts_at, zone_of(appointment.therapist)),
        "href": url_for("desk.appointment", public_id=appointment.public_id),
        "why": " ".join(words.say_unlicensed(each.therapist.name, each.jurisdiction) for each in why),
    }


def list_contact_states(client: Client, said: Iterable[Consent], zone: ZoneInfo) -> list[State]:
    """How things stand for each purpose and channel. ``said`` is all that the client has said, the latest first."""
    last: dict[tuple[Channel, Purpose], Consent] = {}
    for each in said:
        last.setdefault((each.channel, each.purpose), each)
    seat = latest_contacts([client.id]).get(client.id)
    withheld = opt_outs_of_seats(client.practice_id, [seat] if seat else [])
    found = []
    for value, (channel, purpose) in ABOUT.items():
        why = why_not_contactable(seat, client, channel, purpose, withheld) if seat else None
        answer = last.get((channel, purpose))
        told = _told(answer, zone) if answer else ""
        agreed_before = why == Reason.DID_NOT_AGREE and answer is not None and answer.is_given
        words = NOT_THIS_TIME if agreed_before else say_reason(why)
        found.append(State(_title(channel, purpose), value, why is None, words, told))
    return found


def _title(channel: Channel, purpose: Purpose) -> str:
    return f"{PLURALS[channel]} {ABOUT_PURPOSE[purpose]}".capitalize()


def _told(answer: Consent, zone: ZoneInfo) -> str:
    return f"{'Yes' if answer.is_given else 'No'}, {SOURCES[answer.source]}, {times.say_briefly(answer.at, zone)}"


def _suppressions(client: Client) -> list[Suppression]:
    return list(list_suppressions(client.practice_id, addresses_of(client)))


def _entry(each: Suppression, users: dict[int, str], zone: ZoneInfo) -> dict[str, Any]:
    by = f" by {users[each.user_id]}" if each.user_id in users else ""
    reason = REASONS[each.reason]
    return {
        "public_id": each.public_id,
        "address": _shown(each.address),
        "text": f"{reason[0].upper()}{reason[1:]}, since {times.say_briefly(each.since, zone)}{by}",
        "needs_why": each.reason in THEIRS,
    }


def _history(
    said: Iterable[Consent], suppressions: Iterable[Suppression], users: dict[int, str], zone: ZoneInfo
) -> list[dict[str, str]]:
    """All that was said and done, the latest first."""
    lines: list[tuple[datetime, str, str]] = []
    for each in said:
        by = f", written down by {users[each.user_id]}" if each.user_id in users else ""
        where = f" to {_shown(each.address)}" if each.address else ""
        what = f"{'Yes' if each.is_given else 'No'} to {_title(each.channel, each.purpose).lower()}{where}"
        lines.append((each.at, f"{what}, {SOURCES[each.source]}{by}", each.wording))
    for row in suppressions:
        by = f", by {users[row.user_id]}" if row.user_id in users else ""
        lines.append((row.since, f"{_shown(row.address)}: {REASONS[row.reason]}{by}", ""))
        if row.ended_at is not None:
            again = f"{_shown(row.address)}: written to again (it was {REASONS[row.reason]}){_ended_by(row, users)}"
            lines.append((row.ended_at, again, row.why_ended))
    lines.sort(key=lambda line: line[0], reverse=True)
    return [{"at": times.say_briefly(at, zone), "what": what, "wording": wording} for at, what, wording in lines]


def _ended_by(row: Suppression, users: dict[int, str]) -> str:
    if row.ended_by == Actor.CLIENT:
        return ", by START from the phone"
    return f", by {users[row.ended_by_id]}" if row.ended_by_id in users else ""


def _shown(address: str) -> str:
    return say_phone(address) if address.startswith("+") else address
