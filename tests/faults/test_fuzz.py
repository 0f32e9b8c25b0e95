"""Hostile clients over real sockets, in a short form; the long one is a command of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from loadtests.faults import fuzz
from loadtests.faults.neighbours import Neighbours
from loadtests.wire import framing

INPUTS = 1_600
"""``python -m loadtests.faults.fuzz`` sends 100,000."""
SEED = 20_260
JUDGE = Path(__file__).with_name("yjs_judge.mjs")
CLIENTS = Path(__file__).parents[2] / "clients"


async def test_hostile_clients_change_nothing_of_what_their_neighbours_get() -> None:
    async with fuzz.rig(None, SEED) as rig:
        report = await rig.run(INPUTS, attackers=16)
        assert report.outcomes.unexpected == []
        assert report.problems == []
        assert report.outcomes.inputs >= INPUTS
        assert len(report.outcomes.counts) >= 28
        await _yjs_agrees(rig)


async def _yjs_agrees(rig: fuzz.Fuzz) -> None:
    """Yjs itself, given the bytes of an attacked room, holds what the honest people meant."""
    if shutil.which("node") is None or not (CLIENTS / "node_modules" / "yjs").is_dir():
        pytest.skip("needs Node and the clients' packages")
    room = await rig.attacked_room(fuzz.LANES[1], inputs=300, attackers=8)
    updates = [room.initial, *(_update(frame) for frame in room.plain_frames)]
    seen = _judged([update for update in updates if update])
    assert seen["pending"] is False
    assert _telling(seen["entries"]) == _telling(_meant(room))


def _update(frame: bytes) -> bytes:
    decoded = framing.decode(frame)
    if isinstance(decoded, framing.SyncFrame) and decoded.step != framing.STEP_1:
        return decoded.payload
    return b""


def _meant(room: Neighbours) -> dict[str, object]:
    return {entry.entry_id: entry.fields for entry in room.artist.setlist.entries()}


def _telling(entries: object) -> dict[str, dict[str, object]]:
    """Without what says nothing: an absent segue is none."""
    assert isinstance(entries, dict)
    return {
        entry_id: {name: value for name, value in fields.items() if value not in (None, False)}
        for entry_id, fields in entries.items()
    }


def _judged(updates: list[bytes]) -> dict[str, object]:
    with tempfile.NamedTemporaryFile("w", suffix=".hex") as file:
        file.write("\n".join(update.hex() for update in updates))
        file.flush()
        done = subprocess.run(
            ["node", str(JUDGE), str(CLIENTS / "package.json"), file.name],
            capture_output=True,
            text=True,
            check=True,
            timeout=110,
        )
    result: dict[str, object] = json.loads(done.stdout)
    return result
