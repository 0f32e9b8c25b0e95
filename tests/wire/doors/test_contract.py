"""What holds at every door: the same room, the same rules, the same answers."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.wire.client import Caller, Json, new_id, ok
from tests.wire.conftest import be_guest
from tests.wire.doors.conftest import DOORS, Enter
from tests.wire.doors.visits import Answer, TurnedAway, Visit
from tests.wire.yjs import Editor

Door = type[Visit]

PAIRS = [pytest.param(a, b, id=f"{a.door}-{b.door}") for a, b in itertools.permutations(DOORS, 2)]


# --- the welcome ------------------------------------------------------------------------------


def test_somebody_new_gets_the_whole_room(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    artist.command(show_id, "announce", text="Doors at eight")
    visit = enter(door, guest, show_id)
    assert visit.epoch and visit.seq > 0
    assert visit.room["announcement"]["text"] == "Doors at eight"
    assert {"show", "setlist", "rounds", "chat", "head_count"} <= visit.room.keys()
    assert visit.you["role"] == "fan" and "post_chat" in visit.you["can"]


def test_every_door_opens_on_the_same_room(artist: Caller, guest: Caller, enter: Enter) -> None:
    show_id = artist.live_show()["id"]
    artist.open_round(show_id)
    guest.command(show_id, "post_chat", text="first!")
    rooms, people, places = [], [], []
    for door in DOORS:
        visit = enter(door, guest, show_id)
        visit.room.pop("head_count")
        rooms.append(visit.room)
        people.append(visit.you)
        places.append((visit.epoch, visit.seq))
    assert rooms[0] == rooms[1] == rooms[2]
    assert people[0] == people[1] == people[2]
    assert len(set(places)) == 1


# --- events -----------------------------------------------------------------------------------


def test_events_come_in_order_and_are_the_same_at_every_door(
    artist: Caller, nobody: Caller, enter: Enter
) -> None:
    show_id = artist.live_show()["id"]
    visits = [enter(door, be_guest(nobody, door.door), show_id) for door in DOORS]
    for number in range(4):
        for visit in visits:
            assert visit.command("post_chat", text=f"{visit.door} {number}").code is None
    last = visits[0].command("post_chat", text="the end").seq
    for visit in visits:
        visit.reach(last)
    assert visits[0].events == visits[1].events == visits[2].events
    assert len(visits[0].events) == 13


def test_who_breaks_off_goes_on_where_it_was(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    guest.command(show_id, "post_chat", text="while here")
    visit.event("chat_posted")
    for away in range(3):
        visit.break_off()
        for number in range(away * 3):
            guest.command(show_id, "post_chat", text=f"while away {number}")
        visit.resume()
        assert visit.recovered
        last = guest.command(show_id, "post_chat", text="back").json()["seq"]
        visit.reach(last)
    # `Visit` asserts that each event's `seq` follows the one before it.
    assert [event["data"]["text"] for event in visit.events].count("back") == 3
    assert len(visit.events) == 1 + 3 + 6 + 3


def test_another_log_means_the_whole_room_again(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    place = (visit.epoch, visit.seq)
    visit.break_off()
    visit.epoch = "another-log"
    visit.resume()
    assert not visit.recovered and visit.room
    assert (visit.epoch, visit.seq) == place


def test_a_place_that_was_never_reached_means_the_whole_room(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    seq = visit.seq
    visit.break_off()
    visit.seq += 1_000
    visit.resume()
    assert not visit.recovered
    assert visit.seq == seq


# --- answers ----------------------------------------------------------------------------------

SAID: list[tuple[str, Json]] = [
    ("post_chat", {"text": "hello"}),
    ("post_chat", {"text": "   "}),
    ("post_chat", {"text": "x" * 501}),
    ("post_chat", {"text": 7}),
    ("post_chat", {}),
    ("react", {"kind": "love"}),
    ("react", {"kind": "no such kind"}),
    ("cast_vote", {"round_id": "nowhere", "picks": [{"option_id": "o1"}]}),
    ("lock_setlist", {}),
    ("open_round", {"round_id": "nowhere"}),
    ("change_show_status", {"status": "live"}),
    ("no_such_command", {"anything": [1]}),
    ("post_chat", {"text": "hello", "an unknown field": {}}),
]


def test_commands_get_the_same_answers_at_every_door(
    artist: Caller, nobody: Caller, enter: Enter
) -> None:
    show_id = artist.live_show()["id"]
    answers: dict[str, list[Any]] = {}
    for door in DOORS:
        visit = enter(door, be_guest(nobody, "Robin"), show_id)
        answers[door.door] = [
            (answer.code, answer.retryable, sorted(answer.data or {}))
            for answer in (visit.command(name, **args) for name, args in SAID)
        ]
    assert answers["socket"] == answers["stream"] == answers["poll"]
    assert {code for code, _, _ in answers["socket"]} >= {
        None,
        "empty_text",
        "text_too_long",
        "invalid_arguments",
        "not_allowed",
        "unknown_command",
        "unknown_round",
    }


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_command_said_again_at_another_door_is_done_once_and_answered_alike(
    artist: Caller, guest: Caller, enter: Enter, first: Door, second: Door
) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    here, there = enter(first, guest, show_id), enter(second, guest, show_id)
    chat, vote, empty = new_id(), new_id(), new_id()
    picks = [{"option_id": "o1"}]

    def say(visit: Visit) -> list[Answer]:
        return [
            visit.command("post_chat", chat, text="once"),
            visit.command("cast_vote", vote, round_id=round_id, picks=picks),
            visit.command("post_chat", empty, text=" "),
        ]

    answers = say(here)
    assert [answer.code for answer in answers] == [None, None, "empty_text"]
    assert say(there) == answers
    assert say(here) == answers
    reused = there.command("post_chat", chat, text="something else")
    assert (reused.code, reused.retryable) == ("command_id_reused", False)
    last = here.command("post_chat", text="last").seq
    for visit in (here, there):
        visit.reach(last)
        assert [event["data"]["text"] for event in visit.events] == ["once", "last"]


def test_whoever_says_too_much_is_slowed_down_at_every_door(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    visit = enter(door, guest, artist.live_show()["id"])
    if door.door == "socket":
        answers = [visit.command("no_such_command") for _ in range(60)]
        # Its reading slows down with it, so the next is heard once it is allowed again.
        assert {answer.code for answer in answers} <= {"unknown_command", "rate_limited"}
        return
    # Several at once: one after the other, a slow machine never says too much.
    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(lambda _: visit.command("no_such_command"), range(60)))
    slowed = [answer for answer in answers if answer.code == "rate_limited"]
    assert slowed and all(answer.retryable and answer.retry_after_s for answer in slowed)


# --- states -----------------------------------------------------------------------------------


def test_a_count_is_told_to_those_who_may_see_it(
    artist: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, visibility="after_vote")
    voter, waverer = (enter(door, be_guest(nobody, name), show_id) for name in ("Voter", "Waverer"))
    crew = enter(door, artist, show_id)
    picks = [{"option_id": "o1"}]
    assert voter.command("cast_vote", round_id=round_id, picks=picks).code is None

    def counted(data: Json) -> bool:
        return bool(data["options"]["o1"] == 1 and data["round_id"] == round_id)

    voter.state("tally", counted)
    crew.state("tally", counted)
    waverer.reach(waverer.command("post_chat", text="still thinking").seq)
    waverer.command("react", kind="love")
    waverer.state("reactions")
    assert re.search(rb'"o1":\d|"name":"tally"', waverer.raw) is None
    assert waverer.command("cast_vote", round_id=round_id, picks=picks).code is None
    waverer.state("tally", lambda data: data["options"]["o1"] == 2)


def test_a_hidden_count_is_in_no_byte_that_a_fan_gets(
    artist: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    early = enter(door, be_guest(nobody, "Early"), show_id)
    round_id = artist.open_round(show_id, visibility="never")
    fan = enter(door, be_guest(nobody, "Fan"), show_id)
    crew = enter(door, artist, show_id)
    for visit in (early, fan):
        picks = [{"option_id": "o2"}]
        assert visit.command("cast_vote", round_id=round_id, picks=picks).code is None
    crew.state("tally", lambda data: data["voters"] == 2)
    ok(artist.post(f"/api/rounds/{round_id}/close"))
    for visit in (early, fan):
        assert "result" not in visit.event("round_closed")["data"]
        visit.break_off()
        visit.resume()
        visit.command("react", kind="love")
        visit.state("reactions")
        assert re.search(rb'"o2":\d|"winners"|"name":"tally"', visit.raw) is None
    closed = crew.event("round_closed")["data"]
    assert closed["result"]["options"]["o2"] == 2


def test_states_are_told_anew_to_whoever_was_away(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    visit = enter(door, guest, show_id)
    visit.break_off()
    guest.vote(round_id, "o1")
    visit.resume()
    visit.state("tally", lambda data: data["options"]["o1"] == 1)


def test_the_head_count_counts_people_at_all_doors(
    artist: Caller, nobody: Caller, enter: Enter
) -> None:
    show_id = artist.live_show()["id"]
    visits = [enter(door, be_guest(nobody, door.door), show_id) for door in DOORS]
    for visit in visits[:2]:
        visit.state("head_count", lambda data: data["participants"] == 3)
    assert visits[2].room["head_count"]["participants"] == 3
    visits[0].break_off()
    visits[1].state("head_count", lambda data: data["participants"] == 2)
    # Who polls is told with the next news: by itself a head count ends no wait.
    visits[1].command("react", kind="love")
    visits[2].state("head_count", lambda data: data["participants"] == 2)


# --- who may not -------------------------------------------------------------------------------


def test_whoever_is_removed_is_told_and_stays_out(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    who = visit.you["participant_id"]
    ok(artist.command(show_id, "remove_participant", participant_id=who))
    assert visit.ended_with() == 4410
    assert guest.command(show_id, "post_chat", text="still here?").json()["code"] == "removed"
    with pytest.raises(TurnedAway, match="removed"):
        visit.resume()


def test_the_end_of_a_session_is_the_end_of_its_visits(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    visit = enter(door, guest, artist.live_show()["id"])
    ok(guest.post("/api/auth/logout"), 204)
    assert visit.ended_with() == 4401


def test_a_new_role_is_told_at_once(artist: Caller, fan: Caller, enter: Enter, door: Door) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, fan, show_id)
    assert visit.you["role"] == "fan"
    crew = {"members": [{"account_id": fan.id, "role": "moderator"}]}
    ok(artist.put(f"/api/shows/{show_id}/crew", crew))
    if door.door != "poll":
        assert visit.ended_with() == 4010
    visit.resume()
    assert visit.you["role"] == "moderator" and "lock_setlist" in visit.you["can"]


def test_a_muted_person_hears_of_it_and_is_refused(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    who = visit.you["participant_id"]
    ok(artist.command(show_id, "mute_participant", participant_id=who, duration_s=600))
    assert visit.event("participant_muted")["data"]["participant_id"] == who
    assert visit.command("post_chat", text="hello?").code == "muted"


def test_slow_mode_is_told_and_kept(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    ok(artist.command(show_id, "set_slow_mode", interval_s=60))
    assert visit.event("slow_mode_set")["data"] == {"interval_s": 60}
    assert visit.command("post_chat", text="one").code is None
    slowed = visit.command("post_chat", text="two")
    assert slowed.code == "slow_mode" and slowed.retry_after_s


# --- the setlist ------------------------------------------------------------------------------


def test_an_edit_at_one_door_is_seen_at_all_others(
    artist: Caller, nobody: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visits = [enter(at, be_guest(nobody, at.door), show_id) for at in DOORS]
    editor = Editor()
    entry_id = editor.add("Scarlet Begonias", "V1", section="set2")
    writer = next(visit for visit in visits if isinstance(visit, door))
    assert writer.edit(editor.changes()).refused == {}
    for visit in visits:
        changed = visit.event("setlist_changed")["data"]
        assert changed["participant_id"] == writer.you["participant_id"]
        assert [entry["entry_id"] for entry in changed["entries"]] == [entry_id]
        copy = Editor()
        copy.doc.apply_update(visit.document())
        assert copy.titles() == ["Scarlet Begonias"]


def test_what_is_put_back_of_an_edit_is_said_with_its_reason(
    artist: Caller, guest: Caller, enter: Enter, door: Door
) -> None:
    show_id = artist.live_show()["id"]
    visit = enter(door, guest, show_id)
    ok(artist.command(show_id, "lock_setlist"))
    visit.event("setlist_locked")
    editor = Editor()
    entry_id = editor.add("Fire on the Mountain", "V2")
    assert visit.edit(editor.changes()).refused == {"setlist_locked": [entry_id]}
    copy = Editor()
    copy.doc.apply_update(visit.document())
    assert copy.titles() == []
