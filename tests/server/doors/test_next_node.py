"""A person's next request reaches another node, which has heard nothing of the last one."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
from litestar import Litestar

from tests.server.conftest import StartNode, client_of
from tests.server.http import Person, ok, refused


async def command(who: Person, show_id: str, name: str, **args: Any) -> httpx.Response:
    body = {"command_id": str(uuid4()), "name": name, "args": args}
    return await who.post(f"/api/shows/{show_id}/commands", body)


async def test_what_holds_in_a_room_holds_on_a_node_that_hears_nothing(
    app: Litestar, start_node: StartNode, artist: Person, guest: Person
) -> None:
    show_id = (await artist.live_show())["id"]
    round_id = (await artist.open_round(show_id))["id"]
    other = await start_node()
    async with client_of(other) as client:
        there = guest.at(client)
        ok(await command(there, show_id, "react", kind="clap"))
        room = other.state.services.node.loaded(show_id)
        room.hear = lambda _: None  # the bus loses everything for this one

        # Slow mode and the line before are known, though both were said elsewhere.
        ok(await command(artist, show_id, "set_slow_mode", interval_s=60))
        ok(await command(guest, show_id, "post_chat", text="first"))
        refused(await command(there, show_id, "post_chat", text="second"), 429, "slow_mode")

        # The same command on both nodes is one.
        vote = {"command_id": str(uuid4()), "picks": [{"option_id": "o1"}]}
        said = ok(await guest.post(f"/api/rounds/{round_id}/vote", vote))
        assert ok(await there.post(f"/api/rounds/{round_id}/vote", vote)) == said
        other_vote = {"command_id": str(uuid4()), "picks": [{"option_id": "o2"}]}
        ok(await there.post(f"/api/rounds/{round_id}/vote", other_vote))
        closed = ok(await artist.post(f"/api/rounds/{round_id}/close"))
        assert closed["result"]["options"] == {"o1": 0, "o2": 1}
        late = {"command_id": str(uuid4()), "picks": [{"option_id": "o1"}]}
        refused(await there.post(f"/api/rounds/{round_id}/vote", late), 409, "round_closed")

        (participant_id,) = room.replica.state.memory.last_chat_at

        # A mute, too. (Slow mode ends over there: a refusal asks nobody what has changed since.)
        ok(await command(artist.at(client), show_id, "set_slow_mode", interval_s=0))
        ok(await command(artist, show_id, "mute_participant", participant_id=participant_id))
        refused(await command(there, show_id, "post_chat", text="third"), 403, "muted")
