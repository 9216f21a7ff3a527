"""What happens as time passes. Rows are the schedule; this table only says how often somebody looks at them.

A tick that was missed or comes late does no harm: the next one finds the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from telehealth import clock, observability
from telehealth.jobs.courier import Courier
from telehealth.jobs.mail_reading import MailReader
from telehealth.late import Library
from telehealth.queries.delivery import outbox
from telehealth.services.appointments import approving, asking, holding, not_coming
from telehealth.services.calendars import answering, carrying, comparing, signing_in, watching
from telehealth.services.consent import number_proving
from telehealth.services.delivery import catching_up, claiming, silent_texts
from telehealth.services.inbox import alert_rounds, clock_changes
from telehealth.services.messages import agendas, replanning
from telehealth.services.practice import client_importing, examining, leaving, upkeep
from telehealth.services.series import materialising
from telehealth.services.waitlist import waiting

if TYPE_CHECKING:
    from telehealth.services.calendars import syncing, warning
    from telehealth.services.video import coming, room_finding, room_keeping
else:
    syncing = Library("telehealth.services.calendars.syncing")
    warning = Library("telehealth.services.calendars.warning")
    coming = Library("telehealth.services.video.coming")
    room_finding = Library("telehealth.services.video.room_finding")
    room_keeping = Library("telehealth.services.video.room_keeping")

REPLANNED_AT_ONCE, ROUNDS_OF_PLANNING, ROUNDS_OF_IMPORTING, ROUNDS_OF_SYNCING = 200, 50, 20, 100
ROUNDS_OF_ROOMS = 25


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the table: what is done, and every how many seconds."""

    name: str
    every: int
    action: Callable[[Flask], object]


def send_due_messages(app: Flask, courier: Courier | None = None) -> int:
    """Send whatever is due until nothing is left; how many were tried.

    What was planned under older rules is planned anew first, as far as one beat gets. And after an outage, what is late
    is put into one message for each person.
    """
    replanning.replan_stale(now=clock.now(), limit=REPLANNED_AT_ONCE)
    while catching_up.collapse_late_messages(now=clock.now()):
        pass
    return (courier or Courier.of(app)).run()


def plan_anew(_app: Flask) -> int:
    """Plan anew what was planned under older rules, as far as one beat gets; how many appointments."""
    planned = 0
    for _ in range(ROUNDS_OF_PLANNING):
        found = replanning.replan_stale(now=clock.now(), limit=REPLANNED_AT_ONCE)
        planned += found
        if not found:
            break
    return planned


def look_after_silent_texts(app: Flask) -> int:
    """Ask the provider about texts of which no news came; of how many there was news."""
    return silent_texts.look_after_silent_texts(gateways=app.extensions["gateways"], now=clock.now())


def plan_agendas(_app: Flask) -> int:
    """Plan what tells therapists of their day; how many agendas are new."""
    return agendas.plan_agendas(now=clock.now())


def leave_heartbeat(_app: Flask) -> None:
    """Let a health check know that jobs run."""
    examining.leave_heartbeat(now=clock.now())


def measure_the_outbox(_app: Flask) -> None:
    """Tell the metrics what waits."""
    now = clock.now()
    observability.show_backlog(outbox.count_due_messages(now=now), outbox.oldest_lateness(now=now).total_seconds())


def expire_messages(_app: Flask) -> int:
    """Mark what can no longer be useful; how many."""
    return claiming.expire_messages(now=clock.now())


def expire_requests(_app: Flask) -> int:
    """Let requests go that nobody answered in time; how many."""
    return approving.expire_requests(now=clock.now())


def have_desk_go_on(_app: Flask) -> int:
    """Hand to the desk who was asked for another time and has chosen none; how many."""
    return asking.have_desk_go_on(now=clock.now())


def sweep_holds(_app: Flask) -> int:
    """Delete holds that are long over; how many."""
    return holding.sweep_holds(now=clock.now())


def forget_typed_numbers(_app: Flask) -> int:
    """Forget numbers that strangers typed to be texted a code, after some days; how many."""
    return number_proving.forget_typed_numbers(now=clock.now())


