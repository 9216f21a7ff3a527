"""How requests reach Twilio: the SDK's client, without what makes its own one slow.

The SDK sends through ``requests``, which takes more processor time for a text than everything else we do for it. This
uses the connections underneath, keeps one open for every thread, and never tries again by itself: there is no key that
would keep a text from being sent twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ProxyError, ReadTimeoutError

CONNECTIONS = 64  # Kept open; more than the threads that send.
FORM = "application/x-www-form-urlencoded"


class QuickHttp(HttpClient):  # type: ignore[misc]  # The SDK gives no types.
    """Sends the SDK's requests to ``address``. Safe to share between threads. ``timeout`` is in seconds, to connect and
    again to be answered; ``on_response`` is called with each answer before the SDK looks at it.

    Raises what ``requests`` would: ConnectTimeout and ProxyError when nothing can have left, ReadTimeout and
    ConnectionError otherwise. The environment says what it says to ``requests``, about proxies and certificates; it is
    read once.
    """

    def __init__(
        self, address: str, *, timeout: float, on_response: Callable[[Response], None], logger: logging.Logger
    ) -> None:
        super().__init__(logger, False, timeout)  # noqa: FBT003 -- the SDK's own signature
        self._on_response = on_response
        self._pool = _pool(address, timeout)

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
        sent = dict(headers or {})
        if auth:
            sent |= urllib3.make_headers(basic_auth=":".join(auth))
        if data:
            sent["Content-Type"] = FORM
        where = f"{uri}?{urlencode(params, doseq=True)}" if params else uri
        found = self._exchange(method, where, urlencode(data, doseq=True) if data else None, sent)
        answer = Response(found.status, found.data.decode("utf-8", "replace"), found.headers)
        self._on_response(answer)
        return answer

    def _exchange(
        self, method: str, where: str, body: str | None, headers: Mapping[str, str]
    ) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, where, body=body, headers=headers, redirect=False, retries=False)
        except ProxyError:
            failure: requests.RequestException = requests.exceptions.ProxyError()
        except (ConnectTimeoutError, NewConnectionError):
            failure = requests.ConnectTimeout()
        except ReadTimeoutError:
            failure = requests.ReadTimeout()
        except HTTPError:
            failure = requests.ConnectionError()
        # Raised out here so that what was asked for, which holds numbers, is not chained to it.
        raise failure


def _pool(address: str, timeout: float) -> urllib3.PoolManager:
    settings = requests.Session().merge_environment_settings(address, {}, None, None, None)
    verify: Any = settings["verify"]
    given: dict[str, Any] = {
        "timeout": urllib3.Timeout(connect=timeout, read=timeout),
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH,
    }
    proxy = requests.utils.select_proxy(address, settings["proxies"])
    if not proxy:
        return urllib3.PoolManager(maxsize=CONNECTIONS, **given)
    through: urllib3.PoolManager = HTTPAdapter(pool_maxsize=CONNECTIONS).proxy_manager_for(proxy, **given)
    return through
