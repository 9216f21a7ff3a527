"""What ``python -m bench`` answers, as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.__main__ import WORKLOADS
from bench.running import choose
from tests.house.source import ROOT


def bench(**environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench"],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unknown_workload_is_refused() -> None:
    told = bench(ONLY="bokings")
    assert told.returncode == 1
    assert told.stderr.startswith("There is no bokings. There are: in-play, free-times, ")
    assert told.stdout == ""


def test_an_unclear_wish_is_refused() -> None:
    told = bench(QUICK="perhaps")
    assert (told.returncode, told.stderr) == (1, "QUICK must be yes or no.\n")


def test_a_group_is_quick_unless_told_otherwise() -> None:
    show = "from bench import options; print(options.QUICK)"
    for environ, quick in (({"ONLY": "writing"}, True), ({"ONLY": "writing", "QUICK": "no"}, False), ({}, False)):
        told = subprocess.run(  # noqa: S603
            [sys.executable, "-c", show],
            cwd=ROOT,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout == f"{quick}\n"


def test_a_group_stands_for_what_is_looked_at_together() -> None:
    chosen = choose(WORKLOADS, ["writing", "feed"])
    assert {
        "bookings-sqlite",
        "crowd-postgresql",
        "counts-sqlite",
        "in-play",
        "cold-start",
        "feed-sqlite",
    } <= chosen.keys()
    assert not {"free-times", "claims-sqlite", "naive"} & chosen.keys()
