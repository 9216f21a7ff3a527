"""Phrases as data: a small way to write down what people say in many words.

A phrase is words in the spelling of ``spelling.spell_plainly``. "a|b_c" is "a" or "b c", "<name>" is any of a group,
"suicid*" is any word that begins so, "word?" may be missing, and ".." stands for at most three words. Everything has a
bound, so reading a text takes milliseconds, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product

Groups = Mapping[str, str]
GAP = r"(?:\w+ ){0,3}"
GROUP = re.compile(r"<(\w+)>")
HOLE = "~"
"""Left where a phrase was taken out; no phrase reaches over it."""


def read_groups(lines: str) -> Groups:
    """Groups by name, each "name: one another two_words" on a line and on more lines without a colon."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lines.splitlines():
        before, colon, after = line.partition(":")
        name = before.strip() if colon else name
        found.setdefault(name, []).extend((after if colon else line).split())
    return {name: "|".join(words) for name, words in found.items()}


def read_words(lines: str) -> frozenset[str]:
    """The words of some lines, two words with "_" between them being one."""
    return frozenset(each.replace("_", " ") for each in lines.split())


class Phrases:
    """Phrases of one kind, one a line or several with ";" between them; ``groups`` are those that they name."""

    def __init__(self, lines: str, groups: Groups | None = None) -> None:
        self._phrases = [each.strip() for each in lines.replace("\n", ";").split(";") if each.strip()]
        self._groups = groups or {}

    def are_in(self, words: str) -> bool:
        """Whether one of them is said anywhere."""
        return self._pattern.search(f"{words} ") is not None

    def are_all_of(self, words: str) -> bool:
        """Whether the words are one of them and nothing else."""
        return self._pattern.fullmatch(f"{words} ") is not None

    def without(self, words: str) -> str:
        """The words with a hole where any of them was."""
        return self._pattern.sub(f"{HOLE} ", f"{words} ").strip()

    def less_at_the_beginning(self, words: str) -> Iterator[str]:
        """The words as they are, then without one of them after the other at the beginning."""
        yield words
        while found := self._pattern.match(f"{words} "):
            words = words[found.end() :]
            yield words

    def less_at_the_end(self, words: str) -> Iterator[str]:
        """The words as they are, then without one of them after the other at the end."""
        yield words
        while found := self._at_the_end.search(words):
            words = words[: found.start()].rstrip()
            yield words

    def spelt_out(self) -> Iterator[str]:
        """All that they stand for, where none has an open end."""
        for phrase in self._phrases:
            for chosen in product(*(self._choices(each) for each in phrase.split())):
                yield " ".join(filter(None, chosen))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\S)(?:{'|'.join(map(self._written, self._phrases))})")

    @cached_property
    def _at_the_end(self) -> re.Pattern[str]:
        any_of = "|".join(re.escape(each) for each in sorted(self.spelt_out(), key=len, reverse=True))
        return re.compile(rf"(?<!\S)(?:{any_of})$")

    def _written(self, phrase: str) -> str:
        return "".join(GAP if each == ".." else self._word(each) for each in phrase.split())

    def _word(self, token: str) -> str:
        said = (re.escape(each).replace(r"\*", r"\w*") for each in self._choices(token) if each)
        return f"(?:(?:{'|'.join(said)}) ){'?' if token.endswith('?') else ''}"

    def _choices(self, token: str) -> list[str]:
        """What may stand there, "" for nothing."""
        said = [each for written in token.removesuffix("?").split("|") for each in self._meant(written)]
        return [*said, ""] if token.endswith("?") else said

    def _meant(self, written: str) -> Iterator[str]:
        named = GROUP.search(written)
        if named is None:
            yield written.replace("_", " ")
            return
        for each in self._groups[named[1]].split("|"):
            yield from self._meant(written.replace(named[0], each, 1))
