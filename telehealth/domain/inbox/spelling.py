"""The letters and words of a text as we compare them: one spelling for what people type in many."""

from __future__ import annotations

import re
import unicodedata

from telehealth.domain.inbox.grammar import read_words

LONGEST_TEXT = 1600
"""Characters: the longest text that Twilio takes."""

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9\u2032\u00b4`\uff07]")
_RUNS = re.compile(r"([a-z])\1{2,}")
_SPELT_OUT = re.compile(r"(?<!\S)(?:\w )+\w(?!\S)")
_LEAST_SPELT_OUT = 3

LOOK_ALIKES = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0455\u0458\u0501"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0131",
    "abekmhopctyxisjdaeikvoptyxi",
)
"""Cyrillic, Greek and Turkish letters that look like ours."""
BADGES = {ord("\u00a9"): "c", ord("\u00ae"): "r"} | {
    first + place: chr(ord("a") + place) for first in (0x1F150, 0x1F170) for place in range(26)
}
"""Letters in black circles and squares; and what phones make of "(c)" and "(r)"."""
FIGURES_FOR_LETTERS = str.maketrans("013457$@!", "oieastsai", "*")
"""How words are hidden from filters: "k1ll", "su*cide"."""

WRITTEN = {
    "wanna": "want to", "wana": "want to", "gonna": "going to", "gunna": "going to", "gotta": "got to",
    "u": "you", "ur": "your", "iam": "im", "ive": "i have",
    "cannot": "cant", "cnt": "cant", "carnt": "cant", "dnt": "dont", "donot": "dont", "wnt": "wont",
    "pls": "please", "plz": "please", "plse": "please", "plss": "please", "pleas": "please", "plase": "please",
    "thx": "thanks", "tks": "thanks", "thks": "thanks", "thnx": "thanks", "tnx": "thanks", "ty": "thanks",
    "tysm": "thanks", "thnks": "thanks", "thanx": "thanks", "thankyou": "thanks", "tq": "thanks",
    "appt": "appointment", "apt": "appointment", "appnt": "appointment", "apptmt": "appointment",
    "appts": "appointments", "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "tmrow": "tomorrow",
    "2moro": "tomorrow", "2morrow": "tomorrow", "tomoro": "tomorrow", "tomorow": "tomorrow", "tommorow": "tomorrow",
    "tommorrow": "tomorrow", "tonite": "tonight", "b4": "before", "ppl": "people", "sum1": "someone",
    "kil": "kill", "kll": "kill", "killin": "killing", "hittin": "hitting", "hurtin": "hurting", "cuttin": "cutting",
    "textin": "texting", "txting": "texting", "txt": "text", "txts": "texts", "sendin": "sending", "livin": "living",
    "dyin": "dying", "endin": "ending", "comin": "coming", "msg": "message", "msgs": "messages", "messege": "message",
    "messeges": "messages", "thr": "there", "omw": "on my way", "nvm": "never mind", "srry": "sorry", "sry": "sorry",
    "q": "que", "kiero": "quiero", "qiero": "quiero", "quero": "quiero", "toy": "estoy", "bn": "bien",
    "mnn": "manana", "mnna": "manana", "msj": "mensaje", "msjs": "mensajes", "mensage": "mensaje",
    "mensages": "mensajes", "aser": "hacer", "aserme": "hacerme", "haserme": "hacerme", "bibir": "vivir",
    "porfa": "por favor", "porfavor": "por favor", "xfavor": "por favor", "xfa": "por favor", "porfis": "por favor",
    "grax": "gracias", "grasias": "gracias", "gracia": "gracias",
}  # fmt: skip
TOGETHER = {
    "do not": "dont", "don t": "dont", "does not": "doesnt", "did not": "didnt", "can not": "cant", "can t": "cant",
    "will not": "wont", "won t": "wont", "is not": "isnt", "are not": "arent", "was not": "wasnt",
    "would not": "wouldnt", "should not": "shouldnt",
    "i am": "im", "i m": "im", "i ll": "ill", "my self": "myself", "him self": "himself", "her self": "herself",
    "any more": "anymore", "no mor": "no more", "self harm": "selfharm", "some one": "someone", "x favor": "por favor",
    "odd on": "overdosed on", "odd last": "overdosed last", "no longer": "nolonger",
}  # fmt: skip
"""How texts are typed, and how we write it in our lists of words."""

GUESSED = read_words(
    """
    suicide suicidal overdose overdosed overdosing emergency myself selfharm hopeless abused abusing strangled violent
    suicidio suicidarme suicidarse sobredosis emergencia matarme morirme pastillas confirm confirmed confirming
    confirmo confirmado confirmada confirmar appointment reschedule rescheduling reprogramar reagendar unsubscribe
    messages texting reminders mensajes recordatorios tomorrow anymore
    """
)
"""Words that matter and are often misspelt: one letter too many, missing, wrong or in the other's place is forgiven."""
SHORTEST_GUESS = 6
NOT_MEANT = read_words(
    """
    massages message mensaje recordatorio reminder resting testing homeless amused amusing overdone violet pastilla
    abuse abuser abuses overdoes
    """
)
"""Real words that are one letter away from a guess."""


def fold_words(text: str) -> str:
    """Small plain letters and figures with one space between words: "¡SÍ, Confirmo!" is "si confirmo"."""
    unseen = "".join(each for each in _APOSTROPHES.sub("", text) if unicodedata.category(each) != "Cf")
    plain = unicodedata.normalize("NFKD", unseen.translate(BADGES)).casefold().translate(LOOK_ALIKES)
    kept = (letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(kept)[:LONGEST_TEXT].split())


def spell_plainly(text: str) -> str:
    """The folded words in the spelling of our lists: "I do NOT wanna... pleeease" is "i dont want to please"."""
    folded = _SPELT_OUT.sub(_put_together, _RUNS.sub(r"\1", fold_words(text)))
    words = " ".join(WRITTEN.get(each) or _guess(each) for each in folded.split())
    return _TOGETHER.sub(lambda found: TOGETHER[found[0]], words)


def undisguised(text: str) -> str:
    """The same, where figures and signs stand for letters: "k1ll mys3lf"."""
    return spell_plainly(text.translate(FIGURES_FOR_LETTERS))


def is_twin(word: str, meant: str) -> bool:
    """Whether two letters changed places or one was typed twice: "stpo" and "sttop" for "stop"."""
    swapped = {meant[:at] + meant[at + 1] + meant[at] + meant[at + 2 :] for at in range(len(meant) - 1)}
    doubled = {meant[:at] + meant[at] + meant[at:] for at in range(len(meant))}
    return word in swapped | doubled


def _put_together(found: re.Match[str]) -> str:
    letters = found[0].split()
    is_word = len(set(letters)) >= _LEAST_SPELT_OUT and len(letters) >= _LEAST_SPELT_OUT
    return "".join(letters) if is_word else found[0]


def _guess(word: str) -> str:
    if len(word) < SHORTEST_GUESS - 1 or word in GUESSED or word in NOT_MEANT:
        return word
    return next((_LESS_A_LETTER[each] for each in _less_a_letter(word) if each in _LESS_A_LETTER), word)


def _less_a_letter(word: str) -> tuple[str, ...]:
    return (word, *(word[:at] + word[at + 1 :] for at in range(len(word))))


_LESS_A_LETTER = {
    less: word for word in sorted(GUESSED) if len(word) >= SHORTEST_GUESS for less in _less_a_letter(word)
}
_TOGETHER = re.compile(rf"\b(?:{'|'.join(TOGETHER)})\b")
