"""One word for one thing: who greps a name finds the one thing that it stands for."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.house.source import Module, modules

DOORS = ("web", "api", "webhooks", "jobs", "cli")
BELOW_THE_DOORS = ("services", "adapters", "queries", "models", "domain")
EVERYBODY = modules("telehealth", "tests", "bench", "config")
OWN_NAMES = {PurePosixPath(module.name).with_suffix("").as_posix().replace("/", ".") for module in EVERYBODY}
OWN_NAMES |= {name.removesuffix(".__init__") for name in OWN_NAMES}
EVERY_DOOR_OPENS = {"init_app"}
"""Each door and each of its extensions is opened in the same way, and is asked for by its module."""


@pytest.mark.parametrize("layer", [*DOORS, *BELOW_THE_DOORS])
def test_a_class_name_stands_for_one_thing(layer: str) -> None:
    assert not _said_twice(_public(layer, ast.ClassDef))


@pytest.mark.parametrize("layer", BELOW_THE_DOORS)
def test_a_function_name_stands_for_one_thing(layer: str) -> None:
    assert not _said_twice(_public(layer, ast.FunctionDef))


def test_a_module_has_one_name_everywhere() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for module in EVERYBODY:
        for imported, name in _imported_modules(module):
            names[imported].add(name)
    assert {imported: given for imported, given in names.items() if len(given) > 1} == {}


def _public(layer: str, kind: type[ast.ClassDef | ast.FunctionDef]) -> Iterator[tuple[str, str]]:
    for module in modules(f"telehealth/{layer}"):
        for node in module.tree.body:
            if isinstance(node, kind) and not node.name.startswith("_") and node.name not in EVERY_DOOR_OPENS:
                yield node.name, module.name


def _said_twice(found: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    places: dict[str, set[str]] = defaultdict(set)
    for name, place in found:
        places[name].add(place)
    return {name: where for name, where in places.items() if len(where) > 1}


def _imported_modules(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                if whole in OWN_NAMES:
                    yield whole, each.asname or each.name
