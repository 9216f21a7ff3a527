"""Processes that end with what they were started for, however that ends, and that nobody waits for in vain."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

PATIENCE = 30  # Seconds until a process that does not answer, or does not end, counts as broken.
SPAWN = multiprocessing.get_context("spawn")


class ProcessFailed(RuntimeError):
    """A process of ours has failed; a note says where."""


@contextmanager
def ending(process: subprocess.Popen[Any]) -> Iterator[None]:
    """The process ends with the block: asked first, and then made to."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(PATIENCE)


def in_fresh_process(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a function returns in a process of its own, and the most memory that process ever held, in MiB."""
    return in_processes(function, [arguments])[0]


def in_processes(function: Callable[..., Any], calls: Sequence[Sequence[Any]]) -> list[tuple[Any, float]]:
    """The same for several calls at once, in their order.

    Raises ProcessFailed as soon as one of them fails or dies; then the others are ended, too.
    """
    pipes = [SPAWN.Pipe(duplex=False) for _ in calls]
    processes = [
        SPAWN.Process(target=_tell, args=(sender, function, arguments), daemon=True)
        for (_, sender), arguments in zip(pipes, calls, strict=True)
    ]
    try:
        for process, (_, sender) in zip(processes, pipes, strict=True):
            process.start()
            sender.close()  # So that the pipe ends when the process does.
        return _hear_all([receiver for receiver, _ in pipes])
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()


def _tell(sender: Connection, function: Callable[..., Any], arguments: Sequence[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Whoever started us ends us.
    try:
        sender.send((function(*arguments), peak_of(os.getpid()), ()))
    except BaseException as error:  # noqa: BLE001 -- it is raised where somebody waits for us
        sender.send((None, 0.0, (reason(error), traceback.format_exc())))


def _hear_all(receivers: list[Connection]) -> list[tuple[Any, float]]:
    """What each of them tells; whoever fails first is heard first."""
    told: dict[object, tuple[Any, float]] = {}
    while waiting := [receiver for receiver in receivers if receiver not in told]:
        for receiver in wait(waiting):
            told[receiver] = _hear(receiver)
    return [told[receiver] for receiver in receivers]


def _hear(receiver: Any) -> tuple[Any, float]:
    try:
        result, peak, failure = receiver.recv()
    except EOFError:
        raise ProcessFailed("a process died") from None
    if failure:
        why, where = failure
        error = ProcessFailed(why)
        error.add_note(where)
        raise error
    return result, peak


def reason(error: BaseException) -> str:
    """What went wrong, in one line; of an assertion without words, what was asserted."""
    if isinstance(error, ProcessFailed):
        return str(error)
    said = str(error).strip() or traceback.extract_tb(error.__traceback__)[-1].line or ""
    return f"{type(error).__name__}: {said.splitlines()[0]}" if said else type(error).__name__


def peak_of(process: int) -> float:
    """The most memory that a running process ever held, in MiB.

    ``VmHWM`` of proc(5), and not ``ru_maxrss``, which a new process takes over from the one that started it.
    """
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def spent_by(process: int) -> float:
    """Seconds of processor time that the threads of a running process have had so far.

    ``schedstat`` of proc(5): what ``stat`` and ``getrusage`` tell may be counted in ticks of ten milliseconds.
    """
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9
