"""What would make a therapist a good fit, as programs say it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import fields, validate

from telehealth.api.parsing import Body, OneLine, Query, Several
from telehealth.domain.appointments.matching import Fit

MOST_WORDS = 10
LONGEST_WORD = 60


MET_SAID = (
    "The client knows the `therapist` whom they name. Needed where that therapist takes no new clients; what is booked "
    "is then a request, which the practice looks at first."
)


def _words(description: str, **options: Any) -> Several:
    return Several(
        OneLine(longest=LONGEST_WORD),
        load_default=list,
        validate=validate.Length(max=MOST_WORDS),
        metadata={"description": description, **options},
    )


class FitSchema(Body):
    """What matters in a therapist when none is named. A language is a must; the rest decides who comes first."""

    modalities = _words("Ways of working, as therapists list them.", example=["EMDR"])
    specialties = _words("What the therapist should know well.", example=["Anxiety"])
    languages = _words("The therapist has to speak one of these.", example=["Spanish"])


class FitQuery(Query):
    """The same as parameters of an address, each repeated for several words."""

    modalities = _words("Ways of working that come first; repeat it for several.")
    specialties = _words("What the therapist should know well comes first; repeat it for several.")
    languages = _words("The therapist has to speak one of these; repeat it for several.")


def fit_field() -> fields.Nested:
    """A body's field that holds a fit, if one matters."""
    return fields.Nested(
        FitSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "The best fit when no therapist is named: their own therapist first, then this."},
    )


def fit_of(given: dict[str, Any] | None) -> Fit:
    """What a body or an address says about the fit; nothing means that whoever is free will do."""
    if not given:
        return Fit()
    return Fit(
        modalities=_once(given.get("modalities", ())),
        specialties=_once(given.get("specialties", ())),
        languages=_once(given.get("languages", ())),
    )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))
