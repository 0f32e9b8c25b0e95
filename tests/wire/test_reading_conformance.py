"""Who may read what, and that no input of a caller's makes a node fail: over all of its calls."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.wire.client import Caller, Json, made, new_id, ok, refused
from tests.wire.conftest import sign_up
from tests.wire.openapi import Call, calls, reads_of_a_show
from tests.wire.yjs import Editor

SECRET = "Zanzibar"
NOBODYS_MATTER = {
    "/api/shows/{show_id}/crew",
    "/api/shows/{show_id}/check-in-code",
    "/api/shows/{show_id}/round-presets",
}
"""For crew alone, whatever the show."""

GARBAGE = ("garbage", "-1", "0", str(10**9), str(10**30), "1e400", "\x00", "💥", "x" * 3000, "'")


def fill(artist: Caller, show_id: str) -> str:
    """A song, a round with a vote and a result, a chat line and a wish; the round's id."""
    editor = Editor()
    editor.add(f"{SECRET} song", "V")
    update = {"command_id": new_id(), "update": editor.base64()}
    ok(artist.post(f"/api/shows/{show_id}/setlist/updates", update))
    ok(artist.command(show_id, "post_chat", text=f"{SECRET} chat"))
    ok(artist.command(show_id, "request_song", title=f"{SECRET} wish"))
    round_id = artist.open_round(show_id, f"{SECRET} one", "Two", visibility="always")
    ok(artist.vote(round_id, "o1"))
    ok(artist.post(f"/api/rounds/{round_id}/close"))
    return round_id


def not_told(answer: httpx.Response, statuses: tuple[int, ...], call: Call) -> None:
    """The refusal of a call, with nothing of the show in it."""
    assert answer.status_code in statuses, (call.template, answer.status_code, answer.text)
    refused(answer, answer.status_code)
    assert SECRET not in answer.text, call.template


@pytest.mark.parametrize("ends", [(), ("close",), ("close", "archive")])
def test_a_private_show_is_read_by_nobody_without_its_code(
    artist: Caller, fan: Caller, guest: Caller, nobody: Caller, ends: tuple[str, ...]
) -> None:
    show = artist.live_show(access="private", title=SECRET)
    round_id = fill(artist, show["id"])
    other_artist = sign_up(nobody, "artist")
    with_code = sign_up(nobody, "fan")
    with_code.ticket(show["id"], join_code=show["join_code"])
    for end in ends:
        ok(artist.post(f"/api/shows/{show['id']}/{end}"))
    for call in reads_of_a_show(nobody):
        path = call.path(show_id=show["id"])
        for stranger in (nobody, fan, guest, other_artist):
            not_told(stranger.get(path), (401, 403), call)
        if call.template in NOBODYS_MATTER:
            not_told(with_code.get(path), (403,), call)
    for stranger in (nobody, fan, guest, other_artist):
        refused(stranger.get(f"/api/rounds/{round_id}"), 403)
    assert SECRET in with_code.get(f"/api/shows/{show['id']}/setlist").text
    assert SECRET in with_code.get(f"/api/rounds/{round_id}").text


def test_a_draft_does_not_exist_for_anybody_but_its_crew(
    artist: Caller, fan: Caller, guest: Caller, nobody: Caller
) -> None:
    show = artist.show(title=SECRET)
    round_id = artist.round(show["id"], SECRET, "Two")["id"]
    for call in reads_of_a_show(nobody):
        for stranger in (nobody, fan, guest):
            answer = stranger.get(call.path(show_id=show["id"]))
            not_told(answer, (401, 404) if stranger is nobody else (404,), call)
    for stranger in (nobody, fan, guest):
        refused(stranger.get(f"/api/rounds/{round_id}"), 404)


