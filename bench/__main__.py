"""``python -m bench``: takes every figure, prints them as a table and keeps them in bench/results.json.

In the environment ``ONLY=bookings,feed`` takes only the workloads whose names contain one of these; ``ONLY=writing``
what writing costs and what must not suffer by it, in under three minutes; and ``QUICK=yes`` smaller numbers. Ends with
1 when a workload failed, with 130 when the run was stopped.
"""

from __future__ import annotations

import logging
import sys
from functools import partial
from pathlib import Path

from bench import (
    busy_times,
    calendar_files,
    calendars,
    contention,
    counts,
    desk,
    feeds,
    figures,
    in_play,
    messages,
    options,
    pages,
    standing_slots,
    waitlist,
)
from bench.report import Report
from bench.running import UnknownWorkload, Workload, choose, run, stoppable

RESULTS = Path(__file__).parent / "results.json"
STOPPED = 130


def _on(database: str) -> dict[str, Workload]:
    """What is measured on both."""
    return {
        f"bookings-{database}": partial(figures.bookings, kind=database),
        f"rivals-{database}": partial(contention.contention, kind=database),
        f"crowd-{database}": partial(contention.crowd, kind=database),
        f"pages-{database}": partial(pages.pages_of_times, kind=database),
        f"counts-{database}": partial(counts.counts, kind=database),
        f"waitlist-{database}": partial(waitlist.matching, kind=database),
        f"series-{database}": partial(standing_slots.materialising, kind=database),
        f"sending-{database}": partial(messages.sending, kind=database),
        f"planning-{database}": partial(messages.planning, kind=database),
        f"claims-{database}": partial(messages.claims, kind=database),
        f"feed-{database}": partial(feeds.feed, kind=database),
        f"busy-times-{database}": partial(busy_times.busy_times, kind=database),
    }


WORKLOADS: dict[str, Workload] = {
    "in-play": in_play.in_play,
    "free-times": figures.free_times,
    "hospital": figures.many_therapists,
    "history": figures.history,
    "calendar-files": calendar_files.calendar_files,
    "calendars": calendars.calendars,
    "cold-start": figures.cold_start,
    **_on("sqlite"),
    **_on("postgresql"),
    "desk": desk.desk,
    "naive": messages.naive,
}


def main() -> int | str:
    """Take the figures that are asked for."""
    if options.PROBLEMS:
        return " ".join(options.PROBLEMS)
    try:
        wanted = choose(WORKLOADS, options.ONLY)
    except UnknownWorkload as unknown:
        return str(unknown)
    logging.disable(logging.WARNING)
    report = Report(RESULTS, quick=options.QUICK)
    try:
        with stoppable():
            run(wanted, report)
    except KeyboardInterrupt:
        print(f"Stopped. What was measured until then is in {RESULTS}.")
        return STOPPED
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
