"""The service, for gunicorn and the flask command."""
# ruff: noqa: E402 -- the collector rests before anything is loaded

import gc

gc.disable()  # What is loaded stays to the end: to look for rubbish in it again and again takes a quarter of the start.

import os
import sys

from click import ClickException
from flask.cli import NoAppException

from config import ConfigurationError
from telehealth.app import create_app

os.umask(0o077)  # What is made from here on, such as SQLite's file, is for nobody else on this machine.

try:
    app = create_app()
except ConfigurationError as problem:
    # So that the flask command says what to change, without a trace. One that was named ends with that, and is not said
    # to be no command besides; the list of all of them goes on.
    names_command = any(not word.startswith("-") for word in sys.argv[1:])
    raise (ClickException if names_command else NoAppException)(str(problem)) from None
finally:
    gc.freeze()
    gc.enable()
