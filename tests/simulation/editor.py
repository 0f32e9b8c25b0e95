"""A phone's copy of the setlist, and what its owner does to it, with or without a signal."""

from __future__ import annotations

from random import Random
from typing import Any

from pycrdt import Doc, Map

from crdt import frames
from crdt.schema import ROOT
from crdt.state_vector import decode_state_vector
from tests.simulation.sealing import SeededDocs


class Editor:
    """One Yjs document of one participant, for as long as its page is open."""

    def __init__(self, docs: SeededDocs, participant_id: str, dice: Random) -> None:
        self._participant_id = participant_id
        self._dice = dice
        self._doc: Doc[Any] = docs()
        self._root: Map[Any] = self._doc.get(ROOT, type=Map)
        self._songs = 0

    @property
    def client_id(self) -> int:
        """Under which this page edits."""
        return int(self._doc.client_id)

    def place(self) -> tuple[int, int]:
        """Under which id this page edits, and how many elements it has made."""
        return self.client_id, self.clocks().get(self.client_id, 0)

    def clocks(self) -> dict[int, int]:
        """The state vector."""
        return decode_state_vector(self._doc.get_state())

    def content(self) -> dict[str, dict[str, Any]]:
        """What stands in it."""
        return {key: dict(self._root[key].to_py() or {}) for key in sorted(self._root.keys())}

    def step1(self) -> bytes:
        """What this copy has, as a frame."""
        return frames.encode_sync_step1(self._doc.get_state())

    def step2(self, state_vector: bytes) -> bytes:
        """What somebody lacks, as a frame."""
        return frames.encode_sync_step2(self._doc.get_update(state_vector))

    def apply(self, update: bytes) -> None:
        """Merges what came."""
        if update != frames.EMPTY_UPDATE:
            self._doc.apply_update(update)

    def edit(self) -> bytes:
        """Does something to the list; the update as a frame."""
        before = self._doc.get_state()
        here = sorted(self._root.keys())
        dice = self._dice
        chance = dice.random()
        if here and chance < 0.25:
            self._root[dice.choice(here)]["title"] = self._title()
        elif here and chance < 0.4:
            self._root[dice.choice(here)]["position"] = f"{dice.randint(1, 10**6)}V"
        elif here and chance < 0.5:
            self._root[dice.choice(here)]["note"] = f"note {dice.randint(0, 99)}"
        elif here and chance < 0.65:
            del self._root[dice.choice(here)]
        elif here and chance < 0.75:
            # One edit that is fine and one that is refused, in one update.
            with self._doc.transaction():
                self._root[dice.choice(here)]["note"] = "n" * 600
                self._add()
        else:
            self._add()
        return frames.encode_update(self._doc.get_update(before))

    def _add(self) -> None:
        entry_id = f"{self.client_id:08x}-{self._songs:04d}"
        self._root[entry_id] = Map(
            {
                "title": self._title(),
                "section": self._dice.choice(("set1", "set2", "encore1")),
                "position": f"{self._dice.randint(1, 10**6)}V",
                "segue": False,
                "added_by": self._participant_id,
            }
        )

    def _title(self) -> str:
        self._songs += 1
        return f"Song {self.client_id % 1000} {self._songs}"
