"""Twilio's API as far as messages need it: takes them, and calls back about each, not in order."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from loadtests.sms.network import Network
from loadtests.sms.signing import ACCOUNT, PUBLIC_URL
from loadtests.wire.signal import Signal

OUT_OF_ORDER = 0.05
"""Share of messages of which ``sent`` is told after ``delivered``."""
STEPS = ("sent", "delivered")
CALLBACK_AFTER_S = (0.05, 1.0)


@dataclass(slots=True)
class Sent:
    """One message that the carrier took."""

    sid: str
    to: str
    body: str
    out_of_order: bool


@dataclass(slots=True)
class Carrier:
    """What the carrier has seen.

    Attributes:
        url: of its API.
        network: how its callbacks reach the nodes; set once there are nodes.
        callbacks: answers to callbacks by HTTP status; 0: none.
    """

    rng: random.Random
    url: str = ""
    network: Network | None = None
    messages: list[Sent] = field(default_factory=list)
    callbacks: Counter[int] = field(default_factory=Counter)
    pending: set[asyncio.Task[None]] = field(default_factory=set)
    taken: Signal = field(default_factory=Signal)

    async def create(self, request: web.Request) -> web.Response:
        """``POST …/Messages.json``."""
        form = await request.post()
        sent = Sent(
            sid=f"SM{len(self.messages):032x}",
            to=str(form["To"]),
            body=str(form.get("Body", "")),
            out_of_order=self.rng.random() < OUT_OF_ORDER,
        )
        self.messages.append(sent)
        self.taken.changed()
        callback = str(form.get("StatusCallback", ""))
        if callback:
            task = asyncio.create_task(self._call_back(sent, callback))
            self.pending.add(task)
            task.add_done_callback(self.pending.discard)
        return web.json_response(_resource(sent, str(form.get("From", "")), "queued"), status=201)

    async def find(self, request: web.Request) -> web.Response:
        """``GET …/Messages.json``: what went to a number."""
        to = request.query.get("To", "")
        found = [_resource(one, "", "delivered") for one in self.messages if one.to == to]
        return web.json_response({"messages": found, "page": 0, "next_page_uri": None})

    async def has_taken(self, count: int, timeout_s: float) -> None:
        """Waits for so many messages, but not for ever."""
        with contextlib.suppress(TimeoutError):
            await self.taken.until(lambda: len(self.messages) >= count, timeout_s)

    async def settled(self) -> None:
        """Waits until nothing is left to be called back."""
        while self.pending:
            await asyncio.gather(*self.pending)

    async def _call_back(self, sent: Sent, callback: str) -> None:
        assert self.network is not None
        parts = urlsplit(callback)
        if f"{parts.scheme}://{parts.netloc}" != PUBLIC_URL:
            self.callbacks[-1] += 1
            return
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        for status in reversed(STEPS) if sent.out_of_order else STEPS:
            await asyncio.sleep(self.rng.uniform(*CALLBACK_AFTER_S))
            form = {
                "SmsSid": sent.sid,
                "SmsStatus": status,
                "MessageStatus": status,
                "To": sent.to,
                "MessageSid": sent.sid,
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
            }
            answer = await self.network.deliver(path, form)
            self.callbacks[answer.status if answer is not None else 0] += 1


def _resource(sent: Sent, sender: str, status: str) -> dict[str, object]:
    """The Messages resource with the fields that were recorded of a real answer."""
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": sent.body,
        "date_created": "Thu, 01 Jan 2026 00:00:00 +0000",
        "date_sent": None,
        "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": sent.sid,
        "status": status,
        "subresource_uris": {},
        "to": sent.to,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sent.sid}.json",
    }


@asynccontextmanager
async def running_carrier(seed: int) -> AsyncIterator[Carrier]:
    """A carrier on a free port of the loopback interface."""
    carrier = Carrier(random.Random(seed))
    app = web.Application()
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    app.router.add_post(path, carrier.create)
    app.router.add_get(path, carrier.find)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    carrier.url = f"http://{host}:{port}"
    try:
        yield carrier
    finally:
        for task in carrier.pending:
            task.cancel()
        await asyncio.gather(*carrier.pending, return_exceptions=True)
        await runner.cleanup()
