"""A login is not who it is in a practice: its id goes only where a login's is asked for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT, Module, modules

DOORS = modules("telehealth/web", "telehealth/api")


def taken_for_another(module: Module) -> Iterator[str]:
    """Where the id of whoever is signed in is used without being called a login's."""
    named = {
        id(each.value)
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        for each in call.keywords
        if each.arg == "login_id"
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and id(node) not in named and ast.unparse(node) == "current_user.id":
            yield f"{module.name}:{node.lineno}"


def test_the_id_of_whoever_signed_in_is_called_a_logins() -> None:
    assert [where for module in DOORS for where in taken_for_another(module)] == []


@pytest.mark.parametrize(
    "line",
    ["find(current_user.id)", "find(user_id=current_user.id)", "me = current_user.id", "x.id == current_user.id"],
)
def test_it_is_found_wherever_it_is_called_nothing_or_something_else(line: str) -> None:
    assert list(taken_for_another(Module("a.py", line))) == ["a.py:1"]


def test_no_page_knows_it() -> None:
    pages = [path for path in (ROOT / "telehealth").rglob("*.html") if "current_user.id" in path.read_text()]
    assert pages == []
