"""``python -m tests.stages``: what each stage of a vote, a chat line and an edit costs in Python.

One process, one room, the product's own code: thread CPU time by stage, the least of some rounds,
because whatever else a machine does can only make it worse. What is not in it: system calls, the
event loop, the driver, PostgreSQL. `loadtests.bench` measures all of that together, over sockets.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

import click
import uvloop

from tests.rooms.decide.test_setlist import Phone
from tests.stages.room import OPTIONS, StagedRoom, command, edit, new_id, staged_room, synced

VOTERS, VOTE_ROUNDS = 2_000, 5
CHATTERS, CHAT_LISTENERS = 400, 1_000
EDITORS, EDIT_LISTENERS, EDITS_EACH = 10, 100, 20


async def votes() -> tuple[StagedRoom, int]:
    """10,000 votes of 2,000 people in five rounds, in turns of 500."""
    room = await staged_room()
    round_ids = await room.rounds(VOTE_ROUNDS)
    await room.enter(VOTERS)
    said = []
    for who in range(VOTERS):
        picks = [{"option_id": f"o{who % OPTIONS + 1}"}]
        ballots = (command("cast_vote", round_id=one, picks=picks) for one in round_ids)
        said.append((who, b"".join(ballots)))
    room.spent.clear()
    await room.say(said)
    return room, VOTERS * VOTE_ROUNDS


async def chat() -> tuple[StagedRoom, int]:
    """Lines of 400 people, twenty to a turn, each to a thousand."""
    room = await staged_room()
    await room.enter(CHAT_LISTENERS)
    room.spent.clear()
    for first in range(0, CHATTERS, 20):
        lines = range(first, first + 20)
        await room.say([(who, command("post_chat", text=f"Line {who} of it")) for who in lines])
    return room, CHATTERS


async def edits() -> tuple[StagedRoom, int]:
    """Ten people edit the setlist by Yjs, one update a turn, each to a hundred others."""
    room = await staged_room()
    await room.enter(EDITORS + EDIT_LISTENERS)
    phones = [Phone(room.people[who][0].participant) for who in range(EDITORS)]
    entries = [new_id() for _ in phones]
    await room.say([(who, synced()) for who in range(EDITORS)])
    room.spent.clear()
    for number in range(EDITS_EACH):
        for who, phone in enumerate(phones):
            if number == 0:
                update = phone.add(entries[who], f"Song {who}", f"V{who}x")
            else:
                update = phone.rename(entries[who], f"Song {who}, take {number}")
            await room.say([(who, edit(update))])
    return room, EDITORS * EDITS_EACH


MEASURED: dict[str, Callable[[], Coroutine[Any, Any, tuple[StagedRoom, int]]]] = {
    f"a vote ({VOTERS * VOTE_ROUNDS:,} in turns of 500)": votes,
    f"a chat line (20 to a turn, {CHAT_LISTENERS:,} listeners)": chat,
    f"an edit (one to a turn, {EDIT_LISTENERS} listeners)": edits,
}


@click.command(help=__doc__)
@click.option("--rounds", default=5, show_default=True)
def main(rounds: int) -> None:
    """The command."""
    for title, measure in MEASURED.items():
        least: dict[str, float] = {}
        for _ in range(rounds):
            gc.collect()
            gc.disable()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                room, count = runner.run(measure())
            gc.enable()
            for stage, seconds in room.spent.items():
                least[stage] = min(least.get(stage, seconds), seconds)
        click.echo(f"\n| {title} | µs each |\n|---|---:|")
        for stage, seconds in least.items():
            click.echo(f"| {stage} | {seconds / count * 1e6:.1f} |")
        click.echo(f"| together | {sum(least.values()) / count * 1e6:.1f} |")


if __name__ == "__main__":
    main()
