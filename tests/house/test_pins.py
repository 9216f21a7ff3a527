"""Everything that is installed is pinned, with the hashes of its files: what is fetched is what was looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.source import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-node.lock")
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[a-z,-]+\])?==([^ \\;]+)(?: ;[^\\]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def pins(lock: str) -> dict[str, str]:
    return {plain(name): version for name, version, _ in PIN.findall((ROOT / lock).read_text())}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements: str) -> Iterator[str]:
    """What is asked for, with what another file is taken in for."""
    for line in (ROOT / requirements).read_text().splitlines():
        if line.startswith("-r "):
            yield from named(line.removeprefix("-r "))
        elif found := re.match(r"[A-Za-z0-9._-]+", line):
            yield plain(found.group())


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_is_a_pin_with_hashes(lock: str) -> None:
    left = PIN.sub("", (ROOT / lock).read_text())
    assert [line for line in left.splitlines() if not line.startswith("#")] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_what_is_asked_for_is_pinned(lock: str) -> None:
    assert set(named(lock.replace(".lock", ".txt"))) <= pins(lock).keys()


def test_the_service_runs_with_what_was_tested() -> None:
    tested = pins("requirements-dev.lock")
    assert {name: tested.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_nothing_is_installed_without_its_hashes() -> None:
    """By the Makefile, the README or continuous integration."""
    for name in ("Makefile", "README.md", ".ci/run"):
        for line in (ROOT / name).read_text().splitlines():
            if "pip install" in line and "-e" not in line.split():
                assert "--require-hashes" in line, f"{name}: {line}"
