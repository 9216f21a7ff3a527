"""Taking mail from a mail server's pipe: what came back, and what calendars answer to invites."""

from __future__ import annotations

import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from telehealth import clock
from telehealth.adapters.inbound_mail import read_mail
from telehealth.domain.inbox.inbound_mail import MailFate
from telehealth.services.delivery.inbound_mail import take_mail

TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and asks again."""
LARGEST = 8 * 1024 * 1024
SAID = {
    MailFate.DONE: "Taken down.",
    MailFate.FOR_A_PERSON: "Somebody has to read it: it is in the mailbox, and To do says so.",
    MailFate.UNPROVED: "It answers a mail of ours, and nothing proves who wrote it (see MAIL_AUTHSERV_ID in README).",
    MailFate.NOT_OURS: "Nothing in it was about a mail of ours.",
}


@click.command("read-mail")
@with_appcontext
def read_one_mail() -> None:
    """Read one mail from standard input: one that came back, or an answer to an invite.

    For aliases of the mail server, piped: those of MAIL_FROM and of the organiser. Ends well whatever the mail was, so
    that nothing is sent back to a robot; only when the database does not answer the mail is asked for again.
    """
    raw = sys.stdin.buffer.read(LARGEST)
    try:
        fate = take_mail(mail=read_mail(raw, trusted=current_app.config["MAIL_AUTHSERV_ID"]), now=clock.now())
    except SQLAlchemyError:
        click.echo("The database did not answer. Nothing was written down; please hand the mail in again.", err=True)
        sys.exit(TRY_AGAIN)
    click.echo(SAID[fate])
