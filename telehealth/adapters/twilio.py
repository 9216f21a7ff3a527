"""Texts through Twilio, with Twilio's own client.

Everything that is peculiar to Twilio stays in this file: its statuses, its error codes and what to do about
each, its signatures. Phone numbers and words of messages reach neither the log nor an exception.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Receipt, Remedy, Text
from telehealth.late import Library

if TYPE_CHECKING:
    from twilio.http.response import Response
    from twilio.rest import Client

_Answer = TypeVar("_Answer")
_exceptions, _validating = Library("twilio.base.exceptions"), Library("twilio.request_validator")

# Message.status in the API, MessageStatus in callbacks. "receiving" and "received" are about texts to us.
STATUSES: Final[Mapping[str, DeliveryStatus]] = {
    "accepted": DeliveryStatus.ACCEPTED,
    "scheduled": DeliveryStatus.ACCEPTED,
    "queued": DeliveryStatus.ACCEPTED,
    "sending": DeliveryStatus.ACCEPTED,
    "sent": DeliveryStatus.SENT,
    "partially_delivered": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.DELIVERED,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}

# What to do about each, from Twilio's error dictionary. Codes below 30000 refuse a request; most of those from 30001 on
# arrive later, with a status callback. Their words change and codes are split, so nothing else hangs on them.
REMEDIES: Final[Mapping[int, Remedy]] = {
    11200: Remedy.ALERT,  # Twilio could not reach our webhook.
    11205: Remedy.ALERT,  # The same, while connecting.
    20003: Remedy.ALERT,  # The credentials are wrong.
    20429: Remedy.RETRY,  # Too many requests at once; this one was not processed.
    21211: Remedy.BAD_ADDRESS,  # Not a phone number.
    21212: Remedy.ALERT,  # Our sender is not a number of ours.
    21408: Remedy.ALERT,  # Texts to this country are not switched on.
    21606: Remedy.ALERT,  # Our sender cannot send texts.
    21610: Remedy.SUPPRESS,  # The recipient replied STOP.
    21611: Remedy.RETRY,  # More than ten hours of texts wait for this sender.
    21612: Remedy.GIVE_UP,  # No route from this sender to this number.
    21614: Remedy.BAD_ADDRESS,  # Not a mobile number.
    21635: Remedy.BAD_ADDRESS,  # A landline.
    30001: Remedy.RETRY,  # The queue was full, or the text waited in it for too long.
    30002: Remedy.ALERT,  # The account is suspended.
    30003: Remedy.RETRY_LATER,  # The phone is switched off or out of reach.
    30004: Remedy.BLOCKED,  # Blocked by the recipient or the carrier: as good as an opt-out.
    30005: Remedy.DOUBT,  # Nobody has this number, or nobody knows for the moment.
    30006: Remedy.BAD_ADDRESS,  # A landline, or a carrier that cannot be reached.
    30007: Remedy.FILTERED,  # Taken for spam; the same words would be again.
    30008: Remedy.RETRY_LATER,  # Unknown.
    30022: Remedy.RETRY,  # Faster than the carrier allows.
    30034: Remedy.ALERT,  # The sender is not registered for A2P 10DLC.
    30450: Remedy.ALERT,  # Blocked as SMS pumping.
    30610: Remedy.RETRY,  # Quiet hours of Twilio's Compliance Toolkit.
    **dict.fromkeys(range(35111, 35118), Remedy.ALERT),  # Scheduling parameters: a mistake of ours.
    57012: Remedy.ALERT,  # Our signature check refused Twilio: the public address is set wrong.
    63038: Remedy.ALERT,  # The daily cap is reached.
}

_LONGEST_VALIDITY = 36_000  # seconds, ten hours
_LOOK_BACK = 100  # texts to one number
_LONGEST_CODE = 9  # digits
_POOLS = "MG"  # how the id of a Messaging Service begins
# Twilio's clock is not ours, and its resource dates have no fractions of a second.
_CLOCK_TOLERANCE = timedelta(minutes=1)


NOT_PROCESSED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def remedy_for(code: int | None, http_status: int | None = None) -> Remedy:
    """What to do about an error code, from an answer or from a status callback.

    Codes split over time (Twilio changelog 2024-07-10), so an unknown one is judged by its HTTP status: what
    was not processed may be tried again, what failed on the way is asked about, what was refused is given up, and so is
    a code without a status; a person has to look what such a code means.
    """
    if code is not None and code in REMEDIES:
        return REMEDIES[code]
    refused = Remedy.GIVE_UP if code is None else Remedy.UNKNOWN
    if http_status is None:
        return refused
    if http_status == HTTPStatus.UNAUTHORIZED:
        return Remedy.ALERT
    if http_status in NOT_PROCESSED:
        return Remedy.RETRY
    # Any other failure of the server's may have come after it took the text: there is no idempotency key, so ask.
    return Remedy.ASK if http_status >= HTTPStatus.INTERNAL_SERVER_ERROR else refused


def remedy_of(code: str) -> Remedy | None:
    """The same for the ErrorCode of a status callback, as it came; None when it says nothing."""
    return remedy_for(int(code)) if code.isascii() and code.isdigit() and len(code) <= _LONGEST_CODE else None


MOST_FIELDS = 300
"""Of a request of Twilio's, which has some thirty: to sort and sign the 50,000 that anybody can send takes a second."""


