"""Bearer tokens for programs."""

from __future__ import annotations

from datetime import timedelta

import click
from flask.cli import with_appcontext

from telehealth import clock
from telehealth.cli.practices import NO_LOGIN, in_plain_words
from telehealth.domain.access import EVERYTHING, Scope
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.models import User
from telehealth.queries.practice.staff import find_login
from telehealth.services.audit import COMMAND
from telehealth.services.practice import token_issuing


@click.command("issue-token")
@click.option("--email", prompt="E-mail address of the login the program acts for")
@click.option("--practice", "slug", help="Address of the practice, for a login that belongs to several.")
@click.option("--name", prompt="Name of the program")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(list(Scope)), help="One or more; all without it.")
@click.option("--days", type=click.IntRange(min=1), help="After so many it ends by itself; without it, never.")
@with_appcontext
@in_plain_words
def issue_token(email: str, slug: str | None, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a bearer token for the API. It is shown once."""
    user = _find_user(email, slug)
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


def _find_user(email: str, slug: str | None) -> User:
    """Who has a login in its practice, or in one of them. Raises NotFound, NotAllowed."""
    login = find_login(email)
    if login is None or not login.open_users:
        raise NotFound(NO_LOGIN)
    there = [each for each in login.open_users if slug in {None, each.practice.slug}]
    if not there:
        raise NotFound("This login does not belong to that practice.")
    if len(there) > 1:
        several = ", ".join(sorted(each.practice.slug for each in there))
        raise NotAllowed(f"This login belongs to several practices. Please name one with --practice: {several}")
    return there[0]
