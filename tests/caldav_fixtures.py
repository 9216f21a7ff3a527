"""Real CalDAV servers for tests. A conftest.py that wants them imports both fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.caldav_process import PASSWORD, CalDavOwner, CalDavServer, serve_caldav


@pytest.fixture(scope="session")
def caldav_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], CalDavServer]]:
    """Each kind of CalDAV server once, started when a test first asks for it."""
    with ExitStack() as running:

        @cache
        def start(kind: str) -> CalDavServer:
            return running.enter_context(serve_caldav(kind, tmp_path_factory.mktemp(kind)))

        yield start


@pytest.fixture
def caldav_owner(caldav_servers: Callable[[str], CalDavServer]) -> Iterator[Callable[[str], CalDavOwner]]:
    """Somebody with one empty calendar on a server of a kind."""
    owners: list[CalDavOwner] = []

    def move_in(kind: str) -> CalDavOwner:
        server = caldav_servers(kind)
        name = f"ana{len(server.passwords)}" if kind == "radicale" else "ana"
        server.set_password(name, PASSWORD)
        owner = CalDavOwner(server, name, f"/{name}/home/" if kind == "radicale" else "/user/calendars/home/")
        owners.append(owner)
        owner.make_calendar()
        return owner

    yield move_in
    for owner in owners:
        owner.ask("DELETE", owner.path)
