"""Nothing that comes over a socket does anything but end in a typed outcome.

More than 60,000 inputs per run: mutations of real updates, updates built from random structs
that aim at what exists, frames, random bytes. The seed is printed; ``SETROOM_FUZZ_SEED``
repeats a run.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
from pycrdt import Array, Doc, Map, Text

from crdt.awareness import decode_awareness
from crdt.document import SetlistDocument
from crdt.errors import DecodeError, DecodeFault
from crdt.frames import (
    AwarenessFrame,
    SyncStep1,
    SyncStep2,
    SyncUpdate,
    decode_frame,
    encode_awareness,
    encode_sync_step1,
    encode_sync_step2,
    encode_update,
)
from crdt.guard import judge
from crdt.permissions import Editor, EditRules
from crdt.state_vector import decode_state_vector
from crdt.update_structs import Id
from crdt.varint import encode_varuint
from crdt.verdicts import Accepted, Forbidden, Repaired
from tests.crdt.room_model import RoomModel
from tests.crdt.update_builder import any_text, gc, item, skip, update
from tests.crdt.yjs_oracle import YjsOracle

FIELDS = ["title", "section", "position", "segue", "note", "added_by", "colour"]
TEXTS = ["Dark Star", "set1", "encore2", "V1", "a0", "", "ann", "x" * 201, "🎸", "\x00"]


def seed_of(offset: int) -> int:
    seed = int(os.environ.get("SETROOM_FUZZ_SEED", "0")) or random.SystemRandom().getrandbits(32)
    print(f"SETROOM_FUZZ_SEED={seed} (part {offset})")
    return seed + offset


def real_updates(pick: random.Random) -> list[bytes]:
    """What an ordinary client and an odd one send."""
    updates: list[bytes] = []
    client: Doc[object] = Doc()
    entries = client.get("entries", type=Map)
    subscription = client.observe(lambda event: updates.append(event.update))
    for number in range(12):
        entries[f"e{number}"] = Map(
            {"title": pick.choice(TEXTS), "section": "set1", "position": "V1", "segue": True}
        )
        entries[f"e{number}"]["title"] = f"Sugar Magnolia 🎸 {number}"
        entries[f"e{number}"]["note"] = Text("nested") if number % 3 == 0 else "note"
    del entries["e3"]
    client.get("songs", type=Array).extend(["a", 1.5, None, {"deep": [1, 2]}, b"bytes"])
    client.get("prose", type=Text).insert(0, "Wörter")
    updates.append(client.get_update())
    client.unobserve(subscription)
    for number in range(40):
        # First updates of new clients, which depend on nothing: an injury decides alone.
        fresh: Doc[object] = Doc()
        fresh.get("entries", type=Map)[f"f{number}"] = Map({"title": pick.choice(TEXTS) + "abc"})
        updates.append(fresh.get_update())
    return updates


def mutate(pick: random.Random, data: bytes) -> bytes:
    """One to four small injuries."""
    out = bytearray(data)
    for _ in range(pick.choice([1, 1, 2, 4])):
        at = pick.randrange(len(out) + 1)
        match pick.randrange(7):
            case 0:
                out = out[:at]
            case 1:
                out[at:at] = pick.randbytes(pick.randrange(1, 4))
            case 2:
                del out[at : at + pick.randrange(1, 4)]
            case 3 if out:
                out[at % len(out)] ^= 1 << pick.randrange(8)
            case 4 if out:
                out[at % len(out)] = pick.choice([0, 1, 0x7F, 0x80, 0xFF])
            case 5:
                out[at:at] = encode_varuint(pick.choice([2**31, 2**53 - 1, 127, 128]))
            case 6:
                out[at:at] = pick.choice([b"\x80\x00", b"\xff" * 9, b"\xc3\x28", b"\xed\xa0\x80"])
    return bytes(out)


class StructBuilder:
    """Well-formed updates with random structs that aim at what the document holds."""

    def __init__(self, pick: random.Random, document: SetlistDocument) -> None:
        self.pick = pick
        self.document = document
        self.clients = [pick.getrandbits(32) for _ in range(3)]

    def element(self) -> Id:
        """Mostly one that exists."""
        if self.pick.random() < 0.6 and self.document.places.current:
            holders = self.document.places.current
            return self.pick.choice(list(holders.values())[-40:])
        clocks = dict(self.document.clocks)
        client = self.pick.choice([*clocks, *self.clients])
        known = clocks.get(client, 0)
        if known and self.pick.random() < 0.95:
            return Id(client, self.pick.randrange(known))
        return Id(client, known + self.pick.randrange(3))

    def struct(self, client: int, clock: int) -> tuple[bytes, int]:
        pick = self.pick
        if pick.random() < 0.04:
            length = pick.randrange(1, 4)
            return (gc(length) if pick.random() < 0.9 else skip(length)), length
        kind, content, length = self.content()
        target = (
            self.element()
            if clock == 0 or pick.random() < 0.7
            else Id(client, pick.randrange(clock))
        )
        match pick.randrange(8):
            case 0 | 1:
                return item(content, kind, origin=target), length
            case 2:
                right = self.element() if pick.random() < 0.5 else None
                return item(content, kind, origin=right, right_origin=target), length
            case 3 | 4 | 5:
                sub = pick.choice(FIELDS) if pick.random() < 0.9 else None
                return item(content, kind, parent=target, sub=sub), length
            case _:
                root = "entries" if pick.random() < 0.85 else "other"
                sub = f"e{pick.randrange(20)}" if pick.random() < 0.9 else None
                return item(content, kind, root=root, sub=sub), length

    def content(self) -> tuple[int, bytes, int]:
        pick = self.pick
        match pick.randrange(14):
            case 0 | 1 | 2 | 3 | 4:
                return 8, any_text(pick.choice(TEXTS)), 1
            case 5 | 6 | 7:
                return 7, encode_varuint(1), 1
            case 8:
                return 7, encode_varuint(pick.choice([0, 2, 4, 6])), 1
            case 9:
                length = pick.randrange(1, 4)
                return 1, encode_varuint(length), length
            case 10:
                return 4, b"\x03abc", 3
            case 11:
                return pick.choice(
                    [(2, b"\x02\x011\x04null", 2), (3, b"\x02ab", 1), (5, b"\x02{}", 1)]
                )
            case 12:
                return pick.choice([(6, b"\x01b\x04true", 1), (9, b"\x02id\x76\x00", 1)])
            case _:
                tag = pick.choice([b"\x7e", b"\x7f", b"\x79", b"\x7d\x05", b"\x7a" + b"\xff" * 8])
                return 8, b"\x02" + tag + b"\x78" if pick.random() < 0.3 else b"\x01" + tag, (0)

    def build(self) -> bytes:
        pick = self.pick
        sections = []
        for client in pick.sample(self.clients, pick.choice([1, 1, 1, 2])):
            start = clock = self.document.clocks.get(client, 0)
            structs = []
            for _ in range(pick.randrange(1, 5)):
                struct, length = self.struct(client, clock)
                structs.append(struct)
                clock += length or (2 if struct.endswith(b"\x78") else 1)
            sections.append((client, start, structs))
        deletes = [(*self.element(), 1) for _ in range(pick.choice([0, 0, 1, 2]))]
        return update(sections, deletes)


EDITOR = Editor("mallory", "fan")


class Arena:
    """A room under fire; every accepted update also goes to Yjs and to the live document."""

    def __init__(self, oracle: YjsOracle, pick: random.Random) -> None:
        self.room = RoomModel(oracle)
        ann = self.room.join("ann")
        for number in range(10):
            ann.do(["entry", f"e{number}", {"title": f"Song {number}", "added_by": "ann"}])
        self.ann = ann
        self.pick = pick
        self.outcomes: Counter[str] = Counter()
        self.unseen: list[bytes] = []

    def fire(self, data: bytes) -> None:
        room = self.room
        rules = EditRules(locked=self.pick.random() < 0.2)
        first_sync = self.pick.random() < 0.2
        verdict = judge(room.twin, data, EDITOR, rules, room.bindings, first_sync=first_sync)
        match verdict:
            case Forbidden():
                assert not verdict.twin_dirty, (verdict, data.hex())
                self.outcomes[verdict.reason.value] += 1
            case Accepted() | Repaired():
                self.outcomes[type(verdict).__name__] += 1
                room.bindings.update({b.client_id: b.participant_id for b in verdict.new_clients})
                if verdict.update is not None:
                    room.live.apply(verdict.update)
                    self.unseen.append(verdict.update)

    def check(self) -> None:
        """Server, twin, index and Yjs agree; the honest client's next edit arrives."""
        self.room.witness.apply(*self.unseen)
        self.ann.yjs.apply(*self.unseen)
        self.unseen.clear()
        self.room.assert_converged()
        self.ann.do(["entry", "e0", {"title": "Ann plays on", "added_by": "ann"}])
        assert self.room.entry("e0").title == "Ann plays on"


