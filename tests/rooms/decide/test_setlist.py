"""The setlist in a turn: each test is a rule. The guard itself is tested in tests/crdt."""

from __future__ import annotations

import pytest
from pycrdt import Doc, Map

from rooms import limits
from rooms.answers import Answer, SetlistAnswer
from rooms.commands import LockSetlist, SetNowPlaying, UnlockSetlist, UpdateSetlist
from rooms.messages import Ack, CloseCode, Reject
from rooms.participants import Participant
from rooms.show import ShowStatus
from tests.rooms.builders import ARTIST, FAN, OTHER, Bench, envelope, person


class Phone:
    """One participant's own Yjs document."""

    def __init__(self, who: Participant) -> None:
        self.who = who
        self.doc: Doc[Map[object]] = Doc()
        self.entries = self.doc.get("entries", type=Map)

    def add(self, entry_id: str, title: str, position: str = "V") -> bytes:
        before = self.doc.get_state()
        self.entries[entry_id] = Map(
            {
                "title": title,
                "section": "set1",
                "position": position,
                "segue": False,
                "added_by": self.who.participant_id,
            }
        )
        return self.doc.get_update(before)

    def rename(self, entry_id: str, title: str) -> bytes:
        before = self.doc.get_state()
        self.entries[entry_id]["title"] = title
        return self.doc.get_update(before)

    def sync(self, room: Bench) -> None:
        self.doc.apply_update(room.document.encode(self.doc.get_state()))


def send(room: Bench, phone: Phone, update: bytes) -> SetlistAnswer:
    answer: Answer = room.turn(envelope(phone.who, UpdateSetlist(update), keeps_reply=False))[0]
    assert isinstance(answer, SetlistAnswer)
    return answer


def titles(room: Bench) -> list[str]:
    return [entry.title for entry in room.document.entries()]


def test_an_edit_becomes_one_event_that_says_who_and_what() -> None:
    room, phone = Bench(), Phone(FAN)
    answer = send(room, phone, phone.add("e1", "Scarlet Begonias"))
    assert answer == SetlistAnswer(seq=1)
    assert titles(room) == ["Scarlet Begonias"]
    assert room.last is not None
    (event,) = room.last.turn.events
    assert event.participant_id == FAN.participant_id
    assert event.clients == (phone.doc.client_id,)
    assert room.state.bindings[phone.doc.client_id] == FAN.participant_id


def test_an_edit_said_twice_changes_nothing_the_second_time() -> None:
    room, phone = Bench(), Phone(FAN)
    update = phone.add("e1", "Sugaree")
    send(room, phone, update)
    assert send(room, phone, update) == SetlistAnswer(seq=1)
    assert room.events == []
    assert room.last is not None
    assert not room.last.writes


def test_a_locked_setlist_is_for_the_crew() -> None:
    room, phone, crew = Bench(), Phone(FAN), Phone(ARTIST)
    send(room, phone, phone.add("e1", "Deal"))
    room.give(ARTIST, LockSetlist())
    refused = send(room, phone, phone.rename("e1", "Defaced")).refused
    assert [(one.code, one.entry_ids) for one in refused] == [("setlist_locked", ("e1",))]
    assert titles(room) == ["Deal"]
    phone.sync(room)
    assert phone.entries["e1"]["title"] == "Deal"
    crew.sync(room)
    assert send(room, crew, crew.rename("e1", "Deal >")).refused == ()
    room.give(ARTIST, UnlockSetlist())
    phone.sync(room)
    assert send(room, phone, phone.rename("e1", "Deal")).refused == ()


def test_before_the_show_only_crew_prepares() -> None:
    room = Bench(ShowStatus.PUBLISHED)
    fan, crew = Phone(FAN), Phone(ARTIST)
    assert send(room, fan, fan.add("e1", "Early")).refused[0].code == "setlist_locked"
    assert send(room, crew, crew.add("e2", "Opener")).refused == ()
    assert titles(room) == ["Opener"]


