"""Every column that names a client, and what becomes of it: when two records of a client are made into one, and in the
file of everything that a client gets.

A house test holds this list against all tables: a new column that names a client stands here, or the test fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from telehealth.models.appointments import Attendee
from telehealth.models.clients import Client, ClientMerge
from telehealth.models.consent import Consent
from telehealth.models.inbox import InboundText, Task
from telehealth.models.messages import MessageRule
from telehealth.models.series import SeriesMember
from telehealth.models.waitlist import WaitlistEntry


class WhenMerged(StrEnum):
    """What becomes of a row that names the record which is given up."""

    MOVES = "moves"
    MOVES_WHERE_SILENT = "moves_where_silent"  # Unless the kept one has rules of its own about the same.
    STAYS = "stays"  # It tells what was done.


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A column that names a client; where the client's own copy of everything holds its rows ("": nowhere); what they
    are called, one and several, where somebody is told how many move.
    """

    column: InstrumentedAttribute[Any]  # Some may be empty.
    when_merged: WhenMerged
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
    ClientKey(Attendee.client_id, WhenMerged.MOVES, "appointments", "appointment", "appointments"),
    ClientKey(SeriesMember.client_id, WhenMerged.MOVES, "standing_slots", "standing slot", "standing slots"),
    ClientKey(WaitlistEntry.client_id, WhenMerged.MOVES, "waits", "wait", "waits"),
    ClientKey(Consent.client_id, WhenMerged.MOVES, "consents", "yes or no to messages", "yeses and noes to messages"),
    ClientKey(InboundText.client_id, WhenMerged.MOVES, "texts", "text of theirs", "texts of theirs"),
    ClientKey(Task.client_id, WhenMerged.MOVES, "tasks", "task", "tasks"),
    ClientKey(MessageRule.client_id, WhenMerged.MOVES_WHERE_SILENT, "message_rules", "message rule", "message rules"),
    ClientKey(Client.merged_into_id, WhenMerged.MOVES, "details", "record merged before", "records merged before"),
    ClientKey(ClientMerge.kept_id, WhenMerged.STAYS),
    ClientKey(ClientMerge.merged_id, WhenMerged.STAYS),
)
WRITTEN_FOR_CLIENTS = tuple(
    key for key in CLIENT_KEYS if key.when_merged != WhenMerged.STAYS and key.model is not Client
)
"""The tables that the database lets nobody write to for a record that was given up meanwhile."""
