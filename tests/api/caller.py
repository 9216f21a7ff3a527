"""Asking the API, and holding every answer against the document that describes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_smorest.spec.plugins import FlaskPlugin
from jsonschema import Draft202012Validator
from openapi_schema_validator import oas31_format_checker
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.factories import Office

V1 = "/api/v1"


@lru_cache(maxsize=1)
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.extensions["openapi"]()
    return found


def _validator(app: Flask, schema: dict[str, Any]) -> Draft202012Validator:
    rest = {"components": document(app)["components"]}
    return Draft202012Validator({**schema, **rest}, format_checker=oas31_format_checker)


@dataclass
class Caller:
    """Paths are given without /api/v1."""

    app: Flask
    client: FlaskClient

    def get(self, path: str, **given: Any) -> Any:
        return self._body(200, "GET", path, **given)

    def post(self, path: str, json: Any = None, *, status: int = 201, **given: Any) -> Any:
        return self._body(status, "POST", path, json=json, **given)

    def put(self, path: str, json: Any, **given: Any) -> Any:
        return self._body(200, "PUT", path, json=json, **given)

    def delete(self, path: str, **given: Any) -> None:
        self._body(204, "DELETE", path, **given)

    def refused(self, code: str, method: str, path: str, **given: Any) -> dict[str, Any]:
        """The problem document; its code has to be this one."""
        response = self.ask(method, path, **given)
        assert response.mimetype == "application/problem+json", (response.status, response.text)
        problem: dict[str, Any] = response.get_json()
        assert problem["code"] == code, problem
        assert problem["status"] == response.status_code
        return problem

    def ask(self, method: str, path: str, *, token: str | None = None, **given: Any) -> TestResponse:
        headers = {**given.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        response = self.client.open(V1 + path, method=method, headers=headers, **given)
        self._hold_against_document(method, path, response)
        return response

    def _body(self, status: int, method: str, path: str, **given: Any) -> Any:
        response = self.ask(method, path, **given)
        assert response.status_code == status, response.text
        return response.get_json() if response.is_json else response.text

    def _hold_against_document(self, method: str, path: str, response: TestResponse) -> None:
        try:
            rule, _ = self.app.url_map.bind("localhost").match(V1 + path, method=method, return_rule=True)
        except HTTPException:
            return
        template = FlaskPlugin.flaskpath2openapi(rule.rule)
        operation = document(self.app)["paths"][template][method.lower()]
        documented = operation["responses"].get(str(response.status_code))
        assert documented, f"{operation['operationId']} does not document {response.status_code}: {response.text}"
        if content := documented.get("content"):
            assert response.mimetype in content, f"{response.mimetype} is not documented"
        if response.mimetype == "application/problem+json":
            code = response.get_json()["code"]
            assert code in content[response.mimetype]["examples"], f"{operation['operationId']} does not name {code}"
        if content and response.is_json:
            _validator(self.app, content[response.mimetype]["schema"]).validate(response.get_json())


def path_of(office: Office, rest: str = "") -> str:
    return f"/practices/{office.practice.slug}{rest}"


def booking_of(office: Office, start: str = "2026-11-24T17:00:00Z", **given: Any) -> dict[str, Any]:
    """Tomorrow at ten in Denver, by video. ``client`` changes single facts about the client."""
    client = {
        "name": "Ana Rivera",
        "email": "ana@example.com",
        "phone": "(303) 555-0123",
        "timezone": "America/Denver",
        "text_consent": True,
        "jurisdiction": "CO",
        **given.pop("client", {}),
    }
    return {
        "service": office.service.public_id,
        "start": start,
        "mode": "virtual",
        "therapist": office.therapist.public_id,
        "client": client,
        **given,
    }
