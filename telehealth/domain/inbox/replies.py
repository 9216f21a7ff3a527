"""What a text to us means. Pure: words in, a meaning out.

Case, accents, full-width letters, signs, emoji, courtesies, misspellings and signatures do not matter. Only a message
that says one thing and nothing else is acted on: each of its words has to be accounted for. Whatever is left over is
for a person to read, and words that must not wait are looked for first, and anywhere.

Words that carriers reserve mean what carriers take them to mean, and so do sentences about texts that anybody would
read as a wish for no more of them (47 CFR 64.1200(a)(10)). What only sounds like that wish is asked about. The
appointments in "which one?" are named A, B, D and E: C is a yes, R a move, and 1 and 2 say the same in figures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from telehealth.domain.inbox.grammar import HOLE
from telehealth.domain.inbox.own_words import own_words_in, sentences_in, without_our_last_line
from telehealth.domain.inbox.reading import Reading
from telehealth.domain.inbox.spelling import LONGEST_TEXT, fold_words, spell_plainly, undisguised
from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.message_words import ReplyMeaning
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.domain.inbox import answering, crisis_in_english, crisis_in_spanish, reactions, reply_words, stops
else:
    answering = Library("telehealth.domain.inbox.answering")
    crisis_in_english = Library("telehealth.domain.inbox.crisis_in_english")
    crisis_in_spanish = Library("telehealth.domain.inbox.crisis_in_spanish")
    reactions = Library("telehealth.domain.inbox.reactions")
    reply_words = Library("telehealth.domain.inbox.reply_words")
    stops = Library("telehealth.domain.inbox.stops")

__all__ = ["LONGEST_TEXT", "Reading", "fold_words", "read_reply"]


def read_reply(body: str) -> Reading:
    """What the text means. Never raises, whatever it is given."""
    body = without_our_last_line(body[:LONGEST_TEXT])
    reaction = reactions.read_reaction(body)
    if reaction is not None:
        return reaction
    words = spell_plainly(body)
    found = _crisis(body, words) or stops.read_opt_out(body) or answering.read_answer(body)
    if found.meaning == ReplyMeaning.CONFIRM or found.asks_nothing:
        return replace(found, is_pressing=reply_words.PRESSING.are_in(words) and not found.asks_nothing)
    return replace(
        found,
        declines=reply_words.DECLINES.are_in(words),
        is_pressing=reply_words.PRESSING.are_in(words),
        language=found.language or _language(words),
    )


def _crisis(body: str, words: str) -> Reading | None:
    language = _language_of_crisis(words) or _language_of_crisis(undisguised(body))
    if not language:
        return None
    besides = crisis_in_english.CRISIS.without(words).split(HOLE)
    ends_texts = any(stops.is_stop(each.strip()) for each in (*sentences_in(own_words_in(body)), *besides))
    return Reading(ReplyMeaning.CRISIS, is_crisis=True, is_free=ends_texts, language=_language(words) or language)


def _language_of_crisis(words: str) -> str:
    if crisis_in_english.CRISIS.are_in(crisis_in_english.HARMLESS.without(words)):
        return ENGLISH
    is_spanish = crisis_in_spanish.CRISIS.are_in(crisis_in_spanish.HARMLESS.without(words))
    return SPANISH if is_spanish else ""


def _language(words: str) -> str:
    """Spanish, where more of the little words are Spanish than English."""
    said = set(words.split())
    return SPANISH if len(said & reply_words.SPANISH_HINTS) > len(said & reply_words.ENGLISH_HINTS) else ""
