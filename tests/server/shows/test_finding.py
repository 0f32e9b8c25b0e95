"""Lists of shows: filters, order, pages; and what is not listed."""

from typing import Any

import pytest

from tests.server.http import Person, ok, refused


async def found(person: Person, query: str) -> list[str]:
    """Titles that a list holds."""
    return [show["title"] for show in ok(await person.get(f"/api/shows?{query}"))["items"]]


async def listed(artist: Person, **changes: Any) -> dict[str, Any]:
    """A published show."""
    show = await artist.show(**changes)
    published: dict[str, Any] = ok(await artist.post(f"/api/shows/{show['id']}/publish"))
    return published


async def test_filters(artist: Person, nobody: Person) -> None:
    word = artist.id[-8:]
    await listed(
        artist,
        title=f"First {word}",
        starts_at="2031-01-01T20:00:00Z",
        artists=[{"name": f"The Zébras {word}"}],
        venue={"name": "Zoo", "city": f"Leipzig-{word}", "country": "DE"},
    )
    second = await listed(artist, title=f"Second {word} 100%", starts_at="2031-02-01T20:00:00Z")
    ok(await artist.post(f"/api/shows/{second['id']}/open"))
    assert await found(nobody, f"q={word}") == [f"Second {word} 100%", f"First {word}"]
    assert await found(nobody, f"q={word}&order=oldest") == [
        f"First {word}",
        f"Second {word} 100%",
    ]
    assert await found(nobody, f"artist=zébras {word}") == [f"First {word}"]
    assert await found(nobody, f"city=leipzig-{word}") == [f"First {word}"]
    assert await found(nobody, f"q={word}&status=live") == [f"Second {word} 100%"]
    assert len(await found(nobody, f"q={word}&status=live&status=published")) == 2
    assert await found(nobody, f"q={word}&from=2031-01-15T00:00:00Z") == [f"Second {word} 100%"]
    assert await found(nobody, f"q={word}&to=2031-02-01T20:00:00Z") == [f"First {word}"]
    assert await found(nobody, f"q={word} 100%25") == [f"Second {word} 100%"]
    assert await found(nobody, f"q=_{word}") == []


async def test_pages_hold_every_show_once(artist: Person, nobody: Person) -> None:
    word = artist.id[-8:]
    titles = [f"{word} {number}" for number in range(5)]
    for title in titles:
        await listed(artist, title=title, starts_at="2032-01-01T20:00:00Z")
    for order in ("oldest", "newest"):
        seen: list[str] = []
        cursor = ""
        while True:
            path = f"/api/shows?q={word}&limit=2&order={order}&cursor={cursor}"
            page = ok(await nobody.get(path))
            seen += [show["title"] for show in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == titles
        assert len(seen) == 5


async def test_drafts_and_private_shows_are_listed_to_their_crew_only(
    artist: Person, fan: Person, admin: Person, nobody: Person
) -> None:
    word = artist.id[-8:]
    await artist.show(title=f"Draft {word}")
    private = await listed(artist, title=f"Private {word}", access="private")
    for person in (fan, nobody):
        assert await found(person, f"q={word}") == []
    assert len(await found(artist, f"q={word}")) == 2
    assert len(await found(admin, f"q={word}")) == 2
    assert f"Private {word}" in await found(artist, "mine=true")
    assert await found(fan, "mine=true") == []
    assert private["join_code"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor=WzEsMl0", "status=over", "from=now",
     "order=random", "mine=perhaps", "q=" + "x" * 201],
)  # fmt: skip
async def test_a_query_that_cannot_be_read_is_said(nobody: Person, query: str) -> None:
    problem = refused(await nobody.get(f"/api/shows?{query}"), 422, "validation_failed")
    assert problem["errors"][0]["field"] == query.partition("=")[0]
