"""Rules about the source itself: one commit, one clock, one reader of settings, functions that fit in the eye."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from statistics import median

from tests.house.source import Module, modules

OURS = modules("telehealth", "config", "webserver", "migrations")
LONGEST_FUNCTION, LONGEST_MODULE, MEDIAN_FUNCTION = 60, 400, 10
NAMELESS = {"utils", "util", "helpers", "helper", "common", "core", "manager", "misc", "shared", "base"}

# Called, handed over as a function, imported by name, or asked of the database: all of them read a clock.
READS_A_CLOCK = re.compile(
    r"\bdatetime\.(now|utcnow|today)\b|\bdate\.today\b|\btime\.(time|time_ns|monotonic|monotonic_ns|localtime)\b"
    r"|from time import|\bfunc\.now\b|CURRENT_TIMESTAMP"
)
LOOKS_BEFORE_A_TIME = re.compile(r"BusyInterval\.starts_at\s*<")
READS_THE_ENVIRONMENT = re.compile(r"\bos\.(environ|getenv)\b|from os import .*(environ|getenv)")
READS_CLOCKS = {
    "telehealth/clock.py": "for everybody",
    "webserver/worker.py": "how long a client takes, which no rule knows of",
    "telehealth/adapters/oauth.py": "how long a provider takes, which no rule knows of",
    "telehealth/adapters/webdav.py": "how long a server takes, which no rule knows of",
    "telehealth/services/calendars/looking.py": "how long an account takes, which no rule knows of",
    "telehealth/services/calendars/trying.py": "how long somebody waits, which no rule knows of",
}
COMMENT = re.compile(r"# (?!noqa|type:)")
HANDS_ON = {"telehealth/cli/serving.py": "gives its own environment to the processes it starts"}
COMMITS = re.compile(r"\.commit$|(^|\.)(session|engine|connection|db)(\(\))?\.begin(_nested)?$")

FORBIDDEN_WORDS = {
    "org", "organisation", "organization", "tenant", "patient", "patients", "customer", "customers", "participant",
    "participants", "reservation", "reservations", "recurrence", "notification", "notifications",
}  # fmt: skip


def offenders(found_in: Callable[[Module], Iterable[str]], *, but: Iterable[str] = ()) -> dict[str, set[str]]:
    """What is wrong, by module."""
    found = {module.name: set(found_in(module)) for module in OURS if module.name not in set(but)}
    return {name: what for name, what in found.items() if what}


def test_there_is_something_to_look_at() -> None:
    assert len(OURS) > 50


def test_only_one_place_commits() -> None:
    commits = offenders(lambda module: (call for call in module.calls() if COMMITS.search(call)))
    assert commits == {"telehealth/database.py": {"session.commit", "session.begin_nested"}}
    database = next(module for module in OURS if module.name == "telehealth/database.py")
    assert [call for call in database.calls() if call == "session.commit"] == ["session.commit"]


def test_only_the_clock_reads_the_clock() -> None:
    assert not offenders(lambda module: find(READS_A_CLOCK, module), but=READS_CLOCKS)


def test_busy_times_around_something_are_looked_up_in_one_way() -> None:
    """Whoever asks by hand reads all that a therapist has in their own calendar."""
    found = offenders(lambda module: find(LOOKS_BEFORE_A_TIME, module))
    assert list(found) == ["telehealth/queries/hours/busy_intervals.py"]


def test_only_config_reads_the_environment() -> None:
    found = offenders(lambda module: find(READS_THE_ENVIRONMENT, module), but=HANDS_ON)
    assert {name for name in found if not name.startswith("config/")} == set()


def test_nobody_sleeps() -> None:
    assert not offenders(lambda module: {"time.sleep", "sleep"} & set(module.calls()))


def test_functions_fit_in_the_eye() -> None:
    """Migrations excepted: a step that makes many tables is a list."""
    long = offenders(lambda module: (each.name for each in module.functions() if lines(each) > LONGEST_FUNCTION))
    assert {name for name in long if not name.startswith("migrations/")} == set()


def test_most_functions_are_short() -> None:
    lengths = [lines(each) for module in modules("telehealth") for each in module.functions()]
    assert median(lengths) <= MEDIAN_FUNCTION


def test_modules_are_short() -> None:
    assert {module.name for module in OURS if module.text.count("\n") > LONGEST_MODULE} == set()


def test_modules_are_named_after_what_they_are() -> None:
    assert not offenders(lambda module: NAMELESS & set(re.split(r"[/.]", module.name)))


def test_modules_say_what_they_are_for() -> None:
    assert {module.name for module in OURS if module.text.strip() and not ast.get_docstring(module.tree)} == set()


def test_the_words_are_ours() -> None:
    assert not offenders(lambda module: (name for name in module.names() if FORBIDDEN_WORDS & set(words(name))))


def test_whoever_takes_or_gives_anything_says_why() -> None:
    """In rules and use cases a type says what is meant. Where none can, a comment does, in the line or above it."""
    unsaid = {module.name: list(_unexplained(module)) for module in modules("telehealth/domain", "telehealth/services")}
    assert {name: lines for name, lines in unsaid.items() if lines} == {}


def test_only_the_outbox_makes_messages() -> None:
    """So that what a row of it has to hold is decided once. A rehearsal makes some that are never kept."""
    makes = re.compile(r"(?<![\w.])Message\(|\binsert\(Message\)|insert_unless_taken\(session, Message,")
    but = [
        "telehealth/services/messages/outbox.py",
        "telehealth/services/rehearsal/foreseeing.py",
        "telehealth/services/rehearsal/telling.py",
        "telehealth/models/messages.py",
    ]
    assert not offenders(lambda module: find(makes, module), but=but)


def _unexplained(module: Module) -> Iterator[int]:
    """The lines on which a signature says Any and nobody says why."""
    text = module.text.splitlines()
    for function in module.functions():
        given = function.args
        arguments = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
        said = [*(each.annotation for each in arguments if each is not None), function.returns]
        for annotation in (each for each in said if each is not None):
            names = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
            near = text[max(annotation.lineno - 2, 0) : annotation.end_lineno]
            if "Any" in names and not any(COMMENT.search(line) for line in near):
                yield annotation.lineno


def find(pattern: re.Pattern[str], module: Module) -> set[str]:
    return {match.group() for match in pattern.finditer(module.text)}


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From the def to the last line, without the docstring."""
    doc = function.body[0] if ast.get_docstring(function) else None
    documented = 0 if doc is None or doc.end_lineno is None else doc.end_lineno - doc.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - documented


def words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
