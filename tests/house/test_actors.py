"""Whoever sets something for a practice says who they are: it goes into the audit."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, modules

DOORS = modules("telehealth/web", "telehealth/api", "telehealth/webhooks", "telehealth/jobs", "telehealth/cli")
SETTING = (
    *modules("telehealth/services/practice", "telehealth/services/calendars", "telehealth/services/hours"),
    *(
        module
        for module in modules("telehealth/services/messages")
        if module.name.endswith(("/rule_setting.py", "/template_setting.py"))
    ),
)
SETS_NOTHING = {
    "begin_sign_in": "somebody signs in, which the sign-in itself keeps",
    "end_sign_in": "somebody signs out of their own browser",
    "follow_sign_in": "notes that somebody is still there",
    "switch_practice": "turns a sign-in to another practice, which the sign-in itself keeps",
    "note_reading": "notes that a calendar's program is still there, and what it was shown",
    "note_token_use": "notes that a program is still there",
    "leave_heartbeat": "says that jobs live",
    "tell_of_questions": "tells therapists of what they did in their own calendars, and what is answered is done",
    "ask_reading": "has a calendar looked at that is looked at by itself anyway",
    "keep_channels": "has a provider go on telling of news, of which every look is written down by itself",
    "note_news": "has a calendar looked at sooner that is looked at by itself anyway",
    "warn_of_silent_calendars": "notes that somebody was written to",
    "examine_database": "tries whether it can be written to",
    "import_portion": "goes on with what somebody has begun, in their name",
    "forget_imports": "clears away files whose time is over",
    "forget_old_keys": "clears away what can no longer matter",
    "forget_merged_values": "clears away what can no longer be undone",
}


def opens_a_transaction(function: ast.FunctionDef) -> bool:
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(ast.unparse(call.func) == "transaction" for call in calls)


def changing() -> Iterator[tuple[Module, ast.FunctionDef]]:
    for module in SETTING:
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and opens_a_transaction(node):
                yield module, node


def said_by_doors() -> set[str]:
    """Every name that a door speaks of."""
    found: set[str] = set()
    for node in (node for module in DOORS for node in ast.walk(module.tree)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


FUNCTIONS = {node.name: node for _, node in changing()}


def test_there_is_something_to_look_at() -> None:
    assert len(FUNCTIONS) > 25
    assert set(SETS_NOTHING) <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() & said_by_doors()))
def test_who_sets_something_says_who_they_are(name: str) -> None:
    arguments = {each.arg for each in FUNCTIONS[name].args.kwonlyargs}
    assert ("by" in arguments) != (name in SETS_NOTHING)
    if "by" in arguments:
        assert "now" in arguments, "a line of audit has its instant"
