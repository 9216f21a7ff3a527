"""Every setting is in the README's table, and the table has no other."""

from __future__ import annotations

import re

from config import default
from config.environment import Environment
from tests.house.source import ROOT


class Listening(Environment):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self.asked: set[str] = {"TELEHEALTH_ENV"}

    def text(self, name: str, default: str = "") -> str:
        self.asked.add(name)
        return super().text(name, default)


def documented() -> set[str]:
    rows = re.findall(r"^\| (`[^|]+)\|", (ROOT / "README.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}


def test_every_setting_is_in_the_readme_and_every_row_is_a_setting() -> None:
    environment = Listening()
    default.read(environment)
    assert documented() == environment.asked


def test_settings_have_the_names_of_their_variables() -> None:
    environment = Listening()
    assert set(default.read(environment)) == environment.asked - {"TELEHEALTH_ENV"}
