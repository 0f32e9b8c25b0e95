"""Rollback, restore and undo in a turn: each test is a rule. The plans are tested in tests/crdt."""

from __future__ import annotations

from typing import Any

import pytest

from crdt.schema import entry_fields
from rooms import limits
from rooms.commands import LockSetlist, RewriteSetlist, SetNowPlaying
from rooms.events import SetlistChanged
from rooms.messages import Ack, Reject
from rooms.participants import Role
from rooms.show import ShowStatus
from tests.rooms.builders import ARTIST, FAN, MODERATOR, OTHER, Bench, person
from tests.rooms.decide.test_setlist import Phone, send, titles

Wanted = dict[str, dict[str, Any] | None]


def listed(room: Bench) -> Wanted:
    return {entry.id: dict(entry_fields(entry)) for entry in room.document.entries()}


def room_with(*names: str) -> tuple[Bench, Phone]:
    room, phone = Bench(), Phone(FAN)
    for number, name in enumerate(names):
        send(room, phone, phone.add(f"e{number}", name, f"V{number + 1}"))
    return room, phone


def done(answer: object) -> Ack:
    assert isinstance(answer, Ack), answer
    return answer


def changed(room: Bench) -> SetlistChanged:
    assert room.last is not None
    data = room.last.turn.events[0].data
    assert isinstance(data, SetlistChanged)
    return data


def test_a_rollback_is_one_event_that_says_to_what() -> None:
    room, phone = room_with("Bertha", "Althea")
    then = listed(room)
    send(room, phone, phone.rename("e0", "spam"))
    send(room, phone, phone.add("e9", "spam", "Z1"))
    spoilt = listed(room)
    ack = done(room.give(MODERATOR, RewriteSetlist("rollback", then, to_seq=2)))
    assert titles(room) == ["Bertha", "Althea"]
    assert room.events == ["setlist_changed"]
    data = changed(room)
    assert (data.participant_id, data.cause, data.to_seq) == (
        MODERATOR.participant_id,
        "rollback",
        2,
    )
    assert {(one.entry_id, one.kind) for one in data.entries} == {
        ("e0", "changed"),
        ("e9", "removed"),
    }
    assert ack.data["seq"] == 5
    assert ack.data["kept"] == []
    phone.sync(room)
    assert phone.entries.to_py() == room.document.root.to_py()

    done(room.give(MODERATOR, RewriteSetlist("rollback", spoilt, to_seq=4)))
    assert listed(room) == spoilt


def test_a_rollback_is_audited() -> None:
    room, _ = room_with("Bertha")
    done(room.give(ARTIST, RewriteSetlist("rollback", {}, to_seq=0)))
    assert room.last is not None
    (row,) = room.last.turn.audit
    assert (row.action, row.participant_id) == ("rollback_setlist", ARTIST.participant_id)
    assert row.after == {"seq": 2, "to_seq": 0, "of_seq": None}


def test_a_rollback_to_how_it_is_writes_nothing() -> None:
    room, _ = room_with("Bertha")
    ack = done(room.give(ARTIST, RewriteSetlist("rollback", listed(room), to_seq=1)))
    assert room.events == []
    assert ack.data == {"changed": [], "kept": []}
    assert room.last is not None
    assert room.last.turn.audit == ()


def test_only_crew_and_curators_roll_the_whole_list_back() -> None:
    room, _ = room_with("Bertha")
    for who in (FAN, OTHER, person("acme", Role.BRAND)):
        answer = room.give(who, RewriteSetlist("rollback", {}, to_seq=0))
        assert isinstance(answer, Reject)
        assert answer.code == "not_allowed"
    assert titles(room) == ["Bertha"]
    done(room.give(person("cora", Role.CURATOR), RewriteSetlist("rollback", {}, to_seq=0)))
    assert titles(room) == []


