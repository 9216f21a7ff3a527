"""The real Twilio SDK against a small Twilio on loopback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from telehealth.adapters.twilio import (
    MOST_FIELDS,
    REMEDIES,
    STATUSES,
    TwilioAccount,
    TwilioTexts,
    remedy_for,
    remedy_of,
    signature_is_valid,
)
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Receipt, Remedy, Text
from tests.adapters.mail_server import free_port
from tests.fake_twilio import ACCOUNT_SID, Drop, FakeTwilio, Garble, Hang, Refuse
from tests.fakes import FakeClock

MakeTexts = Callable[..., TwilioTexts]
POOL = "MG" + "1" * 32


SENDER = "+15550009999"
ELSEWHERE = "http://nowhere.invalid"


def send_together(texts: TwilioTexts, text: Text, *, number: int) -> list[DeliveryFailed]:
    """Send as many from threads of their own; those that failed."""

    def send(_: int) -> DeliveryFailed | None:
        try:
            texts.send(text)
        except DeliveryFailed as failure:
            return failure
        return None

    with ThreadPoolExecutor(number) as pool:
        return [failure for failure in pool.map(send, range(number)) if failure is not None]


def failure_of(texts: TwilioTexts, text: Text) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        texts.send(text)
    return caught.value


class TestSend:
    def test_sends_the_words_to_the_number(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text) -> None:
        receipt = make_texts().send(text)
        assert receipt.provider_id == twilio.messages[0]["sid"]
        assert receipt.status is DeliveryStatus.ACCEPTED
        assert twilio.creates == [
            {
                "To": text.to,
                "From": "+15550009999",
                "Body": text.body,
                "StatusCallback": "https://practice.example/webhooks/twilio/status/8c1f-text",
                "ValidityPeriod": "7200",
            }
        ]

    def test_a_messaging_service_goes_before_a_number(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        make_texts(messaging_service_sid=POOL).send(text)
        assert twilio.creates[0]["MessagingServiceSid"] == POOL
        assert "From" not in twilio.creates[0]

    @pytest.mark.parametrize(("sender", "field"), [("+15550007777", "From"), (POOL, "MessagingServiceSid")])
    def test_a_practice_may_have_a_sender_of_its_own(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, sender: str, field: str
    ) -> None:
        make_texts(messaging_service_sid="MG" + "2" * 32).send(replace(text, sender=sender))
        assert {"From", "MessagingServiceSid"} & set(twilio.creates[0]) == {field}
        assert twilio.creates[0][field] == sender

    def test_without_a_public_address_asks_for_no_callback(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        make_texts(status_callback_base="").send(text)
        assert "StatusCallback" not in twilio.creates[0]

    def test_signs_in_with_an_api_key(self, make_texts: MakeTexts, text: Text) -> None:
        # The fake knows only the account's own token, so being refused shows that the key was used.
        texts = make_texts(auth_token="", api_key="SK1", api_secret="secret")
        assert failure_of(texts, text).remedy is Remedy.ALERT

    @pytest.mark.parametrize(("left", "validity"), [(1, "1"), (7200, "7200"), (36_000, "36000"), (999_999, "36000")])
    def test_a_text_never_arrives_after_it_has_expired(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock, left: int, validity: str
    ) -> None:
        make_texts().send(replace(text, expires_at=clock() + timedelta(seconds=left)))
        assert twilio.creates[0]["ValidityPeriod"] == validity

    def test_an_expired_text_is_not_sent(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock
    ) -> None:
        failure = failure_of(make_texts(), replace(text, expires_at=clock()))
        assert (failure.code, failure.remedy) == ("expired", Remedy.GIVE_UP)
        assert twilio.creates == []


class TestFailures:
    @pytest.mark.parametrize(
        ("http_status", "code", "remedy"),
        [
            *((400, code, remedy) for code, remedy in REMEDIES.items()),
            (400, 99999, Remedy.UNKNOWN),
            (404, None, Remedy.GIVE_UP),
            (401, None, Remedy.ALERT),
            (429, 20429, Remedy.RETRY),
            (429, None, Remedy.RETRY),
            (500, None, Remedy.ASK),
            (503, 20503, Remedy.RETRY),
        ],
    )
    def test_a_refusal_says_what_to_do(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, http_status: int, code: int | None, remedy: Remedy
    ) -> None:
        twilio.script(Refuse(http_status, code))
        failure = failure_of(make_texts(), text)
        assert failure.remedy is remedy
        assert failure.code == (str(code) if code else f"http {http_status}")

    @pytest.mark.parametrize(
        ("header", "seconds"), [("30", 30.0), (None, None), ("Tue, 10 Mar 2026", None), ("-1", None)]
    )
    def test_the_wait_it_asks_for_is_kept(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, header: str | None, seconds: float | None
    ) -> None:
        twilio.script(Refuse(429, 20429, retry_after=header))
        assert failure_of(make_texts(), text).retry_after == seconds

    def test_the_wait_of_one_answer_does_not_stick_to_the_next(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        texts = make_texts()
        twilio.script(Refuse(429, 20429, retry_after="30"), Refuse(503))
        failure_of(texts, text)
        assert failure_of(texts, text).retry_after is None

    def test_wrong_credentials_alert(self, make_texts: MakeTexts, text: Text) -> None:
        failure = failure_of(make_texts(auth_token="wrong"), text)
        assert (failure.code, failure.remedy) == ("20003", Remedy.ALERT)

    def test_nobody_there_means_nothing_was_sent(self, make_texts: MakeTexts, text: Text) -> None:
        failure = failure_of(make_texts(base_url=f"http://127.0.0.1:{free_port()}"), text)
        assert (failure.code, failure.remedy) == ("unreachable", Remedy.RETRY)

    @pytest.mark.parametrize("accepted", [True, False])
    def test_silence_means_that_nobody_knows(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, accepted: bool
    ) -> None:
        twilio.script(Hang(accepted=accepted))
        texts = make_texts(timeout=0.2)
        assert failure_of(texts, text).remedy is Remedy.ASK
        assert len(twilio.creates) == 1
        assert (texts.find(text, since=twilio.now()) is not None) == accepted

    @pytest.mark.parametrize("answer", [Drop(), Garble(), Garble(b"{}"), Garble(b"")])
    def test_a_lost_answer_means_that_nobody_knows(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, answer: Drop | Garble
    ) -> None:
        twilio.script(answer)
        assert failure_of(make_texts(), text).remedy is Remedy.ASK

    def test_numbers_and_words_stay_out_of_logs_and_exceptions(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        texts = make_texts(timeout=0.2)
        twilio.script(Refuse(400, 21211), Hang(accepted=False))
        failures = [failure_of(texts, text), failure_of(texts, text)]
        texts.find(text, since=twilio.now())
        said = caplog.text + "".join(f"{each!r} {each.__cause__!r} {each.__context__!r}" for each in failures)
        assert text.to.removeprefix("+") not in said
        assert "appointment" not in said


class TestManyAtOnce:
    def test_what_is_too_much_at_once_is_refused_and_may_be_tried_again(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        twilio.at_once, twilio.latency = 2, 0.2
        failures = send_together(make_texts(), text, number=8)
        assert {(failure.code, failure.remedy) for failure in failures} == {("20429", Remedy.RETRY)}
        assert len(failures) + len(twilio.messages) == 8
        assert 1 <= len(twilio.messages) < 8

    def test_each_thread_keeps_its_connection(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text) -> None:
        texts = make_texts()
        for _ in range(3):
            assert send_together(texts, text, number=24) == []
        assert len(twilio.messages) == 72
        assert twilio.connections <= 24

    def test_a_connection_that_ended_meanwhile_is_opened_again(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        texts = make_texts()
        texts.send(text)
        twilio.hang_up()
        assert texts.send(text).provider_id == twilio.messages[1]["sid"]

    def test_a_text_is_not_sent_again_when_the_connection_ends_after_it(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        texts = make_texts()
        texts.send(text)
        twilio.script(Drop(accepted=True))
        assert failure_of(texts, text).remedy is Remedy.ASK
        assert len(twilio.creates) == 2

    def test_the_environment_is_read_once(self, monkeypatch: pytest.MonkeyPatch, text: Text, clock: FakeClock) -> None:
        # A proxy that is not there shows that it is asked.
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        account = TwilioAccount(account_sid=ACCOUNT_SID, auth_token="t", sender="+15550009999", base_url=ELSEWHERE)
        texts = TwilioTexts(account, now=clock)
        monkeypatch.delenv("http_proxy")
        assert failure_of(texts, text).code == "unreachable"


class TestOptingOut:
    stop, start = "Stop ", "START"

    def test_whoever_sent_stop_is_texted_again_after_start(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text
    ) -> None:
        texts = make_texts()
        said = [
            twilio.text_in("https://x.test/", sender=text.to, to=SENDER, body=each) for each in ("stop it", self.stop)
        ]
        assert [each.fields["Body"] for each in said] == ["stop it", self.stop], "both are posted to us all the same"
        assert (failure_of(texts, text).code, twilio.messages) == ("21610", [])
        twilio.text_in("https://x.test/", sender=text.to, to=SENDER, body=self.start)
        assert texts.send(text).provider_id

    def test_it_is_about_one_sender(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text) -> None:
        twilio.text_in("https://x.test/", sender=text.to, to=SENDER, body=self.stop)
        assert make_texts(messaging_service_sid=POOL).send(text).provider_id


class TestLookUp:
    def test_says_how_far_it_got_and_why_it_ended(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text) -> None:
        texts = make_texts()
        sent = texts.send(text)
        assert texts.look_up(sent.provider_id) == sent
        twilio.end(twilio.messages[0], "undelivered", error_code=30005)
        assert texts.look_up(sent.provider_id) == Receipt(
            sent.provider_id, DeliveryStatus.UNDELIVERED, "30005", Remedy.DOUBT
        )

    @pytest.mark.parametrize("provider_id", ["SM" + "f" * 32, "SM1", "../x"])
    def test_an_id_that_nobody_knows_has_no_news(self, make_texts: MakeTexts, provider_id: str) -> None:
        assert make_texts().look_up(provider_id) is None

    @pytest.mark.parametrize("answer", [Refuse(503), Refuse(429, 20429), Hang(accepted=False), Drop(accepted=False)])
    def test_when_the_question_fails_nothing_follows(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, answer: Refuse | Hang | Drop
    ) -> None:
        texts = make_texts(timeout=0.2)
        sent = texts.send(text)
        twilio.script(answer, answer)  # A question may be repeated, when its connection was lost.
        with pytest.raises(DeliveryFailed) as caught:
            texts.look_up(sent.provider_id)
        assert caught.value.remedy is Remedy.ASK


class TestFind:
    def test_finds_what_was_accepted(self, make_texts: MakeTexts, text: Text, clock: FakeClock) -> None:
        texts = make_texts()
        receipt = texts.send(text)
        assert texts.find(text, since=clock()) == receipt

    def test_says_how_far_it_got(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock) -> None:
        texts = make_texts()
        texts.send(text)
        twilio.messages[0]["status"] = "delivered"
        found = texts.find(text, since=clock())
        assert found is not None
        assert found.status is DeliveryStatus.DELIVERED

    def test_finds_a_text_that_still_waits_in_the_queue(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock
    ) -> None:
        make_texts().send(text)
        assert make_texts().find(text, since=clock()) is not None
        assert not any(name.startswith("DateSent") for name in twilio.lists[0])

    def test_a_clock_a_little_behind_ours_does_not_hide_it(
        self, make_texts: MakeTexts, text: Text, clock: FakeClock
    ) -> None:
        texts = make_texts()
        texts.send(text)
        assert texts.find(text, since=clock() + timedelta(seconds=5)) is not None

    @pytest.mark.parametrize(
        "other",
        [
            {"body": "Other words"},
            {"direction": "inbound"},
            {"date_created": "Mon, 02 Mar 2026 13:00:00 +0000"},
            {"date_created": None},
        ],
    )
    def test_does_not_take_another_message_for_it(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock, other: dict[str, str]
    ) -> None:
        twilio.add_message({"To": text.to, "Body": text.body}, **other)
        assert make_texts().find(text, since=clock()) is None

    def test_does_not_take_another_person_for_them(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock
    ) -> None:
        twilio.add_message({"To": "+15550002222", "Body": text.body})
        assert make_texts().find(text, since=clock()) is None

    def test_knows_the_sentence_of_trial_accounts(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock
    ) -> None:
        twilio.add_message({"To": text.to, "Body": f"Sent from your Twilio trial account - {text.body}"})
        assert make_texts().find(text, since=clock()) is not None

    @pytest.mark.parametrize("answer", [Refuse(503), Refuse(404), Refuse(429, 20429), Hang(accepted=False)])
    def test_when_the_question_fails_nobody_knows(
        self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text, clock: FakeClock, answer: Refuse | Hang
    ) -> None:
        twilio.script(answer)
        with pytest.raises(DeliveryFailed) as caught:
            make_texts(timeout=0.2).find(text, since=clock())
        assert caught.value.remedy is Remedy.ASK

    def test_wrong_credentials_alert_here_too(self, make_texts: MakeTexts, text: Text, clock: FakeClock) -> None:
        with pytest.raises(DeliveryFailed) as caught:
            make_texts(auth_token="wrong").find(text, since=clock())
        assert caught.value.remedy is Remedy.ALERT


class TestTables:
    def test_an_error_in_a_callback_is_judged_without_a_status(self) -> None:
        assert remedy_for(30003) is Remedy.RETRY_LATER
        assert remedy_for(30006) is Remedy.BAD_ADDRESS
        assert remedy_for(12345) is Remedy.UNKNOWN
        assert remedy_for(None) is Remedy.GIVE_UP

    @pytest.mark.parametrize("code", ["", "x", "-1", "٣", "9" * 5000])
    def test_an_error_that_is_none_says_nothing(self, code: str) -> None:
        assert remedy_of(code) is None
        assert remedy_of("30003") is Remedy.RETRY_LATER

    @pytest.mark.parametrize(("code", "remedy"), [(30004, Remedy.BLOCKED), (21610, Remedy.SUPPRESS)])
    def test_opting_out_is_respected(self, code: int, remedy: Remedy) -> None:
        assert REMEDIES[code] is remedy

    def test_nothing_in_the_tables_asks(self) -> None:
        assert Remedy.ASK not in REMEDIES.values()

    def test_statuses_of_incoming_texts_are_not_about_ours(self) -> None:
        assert "received" not in STATUSES

    def test_an_account_needs_credentials_and_a_sender(self) -> None:
        with pytest.raises(ValueError, match="auth token"):
            TwilioAccount(account_sid="AC1", sender="+15550009999")
        with pytest.raises(ValueError, match="sender"):
            TwilioAccount(account_sid="AC1", auth_token="secret")

    def test_an_account_does_not_show_its_secrets(self) -> None:
        account = TwilioAccount(account_sid="AC1", auth_token="hush", api_secret="hush", sender="+1555")
        assert "hush" not in repr(account)


class TestSignature:
    # The vector of Twilio's documentation, "Validating requests".
    token = "12345"
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    params = {  # noqa: RUF012 - a constant.
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
        "Caller": "+14158675309",
    }
    signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

    def test_the_documented_vector(self) -> None:
        assert signature_is_valid(self.token, self.url, self.params, self.signature)

    @pytest.mark.parametrize("port", [":443", ""])
    def test_the_port_does_not_matter(self, port: str) -> None:
        url = self.url.replace("mycompany.com", f"mycompany.com{port}")
        assert signature_is_valid(self.token, url, self.params, self.signature)

    @pytest.mark.parametrize(
        "signature", ["", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "ä" * 28, "R" * 10_000, "RSOYDt4T1cUTdK1PDd93/VVr8B8=\n"]
    )
    def test_any_other_signature_is_refused(self, signature: str) -> None:
        assert not signature_is_valid(self.token, self.url, self.params, signature)

    def test_another_token_url_or_field_is_refused(self) -> None:
        assert not signature_is_valid("12346", self.url, self.params, self.signature)
        assert not signature_is_valid(self.token, self.url + "&baz=3", self.params, self.signature)
        assert not signature_is_valid(self.token, self.url, {**self.params, "Digits": ""}, self.signature)
        assert not signature_is_valid(self.token, self.url, {**self.params, "New": ""}, self.signature)

    def test_nobody_signs_fields_without_number(self) -> None:
        for number, is_valid in [(MOST_FIELDS, True), (MOST_FIELDS + 1, False)]:
            params = {f"Field{each}": "" for each in range(number)}
            signature = RequestValidator(self.token).compute_signature(self.url, params)
            assert signature_is_valid(self.token, self.url, params, signature) is is_valid

    def test_repeated_keys_of_a_form_count(self) -> None:
        once, twice = MultiDict([("A", "1")]), MultiDict([("A", "1"), ("A", "2")])
        signature = RequestValidator(self.token).compute_signature(self.url, twice)
        assert signature_is_valid(self.token, self.url, twice, signature)
        assert not signature_is_valid(self.token, self.url, once, signature)

    def test_a_raw_body_without_its_hash_is_refused_quietly(self) -> None:
        assert not signature_is_valid(self.token, self.url, '{"a": 1}', self.signature)

    def test_a_raw_body_with_its_hash(self) -> None:
        validator = RequestValidator(self.token)
        body = '{"a": 1}'
        url = f"https://mycompany.com/hook?bodySHA256={validator.compute_hash(body)}"
        signature = validator.compute_signature(url, {})
        assert signature_is_valid(self.token, url, body, signature)
        assert not signature_is_valid(self.token, url, '{"a": 2}', signature)

    @pytest.mark.parametrize("url", ["", "https://host:port/", "https://[::1/", "https://host/\ud800"])
    def test_a_broken_url_is_refused_quietly(self, url: str) -> None:
        assert not signature_is_valid(self.token, url, {}, self.signature)

    def test_what_the_fake_signs_is_valid(self, twilio: FakeTwilio, make_texts: MakeTexts, text: Text) -> None:
        make_texts().send(text)
        callback = twilio.callback(twilio.messages[0], "undelivered", error_code=30003)
        signature = callback.headers["X-Twilio-Signature"]
        assert signature_is_valid(twilio.auth_token, callback.url, callback.fields, signature)
        assert callback.url.endswith("/8c1f-text")


def test_the_fake_dates_messages_as_twilio_does(twilio: FakeTwilio, clock: FakeClock) -> None:
    assert twilio.add_message({"To": "+1", "Body": "b"})["date_created"] == format_datetime(clock())


def test_the_fake_posts_callbacks_over_http(twilio: FakeTwilio) -> None:
    # Posted to the fake itself, which wants a password before anything else.
    message = twilio.add_message({"To": "+1", "Body": "b", "StatusCallback": f"{twilio.url}/webhook"})
    assert twilio.post(twilio.callback(message, "delivered")) == 401
    assert twilio.creates[0]["MessageStatus"] == "delivered"
