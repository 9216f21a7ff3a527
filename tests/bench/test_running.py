"""A run of workloads: what one of them does wrong costs no other its figures, and what is measured is kept at once."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from bench.measure import Figure
from bench.report import Report
from bench.running import TookTooLong, UnknownWorkload, Workload, choose, no_longer_than, run, stoppable

FIGURES = Generator[Figure, None, None]


def figure(name: str) -> Figure:
    return Figure(name=name, value=2.0, unit="ms", yardstick=1.0, aim="<= 3 ms")


def good(_folder: Path) -> FIGURES:
    yield figure("good")


def half(_folder: Path) -> FIGURES:
    yield figure("first half")
    raise ValueError("the machine is busy")


def speechless(_folder: Path) -> FIGURES:
    yield figure("speechless")
    raise AssertionError


@pytest.fixture
def report(tmp_path: Path) -> Report:
    return Report(tmp_path / "results.json", quick=False)


def kept(report: Report) -> dict[str, Any]:
    return dict(json.loads(report.path.read_text()))


def names(report: Report) -> list[str]:
    return [each["name"] for each in kept(report)["figures"]]


def test_a_workload_that_fails_loses_no_figure(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    run({"half": half, "good": good}, report)
    assert names(report) == ["first half", "good"]
    assert report.failed == ["half"]
    bad, fine = kept(report)["workloads"]
    assert bad["failed"] == "ValueError: the machine is busy"
    assert "in half" in bad["traceback"]
    assert (fine["failed"], fine["traceback"]) == (None, None)
    said = capsys.readouterr().out
    assert "FAILED after 0 s: ValueError: the machine is busy" in said
    assert "Failed: half." in said


def test_an_error_without_words_says_its_line(report: Report) -> None:
    run({"speechless": speechless}, report)
    assert kept(report)["workloads"][0]["failed"] == "AssertionError: raise AssertionError"


def test_each_figure_is_kept_as_soon_as_it_is_there(report: Report) -> None:
    seen: list[tuple[list[str], bool]] = []

    def watched(_folder: Path) -> FIGURES:
        for name in ("one", "two"):
            yield figure(name)
            seen.append((names(report), kept(report)["finished"]))

    run({"watched": watched}, report)
    assert seen == [(["one"], False), (["one", "two"], False)]
    assert kept(report)["finished"]
    assert kept(report)["figures"][0] == {
        "name": "one",
        "value": 2.0,
        "unit": "ms",
        "yardstick": 1.0,
        "aim": "<= 3 ms",
        "peak": None,
        "ratio": 2.0,
        "workload": "watched",
    }


def test_the_file_is_replaced_and_never_half_written(report: Report) -> None:
    report.path.write_text("of an earlier run")
    with report.path.open() as earlier:
        report.add("good", figure("good"))
        assert earlier.read() == "of an earlier run"
    assert [path.name for path in report.path.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize("quick", [True, False])
def test_a_quick_run_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str], quick: bool) -> None:
    report = Report(tmp_path / "results.json", quick=quick)
    run({"good": good}, report)
    assert kept(report)["quick"] is quick
    assert ("A quick run" in capsys.readouterr().out) is quick


def test_a_run_that_is_stopped_keeps_what_it_has_and_cleans_up(report: Report) -> None:
    folders: list[Path] = []
    before = signal.getsignal(signal.SIGTERM)

    def stopped(folder: Path) -> FIGURES:
        folders.append(folder)
        yield figure("before")
        os.kill(os.getpid(), signal.SIGTERM)
        yield figure("after")

    with pytest.raises(KeyboardInterrupt), stoppable():
        run({"stopped": stopped, "good": good}, report)
    assert names(report) == ["before"]
    assert not kept(report)["finished"]
    assert not folders[0].exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_nothing_may_last_for_ever() -> None:
    with pytest.raises(TookTooLong, match="after 100 seconds"), no_longer_than(100):
        signal.raise_signal(signal.SIGALRM)
    assert signal.alarm(0) == 0


WORKLOADS: dict[str, Workload] = dict.fromkeys(["bookings-sqlite", "bookings-postgresql", "feed"], good)


def test_all_are_chosen_when_nothing_is_asked_for() -> None:
    assert list(choose(WORKLOADS, [])) == list(WORKLOADS)


def test_those_are_chosen_whose_names_contain_what_is_asked_for() -> None:
    assert list(choose(WORKLOADS, ["bookings"])) == ["bookings-sqlite", "bookings-postgresql"]
    assert list(choose(WORKLOADS, ["feed", "sqlite"])) == ["bookings-sqlite", "feed"]


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownWorkload) as refused:
        choose(WORKLOADS, ["feed", "bokings"])
    assert str(refused.value) == "There is no bokings. There are: bookings-sqlite, bookings-postgresql, feed."
