"""What the pages share that a link in a message opens: no login, so they are discreet, and no search engine."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.links import Linked, Signed
from telehealth.models import Practice

READS, WRITES = "120 per minute", "20 per minute"
NETWORK_TESTS = "20 per hour"
"""Of one link, or of one login: each opens a way through our relay for a while."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The practice by its neutral name, for the frame of the page."""

    name: str
    phone: str

    @classmethod
    def of_practice(cls, practice: Practice) -> Self:
        """The one who sends messages for it."""
        return cls(practice.sender_name, practice.phone)


def find_address_asked() -> str:
    """What is counted where one link counts by itself: its address."""
    return request.path


def make_link_blueprint(name: str) -> Blueprint:
    """A blueprint for such pages."""
    blueprint = Blueprint(name, __name__)
    blueprint.after_request(_keep_out_of_search_engines)
    return blueprint


def find_addresses() -> Addresses:
    """The one that makes and reads every link."""
    found: Addresses = current_app.extensions["addresses"]
    return found


def read_manage_link(token: str) -> Signed:
    """What the link to a seat names, for the services that look it up themselves. Raises LinkInvalid."""
    return find_addresses().read(LinkPurpose.MANAGE, token)


def make_manage_url(link: Linked) -> str:
    """The page of a seat, for its client or for whoever acts for them (``link_to``)."""
    token = find_addresses().token(LinkPurpose.MANAGE, link)
    return url_for("client.show_appointment", token=token)


def redirect_to_appointment(token: str) -> ResponseReturnValue:
    """To the page that says how things stand."""
    return redirect(url_for("client.show_appointment", token=token), HTTPStatus.SEE_OTHER)


def _keep_out_of_search_engines(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
