"""Crew looks for people of the room, also for those who have said nothing."""

from tests.server.http import Person, ok, refused


async def test_crew_finds_whoever_came_by_a_part_of_their_name(
    artist: Person, fan: Person, guest: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/participants"
    for person in (fan, guest):
        refused(await person.get(path), 403, "not_allowed")
        ok(await person.get(f"/api/shows/{show['id']}/poll?wait_s=0"))
    people = ok(await artist.get(path))["items"]
    names = [one["display_name"] for one in people]
    assert names == sorted(names, key=str.lower) and len(names) == 3
    people = [one for one in people if one["role"] != "artist"]
    names = [one["display_name"] for one in people]
    by_id = {one["has_account"]: one for one in people}
    assert by_id[True]["role"] == by_id[False]["role"] == "fan"
    assert all(one["present"] is True and one["joined_at"] for one in people)
    part = names[0][1:4].upper()
    found = ok(await artist.get(f"{path}?q={part}"))["items"]
    assert names[0] in [one["display_name"] for one in found]
    assert ok(await artist.get(f"{path}?q=%25"))["items"] == []
    assert not {"email", "account_id", "device_id"} & set(people[0])


async def test_the_list_comes_in_pages_and_ends(artist: Person, nobody: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/participants"
    for name in ("Ünal", "anna", "Bob", "Anna", "carl"):
        person = await nobody.as_guest(name)
        ok(await person.get(f"/api/shows/{show['id']}/poll?wait_s=0"))
    seen: list[str] = []
    cursor = None
    for _ in range(9):
        page = ok(await artist.get(f"{path}?limit=2" + (f"&cursor={cursor}" if cursor else "")))
        seen += [one["display_name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(["Ünal", "anna", "Bob", "Anna", "carl", "The Band"])
    assert [name.lower() for name in seen if name.isascii()] == [
        "anna",
        "anna",
        "bob",
        "carl",
        "the band",
    ]
    refused(await artist.get(f"{path}?cursor=rubbish"), 422, "validation_failed")


async def test_who_was_removed_or_hides_is_not_told(artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/participants"
    ok(await guest.get(f"/api/shows/{show['id']}/poll?wait_s=0"))
    ok(await guest.put("/api/auth/profile", {"privacy": {"show_presence": False}}))
    (one,) = [one for one in ok(await artist.get(path))["items"] if one["role"] == "fan"]
    assert one["present"] is None
    body = {"participant_id": one["participant_id"]}
    command = {"command_id": "r1", "name": "remove_participant", "args": body}
    ok(await artist.post(f"/api/shows/{show['id']}/commands", command))
    assert [one["role"] for one in ok(await artist.get(path))["items"]] == ["artist"]
