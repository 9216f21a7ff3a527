"""What a text to us means. Pure: words in, a meaning out.

Case, accents, full-width letters, signs, emoji, courtesies and signatures do not matter. Only a message that says one
thing and nothing else is acted on; whatever is left over is for a person to read.

Words that carriers reserve mean what carriers take them to mean, and so do free words that anybody would read as a
wish for no more texts (47 CFR 64.1200(a)(10)). The appointments in "which one?" are named A, B, D and E: C is a yes,
R a move, and 1 and 2 say the same in figures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from telehealth.domain.inbox import reply_words
from telehealth.domain.messages.phrases import IN
from telehealth.domain.words import ReplyMeaning

LONGEST_TEXT = 1600
"""Characters: the longest text that Twilio takes."""

ENGLISH, SPANISH = "en", "es"

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_TAP = re.compile(
    r"(?P<how>[^\s\"\u201c\u00ab][^\n\"\u201c\u00ab]{1,39}?)\s*[\"\u201c\u00ab].*[\"\u201d\u00bb]", re.DOTALL
)
_OUR_LAST_LINE = re.compile("|".join(re.escape(each.around.stop) for each in IN.values()), re.IGNORECASE)
_NAME_AFTER_A_DASH = re.compile(r"(?<=\S)\s*[-\u2013\u2014~]+\s*[^\W\d_]+(?:[ .]+[^\W\d_]+){0,2}\.?\s*$")
_RULER = re.compile(r"^\s*(?:--+|__+|\*\*+|\u2014+)\s*$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means.

    ``choice`` is the place that it names if we asked "which one?", from 0, and ``is_all`` says that it names all of
    them; otherwise both are only letters. A figure names a place beside what it says alone: "1" is a yes, "2" a move.
    ``is_crisis`` stands beside any meaning. ``is_explicit`` marks a yes that can only be about an appointment.
    ``declines`` says that they cannot or will not come, so that no "ok" after it is a yes. ``is_pressing`` is what
    matters at once when a session is near: late, on the way, no link, nobody there. ``is_opt_in`` marks the words that
    begin texts again for somebody who ended them. ``is_free`` marks a wish for no more texts in words that no carrier
    knows, ``is_wrong_number`` one from a stranger. ``is_reaction`` is a tap on our text. ``asks_nothing`` is what
    nobody has to answer: a "thank you", a heart, a tap. ``language`` is that of the word that decided, "" when none
    did.
    """

    meaning: ReplyMeaning
    choice: int | None = None
    is_all: bool = False
    is_crisis: bool = False
    is_explicit: bool = False
    declines: bool = False
    is_pressing: bool = False
    is_opt_in: bool = False
    is_free: bool = False
    is_wrong_number: bool = False
    is_reaction: bool = False
    asks_nothing: bool = False
    language: str = ""


def read_reply(body: str) -> Reading:
    """What the text means. Never raises, whatever it is given."""
    body = _OUR_LAST_LINE.sub(" ", body[:LONGEST_TEXT])  # Whoever quotes us does not say it.
    reaction = _reaction(body)
    if reaction is not None:
        return reaction
    whole = fold_words(body)
    crisis = _first_language((reply_words.CRISIS_ENGLISH, reply_words.CRISIS_SPANISH), whole)
    if crisis:
        is_stop = _revokes(body, whole)
        return Reading(ReplyMeaning.CRISIS, is_crisis=True, is_free=is_stop, language=crisis)
    return _opt_out(body, whole) or _answer(body)


