"""Time passes: the ticks, and the process that runs them."""

from __future__ import annotations

from flask import Flask

from telehealth.jobs.runner import run


def init_app(app: Flask) -> None:
    """Add ``flask jobs``. Nothing is scheduled inside a web process: each of its workers would do the same again."""
    app.cli.add_command(run)
