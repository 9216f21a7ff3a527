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
    digits = sum(each.isdecimal() for each in name)
    return digits > MOST_DIGITS or bool(_NUMBER_IN_LETTERS.search(name))
