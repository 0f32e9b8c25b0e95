"""One night: everybody comes in, wishes at once while the crew marks, and all is compared."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import aiohttp

from loadtests.faults import setting
from loadtests.song_requests import verdict
from loadtests.song_requests.wishers import Findings, Json, Wisher
from loadtests.wire import ApiClient, RoomClient
from loadtests.wire.api import ApiProblem
from loadtests.wire.ids import uuid7
from loadtests.wire.messages import EventMessage

PEOPLE = 500
COMING_IN_AT_ONCE = 24
MARK_INTERVAL_S = 0.2
SETTLE_TIMEOUT_S = 60.0
SHOWN = 50
"""Requests in one state: docs/protocol.md, ``song_requests_shown``."""
PAGE = 200

Recount = Callable[[str], Awaitable[dict[str, int]]]
"""show id → upvotes by ``song_request_id``, counted by SQL from what everybody said."""


class Watcher:
    """Somebody on a node who only looks: every event and the newest state of the queue."""

    def __init__(self, room: RoomClient) -> None:
        self.room = room
        self.events: list[EventMessage] = []

    @property
    def shown(self) -> list[Json]:
        """The requests of the last state."""
        state = self.room.states.get(("song_requests", ""))
        return list(state.data["requests"]) if state is not None else []


async def play(
    nodes: Sequence[str],
    session: aiohttp.ClientSession,
    seed: int,
    *,
    people: int = PEOPLE,
    recount: Recount | None = None,
) -> Findings:
    """Lets everybody wish at once, and compares.

    Args:
        nodes: addresses; people are spread over them.
        recount: counts by SQL, where the database can be reached.
    """
    findings = Findings()
    rng = random.Random(seed)
    crew = await setting.new_crew(nodes[0], session)
    show_id = str((await setting.live_show(crew, "Wishes"))["id"])
    async with AsyncExitStack() as stack:
        watchers = [await _watcher(stack, node, session, show_id) for node in nodes]
        wishers = await _come_in(stack, nodes, session, show_id, people, rng, findings)
        known: list[str] = []
        began = time.monotonic()
        marking = asyncio.create_task(_mark(crew, show_id, rng))
        try:
            await asyncio.gather(*(wisher.act(known) for wisher in wishers))
        finally:
            marking.cancel()
            await asyncio.gather(marking, return_exceptions=True)
        findings.took_s = time.monotonic() - began
        queues = [await _queue(ApiClient(node, session), show_id) for node in nodes]
        expected = Counter(one for wisher in wishers for one in wisher.supports)
        findings.requests = len(queues[0])
        findings.upvotes = sum(expected.values())
        findings.problems += verdict.support_is_what_was_acked(queues, expected)
        if recount is not None:
            findings.problems += verdict.sql_agrees(await recount(show_id), expected)
        for number, watcher in enumerate(watchers):
            findings.problems += await _state_agrees(watcher, queues[number], number)
        arrival = [str(e.data["song_request_id"]) for e in verdict.requested(watchers[0].events)]
        findings.problems += verdict.order_is_fair(queues, arrival)
        findings.most_undecided = verdict.most_undecided(watchers[0].events)
        if findings.most_undecided > verdict.LIMIT:
            findings.problems.append(f"somebody had {findings.most_undecided} undecided requests")
    return findings


async def _watcher(
    stack: AsyncExitStack, node: str, session: aiohttp.ClientSession, show_id: str
) -> Watcher:
    guest = await setting.new_guest(node, session, "watcher")
    events: list[EventMessage] = []
    room = RoomClient(guest, show_id, on_event=events.append)
    watcher = Watcher(await stack.enter_async_context(room))
    watcher.events = events
    await room.entered()
    return watcher


async def _come_in(
    stack: AsyncExitStack,
    nodes: Sequence[str],
    session: aiohttp.ClientSession,
    show_id: str,
    people: int,
    rng: random.Random,
    findings: Findings,
) -> list[Wisher]:
    gate = asyncio.Semaphore(COMING_IN_AT_ONCE)
    seeds = [rng.getrandbits(64) for _ in range(people)]

    async def one(number: int) -> Wisher:
        async with gate:
            guest = await setting.new_guest(nodes[number % len(nodes)], session, f"w{number}")
            own = random.Random(seeds[number])
            room = await stack.enter_async_context(RoomClient(guest, show_id, rng=own))
            await room.entered(SETTLE_TIMEOUT_S)
            return Wisher(room, own, findings)

    return list(await asyncio.gather(*(one(number) for number in range(people))))


async def _mark(crew: ApiClient, show_id: str, rng: random.Random) -> None:
    """The crew works through the top of the queue until cancelled."""
    while True:
        await asyncio.sleep(MARK_INTERVAL_S)
        page = await crew.get(f"/api/shows/{show_id}/song-requests", {"limit": "5"})
        if not page["items"]:
            continue
        chosen = rng.choice(page["items"])
        status = rng.choice(["accepted", "playing", "played", "declined"])
        body = {
            "command_id": uuid7(rng),
            "name": "mark_song_request",
            "args": {"song_request_id": chosen["song_request_id"], "status": status},
        }
        try:
            await crew.post(f"/api/shows/{show_id}/commands", body)
        except ApiProblem as problem:
            if problem.code != "illegal_transition":
                raise


async def _queue(api: ApiClient, show_id: str) -> list[Json]:
    items: list[Json] = []
    query = {"limit": str(PAGE)}
    while True:
        page = await api.get(f"/api/shows/{show_id}/song-requests", query)
        items += page["items"]
        if not page.get("next_cursor"):
            return items
        query["cursor"] = page["next_cursor"]


async def _state_agrees(watcher: Watcher, queue: list[Json], number: int) -> list[str]:
    def has_all() -> bool:
        told = len(verdict.requested(watcher.events))
        return told >= len(queue) and watcher.shown == queue[:SHOWN]

    try:
        await watcher.room.until(has_all, SETTLE_TIMEOUT_S)
    except TimeoutError:
        return [f"the last state on node {number} is not the beginning of its queue"]
    return []
