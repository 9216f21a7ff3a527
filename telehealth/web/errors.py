"""Refusals as pages: what happened, what was kept, what to do next. The words for each status are in the template."""

from __future__ import annotations

from http import HTTPStatus

from flask import render_template
from werkzeug.exceptions import HTTPException

from telehealth.domain.errors import TelehealthError


def page(error: Exception) -> tuple[str, int]:
    """The error page for any exception, and its status. Never shows anything internal."""
    if isinstance(error, TelehealthError):
        return render_template("errors/error.html", status=error.status, sentence=str(error)), error.status
    status = error.code if isinstance(error, HTTPException) and error.code else HTTPStatus.INTERNAL_SERVER_ERROR
    return render_template("errors/error.html", status=int(status)), int(status)
