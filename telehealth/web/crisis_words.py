"""What pages of a video appointment say about help in a crisis, in the languages of clients, and whom they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telehealth.domain.languages import SPANISH, choose_words, nearest_language
from telehealth.late import Library
from telehealth.models import Practice, Whereabouts

if TYPE_CHECKING:
    from telehealth.domain.video import crisis
else:
    crisis = Library("telehealth.domain.video.crisis")

CRISIS_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Crisis help", "Ayuda en crisis"),
    "danger": ("In immediate danger:", "Si hay peligro inmediato:"),
    "danger_in": ("In immediate danger in {country}:", "Si hay peligro inmediato en {country}:"),
    "unknown": (
        "We do not know the emergency number of the place where you are. Call your local emergency number.",
        "No conocemos el número de emergencia del lugar donde está. Llame al número de emergencia local.",
    ),
    "elsewhere": (
        "Outside the United States, call your local emergency number.",
        "Fuera de los Estados Unidos, llame al número de emergencia local.",
    ),
    "where_first": ("Say where you are first.", "Diga primero dónde está."),
    "lifeline": (
        "Day and night, free: the 988 Lifeline. Veterans press 1.",
        "Día y noche, gratis: la Línea 988. En español, oprima 2.",
    ),
    "lifeline_abroad": ("Day and night, free: the 988 helpline.", "Día y noche, gratis: la línea 988."),
    "text_line": ("Or text HOME to 741741.", "O envíe HOLA por mensaje al 741741."),
    "ours": ("Our own number in a crisis:", "Nuestro propio número en una crisis:"),
    "call": ("Call {number}", "Llamar al {number}"),
    "text": ("Text {number}", "Mensaje al {number}"),
    "text_word": ("Text {word} to {number}", "Enviar {word} al {number}"),
    "lifeline_word": ("", "AYUDA"),
    "text_line_word": ("HOME", "HOLA"),
    "call_us": ("Something else? Call us:", "¿Otra cosa? Llámenos:"),
}
"""By their names, in English and in Spanish. 988 answers in Spanish to AYUDA (988lifeline.org), the Crisis Text Line to
HOLA.
"""


def offer_crisis_help(practice: Practice, said: Whereabouts | None, language: str) -> dict[str, Any]:
    """What templates need for ``components/crisis.html``: the numbers of the place where somebody said they are now
    (None: they have not said it), the practice's own, and the words in a language of ours.
    """
    found = crisis.find_crisis_help(said.jurisdiction, said.place) if said is not None else crisis.NOT_SAID
    country = found.country
    named = "" if country is None else country.spanish if nearest_language(language) == SPANISH else country.english
    return {
        "crisis": {
            "help": found,
            "country": named,
            "line": crisis.CrisisLine(practice.crisis_phone, practice.crisis_about),
            "words": choose_words(CRISIS_WORDS, language),
        }
    }
