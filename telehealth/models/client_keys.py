"""Every column that names a client, and what becomes of it: when two records of a client are made into one, when one
is erased, and in the file of everything that a client gets.

A house test holds this list against all tables: a new column that names a client stands here, or the test fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from telehealth.models.appointments import Attendee
from telehealth.models.clients import Client, ClientErasure, ClientMerge, Companion
from telehealth.models.consent import Consent, TelehealthConsent
from telehealth.models.feeds import CalendarFeed
from telehealth.models.inbox import InboundText, Task
from telehealth.models.messages import MessageRule
from telehealth.models.series import SeriesMember
from telehealth.models.waitlist import WaitlistEntry


class WhenMerged(StrEnum):
    """What becomes of a row that names the record which is given up."""

    MOVES = "moves"
    MOVES_WHERE_SILENT = "moves_where_silent"  # Unless the kept one has rules of its own about the same.
    STAYS = "stays"  # It tells what was done.


class WhenErased(StrEnum):
    """What becomes of a row when the record that it names is erased (``services/consent/erasing.py``)."""

    EMPTIED = "emptied"  # What tells who it was goes, the rest counts.
    STAYS = "stays"  # It tells nobody anything.


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A column that names a client; where the client's own copy of everything holds its rows ("": nowhere); what they
    are called, one and several, where somebody is told how many move.
    """

    column: InstrumentedAttribute[Any]  # Some may be empty.
    when_merged: WhenMerged
    when_erased: WhenErased
    copied_as: str = ""
    one: str = ""
    several: str = ""

    @property
    def model(self) -> Any:  # Any of the tables, each with a column of its own.
        """The table."""
        return self.column.class_

    @property
    def name(self) -> str:
        """What the table is called."""
        name: str = self.model.__tablename__
        return name


CLIENT_KEYS = (
    ClientKey(Attendee.client_id, WhenMerged.MOVES, WhenErased.EMPTIED, "appointments", "appointment", "appointments"),
    ClientKey(
        SeriesMember.client_id,
        WhenMerged.MOVES,
        WhenErased.EMPTIED,
        "standing_slots",
        "standing slot",
        "standing slots",
    ),
    ClientKey(WaitlistEntry.client_id, WhenMerged.MOVES, WhenErased.EMPTIED, "waits", "wait", "waits"),
    ClientKey(
        Consent.client_id,
        WhenMerged.MOVES,
        WhenErased.EMPTIED,
        "consents",
        "yes or no to messages",
        "yeses and noes to messages",
    ),
    ClientKey(
        TelehealthConsent.client_id,
        WhenMerged.MOVES,
        WhenErased.EMPTIED,
        "telehealth_consents",
        "answer about video",
        "answers about video",
    ),
    ClientKey(
        Companion.client_id,
        WhenMerged.MOVES,
        WhenErased.EMPTIED,
        "companions",
        "person who acts for them",
        "people who act for them",
    ),
    ClientKey(
        InboundText.client_id, WhenMerged.MOVES, WhenErased.EMPTIED, "texts", "text of theirs", "texts of theirs"
    ),
    ClientKey(Task.client_id, WhenMerged.MOVES, WhenErased.EMPTIED, "tasks", "task", "tasks"),
    ClientKey(
        MessageRule.client_id,
        WhenMerged.MOVES_WHERE_SILENT,
        WhenErased.STAYS,
        "message_rules",
        "message rule",
        "message rules",
    ),
    ClientKey(
        Client.merged_into_id,
        WhenMerged.MOVES,
        WhenErased.EMPTIED,
        "details",
        "record merged before",
        "records merged before",
    ),
    # It shows what belongs to the record that this one is part of by then.
    ClientKey(CalendarFeed.client_id, WhenMerged.STAYS, WhenErased.EMPTIED),
    ClientKey(ClientErasure.client_id, WhenMerged.STAYS, WhenErased.EMPTIED),
    ClientKey(ClientMerge.kept_id, WhenMerged.STAYS, WhenErased.EMPTIED),
    ClientKey(ClientMerge.merged_id, WhenMerged.STAYS, WhenErased.EMPTIED),
)
WRITTEN_FOR_CLIENTS = tuple(
    key for key in CLIENT_KEYS if key.when_merged != WhenMerged.STAYS and key.model is not Client
)
"""The tables that the database lets nobody write to for a record that was given up meanwhile."""
