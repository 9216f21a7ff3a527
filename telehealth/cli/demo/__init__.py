"""A believable practice to try things with: made by the real services, as if the last weeks had really happened.

What is in it stands in ``practice.toml``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from operator import itemgetter

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from telehealth import clock
from telehealth.cli.demo import booking, chance, talking
from telehealth.cli.demo.furnishing import open_practice
from telehealth.cli.demo.reading import SLUG, Demo, read_practice
from telehealth.cli.practices import in_plain_words
from telehealth.database import db
from telehealth.models import Practice

ACTS = {
    "waitlist": booking.begin_to_wait,
    "bookings": booking.book_first_free,
    "texts": talking.text_the_practice,
    "answers": talking.answer_question,
}
"""The sections of the file that tell what somebody did, and how it is done."""


@click.command("seed-demo")
@with_appcontext
@in_plain_words
def seed_demo() -> None:
    """Make the demo practice, with dates around today. Does nothing when it is there already."""
    if current_app.config["ENVIRONMENT"] == "production":
        raise click.ClickException("Everybody knows the demo's passwords. A real service does without it.")
    if db.session.scalar(select(Practice.id).where(Practice.slug == SLUG)) is not None:
        return
    logging.disable(logging.WARNING)  # What happened in an invented past is no news to whoever watches over us.
    try:
        _live(open_practice(read_practice(), now=clock.now()))
    finally:
        logging.disable(logging.NOTSET)


def _live(demo: Demo) -> None:
    booking.make_standing_slots(demo)
    past = sorted([*chance.plan_visits(demo), *_plan_acts(demo, at_an_hour=True)], key=itemgetter(0))
    with click.progressbar(past, label="Living through the last weeks of the demo practice") as bar:
        for moment, act in bar:
            talking.deliver_until(demo, moment)
            act()
    talking.deliver_until(demo, demo.now)
    talking.run_late(demo)
    chance.settle_past(demo)
    for _, act in _plan_acts(demo, at_an_hour=False):
        act()
    talking.deliver_until(demo, demo.now)


def _plan_acts(demo: Demo, *, at_an_hour: bool) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """What somebody did at an hour of some day, or else a while before now: when, and what."""
    for section, act in ACTS.items():
        for told in demo.facts[section]:
            if ("at" in told) == at_an_hour:
                yield demo.moment(told), partial(act, demo, told)
