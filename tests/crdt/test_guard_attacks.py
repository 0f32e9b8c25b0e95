"""Rules: nobody acts in another's name, now or later, and the artist's next edit survives."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from crdt.document_limits import DocumentLimits
from crdt.guard import judge
from crdt.permissions import SERVER_PARTICIPANT_ID, Editor, EditRules
from crdt.update_structs import Id
from crdt.varint import encode_varuint
from crdt.verdicts import Accepted, Forbidden, ForbiddenReason, Repaired, Verdict
from tests.crdt.room_model import Client, RoomModel
from tests.crdt.update_builder import MAP_CONTENT, any_text, gc, item, skip, update
from tests.crdt.yjs_oracle import YjsOracle

FAN = Editor("mallory", "fan")
EVIL = 666


def entry_id_of(room: RoomModel, entry_id: str) -> Id:
    """The element that holds an entry's map."""
    return next(
        element
        for slot, element in room.live.places.current.items()
        if slot.entry_id == entry_id and slot.field is None
    )


@pytest.fixture
def stage(room: RoomModel) -> tuple[RoomModel, Client]:
    """A room with an artist who has written one entry."""
    artist = room.join("jerry", "artist")
    artist.do(
        ["entry", "e1", {"title": "A", "section": "set1", "position": "V1", "added_by": "jerry"}]
    )
    return room, artist


def attack(room: RoomModel, data: bytes, reason: ForbiddenReason) -> None:
    """Send it; it must be forbidden without a trace."""
    before, generation = room.live.encode(), room.twin.generation
    verdict = room.receive(FAN, data)
    assert isinstance(verdict, Forbidden), verdict
    assert verdict.reason is reason
    assert not verdict.twin_dirty
    assert room.live.encode() == before
    assert room.twin.generation == generation
    assert room.twin.encode() == before


def artist_plays_on(room: RoomModel, artist: Client) -> None:
    """The artist's next edits arrive at everybody."""
    for title in ("B", "C"):
        assert isinstance(artist.do(["field", "e1", "title", title]), Accepted)
        assert room.entry("e1").title == title
    room.assert_converged()


Forge = Callable[[RoomModel, Client], bytes]


def pending_on_the_artists_next_clock(room: RoomModel, artist: Client) -> bytes:
    """A deletion-in-waiting: hangs on the artist's next element, overwrites it when it comes."""
    following = Id(artist.yjs.client_id, room.live.clocks[artist.yjs.client_id])
    return update([(EVIL, 0, [item(any_text("owned"), origin=following)])])


def pending_parent(room: RoomModel, artist: Client) -> bytes:
    following = Id(artist.yjs.client_id, room.live.clocks[artist.yjs.client_id])
    return update([(EVIL, 0, [item(any_text("owned"), parent=following, sub="title")])])


def pending_right_origin(room: RoomModel, artist: Client) -> bytes:
    following = Id(artist.yjs.client_id, room.live.clocks[artist.yjs.client_id])
    return update([(EVIL, 0, [item(any_text("owned"), right_origin=following)])])


def gap_in_own_clock(room: RoomModel, artist: Client) -> bytes:
    return update([(EVIL, 5, [item(MAP_CONTENT, 7, root="entries", sub="late")])])


def skipped_clocks(room: RoomModel, artist: Client) -> bytes:
    return update([(EVIL, 0, [skip(3), item(MAP_CONTENT, 7, root="entries", sub="late")])])


def circle_of_two_clients(room: RoomModel, artist: Client) -> bytes:
    return update(
        [
            (EVIL, 0, [item(any_text("x"), origin=Id(EVIL + 1, 0))]),
            (EVIL + 1, 0, [item(any_text("y"), origin=Id(EVIL, 0))]),
        ]
    )


def an_element_behind_itself(room: RoomModel, artist: Client) -> bytes:
    return update([(EVIL, 0, [item(any_text("x"), origin=Id(EVIL, 0))])])


@pytest.mark.parametrize(
    "forge",
    [
        pending_on_the_artists_next_clock,
        pending_parent,
        pending_right_origin,
        gap_in_own_clock,
        skipped_clocks,
        circle_of_two_clients,
        an_element_behind_itself,
    ],
)
def test_nothing_pending_is_let_in(stage: tuple[RoomModel, Client], forge: Forge) -> None:
    room, artist = stage
    attack(room, forge(room, artist), ForbiddenReason.PENDING)
    artist_plays_on(room, artist)


@pytest.mark.parametrize("length", [1, 50, 2**30])
def test_clocks_to_come_cannot_be_deleted(stage: tuple[RoomModel, Client], length: int) -> None:
    room, artist = stage
    client = artist.yjs.client_id
    following = room.live.clocks[client]
    attack(room, update([], [(client, following, length)]), ForbiddenReason.FUTURE_DELETE)
    attack(room, update([], [(client, 0, following + length)]), ForbiddenReason.FUTURE_DELETE)
    attack(room, update([], [(EVIL, 0, length)]), ForbiddenReason.FUTURE_DELETE)
    artist_plays_on(room, artist)


