"""A replay is what a fan in the room got: PROTOCOL "Replay"."""

from __future__ import annotations

from typing import Any

from tests.wire.client import Caller, Json, Socket, ok
from tests.wire.conftest import be_guest
from tests.wire.yjs import Editor

UNLOGGED = ("head_count", "reactions", "song_requests", "confidence")
"""Parts of a snapshot that the log does not hold."""


def replayed(caller: Caller, show_id: str) -> tuple[Json, list[Json]]:
    """The header and every event, three at a time."""
    header: Json = {}
    events: list[Json] = []
    after: int | None = 0
    while after is not None:
        query = {"after_seq": after, "limit": 3}
        page = ok(caller.get(f"/api/shows/{show_id}/replay", params=query))
        header = page["header"] or header
        events += page["events"]
        after = page["next_after_seq"]
    return header, events


def welcomed(caller: Caller, show_id: str) -> tuple[int, Json]:
    """The snapshot that somebody who comes now gets, and its place in the log."""
    with caller.socket(show_id) as socket:
        welcome = socket.welcome()
    return welcome["seq"], welcome["state"]


def logged(snapshot: Json) -> Json:
    """The part of a snapshot that follows from the log."""
    kept: dict[str, Any] = {key: value for key, value in snapshot.items() if key not in UNLOGGED}
    kept["rounds"] = [
        {key: value for key, value in one.items() if key != "tally"} for one in kept["rounds"]
    ]
    return kept


def edit(editor: Editor, socket: Socket, title: str, position: str) -> str:
    """Adds a song and waits until everybody has it; its id."""
    before = editor.doc.get_state()
    entry_id = editor.add(title, position)
    editor.send(socket, before)
    socket.event("setlist_changed")
    return entry_id


def test_a_replay_is_what_a_fan_got_and_a_keyframe_is_what_a_newcomer_got(
    artist: Caller, guest: Caller, fan: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    editor, newcomers = Editor(), []
    with guest.socket(show_id) as socket:
        first = socket.welcome()["seq"]
        editor.sync(socket)
        entry_id = edit(editor, socket, "Bertha", "V1")
        newcomers.append(welcomed(fan, show_id))
        socket.give("post_chat", text="Hello 🌹")
        rude = socket.give("post_chat", text="rude")["data"]["chat_message_id"]
        ok(artist.command(show_id, "set_now_playing", entry_id=entry_id))
        shown = artist.open_round(show_id, visibility="on_close")
        hidden = artist.open_round(show_id, visibility="never")
        for round_id in (shown, hidden):
            ok(guest.vote(round_id, "o1"))
        newcomers.append(welcomed(be_guest(nobody, "Newcomer"), show_id))
        for round_id in (shown, hidden):
            ok(artist.post(f"/api/rounds/{round_id}/close"))
        edit(editor, socket, "Althea", "V2")
        ok(artist.command(show_id, "announce", text="Good night"))
        newcomers.append(welcomed(be_guest(nobody, "Newcomer"), show_id))
        ok(artist.command(show_id, "remove_chat", chat_message_id=rude))
        ok(artist.post(f"/api/shows/{show_id}/close"))
        socket.until(lambda one: one.get("name") == "show_status_changed")
        got = [one for one in socket.texts if one["t"] == "event"]

    header, events = replayed(nobody, show_id)
    kept = [
        one
        for one in got
        if one["name"] != "chat_removed" and one["data"].get("chat_message_id") != rude
    ]
    assert [one for one in events if one["seq"] > first] == kept
    assert len(kept) == len(got) - 2
    assert header["events"] == len(events)
    for seq, snapshot in newcomers:
        path = f"/api/shows/{show_id}/replay/state"
        frame = ok(nobody.get(path, params={"seq": seq}))
        expected = logged(snapshot)
        expected["chat"] = [one for one in expected["chat"] if one["chat_message_id"] != rude]
        assert frame["seq"] == seq
        assert logged(frame["state"]) == expected
