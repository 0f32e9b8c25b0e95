"""Calls our own webhooks as Twilio does: a signed form, 15 seconds, and one more try.

The signature is made over the public address, as Twilio makes it; the call itself goes straight
to this node, because behind a proxy or a container's port the public address may not be reachable
from within.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog
from twilio.request_validator import RequestValidator

from server.secret import Secret

WEBHOOK_TIMEOUT_S: Final = 15.0
TRIES: Final = 2
"""Twilio's own: it calls a webhook that does not answer once more."""

_FORM: Final = "application/x-www-form-urlencoded; charset=UTF-8"
_ANSWER_BYTES_MAX: Final = 64 * 1024

log = structlog.get_logger(__name__)


class WebhookFailed(Exception):
    """Twilio's error 11200: no answer, or none that is a success."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"the webhook answered {status}" if status else "no answer")
        self.status = status


class Answer(NamedTuple):
    """What a webhook answered."""

    status: int
    body: bytes


class Node(Protocol):
    """The way to this node's own doors."""

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """One call.

        Raises:
            OSError, TimeoutError, aiohttp.ClientError: no answer.
        """
        ...

    async def close(self) -> None:
        """Nothing more is called."""
        ...


class OverHttp:
    """Calls a node over HTTP.

    Args:
        address: ``http://host:port`` of this node.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """One call."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=WEBHOOK_TIMEOUT_S)
            self._session = aiohttp.ClientSession(
                timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        async with self._session.post(
            self._address + path, data=dict(form), headers=dict(headers), allow_redirects=False
        ) as response:
            return Answer(response.status, await response.content.read(_ANSWER_BYTES_MAX + 1))

    async def close(self) -> None:
        """Lets go of its connections."""
        if self._session is not None:
            await self._session.close()


class Webhooks:
    """Signs and calls.

    Args:
        public_url: what is signed begins with it.
        auth_token: the sandbox's.
        node: where the calls go.
    """

    def __init__(self, public_url: str, auth_token: Secret, node: Node) -> None:
        self._public_url = public_url
        self._validator = RequestValidator(auth_token.reveal())
        self._node = node

    async def text(self, path: str, form: Mapping[str, str]) -> bytes:
        """Says a phone's text and returns the TwiML.

        Raises:
            WebhookFailed: twice there was no answer, or none that is a success.
        """
        return (await self._call(path, form)).body

    async def status(self, callback: str, form: Mapping[str, str]) -> None:
        """Says a message's status. What does not arrive is not said again, as with Twilio: the
        message can be looked up."""
        path = self._own_path(callback)
        if path is None:
            log.warning("sandbox_callback_elsewhere", host=urlsplit(callback).hostname)
            return
        try:
            await self._call(path, form)
        except WebhookFailed as failed:
            log.info("sandbox_callback_failed", status=failed.status, sid=form.get("MessageSid"))

    async def _call(self, path: str, form: Mapping[str, str]) -> Answer:
        signature = self._validator.compute_signature(self._public_url + path, dict(form))
        headers = {
            "Content-Type": _FORM,
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": str(signature),
        }
        status: int | None = None
        for _ in range(TRIES):
            try:
                answer = await asyncio.wait_for(
                    self._node.post(path, form, headers), WEBHOOK_TIMEOUT_S
                )
            except (OSError, TimeoutError, aiohttp.ClientError):
                status = None
                continue
            if answer.status < 400:
                return answer
            status = answer.status
            if status < 500:
                break
        raise WebhookFailed(status)

    def _own_path(self, callback: str) -> str | None:
        """A callback's path and query, if it is on this site: nobody else is called."""
        if not callback.startswith(self._public_url + "/"):
            return None
        return callback.removeprefix(self._public_url)
