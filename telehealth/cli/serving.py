"""Web and jobs together, for one machine."""

from __future__ import annotations

import os
import signal
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from honcho.manager import Manager

from telehealth.cli.demo.reading import PASSWORD, list_logins
from telehealth.queries.schema import why_not_ready

STOPPED_ON_PURPOSE = {128 + signal.SIGINT, 128 + signal.SIGTERM}


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Run the web server and the jobs process side by side; when one stops, or on Ctrl-C, both stop cleanly."""
    if why_not := why_not_ready():
        raise click.ClickException(why_not)
    port = current_app.config["PORT"]
    manager = Manager()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    gunicorn = f"{sys.executable} -m gunicorn --config python:config.gunicorn --bind 127.0.0.1:{port} wsgi:app"
    manager.add_process("web", gunicorn, env=environment)
    manager.add_process("jobs", f"{sys.executable} -m flask jobs", env=environment)
    say_where()
    manager.loop()
    # Being told to stop is a good end.
    sys.exit(0 if manager.returncode in STOPPED_ON_PURPOSE else manager.returncode)


def say_where() -> None:
    """Print where to look, and in a demo how to sign in."""
    address = current_app.config["PUBLIC_URL"]
    if current_app.config["ENVIRONMENT"] == "production":
        click.echo(f"\n  Sign in        {address}/sign-in\n")
        return
    click.echo(f"\n  Begin here     {address}/   (the demo practice, or one of your own)")
    click.echo(f"  Booking page   {address}/demo")
    click.echo(f"  Sign in        {address}/sign-in")
    for email, role in list_logins():
        click.echo(f"                 {email}  ({role})")
    click.echo(f"                 password: {PASSWORD}")
    click.echo(f"  Outbox         {address}/dev/outbox   (every text and e-mail, nothing leaves this machine)")
    click.echo(f"  API            {address}/api/v1/docs\n")