def fold_words(text: str) -> str:
    """Small plain letters and figures with one space between words: "¡SÍ, Confirmo!" is "si confirmo"."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    kept = (letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(kept).split())


def _opt_out(body: str, whole: str) -> Reading | None:
    """The words that carriers act on, alone; then the same wish in other words."""
    joined = whole.replace(" ", "")
    bare = "".join(_without(_once(whole), reply_words.COURTESY_ENGLISH | reply_words.COURTESY_SPANISH).split())
    if joined in reply_words.STOP_WORDS or bare in reply_words.STOP_IN_ANY_COMPANY:
        return Reading(ReplyMeaning.STOP, language=_of_stop(bare or joined))
    if joined in reply_words.START_WORDS:
        return Reading(ReplyMeaning.START, is_opt_in=True)
    if joined in reply_words.HELP_WORDS:
        return Reading(ReplyMeaning.HELP, language=SPANISH if joined == "ayuda" else ENGLISH)
    if _revokes(body, whole):
        is_wrong = _matches(reply_words.WRONG_NUMBER, whole)
        language = _first_language((reply_words.REVOCATIONS_ENGLISH, reply_words.REVOCATIONS_SPANISH), whole)
        return Reading(ReplyMeaning.STOP, is_free=True, is_wrong_number=is_wrong, language=language)
    return None


def _of_stop(word: str) -> str:
    return SPANISH if word in {"alto", "parar"} else ENGLISH


def _revokes(body: str, whole: str) -> bool:
    """Whether anybody would read it as "no more texts", sentence by sentence: "don't text me. Call!" is one."""
    if _matches(reply_words.KEEP_THEM, whole):
        return False
    if _matches(reply_words.WRONG_NUMBER, whole):
        return True
    sentences = [whole, *(fold_words(each) for each in re.split(r"[.!?,;\n]+", body))]
    patterns = reply_words.REVOCATIONS_ENGLISH + reply_words.REVOCATIONS_SPANISH
    return any(_matches(patterns, each) for each in sentences)


def _answer(body: str) -> Reading:
    words = _once(fold_words(_without_signature(body)).translate(reply_words.LOOK_ALIKES))
    bare = _without(words, reply_words.COURTESY_ENGLISH | reply_words.COURTESY_SPANISH)
    if not bare:
        return _signs(body, is_empty=not words)
    is_asked = "?" in body or "\u00bf" in body or _matches(reply_words.NOT_QUITE_A_YES, bare)
    if not is_asked and _says(bare, reply_words.CONFIRM_ENGLISH | reply_words.CONFIRM_SPANISH):
        language = SPANISH if _says(bare, reply_words.CONFIRM_SPANISH) else ""
        return Reading(
            ReplyMeaning.CONFIRM,
            choice=_named(bare),
            is_explicit=not reply_words.CONFIRM_IN_SO_MANY_WORDS.isdisjoint(bare.split()),
            is_opt_in=bare in reply_words.OPT_IN_WORDS,
            language=language,
        )
    if _says(bare, reply_words.MOVE_ENGLISH | reply_words.MOVE_SPANISH):
        language = SPANISH if _says(bare, reply_words.MOVE_SPANISH) else ""
        return Reading(ReplyMeaning.MOVE, choice=_named(bare), language=language)
    return Reading(
        ReplyMeaning.OTHER,
        choice=_named(bare),
        is_all=bare in reply_words.ALL_OF_THEM,
        declines=_matches(reply_words.DECLINES, bare),
        is_pressing=_matches(reply_words.PRESSING, bare),
    )


def _says(words: str, phrases: frozenset[str]) -> bool:
    """Whether the words are one of the phrases or some of them, and little around them: "I need to reschedule"."""
    if words in phrases:
        return True
    rest = _without(words, phrases)
    return rest != words and all(word in reply_words.AROUND_A_WISH for word in rest.split())


def _named(bare: str) -> int | None:
    """The place that a letter, a figure or an ordinal names, from 0."""
    words = [word for word in bare.split() if word not in reply_words.BEFORE_A_LETTER]
    if len(words) == 1 and len(words[0]) == 1:
        for names in (reply_words.LETTERS, reply_words.FIGURES):
            if words[0] in names:
                return names.index(words[0])
    return reply_words.ORDINALS.get(bare.removeprefix("the "))


def _signs(body: str, *, is_empty: bool) -> Reading:
    """A text without words, or with nothing but courtesies: a thumb up is a yes."""
    signs = {sign for sign in body if unicodedata.category(sign) in {"So", "Sm"} and sign not in reply_words.MODIFIERS}
    if signs and signs <= reply_words.YES_SIGNS | reply_words.KIND_SIGNS and signs & reply_words.YES_SIGNS:
        return Reading(ReplyMeaning.CONFIRM)
    is_question = is_empty and bool(signs - reply_words.KIND_SIGNS or "?" in body)
    return Reading(ReplyMeaning.OTHER, asks_nothing=not is_question)


def _reaction(body: str) -> Reading | None:
    """A tap on a text of ours. What is quoted are our own words: nothing of it is read."""
    tap = _TAP.fullmatch(body.strip())  # Stripped: two runs of spaces side by side would be tried in every way.
    if tap is None:
        return None
    how, signs = fold_words(tap["how"]), {each for each in tap["how"] if not (each.isalnum() or each.isspace())}
    is_sign = bool(signs) and how in {"to", "a"}  # A sign alone: "(thumb up) to", in Spanish "a".
    if not (
        is_sign or how in reply_words.KIND_TAPS | reply_words.OTHER_TAPS or _matches_whole(reply_words.TAP_VERBS, how)
    ):
        return None
    is_yes = how in reply_words.KIND_TAPS or bool(
        signs & reply_words.YES_SIGNS and not how.startswith(reply_words.TAKES_BACK)
    )
    return Reading(ReplyMeaning.CONFIRM if is_yes else ReplyMeaning.OTHER, is_reaction=True, asks_nothing=True)


def _without_signature(body: str) -> str:
    """The lines above a signature, and a line without the name at its end: "C - Jane"."""
    lines: list[str] = []
    for line in body.strip().splitlines():
        if _RULER.match(line) or _matches_whole(reply_words.SIGNATURES, fold_words(line)):
            break
        lines.append(line)
    text = "\n".join(lines).strip()
    unsigned = _NAME_AFTER_A_DASH.sub("", text)
    return unsigned if _says_something(unsigned) else text


def _says_something(text: str) -> bool:
    """Whether it holds a letter, a figure, or a sign such as a thumb: in ":~c" the c is no name, but all there is."""
    return any(each.isalnum() or unicodedata.category(each) == "So" for each in text)


def _once(words: str) -> str:
    """One word that is said again and again, once: "C C C"."""
    return words if len(set(words.split())) > 1 else " ".join(words.split()[:1])


def _without(words: str, phrases: frozenset[str]) -> str:
    """The words that are left when the phrases are taken away, longer phrases first."""
    return " ".join(_any_of(phrases).sub(" ", words).split())


@cache
def _any_of(phrases: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def _first_language(patterns: tuple[Iterable[str], Iterable[str]], words: str) -> str:
    """The language whose patterns match; "" when neither does."""
    pairs = zip((ENGLISH, SPANISH), patterns, strict=True)
    return next((language for language, each in pairs if _matches(each, words)), "")


def _matches(patterns: Iterable[str], words: str) -> bool:
    return any(_compiled(pattern).search(words) for pattern in patterns)


def _matches_whole(patterns: Iterable[str], words: str) -> bool:
    return any(_compiled(pattern).fullmatch(words) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
