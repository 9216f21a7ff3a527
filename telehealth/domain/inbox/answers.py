"""What we answer to a text, by itself: short, warm, and as discreet as every text (see ``domain.messages.discretion``).

They keep to the letters of the GSM alphabet, and to words that are spelt without the accents that it lacks. Whoever
writes to us in Spanish is answered in Spanish, whatever language is on file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.domain.inbox.reply_words import LETTERS
from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.messages.segments import plain_words, text_name
from telehealth.domain.messages.texting_times import text_briefly

MOST_CHOICES = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Sentences:
    """All answers of one language. ``{when}`` is a time with its zone, or several of them; ``{manage}`` the link."""

    confirmed: str
    move: str
    move_by_phone: str
    which: str
    which_letters: str
    which_or_all: str
    nothing_ahead: str
    is_cancelled: str
    is_request: str
    received: str
    received_with_link: str
    emergency: str
    emergency_and_988: str
    crisis: str
    texts_again: str
    help: str
    listed: str
    moved_by_phone_only: str
    did_you_mean: str
    passed_on: str
    passed_on_with_way_in: str
    stopped: str
    maybe_stop: str
    offer_taken: str
    offer_by_link: str
    offer_gone: str


ENGLISH_SENTENCES = Sentences(
    confirmed="thank you, we expect you on {when}. To change it: {manage}",
    move="to reschedule your appointment on {when}: {manage}",
    move_by_phone="your appointment on {when} can no longer be rescheduled online. Please call {phone}.",
    which="you have more than one appointment ahead. {options}. Which one do you mean? {letters}",
    which_letters="Reply {letters}.",
    which_or_all="Reply {letters}, or ALL.",
    nothing_ahead="we find no appointment ahead for this number. Please call {phone}.",
    is_cancelled="your appointment on {when} is cancelled, so there is nothing to do. Questions? Call {phone}.",
    is_request="we have your request for {when} and answer it soon. Questions? Call {phone}.",
    received="thank you, somebody will read this in office hours. We may not see this right away: {emergency} "
    "Our phone: {phone}.",
    received_with_link="thank you, somebody will read this in office hours. To see or change your appointment: "
    "{manage} We may not see this right away: {emergency}",
    emergency="in an emergency call 911.",
    emergency_and_988="in an emergency call 911, or call or text 988 at any hour.",
    crisis="we are glad you wrote, and we may not see this right away. Please call or text 988 now, at any hour; "
    "it is free. If you are in danger, call 911. Our phone: {phone}.",
    texts_again="texts about your appointments are on again. Msg & data rates may apply. "
    "Reply STOP to end, HELP for help.",
    help="we text about your appointments only. Questions? Call {phone}. Msg & data rates may apply. "
    "Reply STOP to end. We may not see texts right away: {emergency}",
    listed=" and ",
    moved_by_phone_only="changes to your appointment on {when} are made by phone. Please call {phone}.",
    did_you_mean="do you mean your appointment on {when}? Reply C if you are coming.",
    passed_on="thank you, we are passing this on right now. If it cannot wait, please call {phone}.",
    passed_on_with_way_in="thank you, we are passing this on right now. If it cannot wait, please call {phone}. "
    "To join: {join}",
    stopped="you will get no more texts from us. Reply START to get them again.",
    maybe_stop="we are not sure what you would like, so our texts to you are paused. Reply STOP to end all texts, or "
    "START to keep them. A person will read what you wrote.",
    offer_taken="thank you, {when} is yours. To see or change it: {manage}",
    offer_by_link="to take the time that we offered: {manage}",
    offer_gone="the time that we offered is no longer free. You keep your place on our list: {manage}",
)
SPANISH_SENTENCES = Sentences(
    confirmed="gracias, le esperamos el {when}. Para cambiar la cita: {manage}",
    move="para cambiar su cita del {when}: {manage}",
    move_by_phone="su cita del {when} ya no se puede cambiar por internet. Por favor llame al {phone}.",
    which="usted tiene varias citas. {options}. ¿A qué cita se refiere? {letters}",
    which_letters="Responda {letters}.",
    which_or_all="Responda {letters} o TODAS.",
    nothing_ahead="no encontramos ninguna cita pendiente con este teléfono. Por favor llame al {phone}.",
    is_cancelled="su cita del {when} ya se ha cancelado, y no hace falta hacer nada. ¿Preguntas? Llame al {phone}.",
    is_request="tenemos su solicitud para el {when} y le respondemos pronto. ¿Preguntas? Llame al {phone}.",
    received="gracias, leeremos su mensaje en horas de oficina. Puede que no lo veamos enseguida: {emergency} "
    "Nuestro teléfono: {phone}.",
    received_with_link="gracias, leeremos su mensaje en horas de oficina. Para ver o cambiar su cita: {manage} "
    "Puede que no lo veamos enseguida: {emergency}",
    emergency="en una emergencia llame al 911.",
    emergency_and_988="en una emergencia llame al 911, o al 988 (oprima 2) a cualquier hora.",
    crisis="gracias por escribirnos; puede que no lo veamos enseguida. Por favor llame ahora al 988 (oprima 2) o mande "
    "AYUDA al 988, a cualquier hora; es gratis. Si corre peligro, llame al 911. Nuestro teléfono: {phone}.",
    texts_again="desde ahora recibe de nuevo mensajes sobre sus citas. Pueden aplicarse tarifas de mensajes y datos. "
    "Responda STOP para terminar, HELP para ayuda.",
    help="solo enviamos mensajes sobre sus citas. ¿Preguntas? Llame al {phone}. Pueden aplicarse tarifas de mensajes "
    "y datos. Responda STOP para terminar. Puede que no veamos los mensajes enseguida: {emergency}",
    listed=" y ",
    moved_by_phone_only="los cambios de su cita del {when} se hacen por teléfono. Por favor llame al {phone}.",
    did_you_mean="¿se refiere a su cita del {when}? Responda C si va a venir.",
    passed_on="gracias, avisamos ahora mismo a la oficina. Si no puede esperar, llame al {phone}.",
    passed_on_with_way_in="gracias, avisamos ahora mismo a la oficina. Si no puede esperar, llame al {phone}. "
    "Para entrar: {join}",
    stopped="ya no le enviaremos mensajes de texto. Responda START para recibirlos de nuevo.",
    maybe_stop="no sabemos bien lo que desea, y por eso paramos nuestros mensajes por ahora. Responda STOP para "
    "terminar todos los mensajes, o START para seguir con ellos. Una persona lee lo que nos ha escrito.",
    offer_taken="gracias, la cita del {when} es suya. Para verla o cambiarla: {manage}",
    offer_by_link="para aceptar el horario que le ofrecimos: {manage}",
    offer_gone="el horario que le ofrecimos ya no queda libre. Usted sigue en la lista: {manage}",
)
IN: Mapping[str, Sentences] = {ENGLISH: ENGLISH_SENTENCES, SPANISH: SPANISH_SENTENCES}


@dataclass(frozen=True, slots=True)
class Ahead:
    """An appointment as an answer names it: its start (aware) in the zone to say it in, and its manage link; ``who`` it
    is for is said only where nothing else tells two of them apart, ``join`` is the way in, where there is one.
    """

    starts_at: datetime
    zone: ZoneInfo
    manage: str
    who: str = ""
    join: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one practice in one language. ``phone`` as people write it. Each is a whole text.

    ``names_988``: it names the crisis line to everybody who writes; whoever may be in a crisis is told of it anyway.
    """

    sender: str
    phone: str
    locale: str
    names_988: bool = False

    def confirmed(self, them: Sequence[Ahead]) -> str:
        """They are expected; the link is that of the first appointment."""
        return self._say(self._said.confirmed, when=self._when(them), manage=them[0].manage)

    def move(self, one: Ahead) -> str:
        """Where it can be moved."""
        return self._say(self._said.move, when=self._when([one]), manage=one.manage)

    def move_by_phone(self, one: Ahead) -> str:
        """It can be moved by a call only."""
        return self._say(self._said.move_by_phone, when=self._when([one]))

    def which(self, them: Sequence[Ahead], *, may_be_all: bool) -> str:
        """Which of these, named by letters; there are letters for ``MOST_CHOICES``."""
        letters = LETTERS.upper()[: len(them)]
        pairs = zip(letters, self._told_apart(them), strict=True)
        options = ". ".join(f"{letter}: {each.removesuffix('.')}" for letter, each in pairs)
        ask = self._said.which_or_all if may_be_all else self._said.which_letters
        return self._say(self._said.which, options=options, letters=ask.format(letters=_listed(letters, self._or)))

    def nothing_ahead(self) -> str:
        """Nothing is booked for this number, as far as we know."""
        return self._say(self._said.nothing_ahead)

    def is_cancelled(self, one: Ahead) -> str:
        """There is nothing to confirm or to move any more."""
        return self._say(self._said.is_cancelled, when=self._when([one]))

    def is_request(self, one: Ahead) -> str:
        """The practice has not said yes so far."""
        return self._say(self._said.is_request, when=self._when([one]))

    def received(self, one: Ahead | None) -> str:
        """A person will read it, but nobody watches the line; with the link to the appointment that it may be about."""
        if one is None:
            return self._say(self._said.received)
        return self._say(self._said.received_with_link, manage=one.manage)

    def crisis(self) -> str:
        """Where help is at any hour."""
        return self._say(self._said.crisis)

    def moved_by_phone_only(self, one: Ahead) -> str:
        """It was never one that is moved online."""
        return self._say(self._said.moved_by_phone_only, when=self._when([one]))

    def did_you_mean(self, one: Ahead) -> str:
        """What a yes may have been about, where it was no answer to anything that we said."""
        return self._say(self._said.did_you_mean, when=self._when([one]))

    def passed_on(self, one: Ahead | None) -> str:
        """Staff are told at this moment; and the way in, which may be what is missing."""
        if one is None or not one.join:
            return self._say(self._said.passed_on)
        return self._say(self._said.passed_on_with_way_in, join=one.join)

    def stopped(self) -> str:
        """Texts have ended: the one confirmation that may follow, and nothing else in it (47 CFR 64.1200(a)(12))."""
        return self._say(self._said.stopped)

    def maybe_stop(self) -> str:
        """Whether they want no more texts."""
        return self._say(self._said.maybe_stop)

    def offer_taken(self, one: Ahead) -> str:
        """A freed time is theirs."""
        return self._say(self._said.offer_taken, when=self._when([one]), manage=one.manage)

    def offer_by_link(self, manage: str) -> str:
        """A freed time cannot be taken by a text alone."""
        return self._say(self._said.offer_by_link, manage=manage)

    def offer_gone(self, manage: str) -> str:
        """A freed time is kept for them no longer."""
        return self._say(self._said.offer_gone, manage=manage)

    def texts_again(self) -> str:
        """They began texts again."""
        return self._say(self._said.texts_again)

    def help(self) -> str:
        """Who writes, how to reach a person, how to end it."""
        return self._say(self._said.help)

    def note(self, words: str) -> str:
        """What staff wrote, under the sender's name."""
        return self._named(words)

    @property
    def _said(self) -> Sentences:
        return IN[self.locale]

    @property
    def _or(self) -> str:
        return " o " if self.locale == SPANISH else " or "

    def _told_apart(self, them: Sequence[Ahead]) -> list[str]:
        """What each option is called: when it is, and of two at one time, for whom."""
        whens = [self._when([each]) for each in them]
        return [
            f"{when} ({each.who})" if each.who and whens.count(when) > 1 else when
            for when, each in zip(whens, them, strict=True)
        ]

    def _when(self, them: Sequence[Ahead]) -> str:
        said = (text_briefly(each.starts_at, each.zone, self.locale) for each in them)
        return self._said.listed.join(dict.fromkeys(said))

    def _say(self, sentence: str, **values: str) -> str:
        emergency = self._said.emergency_and_988 if self.names_988 else self._said.emergency
        return self._named(plain_words(sentence.format(**{"phone": self.phone, "emergency": emergency, **values})))

    def _named(self, words: str) -> str:
        return f"{text_name(self.sender)}: {words}"


def _listed(letters: str, last: str) -> str:
    return last.join(part for part in (", ".join(letters[:-1]), letters[-1]) if part)