def offer_freed_times(_app: Flask) -> int:
    """Offer what became free to those who wait; how many offers."""
    return waiting.offer_freed_times(now=clock.now())


def expire_waits(_app: Flask) -> int:
    """End the offers nobody answered in time, and the waits whose last date is over; how many."""
    return waiting.expire_waits(now=clock.now())


def make_appointments_of_standing_slots(_app: Flask) -> int:
    """Make the appointments that standing slots are due, some weeks ahead; how many."""
    return materialising.materialise_series(now=clock.now())


def tell_of_what_waits(_app: Flask) -> int:
    """Tell staff of what waits and nobody has looked at; how many messages."""
    return alert_rounds.tell_of_what_waits(now=clock.now())


def look_for_clock_changes(_app: Flask) -> int:
    """Look for what is booked at another time than was agreed, after new zone data; how many practices."""
    return clock_changes.look_for_clock_changes(now=clock.now())


def end_those_who_leave(_app: Flask) -> int:
    """Take therapists out of booking whose last day at the practice is over; how many."""
    return leaving.end_those_who_leave(now=clock.now())


def sync_calendars(app: Flask) -> int:
    """Read the calendars elsewhere that are due, as far as one beat gets; how many connections."""
    synced = 0
    for _ in range(ROUNDS_OF_SYNCING):
        gateways, ring = app.extensions["gateways"].calendars, app.extensions["key_ring"]
        found = syncing.sync_due_calendars(gateways=gateways, ring=ring, now=clock.now(), clock=clock.now)
        synced += found
        if not found:
            break
    return synced


def warn_of_silent_calendars(_app: Flask) -> int:
    """Tell therapists whose calendars are not read any more; of how many."""
    return warning.warn_of_silent_calendars(now=clock.now())


def keep_calendar_channels(app: Flask) -> int:
    """Make, renew and stop the channels by which providers tell us what is new; how many."""
    sign_ins, ring = app.extensions["gateways"].sign_ins, app.extensions["key_ring"]
    return watching.keep_channels(sign_ins=sign_ins, ring=ring, addresses=app.extensions["addresses"], now=clock.now())


def end_calendars_of_those_who_left(app: Flask) -> int:
    """Forget what opens the calendars of therapists who are out of booking; how many connections."""
    sign_ins, ring = app.extensions["gateways"].sign_ins, app.extensions["key_ring"]
    return signing_in.end_connections_of_those_who_left(sign_ins=sign_ins, ring=ring, now=clock.now())


def end_emptied_calendars(app: Flask) -> int:
    """End the connections out of which all appointments were taken that are to be; how many."""
    sign_ins, ring = app.extensions["gateways"].sign_ins, app.extensions["key_ring"]
    return signing_in.end_emptied_connections(sign_ins=sign_ins, ring=ring, now=clock.now())


def import_clients(_app: Flask) -> int:
    """Import the files of clients that wait for it, as far as one beat gets; how many lines."""
    imported = 0
    for _ in range(ROUNDS_OF_IMPORTING):
        found = client_importing.import_portion(now=clock.now())
        imported += found
        if not found:
            break
    return imported


def forget_imports(_app: Flask) -> int:
    """Forget the files of clients whose time is over; how many."""
    return client_importing.forget_imports(now=clock.now())


def find_what_to_write(app: Flask) -> int:
    """Find what is to be written into calendars elsewhere, and what is to be taken out of them; how much."""
    return comparing.compare_calendars(addresses=app.extensions["addresses"], now=clock.now())


def write_into_calendars(app: Flask) -> int:
    """Carry it there; how much was tried."""
    return carrying.CalendarCarrier(
        app.extensions["gateways"].calendars, app.extensions["key_ring"], app.extensions["addresses"], clock.now
    ).run()


def tell_of_calendar_questions(_app: Flask) -> int:
    """Tell therapists what they are asked about appointments in their own calendars; of how many."""
    return answering.tell_of_questions(now=clock.now())


def read_mailbox(app: Flask) -> int:
    """Read what came to the mailbox of answers, where there is one; how many mails."""
    mailbox = app.extensions["gateways"].mailbox
    return MailReader(mailbox, app.config["MAIL_AUTHSERV_ID"], clock.now).run() if mailbox is not None else 0


