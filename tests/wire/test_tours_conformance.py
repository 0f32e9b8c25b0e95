"""A tour over the wire: shows are put on it by name, and its leaderboard adds their results up."""

from __future__ import annotations

from tests.wire.client import Caller, Json, made, ok, refused
from tests.wire.conftest import sign_up

TOUR = {"artists": [{"name": "The Wire"}], "tour": {"name": "Europe 2027"}}


def decided(artist: Caller, show_id: str, voters: list[Caller], **config: object) -> None:
    """A closed round that Ripple won with the votes of these."""
    round_id = artist.open_round(show_id, "Ripple", "Brokedown Palace", **config)
    for voter in voters:
        ok(voter.vote(round_id, "o1"))
    ok(artist.post(f"/api/rounds/{round_id}/close"))


def leaderboard(anybody: Caller, show: Json) -> Json:
    """The leaderboard of a show's tour."""
    return ok(anybody.get(f"/api/tours/{show['tour']['id']}/leaderboard"))


def test_a_tours_leaderboard_adds_its_shows_up(
    artist: Caller, fan: Caller, guest: Caller, nobody: Caller
) -> None:
    first, second = artist.live_show(**TOUR), artist.live_show(**TOUR)
    assert first["tour"] == second["tour"] and first["tour"]["name"] == "Europe 2027"
    decided(artist, first["id"], [fan, guest])
    decided(artist, second["id"], [fan])
    decided(artist, second["id"], [fan, guest], visibility="never")
    private = artist.live_show(access="private", **TOUR)
    fan.ticket(private["id"], join_code=private["join_code"])
    decided(artist, private["id"], [fan])
    found = leaderboard(nobody, first)
    best = found["entries"][0]
    assert (best["rank"], best["label"], best["votes"], best["wins"]) == (1, "Ripple", 3, 2)
    assert (found["rounds"], found["votes"]) == (2, 3)


def test_a_tour_of_another_owner_is_another_tour(artist: Caller, nobody: Caller) -> None:
    """Whoever names a tour of somebody else's does not speak in its leaderboard."""
    other = sign_up(nobody, "artist")
    mine, theirs = artist.show(**TOUR), other.show(**TOUR)
    assert mine["artists"][0]["id"] == theirs["artists"][0]["id"]
    assert mine["tour"]["id"] != theirs["tour"]["id"]


def test_a_show_is_put_on_a_tour_and_taken_off(artist: Caller, fan: Caller) -> None:
    on_tour = artist.show(**TOUR)
    show = artist.show(artists=TOUR["artists"])
    path = f"/api/shows/{show['id']}"
    assert show["tour"] is None
    changed = ok(artist.put(path, {"tour": {"name": "europe 2027"}}))
    assert changed["tour"] == on_tour["tour"]
    assert ok(artist.put(path, {"title": "Barton Hall, late"}))["tour"] == on_tour["tour"]
    assert ok(artist.put(path, {"tour": None}))["tour"] is None
    refused(fan.put(path, {"tour": {"name": "Mine"}}), 404)


def test_a_tour_is_an_artists(artist: Caller) -> None:
    show = {"title": "Nobody", "starts_at": "2027-05-08T19:00:00Z", "access": "public"}
    refused(artist.post("/api/shows", show | {"tour": {"name": "X"}}), 422, "validation_failed")
    body = show | {"artists": [{"name": "A"}], "tour": {"name": "  "}}
    refused(artist.post("/api/shows", body), 422, "validation_failed")
    made(artist.post("/api/shows", body | {"tour": None}))
