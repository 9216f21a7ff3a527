"""What the page says that the link of a guest opens, in the languages that guests read. The frame's words are those of
the virtual room.
"""

from __future__ import annotations

from telehealth.domain.languages import ENGLISH, choose_words

GUEST_PAGE: dict[str, tuple[str, str]] = {
    "hello": ("Hello {name}", "Hola, {name}"),
    "invited": (
        "{sender} invites you to an appointment by video.",
        "{sender} le invita a una cita por video.",
    ),
    "when": ("When", "Cuándo"),
    "minutes": ("{count} minutes", "{count} minutos"),
    "open": ("The room is open", "La sala está abierta"),
    "open_lead": (
        "You can go in now. You wait until you are let in.",
        "Ya puede entrar. Espere a que le dejen pasar.",
    ),
    "go_in": ("Go in by video", "Entrar por video"),
    "not_yet": ("The room is not open yet", "La sala todavía no está abierta"),
    "opens": ("The room opens: {opening}", "La sala se abre: {opening}"),
    "opens_in": ("Opens in", "Se abre en"),
    "leave_open": (
        "You can leave this page open. This link is all you need: no account, no app.",
        "Puede dejar esta página abierta. Este enlace es todo lo que necesita: sin cuenta ni aplicación.",
    ),
    "check_again": ("Check again", "Comprobar de nuevo"),
    "over": ("This appointment is over", "Esta cita ha terminado"),
    "over_lead": ("The room is closed. Thank you.", "La sala está cerrada. Gracias."),
    "off": ("This appointment does not take place", "Esta cita no tiene lugar"),
    "off_lead": (
        "There is no room to join, and nothing for you to do.",
        "No hay sala a la que entrar, y no tiene que hacer nada.",
    ),
    "unsettled": ("The time is not settled yet", "La hora aún no está decidida"),
    "unsettled_lead": (
        "We are looking for another time. This link stays yours, and shows the new one.",
        "Buscamos otra hora. Este enlace sigue siendo suyo y mostrará la nueva.",
    ),
    "not_by_video": ("There is no video for this appointment", "Esta cita no es por video"),
    "not_by_video_lead": (
        "Please call us to hear what has changed.",
        "Llámenos, por favor, para saber qué ha cambiado.",
    ),
    "ended": ("This invitation has ended", "Esta invitación ha terminado"),
    "ended_lead": ("You are no longer expected at this appointment.", "Ya no se le espera en esta cita."),
    "before": ("Before you go in", "Antes de entrar"),
    "quiet_place": (
        "Find a place where nobody else hears you. Headphones help.",
        "Busque un lugar donde nadie más le oiga. Los auriculares ayudan.",
    ),
    "allow": (
        "Allow the camera and the microphone when your browser asks.",
        "Permita la cámara y el micrófono cuando el navegador se lo pida.",
    ),
    "own_link": (
        "This link is for you alone. Please do not pass it on.",
        "Este enlace es solo para usted. No lo comparta, por favor.",
    ),
    "call_us": ("Something does not work? Call us:", "¿Algo no funciona? Llámenos:"),
}
"""By their names, in English and in Spanish. What stands in braces is put in by whoever says it."""


def find_guest_words(language: str = ENGLISH) -> dict[str, str]:
    """All of them in a language of ours; in English when it is none of ours."""
    return choose_words(GUEST_PAGE, language)