def signature_is_valid(auth_token: str, url: str, params: Mapping[str, Any] | str, signature: str) -> bool:
    """Whether Twilio made this webhook request (X-Twilio-Signature).

    ``url`` is the public one that Twilio was given, with its query; ``params`` are the POST fields (pass
    ``request.form`` as it is, so that repeated keys count), ``{}`` for a GET, or the raw body of a JSON
    request. ``auth_token`` is the account's primary token even where API keys are used to send.
    """
    if len(params) > MOST_FIELDS and not isinstance(params, str):
        return False
    try:
        return bool(_validating.RequestValidator(auth_token).validate(url, params, signature))
    except (TypeError, ValueError):
        # A body without bodySHA256 in the URL makes twilio 9.13 raise TypeError, a broken URL ValueError.
        # Neither was signed by Twilio.
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioAccount:
    """Who sends. Either ``auth_token`` or ``api_key`` with ``api_secret`` signs in; texts come from
    ``sender`` (a number in E.164) or from a Messaging Service, which wins when both are set.

    ``status_callback_base`` is the public address of our status webhook without the reference, such as
    ``https://host/webhooks/twilio/status``; the host must not contain an underscore. ``base_url`` points the
    client elsewhere, for tests and local fakes.
    """

    account_sid: str
    auth_token: str = field(default="", repr=False)
    api_key: str = ""
    api_secret: str = field(default="", repr=False)
    sender: str = ""
    messaging_service_sid: str = ""
    status_callback_base: str = ""
    timeout: float = 10.0
    base_url: str = ""

    def __post_init__(self) -> None:
        if not (self.auth_token or (self.api_key and self.api_secret)):
            raise ValueError("Twilio needs an auth token, or an API key with its secret.")
        if not (self.sender or self.messaging_service_sid):
            raise ValueError("Twilio needs a sender or a messaging service.")


