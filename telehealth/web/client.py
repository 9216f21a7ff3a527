"""Being built."""

from flask import Blueprint

blueprint = Blueprint("client", __name__)