def run_arena(oracle: YjsOracle, seed: int, inputs: int, source: str) -> Counter[str]:
    pick = random.Random(seed)
    outcomes: Counter[str] = Counter()
    corpus = real_updates(pick)
    fired = 0
    while fired < inputs:
        arena = Arena(oracle, pick)
        builder = StructBuilder(pick, arena.room.twin)
        for _ in range(4):
            for _ in range(500):
                if source == "structs":
                    data = builder.build()
                    if pick.random() < 0.1:
                        data = mutate(pick, data)
                elif pick.random() < 0.05:
                    data = pick.randbytes(pick.randrange(40))
                else:
                    data = mutate(pick, pick.choice(corpus))
                arena.fire(data)
                fired += 1
            arena.check()
        outcomes += arena.outcomes
    return outcomes


def test_injured_real_updates(oracle: YjsOracle) -> None:
    outcomes = run_arena(oracle, seed_of(1), 24_000, "mutations")
    print(dict(outcomes))
    assert outcomes["malformed"] > 1000
    assert outcomes["Accepted"] + outcomes["Repaired"] > 300


def test_random_structs_aimed_at_the_document(oracle: YjsOracle) -> None:
    outcomes = run_arena(oracle, seed_of(2), 16_000, "structs")
    print(dict(outcomes))
    assert outcomes["pending"] > 500
    assert outcomes["Accepted"] > 500
    assert outcomes["Repaired"] > 2000


