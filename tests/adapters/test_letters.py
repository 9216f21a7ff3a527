"""Letters as people see them, and the MIME they travel in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.adapters import letters, mime
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.phrases import IN
from telehealth.domain.messages.wording import letter as letter_of
from telehealth.domain.ports import DeliveryFailed, Email, Letter, Remedy
from telehealth.domain.words import Mode
from tests.domain.messages.test_wording import CLIENT, DENVER, facts
from tests.golden import assert_golden

SENDER = "appointments@riverside.example"
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

HOSTILE_NAMES = [
    "Ana\r\nBcc: evil@example.org",
    "Ana\nSubject: other",
    "Ana\x00\x1b",
    'Ana "Quote" <evil@example.org>, evil@example.org',
    "x" * 10_000,
    "é" * 10_000,
    "👩‍👩‍👧" * 5_000,
    "\u202eAna",
    "\ud800",
    "=?utf-8?q?Ana?=",
    "",
]
ENGLISH_WORDS = {"the", "if", "your", "open", "this", "to", "with", "of", "and", "not", "does", "we", "is", "or"}
HEADERS = {"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}


def build(email: Email) -> EmailMessage:
    """The message as it comes out at the other end."""
    content = mime.build_mime(email, sender_address=SENDER, sent_at=NOW).content
    return message_from_bytes(content, _class=EmailMessage, policy=policy.default)


class Links(HTMLParser):
    """Every address a reader could click."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


class TestWords:
    def test_the_golden_plain_text(self, letter: Letter) -> None:
        assert_golden("letter.txt", letters.plain_text(letter).encode())

    def test_the_golden_html(self, letter: Letter) -> None:
        assert_golden("letter.html", letters.html(letter, sender_name="Riverside Practice").encode())

    def test_the_plain_text_says_everything(self, letter: Letter) -> None:
        said = letters.plain_text(letter)
        pairs = (*letter.facts, *letter.actions)
        for words in (letter.greeting, *letter.paragraphs, *letter.closing, *(word for pair in pairs for word in pair)):
            assert words in said

    def test_links_can_be_clicked_and_the_main_one_can_be_read(self, letter: Letter) -> None:
        page = letters.html(letter, sender_name="Riverside")
        main, second = (url for _, url in letter.actions)
        assert Links(page).found == [main, main, second]
        assert f">{main}</a>" in page

    def test_markup_in_words_stays_words(self) -> None:
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        page = letters.html(
            Letter(evil, evil, (evil,), ((evil, evil),), ((evil, f"https://example.org/{evil}"),), (evil,)),
            sender_name=evil,
        )
        assert "<script" not in page
        assert "<img" not in page

    @pytest.mark.parametrize(
        "url", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "https://[x", "//x"]
    )
    def test_what_a_browser_might_run_is_no_link(self, letter: Letter, url: str) -> None:
        page = letters.html(replace(letter, actions=(("Go", url),)), sender_name="Riverside")
        assert Links(page).found == []

    @pytest.mark.parametrize("kind", list(IN["es"].to_clients))
    @pytest.mark.parametrize("channel", Mode)
    def test_a_spanish_letter_has_no_english_in_it(self, kind: MessageKind, channel: Mode) -> None:
        of_practice = {"sender_name": "Centro", "place": "Calle 1", "answer": ""}
        said = letter_of(facts(kind, CLIENT, channel, DENVER, locale="es", **of_practice))
        page = letters.html(said, sender_name="Centro")
        read = re.sub(r"<style>.*?</style>|<[^>]*>|https?://\S+", " ", page, flags=re.DOTALL)
        assert ENGLISH_WORDS.isdisjoint(re.findall(r"[a-z]+", read.lower()))
        assert IN["es"].around.button_fails in page
        assert letters.html(replace(said, language="en"), sender_name="C").count(IN["en"].around.button_fails) == 1

    def test_a_letter_may_be_short(self) -> None:
        letter = Letter("Subject", "Hello,", ("One line.",))
        assert letters.plain_text(letter) == "Hello,\n\nOne line.\n"
        assert "<table" not in letters.html(letter, sender_name="Riverside")

    def test_nothing_is_loaded_from_elsewhere(self, letter: Letter) -> None:
        page = letters.html(letter, sender_name="Riverside")
        assert not re.search(r"src=|url\(|@import|<link", page)


