"""How requests reach Twilio: the SDK's client, without what makes its own one slow.

The SDK sends through ``requests``, which takes more processor time for a text than everything else we do for it.
libcurl takes a small part of that, and lets the other threads run meanwhile. It keeps connections open, and never sends
a body twice: there is no key that would keep a text from being sent twice.
"""

from __future__ import annotations

import logging
import select
from collections import deque
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pycurl
import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from twilio.http import HttpClient
from twilio.http.response import Response

from telehealth.domain.ports import DeliveryFailed, Remedy

Headers = CaseInsensitiveDict[str]


class QuickHttp(HttpClient):  # type: ignore[misc]  # The SDK gives no types.
    """Sends the SDK's requests to ``address``. Safe to share between threads. ``timeout`` is in seconds, for all of a
    request and its answer; ``on_response`` is called with each answer before the SDK looks at it.

    The environment says about proxies and certificates what it says to ``requests``; it is read once. Raises
    DeliveryFailed: with RETRY when nothing can have left, and with ASK otherwise.
    """

    def __init__(
        self, address: str, *, timeout: float, on_response: Callable[[Response], None], logger: logging.Logger
    ) -> None:
        super().__init__(logger, False, timeout)  # noqa: FBT003 -- the SDK's own signature
        self._on_response = on_response
        self._options = _options(address, timeout)
        self._idle: deque[pycurl.Curl] = deque()  # Each keeps its connection.

    def request(  # noqa: PLR0913, PLR0917 -- the SDK's own signature
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 -- ours counts
        allow_redirects: bool = False,  # noqa: ARG002, FBT001, FBT002 -- Twilio sends nobody elsewhere
    ) -> Response:
        """One request and its answer."""
        where = f"{uri}?{urlencode(params, doseq=True)}" if params else uri
        options = self._options | {
            pycurl.URL: where,
            pycurl.CUSTOMREQUEST: method,
            pycurl.HTTPHEADER: [f"{name}: {value}" for name, value in (headers or {}).items()],
        }
        if auth:
            options |= {pycurl.USERNAME: auth[0], pycurl.PASSWORD: auth[1]}
        answer = self._exchange(options, urlencode(data, doseq=True).encode() if data else b"")
        self._on_response(answer)
        return answer

    def _exchange(self, options: Mapping[int, Any], body: bytes) -> Response:
        try:
            curl = self._idle.pop()
        except IndexError:
            curl = pycurl.Curl()
        try:
            return _perform(curl, options, body)
        except pycurl.error as error:
            failure = _failure(error.args[0], has_left=curl.getinfo(pycurl.REQUEST_SIZE) > 0)
        finally:
            self._idle.append(curl)
        # Raised out here so that what was asked for, which holds numbers, is not chained to it.
        raise failure


def _perform(curl: pycurl.Curl, options: Mapping[int, Any], body: bytes) -> Response:
    said, headers = BytesIO(), Headers()
    is_open = _is_open(curl)
    curl.reset()
    curl.setopt(pycurl.FRESH_CONNECT, not is_open)
    for option, value in options.items():
        curl.setopt(option, value)
    if body:
        curl.setopt(pycurl.POST, 1)
        curl.setopt(pycurl.POSTFIELDSIZE, len(body))
        # Read from here it cannot be read again: libcurl repeats a request whose connection was closed before the
        # answer, and what was closed may have been taken.
        curl.setopt(pycurl.READFUNCTION, BytesIO(body).read)
    curl.setopt(pycurl.WRITEFUNCTION, said.write)
    curl.setopt(pycurl.HEADERFUNCTION, lambda line: _keep(headers, line))
    curl.perform()
    return Response(curl.getinfo(pycurl.RESPONSE_CODE), said.getvalue().decode("utf-8", "replace"), headers)


def _is_open(curl: pycurl.Curl) -> bool:
    """Whether the connection kept from last time is still there. libcurl looks itself, but not every time."""
    socket = curl.getinfo(pycurl.ACTIVESOCKET)
    if socket < 0:
        return False
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return not waiting.poll(0)


def _keep(headers: Headers, line: bytes) -> None:
    name, _, value = line.decode("latin-1").partition(":")
    headers[name] = value.strip()


def _failure(code: int, *, has_left: bool) -> DeliveryFailed:
    if not has_left:
        return DeliveryFailed("unreachable", Remedy.RETRY)
    return DeliveryFailed("timed out" if code == pycurl.E_OPERATION_TIMEDOUT else "connection lost", Remedy.ASK)


def _options(address: str, timeout: float) -> dict[int, Any]:
    """What is the same for every request."""
    settings = requests.Session().merge_environment_settings(address, {}, None, None, None)
    verify = settings["verify"]
    trusted = verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH
    return {
        pycurl.TIMEOUT_MS: round(timeout * 1000),
        pycurl.CAPATH if Path(trusted).is_dir() else pycurl.CAINFO: trusted,
        pycurl.PROXY: select_proxy(address, settings["proxies"]) or "",
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.NOSIGNAL: 1,  # Signals and threads do not go together.
    }
