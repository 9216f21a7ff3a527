"""Processes of a figure: what goes wrong in one is told at once, and none is left behind."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from multiprocessing.synchronize import Event

import pytest

from bench.processes import SPAWN, ProcessFailed, ending, in_processes


def double(number: int) -> int:
    return 2 * number


def fail(never: Event, how: str) -> None:
    """The first one would wait for ever."""
    if how == "wait":
        never.wait(600)
    if how == "die":
        os._exit(3)
    raise ValueError("no luck")


def test_results_come_in_the_order_of_the_calls() -> None:
    (one, peak), (two, _) = in_processes(double, [(1,), (2,)])
    assert (one, two) == (2, 4)
    assert peak > 1
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(("how", "why"), [("die", "a process died"), ("raise", "ValueError: no luck")])
def test_whoever_fails_ends_the_others(how: str, why: str) -> None:
    never = SPAWN.Event()
    with pytest.raises(ProcessFailed, match=why):
        in_processes(fail, [(never, "wait"), (never, how)])
    assert not multiprocessing.active_children()


def test_a_server_ends_with_its_block() -> None:
    server = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with pytest.raises(ValueError, match="in the block"), ending(server):
        raise ValueError("in the block")
    assert server.returncode is not None
    assert server.stdin is not None
    server.stdin.close()