Decoder = Callable[[bytes], object]


@pytest.mark.parametrize("decoder", [decode_frame, decode_state_vector, decode_awareness])
def test_injured_frames(decoder: Decoder) -> None:
    pick = random.Random(seed_of(3))
    corpus = [
        encode_sync_step1(b"\x01\x05\x07"),
        encode_sync_step2(real_updates(pick)[0]),
        encode_update(real_updates(pick)[1]),
        encode_awareness(b"\x01\x05\x01\x0d" + b'{"name":"\xc3\xa4"}'),
        b"\x02\x00\x03no!",
        b"\x03",
        b"\x02\x05\x07\xff\xff\x03\x01",
        b"\x02\x05\x01\x04null\x06\x02" + b'\x0f{"a":[1,2,"b"]}',
    ]
    frames = (SyncStep1, SyncStep2, SyncUpdate, AwarenessFrame)
    faults: Counter[str] = Counter()
    for _ in range(10_000):
        data = mutate(pick, pick.choice(corpus))
        try:
            decoded = decoder(data)
        except DecodeError as error:
            assert error.fault in DecodeFault
            faults[error.fault.value] += 1
            continue
        faults["fine"] += 1
        if isinstance(decoded, frames):
            decode_frame(data)
    print(dict(faults))
    assert faults["truncated"] > 100
