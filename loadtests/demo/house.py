"""The crew: makes the show, clears the list before a night, announces, opens rounds."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import aiohttp
import structlog

from loadtests.demo.night import Bill
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
        bill: what the show is made from.

    Attributes:
        untouched: the show was made just now: whatever is on its list is a newcomer's.
    """

    def __init__(self, api: ApiClient, bill: Bill, rng: random.Random) -> None:
        self.api = api
        self.show: dict[str, Any] = {}
        self.untouched = False
        self._bill = bill
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
                    await self._take_texts()
                    return
            except ApiProblem as problem:
                logger.info("demo_show_not_found", code=problem.code)
        await self.make_show()

    async def _take_texts(self) -> None:
        """A show that an earlier version made takes texts from now on, if this one's do."""
        if self._bill.takes_sms and not self.show.get("takes_sms"):
            path = f"/api/shows/{self.show_id}"
            self.show = await self.api.request("PUT", path, body={"takes_sms": True})

    async def make_show(self) -> None:
        """A new live show.

        Raises:
            ApiProblem: the server refused.
        """
        await self.draft_show()
        await self.open_show()

    async def draft_show(self) -> None:
        """A new show that nobody sees yet.

        Raises:
            ApiProblem: the server refused.
        """
        bill = self._bill
        body = {
            "title": bill.title,
            "starts_at": bill.starts_at,
            "access": bill.access,
            "takes_sms": bill.takes_sms,
            "venue": {"name": bill.venue, "city": bill.city, "country": bill.country},
            "artists": [{"name": bill.artist}],
        }
        self.show = await self.api.post("/api/shows", body)

    async def open_show(self) -> None:
        """Publishes it and lets people in.

        Raises:
            ApiProblem: the server refused.
        """
        for step in ("publish", "open"):
            self.show |= await self.api.post(f"/api/shows/{self.show_id}/{step}")
        self.untouched = True

    async def retire_show(self) -> None:
        """Closes the show, whose rounds are used up, and puts its last night into the archive."""
        for step in ("close", "archive"):
            await self.api.post(f"/api/shows/{self.show_id}/{step}")

    async def archive_show(self) -> None:
        """Closes a show that was private, and puts it into the archive for everybody to see.

        Raises:
            ApiProblem: the server refused.
        """
        if self.show.get("status") != "closed":
            await self.api.post(f"/api/shows/{self.show_id}/close")
        path = f"/api/shows/{self.show_id}"
        await self.api.request("PUT", path, body={"access": "public"})
        self.show = await self.api.post(f"{path}/archive")

    async def cancel_show(self, show_id: str) -> None:
        """Takes back a show that was broken off.

        Raises:
            ApiProblem: the server refused.
        """
        await self.api.post(f"/api/shows/{show_id}/cancel")

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

    async def entries(self) -> list[dict[str, Any]]:
        """The setlist as the server has it, in playing order."""
        return list((await self.api.get(f"/api/shows/{self.show_id}/setlist"))["entries"])

    async def open_round(self, body: dict[str, Any]) -> str:
        """Makes a round of this body and opens it; returns its id.

        Raises:
            ApiProblem: the server refused.
        """
        made = await self.api.post(f"/api/shows/{self.show_id}/rounds", body | {"open": True})
        return str(made["id"])