def test_a_hybrid_show_is_read_by_all_and_changed_by_nobody_without_its_code(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show(access="hybrid")["id"]
    fill(artist, show_id)
    assert SECRET in guest.get(f"/api/shows/{show_id}/setlist").text
    editor = Editor()
    editor.add("Uninvited", "W")
    update = {"command_id": new_id(), "update": editor.base64()}
    answer = ok(guest.post(f"/api/shows/{show_id}/setlist/updates", update))
    assert [one["code"] for one in answer["refused"]] == ["not_allowed"]
    entries = ok(guest.get(f"/api/shows/{show_id}/setlist"))["entries"]
    assert [entry["title"] for entry in entries] == [f"{SECRET} song"]
    entry_id = entries[0]["id"]
    commands: list[tuple[str, Json]] = [
        ("request_song", {"title": "Ripple"}),
        ("rate_entry", {"entry_id": entry_id, "value": 1}),
        ("set_now_playing", {"entry_id": entry_id}),
    ]
    for name, args in commands:
        refused(guest.command(show_id, name, **args), 403, "code_required")
    restore = {"command_id": new_id(), "entry_id": entry_id, "to_seq": answer["seq"]}
    refused(guest.post(f"/api/shows/{show_id}/setlist/restore", restore), 403, "code_required")


def test_no_query_makes_a_read_fail(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = fill(artist, show_id)
    ok(artist.post(f"/api/shows/{show_id}/close"))
    for call in calls(nobody):
        if call.method != "GET" or call.template.endswith("/stream"):
            continue
        path = call.path(show_id=show_id, round_id=round_id)
        for name in call.query:
            for value in GARBAGE:
                answer = artist.get(path, params={name: value})
                readable(answer, f"{call.template}?{name}={value[:20]!r}")


def test_no_page_is_longer_than_its_bound(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    for call in calls(nobody):
        if call.method == "GET" and "limit" in call.query:
            path = call.path(show_id=show_id)
            answer = artist.get(path, params={"limit": 10**9})
            assert answer.status_code in (404, 409, 422), (call.template, answer.status_code)


def test_a_blank_parameter_is_none(artist: Caller, guest: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    for call in reads_of_a_show(nobody):
        path = call.path(show_id=show_id)
        without = artist.get(path).status_code
        blank = artist.get(path, params=dict.fromkeys(call.query, ""))
        assert blank.status_code == without, (call.template, blank.text[:200])
    first = ok(guest.get(f"/api/shows/{show_id}/poll?since=&epoch=&wait_s="))
    assert first["recovered"] is False


JSON = {"Content-Type": "application/json"}

BODIES: tuple[Any, ...] = (
    None,
    {},
    [],
    "text",
    7,
    {"command_id": "💥"},
    {"command_id": 7, "picks": 7, "config": 7, "args": 7, "update": 7, "title": 7},
    {
        "command_id": new_id(),
        "picks": [None],
        "config": {"options": [None]},
        "name": "",
        "to_seq": -1,
    },
    {"command_id": new_id(), "name": "x", "args": {"value": 10**40}, "picks": [{"option_id": "x"}]},
    {"config": {"title": "x\x00", "options": [{"label": "💥" * 500}] * 100}, "seq": 10**40},
    {"members": [{"role": "artist", "email": "\x00"}], "participant_ids": [[]], "entry_id": "\x00"},
)


def test_no_body_makes_a_call_fail(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    for call in calls(nobody):
        if not call.takes_body or call.template.startswith("/api/auth/"):
            continue
        path = call.path(show_id=show_id, round_id=round_id)
        for body in BODIES:
            answer = artist.call(call.method, path, content=json.dumps(body).encode(), headers=JSON)
            readable(answer, f"{call.method} {call.template} {body!r}")


def test_no_id_makes_a_call_fail(artist: Caller, nobody: Caller) -> None:
    for call in calls(nobody):
        if "{" not in call.template or call.template.endswith("/stream"):
            continue
        for text in ("x", "%00", "💥", "null", "9" * 3000, new_id()):
            names = ("show_id", "round_id", "song_id", "artist_id", "tour_id", "review_id", "token")
            path = call.path(**dict.fromkeys((*names, "claim_id"), text))
            answer = artist.call(call.method, path, content=b"{}", headers=JSON)
            assert 400 <= answer.status_code < 500, (call, text[:9], answer.text[:200])
            refused(answer, answer.status_code)


def readable(answer: httpx.Response, what: str) -> None:
    """An answer, or a refusal that says why."""
    assert answer.status_code < 500, (what, answer.text[:300])
    if answer.status_code >= 400:
        refused(answer, answer.status_code)


def test_the_rooms_of_others_are_not_ones_own(
    artist: Caller, guest: Caller, nobody: Caller
) -> None:
    mine, theirs = artist.live_show()["id"], sign_up(nobody, "artist").live_show()["id"]
    round_id = artist.open_round(mine)
    picks = [{"option_id": "o1"}]
    refused(
        guest.command(theirs, "cast_vote", round_id=round_id, picks=picks), 404, "unknown_round"
    )
    refused(artist.command(theirs, "close_round", round_id=round_id), 403, "not_allowed")
    wish = ok(guest.command(mine, "request_song", title="Ripple"))["data"]["song_request_id"]
    upvote = guest.command(theirs, "upvote_song_request", song_request_id=wish)
    refused(upvote, 404, "unknown_song_request")
    body = {"config": {"title": "Draft", "options": [{"label": "A"}, {"label": "B"}]}}
    draft = made(artist.post(f"/api/shows/{mine}/rounds", body))["id"]
    refused(guest.vote(draft, "o1"), 409, "round_not_open")
    refused(guest.get(f"/api/rounds/{draft}"), 404, "unknown_round")
