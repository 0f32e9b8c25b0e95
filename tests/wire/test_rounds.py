"""Rounds: DOMAIN "Rounds"; PROTOCOL "HTTP" and "Picks"."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.wire.client import Caller, is_uuid7, made, new_id, ok, refused, single
from tests.wire.conftest import be_guest, sign_up

DOMAIN_EXAMPLE: dict[str, Any] = {
    "v": 1,
    "type": "single",
    "title": "Encore?",
    "options": [
        {"id": "o1", "code": "1", "song_id": "0198b000-0000-7000-8000-000000000001", "label": "A"},
        {"id": "o2", "code": "2", "song_id": "0198b000-0000-7000-8000-000000000002", "label": "B"},
    ],
    "pick": {"min": 1, "max": 1, "budget": None},
    "tally": {"method": "plurality", "weights": {"audience": 1, "artist": 0, "jury": 0}},
    "window": {"duration_s": 90, "sms_grace_s": 15, "extend_max_s": 60},
    "change": "until_close",
    "visibility": "after_vote",
    "tie": ["runoff", "artist", "seeded_random"],
    "quorum": 0,
    "who": {"channels": ["web", "sms"], "identity": "attendee", "attendance": "any"},
    "fraud": {"rate_per_min": 6},
}


def test_the_example_of_the_domain_is_kept_as_it_is_written(artist: Caller) -> None:
    show_id = artist.live_show()["id"]
    draft = made(artist.post(f"/api/shows/{show_id}/rounds", {"config": DOMAIN_EXAMPLE}))
    assert is_uuid7(draft["id"])
    assert (draft["status"], draft["config"]) == ("draft", DOMAIN_EXAMPLE)
    assert len(draft["config_hash"]) == 64
    assert ok(artist.get(f"/api/rounds/{draft['id']}"))["config"] == DOMAIN_EXAMPLE
    assert ok(artist.post(f"/api/rounds/{draft['id']}/open"))["status"] == "open"


def test_the_hash_is_sha256_of_the_canonical_json(artist: Caller) -> None:
    show_id = artist.show()["id"]
    draft = made(artist.post(f"/api/shows/{show_id}/rounds", {"config": DOMAIN_EXAMPLE}))
    canonical = json.dumps(draft["config"], sort_keys=True, separators=(",", ":"))
    assert draft["config_hash"] == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "ranked", "tally": {"method": "plurality"}}, "config.tally.method"),
        ({"type": "nonsense"}, "config.type"),
        ({"tally": {"method": "irv"}}, "config.tally.method"),
        ({"pick": {"min": 1, "max": 2}}, "config.pick.max"),
        ({"title": ""}, "config.title"),
        ({"title": 7}, "config.title"),
        ({"title": "  "}, "config.title"),
        ({"title": "a\x00b"}, "config.title"),
        (
            {"options": [{"id": "a", "label": "A\nB"}, {"id": "b", "label": "B"}]},
            "config.options[0].label",
        ),
        ({"options": [{"id": "o1", "label": "A"}]}, "config.options"),
        ({"options": [{"id": "o1", "label": "A"}, {"id": "o1", "label": "B"}]}, "config.options"),
        (
            {"options": [{"id": "a", "label": "A", "code": "stop"}, {"id": "b", "label": "B"}]},
            "config.options[0].code",
        ),
        ({"options": [{"id": "a", "label": "A"}, {"id": "b"}]}, "config.options[1].label"),
        ({"window": {"duration_s": 0}}, "config.window.duration_s"),
        ({"visibility": "sometimes"}, "config.visibility"),
        ({"tie": ["coin"]}, "config.tie[0]"),
        ({"v": 2}, "config.v"),
        ({"quorum": -1}, "config.quorum"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_field(
    artist: Caller, change: dict[str, Any], field: str
) -> None:
    show_id = artist.show()["id"]
    body = {"config": single("A", "B") | change}
    problem = refused(artist.post(f"/api/shows/{show_id}/rounds", body), 422, "validation_failed")
    assert field in [error["field"] for error in problem["errors"]], problem["errors"]
    assert ok(artist.get(f"/api/shows/{show_id}/rounds"))["items"] == []


def test_drafts_are_for_crew_and_can_be_changed_until_they_open(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    draft = artist.round(show_id)
    refused(guest.get(f"/api/rounds/{draft['id']}"), 404, "unknown_round")
    assert ok(guest.get(f"/api/shows/{show_id}/rounds"))["items"] == []
    changed = ok(artist.put(f"/api/rounds/{draft['id']}", {"config": single("X", "Y", "Z")}))
    assert len(changed["config"]["options"]) == 3
    assert changed["config_hash"] != draft["config_hash"]
    ok(artist.post(f"/api/rounds/{draft['id']}/open"))
    late = artist.put(f"/api/rounds/{draft['id']}", {"config": single("X", "Y")})
    refused(late, 409, "round_not_draft")


def test_rounds_open_only_while_the_show_is_live(artist: Caller) -> None:
    draft = artist.round(artist.show()["id"])
    refused(artist.post(f"/api/rounds/{draft['id']}/open"), 409, "show_not_live")


def test_the_life_of_a_round_over_http(artist: Caller, guest: Caller, fan: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, window={"duration_s": 60, "extend_max_s": 60})
    before = ok(artist.get(f"/api/rounds/{round_id}"))
    extended = ok(artist.post(f"/api/rounds/{round_id}/extend"))
    assert extended["closes_at"] > before["closes_at"]
    command_id = new_id()
    voted = ok(guest.vote(round_id, "o1", command_id))
    assert (voted["round_id"], voted["picks"]) == (round_id, [{"option_id": "o1"}])
    assert isinstance(voted["seq"], int) and voted["seq"] > 0
    assert ok(guest.vote(round_id, "o1", command_id)) == voted
    ok(guest.vote(round_id, "o2"))
    ok(fan.vote(round_id, "o2"))
    closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert closed["status"] == "closed"
    result = closed["result"]
    assert result["options"] == {"o1": 0, "o2": 2}
    assert (result["votes"], result["voters"], result["winners"]) == (2, 2, ["o2"])
    assert result["config_hash"] == closed["config_hash"]
    refused(guest.vote(round_id, "o1"), 409, "round_closed")
    refused(artist.post(f"/api/rounds/{round_id}/close"), 409, "round_closed")
    assert ok(guest.get(f"/api/rounds/{round_id}"))["result"] == result


def test_a_vote_said_again_with_other_picks_is_refused(artist: Caller, guest: Caller) -> None:
    round_id = artist.open_round(artist.live_show()["id"])
    command_id = new_id()
    ok(guest.vote(round_id, "o1", command_id))
    refused(guest.vote(round_id, "o2", command_id), 422, "command_id_reused")


@pytest.mark.parametrize(
    ("picks", "status"),
    [
        ([], 400),
        ([{"option_id": "o1"}, {"option_id": "o2"}], 400),
        ([{"option_id": "o9"}], 404),
        ([{"option_id": "o1", "value": 3}], 400),
        ("o1", 422),
        ([{"option": "o1"}], 422),
    ],
)
def test_picks_that_do_not_fit_are_refused(
    artist: Caller, guest: Caller, picks: object, status: int
) -> None:
    round_id = artist.open_round(artist.live_show()["id"])
    body = {"command_id": new_id(), "picks": picks}
    refused(guest.post(f"/api/rounds/{round_id}/vote", body), status)


def test_only_crew_drives_rounds(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    refused(
        guest.post(f"/api/shows/{show_id}/rounds", {"config": single("A", "B")}), 403, "not_allowed"
    )
    round_id = artist.open_round(show_id)
    for step in ("extend", "close", "reveal"):
        refused(guest.post(f"/api/rounds/{round_id}/{step}"), 403, "not_allowed")


def test_a_vote_that_is_final_cannot_be_changed(artist: Caller, guest: Caller) -> None:
    round_id = artist.open_round(artist.live_show()["id"], change="never")
    ok(guest.vote(round_id, "o1"))
    refused(guest.vote(round_id, "o2"), 409, "vote_is_final")


def test_a_round_for_accounts_is_closed_to_guests(
    artist: Caller, guest: Caller, fan: Caller
) -> None:
    round_id = artist.open_round(artist.live_show()["id"], who={"identity": "account"})
    refused(guest.vote(round_id, "o1"), 403, "account_required")
    ok(fan.vote(round_id, "o1"))


def test_votes_faster_than_the_rounds_own_rate_wait(artist: Caller, guest: Caller) -> None:
    round_id = artist.open_round(artist.live_show()["id"], fraud={"rate_per_min": 2})
    answers = [guest.vote(round_id, f"o{1 + turn % 2}") for turn in range(6)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    refused(limited[0], 429, "rate_limited")
    assert int(limited[0].headers["retry-after"]) >= 1


def test_an_artists_own_vote_has_the_weight_the_round_gives_it(artist: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id)
    ok(artist.vote(round_id, "o1"))
    closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert (closed["result"]["options"]["o1"], closed["result"]["voters"]) == (0, 0)


def test_a_tie_is_shown_as_a_tie(artist: Caller, nobody: Caller) -> None:
    round_id = artist.open_round(artist.live_show()["id"])
    ok(be_guest(nobody, "A").vote(round_id, "o1"))
    ok(be_guest(nobody, "B").vote(round_id, "o2"))
    closed = ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert sorted(closed["result"]["winners"]) == ["o1", "o2"]


def test_a_drawn_tie_can_be_checked_by_anybody(
    artist: Caller, guest: Caller, nobody: Caller
) -> None:
    """The hash is told when the round opens, the seed with the result and not before."""
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket, artist.socket(show_id) as crew:
        socket.welcome()
        crew.welcome()
        round_id = artist.open_round(show_id, tie=["seeded_random"])
        seed_hash = socket.event("round_opened")["data"]["seed_hash"]
        ok(guest.vote(round_id, "o1"))
        ok(be_guest(nobody, "B").vote(round_id, "o2"))
        before = artist.get(f"/api/rounds/{round_id}").content
        before += artist.get(f"/api/shows/{show_id}/rounds").content
        crew.event("round_opened")
        before += crew.raw + socket.raw
        ok(artist.post(f"/api/rounds/{round_id}/close"))
        result = socket.event("round_closed")["data"]["result"]
    seed = result["seed"]
    assert seed.encode() not in before
    assert hashlib.sha256(seed.encode()).hexdigest() == seed_hash
    drawn = min("o1 o2".split(), key=lambda one: _sha256(f"{seed}:{one}"))
    assert (result["winners"], result["tie_rule"]) == ([drawn], "seeded_random")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


KINDS: list[tuple[dict[str, Any], list[dict[str, Any]], dict[str, int]]] = [
    (
        {"type": "approval", "tally": {"method": "approval"}, "pick": {"max": 3}},
        [{"option_id": "o1"}, {"option_id": "o3"}],
        {"o1": 1, "o2": 0, "o3": 1},
    ),
    (
        {"type": "ranked", "tally": {"method": "borda"}, "pick": {"max": 3}},
        [{"option_id": "o3"}, {"option_id": "o1"}],
        {"o1": 1, "o2": 0, "o3": 2},
    ),
    (
        {"type": "ranked", "tally": {"method": "irv"}, "pick": {"max": 3}},
        [{"option_id": "o3"}, {"option_id": "o1"}],
        {"o1": 0, "o2": 0, "o3": 1},
    ),
    (
        {"type": "points", "tally": {"method": "sum"}, "pick": {"max": 3, "budget": 10}},
        [{"option_id": "o1", "value": 3}, {"option_id": "o2", "value": 7}],
        {"o1": 3, "o2": 7, "o3": 0},
    ),
    (
        {"type": "updown", "tally": {"method": "net"}, "pick": {"max": 3}},
        [{"option_id": "o1", "value": -1}, {"option_id": "o2", "value": 1}],
        {"o1": -1, "o2": 1, "o3": 0},
    ),
    (
        {"type": "weighted", "tally": {"weights": {"audience": 3, "jury": 10}}},
        [{"option_id": "o2"}],
        {"o1": 0, "o2": 3, "o3": 0},
    ),
    (
        {"type": "bracket"},
        [{"option_id": "o2"}],
        {"o1": 0, "o2": 1, "o3": 0},
    ),
]


@pytest.mark.parametrize(
    ("kind", "picks", "scores"),
    KINDS,
    ids=[f"{one[0]['type']}-{at}" for at, one in enumerate(KINDS)],
)
def test_every_kind_of_round_is_voted_in_and_counted(
    artist: Caller,
    guest: Caller,
    kind: dict[str, Any],
    picks: list[dict[str, Any]],
    scores: dict[str, int],
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        round_id = artist.open_round(show_id, "A", "B", "C", visibility="always", **kind)
        ack = socket.give("cast_vote", round_id=round_id, picks=picks)
        assert (ack["t"], ack["data"]["picks"]) == ("ack", picks)
        tally = socket.until(lambda one: one.get("name") == "tally" and one["data"]["voters"] == 1)[
            "data"
        ]
        assert tally["options"] == scores
        ok(artist.post(f"/api/rounds/{round_id}/close"))
        result = socket.event("round_closed")["data"]["result"]
    assert (result["options"], result["votes"], result["voters"]) == (scores, len(picks), 1)
    read = ok(guest.get(f"/api/rounds/{round_id}"))
    assert read["result"]["config_hash"] == read["config_hash"] == result["config_hash"]


def test_a_correction_is_told_to_everybody_in_the_room(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        old = artist.open_round(show_id)
        ok(guest.vote(old, "o1"))
        body = {"config": single("X", "Y"), "reason": "Wrong songs."}
        new = made(artist.post(f"/api/rounds/{old}/supersede", body))
        told = socket.event("round_superseded")["data"]
        assert told == {"round_id": old, "by_round_id": new["id"], "reason": "Wrong songs."}
        assert socket.event("round_opened")["data"]["supersedes"] == old
    refused(guest.vote(old, "o1"), 409, "round_closed")
    ok(guest.vote(new["id"], "o1"))


def test_the_leaderboard_is_a_state_of_the_room(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        assert socket.welcome()["state"]["leaderboard"]["rounds"] == 0
        round_id = artist.open_round(show_id)
        ok(guest.vote(round_id, "o2"))
        ok(artist.post(f"/api/rounds/{round_id}/close"))
        board = socket.until(
            lambda one: one.get("name") == "leaderboard" and one["data"]["rounds"] == 1
        )["data"]
    assert [(one["rank"], one["votes"], one["wins"]) for one in board["entries"]] == [
        (1, 1, 1),
        (2, 0, 0),
    ]
    assert ok(guest.get(f"/api/shows/{show_id}/leaderboard")) == board


def test_a_round_closes_by_itself_and_tells_the_result(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        round_id = artist.open_round(show_id, window={"duration_s": 1})
        assert socket.event("round_opened")["data"]["round_id"] == round_id
        ok(guest.vote(round_id, "o2"))
        data = socket.event("round_closed")["data"]
    assert data["round_id"] == round_id
    assert data["result"]["winners"] == ["o2"]


# --- what may be seen (and in tests/wire/doors/test_hidden_tallies.py, byte by byte) ---------


def test_after_vote_shows_the_tally_to_those_who_voted(
    artist: Caller, guest: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, visibility="after_vote")
    with guest.socket(show_id) as voter, be_guest(nobody, "Watcher").socket(show_id) as watcher:
        voter.welcome()
        watcher.welcome()
        picks = [{"option_id": "o2"}]
        assert voter.give("cast_vote", round_id=round_id, picks=picks)["t"] == "ack"
        ok(be_guest(nobody, "Another").vote(round_id, "o1"))
        state = voter.until(lambda one: one.get("name") == "tally" and one["data"]["votes"] == 2)
        assert state["data"] == {
            "round_id": round_id,
            "options": {"o1": 1, "o2": 1},
            "votes": 2,
            "voters": 2,
        }
        voter.say("post_chat", text="done")
        watcher.event("chat_posted")
        assert not [one for one in watcher.texts if one.get("name") == "tally"]
    assert ok(guest.get(f"/api/rounds/{round_id}"))["tally"]["votes"] == 2


def test_a_manual_result_comes_with_the_reveal_and_never_means_crew_only(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    with guest.socket(show_id) as socket:
        socket.welcome()
        manual = artist.open_round(show_id, visibility="manual")
        refused(artist.post(f"/api/rounds/{manual}/reveal"), 409, "round_not_closed")
        ok(guest.vote(manual, "o1"))
        ok(artist.post(f"/api/rounds/{manual}/close"))
        assert ok(artist.post(f"/api/rounds/{manual}/reveal"))["status"] == "revealed"
        assert socket.event("round_revealed")["data"]["result"]["winners"] == ["o1"]
        assert ok(guest.get(f"/api/rounds/{manual}"))["result"]["winners"] == ["o1"]
        never = artist.open_round(show_id, visibility="never")
        ok(guest.vote(never, "o1"))
        closed = ok(artist.post(f"/api/rounds/{never}/close"))
        assert closed["result"]["winners"] == ["o1"]
        refused(artist.post(f"/api/rounds/{never}/reveal"), 409)
        assert "result" not in ok(guest.get(f"/api/rounds/{never}"))


def test_states_are_conflated_to_five_a_second(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = artist.open_round(show_id, visibility="always")
    voters = [be_guest(nobody, "Voter") for _ in range(15)]
    with artist.socket(show_id) as socket:
        socket.welcome()
        import time

        began = time.monotonic()
        for voter in voters:
            ok(voter.vote(round_id, "o1"))
        socket.until(lambda one: one.get("name") == "tally" and one["data"]["votes"] == 15)
        took_s = time.monotonic() - began
        tallies = [one for one in socket.texts if one.get("name") == "tally"]
    assert len(tallies) <= 5 * took_s + 2
    versions = [one["version"] for one in tallies]
    assert versions == sorted(set(versions))


def test_crew_of_another_show_is_a_fan_here(artist: Caller, nobody: Caller) -> None:
    round_id = artist.open_round(artist.live_show()["id"])
    refused(sign_up(nobody, "artist").post(f"/api/rounds/{round_id}/close"), 403, "not_allowed")