class TwilioTexts:
    """A TextGateway over Twilio's REST API. Safe to share between threads."""

    def __init__(self, account: TwilioAccount, *, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._last = threading.local()

    @cached_property
    def _client(self) -> Client:
        return _client(self._account, self._remember)

    def send(self, text: Text, /) -> Receipt:
        """Hand one text over (POST Messages). Raises DeliveryFailed.

        Twilio has no idempotency key, so a time-out after the request left has the remedy ASK: ``find`` knows
        more.
        """
        seconds_left = int((text.expires_at - self._now()).total_seconds())
        if seconds_left < 1:
            raise DeliveryFailed("expired", Remedy.GIVE_UP)
        fields = self._fields(text, validity=min(_LONGEST_VALIDITY, seconds_left))
        return self._ask(lambda: _receipt(self._client.messages.create(**fields)))

    def look_up(self, provider_id: str, /) -> Receipt | None:
        """How far the text with this id is (GET Message). None when Twilio has none by it: it was deleted, or is not of
        this account. Raises DeliveryFailed, with ALERT or ASK.
        """
        try:
            return self._enquire(lambda: _receipt(self._client.messages(provider_id).fetch()))
        except DeliveryFailed as failure:
            if self._last.http_status == HTTPStatus.NOT_FOUND:
                return None
            raise failure from None

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
        """Look among the latest texts to this number for one with these words, created at ``since`` or later.

        The list is not filtered by DateSent: a text that still waits in Twilio's queue has no such date yet,
        and it is just the one that must not be sent twice. Raises DeliveryFailed, with ALERT
        or ASK.
        """
        earliest = since - _CLOCK_TOLERANCE
        messages = self._enquire(lambda: self._client.messages.list(to=text.to, limit=_LOOK_BACK))
        return next((_receipt(each) for each in messages if _is_same(each, text, earliest)), None)

    def _fields(self, text: Text, *, validity: int) -> dict[str, Any]:
        account = self._account
        sender = text.sender or account.messaging_service_sid or account.sender
        fields: dict[str, Any] = {"to": text.to, "body": text.body, "validity_period": validity}
        fields["messaging_service_sid" if sender.startswith(_POOLS) else "from_"] = sender
        if account.status_callback_base:
            base = account.status_callback_base.rstrip("/")
            fields["status_callback"] = f"{base}/{quote(text.reference, safe='')}"
        return fields

    def _ask(self, request: Callable[[], _Answer]) -> _Answer:
        self._last.http_status, self._last.retry_after = None, None
        try:
            return request()
        except (_exceptions.TwilioRestException, _exceptions.TwilioServiceException) as error:
            failure = _refused(error.status, error.code, self._last.retry_after)
        except (_exceptions.TwilioException, ValueError):
            failure = self._without_details()
        # Raised out here so that the provider's words, which quote numbers, are not chained to it.
        raise failure

    def _enquire(self, request: Callable[[], _Answer]) -> _Answer:
        try:
            return self._ask(request)
        except DeliveryFailed as failure:
            if failure.remedy is not Remedy.ALERT:
                # What failed here is only the question: neither sending again nor giving up follows from it.
                failure.remedy = Remedy.ASK
            raise

    def _without_details(self) -> DeliveryFailed:
        status = self._last.http_status
        if status and status >= HTTPStatus.BAD_REQUEST:
            # Lists that are refused raise an exception without status and code.
            return _refused(status, None, self._last.retry_after)
        # An answer that is not JSON, from something in between: it may have passed the request on before.
        return DeliveryFailed("unreadable", Remedy.ASK)

    def _remember(self, response: Response) -> None:
        # The SDK's exceptions carry no headers; its client calls this before it raises, in the same thread.
        self._last.http_status = response.status_code
        self._last.retry_after = _seconds(response.headers.get("Retry-After"))


TWILIO: Final = "https://api.twilio.com"


def _client(account: TwilioAccount, on_response: Callable[..., None]) -> Client:
    """With all that it is made of: hundreds of modules that a process which never sends a text can do without."""
    from twilio.rest import Client

    from telehealth.adapters.twilio_http import QuickHttp

    # The SDK's own client waits for ever, unless told otherwise, and is slow.
    http = QuickHttp(
        account.base_url or TWILIO, timeout=account.timeout, on_response=on_response, logger=_silent_logger()
    )
    client = Client(
        username=account.api_key or account.account_sid,
        password=account.api_secret if account.api_key else account.auth_token,
        account_sid=account.account_sid,
        http_client=http,
        # Not empty, or the SDK would read its own variables from our environment.
        environment={"TWILIO_REGION": ""},
    )
    if account.base_url:
        client.api.base_url = account.base_url
    return client


def _silent_logger() -> logging.Logger:
    """A logger for the SDK's client, which writes the query of every request, and with it the phone number."""
    logger = logging.getLogger("telehealth.adapters.twilio.sdk")
    logger.disabled = True
    return logger


def _receipt(message: Any) -> Receipt:
    """Raises ValueError for an answer that is not about a message."""
    if not message.sid:
        raise ValueError
    code = message.error_code
    status = STATUSES.get(str(message.status), DeliveryStatus.ACCEPTED)
    return Receipt(str(message.sid), status, str(code) if code else None, remedy_of(str(code or "")))


def _is_same(message: Any, text: Text, earliest: datetime) -> bool:
    # Trial accounts put a sentence of Twilio's before ours, hence the end and not the whole.
    return (
        str(message.direction).startswith("outbound")
        and message.date_created is not None
        and message.date_created >= earliest
        and str(message.body).strip().endswith(text.body.strip())
    )


def _refused(http_status: int, code: int | None, retry_after: float | None) -> DeliveryFailed:
    shown = str(code) if code else f"http {http_status}"
    return DeliveryFailed(shown, remedy_for(code, http_status), retry_after=retry_after)


def _seconds(value: str | None) -> float | None:
    """Retry-After in seconds. Its other form, a date, is not used by Twilio and reads as None."""
    return float(value) if value and value.isascii() and value.isdigit() else None
