"""What clients agree to before they meet by video: a practice's text, its versions, and the answers to it.

Who is treated by video is told first what that is, what may go wrong, how private it is, what happens in an emergency
and when the line breaks, that they may stop, and what there is instead (ATA practice guidelines). States differ in
whether it has to be in writing; what is kept here says which text it was, who answered, when and how. Once somebody has
answered a version it is never changed: other words are a new one, and everybody is asked again. Nobody is kept out:
whoever has questions talks about them with their therapist first, and whoever would rather not is called, or comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from types import MappingProxyType

from telehealth.domain.coming_of_age import AgeStanding, judge_age
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import ENGLISH, LANGUAGES, SPANISH, nearest_language

LONGEST_TEXT = 12_000
SHORTEST_TEXT = 200
LONGEST_SIGNATURE = 120
SAY_NAME = "Please type your name."
SAY_WHO = "Please say who answered."
TOO_SHORT = "That is too short to say what video means, its risks, and what happens in an emergency."
NOT_AHEAD = "Please choose today or a day before."


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a text: a heading, or a paragraph."""

    is_heading: bool
    text: str


@dataclass(frozen=True, slots=True)
class TextVersion:
    """A version of a practice's text, in each language; ``since`` is None of the ready one that nobody has answered or
    changed yet.
    """

    version: int
    texts: Mapping[str, str]
    since: date | None = None

    def in_language(self, code: str) -> str:
        """In the language nearest to a code."""
        return self.texts.get(nearest_language(code)) or self.texts[ENGLISH]

    def mark(self, code: str) -> str:
        """What a form says of the words that were read: of a version that nobody has answered they may still change."""
        return f"{self.version}-{sha256(self.in_language(code).encode()).hexdigest()[:16]}"


def clean_texts(typed: Mapping[str, str]) -> dict[str, str]:
    """A practice's own words as they would be kept. Raises InvalidInput by field: ``text_en``, ``text_es``."""
    problems: dict[str, str] = {}
    kept = {}
    for language in LANGUAGES:
        lines = typed.get(language, "").replace("\0", "").replace("\r\n", "\n").split("\n")
        text = "\n".join(line.rstrip() for line in lines).strip()
        if len(text) > LONGEST_TEXT:
            problems[f"text_{language}"] = f"That is {len(text):,} letters long; please use at most {LONGEST_TEXT:,}."
        elif len(text) < SHORTEST_TEXT:
            problems[f"text_{language}"] = TOO_SHORT
        kept[language] = text
    if problems:
        raise InvalidInput(problems)
    return kept


def split_text(text: str) -> list[Block]:
    """Its parts: a line that begins with "#" is a heading, an empty line ends a paragraph. Nothing else means
    anything.
    """
    blocks: list[Block] = []
    for part in text.split("\n\n"):
        words: list[str] = []
        for line in part.split("\n"):
            if line.startswith("#"):
                if words:
                    blocks.append(Block(is_heading=False, text="\n".join(words)))
                    words = []
                blocks.append(Block(is_heading=True, text=line.lstrip("#").strip()))
            elif line.strip():
                words.append(line.strip())
        if words:
            blocks.append(Block(is_heading=False, text="\n".join(words)))
    return [block for block in blocks if block.text]


def clean_signature(name: str, *, field: str = "signature", missing: str = SAY_NAME) -> str:
    """The name of whoever answers, as they typed it. Raises InvalidInput for ``field``."""
    try:
        cleaned = clean_line(" ".join(name.split()), longest=LONGEST_SIGNATURE)
    except ValueError as problem:
        raise InvalidInput({field: str(problem)}) from problem
    if not cleaned:
        raise InvalidInput({field: missing})
    return cleaned


def may_companion_agree(born_on: date | None, state: str | None, *, on: date) -> bool:
    """Whether whoever acts for a client may agree for them: unless it is known that they are of age there."""
    return born_on is None or judge_age(born_on, state, on=on) != AgeStanding.OF_AGE


def needs_somebody(born_on: date | None, state: str | None, *, on: date) -> bool:
    """Whether somebody who acts for a client has to agree, and not they themselves."""
    return judge_age(born_on, state, on=on) == AgeStanding.NEEDS_SOMEBODY


