from tests.server.http import Person, made, ok


async def test_a_show_from_draft_to_vote(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    ticket = made(await guest.post(f"/api/shows/{show['id']}/ticket"))
    assert ticket["ticket"] in ticket["url"]
    opened = await artist.open_round(show["id"])
    vote = {"command_id": "c1", "picks": [{"option_id": "o2"}]}
    answer = ok(await guest.post(f"/api/rounds/{opened['id']}/vote", vote))
    assert answer["picks"] == [{"option_id": "o2"}]
    closed = ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    assert closed["result"]["options"] == {"o1": 0, "o2": 1}
