"""Rounds over HTTP: drafts, steps, votes, and who sees what."""

from typing import Any

import pytest
from litestar import Litestar

from tests.server.conftest import StartNode, client_of
from tests.server.http import ROUND, Person, made, ok, refused

VOTE = {"command_id": "v1", "picks": [{"option_id": "o2"}]}


async def test_a_show_from_draft_to_vote(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    path = f"/api/rounds/{opened['id']}"
    assert opened["status"] == "open"
    answer = ok(await guest.post(f"{path}/vote", VOTE))
    assert answer == {
        "round_id": opened["id"],
        "picks": [{"option_id": "o2"}],
        "seq": answer["seq"],
    }
    assert ok(await guest.post(f"{path}/vote", VOTE)) == answer
    longer = ok(await artist.post(f"{path}/extend", {"extend_s": 20}))
    assert longer["closes_at"] > opened["closes_at"]
    closed = ok(await artist.post(f"{path}/close"))
    assert closed["status"] == "closed"
    assert closed["result"] == {
        "options": {"o1": 0, "o2": 1},
        "votes": 1,
        "voters": 1,
        "winners": ["o2"],
        "config_hash": opened["config_hash"],
        "channels": {"web": 1},
        "supporters": {"o1": 0, "o2": 1},
    }
    refused(await guest.post(f"{path}/vote", VOTE | {"command_id": "v2"}), 409, "round_closed")
    assert ok(await guest.get(path))["result"]["options"] == {"o1": 0, "o2": 1}


async def test_a_draft_is_changed_until_it_opens(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/rounds"
    draft = made(await artist.post(path, {"config": ROUND}))
    assert draft["status"] == "draft"
    assert draft["show_id"] == show["id"]
    one = f"/api/rounds/{draft['id']}"
    refused(await guest.get(one), 404, "unknown_round")
    assert ok(await guest.get(path)) == {"items": []}
    changed = ok(await artist.put(one, {"config": ROUND | {"title": "Opener?"}}))
    assert changed["config"]["title"] == "Opener?"
    assert changed["config_hash"] != draft["config_hash"]
    ok(await artist.post(f"{one}/open"))
    refused(await artist.put(one, {"config": ROUND}), 409, "round_not_draft")
    assert [item["round_id"] for item in ok(await guest.get(path))["items"]] == [draft["id"]]


@pytest.mark.parametrize("visibility", ["always", "after_vote", "on_close", "manual", "never"])
async def test_a_hidden_tally_is_not_in_a_fans_bytes(
    artist: Person, guest: Person, fan: Person, visibility: str
) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"], visibility=visibility)
    path = f"/api/rounds/{opened['id']}"
    ok(await guest.post(f"{path}/vote", VOTE))

    async def seen(person: Person, what: str) -> bool:
        listed = ok(await person.get(f"/api/shows/{show['id']}/rounds"))["items"][0]
        read = ok(await person.get(path))
        assert listed == read
        return what in read

    assert await seen(artist, "tally")
    assert await seen(fan, "tally") is (visibility == "always")
    assert await seen(guest, "tally") is (visibility in ("always", "after_vote"))
    ok(await artist.post(f"{path}/close"))
    assert await seen(artist, "result")
    assert await seen(fan, "result") is (visibility not in ("manual", "never"))
    if visibility == "manual":
        ok(await artist.post(f"{path}/reveal"))
        assert await seen(fan, "result")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "ranked", "tally": {"method": "plurality"}}, "config.tally.method"),
        ({"type": "coin"}, "config.type"),
        ({"options": []}, "config.options"),
        ({"options": [{"id": "o1", "label": "x"}] * 2}, "config.options"),
        ({"title": ""}, "config.title"),
        ({"window": {"duration_s": 0}}, "config.window.duration_s"),
        ({"visibility": "sometimes"}, "config.visibility"),
        ({"tally": {"method": "irv"}}, "config.tally.method"),
        (
            {"options": [{"id": "o1", "label": "x", "code": "STOP"}, {"id": "o2", "label": "y"}]},
            "config.options[0].code",
        ),
    ],
)
async def test_a_configuration_that_cannot_be_used_is_named(
    artist: Person, changes: dict[str, Any], field: str
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/rounds"
    answer = await artist.post(path, {"config": ROUND | changes})
    problem = refused(answer, 422, "validation_failed")
    assert field in [error["field"] for error in problem["errors"]]


async def test_fans_vote_and_crew_drives(
    artist: Person, fan: Person, guest: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/rounds"
    draft = made(await artist.post(path, {"config": ROUND}))
    other = await nobody.signed_up(role="artist")
    for person in (fan, guest, other):
        refused(await person.post(path, {"config": ROUND}), 403, "not_allowed")
        for step in ("open", "extend", "close", "reveal"):
            refused(await person.post(f"/api/rounds/{draft['id']}/{step}"), 403, "not_allowed")
        put = await person.put(f"/api/rounds/{draft['id']}", {"config": ROUND})
        refused(put, 403, "not_allowed")
    refused(await nobody.post(path, {"config": ROUND}), 401, "not_authenticated")
    refused(await nobody.post(f"/api/rounds/{draft['id']}/vote", VOTE), 401, "not_authenticated")


async def test_votes_that_name_nothing(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    opened = await artist.open_round(show["id"])
    path = f"/api/rounds/{opened['id']}/vote"
    strange = {"command_id": "v1", "picks": [{"option_id": "o9"}]}
    assert (await guest.post(path, strange)).status_code in (400, 404)
    refused(await guest.post(path, {"command_id": "v2", "picks": []}), 400, "invalid_picks")
    refused(await guest.post(path, {"picks": []}), 422, "validation_failed")
    refused(await guest.post(f"/api/rounds/{guest.id}/vote", VOTE), 404, "unknown_round")
    refused(await guest.post("/api/rounds/x/vote", VOTE), 404, "not_found")
    ok(await guest.post(path, VOTE | {"command_id": "v3"}))
    changed = {"command_id": "v3", "picks": [{"option_id": "o1"}]}
    refused(await guest.post(path, changed), 422, "command_id_reused")


async def test_another_node_reads_what_this_one_has_just_made(
    artist: Person, guest: Person, start_node: StartNode, app: Litestar
) -> None:
    show = await artist.live_show()
    async with client_of(await start_node()) as elsewhere:
        there = guest.at(elsewhere)
        ok(await there.get(f"/api/shows/{show['id']}/rounds"))
        for number in range(5):
            opened = await artist.open_round(show["id"], title=f"Round {number}")
            read = ok(await there.get(f"/api/rounds/{opened['id']}"))
            assert read["status"] == "open"
            ok(
                await there.post(
                    f"/api/rounds/{opened['id']}/vote", VOTE | {"command_id": f"v{number}"}
                )
            )
            closed = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
            assert closed["result"]["voters"] == 1
            assert ok(await there.get(f"/api/rounds/{opened['id']}"))["status"] == "closed"