_ENGLISH = """\
# What video appointments are
You and your therapist see and hear each other over the internet, from two places. You need a device with a \
camera and a microphone, and a place where you can talk. It is the same care as in the office; some things \
work less well by video, and your therapist tells you when meeting in person would be better.

# What may go wrong
Picture or sound can fail or break off. Your therapist sees less of you than in the same room, and may miss \
something. In rare cases somebody could break into a device or a connection, although what we use is \
encrypted.

# How private it is
The same rules of confidentiality hold as in the office, with the same exceptions by law: above all when \
somebody is in serious danger, or a child or a dependent adult is abused. We record nothing, and ask you to \
record nothing. Please choose a place where nobody listens, and tell us when somebody is with you.

# When the line breaks
Stay on the page: it tries to connect again. When that does not work, we call the number that you gave us, or \
you call us.

# In an emergency
Before each appointment we ask where you are and how to call you, so that help can find you. Video is not for \
emergencies. In danger call 911, or in a crisis call or text 988. If we think that you or somebody else is in \
serious danger, we may call emergency services to the place where you said you are, or the person whom you \
named for emergencies.

# Where you may be
The law of the state where you are at that moment counts. Please tell us when you are in another state or \
country: your therapist may not be allowed to treat you there.

# You may say no, and stop
You choose this freely. You may stop a video appointment, or take your consent back, whenever you like, by a \
word to us. It costs you nothing, and you do not lose your care here: you can meet us in person or by phone \
where we offer that, or we help you find somebody.

# What you agree to
You have read this, or somebody has read it to you, and could ask questions. You agree to meet us by video. It \
holds until you take it back, or until we ask you again because the text has changed."""
_SPANISH = """\
# Qué son las citas por video
Usted y su terapeuta se ven y se oyen por internet, desde dos lugares. Necesita un dispositivo con cámara y \
micrófono, y un lugar donde pueda hablar. Es la misma atención que en el consultorio; algunas cosas funcionan \
peor por video, y su terapeuta le dirá cuándo sería mejor verse en persona.

# Qué puede salir mal
La imagen o el sonido pueden fallar o cortarse. Su terapeuta ve menos de usted que en la misma sala, y puede \
no notar algo. En casos raros alguien podría entrar en un dispositivo o en una conexión, aunque lo que usamos \
está cifrado.

# Qué tan privado es
Valen las mismas reglas de confidencialidad que en el consultorio, con las mismas excepciones de la ley: sobre \
todo cuando alguien está en grave peligro, o cuando se maltrata a un menor o a un adulto dependiente. No \
grabamos nada, y le pedimos que no grabe nada. Elija un lugar donde nadie escuche, y díganos si alguien está \
con usted.

# Si se corta la conexión
Quédese en la página: intenta conectarse de nuevo. Si no funciona, llamamos al número que nos dio, o usted nos \
llama.

# En una emergencia
Antes de cada cita le preguntamos dónde está y cómo llamarle, para que la ayuda pueda encontrarle. El video no \
es para emergencias. En peligro llame al 911; en una crisis llame o escriba al 988. Si creemos que usted u \
otra persona está en grave peligro, podemos llamar a los servicios de emergencia del lugar donde dijo que \
está, o a la persona que nombró para emergencias.

# Dónde puede estar
Cuenta la ley del estado donde usted está en ese momento. Díganos si está en otro estado o país: quizás su \
terapeuta no pueda atenderle allí.

# Puede decir que no, y parar
Usted lo elige libremente. Puede parar una cita por video, o retirar su consentimiento, cuando quiera, con una \
palabra. No le cuesta nada, y no pierde su atención aquí: puede vernos en persona o por teléfono donde lo \
ofrecemos, o le ayudamos a encontrar a alguien.

# Qué acepta
Ha leído esto, o alguien se lo ha leído, y pudo hacer preguntas. Acepta verse con nosotros por video. Vale \
hasta que lo retire, o hasta que le preguntemos otra vez porque el texto ha cambiado."""
READY_TEXTS: Mapping[str, str] = MappingProxyType({ENGLISH: _ENGLISH, SPANISH: _SPANISH})
"""What a practice asks that has written nothing of its own."""
READY = TextVersion(1, READY_TEXTS)
