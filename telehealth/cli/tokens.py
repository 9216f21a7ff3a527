"""Bearer tokens for programs."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from telehealth import clock
from telehealth.cli.practices import in_plain_words
from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.models import User
from telehealth.services.audit import COMMAND
from telehealth.services.practice import token_issuing


@click.command("issue-token")
@click.option("--email", prompt="E-mail address of the login the program acts for")
@click.option("--name", prompt="Name of the program")
@with_appcontext
@in_plain_words
def issue_token(email: str, name: str) -> None:
    """Make a bearer token for the API. It is shown once."""
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None:
        raise NotFound("There is no login with this address.")
    token = token_issuing.issue_token(
        practice_id=user.practice_id, user_id=user.id, name=name, by=COMMAND, now=clock.now()
    )
    click.echo(token)
