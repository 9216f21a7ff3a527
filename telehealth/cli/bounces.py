"""Taking mail that came back from a mail server's pipe."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from telehealth import clock
from telehealth.adapters import dsn
from telehealth.services.delivery.bounces import record_bounces

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and asks again."""


@click.command("read-bounce")
@with_appcontext
def read_bounce() -> None:
    """Read one mail from standard input and mark the address that it reports as bad.

    For an alias of the mail server: MAIL_FROM's bounces, piped. Ends well whatever the mail was, so that no bounce is
    bounced; only when the database does not answer the mail is asked for again.
    """
    raw = sys.stdin.buffer.read(dsn.LARGEST)
    try:
        count = record_bounces(bounces=dsn.read_bounces(raw), now=clock.now())
    except SQLAlchemyError:
        click.echo("The database did not answer. Nothing was written down; please hand the mail in again.", err=True)
        sys.exit(TRY_AGAIN)
    click.echo(f"Marked: {count}." if count else "Nothing in it was about a mail of ours.")
