"""What the page says on which clients agree to meet by video, in their languages."""

from __future__ import annotations

CONSENT_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Before you meet by video", "Antes de verse por video"),
    "why": (
        "Please read this once. We ask you again only when the text changes.",
        "Lea esto una vez, por favor. Solo le preguntaremos otra vez si el texto cambia.",
    ),
    "why_for": (
        "Please read this once, and answer for {name}. We ask you again only when the text changes.",
        "Lea esto una vez, por favor, y responda por {name}. Solo le preguntaremos otra vez si el texto cambia.",
    ),
    "signature": ("Your first and last name", "Su nombre y apellido"),
    "signature_hint": (
        "Typing it and pressing the button is your yes.",
        "Escribirlo y pulsar el botón es su sí.",
    ),
    "agree": ("I agree to meet by video", "Acepto verme por video"),
    "ask_first": (
        "I have questions: go on, and talk about it with my therapist first",
        "Tengo preguntas: continuar, y hablarlo primero con mi terapeuta",
    ),
    "rather_not": ("Would you rather not?", "¿Prefiere que no?"),
    "rather_not_how": (
        "Then we call you about meeting in person or by phone. You lose nothing, and nothing is cancelled.",
        "Entonces le llamamos para vernos en persona o por teléfono. No pierde nada, y no se cancela nada.",
    ),
    "decline": ("I would rather not meet by video", "Prefiero no verme por video"),
    "given": ("You have agreed to meet by video", "Usted aceptó verse por video"),
    "given_on": ("Version {version}, on {day}.", "Versión {version}, el {day}."),
    "go_on": ("Go on", "Continuar"),
    "read_again": ("Read it again", "Leerlo otra vez"),
    "take_back": ("Take it back", "Retirarlo"),
    "take_back_how": (
        "You can, at any time. We call you about what is booked; nothing is cancelled by itself.",
        "Puede hacerlo en cualquier momento. Le llamamos por lo que está reservado; nada se cancela por sí solo.",
    ),
    "declined": ("We call you", "Le llamamos"),
    "declined_how": (
        "You would rather not meet by video, and we have been told. Do you want to talk now? Call us at",
        "Prefiere no verse por video, y nos hemos enterado. ¿Quiere hablar ahora? Llámenos al",
    ),
    "call_me": ("Call me instead", "Prefiero que me llamen"),
    "after_all": ("Have you changed your mind?", "¿Ha cambiado de opinión?"),
    "somebody_else": (
        "Somebody who acts for you has to agree, by their own link. You can go in and speak with your therapist.",
        "Debe aceptarlo alguien que actúe por usted, en su propio enlace. Puede entrar, y hablarlo con su terapeuta.",
    ),
    "their_own": (
        "{name} answers this. You can go in.",
        "{name} responde a esto. Puede entrar.",
    ),
    "text_changed": (
        "The text has changed meanwhile, and nothing was kept. Please read it once more: this is the new one.",
        "El texto cambió mientras tanto, y no se guardó nada. Léalo otra vez, por favor: este es el nuevo.",
    ),
    "say_name": ("Please type your name.", "Escriba su nombre, por favor."),
    "name_long": (
        "Please use at most 120 letters, on one line.",
        "Use como máximo 120 letras, en una línea.",
    ),
    "back": ("Back to the appointment", "Volver a la cita"),
}
"""By their names, in English and in Spanish."""
