"""What a run has found: shown as it comes, and kept in a file that is whole at any moment."""

from __future__ import annotations

import json
import os
import platform
import traceback
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.measure import Figure
from bench.processes import reason

HEAD = f"{'':48}{'ours':>12}{'yardstick':>12}{'ratio':>8}  {'aim':12}{'peak MiB':>9}"


@dataclass
class Report:
    """Writes ``path`` anew after each figure. A file that is not ``finished`` is of a run that was stopped."""

    path: Path
    quick: bool
    figures: list[dict[str, Any]] = field(default_factory=list)
    workloads: list[dict[str, Any]] = field(default_factory=list)
    finished: bool = False

    def __post_init__(self) -> None:
        self._taken_at = datetime.now(UTC).isoformat(timespec="seconds")
        if self.quick:
            _say("A quick run: its numbers are smaller than those that the aims are meant for.")
        _say(HEAD)

    @property
    def failed(self) -> list[str]:
        """The workloads that went wrong."""
        return [each["name"] for each in self.workloads if each["failed"]]

    def begin(self, title: str) -> None:
        """A workload begins."""
        _say(f"-- {title}")

    def add(self, workload: str, figure: Figure) -> None:
        """A figure is there."""
        _say(_line(figure))
        self.figures.append({**asdict(figure), "ratio": figure.ratio, "workload": workload})
        self._write()

    def end(self, workload: str, seconds: float, error: Exception | None) -> None:
        """A workload is through, or has failed. Of an error the whole story goes into the file."""
        _say(f"   FAILED after {seconds:.0f} s: {reason(error)}" if error else f"   took {seconds:.0f} s")
        self.workloads.append(
            {
                "name": workload,
                "seconds": round(seconds, 1),
                "failed": error and reason(error),
                "traceback": error and "".join(traceback.format_exception(error)),
            }
        )
        self._write()

    def finish(self) -> None:
        """All have had their turn."""
        self.finished = True
        self._write()
        if self.failed:
            _say(f"Failed: {', '.join(self.failed)}. {self.path} says why.")

    def _write(self) -> None:
        document = {
            "taken_at": self._taken_at,
            "machine": {"python": platform.python_version(), "cores": os.cpu_count(), "system": platform.platform()},
            "quick": self.quick,
            "finished": self.finished,
            "figures": self.figures,
            "workloads": self.workloads,
        }
        written = self.path.with_suffix(".new")
        written.write_text(json.dumps(document, indent=2) + "\n")
        written.replace(self.path)


def _say(line: str) -> None:
    print(line, flush=True)


def _line(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.1f}x"
    other = "" if figure.yardstick is None else f"{figure.yardstick:.2f} {figure.unit}"
    peak = "" if figure.peak is None else f"{figure.peak:.0f}"
    value = f"{figure.value:.2f} {figure.unit}" if figure.unit else f"{figure.value:.3g}"
    return f"{figure.name:48}{value:>12}{other:>12}{ratio:>8}  {figure.aim:12}{peak:>9}"
