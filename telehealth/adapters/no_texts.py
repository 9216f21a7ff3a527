"""No provider of texts: a real practice may do without, but nothing may look as if it had been sent."""

from __future__ import annotations

from datetime import datetime

from telehealth.domain.ports import DeliveryFailed, Receipt, Remedy, Text


class NoTexts:
    """A TextGateway that takes nothing and says so."""

    def send(self, _text: Text, /) -> Receipt:
        """Raises DeliveryFailed, always."""
        raise DeliveryFailed("texts are not set up", Remedy.ALERT)

    def find(self, _text: Text, /, *, since: datetime) -> Receipt | None:  # noqa: ARG002 -- the port has it
        """Nothing was ever taken."""
        return None

    def look_up(self, _provider_id: str, /) -> Receipt | None:
        """Nothing is known."""
        return None
