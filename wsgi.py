"""The service, for gunicorn and the flask command."""

from flask.cli import NoAppException

from config import ConfigurationError
from telehealth.app import create_app

try:
    app = create_app()
except ConfigurationError as problem:
    raise NoAppException(str(problem)) from None  # So that the flask command says what to change, without a trace.
