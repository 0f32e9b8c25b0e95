"""Hostile updates in good frames: forged, pending, against the schema, the lock, the author."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycrdt import Array, Map
from pycrdt import Text as YText

from loadtests.faults.hostile import forging
from loadtests.faults.hostile.forging import Twin
from loadtests.faults.hostile.inputs import (
    CLOSED,
    REFUSED,
    SAVED,
    Binary,
    Hostile,
    Knowledge,
    Maker,
    allowed,
)
from loadtests.wire import SetlistDocument, framing
from loadtests.wire.ids import uuid7

FORBIDDEN = allowed(f"{CLOSED}:4403")
BROKEN = allowed(f"{CLOSED}:4403", f"{CLOSED}:1007", f"{CLOSED}:4413", SAVED, REFUSED)
STALE = FORBIDDEN | {SAVED}
"""Forged from what the attacker last saw: the artist may have written on, and then it is known
already, changes nothing and is passed over."""
RACING = STALE | {REFUSED}
"""As `STALE`, in a locked setlist: what hits something that exists by now is repaired."""
REPAIRED = allowed(REFUSED)
OVERTAKEN = REPAIRED | {SAVED}
"""An edit of an entry that the artist removes at the same time changes nothing."""


def _closing(kind: str, update: bytes, allowed: frozenset[str] = FORBIDDEN) -> Hostile:
    frame = Binary(framing.sync(framing.UPDATE, update))
    return Hostile(kind, (frame,), allowed, updates=1, spoils=True)


def gap_in_own_clock(know: Knowledge) -> Hostile:
    """The second of two edits without the first: it would wait for ever."""
    twin = Twin(know.setlist.whole())
    twin.entries["first"] = Map({"title": "A"})
    between = twin.doc.get_state()
    twin.entries["second"] = Map({"title": "B"})
    return _closing("gap in own clock", twin.since(between))


def pending_on_others(know: Knowledge) -> Hostile:
    """A struct that hangs on a clock of the artist's that is still to come."""
    return _closing("pending on another's clock", _hanging(know, know.rng.randint(1_000, 5_000)))


def pending_on_the_next(know: Knowledge) -> Hostile:
    """The same with the artist's very next clocks, which may come at any moment."""
    update = _hanging(know, know.rng.randint(0, 40))
    return _closing("pending on the next edit", update, RACING)


def _hanging(know: Knowledge, ahead: int) -> bytes:
    clock = forging.clock_of(know.setlist.state_vector(), know.victim_client) + ahead
    struct = forging.item_after(know.victim_client, clock, forging.any_string("x"))
    return forging.update([(know.rng.getrandbits(31), 0, [struct])])


def future_delete(know: Knowledge) -> Hostile:
    """A delete set for what the artist has not written yet."""
    update = _deleting(know, know.rng.randint(1_000, 5_000))
    return _closing("delete of clocks to come", update)


def delete_of_the_next(know: Knowledge) -> Hostile:
    """The same with the artist's very next clocks: the next edit is to vanish on arrival."""
    update = _deleting(know, know.rng.randint(0, 20))
    return _closing("delete of the next edit", update, RACING)


def _deleting(know: Knowledge, ahead: int) -> bytes:
    clock = forging.clock_of(know.setlist.state_vector(), know.victim_client) + ahead
    return forging.update([], {know.victim_client: [(clock, know.rng.randint(1, 500))]})


def forged_client(know: Knowledge) -> Hostile:
    """An edit under the artist's client id, at the artist's next clock."""
    state = know.setlist.whole()
    twin = Twin(state, client_id=know.victim_client)
    before = twin.doc.get_state()
    twin.entries[uuid7(know.rng)] = Map({"title": "In your name", "added_by": know.victim})
    return _closing("forged client id", twin.since(before), STALE)


def swallowed_clocks(know: Knowledge) -> Hostile:
    """Empty structs under the artist's client id: the artist's next edit would be 'known'."""
    clock = forging.clock_of(know.setlist.state_vector(), know.victim_client)
    length = know.rng.randint(1, 1_000)
    update = forging.update([(know.victim_client, clock, [forging.gc(length)])])
    return _closing("swallowed clocks", update, STALE)


def skipped_clocks(know: Knowledge) -> Hostile:
    """A gap written as such, then an item behind it."""
    mine = know.rng.getrandbits(31)
    structs = [forging.skip(know.rng.randint(1, 9)), forging.root_item("k", b"\x78")]
    return _closing("skipped clocks", forging.update([(mine, 0, structs)]))


def bad_update(know: Knowledge) -> Hostile:
    """Bytes in the place of an update."""
    rng = know.rng
    whole = know.setlist.whole()
    cut = whole[: rng.randrange(0, max(1, len(whole) - 1))]
    content = rng.choice([b"", b"\x01", b"\x01\x01\x05", rng.randbytes(30) + b"\xff", cut])
    frame = Binary(framing.sync(framing.UPDATE, content))
    codes = allowed(f"{CLOSED}:1007", f"{CLOSED}:4403", f"{CLOSED}:4413")
    return Hostile("malformed update", (frame,), codes, updates=1, spoils=True)


