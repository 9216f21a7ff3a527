"""What an answer to a reminder says: yes, another time, thanks, one of several, or something for a person.

Each word has to be accounted for. Whatever is left over makes it a text that a person reads.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from enum import StrEnum
from functools import cache

from telehealth.domain.inbox import reply_words, stop_words
from telehealth.domain.inbox.own_words import asks, own_words_in, said_once
from telehealth.domain.inbox.reading import Reading
from telehealth.domain.inbox.spelling import spell_plainly
from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.message_words import ReplyMeaning

LONGEST_ANSWER = 30
"""Words. A longer text says more than one thing."""
LONGEST_PIECE = 8
"""Words of the longest phrase that we know."""
_NUMBER = re.compile(reply_words.NAMES_A_TIME)


class Piece(StrEnum):
    """What some words of an answer are."""

    LETTER = "letter"  # C, which is a yes.
    EXPLICIT = "explicit"
    YES = "yes"
    MOVE = "move"
    COURTESY = "courtesy"
    ABOUT = "about"
    WISH = "wish"
    ASKS = "asks"
    NUMBER = "number"
    FINE = "fine"  # A yes, if it is not to a time that they propose.
    NAME = "name"  # One of several.


def read_answer(body: str) -> Reading:
    """What a text says in answer to a reminder: OTHER where it is for a person, or for nobody."""
    text = own_words_in(body)
    words = said_once(spell_plainly(text))
    if not words:
        return _signs(text)
    pieces = _pieces(words)
    kinds = {kind for _, kind in pieces}
    core = [each for each in pieces if each[1] not in {Piece.COURTESY, Piece.WISH}]
    bare = " ".join(said for said, _ in core) or words
    language = SPANISH if any(_is_spanish(said) for said, kind in pieces if kind != Piece.ABOUT) else ""
    named = Reading(ReplyMeaning.OTHER, choice=_named(bare), is_all=bare in reply_words.ALL_OF_THEM, language=language)
    if not pieces or _signs_in(text) & reply_words.SAD_SIGNS:
        return named
    if kinds == {Piece.COURTESY}:
        return replace(_signs(text), language=language)
    meaning = _meant(core, kinds, is_asked=asks(text))
    is_yes = meaning == ReplyMeaning.CONFIRM
    return replace(
        named,
        meaning=meaning,
        is_explicit=is_yes and (bool(kinds & {Piece.LETTER, Piece.EXPLICIT}) or bare == "1"),
        is_opt_in=is_yes and bare in stop_words.OPT_IN_WORDS,
    )


def _meant(core: list[tuple[str, Piece]], kinds: set[Piece], *, is_asked: bool) -> ReplyMeaning:
    """What an answer means whose words are all known: without its courtesies, and all kinds of words in it."""
    bare = [said for said, _ in core]
    says_yes = bool(kinds & {Piece.LETTER, Piece.EXPLICIT, Piece.YES, Piece.FINE}) or bare == ["1"]
    says_move = Piece.MOVE in kinds or bare == ["2"]
    if says_move and not says_yes and (Piece.NUMBER not in kinds or bare == ["2"]):
        return ReplyMeaning.MOVE
    is_wish = Piece.WISH in kinds and Piece.EXPLICIT not in kinds  # "I would like to be there"
    is_proposal = Piece.FINE in kinds and core[0][1] in {Piece.NUMBER, Piece.ABOUT}  # "2 pm works"
    is_certain = not (is_asked or is_wish or is_proposal or kinds & {Piece.ASKS, Piece.NAME})
    return ReplyMeaning.CONFIRM if says_yes and not says_move and is_certain else ReplyMeaning.OTHER


def _pieces(words: str) -> list[tuple[str, Piece]]:
    """What the words are, the longest pieces first; nothing when one of them is none that we know."""
    left, found = words.split(), []
    if len(left) > LONGEST_ANSWER:
        return []
    while left:
        begun = (" ".join(left[:size]) for size in range(min(LONGEST_PIECE, len(left)), 0, -1))
        said = next((each for each in begun if each in _lexicon()), left[0])
        if said in _lexicon():
            found.append((said, _lexicon()[said][0]))
        elif _NUMBER.fullmatch(said):
            found.append((said, Piece.NUMBER))
        else:
            return []
        del left[: said.count(" ") + 1]
    return found


@cache
def _lexicon() -> dict[str, tuple[Piece, str]]:
    """Every piece of an answer, with what it is and in which language. Of two lists that have it, the later counts."""
    lists = (
        (Piece.ASKS, reply_words.ASKS, ""),
        (Piece.WISH, reply_words.WISH_ENGLISH, ENGLISH),
        (Piece.WISH, reply_words.WISH_SPANISH, SPANISH),
        (Piece.ABOUT, reply_words.ABOUT_ENGLISH, ENGLISH),
        (Piece.ABOUT, reply_words.ABOUT_SPANISH, SPANISH),
        (Piece.COURTESY, reply_words.COURTESY_SPANISH, SPANISH),
        (Piece.COURTESY, reply_words.COURTESY_ENGLISH, ENGLISH),
        (Piece.MOVE, reply_words.MOVE_ENGLISH, ENGLISH),
        (Piece.MOVE, reply_words.MOVE_SPANISH, SPANISH),
        (Piece.YES, reply_words.YES_SPANISH, SPANISH),
        (Piece.YES, reply_words.YES_ENGLISH, ENGLISH),
        (Piece.FINE, reply_words.FINE_SPANISH, SPANISH),
        (Piece.FINE, reply_words.FINE_ENGLISH, ENGLISH),
        (Piece.NAME, reply_words.NAMES, ""),
        (Piece.EXPLICIT, reply_words.EXPLICIT_SPANISH, SPANISH),
        (Piece.EXPLICIT, reply_words.EXPLICIT_ENGLISH, ENGLISH),
    )
    found = {said: (kind, language) for kind, phrases, language in lists for said in phrases.spelt_out()}
    names = dict.fromkeys([*reply_words.ORDINALS, *reply_words.ALL_OF_THEM], (Piece.NAME, ""))
    return names | found | dict.fromkeys(("c", "cc"), (Piece.LETTER, ""))


def _is_spanish(said: str) -> bool:
    return _lexicon().get(said, ("", ""))[1] == SPANISH


def _named(bare: str) -> int | None:
    """The place that a letter, a figure or an ordinal names, from 0."""
    words = [word for word in bare.split() if word not in reply_words.BEFORE_A_LETTER]
    if len(words) == 1 and len(words[0]) == 1:
        for names in (reply_words.LETTERS, reply_words.FIGURES):
            if words[0] in names:
                return names.index(words[0])
    return reply_words.ORDINALS.get(bare.removeprefix("the "))


def _signs_in(body: str) -> set[str]:
    return {
        sign for sign in body if unicodedata.category(sign) in {"So", "Sm", "Sk"} and sign not in reply_words.MODIFIERS
    } | ({"\u2753", "\u2049"} & set(body))


def _signs(body: str) -> Reading:
    """A text without words, or with nothing but courtesies: a thumb up is a yes."""
    signs = _signs_in(body)
    if signs and signs <= reply_words.YES_SIGNS | reply_words.KIND_SIGNS and signs & reply_words.YES_SIGNS:
        return Reading(ReplyMeaning.CONFIRM)
    is_question = bool(signs - reply_words.KIND_SIGNS) or asks(body)
    return Reading(ReplyMeaning.OTHER, asks_nothing=not is_question)
