"""Whether a text ends texts, begins them again, asks for help with them, or may end them.

A reserved word means what carriers take it to mean where it is the whole message. Beside courtesies, and mistyped, it
means the same to us. In other words it is a stop only where a sentence is about texts and says nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from telehealth.domain.inbox import stop_words
from telehealth.domain.inbox.own_words import asks, own_words_in, said_once, sentences_in
from telehealth.domain.inbox.reading import Reading
from telehealth.domain.inbox.spelling import fold_words, is_twin, spell_plainly
from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.message_words import ReplyMeaning

LONGEST_STOP = 25
"""Words of a sentence. A longer one says more."""
ASKED_NICELY = ("can you", "could you", "will you", "would you", "please")


def read_opt_out(body: str) -> Reading | None:
    """The words that carriers act on, alone; then the same wish in other words, certain or not."""
    text = own_words_in(body)
    whole = fold_words(text)
    joined = whole.replace(" ", "")
    if joined in stop_words.STOP_WORDS:
        return Reading(ReplyMeaning.STOP, language=_of_stop(joined))
    if joined in stop_words.START_WORDS:
        return Reading(ReplyMeaning.START, is_opt_in=True)
    if joined in stop_words.HELP_WORDS:
        return Reading(ReplyMeaning.HELP, language=SPANISH if joined == "ayuda" else ENGLISH)
    return _stop_in_company(spell_plainly(text)) or _stop_in_sentences(text)


def _of_stop(word: str) -> str:
    return SPANISH if word in {"alto", "parar"} else ENGLISH


def _stop_in_company(words: str) -> Reading | None:
    """A reserved word with courtesies, said again and again, or mistyped."""
    for core in _cores(words):
        word = said_once(core).replace(" ", "")
        if word in stop_words.STOP_IN_ANY_COMPANY:
            return Reading(ReplyMeaning.STOP, is_free=is_stop(core), language=_of_stop(word))
        is_mistyped = any(is_twin(word, each) for each in stop_words.MISTYPED) or word in stop_words.SLIPS
        if is_mistyped and word not in stop_words.SLIPS_THAT_ARE_WORDS:
            return Reading(ReplyMeaning.STOP, is_free=True, language=ENGLISH)
    return None


def _stop_in_sentences(text: str) -> Reading | None:
    sentences = list(sentences_in(text))
    is_retracted = stop_words.RETRACTED.are_in(spell_plainly(text))
    certain = next(filter(is_stop, sentences), "")
    is_meant = not is_retracted and (not asks(text) or certain.startswith(ASKED_NICELY))
    if certain and is_meant:
        return _stop_of(certain)
    is_like_one = certain or any(_is_like_a_stop(each) for each in sentences)
    return Reading(ReplyMeaning.MAYBE_STOP) if is_like_one else None


def _stop_of(words: str) -> Reading:
    spanish = (stop_words.CERTAIN_SPANISH, stop_words.NUMERO_EQUIVOCADO)
    is_spanish = any(each.are_all_of(core) for each in spanish for core in _cores(words))
    return Reading(
        ReplyMeaning.STOP,
        is_free=True,
        is_wrong_number=_is_wrong_number(words),
        language=SPANISH if is_spanish else ENGLISH,
    )


def _is_like_a_stop(words: str) -> bool:
    return stop_words.LIKE_A_STOP.are_in(words) and not stop_words.NOT_A_STOP.are_in(words)


def is_stop(words: str) -> bool:
    """Whether a sentence is about texts and says only that there should be no more."""
    certain = (stop_words.CERTAIN_ENGLISH, stop_words.CERTAIN_SPANISH)
    return _is_wrong_number(words) or any(each.are_all_of(core) for core in _cores(words) for each in certain)


def _is_wrong_number(words: str) -> bool:
    strangers = (stop_words.WRONG_NUMBER, stop_words.NUMERO_EQUIVOCADO)
    return any(each.are_all_of(core) for core in _cores(words) for each in strangers)


def _cores(words: str) -> Iterator[str]:
    """The words, without more and more of what stands before and after a stop."""
    said = said_once(words)
    if len(said.split()) > LONGEST_STOP:
        return
    for start in stop_words.BEFORE.less_at_the_beginning(said):
        yield from stop_words.AFTER.less_at_the_end(start)