def let_leave_who_are_gone(_app: Flask) -> int:
    """Let whoever was not heard of lately leave their call, and forget what browsers no longer have to tell each other;
    how many left.
    """
    now = clock.now()
    coming.forget_signals(now=now)
    return coming.leave_who_are_gone(now=now)


def find_rooms_to_make(app: Flask) -> int:
    """Find the rooms that are to be made or given back at video services elsewhere; how many."""
    return room_finding.find_rooms_to_make(house=app.extensions["house_video"], now=clock.now())


def keep_rooms(app: Flask) -> int:
    """Have them made and given back, as far as one beat gets; how many were tried."""
    services, ring, kept = app.extensions["gateways"].rooms, app.extensions["key_ring"], 0
    for _ in range(ROUNDS_OF_ROOMS):
        found = room_keeping.keep_rooms(services=services, ring=ring, clock=clock.now)
        kept += found
        if not found:
            break
    room_keeping.forget_ended_secrets(now=clock.now())
    return kept


def propose_no_shows(_app: Flask) -> int:
    """Propose to mark who never came to our own video room; how many."""
    return not_coming.propose_no_shows(now=clock.now())


def forget_old_keys(_app: Flask) -> int:
    """Forget idempotency keys and sign-ins that can no longer matter; how many."""
    return upkeep.forget_old_keys(now=clock.now())


def forget_merged_values(_app: Flask) -> int:
    """Forget what was kept to undo what can no longer be undone; of how many."""
    return upkeep.forget_merged_values(now=clock.now())


def table(poll_seconds: int, courier: Courier | None = None) -> tuple[Tick, ...]:
    """Every tick. ``poll_seconds`` is how soon a due message is noticed, or silence, and ``courier`` who carries it."""
    return (
        Tick("send due messages", poll_seconds, partial(send_due_messages, courier=courier)),
        Tick("leave a heartbeat", poll_seconds, leave_heartbeat),
        Tick("import clients", poll_seconds, import_clients),
        Tick("sync calendars", poll_seconds, sync_calendars),
        Tick("find what to write into calendars", poll_seconds, find_what_to_write),
        Tick("write into calendars", poll_seconds, write_into_calendars),
        Tick("tell of questions about calendars", 60, tell_of_calendar_questions),
        Tick("find rooms to make", 15, find_rooms_to_make),
        Tick("keep rooms", poll_seconds, keep_rooms),
        Tick("read the mailbox", 60, read_mailbox),
        Tick("plan anew", 30, plan_anew),
        Tick("look after silent texts", 300, look_after_silent_texts),
        Tick("plan agendas", 300, plan_agendas),
        Tick("expire messages", 60, expire_messages),
        Tick("measure the outbox", 15, measure_the_outbox),
        Tick("expire requests", 60, expire_requests),
        Tick("have the desk go on", 60, have_desk_go_on),
        Tick("offer freed times", 30, offer_freed_times),
        Tick("expire offers and waits", 30, expire_waits),
        Tick("let leave who are gone", 20, let_leave_who_are_gone),
        Tick("propose no-shows", 60, propose_no_shows),
        Tick("tell of what waits", 20, tell_of_what_waits),
        Tick("warn of silent calendars", 300, warn_of_silent_calendars),
        Tick("sweep holds", 3600, sweep_holds),
        Tick("forget typed numbers", 3600, forget_typed_numbers),
        Tick("make the appointments of standing slots", 3600, make_appointments_of_standing_slots),
        Tick("look for clock changes", 3600, look_for_clock_changes),
        Tick("end those who leave", 3600, end_those_who_leave),
        Tick("keep calendar channels", 60, keep_calendar_channels),
        Tick("end calendars of those who left", 300, end_calendars_of_those_who_left),
        Tick("end calendars that are emptied", 60, end_emptied_calendars),
        Tick("forget files of clients", 3600, forget_imports),
        Tick("forget old keys", 3600, forget_old_keys),
        Tick("forget what could be undone", 3600, forget_merged_values),
    )
