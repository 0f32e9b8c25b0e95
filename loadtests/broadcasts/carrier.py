"""A carrier with a bad day: takes messages as Twilio does, and forgets to say so.

It keeps every message that it took. Some answers never leave it after the message was taken, some
calls break before, some get a gateway's error; too many in a second are refused. What became of a
message is told late, twice and in any order, by signed callbacks.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import random
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

ACCOUNT = "AC" + "7" * 32
TOKEN = "the token of a carrier that is not there"
CALLBACKS_AT_ONCE = 20


@dataclass(slots=True)
class Taken:
    """A message that the carrier has."""

    sid: str
    sender: str
    to: str
    body: str
    callback: str | None
    status: str = "queued"
    at: float = field(default_factory=time.time)

    def as_json(self) -> dict[str, Any]:
        """As the API says it."""
        return {
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": formatdate(self.at),
            "date_sent": formatdate(self.at),
            "date_updated": formatdate(self.at),
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {},
            "to": self.to,
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{self.sid}.json",
        }


@dataclass(slots=True, frozen=True)
class Faults:
    """How often something goes wrong, of 1."""

    call_lost: float = 0.01
    """Not taken, and the connection breaks."""
    busy: float = 0.01
    """Not taken: too many, whoever sent them."""
    answer_lost: float = 0.01
    """Taken, and the connection breaks."""
    gateway: float = 0.01
    """Taken, and a gateway says 502."""
    callback_lost: float = 0.02


class Carrier:
    """The API on a free port of the loopback. Use as ``async with``.

    Args:
        per_second: more than these in a second are refused with 429.
    """

    def __init__(self, seed: int, per_second: int, faults: Faults) -> None:
        self.taken: list[Taken] = []
        self.refused = 0
        self.lost = 0
        self.looked_up = 0
        self.callbacks = 0
        self.callbacks_refused = 0
        self._by_pair: dict[tuple[str, str], list[Taken]] = {}
        self._random = random.Random(seed)
        self._fates = random.Random(seed)
        """Of calls alone: what happens to which one does not depend on who is faster."""
        self._per_second = per_second
        self._faults = faults
        self._second = (0, 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._telling = asyncio.Semaphore(CALLBACKS_AT_ONCE)
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Carrier:
        app = web.Application()
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        app.router.add_post(path, self._create)
        app.router.add_get(path, self._list)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        (address,) = self._runner.addresses
        self.url = f"http://127.0.0.1:{address[1]}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()
        assert self._runner is not None
        await self._runner.cleanup()

    async def told(self) -> None:
        """Waits until every callback has been made."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        form = await request.post()
        second = int(time.monotonic())
        count = self._second[1] + 1 if self._second[0] == second else 1
        self._second = (second, count)
        fate, faults = self._fates.random(), self._faults
        if count > self._per_second or faults.call_lost < fate < faults.call_lost + faults.busy:
            self.refused += 1
            return _problem(429, 20429, "Too Many Requests")
        if fate < faults.call_lost:
            self.lost += 1
            return _broken(request)
        message = self._take(form)
        await asyncio.sleep(self._random.uniform(0.02, 0.15))
        fate -= faults.call_lost + faults.busy
        if fate < faults.answer_lost:
            self.lost += 1
            return _broken(request)
        if fate < faults.answer_lost + faults.gateway:
            self.lost += 1
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        return web.json_response(message.as_json(), status=201)

    def _take(self, form: Any) -> Taken:
        message = Taken(
            sid=f"SM{self._random.getrandbits(128):032x}",
            sender=str(form["From"]),
            to=str(form["To"]),
            body=str(form["Body"]),
            callback=str(form["StatusCallback"]) if "StatusCallback" in form else None,
        )
        self.taken.append(message)
        self._by_pair.setdefault((message.sender, message.to), []).append(message)
        task = asyncio.create_task(self._tell(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return message

    async def _list(self, request: web.Request) -> web.Response:
        self._check(request)
        self.looked_up += 1
        pair = (request.query.get("From", ""), request.query.get("To", ""))
        found = self._by_pair.get(pair, []) if pair[1] else self.taken
        return web.json_response(
            {
                "messages": [message.as_json() for message in reversed(found[-50:])],
                "next_page_uri": None,
                "page": 0,
                "page_size": 50,
            }
        )

    async def _tell(self, message: Taken) -> None:
        """``sent`` and ``delivered``, in this order or the other, once or twice, or one of them
        never; the first may come before the answer."""
        words = ["sent", "delivered"]
        if self._random.random() < 0.2:
            words.reverse()
        if self._random.random() < 0.05:
            words.append(self._random.choice(words))
        for word in words:
            await asyncio.sleep(self._random.expovariate(10))
            if word == "delivered":
                message.status = "delivered"
            if self._random.random() >= self._faults.callback_lost:
                await self._call_back(message, word)

    async def _call_back(self, message: Taken, word: str) -> None:
        if message.callback is None:
            return
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "From": message.sender,
            "MessageSid": message.sid,
            "MessageStatus": word,
            "SmsSid": message.sid,
            "SmsStatus": word,
            "To": message.to,
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(message.callback, form),
        }
        async with self._telling:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.post(
                    message.callback,
                    data=urlencode(form),
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=15),
                ) as answer:
                    self.callbacks += 1
                    self.callbacks_refused += answer.status != 204

    def _check(self, request: web.Request) -> None:
        expected = aiohttp.encode_basic_auth(ACCOUNT, TOKEN)
        if request.headers.get("Authorization") != expected:
            raise web.HTTPUnauthorized


def signature(url: str, form: dict[str, str]) -> str:
    """``X-Twilio-Signature``: HMAC-SHA1 over the address and the sorted form."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _broken(request: web.Request) -> web.StreamResponse:
    """The connection is gone before anything was answered."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _problem(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response(
        {"code": code, "message": message, "more_info": more, "status": status},
        status=status,
        headers={"Retry-After": "1"},
    )