def test_another_participants_client_id_cannot_be_advanced(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    client = artist.yjs.client_id
    forged = item(any_text("forged"), parent=entry_id_of(room, "e1"), sub="note")
    attack(
        room, update([(client, room.live.clocks[client], [forged])]), ForbiddenReason.FORGED_CLIENT
    )
    attack(
        room, update([(client, room.live.clocks[client], [gc(9)])]), ForbiddenReason.FORGED_CLIENT
    )
    artist_plays_on(room, artist)


def test_a_client_id_claimed_before_its_first_edit_is_protected_too(
    stage: tuple[RoomModel, Client],
) -> None:
    room, _ = stage
    late = room.join("phil", "artist")
    room.bindings[late.yjs.client_id] = "phil"  # as awareness said when the socket opened
    attack(room, update([(late.yjs.client_id, 0, [gc(1)])]), ForbiddenReason.FORGED_CLIENT)
    artist_plays_on(room, late)


def test_the_servers_own_client_ids_cannot_be_advanced(stage: tuple[RoomModel, Client]) -> None:
    room, artist = stage
    attack(room, update([(room.twin.client_id, 0, [gc(1)])]), ForbiddenReason.FORGED_CLIENT)
    mallory = room.join("mallory")
    assert isinstance(mallory.do(["field", "e1", "added_by", "mallory"]), Repaired)
    server = room.twin.client_id
    assert room.bindings[server] == SERVER_PARTICIPANT_ID
    room.twin = room.live.clone()
    clock = room.live.clocks[server]
    attack(room, update([(server, clock, [gc(1)])]), ForbiddenReason.FORGED_CLIENT)
    artist_plays_on(room, artist)


def test_clocks_of_unknown_origin_cannot_be_continued(stage: tuple[RoomModel, Client]) -> None:
    """A client id that the document knows but nobody is bound to belongs to nobody."""
    room, artist = stage
    client = artist.yjs.client_id
    verdict = judge(
        room.twin,
        update([(client, room.live.clocks[client], [gc(1)])]),
        FAN,
        EditRules(),
        bindings={},
    )
    assert isinstance(verdict, Forbidden)
    assert verdict.reason is ForbiddenReason.FORGED_CLIENT


def test_a_forged_section_beside_an_honest_one_takes_nothing(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    client = artist.yjs.client_id
    honest = item(MAP_CONTENT, 7, root="entries", sub="mine")
    forged = update([(EVIL, 0, [honest]), (client, room.live.clocks[client], [gc(1)])])
    attack(room, forged, ForbiddenReason.FORGED_CLIENT)
    assert EVIL not in room.bindings
    artist_plays_on(room, artist)


def test_known_structs_of_others_may_be_repeated(stage: tuple[RoomModel, Client]) -> None:
    room, artist = stage
    assert room.receive(FAN, room.live.encode(), first_sync=True) == Accepted(None)
    artist_plays_on(room, artist)


def test_known_structs_are_not_read_a_second_time_by_the_library(
    stage: tuple[RoomModel, Client],
) -> None:
    """JSON content, which the library reads one value too far, over clocks that are known."""
    room, artist = stage
    old = item(b"\x01\x011", 2, root="elsewhere", sub="x")
    assert isinstance(room.receive(FAN, update([(EVIL, 0, [gc(1)])])), Accepted)
    fresh = item(MAP_CONTENT, 7, root="entries", sub="new")
    verdict = room.receive(FAN, update([(EVIL, 0, [old, fresh])]))
    assert isinstance(verdict, Accepted)
    assert "new" in room.entries()
    artist_plays_on(room, artist)


PARTLY_KNOWN: list[tuple[str, bytes]] = [
    ("text over a map", item(b"\x04abcd", 4, root="entries", sub="mine")),
    ("values over a map", item(b"\x04\x7e\x7e\x7e\x7e", 8, root="entries", sub="mine")),
    ("deleted run elsewhere", item(b"\x04", 1, root="entries", sub="another")),
    ("deleted run in a foreign root", item(b"\x04", 1, root="other", sub="mine")),
    ("collected run", gc(4)),
]


@pytest.mark.parametrize(("name", "struct"), PARTLY_KNOWN, ids=[name for name, _ in PARTLY_KNOWN])
def test_a_struct_that_is_known_in_part_changes_nothing_that_is_known(
    stage: tuple[RoomModel, Client], name: str, struct: bytes
) -> None:
    room, artist = stage
    mine = [
        item(MAP_CONTENT, 7, root="entries", sub="mine"),
        item(any_text("Mine"), parent=Id(EVIL, 0), sub="title"),
    ]
    room.receive(FAN, update([(EVIL, 0, mine)]))
    before = room.entries()
    room.rules = EditRules(locked=True)
    verdict = room.receive(FAN, update([(EVIL, 0, [struct])]))
    assert isinstance(verdict, Accepted | Repaired)
    assert room.entries() == before
    assert room.live.clocks[EVIL] == 4
    again = item(any_text("On"), origin=Id(EVIL, 3))
    room.rules = EditRules()
    assert isinstance(room.receive(FAN, update([(EVIL, 4, [again])])), Accepted | Repaired)
    assert room.entries() == before
    artist_plays_on(room, artist)


def test_a_known_struct_with_a_missing_dependency_is_not_let_in(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    client = artist.yjs.client_id
    lie = item(any_text("x"), origin=Id(EVIL, 77))
    attack(room, update([(client, 0, [lie])]), ForbiddenReason.PENDING)
    artist_plays_on(room, artist)


NO_PLACE: list[tuple[str, Callable[[Id, Id], list[bytes]]]] = [
    ("a sequence in the entries map", lambda e, t: [item(any_text("x"), root="entries")]),
    ("a sequence in an entry", lambda e, t: [item(any_text("x"), parent=e)]),
    ("text in an entry", lambda e, t: [item(b"\x03abc", 4, parent=e)]),
    ("left of a title", lambda e, t: [item(any_text("x"), right_origin=t)]),
    ("between title and title", lambda e, t: [item(any_text("x"), origin=t, right_origin=t)]),
    ("inside a title", lambda e, t: [item(any_text("x"), parent=t, sub="x")]),
    (
        "inside an entry that is text",
        lambda e, t: [
            item(b"\x02", 7, root="entries", sub="n"),
            item(b"\x03abc", 4, parent=Id(EVIL, 0)),
            item(any_text("x"), parent=Id(EVIL, 0), sub="title"),
        ],
    ),
    ("two values under one key", lambda e, t: [item(b"\x02\x7e\x7e", parent=e, sub="note")]),
    (
        "JSON under a key",
        lambda e, t: [item(b"\x01\x03abc"[:1] + b"\x01" + b"1", 2, parent=e, sub="note")],
    ),
    ("a format mark", lambda e, t: [item(b"\x01b\x04true", 6, parent=e)]),
    ("an embed", lambda e, t: [item(b"\x02{}", 5, parent=e, sub="note")]),
    ("a subdocument", lambda e, t: [item(b"\x04guid\x76\x00", 9, parent=e, sub="note")]),
    ("xml in a title", lambda e, t: [item(b"\x03\x01p", 7, origin=t)]),
    (
        "an origin in the middle of nothing",
        lambda e, t: [gc(4), item(any_text("x"), origin=Id(EVIL, 2))],
    ),
    (
        "a parent that was collected",
        lambda e, t: [gc(4), item(any_text("x"), parent=Id(EVIL, 2), sub="title")],
    ),
    ("deleted content of nothing", lambda e, t: [gc(4), item(b"\x05", 1, origin=Id(EVIL, 3))]),
]


@pytest.mark.parametrize(("name", "structs"), NO_PLACE, ids=[name for name, _ in NO_PLACE])
def test_content_without_a_place_leaves_nothing_visible_and_everybody_equal(
    stage: tuple[RoomModel, Client], name: str, structs: Callable[[Id, Id], list[bytes]]
) -> None:
    room, artist = stage
    before = room.entries()
    entry = entry_id_of(room, "e1")
    title = next(
        element for slot, element in room.live.places.current.items() if slot.field == "title"
    )
    verdict = room.receive(FAN, update([(EVIL, 0, structs(entry, title))]))
    assert isinstance(verdict, Accepted | Repaired)
    assert room.entries() == before
    artist_plays_on(room, artist)
    fresh = room.live.clone()
    assert fresh.encode() == room.live.encode()


def test_an_item_may_hang_on_a_struct_that_was_neutralised(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    foreign = item(any_text("x"), root="elsewhere")
    assert isinstance(room.receive(FAN, update([(EVIL, 0, [foreign])])), Repaired)
    after = room.receive(FAN, update([(EVIL, 1, [item(any_text("y"), origin=Id(EVIL, 0))])]))
    assert isinstance(after, Accepted)
    assert after.changes == ()
    artist_plays_on(room, artist)


def test_a_deletion_of_another_participants_entry_is_judged_like_any_removal(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    element = entry_id_of(room, "e1")
    room.rules = EditRules(locked=True)
    verdict = room.receive(FAN, update([], [(element.client, element.clock, 1)]))
    assert isinstance(verdict, Repaired)
    assert verdict.refusals[0].code == "setlist_locked"
    artist_plays_on(room, artist)


def test_sizes_are_bounded(oracle: YjsOracle) -> None:
    limits = DocumentLimits(
        update_bytes_max=2000, first_sync_bytes_max=4000, document_bytes_max=5000
    )
    room = RoomModel(oracle, limits)
    attack(room, b"\x00" * 2001, ForbiddenReason.TOO_LARGE)
    assert room.receive(FAN, b"\x00" * 4001, first_sync=True) == Forbidden(
        ForbiddenReason.TOO_LARGE, "an update of 4001 bytes"
    )
    ann = room.join("ann")
    verdict: Verdict = Accepted(None)
    for number in range(100):
        ann.edit(["entry", f"e{number}", {"title": "t" * 150, "added_by": "ann"}])
        (verdict,) = ann.flush()
        if isinstance(verdict, Forbidden):
            break
    assert isinstance(verdict, Forbidden)
    assert verdict.reason is ForbiddenReason.DOCUMENT_TOO_LARGE
    assert 4500 < room.live.size <= 5000
    bob = room.join("bob")
    assert isinstance(bob.do(["remove", "e0"]), Accepted)
    room.assert_converged()


@pytest.mark.parametrize(
    "data",
    [
        update([(EVIL, 0, [gc(1)] * 20_001)]),
        update([(EVIL, 0, [gc(1)] * 10_001)], [(EVIL, 2 * n, 1) for n in range(10_000)]),
        update([(EVIL + n, 0, [gc(1)]) for n in range(65)]),
    ],
    ids=["structs", "structs and deletions", "client ids"],
)
def test_many_small_things_are_too_large(room: RoomModel, data: bytes) -> None:
    before = room.live.encode()
    verdict = room.receive(FAN, data, first_sync=True)
    assert isinstance(verdict, Forbidden)
    assert verdict.reason is ForbiddenReason.TOO_LARGE
    assert room.live.encode() == before
    assert room.bindings == {}


def test_deletions_that_no_writer_would_write_are_malformed(
    stage: tuple[RoomModel, Client],
) -> None:
    room, artist = stage
    client = encode_varuint(artist.yjs.client_id)
    twice = b"\x00\x01" + client + b"\x02" + b"\x00\x03" * 2
    attack(room, twice, ForbiddenReason.MALFORMED)
    artist_plays_on(room, artist)


def test_the_worst_update_within_the_limits_is_judged_in_time(room: RoomModel) -> None:
    """Twenty thousand elements of many clients that wait for each other."""
    pick = 60
    chain = [
        item(any_text("x"), origin=Id(EVIL + 1 + number % pick, number // pick))
        for number in range(9_000)
    ]
    others = [(EVIL + 1 + n, 0, [gc(1)] * 150) for n in range(pick)]
    start = time.process_time()  # not the clock: others may be at work
    verdict = room.receive(FAN, update([(EVIL, 0, chain), *others]), first_sync=True)
    assert isinstance(verdict, Accepted)
    assert time.process_time() - start < 5
    assert len(room.live.clocks) == 61


def test_only_so_many_refusals_are_reported(room: RoomModel) -> None:
    ann = room.join("ann")
    fields = {f"unknown{number}": number for number in range(300)}
    verdict = ann.do(["entry", "e1", {"title": "T", "added_by": "ann", **fields}])
    assert isinstance(verdict, Repaired)
    assert len(verdict.refusals) == 100
    assert set(room.entries()["e1"]) == {"title", "added_by"}
    room.assert_converged()


def test_clocks_cannot_be_used_up_at_once(room: RoomModel) -> None:
    attack(room, update([(EVIL, 0, [gc(2_000_000)])]), ForbiddenReason.TOO_LARGE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00",
        b"\x01",
        b"\xff" * 20,
        b"\x80\x00\x00",
        update([(EVIL, 0, [b"\x0b\x00"])]),
        update([(EVIL, 0, [gc(0)])]),
        update([(EVIL, 0, [gc(1)]), (EVIL, 1, [gc(1)])]),
        update([(EVIL, 2**31 - 1, [gc(2)])]),
        update([(EVIL, 0, [item(b"\x07", 7, root="entries", sub="x")])]),
        update([(EVIL, 0, [item(b"\x01\x77\x02\xff\xfe", root="entries", sub="x")])]),
        update([(EVIL, 0, [item(b"\x01" + b"\x75\x01" * 40 + b"\x7e", root="entries", sub="x")])]),
        update([(EVIL, 0, [item(b"\xff\xff\x7f", root="entries", sub="x")])]),
    ],
)
def test_garbage_is_malformed(room: RoomModel, data: bytes) -> None:
    attack(room, data, ForbiddenReason.MALFORMED)
