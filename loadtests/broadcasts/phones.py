"""Phones that join a show and confirm, by signed webhooks."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import aiohttp

from loadtests.broadcasts.carrier import ACCOUNT, signature

AT_ONCE = 32
AREAS = ("201", "202", "203", "205", "206", "207", "208", "209", "210", "212")
"""Each has ten thousand numbers with 555."""


def number_of(place: int) -> str:
    """A phone's number, by its place."""
    return f"+1{AREAS[place // 10_000]}555{place % 10_000:04d}"


class Phones:
    """So many phones, all alike.

    Args:
        sender: the number that they text to.
    """

    def __init__(self, session: aiohttp.ClientSession, url: str, sender: str, count: int) -> None:
        self._session = session
        self._address = f"{url}/webhooks/twilio/sms"
        self._sender = sender
        self.numbers = [number_of(place) for place in range(count)]
        self._sids = 0

    async def join(self, code: str) -> None:
        """All of them join and confirm."""
        waiting = iter(self.numbers)

        async def some() -> None:
            for number in waiting:
                await self._text(number, f"JOIN {code}")
                await self._text(number, "CONFIRM")

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(some())

    async def _text(self, number: str, body: str) -> None:
        self._sids += 1
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "Body": body,
            "From": number,
            "MessageSid": f"SM{self._sids:032x}",
            "NumMedia": "0",
            "NumSegments": "1",
            "To": self._sender,
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(self._address, form),
        }
        for _ in range(5):
            async with self._session.post(
                self._address, data=urlencode(form), headers=headers
            ) as answer:
                if answer.status == 200:
                    return
                if answer.status != 503:
                    answer.raise_for_status()
            await asyncio.sleep(0.5)
        raise RuntimeError(f"{body} was not taken")
