"""The sentences in Spanish, as it is spoken in the United States; people are addressed as usted.

The alphabet of texts knows é, ñ, ü, ¿ and ¡ and no other accents, so the sentences of texts use words that are spelt
without á, í, ó and ú; no word is ever written without the accent that it needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.phrases.shapes import Around, Ending, Language, Lines, Phrase, Rhythms, SlotWords
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.words import Mode

_NAMED = "{% if name %}{{ name }}, {% endif %}"
_APPOINTMENT = _NAMED + "su cita{% if therapist %} con {{ therapist }}{% endif %}"

TO_CLIENTS: Mapping[MessageKind, Phrase] = {
    MessageKind.CONFIRMATION: Phrase(
        "Confirmada: su cita del {{ when }}",
        "Su cita está confirmada.",
        _APPOINTMENT + " queda reservada para el {{ when }}. {{ reply }} Ver o cambiar: {{ manage }}",
    ),
    MessageKind.REMINDER: Phrase(
        "Recordatorio: su cita del {{ when }}",
        "Le recordamos su cita.",
        _NAMED + "le recordamos su cita{% if therapist %} con {{ therapist }}{% endif %} del {{ when }}. "
        "{{ reply }} Ver o cambiar: {{ manage }}",
    ),
    MessageKind.JOIN_LINK: Phrase(
        "{% if is_today %}Su cita está por comenzar{% else %}Su cita del {{ when }}{% endif %}",
        "{% if is_today %}Su cita está por comenzar."
        "{% else %}Su cita comienza el {{ when }}. Este es su acceso.{% endif %}",
        _APPOINTMENT + " comienza {% if is_today %}hoy, {{ time }}{% else %}el {{ when }}{% endif %}. "
        "Para entrar: {{ join }}",
    ),
    MessageKind.MOVED: Phrase(
        "Cambio: su cita del {{ when }}",
        "Su cita ha cambiado. Así queda ahora.",
        _APPOINTMENT + "{% if was %} del {{ was }} pasa al {% else %} ha cambiado. Ahora es el {% endif %}"
        "{{ when }}, {{ how }}. Ver o cambiar: {{ manage }}",
    ),
    MessageKind.CANCELLATION: Phrase(
        "Cancelada: su cita del {{ when }}",
        "Esta cita está cancelada.",
        _APPOINTMENT + " del {{ when }} queda cancelada. ¿Preguntas? Llame al {{ phone }}.",
    ),
    MessageKind.REQUEST: Phrase(
        "Recibimos su solicitud para el {{ when }}",
        "Gracias, recibimos su solicitud. Le guardamos este horario mientras la revisamos, y le respondemos "
        "antes del {{ until }}.",
        _NAMED + "recibimos su solicitud para el {{ when }}. Le respondemos antes del {{ until }}. "
        "Ver o cambiar: {{ manage }}",
    ),
    MessageKind.DECLINED: Phrase(
        "Sobre su solicitud para el {{ when }}",
        "Lo sentimos: no podemos ofrecerle este horario. Con gusto buscamos otro con usted.",
        _NAMED + "lo sentimos, no podemos ofrecerle el {{ when }}. Llame al {{ phone }} y buscamos otro horario.",
    ),
    MessageKind.CHOOSE_AGAIN: Phrase(
        "Elija otro horario: su cita del {{ when }}",
        "Lo sentimos: no podemos mantener este horario. Elija otro que le convenga; toma un minuto, y no cuenta como "
        "una cancelación suya.",
        _NAMED + "lo sentimos, no podemos mantener su cita{% if therapist %} con {{ therapist }}{% endif %} "
        "del {{ when }}. Elija otro horario: {{ manage }}",
    ),
    MessageKind.INVITE_DECLINED: Phrase(
        "¿Cancelar o cambiar? Su cita del {{ when }}",
        "Su calendario nos dijo que usted no puede venir a esta cita. Todavía no se ha cancelado nada: díganos si "
        "prefiere cancelarla o elegir otro horario. Si al final viene, no tiene que hacer nada.",
        _NAMED + "su calendario dice que no puede venir el {{ when }}. Nada se cancela sin usted. "
        "Cancelar o cambiar: {{ manage }}",
    ),
    MessageKind.INVITE_COUNTERED: Phrase(
        "Recibimos el otro horario: su cita del {{ when }}",
        "Su calendario propuso otro horario para esta cita, y lo vamos a revisar. Hasta que le avisemos, la cita sigue "
        "como está. También puede elegir usted entre nuestros horarios libres.",
        _NAMED + "recibimos su otro horario y le avisamos. Por ahora queda el {{ when }}. Ver o cambiar: {{ manage }}",
    ),
    MessageKind.OFFER: Phrase(
        "Hay un horario libre: {{ when }}",
        "Se ha liberado un horario, y se lo guardamos hasta el {{ until }}.",
        _NAMED + "hay un horario libre: {{ when }}, {{ how }}. Se lo guardamos hasta el {{ until }}. "
        "Para aceptar o rechazar: {{ manage }}",
    ),
    MessageKind.FOLLOW_UP: Phrase(
        "Sobre su cita del {{ day }}",
        "No pudimos verle y esperamos que todo esté bien. Son cosas que pasan. Cuando usted quiera, con gusto "
        "buscamos otro horario.",
        _NAMED + "no pudimos verle el {{ day }} y esperamos que todo vaya bien. Para buscar otro horario: {{ manage }} "
        "o llame al {{ phone }}.",
    ),
    MessageKind.CATCH_UP: Phrase(
        "Así están sus citas",
        "Nuestros mensajes se retrasaron, y le pedimos disculpas. Así están las cosas ahora.",
        "disculpe, nuestros mensajes se retrasaron. Sus citas ahora:",
    ),
    MessageKind.SEVERAL: Phrase("Sus citas", "Así están sus citas.", "sus citas:"),
}

ENDINGS: Mapping[Ending, Phrase] = {
    Ending.EXPIRED: Phrase(
        "Sobre su solicitud para el {{ when }}",
        "Lo sentimos: no pudimos responder a tiempo a su solicitud, y este horario vuelve a estar libre. "
        "Con gusto buscamos otro con usted.",
        _NAMED + "lo sentimos, no pudimos responder a tiempo a su solicitud para el {{ when }}. "
        "Llame al {{ phone }} y buscamos otro horario.",
    ),
    Ending.WITHDRAWN: Phrase(
        "Retirada: su solicitud para el {{ when }}",
        "Usted retiró su solicitud. No hace falta hacer nada más.",
        _NAMED + "usted ha retirado su solicitud para el {{ when }}. ¿Preguntas? Llame al {{ phone }}.",
    ),
    Ending.BY_CLIENT: Phrase(
        "Cancelada: su cita del {{ when }}",
        "Usted canceló esta cita. No hace falta hacer nada más.",
        _NAMED + "usted ha cancelado su cita{% if therapist %} con {{ therapist }}{% endif %} del {{ when }}. "
        "¿Preguntas? Llame al {{ phone }}.",
    ),
    Ending.BY_ANOTHER: Phrase(
        "Cancelada: su cita del {{ when }}",
        "Esta cita está cancelada, porque otra persona que iba a venir no puede.",
        _APPOINTMENT + " del {{ when }} queda cancelada, porque otra persona no puede venir. "
        "¿Preguntas? Llame al {{ phone }}.",
    ),
    Ending.BY_PRACTICE: Phrase(
        "Cancelada: su cita del {{ when }}",
        "Lo sentimos: tuvimos que cancelar esta cita.",
        _NAMED + "lo sentimos, tuvimos que cancelar su cita{% if therapist %} con {{ therapist }}{% endif %} "
        "del {{ when }}. ¿Preguntas? Llame al {{ phone }}.",
    ),
}

SLOTS: Mapping[MessageKind, SlotWords] = {
    MessageKind.CONFIRMATION: SlotWords(
        "Confirmadas: sus citas {rhythm}",
        "Su cita fija queda reservada {rhythm}{last}. Estas son sus fechas por ahora.",
        "su cita queda reservada {rhythm}{last}, {how}, a partir del {first} ({count} fechas por ahora). "
        "Ver o cambiar: {manage}",
    ),
    MessageKind.MOVED: SlotWords(
        "Cambio: sus citas {rhythm}",
        "Su cita fija ha cambiado. Ahora es {rhythm}{last}. Estas son las fechas que cambian.",
        "su cita fija ha cambiado. Ahora es {rhythm}{last}, {how}, a partir del {first} ({count} fechas por ahora). "
        "Ver o cambiar: {manage}",
    ),
    MessageKind.CANCELLATION: SlotWords(
        "Canceladas: {count} citas a partir del {first}",
        "Hemos cancelado estas citas.",
        "hemos cancelado {count} de sus citas: {days}. ¿Preguntas? Llame al {phone}.",
    ),
}

SPANISH = Language(
    to_clients=TO_CLIENTS,
    endings=ENDINGS,
    cancellers={
        Ending.BY_CLIENT: "Usted",
        Ending.BY_ANOTHER: "Otra persona que iba a venir",
        Ending.BY_PRACTICE: "Nosotros",
    },
    how={Mode.VIRTUAL: "Por video", Mode.PHONE: "Por teléfono: le llamamos", Mode.IN_PERSON: "En persona"},
    how_in_short={Mode.VIRTUAL: "por video", Mode.PHONE: "por teléfono", Mode.IN_PERSON: "en persona"},
    around=Around(
        hello="Hola, {name}:",
        hello_nobody="Hola:",
        when="Cuándo",
        length="Duración",
        minutes="{minutes} minutos",
        your_own_time="En su hora local",
        other_zone="En otra zona horaria",
        before="Antes",
        cancelled_by="Cancelada por",
        how="Cómo",
        where="Dónde",
        way_there="Cómo llegar",
        map="Mapa",
        whom="Con",
        about_whom="Para",
        for_whom="para {initials}",
        room_opens="La sala de video se abre {minutes} minutos antes del comienzo. No hace falta instalar nada.",
        see="Ver la cita",
        see_or_change="Ver o cambiar",
        join="Entrar por video",
        answer_offer="Aceptar o rechazar este horario",
        find_another="Buscar otro horario",
        questions="¿Preguntas? Llame a {sender} al {phone}.",
        button_fails="Si el botón no funciona, abra esta dirección:",
        opens_itself="Guarde este mensaje solo para usted: sus enlaces abren su cita sin contraseña.",
        answers_itself="Guarde este mensaje solo para usted: su enlace responde sin contraseña.",
        entry="Cita con {sender}",
        entry_questions="¿Preguntas? Llame al {phone}.",
        reply="Responda C para confirmar, R para cambiar.",
        reply_when_confirmed="Responda R para cambiar.",
        reply_where_it_stays="Responda C para confirmar.",
        stop="Responda STOP para no recibir textos.",
        first_stop="Pueden aplicarse tarifas de mensajes y datos. "
        "Responda HELP para ayuda, STOP para no recibir textos.",
        no_more="Para no recibir más correos como este: {url}",
    ),
    lines=Lines(
        booked="{when}, {how}: reservada.",
        off="{when}: cancelada.",
        pending="{when}: recibimos su solicitud, y le respondemos antes del {until}.",
        asked="{when}: elija otro horario.",
        free="{when}, {how}: libre. Se lo guardamos hasta el {until}.",
        before="{line} Antes: {was}.",
    ),
    slots=SLOTS,
    rhythms=Rhythms(
        weekly="todos los {day} {time}",
        every_weeks="cada {weeks} semanas, los {day} {time}",
        weekly_at="cada semana {time}",
        every_weeks_at="cada {weeks} semanas {time}",
        monthly="el {which} {day} de cada mes {time}",
        monthly_at="cada mes {time}",
        which={
            MonthWeek.FIRST: "primer",
            MonthWeek.SECOND: "segundo",
            MonthWeek.THIRD: "tercer",
            MonthWeek.FOURTH: "cuarto",
            MonthWeek.LAST: "último",
        },
        until=" hasta el {day}",
    ),
)
