"""What whoever waits before a video room reads, in a practice's own words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput
from telehealth.domain.video.waiting import WAITING_COLUMNS, clean_waiting_words
from telehealth.models import Practice
from telehealth.services.audit import ActedBy
from telehealth.services.practice.practice_settings import change_practice


def set_waiting_words(*, practice_id: int, typed: Mapping[str, str], by: ActedBy, now: datetime) -> Practice:
    """Other words, by the code of their language; empty: a calm page of ours. Raises InvalidInput (by column)."""
    values: dict[str, object] = {}
    problems: dict[str, str] = {}
    for language, column in WAITING_COLUMNS.items():
        try:
            values[column] = clean_waiting_words(typed.get(language, ""))
        except ValueError as problem:
            problems[column] = str(problem)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        return change_practice(session, practice_id, values, by, now=now)
