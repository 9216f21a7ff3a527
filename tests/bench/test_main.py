"""What ``python -m bench`` answers, as it is typed."""

from __future__ import annotations

import os
import subprocess
import sys

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
