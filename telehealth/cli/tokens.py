"""Bearer tokens for programs."""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from telehealth import clock
from telehealth.cli.practices import in_plain_words
from telehealth.database import db
from telehealth.domain.access import EVERYTHING, Scope
from telehealth.domain.errors import NotFound
from telehealth.models import User
from telehealth.services.audit import COMMAND
from telehealth.services.practice import token_issuing


@click.command("issue-token")
@click.option("--email", prompt="E-mail address of the login the program acts for")
@click.option("--name", prompt="Name of the program")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(Scope)), help="One or more; all without it.")
@click.option("--days", type=click.IntRange(min=1), help="After so many it ends by itself; without it, never.")
@with_appcontext
@in_plain_words
def issue_token(email: str, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a bearer token for the API. It is shown once."""
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None:
        raise NotFound("There is no login with this address.")
    now = clock.now()
    token = token_issuing.issue_token(
        practice_id=user.practice_id,
        user_id=user.id,
        name=name,
        scopes=[Scope(each) for each in scopes] or EVERYTHING,
        ends_at=now + timedelta(days=days) if days else None,
        by=COMMAND,
        now=now,
    )
    click.echo(token)
