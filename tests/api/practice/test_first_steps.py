"""How far a new practice is."""

from __future__ import annotations

from telehealth.domain.first_steps import FirstStep
from telehealth.domain.words import Mode
from telehealth.queries.hours.working_hours import list_weekly_hours
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.factories.rows import change


def test_first_steps(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/first-steps")
    found = api.get(there, token=front_desk)
    assert [each["step"] for each in found["steps"]] == [step.value for step in FirstStep]
    done = {each["step"] for each in found["steps"] if each["done"]}
    assert {"therapist", "service", "place", "hours", "licences"} <= done
    assert "page" not in done
    assert (found["unbookable"], found["put_away"]) == ([], True)
    assert api.put(there, {"put_away": False}, token=owner)["put_away"] is False
    api.refused("not_allowed", "PUT", there, json={"put_away": True}, token=front_desk)


def test_services_that_no_hours_allow(api: Caller, office: Office, owner: str) -> None:
    for hours in list_weekly_hours(office.therapist.id):
        change(hours, modes=[Mode.PHONE.value])
    change(office.service, modes=[Mode.VIRTUAL.value])
    found = api.get(path_of(office, "/first-steps"), token=owner)
    assert found["unbookable"] == [
        {
            "therapist": office.therapist.name,
            "service": office.service.name,
            "service_modes": ["virtual"],
            "hours_modes": ["phone"],
        }
    ]
