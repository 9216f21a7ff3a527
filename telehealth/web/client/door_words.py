"""What the pages before a video appointment say, in the languages of clients: the door, the questions, being called."""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.languages import ENGLISH, choose_words, nearest_language

DOOR_WORDS: dict[str, tuple[str, str]] = {
    # The door.
    "cancelled": ("This appointment is cancelled", "Esta cita está cancelada"),
    "no_room": ("There is no room to join.", "No hay sala a la que entrar."),
    "over": ("This appointment is over", "Esta cita ha terminado"),
    "closed": ("The room is closed. Need anything? Call us at", "La sala está cerrada. ¿Necesita algo? Llámenos al"),
    "in_person_title": ("You meet in person", "Su cita es en persona"),
    "in_person_how": (
        "There is no video for this appointment. Please come to the address below.",
        "Esta cita no es por video. Venga, por favor, a la dirección de abajo.",
    ),
    "phone_title": ("We call you", "Nosotros le llamamos"),
    "phone_how": (
        "There is no video for this appointment. Please keep your phone near you.",
        "Esta cita no es por video. Tenga el teléfono cerca, por favor.",
    ),
    "phone_at": (
        "There is no video for this appointment. Please keep your phone near you: we call the number ending in {end}.",
        "Esta cita no es por video. Tenga el teléfono cerca, por favor: llamamos al número que termina en {end}.",
    ),
    "open": ("The room is open", "La sala está abierta"),
    "go_now": ("You can go in now.", "Ya puede entrar."),
    "go_back": (
        "The time is over, but you can go back in for a while.",
        "La hora ha terminado, pero todavía puede volver a entrar un rato.",
    ),
    "join": ("Join by video", "Entrar al video"),
    "not_yet": ("The room is not open yet", "La sala todavía no está abierta"),
    "opens": ("Opens {opening}", "Se abre {opening}"),
    "opens_in": ("Opens in", "Se abre en"),
    "opens_when": ("The room opens", "La sala se abre"),
    "opens_before": (
        "{minutes} minutes before the start. You can leave this page open.",
        "{minutes} minutos antes del comienzo. Puede dejar esta página abierta.",
    ),
    "check_again": ("Check again", "Mirar otra vez"),
    "before_title": ("Before you go in", "Antes de entrar"),
    "before_place": (
        "Find a place where you can talk freely. Headphones help.",
        "Busque un lugar donde pueda hablar con libertad. Los audífonos ayudan.",
    ),
    "before_allow": (
        "Allow the camera and the microphone when your browser asks.",
        "Permita la cámara y el micrófono cuando su navegador lo pregunte.",
    ),
    "trouble_call": ("Something does not work? Call us at", "¿Algo no funciona? Llámenos al"),
    "by_phone": ("you can go on by phone.", "puede continuar por teléfono."),
    "guest_told": ("{name}, {kind}, was invited.", "También asistirá, por invitación: {name} ({kind})."),
    "guest_unwanted": ("Not what you want? Call us at", "¿No está de acuerdo? Llámenos al"),
    "guest_interpreter": ("interpreter", "intérprete"),
    "guest_school": ("from a school", "de la escuela"),
    "guest_case_worker": ("caseworker", "trabajo social"),
    "guest_other": ("as a guest", "acompañante"),
    "book_another": ("Book another appointment", "Reservar otra cita"),
    "to_change": (
        "To see or cancel the appointment, open the link in your confirmation.",
        "Para ver o cancelar la cita, abra el enlace de su confirmación.",
    ),
    # What it is about.
    "when": ("When", "Cuándo"),
    "minutes": ("{minutes} minutes", "{minutes} minutos"),
    "how": ("How", "Cómo"),
    "virtual": ("By video", "Por video"),
    "in_person": ("In person", "En persona"),
    "phone": ("By phone: we call you", "Por teléfono: le llamamos"),
    "where": ("Where", "Dónde"),
    "with": ("With", "Con"),
    "and": ("and", "y"),
    # The questions.
    "can_go_in": ("You can go in now", "Ya puede entrar"),
    "thanks": ("Thank you.", "Gracias."),
    "we_know": ("We know that you cannot speak freely.", "Sabemos que no puede hablar con libertad."),
    "go_in": ("Go in", "Entrar"),
    "where_you_are": ("Where you are", "Dónde está usted"),
    "where_they_are": ("Where {name} is", "Dónde está {name}"),
    "call_back": ("Call back", "Le llamamos"),
    "number_ending": ("The number ending in {end}", "Al número que termina en {end}"),
    "number_given": ("The number you gave us", "Al número que nos dio"),
    "different": ("Something is different now", "Algo ha cambiado"),
    "why_asked": (
        "We ask this every time, so that help can find you if it has to, and we can call you if the video drops.",
        "Lo preguntamos cada vez: para que la ayuda le encuentre si hace falta, y para llamarle si se corta el video.",
    ),
    "why_asked_of": (
        "We ask this every time, so that help can find {name} if it has to, and we can call you if the video drops.",
        "Lo preguntamos siempre: para que la ayuda encuentre a {name} si hace falta, y por si falla el video.",
    ),
    "where_are_you": ("Where are you now?", "¿Dónde está ahora?"),
    "where_is": ("Where is {name} now?", "¿Dónde está {name} ahora?"),
    "the_place": ("The place", "El lugar"),
    "as_last_time": ("As last time", "Como la última vez"),
    "elsewhere": ("Somewhere else", "En otro lugar"),
    "say_below": ("Please say where below", "Diga abajo dónde, por favor"),
    "state": ("State", "Estado"),
    "choose_state": ("Choose a state", "Elija un estado"),
    "abroad": ("Outside the United States", "Fuera de Estados Unidos"),
    "address": ("Address, or the name of the place", "Dirección, o el nombre del lugar"),
    "address_hint": (
        "A street and a town, or for example “the car park of the library in Boulder”.",
        "Una calle y una ciudad, o por ejemplo «el estacionamiento de la biblioteca en Boulder».",
    ),
    "how_reach": ("How do we reach you?", "¿Cómo podemos llamarle?"),
    "number": ("A number to call you back", "Un número para llamarle"),
    "leave_empty_for": (
        "Leave it empty for the number ending in {end}.",
        "Déjelo vacío para usar el número que termina en {end}.",
    ),
    "leave_empty": ("Leave it empty for the number we have.", "Déjelo vacío para usar el número que tenemos."),
    "area_code": ("With its area code.", "Con su código de área."),
    "cannot_speak": (
        "Somebody is with me, or I cannot speak freely",
        "Hay alguien conmigo, o no puedo hablar con libertad",
    ),
    "therapist_only": ("Only your therapist sees this.", "Esto solo lo ve su terapeuta."),
    "continue": ("Continue", "Continuar"),
    "without": ("Go in without answering", "Entrar sin contestar"),
    # Being called.
    "call_me": ("Call me instead", "Mejor llámenme"),
    "we_call": ("We call you", "Le llamamos"),
    "we_are_told": ("We have been told", "Ya lo sabemos"),
    "calling": ("We call the number ending in", "Llamamos al número que termina en"),
    "keep_near": (
        "Please keep that phone near you; our call may show as an unknown number.",
        "Tenga ese teléfono cerca, por favor; nuestra llamada puede aparecer como número desconocido.",
    ),
    "nobody_called": (
        "Nobody has called in five minutes? Call us at",
        "¿Nadie ha llamado en cinco minutos? Llámenos al",
    ),
    "another_number": ("Another number?", "¿Otro número?"),
    "by_phone_then": ("Video does not work? We go on by phone.", "¿No funciona el video? Seguimos por teléfono."),
    "phone_number": ("Phone number", "Número de teléfono"),
    "empty_we_call": (
        "Leave this empty, and we call the number ending in {end}.",
        "Déjelo vacío y llamamos al número que termina en {end}.",
    ),
    "call_me_now": ("Call me", "Llámenme"),
    "telling": ("Telling them…", "Avisando…"),
    "back_to_video": ("Back to video", "Volver al video"),
    "or_call": ("Or call us:", "O llámenos:"),
    # What is wrong with what was typed, where it is said in another language than the usual one.
    "problem_state": ("Please choose the state you are in.", "Elija el estado en el que está."),
    "problem_place": (
        "Please say where that is: an address, or the name of the place.",
        "Diga dónde es, con letras corrientes: una dirección, o el nombre del lugar.",
    ),
    "problem_phone": (
        "Please check the number, with its area code: for example (303) 555-0123.",
        "Revise el número, con su código de área: por ejemplo (303) 555-0123.",
    ),
    "problem_phone_missing": (
        "Please enter a number, so that we can call you back.",
        "Escriba un número, para que podamos llamarle.",
    ),
}
"""By their names, in English and in Spanish. What stands in braces is put in by whoever says it."""


def find_door_words(language: str = ENGLISH) -> dict[str, str]:
    """All of them in a language of ours (a code such as "es-MX"); in English when it is none of ours."""
    return choose_words(DOOR_WORDS, language)


def say_problems(problems: Mapping[str, str], typed: Mapping[str, str], language: str) -> dict[str, str]:
    """What is wrong, by field, in the reader's language: in English as it was found, else by the field alone."""
    if nearest_language(language) == ENGLISH:
        return dict(problems)
    words = find_door_words(language)
    missing = {name: "" if typed.get(name, "").strip() else "_missing" for name in problems}
    return {
        name: words.get(f"problem_{name}{missing[name]}") or words.get(f"problem_{name}", said)
        for name, said in problems.items()
    }
