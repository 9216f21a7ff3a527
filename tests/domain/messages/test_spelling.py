"""Spanish that is spelt: whatever a text has to do without, it is never an accent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from telehealth.adapters.letters import plain_text
from telehealth.domain.inbox import answers
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.digests import catch_up_letter, catch_up_text
from telehealth.domain.messages.phrases import IN
from telehealth.domain.messages.texting_times import text_briefly, text_day, text_time
from telehealth.domain.messages.wording import letter, text
from telehealth.domain.walltime import zone
from telehealth.domain.words import Mode
from tests.domain.messages.test_wording import BERLIN, CLIENT, DENVER, ENDINGS, SPANISH, START, facts
from tests.domain.messages.test_wording_of_several import several

WITHOUT_THEIR_ACCENT = (
    "mas", "proxima", "proximo", "proximas", "proximos", "numero", "numeros", "leera", "leeran", "dia", "dias", "aqui",
    "asi", "despues", "tambien", "telefono", "sabado", "miercoles", "envie", "envia", "linea", "medico", "ningun",
    "segun", "ultimo", "ultima", "pagina", "electronico", "contrasena", "manana", "espanol", "esta cancelad[ao]",
    "esta confirmad[ao]", "esta por", "esta en", "esta reservad[ao]", "estan", "sera", "seran", "podra", "podran",
    "recibira", "recibiran", "respondera", "llamara", "llamenos", "escribanos", "digame", "quiza", "jamas", "ahi",
    "alli", "alla", "atras", "ademas", "dificil", "facil", "util", "todavia", "habia", "seria", "podria", "tenia",
    "practica es", "unico", "unica", "minimo", "maximo", "rapido", "publico", "credito", "codigo", "opcion",
    "informacion", "atencion", "ubicacion", "direccion", "confirmacion", "cancelacion", "recepcion", "peticion",
    "sesion", "reunion", "tambien", "ocurrio", "paso a", "llego", "cambio de", "cancelo", "pidio", "retiro su",
    "acepto", "rechazo", "termino", "comenzo", "empezo", "si mismo", "el mismo dia", "que tal", "gracias a dios",
)  # fmt: skip
"""Words, and pairs of them, that are misspelt so; the last ones are what was done, without the accent of the past."""
ASKED = ("que", "cual", "cuales", "cuando", "como", "donde", "quien", "cuanto")
"""These need an accent where they ask."""
MISSPELT = re.compile(
    rf"\b(?:{'|'.join(WITHOUT_THEIR_ACCENT)})\b|¿(?:[^?¿]{{0,4}} )?(?:{'|'.join(ASKED)})\b", re.IGNORECASE
)


def words_in(thing: Any) -> Iterator[str]:
    """Every string in phrases, however deep."""
    if isinstance(thing, str):
        yield thing
    elif is_dataclass(thing):
        for each in fields(thing):
            yield from words_in(getattr(thing, each.name))
    elif hasattr(thing, "values"):
        for each in thing.values():
            yield from words_in(each)


def everything() -> Iterator[str]:
    yield from words_in(IN[SPANISH])
    yield from words_in(answers.IN[SPANISH])
    for kind in IN[SPANISH].to_clients:
        for days in range(7):  # Every weekday.
            about = facts(kind, CLIENT, Mode.VIRTUAL, BERLIN, locale=SPANISH)
            about = replace(about, starts_at=START + timedelta(days=days), until=START + timedelta(days=days - 1))
            yield from (text(about), plain_text(letter(about)), letter(about).subject)
    for kind, reader, ending, locale in ENDINGS:
        if locale == SPANISH:
            yield text(facts(kind, reader, Mode.VIRTUAL, DENVER, ending=ending, locale=locale))
    for days in range(7):
        found = [replace(each, starts_at=each.starts_at + timedelta(days=days)) for each in several(SPANISH)]
        yield from (catch_up_text(found), plain_text(catch_up_letter(found)))


def test_no_spanish_word_stands_without_its_accent() -> None:
    wrong = [(MISSPELT.findall(said), said) for said in everything() if MISSPELT.search(said)]
    assert wrong == []


@pytest.mark.parametrize(
    "said",
    ["su cita esta cancelada", "usted tiene mas de una cita proxima", "¿De cual se trata?", "alguien leera su mensaje",
     "por este numero", "Este sabado", "manana", "usted retiro su solicitud"],
)  # fmt: skip
def test_the_list_finds_what_used_to_be_wrong(said: str) -> None:
    assert MISSPELT.search(said)


def test_a_text_names_a_weekday_only_where_it_can_be_spelt() -> None:
    saturday = START + timedelta(days=4)
    assert text_briefly(START, DENVER, SPANISH) == "martes 24 de nov a las 3:00 p.m. MST"
    assert text_briefly(saturday, DENVER, SPANISH) == "28 de nov a las 3:00 p.m. MST"
    assert (text_day(saturday, DENVER, SPANISH), text_day(saturday, DENVER)) == ("28 de nov", "Sat, Nov 28")
    assert (
        "sábado 28 de nov"
        in letter(facts(MessageKind.REMINDER, CLIENT, Mode.VIRTUAL, DENVER, locale=SPANISH, starts_at=saturday)).subject
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("America/Bogota", "5:00 p.m. UTC-5"),
        ("Asia/Tehran", "1:30 UTC+3:30"),
        ("America/Denver", "3:00 p.m. MST"),
        ("Europe/Berlin", "23:00 UTC+1"),
    ],
)
def test_a_zone_that_cannot_be_spelt_is_counted(name: str, said: str) -> None:
    assert text_time(START, zone(name), SPANISH) == said