def mutated(know: Knowledge) -> Hostile:
    """An honest update with some bits turned: anything may come of it, but nothing visible."""
    rng = know.rng
    with know.setlist.clone() as copy, copy.local() as updates:
        copy.add("Dark Star", "set1", know.me)
    content = bytearray(updates[0])
    for _ in range(rng.randint(1, 4)):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    frame = Binary(framing.sync(framing.UPDATE, bytes(content)))
    return Hostile("mutated update", (frame,), BROKEN, updates=1, spoils=True)


def _own_edit(
    know: Knowledge,
    kind: str,
    change: Callable[[SetlistDocument], object],
    allowed: frozenset[str] = REPAIRED,
) -> Hostile:
    """An edit in the sender's own document: the server's repair comes back and merges."""
    with know.setlist.local() as updates:
        change(know.setlist)
    frames = tuple(Binary(framing.sync(framing.UPDATE, update)) for update in updates)
    return Hostile(kind, frames, allowed, updates=len(frames))


def against_the_schema(know: Knowledge) -> Hostile:
    """Fields, types and roots that the setlist does not have."""
    rng = know.rng
    fields: list[dict[str, Any]] = [
        {"title": 7},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "a\x00b"},
        {"section": "set10"},
        {"section": True},
        {"position": "0"},
        {"position": "a" * 70},
        {"position": "ü"},
        {"segue": "yes"},
        {"note": "n" * 501},
        {"note": ["a", {"b": 1}]},
        {"started_at": "yesterday"},
        {"colour": "red"},
        {"x" * 500: True},
        {"title": {"nested": {"deep": [1, 2, 3]}}},
        {"song_id": "s" * 300},
    ]
    chosen = rng.choice(fields)
    return _own_edit(
        know,
        "against the schema",
        lambda setlist: setlist.add_raw(
            {"title": "Bad", "section": "set1", "position": "V1", "added_by": know.me, **chosen},
        ),
    )


def foreign_content(know: Knowledge) -> Hostile:
    """Other roots, other types, entries that are no maps."""
    rng = know.rng
    name = "".join(rng.choices("abcdefgh", k=6))
    values: list[Any] = [
        Array(["a"]),
        YText("text"),
        "plain",
        {"title": "plain"},
        7.5,
        None,
        [1, 2],
    ]
    if rng.random() < 0.4:
        kind = "foreign root"

        def change(setlist: SetlistDocument) -> None:
            setlist.doc.get(f"root_{name}", type=Map)[name] = "mine"
    else:
        kind = "entry that is no entry"
        value = rng.choice(values)

        def change(setlist: SetlistDocument) -> None:
            setlist.put_raw(rng.choice([name, "x" * 200, "sp ace", "é", ""]), value)

    return _own_edit(know, kind, change)


def against_the_lock(know: Knowledge) -> Hostile:
    """Honest edits by a fan while only crew may edit."""
    rng = know.rng
    entries = know.setlist.entries()
    choice = rng.randrange(4) if entries else 0
    target = rng.choice(entries).entry_id if entries else ""
    changes: list[Callable[[SetlistDocument], object]] = [
        lambda setlist: setlist.add("Sneaked in", "set1", know.me),
        lambda setlist: setlist.remove(target),
        lambda setlist: setlist.change(target, title=f"Defaced {rng.random()}"),
        lambda setlist: setlist.move(target, "encore1", None),
    ]
    return _own_edit(know, "against the lock", changes[choice], OVERTAKEN)


def forged_author(know: Knowledge) -> Hostile:
    """An entry that says the artist wrote it, or takes over one of the artist's."""
    entries = know.setlist.entries()
    if entries and know.rng.random() < 0.5:
        target = know.rng.choice(entries).entry_id
        return _own_edit(
            know,
            "forged author",
            lambda setlist: setlist.change(target, added_by=know.me),
            OVERTAKEN,
        )
    return _own_edit(
        know, "forged author", lambda setlist: setlist.add("By the artist", "set1", know.victim)
    )


CLOSING: tuple[tuple[Maker, int], ...] = (
    (gap_in_own_clock, 6),
    (pending_on_others, 6),
    (future_delete, 6),
    (forged_client, 6),
    (swallowed_clocks, 6),
    (skipped_clocks, 3),
    (bad_update, 6),
)
"""Updates that must not be taken at all."""

REPAIRABLE: tuple[tuple[Maker, int], ...] = (
    (against_the_schema, 8),
    (foreign_content, 6),
    (against_the_lock, 8),
    (forged_author, 4),
    (mutated, 8),
    (pending_on_the_next, 2),
    (delete_of_the_next, 2),
)
"""Updates of which nothing may be left to see; they may take a place in the log."""
