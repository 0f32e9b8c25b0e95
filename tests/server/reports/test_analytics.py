"""A show in figures: for crew as it is, for brands without anybody to be found in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Litestar

from rooms.reports.withholding import GROUP_MIN, RELEASE_EVERY_S
from storage.ids import uuid7
from tests.server.http import Person, ok, refused
from tests.server.reports.nights import (
    ballots,
    crowd,
    move_clock,
    named,
    number_of,
    phone,
    text_to,
    vote,
)

Json = dict[str, Any]
A_RELEASE = timedelta(seconds=RELEASE_EVERY_S)


async def figures(who: Person, show: Json) -> Json:
    found: Json = ok(await who.get(f"/api/shows/{show['id']}/analytics"))
    return found


def steps(found: Json) -> dict[str, int | None]:
    return {one["step"]: one["people"] for one in found["funnel"]}


async def sponsored(artist: Person, brand: Person, **changes: Any) -> Json:
    """A live show that has a brand."""
    show = await artist.live_show(**changes)
    await named(artist, show["id"], brand, "brand")
    return show


async def test_before_the_night_there_is_nothing(artist: Person) -> None:
    found = await figures(artist, await artist.show())
    assert (found["starts_at"], found["live"], found["vote_rate"]) == (None, False, [])
    assert set(steps(found).values()) == {0}
    assert found["delivery_rate"] is None
    assert found["withheld_below"] is None


async def test_crew_sees_the_night_as_it_is(app: Litestar, artist: Person, guest: Person) -> None:
    show = await artist.live_show()
    texters = await crowd(app, show["id"], 3)
    base = hash(show["id"]) % 10**6 * 10
    phones = [
        await phone(app, show["id"], one, number_of(base + n), confirmed=n > 0)
        for n, one in enumerate(texters)
    ]
    first = await artist.open_round(show["id"])
    await vote(guest, first["id"])
    await ballots(app, first["id"], texters[:2], channel="sms")
    ok(await artist.post(f"/api/rounds/{first['id']}/close"))
    second = await artist.open_round(show["id"])
    await vote(guest, second["id"])
    ok(await artist.post(f"/api/rounds/{second['id']}/close"))
    for state, phone_id, texter in (
        ("delivered", phones[0], texters[0]),
        ("delivered", phones[0], texters[0]),
        ("delivered", phones[1], texters[1]),
        ("failed", phones[2], texters[2]),
        ("unknown", phones[2], texters[2]),
        ("cancelled", phones[2], texters[2]),
    ):
        await text_to(app, show["id"], texter, phone_id, state)
    found = await figures(artist, show)
    assert steps(found) == {
        "opened": 4,
        "joined": 4,
        "confirmed": 3,
        "voted": 3,
        "voted_in_all": 1,
    }
    assert found["channels"] == {"web": 1, "sms": 2}
    assert found["delivery"] == {
        "queued": 1,
        "sent": 0,
        "delivered": 3,
        "failed": 1,
        "suppressed": 0,
    }
    assert found["delivery_rate"] == 0.75
    assert sum(found["vote_rate"]) == 4
    assert len(found["vote_rate"]) == len(found["head_count"]) >= 1
    assert found["live"] is True


async def test_somebody_with_two_phones_is_one_person(app: Litestar, artist: Person) -> None:
    show = await artist.live_show()
    (texter,) = await crowd(app, show["id"], 1)
    base = hash(show["id"]) % 10**6 * 10
    await phone(app, show["id"], texter, number_of(base), confirmed=True)
    await phone(app, show["id"], texter, number_of(base + 1), confirmed=False)
    opened = await artist.open_round(show["id"])
    await ballots(app, opened["id"], [texter], channel="sms")
    found = await figures(artist, show)

    people = {"opened": 1, "joined": 1, "confirmed": 1, "voted": 1}
    assert people.items() <= steps(found).items()
    assert found["channels"] == {"web": 0, "sms": 1}


async def test_figures_are_for_crew_and_named_brands(
    app: Litestar, artist: Person, guest: Person, fan: Person, nobody: Person
) -> None:
    show = await artist.live_show()
    path = f"/api/shows/{show['id']}/analytics"
    stranger = await nobody.signed_up(display_name="Some brand")
    await app.state.services.pool.execute(
        "UPDATE accounts SET role = 'brand' WHERE id = $1", stranger.id
    )
    refused(await nobody.get(path), 401, "not_authenticated")
    for who in (guest, fan, stranger):
        refused(await who.get(path), 403, "not_allowed")
    await named(artist, show["id"], fan, "curator")
    refused(await fan.get(path), 403, "not_allowed")
    await named(artist, show["id"], fan, "brand")
    assert (await figures(fan, show))["withheld_below"] == GROUP_MIN
    refused(await artist.get(f"/api/shows/{uuid7()}/analytics"), 404, "unknown_show")
    draft = await artist.show()
    await named(artist, draft["id"], fan, "brand")
    refused(await fan.get(f"/api/shows/{draft['id']}/analytics"), 404, "unknown_show")


async def test_a_brand_is_told_large_groups_roughly_and_small_ones_not_at_all(
    app: Litestar, artist: Person, fan: Person
) -> None:
    show = await sponsored(artist, fan)
    web, sms = await crowd(app, show["id"], 37), await crowd(app, show["id"], 4)
    opened = await artist.open_round(show["id"])
    await ballots(app, opened["id"], web)
    await ballots(app, opened["id"], sms, channel="sms")
    found = await figures(fan, show)
    assert steps(found) == {
        "opened": 40,
        "joined": 40,
        "confirmed": 40,
        "voted": 40,
        "voted_in_all": None if steps(found)["voted_in_all"] is None else 40,
    }
    assert found["channels"] == {"web": 30, "sms": None}
    assert set(found["delivery"].values()) == {None}
    assert found["delivery_rate"] is None
    assert found["vote_rate"] == found["head_count"] == []  # no piece of time is over


async def test_a_brand_cannot_see_who_comes_between_two_looks(
    app: Litestar, artist: Person, fan: Person
) -> None:
    show = await sponsored(artist, fan)
    await crowd(app, show["id"], 19)
    before = await figures(fan, show)
    assert steps(before)["joined"] == 10
    await crowd(app, show["id"], 1, "One more")  # 20: another multiple, by one person
    assert await figures(fan, show) == before  # not within the while
    await move_clock(app, show["id"], A_RELEASE)
    after = await figures(fan, show)
    assert (after["at"] > before["at"], steps(after)) == (True, steps(before))
    await crowd(app, show["id"], GROUP_MIN - 1, "A group")  # ten, counted from the first look
    await move_clock(app, show["id"], A_RELEASE)
    assert steps(await figures(fan, show))["joined"] == 20


async def test_pieces_of_time_are_told_once_and_only_of_groups(
    app: Litestar, artist: Person, fan: Person
) -> None:
    show = await sponsored(artist, fan)
    pool = app.state.services.pool
    began = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)
    await pool.execute(
        "UPDATE room_events SET at = $2 WHERE show_id = $1 AND name = 'show_status_changed'"
        " AND data ->> 'status' = 'live'",
        show["id"],
        began,
    )
    people = await crowd(app, show["id"], 30)
    opened = await artist.open_round(show["id"])
    await ballots(app, opened["id"], people[:13], at=began + timedelta(minutes=1))
    await ballots(app, opened["id"], people[13:20], at=began + timedelta(minutes=6))
    minutes = [began + timedelta(minutes=n) for n in (2, 7)]
    await pool.executemany(
        "INSERT INTO head_counts (show_id, minute, participants) VALUES ($1, $2, $3)",
        [(show["id"], minutes[0], 27), (show["id"], minutes[1], 9)],
    )
    found = await figures(fan, show)
    assert found["bucket_s"] == RELEASE_EVERY_S
    assert found["vote_rate"][:2] == [10, None]
    assert found["head_count"][:2] == [20, None]
    assert set(found["vote_rate"][2:] + found["head_count"][2:]) == {None}
    await ballots(app, opened["id"], people[20:], at=began + timedelta(minutes=8))
    await move_clock(app, show["id"], A_RELEASE)
    again = await figures(fan, show)
    assert again["vote_rate"][:2] == [10, None]  # late or not: what was told stays


async def test_a_brand_finds_nobody_wherever_it_looks(
    app: Litestar, artist: Person, fan: Person
) -> None:
    show = await sponsored(artist, fan, access="private")
    people = await crowd(app, show["id"], 30, "Secret Somebody")
    await phone(app, show["id"], people[0], number_of(hash(show["id"]) % 10**7))
    opened = await artist.open_round(show["id"])
    await ballots(app, opened["id"], people)
    ok(await artist.post(f"/api/rounds/{opened['id']}/close"))
    body = await fan.get(f"/api/shows/{show['id']}/analytics")
    assert "Secret" not in body.text
    assert not any(person in body.text for person in people)
    for path in (
        "report?format=csv",
        "report?format=xlsx",
        "results",
        "timeline",
        "crew",
        "invitations",
        "rounds",
        "setlist/history",
        "stream",
        "song-requests",
        "messages",
        "broadcasts",
        "report?format=csv&part=messages",
    ):
        answer = await fan.get(f"/api/shows/{show['id']}/{path}")
        assert answer.status_code in (403, 404), (path, answer.status_code, answer.text)
        assert "Secret" not in answer.text
    refused(await fan.post(f"/api/shows/{show['id']}/ticket"), 403, "join_code_required")
    seen = ok(await fan.get(f"/api/shows/{show['id']}"))
    assert (seen["role"], seen["join_code"]) == ("brand", None)
    mine = ok(await fan.get("/api/shows?mine=true"))["items"]
    assert [(one["id"], one["role"], one["join_code"]) for one in mine] == [
        (show["id"], "brand", None)
    ]


async def test_an_owner_invites_a_brand(artist: Person, nobody: Person) -> None:
    show = await artist.live_show()
    invitation = {"kind": "crew", "role": "brand", "email": "brand@example.com"}
    made = ok(await artist.post(f"/api/shows/{show['id']}/invitations", invitation), 201)
    brand = await nobody.signed_up(display_name="Brand")
    ok(await brand.post(f"/api/invitations/{made['token']}/accept"))
    assert (await figures(brand, show))["withheld_below"] == GROUP_MIN
    members = ok(await artist.get(f"/api/shows/{show['id']}/crew"))["items"]
    assert "brand" in {one["role"] for one in members}
