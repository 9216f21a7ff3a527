"""Servers that calendars are kept on."""

from __future__ import annotations

from tests.caldav_fixtures import caldav_owner, caldav_servers  # noqa: F401 -- fixtures
