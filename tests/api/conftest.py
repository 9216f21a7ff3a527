from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import transaction
from telehealth.domain.words import Role
from telehealth.models import Therapist, User
from telehealth.services.practice.token_issuing import issue_token
from tests import factories
from tests.api.caller import Caller
from tests.factories import BY_STAFF, Office
from tests.moments import NOW


@pytest.fixture
def api(app: Flask, client: FlaskClient) -> Caller:
    """Asks the API, and holds every answer against the OpenAPI document."""
    return Caller(app, client)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return factories.make_office()


@pytest.fixture
def elsewhere(client: FlaskClient) -> Office:
    """Another practice."""
    return factories.make_office()


def token_of(user: User) -> str:
    return issue_token(practice_id=user.practice_id, user_id=user.id, name="Test program", by=BY_STAFF, now=NOW)


@pytest.fixture
def owner(office: Office) -> str:
    """The bearer token of an owner."""
    return token_of(factories.make_user(office.practice, Role.OWNER))


@pytest.fixture
def front_desk(office: Office) -> str:
    """The bearer token of the front desk."""
    return token_of(factories.make_user(office.practice, Role.FRONT_DESK))


@pytest.fixture
def therapist(office: Office) -> str:
    """The bearer token of the office's therapist."""
    user = factories.make_user(office.practice, Role.THERAPIST)
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).user_id = user.id
    return token_of(user)
