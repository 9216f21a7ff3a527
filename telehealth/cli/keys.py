"""Keys that seal the secrets of connected calendars."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from telehealth import clock
from telehealth.cli.practices import in_plain_words
from telehealth.services.calendars import key_rotation

BROKEN = (
    "No key of ENCRYPTION_KEYS opens {} of them. Put the key that sealed them back and run this again, or let their "
    "therapists give the password once more."
)
IN_USE = "Not yet: {} of them, because a calendar was being read at that moment. Please run this again in some minutes."


@click.command("rotate-keys")
@with_appcontext
@in_plain_words
def rotate_keys() -> None:
    """Seal the secrets of connected calendars anew with the first of ENCRYPTION_KEYS, as often as you like."""
    done = key_rotation.Rotated()
    while key_rotation.seal_anew(ring=current_app.extensions["key_ring"], done=done, now=clock.now()):
        pass
    click.echo(f"Sealed anew: {done.anew}. Sealed with the first key already: {done.already}.")
    if done.broken:
        raise click.ClickException(BROKEN.format(done.broken))
    if done.in_use:
        raise click.ClickException(IN_USE.format(done.in_use))
    click.echo("The older keys can be taken out of ENCRYPTION_KEYS now.")
