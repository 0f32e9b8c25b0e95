"""Rounds as an outside program makes them: by type alone, counted by hand, tied, corrected."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.browser.site import Site
from tests.wire.client import Caller, Json, made, new_id, ok, refused
from tests.wire.conftest import be_guest

Picks = Sequence[str | tuple[str, int]]

LABELS = ("Althea", "Bertha", "Cassidy")


def asked(**config: Any) -> Json:
    """A configuration of three songs, by their labels alone."""
    return {"title": "What now?", "options": [{"label": label} for label in LABELS]} | config


def opened(artist: Caller, show_id: str, **config: Any) -> str:
    """An open round; its id."""
    body = {"config": asked(**config), "open": True}
    round_: Json = made(artist.post(f"/api/shows/{show_id}/rounds", body))
    assert round_["status"] == "open"
    return str(round_["id"])


def votes(voter: Caller, round_id: str, picks: Picks) -> httpx.Response:
    """A vote: options, or options with their values."""
    said = [
        {"option_id": pick} if isinstance(pick, str) else {"option_id": pick[0], "value": pick[1]}
        for pick in picks
    ]
    return voter.post(f"/api/rounds/{round_id}/vote", {"command_id": new_id(), "picks": said})


def closed(artist: Caller, round_id: str) -> Json:
    """The result of closing it."""
    result: Json = ok(artist.post(f"/api/rounds/{round_id}/close"))["result"]
    return result


def voters(nobody: Caller, how_many: int) -> list[Caller]:
    """New guests."""
    return [be_guest(nobody, f"Voter {number}") for number in range(how_many)]


def tied(artist: Caller, nobody: Caller, show_id: str, *rules: str) -> tuple[str, Json]:
    """A round in which the first two songs have two votes each, closed; its id and result."""
    round_id = opened(artist, show_id, tie=rules)
    for voter, option in zip(voters(nobody, 5), ("o1", "o1", "o2", "o2", "o3"), strict=True):
        ok(votes(voter, round_id, [option]))
    return round_id, closed(artist, round_id)


# --- a type alone ------------------------------------------------------------------------------

MINIMAL: list[tuple[str, list[Picks], dict[str, int], list[str]]] = [
    ("single", [["o1"], ["o2"], ["o2"]], {"o1": 1, "o2": 2, "o3": 0}, ["o2"]),
    ("approval", [["o1", "o2"], ["o2", "o3"], ["o2"]], {"o1": 1, "o2": 3, "o3": 1}, ["o2"]),
    # Borda: of three options the first is worth 2, the second 1, the last 0.
    (
        "ranked",
        [["o1", "o2", "o3"], ["o1", "o2", "o3"], ["o2", "o3", "o1"]],
        {"o1": 4, "o2": 4, "o3": 1},
        ["o1", "o2"],
    ),
    (
        "points",
        [[("o1", 7), ("o2", 3)], [("o3", 10)], [("o2", 10)]],
        {"o1": 7, "o2": 13, "o3": 10},
        ["o2"],
    ),
    (
        "updown",
        [[("o1", 1), ("o2", -1)], [("o1", 1)], [("o3", -1), ("o1", -1)]],
        {"o1": 1, "o2": -1, "o3": -1},
        ["o1"],
    ),
    ("weighted", [["o1"], ["o2"], ["o2"]], {"o1": 1, "o2": 2, "o3": 0}, ["o2"]),
    ("bracket", [["o1"], ["o2"], ["o2"]], {"o1": 1, "o2": 2, "o3": 0}, []),
]


@pytest.mark.parametrize(
    ("vote_type", "ballots", "scores", "winners"), MINIMAL, ids=[one[0] for one in MINIMAL]
)
def test_a_round_that_names_its_type_alone_is_voted_in_and_counted(
    artist: Caller,
    nobody: Caller,
    vote_type: str,
    ballots: list[Picks],
    scores: dict[str, int],
    winners: list[str],
) -> None:
    round_id = opened(artist, artist.live_show()["id"], type=vote_type)
    for voter, picks in zip(voters(nobody, 3), ballots, strict=True):
        ok(votes(voter, round_id, picks))
    result = closed(artist, round_id)
    assert (result["options"], result["voters"]) == (scores, 3)
    assert result["votes"] == sum(len(picks) for picks in ballots)
    if winners:
        assert sorted(result["winners"]) == winners
    else:  # o3 had no opponent and goes on with the winner of the other pair
        final = ok(artist.get(f"/api/rounds/{result['next_round_id']}"))
        assert [one["id"] for one in final["config"]["options"]] == ["o2", "o3"]
        assert (final["status"], final["stage"]) == ("open", 2)


def test_preferences_go_on_when_their_option_is_eliminated(artist: Caller, nobody: Caller) -> None:
    """2 to 2 to 1: the fifth ballot decides by its second preference."""
    tally = {"method": "irv"}
    round_id = opened(artist, artist.live_show()["id"], type="ranked", tally=tally)
    ballots = (["o1", "o2"], ["o1", "o3"], ["o2"], ["o2", "o3"], ["o3", "o2"])
    for voter, picks in zip(voters(nobody, 5), ballots, strict=True):
        ok(votes(voter, round_id, picks))
    result = closed(artist, round_id)
    assert result["winners"] == ["o2"]
    assert [stage["eliminated"] for stage in result["elimination"]] == [["o3"], []]
    assert result["elimination"][1]["counts"] == {"o1": 2, "o2": 3}


def test_a_juror_weighs_what_the_config_says(artist: Caller, nobody: Caller) -> None:
    show_id = artist.live_show()["id"]
    juror, *audience = voters(nobody, 4)
    you = ok(juror.get(f"/api/shows/{show_id}/poll"))["you"]["participant_id"]
    ok(artist.put(f"/api/shows/{show_id}/jury", {"participant_ids": [you]}))
    weights = {"audience": 1, "jury": 5}
    round_id = opened(artist, show_id, type="weighted", tally={"weights": weights})
    ok(votes(juror, round_id, ["o1"]))
    for voter in audience:
        ok(votes(voter, round_id, ["o2"]))
    result = closed(artist, round_id)
    assert (result["options"]["o1"], result["options"]["o2"]) == (5, 3)
    assert (result["voters"], result["winners"]) == (4, ["o1"])


def test_a_queue_needs_no_options(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    body = {"config": {"type": "queue", "title": "Wishes"}, "open": True}
    round_id = made(artist.post(f"/api/shows/{show_id}/rounds", body))["id"]
    wish = ok(guest.command(show_id, "request_song", title="Ripple", round_id=round_id))["data"]
    refused(votes(guest, round_id, ["o1"]), 409, "queue_takes_upvotes")
    result = closed(artist, round_id)
    assert result["options"] == {wish["song_request_id"]: 1}
    assert result["labels"] == {wish["song_request_id"]: "Ripple"}


# --- ballots that do not fit -------------------------------------------------------------------

BAD: list[tuple[Json, Picks, str]] = [
    ({}, [], "invalid_picks"),
    ({}, ["o1", "o2"], "invalid_picks"),
    ({}, ["o9"], "unknown_option"),
    ({"type": "approval"}, ["o1", "o1"], "invalid_picks"),
    ({"type": "approval", "pick": {"min": 2}}, ["o1"], "invalid_picks"),
    ({"type": "points"}, [("o1", 11)], "invalid_picks"),
    ({"type": "points"}, [("o1", -1)], "invalid_picks"),
    ({"type": "points"}, [("o1", 0)], "invalid_picks"),
    ({"type": "updown"}, [("o1", 2)], "invalid_picks"),
    ({"type": "bracket"}, ["o1", "o2"], "invalid_picks"),
]


def test_a_ballot_that_does_not_fit_is_refused_and_counts_nothing(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    for config, picks, code in BAD:
        round_id = opened(artist, show_id, **config)
        answer = votes(guest, round_id, picks)
        refused(answer, answer.status_code, code)
        assert closed(artist, round_id)["voters"] == 0


# --- ties --------------------------------------------------------------------------------------


def test_a_runoff_asks_again_and_the_rules_after_it_break_its_tie(
    artist: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    round_id, result = tied(artist, nobody, show_id, "runoff", "artist")
    assert (result["tied"], result["tie_rule"]) == (["o1", "o2"], "runoff")
    runoff = ok(artist.get(f"/api/rounds/{result['next_round_id']}"))
    assert (runoff["status"], runoff["runoff_of"]) == ("open", round_id)
    assert [option["label"] for option in runoff["config"]["options"]] == ["Althea", "Bertha"]
    assert runoff["config"]["tie"] == ["artist"]
    for voter, option in zip(voters(nobody, 2), ("o1", "o2"), strict=True):
        ok(votes(voter, runoff["id"], [option]))
    assert closed(artist, runoff["id"])["tie_rule"] == "artist_awaited"
    decided = ok(artist.post(f"/api/rounds/{runoff['id']}/tie", {"option_id": "o2"}))
    assert (decided["result"]["winners"], decided["result"]["tie_rule"]) == (["o2"], "artist")


def test_only_the_artist_decides_once_and_among_the_tied(
    artist: Caller, nobody: Caller, guest: Caller
) -> None:
    round_id, result = tied(artist, nobody, artist.live_show()["id"], "artist")
    assert (result["winners"], result["tie_rule"]) == (["o1", "o2"], "artist_awaited")
    path = f"/api/rounds/{round_id}/tie"
    refused(guest.post(path, {"option_id": "o1"}), 403, "not_allowed")
    refused(artist.post(path, {"option_id": "o3"}), 400, "not_tied")
    ok(artist.post(path, {"option_id": "o1"}))
    refused(artist.post(path, {"option_id": "o2"}), 409, "no_tie_to_decide")


def test_without_votes_or_quorum_nobody_wins(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    empty = closed(artist, opened(artist, show_id, tie=["runoff", "seeded_random"]))
    assert (empty["winners"], empty["voters"]) == ([], 0)
    round_id = opened(artist, show_id, quorum=2)
    ok(votes(guest, round_id, ["o1"]))
    short = closed(artist, round_id)
    assert (short["winners"], short["options"]["o1"]) == ([], 1)


# --- who sees what, and when -------------------------------------------------------------------

#            open: nobody, other, voter, crew    closed: nobody, other, voter, crew
SEEN = {
    "always": ("tttt", "rrrr"),
    "after_vote": ("--tt", "rrrr"),
    "on_close": ("---t", "rrrr"),
    "manual": ("---t", "---r"),
    "never": ("---t", "---r"),
}


def test_each_visibility_shows_what_it_says_over_http(
    artist: Caller, guest: Caller, fan: Caller, nobody: Caller
) -> None:
    show_id = artist.live_show()["id"]
    audience = (nobody, fan, guest, artist)
    rounds = {kind: opened(artist, show_id, visibility=kind) for kind in SEEN}

    def seen(round_id: str) -> str:
        views = [ok(who.get(f"/api/rounds/{round_id}")) for who in audience]
        listed = [ok(who.get(f"/api/shows/{show_id}/rounds"))["items"] for who in audience]
        for view, items in zip(views, listed, strict=True):
            same = next(item for item in items if item["id"] == round_id)
            assert same.get("tally") == view.get("tally")
            assert same.get("result") == view.get("result")
        return "".join(
            "t" if view.get("tally") else "r" if view.get("result") else "-" for view in views
        )

    for round_id in rounds.values():
        ok(votes(guest, round_id, ["o1"]))
    assert {kind: seen(one) for kind, one in rounds.items()} == {k: v[0] for k, v in SEEN.items()}
    for round_id in rounds.values():
        ok(artist.post(f"/api/rounds/{round_id}/close"))
    assert {kind: seen(one) for kind, one in rounds.items()} == {k: v[1] for k, v in SEEN.items()}
    counted = [ok(who.get(f"/api/shows/{show_id}/leaderboard"))["rounds"] for who in audience]
    assert counted == [3, 3, 3, 5]
    ok(artist.post(f"/api/rounds/{rounds['manual']}/reveal"))
    refused(artist.post(f"/api/rounds/{rounds['never']}/reveal"), 409, "never_revealed")
    assert (seen(rounds["manual"]), seen(rounds["never"])) == ("rrrr", "---r")
    assert ok(nobody.get(f"/api/shows/{show_id}/leaderboard"))["rounds"] == 4


# --- changes, corrections, repetitions ---------------------------------------------------------


def test_a_vote_is_changed_and_withdrawn_until_it_is_final(artist: Caller, guest: Caller) -> None:
    show_id = artist.live_show()["id"]
    round_id = opened(artist, show_id)
    refused(guest.command(show_id, "withdraw_vote", round_id=round_id), 404, "no_vote")
    ok(votes(guest, round_id, ["o1"]))
    ok(votes(guest, round_id, ["o2"]))
    ok(guest.command(show_id, "withdraw_vote", round_id=round_id))
    ok(votes(guest, round_id, ["o3"]))
    result = closed(artist, round_id)
    assert (result["options"], result["voters"]) == ({"o1": 0, "o2": 0, "o3": 1}, 1)
    refused(votes(guest, round_id, ["o1"]), 409, "round_closed")
    refused(guest.command(show_id, "withdraw_vote", round_id=round_id), 409, "round_closed")
    final = opened(artist, show_id, change="never")
    ok(votes(guest, final, ["o1"]))
    refused(votes(guest, final, ["o2"]), 409, "vote_is_final")
    refused(guest.command(show_id, "withdraw_vote", round_id=final), 409, "vote_is_final")


def test_a_correction_takes_the_place_of_its_round_everywhere(
    artist: Caller, guest: Caller
) -> None:
    show_id = artist.live_show()["id"]
    round_id = opened(artist, show_id)
    ok(votes(guest, round_id, ["o1"]))
    closed(artist, round_id)
    assert ok(guest.get(f"/api/shows/{show_id}/leaderboard"))["rounds"] == 1
    body = {"config": asked(title="Corrected", type="approval"), "reason": "A typo"}
    new = made(artist.post(f"/api/rounds/{round_id}/supersede", body))
    assert (new["supersedes"], new["config"]["pick"]["max"]) == (round_id, 3)
    old = ok(guest.get(f"/api/rounds/{round_id}"))
    assert (old["status"], old["superseded_by"]) == ("superseded", new["id"])
    assert old.get("result") is None
    assert ok(guest.get(f"/api/shows/{show_id}/leaderboard"))["rounds"] == 0
    refused(artist.post(f"/api/rounds/{round_id}/supersede", body), 409, "round_not_current")


def test_a_vote_given_twenty_times_at_once_is_one_vote(
    artist: Caller, guest: Caller, node: Site
) -> None:
    round_id = opened(artist, artist.live_show()["id"])
    body = {"command_id": new_id(), "picks": [{"option_id": "o1"}]}

    def give(_: int) -> str:
        with httpx.Client(base_url=node.url, timeout=30) as client:
            answer = Caller(client, guest.body).post(f"/api/rounds/{round_id}/vote", body)
            return f"{answer.status_code} {answer.text}"

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(give, range(20)))
    assert len(answers) == 1 and next(iter(answers)).startswith("200 ")
    result = closed(artist, round_id)
    assert (result["votes"], result["voters"]) == (1, 1)
