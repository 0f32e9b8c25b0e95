"""A setlist to begin with."""

from __future__ import annotations

import random

from loadtests.wire import ApiClient, RoomClient, SetlistDocument

SECTIONS = ("set1", "set2", "encore1")
LISTS = ("of the night", "of the tour", "of them all")


async def filled_setlist(crew: ApiClient, show_id: str, entries: int, seed: int) -> None:
    """Writes so many entries, as the crew, and waits until they are durable."""
    async with RoomClient(crew, show_id) as room:
        await room.entered()
        me = room.participant_id
        edit = await room.edit(lambda setlist: fill(setlist, me, entries, random.Random(seed)))
        await edit.saved()


def fill(setlist: SetlistDocument, me: str, entries: int, rng: random.Random) -> None:
    """A night of songs over two sets and an encore."""
    for number in range(entries):
        setlist.add(
            f"Song number {number} {rng.choice(LISTS)}",
            SECTIONS[number * len(SECTIONS) // entries],
            me,
            note="as played" if number % 5 == 0 else "opener",
        )
