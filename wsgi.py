"""The service, for gunicorn and the flask command."""

from telehealth.app import create_app

app = create_app()