def test_whoever_may_edit_restores_an_entry_and_no_other() -> None:
    room, phone = room_with("Bertha", "Althea")
    then = listed(room)
    send(room, phone, phone.rename("e0", "spam"))
    send(room, phone, phone.rename("e1", "better"))
    ack = done(room.give(OTHER, RewriteSetlist("restore", {"e0": then["e0"]}, to_seq=2)))
    assert titles(room) == ["Bertha", "better"]
    assert ack.data["changed"] == [{"entry_id": "e0", "kind": "changed"}]
    assert changed(room).cause == "restore"


@pytest.mark.parametrize("cause", ["restore", "undo"])
def test_while_the_setlist_is_locked_only_crew_brings_something_back(cause: str) -> None:
    room, _ = room_with("Bertha")
    then = listed(room)
    done(room.give(ARTIST, LockSetlist()))
    command = RewriteSetlist(cause, {"e0": None}, made=then, of_seq=1)
    answer = room.give(FAN, command)
    assert isinstance(answer, Reject)
    assert answer.code == "setlist_locked"
    done(room.give(MODERATOR, command))
    assert titles(room) == []


def test_an_undo_says_what_it_could_not_undo() -> None:
    room, phone = room_with("Bertha")
    send(room, phone, phone.rename("e0", "Berta"))
    data = changed(room).entries[0]
    send(room, phone, phone.rename("e0", "Bertha >"))
    command = RewriteSetlist("undo", {"e0": data.before}, made={"e0": data.after}, of_seq=2)
    ack = done(room.give(FAN, command))
    assert room.events == []
    assert ack.data["kept"] == [{"entry_id": "e0", "code": "changed_since", "fields": ["title"]}]


def test_what_is_being_played_is_told_when_a_rollback_takes_it_away() -> None:
    room, _ = room_with("Bertha", "Althea")
    done(room.give(FAN, SetNowPlaying("e1")))
    done(room.give(ARTIST, RewriteSetlist("rollback", {}, to_seq=0)))
    assert room.events == ["setlist_changed", "now_playing_changed"]
    assert room.state.memory.now_playing is None


def test_what_is_being_played_has_the_title_that_it_has_now() -> None:
    room, phone = room_with("Bertha")
    then = listed(room)
    done(room.give(FAN, SetNowPlaying("e0")))
    send(room, phone, phone.rename("e0", "Berta"))
    assert room.state.memory.now_playing is not None
    assert room.state.memory.now_playing.title == "Berta"
    done(room.give(ARTIST, RewriteSetlist("rollback", then, to_seq=1)))
    assert room.state.memory.now_playing.title == "Bertha"


def test_after_the_show_crew_corrects_and_fans_do_not() -> None:
    room, _ = room_with("Bertha")
    room.state.facts = Bench(ShowStatus.CLOSED).state.facts
    answer = room.give(FAN, RewriteSetlist("restore", {"e0": None}, to_seq=0))
    assert isinstance(answer, Reject)
    assert answer.code == "setlist_locked"
    done(room.give(ARTIST, RewriteSetlist("restore", {"e0": None}, to_seq=0)))
    room.state.facts = Bench(ShowStatus.ARCHIVED).state.facts
    answer = room.give(FAN, RewriteSetlist("restore", {}, to_seq=0))
    assert isinstance(answer, Reject)
    assert answer.code == "room_closed"
    done(room.give(ARTIST, RewriteSetlist("rollback", {}, to_seq=0)))  # derived anew from it


def test_rebalanced_positions_are_told_to_clients_without_yjs() -> None:
    room, phone = Bench(), Phone(FAN)
    send(room, phone, phone.add("e1", "First", "V"))
    send(room, phone, phone.add("e2", "Second", "V" + "0" * 55 + "1"))
    assert room.events == ["setlist_changed", "setlist_changed"]
    assert room.last is not None
    data = room.last.turn.events[1].data
    assert isinstance(data, SetlistChanged)
    assert data.cause == "rebalance"
    told = {one.entry_id: one.after for one in data.entries}
    assert told == {entry.id: {"position": entry.position} for entry in room.document.entries()}
    assert max(len(entry.position) for entry in room.document.entries()) < limits.POSITION_BYTES_MAX
