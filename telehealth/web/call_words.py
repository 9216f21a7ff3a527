"""What the page of the virtual room says, in the languages of clients: its template and its script read it."""

from __future__ import annotations

from telehealth.domain.languages import ENGLISH, choose_words
from telehealth.web.check_words import CHECK_WORDS

WORDS: dict[str, tuple[str, str]] = {
    # The frame.
    "skip": ("Skip to the content", "Saltar al contenido"),
    "get_help": ("Get help", "Ayuda"),
    "crisis": ("In crisis?", "¿En crisis?"),
    "crisis_how": (
        "Call or text 988 at any hour. Call 911 in immediate danger.",
        "Llame o envíe un mensaje al 988 a cualquier hora. Llame al 911 si hay peligro inmediato.",
    ),
    "call_number": ("Call {number}", "Llamar al {number}"),
    "text_number": ("Text {number}", "Mensaje al {number}"),
    "questions": ("Questions about an appointment?", "¿Preguntas sobre una cita?"),
    "questions_call": ("Call {name}.", "Llame a {name}."),
    "questions_nobody": (
        "Call your practice. The number is in your appointment message.",
        "Llame a su consultorio. El número está en el mensaje de su cita.",
    ),
    "error": ("Error", "Error"),
    "optional": ("optional", "opcional"),
    "problem": ("Problem", "Problema"),
    "please_check": ("Please check the following", "Revise lo siguiente, por favor"),
    "title": ("Video appointment", "Cita por video"),
    "call_me": ("Does video not work? Have us call you", "¿No funciona el video? Pida que le llamemos"),
    "beside": ("opens beside this page", "se abre aparte de esta página"),
    "no_script": (
        "Video needs JavaScript, and it is switched off here. You can go on by phone: please call us.",
        "El video necesita JavaScript, y aquí está desactivado. Puede continuar por teléfono: llámenos, por favor.",
    ),
    # Before the call.
    "ready": ("Ready?", "¿Todo listo?"),
    "own_picture": ("Your own picture", "Su propia imagen"),
    "camera_is_off": ("Your camera is off", "Su cámara está apagada"),
    "go_in": ("Go in", "Entrar"),
    "go_on_here": ("Go on here", "Continuar aquí"),
    "back": ("Back", "Volver"),
    "devices": ("Camera, microphone, speaker", "Cámara, micrófono, altavoz"),
    "speaker": ("Speaker", "Altavoz"),
    "usual_speaker": ("As the device does", "El del dispositivo"),
    "level": ("How loud your microphone hears you", "Con qué volumen le oye el micrófono"),
    "say_something": (
        "Say something: the bar moves when we hear you.",
        "Diga algo: la barra se mueve cuando le oímos.",
    ),
    "we_hear_you": ("Your microphone hears you.", "Su micrófono le oye."),
    "play_tone": ("Play a tone", "Tocar un tono"),
    "tone_plays": ("You should hear a tone now.", "Ahora debería oír un tono."),
    "device_fails": (
        "That one did not work, so we keep the one before.",
        "Ese no funcionó; seguimos con el anterior.",
    ),
    "device_changed": ("Changed to {name}.", "Cambiado a {name}."),
    # Before a room elsewhere.
    "soon_title": ("One moment, please", "Un momento, por favor"),
    "soon_lead": (
        "Your room is being made ready. You need to do nothing: this page goes on by itself.",
        "Estamos preparando su sala. No tiene que hacer nada: esta página continúa sola.",
    ),
    "soon_again": ("Look again", "Mirar otra vez"),
    # In the waiting room.
    "waiting_title": ("You are in the waiting room", "Está en la sala de espera"),
    "waiting_told": (
        "We have told your therapist that you are here. You need to do nothing.",
        "Hemos avisado a su terapeuta que usted está aquí. No tiene que hacer nada.",
    ),
    "calm_title": ("While you wait", "Mientras espera"),
    "calm_how": (
        "If you like: breathe in while you count to four, and out while you count to six. A few times is enough.",
        "Si quiere: tome aire contando hasta cuatro y suéltelo contando hasta seis. Unas pocas veces bastan.",
    ),
    "calm_circle": ("Breathe with a circle", "Respirar con un círculo"),
    "cannot_speak": (
        "Somebody is with me, or I cannot speak freely",
        "Hay alguien conmigo, o no puedo hablar con libertad",
    ),
    "cannot_speak_who": ("Only your therapist sees this.", "Esto solo lo ve su terapeuta."),
    "cannot_speak_told": ("Your therapist knows.", "Su terapeuta lo sabe."),
    "cannot_speak_not": ("It is taken back.", "Ya no se muestra."),
    "cannot_speak_mark": ("cannot speak freely", "no puede hablar con libertad"),
    "cannot_speak_of": ("{name} cannot speak freely.", "{name} no puede hablar con libertad."),
    # As what somebody was invited who is no client: behind their name.
    "guest_interpreter": ("interpreter", "intérprete"),
    "guest_school": ("school", "escuela"),
    "guest_case_worker": ("caseworker", "trabajo social"),
    "guest_other": ("guest", "por invitación"),
    # Inside.
    "inside_title": ("In the room", "En la sala"),
    "you": ("You", "Usted"),
    "connecting": ("Connecting…", "Conectando…"),
    "microphone_off_of": ("microphone off", "micrófono apagado"),
    "camera_off_of": ("camera off", "cámara apagada"),
    "hand_of": ("hand raised", "mano levantada"),
    "screen_of": ("{name}’s screen", "Pantalla de {name}"),
    "own_screen": ("You share your screen", "Usted comparte su pantalla"),
    "alone": ("Nobody else is here yet.", "Todavía no hay nadie más."),
    "has_come": ("{name} is here.", "{name} está aquí."),
    "has_gone": ("{name} has left.", "{name} se ha ido."),
    "has_raised": ("{name} has raised a hand.", "{name} ha levantado la mano."),
    "shares_screen": ("{name} shares a screen.", "{name} comparte una pantalla."),
    "controls": ("Camera, sound and more", "Cámara, sonido y más"),
    "microphone": ("Microphone", "Micrófono"),
    "camera": ("Camera", "Cámara"),
    "screen": ("Share screen", "Compartir"),
    "hand": ("Raise hand", "Mano"),
    "chat": ("Chat", "Chat"),
    "more": ("More", "Más"),
    "leave": ("Leave", "Salir"),
    "on": ("on", "sí"),
    "off": ("off", "no"),
    "close": ("Close", "Cerrar"),
    "view": ("View", "Vista"),
    "speaker_view": ("Whoever speaks is large", "Grande quien habla"),
    "hide_own": ("Hide my own picture", "Ocultar mi imagen"),
    "full_screen": ("Full screen", "Pantalla completa"),
    "small_window": ("Small window over other programs", "Ventana pequeña sobre otros programas"),
    "captions": ("Captions, made on this device", "Subtítulos, hechos en este dispositivo"),
    "captions_fail": (
        "This browser cannot make captions here after all.",
        "Este navegador no puede hacer subtítulos aquí.",
    ),
    "blur": ("Blur what is behind me", "Difuminar el fondo"),
    "line_lost": (
        "The connection to our server is lost. We are trying again; who is connected stays so.",
        "Se perdió la conexión con nuestro servidor. Lo intentamos de nuevo; quien está conectado lo sigue estando.",
    ),
    # Chat.
    "chat_not_kept": (
        "Only whoever is here now reads it, and it is not kept.",
        "Solo lo lee quien está aquí ahora, y no se guarda.",
    ),
    "chat_empty": ("Nothing written yet.", "Todavía no hay nada escrito."),
    "chat_message": ("Message", "Mensaje"),
    "send": ("Send", "Enviar"),
    "chat_nobody": (
        "Nobody else is connected, so nobody would read it.",
        "No hay nadie más conectado; nadie lo leería.",
    ),
    "chat_new": ("{name} writes: {text}", "{name} escribe: {text}"),
    "chat_unread": ("{count} new", "{count} nuevos"),
    # For the therapist.
    "door": ("In the waiting room", "En la sala de espera"),
    "is_at_door": ("{name} is in the waiting room.", "{name} está en la sala de espera."),
    "let_in": ("Let {name} in", "Dejar entrar a {name}"),
    "waits_for": ("for {minutes} min", "desde hace {minutes} min"),
    "note": ("A note to whoever waits", "Una nota para quien espera"),
    "note_show": ("Show it", "Mostrarla"),
    "note_shown": ("They read: {note}", "Leen: {note}"),
    "places_undecided": ("No licence where they are: decide", "Sin licencia donde están: decida"),
    "places_warning": (
        "You have no licence where a client is. Open “Where they are” to decide what follows.",
        "No tiene licencia donde está un cliente. Abra «Dónde están» para decidir qué sigue.",
    ),
    "licence_decided": (
        "Your decision is kept, with your name and the time.",
        "Su decisión queda guardada, con su nombre y la hora.",
    ),
    "let_all_in": ("Let everybody in", "Dejar entrar a todos"),
    "places": ("Where they are", "Dónde están"),
    "places_unread": (
        "We could not read it just now. Close this and open it again, or look at the page of the appointment.",
        "No pudimos leerlo ahora. Cierre esto y ábralo de nuevo, o vea la página de la cita.",
    ),
    "people": ("People", "Personas"),
    "lock": ("Nobody else may come in", "Nadie más puede entrar"),
    "put_out": ("Remove {name}", "Sacar a {name}"),
    "put_out_question": (
        "Remove {name}? They stay out until you let them in again.",
        "¿Sacar a {name}? Se queda fuera hasta que usted le deje entrar otra vez.",
    ),
    "put_out_yes": ("Remove", "Sacar"),
    "stay": ("Stay", "Quedarse"),
    "leave_question": ("Leave, or end it for everybody?", "¿Salir, o terminar para todos?"),
    "just_leave": ("Only I leave", "Salgo solo yo"),
    "end": ("End for everybody", "Terminar para todos"),
    "timer": ("Timer", "Temporizador"),
    "timer_minutes": ("Minutes from now", "Minutos desde ahora"),
    "timer_share": ("Everybody sees it", "Todos lo ven"),
    "timer_start": ("Start", "Iniciar"),
    "timer_stop": ("Stop", "Parar"),
    "timer_wrong": ("Please type 1 to 240 minutes.", "Escriba de 1 a 240 minutos."),
    "minutes_left": ("{count} minutes left", "quedan {count} minutos"),
    "minute_left": ("1 minute left", "queda 1 minuto"),
    "time_is_up": ("The time is up", "Se acabó el tiempo"),
    "timer_only_you": ("only you see it", "solo lo ve usted"),
    # Afterwards.
    "left_title": ("You have left", "Ha salido"),
    "left": ("The room stays open for a while.", "La sala queda abierta un rato."),
    "go_back_in": ("Go back in", "Volver a entrar"),
    "done": ("Done", "Listo"),
    "after_title": ("How did it go?", "¿Cómo fue?"),
    # What goes wrong, by its code.
    "trouble_unsupported": (
        "This browser cannot do video here. Please open the link in Safari, Chrome, Firefox or Edge.",
        "Este navegador no puede hacer video aquí. Abra el enlace en Safari, Chrome, Firefox o Edge.",
    ),
    "trouble_refused": (
        "Your browser lets us use no camera or microphone. Allow it beside the address, or go in without.",
        "Su navegador no nos deja usar cámara o micrófono. Permítalo junto a la dirección, o entre sin ellos.",
    ),
    "trouble_missing": (
        "We found no camera or no microphone. You can go in without.",
        "No encontramos cámara o micrófono. Puede entrar sin ellos.",
    ),
    "trouble_busy": (
        "Another program uses your camera or microphone. Close it and load this page anew; or go in without.",
        "Otro programa usa su cámara o micrófono. Ciérrelo y vuelva a cargar esta página, o entre sin ellos.",
    ),
    "why_open_elsewhere": (
        "You are in this room with another device or in another window. You can go on here instead.",
        "Está en esta sala con otro dispositivo o en otra ventana. Puede continuar aquí.",
    ),
    "why_room_closed": ("The room is not open now.", "La sala no está abierta ahora."),
    "why_page_outdated": (
        "This page was open for a long time. Please load it anew, and go in again.",
        "Esta página llevaba mucho tiempo abierta. Vuelva a cargarla y entre de nuevo.",
    ),
    "why_signed_out": (
        "You are signed out, so the call ended here. Please sign in again and come back.",
        "Su sesión se cerró, así que la llamada terminó aquí. Inicie sesión de nuevo y vuelva.",
    ),
    "why_over": (
        "The therapist has ended the call. The room stays open for a while.",
        "El terapeuta ha terminado la llamada. La sala queda abierta un rato.",
    ),
    "why_removed": ("The therapist has ended your visit.", "El terapeuta ha terminado su visita."),
    "why_no_network": (
        "We cannot reach our server. Please look at your connection, and try again.",
        "No podemos llegar a nuestro servidor. Revise su conexión e inténtelo de nuevo.",
    ),
    "why_call_full": (
        "Six people are in this room, and it carries no more. Please come again once somebody has left, or call us.",
        "Hay seis personas en esta sala y no caben más. Vuelva cuando alguien haya salido, o llámenos.",
    ),
    "room_is_full": (
        "Six people are inside, and this room carries no more. Choose another video service for this appointment.",
        "Hay seis personas dentro y en esta sala no caben más. Elija otro servicio de video para esta cita.",
    ),
    "why_error": ("That did not work. Please try again.", "Eso no funcionó. Inténtelo de nuevo."),
}
"""By their names, in English and in Spanish. What stands in braces is put in by whoever says it."""

TO_GUESTS: dict[str, tuple[str, str]] = {
    "waiting_told": (
        "We have told the therapist that you are here. You need to do nothing until you are let in.",
        "Hemos avisado de que usted está aquí. No tiene que hacer nada hasta que le dejen pasar.",
    ),
}
"""What a guest reads otherwise: it is not their therapist."""


def find_call_words(language: str = ENGLISH, *, is_guest: bool = False) -> dict[str, str]:
    """All words in a language of ours (a code such as "es-MX"); in English when it is none of ours."""
    own = TO_GUESTS if is_guest else {}
    return choose_words({**CHECK_WORDS, **WORDS, **own}, language)
