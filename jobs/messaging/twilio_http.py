"""How Twilio's SDK reaches a carrier: another address, bounds, and silence in the log.

The SDK's own client (`twilio.http.async_http_client`) logs each number at level info, has no
timeout unless each call brings one, reads answers of any size, and knows one address. What it does
with requests and answers is left to the SDK.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Final

import aiohttp
from twilio.http import AsyncHttpClient
from twilio.http.response import Response

from rooms import limits

SDK_ADDRESS: Final = "https://api.twilio.com"
"""What the SDK's addresses begin with."""

CONNECT_TIMEOUT_S: Final = 3.0
CONNECTIONS_MAX: Final = limits.MESSAGES_LEASED_MAX

retry_after_s: ContextVar[float | None] = ContextVar("retry_after_s", default=None)
"""``Retry-After`` of the last answer in this task: the SDK's errors do not hold it."""

_SILENT = logging.getLogger("setroom.twilio")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_SILENT.setLevel(logging.CRITICAL)


class AnswerTooLarge(Exception):
    """The carrier's answer is beyond `limits.CARRIER_ANSWER_BYTES_MAX`."""


class CarrierHttp(AsyncHttpClient):  # type: ignore[misc]  # the SDK is untyped
    """Calls of one carrier, over kept connections.

    Args:
        base_url: where the API is; may hold a path.
    """

    def __init__(self, base_url: str) -> None:
        super().__init__(_SILENT, True, limits.CARRIER_TIMEOUT_S)
        self._base_url = base_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the SDK's signature
        allow_redirects: bool = False,
    ) -> Response:
        """One call, within `limits.CARRIER_TIMEOUT_S`.

        Raises:
            aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError: nothing was sent.
            aiohttp.ClientError, TimeoutError, OSError: it broke on the way.
            AnswerTooLarge: the answer was not read.
        """
        del timeout, allow_redirects
        sent: Any = params
        headers = dict(headers or {})
        if auth is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(*auth)
        async with self._opened().request(
            method.upper(),
            self._base_url + uri.removeprefix(SDK_ADDRESS),
            params=sent,
            data=data,
            headers=headers,
            allow_redirects=False,
        ) as answer:
            retry_after_s.set(_seconds(answer.headers.get("Retry-After")))
            body = await answer.content.read(limits.CARRIER_ANSWER_BYTES_MAX + 1)
            while len(body) <= limits.CARRIER_ANSWER_BYTES_MAX:
                more = await answer.content.read(limits.CARRIER_ANSWER_BYTES_MAX + 1)
                if not more:
                    break
                body += more
            if len(body) > limits.CARRIER_ANSWER_BYTES_MAX:
                raise AnswerTooLarge
            return Response(answer.status, body.decode("utf-8", "replace"), answer.headers)

    async def close(self) -> None:
        """Closes the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Made at the first call: it belongs to the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX),
                timeout=aiohttp.ClientTimeout(
                    total=limits.CARRIER_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S
                ),
            )
        return self._session


def _seconds(text: str | None) -> float | None:
    """``Retry-After`` in seconds (RFC 9110, 10.2.3); dates are not used by Twilio."""
    return float(text) if text is not None and text.isdigit() else None
