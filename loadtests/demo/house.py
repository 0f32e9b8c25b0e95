"""The crew: makes the show, clears the list before a night, announces, opens rounds."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import aiohttp
import structlog

from loadtests.demo.night import Night
from loadtests.wire import ApiClient, ApiProblem, RoomClient

logger = structlog.get_logger(__name__)

READY_TIMEOUT_S = 120.0
READY_POLL_S = 0.25
ROUNDS_PER_SHOW = 185
"""A show may have 200 rounds; a little before that the demo moves to a new show."""


class House:
    """The crew of one live show, over HTTP; a socket only while it clears the list.

    Args:
        api: signed in as crew by `sign_in`.
        night: what the show is made from.

    Attributes:
        untouched: the show was made just now: whatever is on its list is a newcomer's.
    """

    def __init__(self, api: ApiClient, night: Night, rng: random.Random) -> None:
        self.api = api
        self.show: dict[str, Any] = {}
        self.untouched = False
        self._night = night
        self._rng = rng

    @property
    def show_id(self) -> str:
        """The show's id."""
        return str(self.show["id"])

    @property
    def show_url(self) -> str:
        """The address for people."""
        return f"{self.api.base_url}/shows/{self.show['slug']}"

    async def sign_in(self, email: str, password: str) -> None:
        """Waits for the server, then signs in.

        Raises:
            ApiProblem: the account is not accepted.
            TimeoutError: the server did not come up in `READY_TIMEOUT_S`.
        """
        async with asyncio.timeout(READY_TIMEOUT_S):
            while True:
                try:
                    await self.api.login(email, password)
                    return
                except ApiProblem as problem:
                    if problem.status < 500 and problem.status != 429:
                        raise
                except aiohttp.ClientError:
                    pass  # Not listening yet.
                await asyncio.sleep(READY_POLL_S)

    async def find_show(self, show_id: str | None) -> None:
        """Takes up the show of an earlier start if it is still live, or makes a new one."""
        if show_id is not None:
            try:
                show = await self.api.get(f"/api/shows/{show_id}")
                if show.get("status") == "live" and await self.rounds_left():
                    self.show = show
                    return
            except ApiProblem as problem:
                logger.info("demo_show_not_found", code=problem.code)
        await self.make_show()

    async def make_show(self) -> None:
        """A new live show.

        Raises:
            ApiProblem: the server refused.
        """
        night = self._night
        body = {
            "title": night.venue,
            "starts_at": f"{night.date}T23:30:00Z",
            "access": "public",
            "venue": {"name": night.venue, "city": night.city, "country": night.country},
            "artists": [{"name": night.artist}],
        }
        made = await self.api.post("/api/shows", body)
        for step in ("publish", "open"):
            self.show = made | await self.api.post(f"/api/shows/{made['id']}/{step}")
        self.untouched = True

    async def retire_show(self) -> None:
        """Closes the show, whose rounds are used up, and puts its last night into the archive."""
        for step in ("close", "archive"):
            await self.api.post(f"/api/shows/{self.show_id}/{step}")

    async def rounds_left(self) -> bool:
        """Whether the show can take another night's rounds."""
        if not self.show:
            return True
        count, cursor = 0, None
        for _ in range(20):
            params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = await self.api.get(f"/api/shows/{self.show_id}/rounds", params)
            count += len(page.get("items", ()))
            cursor = page.get("next_cursor")
            if not cursor:
                break
        return count < ROUNDS_PER_SHOW

    async def command(self, name: str, args: dict[str, Any]) -> None:
        """A crew command over HTTP.

        Raises:
            ApiProblem: the room refused.
        """
        await self.api.command(self.show_id, name, args)

    async def announce(self, text: str) -> None:
        """A line that everybody sees."""
        await self.command("announce", {"text": text})

    async def clear(self) -> None:
        """Empties the setlist before a night begins, in one edit."""
        async with RoomClient(self.api, self.show_id, rng=self._rng) as room:
            await room.entered()
            entries = room.setlist.entries()
            if not entries:
                return
            edit = await room.edit(lambda setlist: [setlist.remove(e.entry_id) for e in entries])
            await edit.saved()
        await self.command("set_now_playing", {"entry_id": None})

    async def open_round(self, title: str, options: list[str], duration_s: int) -> str:
        """Makes and opens a single-choice round; returns its id.

        Raises:
            ApiProblem: the server refused.
        """
        config = {
            "v": 1,
            "type": "single",
            "title": title,
            "options": [
                {"id": f"o{place}", "code": str(place), "label": label}
                for place, label in enumerate(options, 1)
            ],
            "pick": {"min": 1, "max": 1, "budget": None},
            "tally": {
                "method": "plurality",
                "weights": {"audience": 1, "artist": 0, "jury": 0},
            },
            "window": {"duration_s": duration_s, "sms_grace_s": 0, "extend_max_s": 60},
            "change": "until_close",
            "visibility": "always",
            "tie": [],
            "quorum": 0,
            "who": {"channels": ["web"], "identity": "attendee", "attendance": "any"},
        }
        made = await self.api.post(f"/api/shows/{self.show_id}/rounds", {"config": config})
        await self.api.post(f"/api/rounds/{made['id']}/open")
        return str(made["id"])
