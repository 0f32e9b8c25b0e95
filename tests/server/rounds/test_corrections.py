"""Corrections, ties, juries and leaderboards over HTTP."""

from __future__ import annotations

from typing import Any

from litestar import Litestar

from tests.server.http import ROUND, Person, made, ok, refused


async def vote(person: Person, round_id: str, option_id: str) -> Any:
    """A vote of a kind that takes one option."""
    body = {"command_id": f"{round_id}{option_id}", "picks": [{"option_id": option_id}]}
    return ok(await person.post(f"/api/rounds/{round_id}/vote", body))


async def test_a_round_is_superseded(
    artist: Person, guest: Person, fan: Person, app: Litestar
) -> None:
    show = await artist.live_show()
    old = await artist.open_round(show["id"])
    await vote(guest, old["id"], "o1")
    path = f"/api/rounds/{old['id']}/supersede"
    body = {"config": ROUND | {"title": "Encore, really?"}, "reason": "A typo."}
    refused(await fan.post(path, body), 403, "not_allowed")
    bad = {"config": ROUND | {"options": []}}
    problem = refused(await artist.post(path, bad), 422, "validation_failed")
    assert [error["field"] for error in problem["errors"]] == ["config.options"]
    new = made(await artist.post(path, body, headers={"Idempotency-Key": f"fix {old['id']}"}))
    assert (new["status"], new["supersedes"]) == ("open", old["id"])
    again = made(await artist.post(path, body, headers={"Idempotency-Key": f"fix {old['id']}"}))
    assert again["id"] == new["id"]
    seen = ok(await guest.get(f"/api/rounds/{old['id']}"))
    assert (seen["status"], seen["superseded_by"]) == ("superseded", new["id"])
    assert "tally" not in seen and "result" not in seen
    refused(await artist.post(path, body), 409, "round_not_current")
    rows = await app.state.services.pool.fetch(
        "SELECT action, after::text FROM audit_log WHERE subject = $1 AND action LIKE 'super%'",
        old["id"],
    )
    assert [row["action"] for row in rows] == ["supersede_round"]
    assert "A typo." in rows[0]["after"]


async def test_a_round_is_cancelled(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    refused(await guest.post(f"/api/rounds/{opened['id']}/cancel"), 403, "not_allowed")
    assert ok(await artist.post(f"/api/rounds/{opened['id']}/cancel"))["status"] == "cancelled"
    assert ok(await guest.get(f"/api/rounds/{opened['id']}"))["status"] == "cancelled"


async def test_the_artist_breaks_a_tie(artist: Person, guest: Person, fan: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], tie=["artist"])
    await vote(guest, opened["id"], "o1")
    await vote(fan, opened["id"], "o2")
    closed = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    assert closed["result"]["tie_rule"] == "artist_awaited"
    path = f"/api/rounds/{opened['id']}/tie"
    refused(await fan.post(path, {"option_id": "o1"}), 403, "not_allowed")
    refused(await artist.post(path, {"option_id": "o9"}), 400, "not_tied")
    decided = ok(await artist.post(path, {"option_id": "o2"}))["result"]
    assert (decided["winners"], decided["tied"], decided["tie_rule"]) == (
        ["o2"],
        ["o1", "o2"],
        "artist",
    )
    assert ok(await guest.get(f"/api/rounds/{opened['id']}"))["result"] == decided


async def test_a_bracket_goes_on_by_itself(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    options = [{"id": one, "label": f"Song {one}"} for one in "abcd"]
    first = await artist.open_round(
        show["id"], type="bracket", options=options, pick={"min": 1, "max": 2}
    )
    body = {"command_id": "v", "picks": [{"option_id": "b"}, {"option_id": "c"}]}
    ok(await guest.post(f"/api/rounds/{first['id']}/vote", body))
    closed = ok(await artist.post(f"/api/rounds/{first['id']}/close"))
    final = ok(await guest.get(f"/api/rounds/{closed['result']['next_round_id']}"))
    assert (final["status"], final["stage"], final["stage_of"]) == ("open", 2, first["id"])
    assert [option["id"] for option in final["config"]["options"]] == ["b", "c"]


async def test_the_jury_is_named_by_crew(artist: Person, guest: Person, fan: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/jury"
    ticket = made(await guest.post(f"/api/shows/{show['id']}/ticket"))
    juror = ticket["participant_id"]
    refused(await fan.put(path, {"participant_ids": [juror]}), 403, "not_allowed")
    refused(await artist.put(path, {"participant_ids": ["nobody"]}), 404, "unknown_participant")
    assert ok(await artist.put(path, {"participant_ids": [juror]})) == {"participant_ids": [juror]}
    weights = {"audience": 1, "artist": 0, "jury": 5}
    opened = await artist.open_round(
        show["id"], type="weighted", tally={"method": "plurality", "weights": weights}
    )
    await vote(guest, opened["id"], "o1")
    await vote(fan, opened["id"], "o2")
    result = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))["result"]
    assert result["options"] == {"o1": 5, "o2": 1}
    assert result["classes"]["jury"] == {"options": {"o1": 1, "o2": 0}, "votes": 1, "voters": 1}


# --- leaderboards ---------------------------------------------------------------------------


async def play(artist: Person, show_id: str, guest: Person, **changes: Any) -> None:
    """A round that ``Ripple`` wins by one vote."""
    opened = await artist.open_round(show_id, **changes)
    await vote(guest, opened["id"], "o2")
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))


async def test_a_shows_leaderboard(artist: Person, guest: Person, nobody: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/leaderboard"
    assert ok(await nobody.get(path)) == {"entries": [], "rounds": 0, "votes": 0, "voters": 0}
    await play(artist, show["id"], guest)
    await play(artist, show["id"], guest, visibility="never")
    board = ok(await nobody.get(path))
    assert board["entries"][0] == {
        "rank": 1,
        "label": "Ripple",
        "votes": 1,
        "voters": 1,
        "rounds": 1,
        "wins": 1,
    }
    assert (board["rounds"], board["votes"], board["voters"]) == (1, 1, 1)
    assert ok(await artist.get(path))["rounds"] == 2


async def test_a_tours_leaderboard_is_over_what_everybody_may_see(
    artist: Person, guest: Person, nobody: Person, app: Litestar
) -> None:
    pool = app.state.services.pool
    line_up = [{"name": f"The Band of {artist.id}"}]
    shows = [
        await artist.live_show(access=access, artists=line_up)
        for access in ("public", "hybrid", "private")
    ]
    tour_id = await pool.fetchval(
        "INSERT INTO tours (artist_id, name)"
        " SELECT artist_id, 'Spring' FROM line_up WHERE show_id = $1 RETURNING id",
        shows[0]["id"],
    )
    await pool.execute(
        "UPDATE shows SET tour_id = $1 WHERE id = ANY($2::uuid[])",
        tour_id,
        [show["id"] for show in shows],
    )
    for show in shows:
        code = show["join_code"]
        made(await guest.post(f"/api/shows/{show['id']}/ticket", {"join_code": code}))
        await play(artist, show["id"], guest)
    await play(artist, shows[0]["id"], guest, visibility="manual")
    board = ok(await nobody.get(f"/api/tours/{tour_id}/leaderboard"))
    assert board["rounds"] == 2
    assert [(entry["rank"], entry["votes"]) for entry in board["entries"]] == [(1, 2), (2, 0)]
    refused(await nobody.get(f"/api/tours/{artist.id}/leaderboard"), 404, "unknown_tour")
