"""`rooms.ports.RoomLog.songs_of`: the line-up's catalogue, and nobody else's."""

from __future__ import annotations

from rooms.catalogue.names import normalised
from rooms.ports import SongRecord
from tests.contract.harness import MemoryUnderTest, PostgresUnderTest, RoomUnderTest, new_id


async def play(room: RoomUnderTest, *titles: str, billing: str, status: str) -> list[SongRecord]:
    """Puts an artist with these songs into the line-up; memory knows only who has not declined,
    in the order of billing."""
    songs = [SongRecord(new_id(), title, normalised(title)) for title in titles]
    under_test = room.under_test
    if isinstance(under_test, MemoryUnderTest):
        kept = under_test.memory.room(room.show_id).songs
        if status != "declined":
            kept[:] = [*songs, *kept] if billing == "headliner" else [*kept, *songs]
        return songs
    assert isinstance(under_test, PostgresUnderTest)
    artist, pool = new_id(), under_test.database.pool
    await pool.execute(
        "INSERT INTO artists (id, name, normalised_name) VALUES ($1::uuid, $1::text, $1::text)",
        artist,
    )
    await pool.execute(
        "INSERT INTO line_up (show_id, artist_id, position, status, billing)"
        " VALUES ($1, $2, 1, $3, $4)",
        room.show_id,
        artist,
        status,
        billing,
    )
    for song in songs:
        await pool.execute(
            "INSERT INTO songs (id, artist_id, title, normalised_title) VALUES ($1, $2, $3, $4)",
            song.song_id,
            artist,
            song.title,
            song.normalised_title,
        )
    return songs


async def test_songs_are_found_by_id_and_by_normalised_title(room: RoomUnderTest) -> None:
    dew, star, _ = await play(
        room, "Morning Dew", "Dark Star", "Ripple", billing="headliner", status="accepted"
    )
    found = await room.log.songs_of(room.show_id, [dew.song_id], ["dark star", "no such song"])
    assert sorted(found, key=lambda song: song.title) == [star, dew]


async def test_of_two_with_one_title_the_headliners_comes_first(room: RoomUnderTest) -> None:
    (theirs,) = await play(room, "Hello", billing="support", status="accepted")
    (own,) = await play(room, "HELLO", billing="headliner", status="accepted")
    assert await room.log.songs_of(room.show_id, [], ["hello"]) == (own, theirs)


async def test_whoever_declined_or_plays_elsewhere_has_no_songs_here(room: RoomUnderTest) -> None:
    (declined,) = await play(room, "Hello", billing="support", status="declined")
    elsewhere = await room.under_test.room()
    (theirs,) = await play(elsewhere, "Hello", billing="headliner", status="accepted")
    asked = [declined.song_id, theirs.song_id]
    assert await room.log.songs_of(room.show_id, asked, ["hello"]) == ()


async def test_ids_and_titles_may_be_any_text(room: RoomUnderTest) -> None:
    assert await room.log.songs_of(room.show_id, ["'; --", "\x00"], ["\x00", "🎸"]) == ()
