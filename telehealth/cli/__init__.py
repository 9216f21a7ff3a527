"""Operators act: flask commands."""

from __future__ import annotations

from flask import Flask

from telehealth.cli import bounces, copies, demo, practices, rehearsing, serving, tokens


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in (
        practices.create_practice,
        practices.add_service,
        practices.add_location,
        practices.add_therapist,
        practices.add_staff,
        practices.set_password,
        tokens.issue_token,
        bounces.read_bounce,
        rehearsing.rehearse,
        copies.backup,
        copies.restore,
        copies.settle,
        demo.seed_demo,
        serving.serve,
    ):
        app.cli.add_command(command)
