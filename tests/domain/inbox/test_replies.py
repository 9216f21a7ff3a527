"""What people text, in every spelling."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.inbox import reply_words, stop_words
from telehealth.domain.inbox.replies import LONGEST_TEXT, Reading, fold_words, read_reply
from telehealth.domain.message_words import ReplyMeaning as M
from telehealth.domain.messages.phrases import IN

DATA = Path(__file__).parents[2] / "data"
CONFIRMS = (
    "C", "c ", " c.", "C!", "(c)", "'C'", "“C”", "Ｃ", "\u24b8", "С", "c\n", "C C C", "1", "1.", "1️⃣", "①",
    "Confirm", "CONFIRMED", "confirmed!!", "I confirm", "Confirm my appointment please", "C thanks", "C - Jane",
    "C — Jane Doe", "C\n\nSent from my iPhone", "c\n--\nJane Doe\n(303) 555-0123", "C\nThank you!", "Hi! C",
    "yes", "Yes!", "YES.", "y", "Yep", "yeah", "Yes, thank you so much", "yes please", "ok", "OK 👍", "okay", "K",
    "sure, see you tomorrow", "I'll be there", "I’ll be there", "I will be there, thanks!", "see you then",
    "that works",
    "sí", "Sí", "SI", "si gracias", "¡Sí!", "Si\u0301", "confirmo", "Confirmado, gracias", "claro que sí", "ahí estaré",
    "👍", "👍🏽", "👍👍", "✅", "✔️", "👌 🙏", "yes 👍", "Hola, confirmo mi cita",
)  # fmt: skip
MOVES = (
    "R", "r", " R. ", "Ｒ", "2", "2️⃣", "reschedule", "Reschedule please", "I need to reschedule", "Can we reschedule?",
    "I'd like to move my appointment", "change", "Change time", "R thanks", "R\nSent from my iPhone", "cambiar",
    "Quiero cambiar mi cita", "Necesito reprogramar la cita por favor", "¿Puedo cambiarla?", "reagendar",
)  # fmt: skip
STOPS = (
    "STOP", "stop", "Stop.", "STOP!!!", "S T O P", "s.t.o.p", "ＳＴＯＰ", "stop please", "Please stop", "STOP STOP",
    "stop all", "STOPALL", "unsubscribe", "CANCEL", "cancel.", "End", "quit", "REVOKE", "opt out", "OPT-OUT", "OptOut",
    "Alto", "PARAR", "¡Alto!",
)  # fmt: skip
REVOCATIONS = (
    "Please stop texting me", "stop sending me texts", "Stop these messages now", "quit texting this number",
    "no more texts", "No more messages please", "No texts.", "don't text me", "Do not text me anymore!",
    "dont contact me again", "Please do not send me any more messages", "I don't want these texts",
    "Take me off your list", "Remove my number please", "delete my number", "opt me out",
    "I want to opt out", "please unsubscribe me from this", "leave me alone", "I revoke my consent",
    "Hi. Stop texting me. Thanks", "stop texting me\nSent from my iPhone", "You didn't stop texting me! Stop it texts",
    "deje de enviarme mensajes", "Por favor dejen de mandarme textos", "no me envíen más mensajes",
    "No me escriban", "no quiero recibir mensajes", "No más mensajes", "quítenme de su lista", "borren mi número",
    "quiero darme de baja", "Detener", "BAJA", "Baja por favor",
    "wrong number", "Sorry, wrong number", "número equivocado",
)  # fmt: skip
NOT_CERTAIN = (
    "take me off", "remove me", "no more texts?", "How do I stop these texts", "Stop. I can't talk", "this is spam",
    "Stop texting me. Just kidding", "quítenme", "I opted out", "no soy Ana, se equivoco",
)  # fmt: skip
CRISES = (
    "I want to die", "i wanna die", "I want to kill myself", "C. I want to kill myself", "R\nI can't go on",
    "suicidal", "thinking about suicide", "I will end my life", "I might hurt myself", "I took too many pills",
    "overdose", "I overdosed", "this is an emergency", "EMERGENCY!!", "help me", "please HELP ME", "kms",
    "I don’t want to live", "he is hitting me", "yes but i feel like i am better off dead",
    "stop texting me i want to die",
    "quiero morir", "Quiero morirme", "me quiero matar", "voy a matarme", "suicidio", "sobredosis", "es una emergencia",
    "quiero hacerme daño", "ayúdenme por favor", "no quiero vivir", "Ｉ ｗａｎｔ ｔｏ ｄｉｅ",
)  # fmt: skip
STARTS = ("START", "start", "Start.", "UNSTOP", "unstop!")
HELPS = ("HELP", "help", "Help.", "info", "INFO?", "ayuda", "AYUDA")
FREE = (
    "No", "n", "I'm running late", "Can you confirm?", "yes?", "ok?", "yes but I'll be late", "C or R?",
    "cancel my appointment",
    "please cancel", "I can't make it", "I can't stop crying", "please don't stop texting me", "never stop texting",
    "don't text me before 9", "who is this", "who is this?", "???", "😢", "👎", "yes i need to reschedule",
    "Reschedule to 3pm",
    "Is Dana there today", "C1", "12", "3", "confirm and reschedule", "can't go on Tuesday", "no puedo más tarde",
    "Can you help me find another time?", "my son can't come", "cancelar", "no puedo ir", "I stopped by yesterday",
    "The text you sent was blank", "ahora no", "am I confirmed", "Have I confirmed", "I may be there",
    "I would like to be there", "will I see you tomorrow",
)  # fmt: skip
COURTESIES = (
    "thanks", "Thank you!", "Thx", "ty", "gracias", "¡Muchas gracias!", "🙏", "❤️", "", "   ", "\n", ".",
    "Great, thanks",
    "😊", "You too", "Hello",
)  # fmt: skip


@pytest.mark.parametrize("body", CONFIRMS)
def test_yes(body: str) -> None:
    assert read_reply(body).meaning == M.CONFIRM


@pytest.mark.parametrize("body", MOVES)
def test_move(body: str) -> None:
    assert read_reply(body).meaning == M.MOVE


@pytest.mark.parametrize("body", STOPS)
def test_the_words_that_carriers_reserve(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.is_free) == (M.STOP, False)


@pytest.mark.parametrize("body", REVOCATIONS)
def test_no_more_texts_in_other_words(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.is_free) == (M.STOP, True)


@pytest.mark.parametrize("body", NOT_CERTAIN)
def test_a_stop_that_is_not_certain_is_asked_about(body: str) -> None:
    assert read_reply(body).meaning == M.MAYBE_STOP


@pytest.mark.parametrize(
    "word", ["stpo", "sotp", "tsop", "stopp", "st0p", "S\u200bTOP", "ѕтор", "🅂🅃🄾🄿", "unsubcribe", "stooop"]
)
def test_a_stop_that_slipped_is_one(word: str) -> None:
    assert read_reply(word).meaning == M.STOP


@pytest.mark.parametrize(
    "word", ["step", "shop", "top", "spot", "stoop", "post", "Stu", "and", "den", "quiet", "cancelled"]
)
def test_other_words_are_no_stop(word: str) -> None:
    assert read_reply(word).meaning == M.OTHER


@pytest.mark.parametrize("body", CRISES)
def test_words_that_must_not_wait(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.is_crisis) == (M.CRISIS, True)


def test_a_crisis_does_not_hide_a_wish_for_no_more_texts() -> None:
    assert read_reply("stop texting me i want to die").is_free


@pytest.mark.parametrize("body", STARTS)
def test_start(body: str) -> None:
    assert read_reply(body).meaning == M.START


@pytest.mark.parametrize("body", HELPS)
def test_help(body: str) -> None:
    assert read_reply(body).meaning == M.HELP


@pytest.mark.parametrize("body", FREE)
def test_what_is_for_a_person(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.asks_nothing, reading.is_crisis) == (M.OTHER, False, False)


@pytest.mark.parametrize("body", COURTESIES)
def test_what_asks_for_nothing(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.asks_nothing) == (M.OTHER, True)


@pytest.mark.parametrize(
    ("body", "choice"),
    [("A", 0), ("a.", 0), ("(B)", 1), ("b please", 1), ("option D", 2), ("E", 3), ("the first one", 0),
     ("La segunda", 1),
     ("first", 0), ("А", 0), ("3", 2), ("5", None), ("C", None), ("F", None), ("A or B", None), ("a lot", None)],
)  # fmt: skip
def test_letters_that_name_one_of_several(body: str, choice: int | None) -> None:
    assert read_reply(body).choice == choice


@pytest.mark.parametrize(("body", "choice", "meaning"), [("1", 0, M.CONFIRM), ("2.", 1, M.MOVE), ("3", 2, M.OTHER)])
def test_a_figure_names_a_place_beside_what_it_says_alone(body: str, choice: int, meaning: M) -> None:
    reading = read_reply(body)
    assert (reading.choice, reading.meaning) == (choice, meaning)


@pytest.mark.parametrize("body", ["I can't make it", "not coming", "No", "no puedo ir", "I won't be there", "No iré"])
def test_who_cannot_come(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.declines) == (M.OTHER, True)


@pytest.mark.parametrize("body", ["running 10 min late", "The link is broken", "I'm here", "voy tarde"])
def test_what_matters_at_once_when_a_session_is_near(body: str) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.is_pressing) == (M.OTHER, True)


@pytest.mark.parametrize("body", ["all", "ALL", "Both", "both of them", "todas", "ambas", "las dos"])
def test_all_of_several(body: str) -> None:
    assert read_reply(body).is_all


def test_letters_of_choices_mean_nothing_else() -> None:
    for letter in reply_words.LETTERS:
        assert read_reply(letter) == Reading(M.OTHER, choice=reply_words.LETTERS.index(letter))


@pytest.mark.parametrize(
    ("body", "meaning"),
    [("Liked “Riverside Office: reminder. Reply STOP to end texts.”", M.CONFIRM), ('Loved "See you"', M.CONFIRM),
     ("👍 to “call or text 988 in an emergency”", M.CONFIRM), ("Reacted 👍 to “hello”", M.CONFIRM),
     ("Le gusta “su cita”", M.CONFIRM), ("Laughed at “suicide”", M.OTHER), ("Disliked “your appointment”", M.OTHER),
     ("😢 to “your appointment”", M.OTHER), ("Questioned “STOP”", M.OTHER)],
)  # fmt: skip
def test_a_tap_on_our_text_is_not_read_as_its_words(body: str, meaning: M) -> None:
    reading = read_reply(body)
    assert (reading.meaning, reading.is_reaction, reading.is_crisis) == (meaning, True, False)


def test_which_yes_can_only_be_about_an_appointment() -> None:
    assert [read_reply(body).is_explicit for body in ("C", "1", "confirmo", "yes confirm", "yes", "ok", "👍")] == [
        True, True, True, True, False, False, False
    ]  # fmt: skip


def test_which_words_begin_texts_again() -> None:
    assert [read_reply(body).is_opt_in for body in ("YES", "start", "Unstop", "Yes!", "y", "si", "ok")] == [
        True, True, True, True, False, False, False
    ]  # fmt: skip


def test_spanish_is_noticed() -> None:
    bodies = ("sí", "Quiero cambiar mi cita", "ayuda", "quiero morir", "alto", "deje de enviarme mensajes")
    assert {read_reply(body).language for body in bodies} == {"es"}
    assert {read_reply(body).language for body in ("C", "R", "yes", "👍", "A", "hello there")} == {""}


def test_a_very_long_text_is_for_a_person() -> None:
    assert read_reply("word " * 320).meaning == M.OTHER
    assert read_reply("C" + " " * 5000).meaning == M.CONFIRM
    assert read_reply("x" * LONGEST_TEXT + " suicide").meaning == M.OTHER, "what no carrier would deliver is not read"


def texts_from_people() -> list[tuple[set[str], str]]:
    """What people send, with all that a careful front desk may do with it."""
    lines = (DATA / "texts_from_people.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t", 1) for line in lines if not line.startswith("#"))
    return [(set(expected.split("|")), json.loads(text)) for expected, text in rows]


def done_with(body: str) -> str:
    """What a text leads to, in the words of the list."""
    reading = read_reply(body)
    if reading.meaning in {M.OTHER, M.MAYBE_STOP}:
        return "none" if reading.asks_nothing else "task"
    return reading.meaning


def test_what_people_send_is_read_as_a_careful_front_desk_would() -> None:
    wrong = [(sorted(expected), body) for expected, body in texts_from_people() if done_with(body) not in expected]
    assert wrong == []


def test_whoever_names_an_appointment_by_its_time_is_for_a_person() -> None:
    assert {read_reply(body).meaning for body in ("10", "2pm", "11:30", "2 pm works", "11 is fine")} == {M.OTHER}


WORDS = {
    "c": M.CONFIRM,
    "yes": M.CONFIRM,
    "r": M.MOVE,
    "stop": M.STOP,
    "start": M.START,
    "help": M.HELP,
    "sí": M.CONFIRM,
}


def spelt(word: str, draw: st.DrawFn) -> str:
    """The word in large or small letters, full width or composed otherwise, with signs and spaces around it."""
    letters = "".join(draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in word)
    wide = draw(st.booleans())
    if wide:
        letters = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in letters)
    letters = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])), letters)
    around = st.text(st.sampled_from(" \t\n\r.,!;:'\"()[]*_~-…\u00a0\u200b\ufe0f"), max_size=6)
    return draw(around) + letters + draw(around)


@given(st.data())
def test_every_spelling_means_the_same(data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(sorted(WORDS)))
    body = spelt(word, data.draw)
    assert read_reply(body).meaning == WORDS[word], body


@given(st.sampled_from(sorted(stop_words.STOP_WORDS)), st.data())
def test_every_reserved_word_ends_texts_in_every_spelling(word: str, data: st.DataObject) -> None:
    assert read_reply(spelt(word, data.draw)).meaning == M.STOP


@given(st.sampled_from(CRISES), st.sampled_from(CONFIRMS + MOVES), st.sampled_from([" ", "\n", ". ", " - "]))
def test_no_answer_hides_a_crisis(crisis: str, answer: str, between: str) -> None:
    assert read_reply(f"{answer}{between}{crisis}").is_crisis


@given(st.text(max_size=LONGEST_TEXT + 50))
def test_whatever_comes_is_read(body: str) -> None:
    reading = read_reply(body)
    assert reading.is_crisis == (reading.meaning == M.CRISIS)
    assert read_reply(body) == reading
    assert reading.meaning != M.CHOICE, "only the conversation knows whether a question is open"


@given(st.text(st.sampled_from("abcdefgh stop confirm"), max_size=60))
def test_what_is_folded_stays_folded(body: str) -> None:
    assert fold_words(fold_words(body)) == fold_words(body)
    assert re.fullmatch(r"[^\s]+( [^\s]+)*|", fold_words(body))


@pytest.mark.parametrize("locale", sorted(IN))
@pytest.mark.parametrize(
    "how",
    ["Removed an emphasis from", "Removed a question mark from", "Removed 👍 from", "Enfatizó", "Laughed at",
     "Se rió de", "Eliminó un me gusta de", "Reaccionó con 😮 a", "‼️ to"],
)  # fmt: skip
def test_a_tap_never_says_what_it_quotes(how: str, locale: str) -> None:
    ours = f"Riverside Office: this number is not watched for emergencies. {IN[locale].around.stop}"
    found = read_reply(f"{how} “{ours}”")
    assert (found.meaning, found.is_reaction, found.asks_nothing) == (M.OTHER, True, True)


@pytest.mark.parametrize(
    "how", ["Disliked", "Questioned", "Reacted 👎 to", "😢 to", "Cuestionó", "No le gustó", "Reaccionó con 😡 a"]
)
def test_a_tap_that_is_no_thumb_up_is_for_a_person(how: str) -> None:
    found = read_reply(f"{how} “Riverside Office: reminder”")
    assert (found.meaning, found.is_reaction, found.asks_nothing) == (M.OTHER, True, False)


@pytest.mark.parametrize("body", ["Liked a message", "Loved an image", "Le gustó un mensaje", "❤️ to “reminder”"])
def test_likes_in_the_words_of_other_phones(body: str) -> None:
    assert (read_reply(body).meaning, read_reply(body).is_reaction) == (M.CONFIRM, True)


def test_who_quotes_us_in_any_other_way_does_not_end_texts() -> None:
    assert read_reply(f"Why do you say “{IN['en'].around.stop}”").meaning == M.OTHER
    assert read_reply(f"“{IN['en'].around.stop}” Yes, stop these texts").meaning == M.STOP


@pytest.mark.parametrize("body", ['to "kill myself"', "a “quiero morir”"])
def test_what_only_looks_like_a_tap_is_read(body: str) -> None:
    assert read_reply(body).is_crisis


def test_no_text_keeps_us_busy() -> None:
    pieces = (" ", "\t", " \t", "- ", "who is this ", "\ufdfa", "stop ")
    bodies = [piece * (LONGEST_TEXT // len(piece)) for piece in pieces]
    began = process_time()
    assert {read_reply(body + end).meaning for body in bodies for end in ("", '"')} <= {M.OTHER, M.STOP}
    assert process_time() - began < 2.0, "milliseconds, where every part of a pattern has one way to match"
