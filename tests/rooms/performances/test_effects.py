"""When a room asks for its performances to be derived."""

from __future__ import annotations

from rooms.commands import ChangeShowStatus
from rooms.outbox import ARCHIVE_SHOW
from rooms.ports import OutboxRecord
from rooms.show import ShowStatus
from tests.rooms.builders import ARTIST, FAN, SHOW_ID, Bench
from tests.rooms.decide.test_setlist import Phone, send


def effects(room: Bench) -> list[OutboxRecord]:
    """What the last turn left in the outbox."""
    assert room.last is not None
    return list(room.last.turn.outbox)


def test_archiving_asks_once() -> None:
    room = Bench(ShowStatus.CLOSED)
    room.give(ARTIST, ChangeShowStatus(ShowStatus.ARCHIVED))
    (effect,) = effects(room)
    assert (effect.kind, effect.payload) == (ARCHIVE_SHOW, {"show_id": SHOW_ID})
    room.give(ARTIST, ChangeShowStatus(ShowStatus.ARCHIVED))  # refused: it is archived
    assert effects(room) == []


def test_each_edit_of_an_archived_setlist_asks_again_and_no_other_edit_does() -> None:
    live, archived = Bench(), Bench(ShowStatus.ARCHIVED)
    for room in (live, archived):
        phone = Phone(ARTIST)
        send(room, phone, phone.add("e1", "Loser"))
    assert effects(live) == []
    (first,) = effects(archived)
    phone = Phone(ARTIST)
    phone.sync(archived)
    send(archived, phone, phone.rename("e1", "Deal"))
    (second,) = effects(archived)
    assert first.kind == second.kind == ARCHIVE_SHOW
    assert first.dedupe_key != second.dedupe_key


def test_a_fans_edit_of_an_archived_setlist_changes_nothing() -> None:
    room = Bench(ShowStatus.ARCHIVED)
    phone = Phone(FAN)
    send(room, phone, phone.add("e1", "Loser"))
    assert room.document.entries() == ()
