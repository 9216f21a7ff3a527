"""What was read out of a text: the answer to "what does it mean?"."""

from __future__ import annotations

from dataclasses import dataclass

from telehealth.domain.message_words import ReplyMeaning


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
    nobody has to answer: a "thank you", a heart, most taps. ``language`` is that of the words that decided, "" when
    they are of both or none.
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
