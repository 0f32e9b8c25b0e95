"""Random editors, offline and online, honest and not: everybody ends equal, judged by Yjs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from crdt import edits
from crdt.errors import EditError
from crdt.permissions import EditRules
from crdt.schema import SECTIONS
from crdt.verdicts import Forbidden, Repaired
from tests.crdt.room_model import Client, RoomModel
from tests.crdt.yjs_oracle import YjsOracle

NIGHTS = json.loads((Path(__file__).parent / "data" / "nights.json").read_text())["nights"]
TITLES: list[str] = [song["name"] for night in NIGHTS for song in night["songs"]]

BAD_VALUES: list[tuple[str, Any]] = [
    ("title", "x" * 300),
    ("title", 5),
    ("title", {"$": "text", "value": "nested"}),
    ("section", "attic"),
    ("position", "a0"),
    ("added_by", "somebody"),
    ("colour", "red"),
    ("note", {"$": "map", "value": {"a": "b"}}),
    ("segue", "no"),
]


class Editors:
    """Several clients of several people who do what people do, decided by one seed."""

    def __init__(self, oracle: YjsOracle, seed: int) -> None:
        self.random = random.Random(seed)
        self.room = RoomModel(oracle)
        people = [("ann", "fan"), ("ann", "fan"), ("bob", "fan"), ("jerry", "artist")]
        self.clients = [self.room.join(*person) for person in people]
        self.clients.append(self.room.join("spam", "brand"))
        for client in self.clients:
            client.yjs.track_undo()
        self.made = 0
        self.refusals = 0

    def entry_id(self) -> str:
        """Often one that exists, so that people meet."""
        return f"e{self.random.randrange(max(1, self.made))}"

    def fields(self, client: Client) -> dict[str, Any]:
        pick = self.random
        return {
            "title": pick.choice(TITLES),
            "section": pick.choice(SECTIONS[:4]),
            "position": edits.position_between(None, None, pick),
            "segue": pick.random() < 0.3,
            "added_by": client.editor.participant_id if pick.random() < 0.9 else "forged",
        }

    def change(self, client: Client) -> list[Any]:
        pick = self.random
        match pick.randrange(12):
            case 0 | 1 | 2:
                self.made += 1
                return ["entry", f"e{self.made - 1}", self.fields(client)]
            case 3:
                return ["entry", self.entry_id(), self.fields(client)]
            case 4 | 5:
                return ["field", self.entry_id(), "title", pick.choice(TITLES)]
            case 6 | 7:
                position = edits.position_between(None, None, pick)
                return ["field", self.entry_id(), "position", position]
            case 8:
                return [
                    "unset",
                    self.entry_id(),
                    pick.choice(["note", "title", "segue", "position"]),
                ]
            case 9:
                return ["remove", self.entry_id()]
            case 10:
                field, value = pick.choice(BAD_VALUES)
                return ["field", self.entry_id(), field, value]
            case _:
                return pick.choice(
                    [
                        ["root", self.entry_id(), "text"],
                        ["foreign_array", "songs", ["x"]],
                        ["nested_text", self.entry_id(), "title", "y"],
                        ["field", self.entry_id(), "note", None],
                    ]
                )

    def step(self) -> None:
        pick = self.random
        client = pick.choice(self.clients)
        match pick.randrange(20):
            case 0:
                if client.connected:
                    client.disconnect()
            case 1:
                if not client.connected:
                    self.note(client.connect())
            case 2:
                self.room.rules = EditRules(locked=not self.room.rules.locked)
            case 3:
                client.outbox += client.yjs.undo(pick.random() < 0.3) if client.connected else []
            case 4:
                self.server_edit()
            case 5:
                # A turn that failed: the twin is thrown away.
                self.room.twin = self.room.live.clone()
            case 6 | 7 | 8:
                client.take()
            case 9 | 10 | 11:
                for verdict in client.flush():
                    self.note(verdict)
            case _:
                client.edit(*(self.change(client) for _ in range(pick.randrange(1, 4))))

    def server_edit(self) -> None:
        entries = self.room.twin.entries()
        if not entries:
            return
        entry = self.random.choice(entries)
        try:
            update = self.random.choice(
                [
                    lambda: edits.set_fields(self.room.twin, entry.id, {"note": "seen"}),
                    lambda: edits.rebalance_section(self.room.twin, entry.section),
                    lambda: edits.move_entry(
                        self.room.twin, entry.id, "encore1", None, self.random
                    ),
                ]
            )()
        except EditError as error:
            pytest.fail(f"a server-side edit failed: {error}")
        self.room.bindings[self.room.twin.client_id] = "server"
        self.room.publish(update)

    def note(self, verdict: object) -> None:
        assert not isinstance(verdict, Forbidden), verdict
        self.refusals += isinstance(verdict, Repaired)

    def come_together(self) -> None:
        """Everybody online, everything sent, everything taken; twice for what repairs cause."""
        for client in self.clients:
            if not client.connected:
                self.note(client.connect())
        for client in self.clients:
            for verdict in client.flush():
                self.note(verdict)
        self.room.assert_converged()


@pytest.mark.parametrize("seed", range(12))
def test_random_editors_converge(oracle: YjsOracle, seed: int) -> None:
    editors = Editors(oracle, seed)
    for _ in range(6):
        for _ in range(60):
            editors.step()
        editors.come_together()
    assert editors.room.live.entry_count > 3
    assert editors.refusals > 5, "the scenario did not exercise repairs"


@pytest.mark.parametrize("night", NIGHTS, ids=[night["date"] for night in NIGHTS])
def test_a_real_night_written_by_two_at_once_is_in_order_on_every_screen(
    oracle: YjsOracle, night: dict[str, Any]
) -> None:
    """Both append each song at the end, one after the other offline; nothing is lost."""
    room = RoomModel(oracle)
    pick = random.Random(night["date"])
    ann, bob = room.join("ann"), room.join("bob")
    ann.disconnect()
    expected: dict[str, list[str]] = {"ann": [], "bob": []}
    last: dict[str, str | None] = {"ann": None, "bob": None}
    for index, song in enumerate(night["songs"]):
        writer, name = (ann, "ann") if index % 3 == 0 else (bob, "bob")
        position = edits.position_between(last[name], None, pick)
        last[name] = position
        expected[name].append(song["name"])
        fields = {
            "title": song["name"],
            "section": "set1",
            "position": position,
            "segue": song["segued"],
            "added_by": name,
        }
        writer.edit(["entry", f"{name}{index}", fields])
        for verdict in bob.flush():
            assert not isinstance(verdict, Forbidden)
    ann.connect()
    room.assert_converged()
    for name, titles in expected.items():
        assert [e.title for e in room.live.entries() if e.added_by == name] == titles
