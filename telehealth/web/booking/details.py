"""What a client types about themselves. It travels in the body of a request only, never in an address."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from telehealth.domain import contact
from telehealth.domain.contact import Contact
from telehealth.domain.words import Mode
from telehealth.web.booking.choices import Choices

KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class Details:
    """The fields as they were typed. ``key`` is made with the empty form, so that sending it twice books once."""

    name: str = ""
    email: str = ""
    phone: str = ""
    wants_texts: bool = False
    key: str = ""

    def contact(self, choices: Choices) -> Contact:
        """The checked contact. Raises InvalidInput."""
        given = {**asdict(self), "timezone": choices.client_zone.key, "jurisdiction": choices.state}
        return contact.parse(given, mode=choices.mode or Mode.VIRTUAL)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed yet."""
        return not (self.name or self.email or self.phone)

    @property
    def hidden(self) -> dict[str, str]:
        """The fields as hidden inputs, so that every page of the form carries all that was typed."""
        shown = {"name": self.name, "email": self.email, "phone": self.phone, "key": self.key}
        return {**shown, "wants_texts": "y"} if self.wants_texts else shown

    def renewed(self) -> Details:
        """The same fields with a new key: what is sent next is another wish."""
        return replace(self, key=new_key())


def blank() -> Details:
    """An empty form."""
    return Details(key=new_key())


def read(form: Mapping[str, str]) -> Details:
    """What was typed. A key that is not one of ours is replaced."""
    key = form.get("key", "")
    return Details(
        name=form.get("name", ""),
        email=form.get("email", ""),
        phone=form.get("phone", ""),
        wants_texts=form.get("wants_texts") == "y",
        key=key if KEY.fullmatch(key) else new_key(),
    )


def new_key() -> str:
    """A key nobody can guess: whoever knows it and the whole form is shown the appointment it made."""
    return f"page-{secrets.token_urlsafe(24)}"
