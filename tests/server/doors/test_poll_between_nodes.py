"""Polls of one person that are answered by different nodes, and by one that leaves."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Litestar

from tests.patience import PATIENT_S
from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok, refused


async def poll(person: Person, show_id: str, body: Any = None, wait_s: float = 0.0) -> Any:
    """One poll from where the last answer left off."""
    place = ""
    if body is not None:
        place = f"&since={body['seq']}&epoch={body['epoch']}&cursor={body['cursor']}"
    return ok(await person.get(f"/api/shows/{show_id}/poll?wait_s={wait_s}{place}"))


async def chat(person: Person, show_id: str, text: str) -> None:
    args = {"text": text}
    body = {"command_id": f"chat-{text}".replace(" ", "-"), "name": "post_chat", "args": args}
    ok(await person.post(f"/api/shows/{show_id}/commands", body))


async def test_a_cursor_means_the_same_on_every_node(
    app: Litestar, start_node: StartNode, artist: Person, guest: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    round_id = (await artist.open_round(show_id))["id"]
    other = await start_node()
    async with client_of(other) as client:
        there = guest.at(client)
        body = await poll(guest, show_id)
        vote = {"command_id": "v1", "picks": [{"option_id": "o1"}]}
        ok(await guest.post(f"/api/rounds/{round_id}/vote", vote))
        await chat(guest, show_id, "hello")
        news = await poll(guest, show_id, body)
        assert [event["data"]["text"] for event in news["events"]] == ["hello"]
        tally = next(state for state in news["states"] if state["name"] == "tally")
        assert tally["data"]["options"]["o1"] == 1
        # The other node loads the room only now and may not know what moved when; it never tells
        # an event again, nor an older value.
        after = await poll(there, show_id, news, wait_s=0.2)
        assert after["recovered"] and after["events"] == []
        again = await poll(there, show_id, after)
        assert [state for state in again["states"] if state["name"] == "tally"] == []
        # And what happens there is told here, from there on.
        await chat(there, show_id, "from there")
        back = await poll(guest, show_id, again, wait_s=10)
        assert [event["data"]["text"] for event in back["events"]] == ["from there"]


async def test_a_node_that_is_behind_catches_up_with_what_its_poller_has_seen(
    app: Litestar, start_node: StartNode, artist: Person, guest: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    other = await start_node()
    async with client_of(other) as client:
        there = guest.at(client)
        await poll(there, show_id)
        room = other.state.services.node.rooms[0]
        room.hear = lambda _: None  # the bus loses everything for this one
        body = await poll(guest, show_id)
        for number in range(3):
            await chat(guest, show_id, f"line {number}")
        news = await poll(guest, show_id, body)
        assert len(news["events"]) == 3
        after = await poll(there, show_id, news)
        assert after["recovered"] and after["events"] == [] and after["seq"] == news["seq"]


async def test_a_node_that_leaves_answers_those_who_wait_and_sends_others_on(
    start_node: StartNode, artist: Person, guest: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    leaving = await start_node()
    async with client_of(leaving) as client:
        there = guest.at(client)
        body = await poll(there, show_id)
        waiting = asyncio.create_task(poll(there, show_id, body, wait_s=55))
        polls = leaving.state.services.node.rooms[0].hub.polls
        async with asyncio.timeout(PATIENT_S):
            while not polls._waiting:
                await asyncio.sleep(0.01)
            await leaving.state.drain()
            answer = await waiting
        assert answer["recovered"] and answer["seq"] == body["seq"]
        for path in ("poll", "stream"):
            response = await there.get(f"/api/shows/{show_id}/{path}")
            refused(response, 503, "restarting")
            assert response.headers["retry-after"]