class TestShape:
    def test_the_golden_mail(self, email: Email) -> None:
        assert_golden("email_with_invite.eml", mime.build_mime(email, sender_address=SENDER, sent_at=NOW).content)

    def test_with_an_invite(self, email: Email) -> None:
        kinds = [part.get_content_type() for part in build(email).walk()]
        assert kinds == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]

    def test_the_calendar_part_is_what_mail_programs_look_for(self, email: Email) -> None:
        assert email.invite is not None
        calendar, attachment = list(build(email).walk())[-2:]
        assert calendar.get_param("method") == "REQUEST"
        assert calendar.get_param("charset") == "UTF-8"
        assert calendar["Content-Transfer-Encoding"] == "base64"
        assert attachment.get_filename() == "invite.ics"
        assert calendar.get_payload(decode=True) == attachment.get_payload(decode=True) == email.invite.content

    def test_without_an_invite(self, email: Email) -> None:
        kinds = [part.get_content_type() for part in build(replace(email, invite=None)).walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/html"]

    def test_the_same_mail_is_the_same_bytes(self, email: Email) -> None:
        one, two = (mime.build_mime(email, sender_address=SENDER, sent_at=NOW).content for _ in range(2))
        assert one == two

    def test_is_seven_bits_in_short_lines_that_end_in_crlf(self, email: Email) -> None:
        letter = replace(email.letter, paragraphs=("Ü" * 5_000, "x" * 5_000))
        content = mime.build_mime(replace(email, letter=letter), sender_address=SENDER, sent_at=NOW).content
        assert content.isascii()
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
        assert max(map(len, content.split(b"\r\n"))) <= 998


class TestHeaders:
    def test_say_who_when_and_that_a_machine_wrote_it(self, email: Email) -> None:
        message = build(email)
        assert message["From"] == "Riverside Practice <appointments@riverside.example>"
        assert message["To"] == "Ana Souza <ana@example.org>"
        assert message["Reply-To"] == "Riverside Practice <desk@riverside.example>"
        assert message["Date"] == "Mon, 02 Mar 2026 15:00:00 +0000"
        assert message["Message-ID"] == "<8c1f-mail@riverside.example>"
        assert message["Auto-Submitted"] == "auto-generated"

    def test_reply_to_may_be_missing(self, email: Email) -> None:
        assert build(replace(email, reply_to=None))["Reply-To"] is None

    @pytest.mark.parametrize("name", HOSTILE_NAMES)
    def test_a_name_cannot_add_a_header_or_a_recipient(self, email: Email, name: str) -> None:
        letter = replace(email.letter, subject=name)
        message = build(replace(email, to_name=name, sender_name=name, letter=letter))
        assert set(message.keys()) == HEADERS
        assert [address.addr_spec for address in message["To"].addresses] == ["ana@example.org"]
        assert [address.addr_spec for address in message["From"].addresses] == [SENDER]
        assert len(str(message["Subject"])) <= 150

    @given(st.text(max_size=200))
    def test_no_name_ever_does(self, name: str) -> None:
        letter = Letter(name, "Hello,", ())
        message = build(Email("ref", "ana@example.org", name, name, "desk@riverside.example", letter))
        assert set(message.keys()) == HEADERS
        assert [address.addr_spec for address in message["To"].addresses] == ["ana@example.org"]

    def test_the_first_mail_follows_nothing(self, email: Email) -> None:
        for follows in ("", email.reference):
            assert {"In-Reply-To", "References"}.isdisjoint(build(replace(email, follows=follows)).keys())

    def test_later_mails_stand_below_the_first(self, email: Email) -> None:
        first, later = build(email), build(replace(email, reference="another", follows=email.reference))
        assert later["In-Reply-To"] == later["References"] == first["Message-ID"]
        assert later["Message-ID"] != first["Message-ID"]

    @pytest.mark.parametrize("reference", ["a b", "a>\r\nBcc: x@y", "ä", "x" * 5000, ""])
    def test_a_strange_reference_stays_inside_its_header(self, email: Email, reference: str) -> None:
        message = build(replace(email, reference=reference))
        assert set(message.keys()) == HEADERS
        assert re.fullmatch(r"<[A-Za-z0-9_-]+@riverside\.example>", message["Message-ID"].replace("\n", "").strip())


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ana",
            "ana@",
            "@example.org",
            "a na@example.org",
            "ana@example.org\r\nBcc: evil@example.org",
            "ana@exa mple.org",
            "<ana@example.org>",
            "ana@example.org, evil@example.org",
            "ana@evil.example@example.org",
            '"ana"@example.org',
            "änä@example.org",
            "ana@[127.0.0.1]",
            "ana@" + "x" * 70 + ".org",
            "a" * 10_000 + "@example.org",
            "ana@" + "x." * 5_000 + "org",
            "\ud800@example.org",
        ],
    )
    def test_what_cannot_be_an_address_is_a_bad_one(self, email: Email, address: str) -> None:
        with pytest.raises(DeliveryFailed) as caught:
            build(replace(email, to=address))
        assert caught.value.remedy is Remedy.BAD_ADDRESS
        assert address not in str(caught.value) or not address

    @pytest.mark.parametrize("address", ["o'neil+therapy@example.co.uk", "a.b-c_d@sub.example.org", "1@example.org"])
    def test_what_people_have_is_a_good_one(self, email: Email, address: str) -> None:
        assert build(replace(email, to=address))["To"].addresses[0].addr_spec == address

    def test_a_domain_in_another_script_is_written_for_servers(self, email: Email) -> None:
        assert build(replace(email, to="ana@bücher.example"))["To"].addresses[0].domain == "xn--bcher-kva.example"

    def test_our_own_bad_address_is_ours_to_mend(self, email: Email) -> None:
        with pytest.raises(DeliveryFailed) as caught:
            build(replace(email, reply_to="desk"))
        assert caught.value.remedy is Remedy.ALERT
