"""The list of time zones: each once, by its present name, the likely ones first."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask, get_template_attribute

from telehealth.domain.walltime import zone, zone_names
from telehealth.domain.zone_places import present_name
from telehealth.web.booking.zones import list_zones

DENVER = zone("America/Denver")
HOMES = ["America/Denver", "Europe/Madrid", "Pacific/Guam", "America/Toronto", "UTC"]


@pytest.mark.parametrize("home", HOMES)
def test_there_are_no_twins(home: str) -> None:
    listed = [entry for _, zones in list_zones(DENVER, zone(home)) for entry in zones]
    assert [key for key, times in Counter(key for key, _ in listed).items() if times > 1] == []
    assert [text for text, times in Counter(text for _, text in listed).items() if times > 1] == []
    assert [key for key, _ in listed if present_name(key) != key] == []


@pytest.mark.parametrize("name", sorted(zone_names()))
def test_whatever_a_browser_reports_is_in_the_list(name: str) -> None:
    chosen = zone(name)
    assert chosen.key in {key for _, zones in list_zones(chosen, DENVER) for key, _ in zones}


def test_the_likely_ones_come_first() -> None:
    first, zones = list_zones(DENVER, DENVER)[0]
    assert first == "United States"
    assert [text for _, text in zones[:3]] == [
        "Eastern Time (New York)", "Eastern Time (Detroit)", "Central Time (Chicago)",
    ]  # fmt: skip
    assert ("America/Indiana/Indianapolis", "Indianapolis, Indiana") in zones
    assert ("Pacific/Saipan", "Saipan, Northern Mariana Islands") in zones
    groups = dict(list_zones(DENVER, zone("Europe/Madrid")))
    assert list(groups)[:2] == ["Spain", "United States"]
    assert groups["Spain"] == (("Atlantic/Canary", "Canary"), ("Africa/Ceuta", "Ceuta"), ("Europe/Madrid", "Madrid"))
    assert ("Asia/Kolkata", "Kolkata, India") in groups["Asia"]


@pytest.mark.parametrize("chosen", ["America/Denver", "Asia/Kolkata", "UTC"])
def test_written_once_they_read_as_any_other_options(app: Flask, chosen: str) -> None:
    zones = list_zones(zone(chosen), DENVER)
    with app.test_request_context():
        write = get_template_attribute("components/forms.html", "options_of")
        one_by_one = write([*zones], chosen)
        assert write(zones, chosen).strip() == one_by_one.strip()
        assert zones.write_options(chosen) is zones.write_options(chosen)
    assert one_by_one.count(" selected") == 1
