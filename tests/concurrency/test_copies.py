"""Copies that are made while people book: each holds everything that was committed before it began, and is sound."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from telehealth.adapters.sqlite_files import copy_database
from tests.concurrency.conftest import Place, Race
from tests.factories import Office, book, make_office
from tests.moments import at

pytestmark = pytest.mark.concurrency

WRITERS, EACH, COPIES = 3, 12, 8
FIRST_HOUR = 9


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_every_copy_has_what_was_committed_before_it(
    place: Place, committed: Flask, threads: Race, tmp_path: Path
) -> None:
    offices = [make_office(practice={"slug": f"p{number}"}) for number in range(WRITERS)]
    booked: list[int] = []

    def book_many(office: Office) -> None:
        for number in range(EACH):
            start = at(FIRST_HOUR + number % 6, days=7 + number // 6)
            booked.append(book(office, start).id)

    def copy_many() -> None:
        for number in range(COPIES):
            known = set(booked)
            copy = tmp_path / f"{number}.db"
            copy_database(Path(place.folder / Path(place.url).name), copy, mark=1)
            with closing(sqlite3.connect(copy)) as connection:
                held = {row[0] for row in connection.execute("SELECT id FROM appointment")}
                seats = connection.execute("SELECT count(DISTINCT appointment_id) FROM attendee").fetchone()[0]
                taken = connection.execute("SELECT count(DISTINCT appointment_id) FROM occupancy").fetchone()[0]
                told = connection.execute("SELECT count(DISTINCT appointment_id) FROM message").fetchone()[0]
            assert known <= held
            assert seats == taken == told == len(held), "an appointment is in it with all that belongs to it, or not"

    outcomes = threads([*(partial(book_many, office) for office in offices), copy_many])
    assert {each.error for each in outcomes} == {""}, outcomes
    assert len(booked) == WRITERS * EACH