def test_who_may_not_edit_is_repaired_not_cut_off() -> None:
    room = Bench()
    watcher = Phone(person("kim", admitted=False))
    answer = send(room, watcher, watcher.add("e1", "Nope"))
    assert (answer.close, [one.code for one in answer.refused]) == (None, ["not_allowed"])
    assert titles(room) == []


def test_repairs_have_an_end() -> None:
    room = Bench()
    room.state.repairs[FAN.participant_id] = limits.REPAIRS_PER_PARTICIPANT
    phone = Phone(FAN)
    answer = send(room, phone, phone.add("e1", "One more"))
    assert answer.close == (CloseCode.NOT_ALLOWED, "too_many_refused_edits")


@pytest.mark.parametrize(
    ("update", "code"),
    [
        (b"\xff\xff", CloseCode.INVALID_DATA),
        (b"\x00" * (limits.YJS_UPDATE_BYTES_MAX + 1), CloseCode.TOO_LARGE),
    ],
)
def test_bytes_that_are_no_update_close_the_socket(update: bytes, code: int) -> None:
    close = send(Bench(), Phone(FAN), update).close
    assert close is not None
    assert close[0] == code


def test_a_forged_client_id_closes_and_the_owner_goes_on() -> None:
    room, artist = Bench(), Phone(ARTIST)
    send(room, artist, artist.add("e1", "Althea"))
    forged = Doc(client_id=artist.doc.client_id)
    forged.apply_update(room.document.encode())
    before = forged.get_state()
    forged.get("entries", type=Map)["e1"]["title"] = "Forged"
    close = send(room, Phone(OTHER), forged.get_update(before)).close
    assert close == (CloseCode.NOT_ALLOWED, "forged_client")
    send(room, artist, artist.rename("e1", "Althea!"))
    assert titles(room) == ["Althea!"]


def test_whoever_is_seen_to_edit_owns_the_client_id_before_the_first_edit() -> None:
    room, artist = Bench(), Phone(ARTIST)
    room.claims = {artist.doc.client_id: ARTIST.participant_id}
    forged = Doc(client_id=artist.doc.client_id)
    forged.get("entries", type=Map)["e1"] = Map({"title": "Mine"})
    close = send(room, Phone(OTHER), forged.get_update()).close
    assert close == (CloseCode.NOT_ALLOWED, "forged_client")
    assert send(room, artist, artist.add("e1", "Althea")) == SetlistAnswer(seq=1)


def test_what_is_gone_is_no_longer_playing() -> None:
    room, phone = Bench(), Phone(FAN)
    send(room, phone, phone.add("e1", "Bertha"))
    assert isinstance(room.give(FAN, SetNowPlaying("e1")), Ack)
    playing = room.state.memory.now_playing
    assert playing is not None
    assert playing.title == "Bertha"
    before = phone.doc.get_state()
    del phone.entries["e1"]
    removal = phone.doc.get_update(before)
    send(room, phone, removal)
    assert room.events == ["setlist_changed", "now_playing_changed"]
    assert room.state.memory.now_playing is None
    answer = room.give(FAN, SetNowPlaying("e1"))
    assert isinstance(answer, Reject)
    assert answer.code == "unknown_entry"


def test_long_positions_are_rebalanced_in_the_same_turn() -> None:
    room, phone = Bench(), Phone(FAN)
    send(room, phone, phone.add("e1", "First", "V"))
    send(room, phone, phone.add("e2", "Second", "V" + "0" * 55 + "1"))
    positions = [entry.position for entry in room.document.entries()]
    assert titles(room) == ["First", "Second"]
    assert positions == sorted(positions)
    assert max(map(len, positions)) < limits.POSITION_REBALANCE_BYTES
    phone.sync(room)
    assert phone.entries["e2"]["position"] == positions[1]
