"""Words of a practice's own: a small, safe part of Jinja with a fixed set of variables.

There are words, variables such as ``{{ when }}``, and ``{% if name %}…{% endif %}``; no loops, no calls, no
attributes. What is saved was checked here, and what is sent is rendered in a sandbox all the same. Whatever is typed
costs little: its length, its depth and the number of its pieces have a limit, before it is compiled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from telehealth.domain.errors import InvalidInput
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import revealing

K = MessageKind
BODY, SUBJECT = "body", "subject"
LONGEST_SOURCE: Mapping[tuple[Channel, bool], int] = {
    (Channel.TEXT, False): 600,
    (Channel.EMAIL, False): 4_000,
    (Channel.EMAIL, True): 200,
}
LONGEST_OUTPUT: Mapping[tuple[Channel, bool], int] = {
    (Channel.TEXT, False): 1_000,  # Twilio takes 1,600 with the sender's name and our last line.
    (Channel.EMAIL, False): 12_000,
    (Channel.EMAIL, True): 200,
}

LONGEST_OF_ALL = max(LONGEST_SOURCE.values())
MOST_NODES, DEEPEST = 1_000, 30
"""Of a tree: an e-mail as long as it may be has some 150 pieces, and stands five deep. One bracket in another counts
as deep as one {% if … %} in another. A tree within these limits also fits in what Python lets a parser nest.
"""

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "when": "the day, the time and its zone; in texts both times where two zones differ",
        "was": "the time before a move, as “when” says it; empty when only something else changed",
        "day": "the day alone",
        "time": "the time with its zone",
        "how": "by video, by phone or in person",
        "name": "what we call the client; in texts only where the practice lets them name people",
        "therapist": "with whom; in texts only where the practice lets them name people",
        "where": "the place, in person; in e-mails only",
        "sender": "the practice, as messages name it",
        "phone": "the practice's number",
        "manage": "the client's link to see, move or cancel it",
        "join": "the way into the video room; empty without one",
        "until": "the end of what is kept",
        "reply": "how to answer by text: C to confirm, R to reschedule",
        "is_today": "for {% if is_today %} only: whether it begins on the day on which the message goes out",
    }
)
"""What each variable says."""

_ALWAYS = ("when", "day", "time", "how", "name", "therapist", "where", "sender", "phone", "manage")
VARIABLES: Mapping[MessageKind, tuple[str, ...]] = MappingProxyType(
    {
        K.CONFIRMATION: (*_ALWAYS, "join", "reply"),
        K.REMINDER: (*_ALWAYS, "join", "reply", "is_today"),
        K.JOIN_LINK: (*_ALWAYS, "join", "is_today"),
        K.MOVED: (*_ALWAYS, "was", "join", "reply"),
        K.CANCELLATION: _ALWAYS,
        K.REQUEST: (*_ALWAYS, "until"),
        K.DECLINED: _ALWAYS,
        K.CHOOSE_AGAIN: _ALWAYS,
        K.OFFER: (*_ALWAYS, "until"),
        K.FOLLOW_UP: _ALWAYS,
    }
)
"""The kinds of messages whose words a practice may choose, and the variables that each of them has."""

NEEDED: Mapping[tuple[MessageKind, Channel], str] = {
    (K.JOIN_LINK, Channel.TEXT): "join",
    (K.OFFER, Channel.TEXT): "manage",
    (K.CHOOSE_AGAIN, Channel.TEXT): "manage",
}
"""What would be no use without it."""

SAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "when": "Tue, Nov 24 at 3:00 PM MST",
        "was": "Mon, Nov 23 at 10:00 AM MST",
        "day": "Tue, Nov 24",
        "time": "3:00 PM MST",
        "how": "by video",
        "name": "Jane",
        "therapist": "Dana Rivera",
        "where": "Main Street office, 1 Main Street, Denver, CO 80202",
        "sender": "Riverside Office",
        "phone": "(303) 555-0100",
        "manage": "https://riverside.example/m/" + "x" * 60,
        "join": "https://riverside.example/j/" + "x" * 60,
        "until": "Mon, Nov 23 at 7:00 PM MST",
        "reply": "Reply C to confirm, R to reschedule.",
        "is_today": "yes",
    }
)

FILTERS = ("upper", "lower", "capitalize", "trim")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.CondExpr, nodes.Const, nodes.Not,
    nodes.And, nodes.Or, nodes.Filter,
)  # fmt: skip

RESERVED = (
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "YES", "UNSTOP", "HELP",
    "INFO",
)  # fmt: skip
"""Carriers act on these by themselves: all but the last few end every text from the practice."""
_VERB = r"(?:reply|respond|answer|text|send|write|responda?|conteste|escriba|env[ií]e|mande|texto)"
_LINK_WORDS = r"(?:\s+(?:with|by|us|the|word|me|con|la|palabra))*\s*[:\"'“‘«]*\s*"
_ASKS = re.compile(rf"\b{_VERB}\b{_LINK_WORDS}\b({'|'.join(RESERVED)})\b", re.IGNORECASE)
_SHOUTS = re.compile(rf"\b(?i:{_VERB})\b[^.!?\n]{{0,60}}?\b({'|'.join(RESERVED)})\b")

ONLY = "Please use words, variables such as {{ when }}, and {% if … %} only: this cannot do more."

TOO_MANY = "Please use fewer variables and {% if … %} here: this is more than one message can need."
NESTED = (RecursionError, SyntaxError, MemoryError)
"""What Python says of a source that is nested deeper than it goes."""


class _Refused(ValueError):
    """A sentence about a source that cannot be used."""


def check_template(source: str, kind: MessageKind, channel: Channel, *, is_subject: bool = False) -> None:
    """Refuse a source that could not be sent, or should not be. Raises InvalidInput, with the sentence under "body", or
    under "subject" for the subject of an e-mail.
    """
    field = SUBJECT if is_subject else BODY
    try:
        _check(source, kind, channel, is_subject=is_subject)
    except _Refused as problem:
        raise InvalidInput({field: str(problem)}) from problem
    except ValueError as problem:  # Such as a number that is too long to be written.
        raise InvalidInput({field: ONLY}) from problem


def _check(source: str, kind: MessageKind, channel: Channel, *, is_subject: bool) -> None:
    longest = LONGEST_SOURCE[channel, is_subject]
    if not source.strip():
        raise _Refused("Please write something, or go back to the usual words.")
    if len(source) > longest:
        raise _Refused(f"That is {len(source):,} characters long; please use at most {longest:,}.")
    _require_ordinary(source)
    if is_subject and len(source.splitlines()) > 1:
        raise _Refused("Please keep the subject on one line.")
    tree = _parsed(source)
    _require_simple(tree, VARIABLES[kind])
    _require_ordinary("".join(_words(tree)))  # Quotes may hold what cannot be typed: {{ '\0' }}.
    for between in (" ", ""):  # Whatever stands between two pieces may be empty.
        _require_usable(between.join(_words(tree)), channel)
    _require_needed(tree, kind, channel)
    if len(render_template(source, SAMPLES)) > LONGEST_OUTPUT[channel, is_subject]:
        raise _Refused("With everything filled in, this gets too long. Please make it shorter.")


def render_template(source: str, values: Mapping[str, str]) -> str:
    """The words, with the variables filled in. Raises ValueError for a variable without a value, and for a source that
    ``check`` would refuse.
    """
    try:
        return _compiled(source).render(values)
    except (TemplateError, *NESTED) as problem:
        raise ValueError("this template cannot be filled in") from problem


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Template:
    """Compiled once: that takes a hundred times as long as filling in. Raises ValueError."""
    tree = _parsed(source)
    _require_simple(tree, MEANINGS)
    return _environment().from_string(tree)


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    # The optimizer would save nothing, and takes the cube of the depth: 20 seconds for 1.3 kB.
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, optimized=False)
    made.globals.clear()
    made.tests.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    return made


def _require_ordinary(words: str) -> None:
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\r\n" for letter in words):
        raise _Refused("Please use ordinary letters only.")


def _parsed(source: str) -> nodes.Template:
    if len(source) > LONGEST_OF_ALL:
        raise _Refused(f"Please use at most {LONGEST_OF_ALL:,} characters.")
    try:
        _require_few_brackets(source)
        return _environment().parse(source)
    except NESTED as problem:
        raise _Refused(ONLY) from problem
    except TemplateSyntaxError as problem:
        where = f" (line {problem.lineno})" if "\n" in source else ""
        raise _Refused(
            f"Something is opened and not closed, or the other way round{where}. A variable is written {{{{ when }}}}, "
            "and {% if name %} needs its {% endif %}."
        ) from problem


def _require_few_brackets(source: str) -> None:
    """Brackets leave no trace in the tree, but each takes a dozen calls of the parser."""
    depth = 0
    for _, kind, written in _environment().lex(source):
        if kind == "operator":
            depth += (written in "([{") - (written in ")]}")
        if depth > DEEPEST:
            raise _Refused(ONLY)


def _require_simple(tree: nodes.Template, known: Collection[str]) -> None:
    for node in _walk(tree):
        if isinstance(node, nodes.Filter):
            _require_filter(node)
        elif isinstance(node, nodes.Name):
            _require_known(node, known)
        elif not isinstance(node, _ALLOWED):
            raise _Refused(ONLY)


def _require_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS:
        raise _Refused(f"There is no “|{node.name}” here. You can use: {', '.join(FILTERS)}.")
    if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs or node.node is None:
        raise _Refused(ONLY)


def _require_known(node: nodes.Name, known: Collection[str]) -> None:
    if node.ctx != "load":
        raise _Refused(ONLY)
    if node.name not in known:
        raise _Refused(f"There is no variable “{node.name}” in this message. You can use: {', '.join(known)}.")


def _walk(tree: nodes.Template) -> Iterator[nodes.Node]:
    """Every node, as they stand in the source. Raises _Refused for too deep or too large a tree, without following it:
    a row of filters is a tree of one long branch.
    """
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    for _ in range(MOST_NODES):
        node, depth = waiting.pop()
        if depth > DEEPEST:
            raise _Refused(ONLY)
        yield node
        waiting.extend((child, depth + 1) for child in reversed([*node.iter_child_nodes()]))
        if not waiting:
            return
    raise _Refused(TOO_MANY)


def _names(tree: nodes.Template) -> Iterator[str]:
    return (node.name for node in _walk(tree) if isinstance(node, nodes.Name))


def _words(tree: nodes.Template) -> Iterator[str]:
    """What is written there, without the variables."""
    for node in _walk(tree):
        if isinstance(node, nodes.TemplateData):
            yield node.data
        elif isinstance(node, nodes.Const) and isinstance(node.value, str):
            yield node.value


def _require_usable(words: str, channel: Channel) -> None:
    told = revealing(words)
    if told:
        raise _Refused(f"“{told[0]}” tells whoever sees it what kind of care this is. Please use a neutral word.")
    asked = (_ASKS.search(words) or _SHOUTS.search(words)) if channel == Channel.TEXT else None
    if asked is None:
        return
    word = asked[1].upper()
    if word == "STOP":
        raise _Refused("We say by ourselves how texts are ended. Please leave the line about STOP out.")
    raise _Refused(
        f"Phone companies act on the answer {word} themselves: it may end or start all texts. "
        "Please ask for C or R instead, or for a tap on the link."
    )


def _require_needed(tree: nodes.Template, kind: MessageKind, channel: Channel) -> None:
    needed = NEEDED.get((kind, channel))
    if needed is not None and needed not in _names(tree):
        raise _Refused(f"Please keep {{{{ {needed} }}}}: without this link nobody can do what the text is about.")
