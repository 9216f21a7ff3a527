"""Old names of zones stand for present ones with the same clocks, and every present name has a country."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.domain.walltime import zone, zone_names
from telehealth.domain.zone_places import country_of, names_in_use, present_name

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "present"),
    [
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Europe/Kiev", "Europe/Kyiv"),
        ("US/Pacific", "America/Los_Angeles"),
        ("US/Samoa", "Pacific/Pago_Pago"),
        ("America/Indianapolis", "America/Indiana/Indianapolis"),
        ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("America/Virgin", "America/St_Thomas"),  # The IANA links it to Puerto Rico, another territory.
        ("Africa/Asmera", "Africa/Asmara"),
        ("Atlantic/Faeroe", "Atlantic/Faroe"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
        ("Etc/Greenwich", "UTC"),
        ("Etc/GMT+7", "Etc/GMT+7"),
        ("Europe/Stockholm", "Europe/Stockholm"),  # A link, but the present name of a place.
        ("America/Denver", "America/Denver"),
    ],
)
def test_the_present_name(old: str, present: str) -> None:
    assert present_name(old) == present
    assert zone(old) is zone(present)
    assert zone(old).key == present


@pytest.mark.parametrize("name", sorted(zone_names()))
def test_a_zone_keeps_its_clocks_under_its_present_name(name: str) -> None:
    """Compared with the zone that has its own name, straight from the package."""
    own = type(zone("UTC"))(name)
    for days in range(0, 3 * 365, 5):
        instant = NOON + timedelta(days=days)
        assert instant.astimezone(own).utcoffset() == instant.astimezone(zone(name)).utcoffset()


def test_a_present_name_has_no_other() -> None:
    assert {name for name in names_in_use() if present_name(name) != name} == set()
    assert {present_name(present_name(name)) == present_name(name) for name in zone_names()} == {True}


def test_what_has_no_country_lies_at_sea() -> None:
    at_sea = {present_name(name) for name in zone_names() if not country_of(present_name(name))}
    assert {name for name in at_sea if not name.startswith("Etc/GMT")} == {"UTC"}
