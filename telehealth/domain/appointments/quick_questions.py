""" "tomorrow 3pm, couple, Spanish": a question about a free time, as somebody types it with the phone at their ear.

Strict: every word is understood in one way, or it is said that it was not. What could mean two things is never guessed;
the ways to say it clearly are offered instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

LONGEST = 200
LEAST_LETTERS = 3
ONE_DAY, WEEK = timedelta(days=1), 7
NOON = 12
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
FILLERS = frozenset({
    "a", "an", "and", "any", "anybody", "anyone", "at", "by", "can", "for", "free", "have", "in", "is", "me",
    "next", "of", "on", "or", "person", "please", "see", "session", "sessions", "someone", "somebody", "speaks",
    "speaking", "the", "there", "time", "we", "who", "with",
})  # fmt: skip
"""Words that say nothing by themselves. "In person" and "next week" are read before them."""
_TOKENS = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}(?:/\d{4})?|\d{1,2}:\d{2}(?:[ap]m)?|\d{1,2}[ap]m"
                     r"|\d{1,2}(?:st|nd|rd|th)?(?![\w/:])|[^\W\d_][\w'-]*|\S", re.ASCII)  # fmt: skip
_HALF = re.compile(r"(\d)\s+([ap])\.?\s?m\b\.?")


class Matter(StrEnum):
    """What a word can name."""

    SERVICE = "service"
    THERAPIST = "therapist"
    LANGUAGE = "language"
    MODE = "mode"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Named:
    """Something that can be named: what it is, its key, how it is called, and other words for it."""

    matter: Matter
    key: str
    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """What could not be understood, as a sentence, with ways to say the whole question clearly."""

    sentence: str
    instead: tuple[str, ...] = ()


@dataclass(slots=True)
class QuickQuestion:
    """What was understood. ``day`` and ``at`` are wall time; ``named`` has at most one of each matter."""

    day: date | None = None
    at: time | None = None
    named: dict[Matter, Named] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def read_quick_question(text: str, names: Iterable[Named], *, today: date) -> QuickQuestion:
    """The question in a line of words. ``today`` is the date on the wall where the question is asked."""
    plain = _HALF.sub(r"\1\2m", _fold(text[:LONGEST]))
    reading = _Reading(plain, _TOKENS.findall(plain.replace("in person", "in-person")), today)
    reading.read(list(names))
    return reading.found


class _Reading:
    """One line, read from left to right."""

    def __init__(self, text: str, tokens: Sequence[str], today: date) -> None:
        self.text, self.tokens, self.today = text, [each for each in tokens if each not in ",.;?!-"], today
        self.found = QuickQuestion()
        self.meant: dict[Matter, tuple[list[Named], list[str]]] = {}

    def read(self, names: Sequence[Named]) -> None:
        at = 0
        while at < len(self.tokens):
            at += self._day(at) or self._time(at) or self._name(self.tokens[at], names)
        for matter, (left, said) in self.meant.items():
            self._settle(matter, left, said)

    def _settle(self, matter: Matter, left: Sequence[Named], said: Sequence[str]) -> None:
        whole = [each for each in left if _fold(each.name) in self.text]
        if len(whole or left) == 1:
            self.found.named[matter] = (whole or left)[0]
            return
        words = " ".join(said)
        if not left:
            self._doubt(f"“{words}” names more than one {matter}.")
        else:
            self._doubt(f"“{words}” could be any of these.", *(self._with(words, each.name) for each in left[:6]))

    def _day(self, at: int) -> int:
        """How many words from ``at`` say a date; it is kept."""
        word, rest = self.tokens[at], self.tokens[at + 1 : at + 3]
        if word == "next" and rest[:1] and (_weekday(rest[0]) is not None or rest[0] == "week"):
            self._doubt(f"“Next {rest[0]}” means different days to different people. Please write the date.")
            return 2
        if [word, *rest[:2]] == ["day", "after", "tomorrow"]:
            return self._keep_day(self.today + 2 * ONE_DAY, 3)
        if word in ("today", "tomorrow"):
            return self._keep_day(self.today + (word == "tomorrow") * ONE_DAY, 1)
        weekday = _weekday(word)
        if weekday is not None:
            return self._keep_day(self.today + ((weekday - self.today.weekday() - 1) % WEEK + 1) * ONE_DAY, 1)
        return self._date(word, rest[0] if rest else "")

    def _date(self, word: str, after: str) -> int:
        if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", word):
            return self._dated(int(match[1]), int(match[2]), int(match[3]), 1)
        if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", word):
            return self._dated(int(match[3] or 0), int(match[1]), int(match[2]), 1)
        number = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
        for month, day in ((word, after), (after, word)):
            if _month(month) and (match := number.fullmatch(day)):
                return self._dated(0, _month(month), int(match[1]), 2)
        return 0

    def _dated(self, year: int, month: int, day: int, words: int) -> int:
        """A date without a year is the next one there is."""
        try:
            found = date(year or self.today.year, month, day)
            if not year and found < self.today:
                found = date(self.today.year + 1, month, day)
        except ValueError:
            self._doubt("There is no such date.")
            return words
        return self._keep_day(found, words)

    def _keep_day(self, day: date, words: int) -> int:
        if self.found.day not in (None, day):
            self._doubt("This names two days. Please ask about one.")
        self.found.day = day
        return words

    def _time(self, at: int) -> int:
        """How many words from ``at`` say a time; it is kept."""
        word = self.tokens[at]
        if word in ("noon", "midday"):
            return self._keep_time(time(NOON))
        match = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?([ap]m)?", word)
        if match is None:
            return 0
        hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
        if half and 1 <= hour <= NOON and minute < 60:  # noqa: PLR2004 -- minutes of an hour
            return self._keep_time(time(hour % NOON + (NOON if half == "pm" else 0), minute))
        if half or hour > 23 or minute > 59:  # noqa: PLR2004 -- the last of a day
            self._doubt(f"“{word}” is no time.")
        elif 1 <= hour <= NOON:
            said = (f"{word}am", f"{word}pm") if hour < NOON else (f"{word}pm", f"{word}am")
            self._doubt(f"Is {word} in the morning or in the afternoon?", *(self._with(word, each) for each in said))
        else:
            return self._keep_time(time(hour, minute))
        return 1

    def _keep_time(self, at: time) -> int:
        if self.found.at not in (None, at):
            self._doubt("This names two times. Please ask about one.")
        self.found.at = at
        return 1

    def _name(self, word: str, names: Sequence[Named]) -> int:
        """What a word can name narrows down what the words before it named; always one word."""
        fitting = [each for each in names if _fits(word, each)]
        if not fitting and word in FILLERS:
            return 1
        exact = [each for each in fitting if word in _words(each)]
        matters = {each.matter for each in exact or fitting}
        if not fitting:
            self._doubt(f"“{word}” is nothing we know here.")
        elif len(matters) > 1:
            self._doubt(f"“{word}” could be any of these.", *(self._with(word, each.name) for each in fitting[:6]))
        else:
            matter = matters.pop()
            ours = [each for each in fitting if each.matter == matter]
            left, said = self.meant.get(matter, (ours, []))
            self.meant[matter] = ([each for each in left if each in ours], [*said, word])
        return 1

    def _doubt(self, sentence: str, *instead: str) -> None:
        self.found.doubts.append(Doubt(sentence, instead))

    def _with(self, word: str, other: str) -> str:
        """The whole question with something clearer in the place of a word."""
        return re.sub(rf"(?<![\w:/]){re.escape(word)}(?![\w:/])", lambda _: other, self.text, count=1)


def _fold(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _words(named: Named) -> list[str]:
    return re.findall(r"[\w-]+", " ".join(_fold(each) for each in (named.name, *named.also)))


def _fits(word: str, named: Named) -> bool:
    """Whether a word is one of its words, or the beginning of one: "couple" of "Couples session"."""
    words = [each for each in _words(named) if each not in FILLERS]
    if named.matter == Matter.STATE:
        return word in words
    return word in words or (len(word) >= LEAST_LETTERS and any(each.startswith(word) for each in words))


def _weekday(word: str) -> int | None:
    fitting = [each for each, name in enumerate(WEEKDAYS) if len(word) >= LEAST_LETTERS and name.startswith(word)]
    return fitting[0] if fitting else None


def _month(word: str) -> int:
    """1 for "jan"; 0 for what is no month."""
    fitting = (each for each, name in enumerate(MONTHS, 1) if len(word) >= LEAST_LETTERS and name.startswith(word))
    return next(fitting, 0)
