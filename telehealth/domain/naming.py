"""Names of people: which of them are advertisements. Pure.

A name stands in mail to an address that nobody has proved to own, so it must not carry a stranger's words there. But
people have all kinds of names, and a rule that refuses one of them is worse than an advertisement: a slash, a dot
without a space ("St.John", "J.R.Smith") and a digit or two are names.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MOST_DIGITS: Final = 4
"""In a name. A short code, to which texts are sent at a price, has five."""

_SURELY_A_LINK = re.compile(r"://|\bwww\.|@", re.IGNORECASE)
_DOTTED = re.compile(r"([^\W_][\w-]*)\.(?=([^\W_]+))")
# What ends an address of the web, in whatever letters; what is somebody's name ("Kim", "Li") is left out.
_ENDINGS: Final = frozenset(
    {
        *("com", "net", "org", "info", "biz", "io", "co", "me", "app", "dev", "shop", "store", "site", "online", "xyz"),
        *("top", "club", "vip", "link", "click", "live", "life", "world", "today", "news", "email", "ru", "cn", "ly"),
        *("tk", "us", "uk", "中国", "中國", "公司", "网络", "网址", "在线"),
    }
)
_TITLES: Final = frozenset(
    {"st", "ste", "sta", "sto", "dr", "mr", "mrs", "ms", "mx", "fr", "sr", "sra", "jr", "prof", "rev", "med"}
)
_DIGIT = re.compile(r"\d")  # In any script.
# A number that letters stand in for, such as 900-WIN-CASH.
_NUMBER_IN_LETTERS = re.compile(r"(?<!\d)[89]\d\d[\W_]?[^\W\d_]{3}")


def is_advertisement(name: str) -> bool:
    """Whether a name holds an address of the web or of a mailbox, or a number to call or text."""
    seen = unicodedata.normalize("NFKC", "".join(each for each in name if unicodedata.category(each) != "Cf"))
    seen = seen.replace("。", ".")
    return _holds_link(seen) or _holds_number(seen)


def _holds_link(name: str) -> bool:
    return bool(_SURELY_A_LINK.search(name)) or any(_is_host(*pair) for pair in _DOTTED.findall(name))


def _is_host(before: str, after: str) -> bool:
    """Of two words with a dot between them. Whoever writes a name so begins the second with a capital ("Mary.Ann")."""
    if after.casefold() in _ENDINGS:
        return True
    is_initial_or_title = len(before) == 1 or before.casefold() in _TITLES
    return not is_initial_or_title and len(after) > 1 and after[0].islower()


def _holds_number(name: str) -> bool:
    return len(_DIGIT.findall(name)) > MOST_DIGITS or bool(_NUMBER_IN_LETTERS.search(name))


# What stands before a name and is none: English and Spanish. "Don" is somebody's name.
_HONORIFICS: Final = frozenset(
    {
        *("dr", "dra", "doctor", "doctora", "prof", "professor", "profesor", "profesora", "mr", "mrs", "ms", "mx"),
        *("miss", "sir", "madam", "sr", "sra", "srta", "señor", "señora", "señorita", "lic", "ing", "rev", "fr"),
    }
)
# What stands behind a name, often after a comma.
_SUFFIXES: Final = frozenset(
    {
        *("jr", "sr", "ii", "iii", "iv", "phd", "psyd", "edd", "md", "do", "jd", "esq", "rn", "np", "mba", "msw"),
        *("lcsw", "lmft", "lpc", "lmhc", "hijo"),
    }
)
# What begins a name of several words: the first of them alone would be nobody.
_PARTICLES: Final = frozenset(
    {
        *("de", "del", "la", "las", "los", "el", "da", "das", "do", "dos", "di", "du", "le", "des", "van", "von"),
        *("der", "den", "ter", "ten", "zu", "zur", "bin", "ibn", "bint", "abu", "abou", "umm", "abd", "abdul", "san"),
        *("santa", "mc", "mac", "o"),
    }
)
_BETWEEN_TWO: Final = frozenset({"and", "&", "+", "y", "e", "und", "et"})


def natural_name(name: str) -> str:
    """A name in the order in which people say it, without what stands before it: "John Smith" of "Smith, Dr. John",
    and of "Smith, John,". As it is, where nothing would be left.
    """
    first, *others = [part.split() for part in name.split(",") if part.strip()] or [[]]
    given = [part for part in others if not _is_suffix(part)]
    suffixes = [part for part in others if _is_suffix(part)]
    words = [word for part in (*given, first, *suffixes) for word in part]
    while len(words) > 1 and _bare(words[0]) in _HONORIFICS:
        words = words[1:]
    return " ".join(words) or name.strip()


def form_of_address(name: str) -> str:
    """What a message calls somebody who is called by one name: "John" of "Smith, Dr. John". The whole name where its
    first word alone could be a mistake: an initial, a particle ("de la Cruz"), one of two people, another script.
    """
    whole = natural_name(name)
    words = whole.split()
    if len(words) < 2 or _is_no_first_name(words[0]) or _bare(words[1]) in _BETWEEN_TWO:  # noqa: PLR2004 -- of two words
        return whole
    return words[0]


def initials(name: str, *, letters: int = 1) -> str:
    """ "J. D." of "Jane Doe": enough for the therapist to know, too little for others. Where two people would be the
    same, more ``letters`` of the first name tell them apart: "Ja. D.".
    """
    # Arabic and Hawaiian names begin with a sign that is a letter there ("'Ali").
    signless = (word.lstrip("'‘’`ʻʼʾʿ") for word in natural_name(name).split())
    words = [word for word in signless if word[:1].isalnum()]
    shown = [word[0].upper() + word[1:letters] for word in words[:1]] + [word[0].upper() for word in words[1:][-1:]]
    return " ".join(f"{each}." for each in shown)


def join_initials(name: str) -> str:
    """ "JD" of "Jane Doe", where a picture of her would be."""
    return initials(name).replace(". ", "").removesuffix(".")


def _is_suffix(words: list[str]) -> bool:
    return all(_bare(word) in _SUFFIXES for word in words)


def _is_no_first_name(word: str) -> bool:
    letters = sum(each.isalpha() for each in word)
    is_latin = all("LATIN" in unicodedata.name(each, "") for each in word if each.isalpha())
    return letters < 2 or word.endswith(".") or "/" in word or _bare(word) in _PARTICLES or not is_latin  # noqa: PLR2004 -- an initial


def _bare(word: str) -> str:
    return word.replace(".", "").strip("'").casefold()
