"""Operators act: flask commands."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from click import Command, Context
from flask.cli import AppGroup

COMMANDS = {
    "setup-link": "telehealth.cli.practices:setup_link",
    "create-practice": "telehealth.cli.practices:create_practice",
    "add-service": "telehealth.cli.practices:add_service",
    "add-location": "telehealth.cli.practices:add_location",
    "add-therapist": "telehealth.cli.practices:add_therapist",
    "add-staff": "telehealth.cli.practices:add_staff",
    "end-second-step": "telehealth.cli.practices:end_second_step",
    "set-password": "telehealth.cli.practices:set_password",
    "issue-token": "telehealth.cli.tokens:issue_token",
    "read-mail": "telehealth.cli.mail:read_one_mail",
    "read-bounce": "telehealth.cli.mail:read_one_mail",  # Its name while it read nothing else: pipes have it.
    "rehearse": "telehealth.cli.rehearsing:rehearse",
    "backup": "telehealth.cli.copies:backup",
    "restore": "telehealth.cli.copies:restore",
    "settle-restored": "telehealth.cli.copies:settle",
    "rotate-keys": "telehealth.cli.keys:rotate_keys",
    "seed-demo": "telehealth.cli.demo:seed_demo",
    "serve": "telehealth.cli.serving:serve",
}


class Commands(AppGroup):
    """Commands by name, each with its module and function. It is loaded when it is run: a web process runs none."""

    def __init__(self, places: Mapping[str, str]) -> None:
        super().__init__()
        self.places = places

    def list_commands(self, ctx: Context) -> list[str]:
        """The names of all of them."""
        return sorted({*super().list_commands(ctx), *self.places})

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """One of them."""
        if cmd_name in self.places and cmd_name not in self.commands:
            module, _, function = self.places[cmd_name].partition(":")
            self.add_command(getattr(import_module(module), function), cmd_name)
        return super().get_command(ctx, cmd_name)
