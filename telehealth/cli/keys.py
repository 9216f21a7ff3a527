"""Keys that seal the secrets of connected calendars and video services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from telehealth import clock
from telehealth.cli.practices import in_plain_words
from telehealth.domain.sealing import Rotated
from telehealth.late import Library
from telehealth.services.calendars import key_rotation

if TYPE_CHECKING:
    from telehealth.services.video import key_rotation as video_key_rotation
else:
    video_key_rotation = Library("telehealth.services.video.key_rotation")

BROKEN = (
    "No key of ENCRYPTION_KEYS opens {} of them. Put the key that sealed them back and run this again, or let their "
    "therapists give the password once more, and owners the secret of their video service."
)
IN_USE = "Not yet: {} of them, because a calendar was being read at that moment. Please run this again in some minutes."


@click.command("rotate-keys")
@with_appcontext
@in_plain_words
def rotate_keys() -> None:
    """Seal the secrets of connected calendars and of video services anew with the first of ENCRYPTION_KEYS."""
    ring = current_app.extensions["key_ring"]
    done, of_video = Rotated(), Rotated()
    while key_rotation.seal_anew(ring=ring, done=done, now=clock.now()):
        pass
    while video_key_rotation.seal_video_anew(ring=ring, done=of_video):
        pass
    done.anew, done.already, done.broken = (
        done.anew + of_video.anew, done.already + of_video.already, done.broken + of_video.broken,
    )  # fmt: skip
    click.echo(f"Sealed anew: {done.anew}. Sealed with the first key already: {done.already}.")
    if done.broken:
        raise click.ClickException(BROKEN.format(done.broken))
    if done.in_use:
        raise click.ClickException(IN_USE.format(done.in_use))
    click.echo("The older keys can be taken out of ENCRYPTION_KEYS now.")
