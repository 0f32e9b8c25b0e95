"""Statistics kept up while shows are archived are those that a count from scratch finds."""

from __future__ import annotations

import random

from jobs.archive.packaged import PackagedArchive, read_packaged
from storage.catalogue.archives import PostgresArchives
from storage.database import Database
from storage.performances.statistics import PostgresSongStatistics
from tests.storage.performances import oracle
from tests.storage.performances.stage import Stage


async def test_openers_closers_encores_and_gaps_are_told_apart(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    loser, deal, ripple = await stage.songs(dead, "Loser", "Deal", "Ripple")
    for day, titles in enumerate(
        (
            ("soundcheck:Ripple", "Loser", "Deal", "encore:Ripple"),
            ("Deal", "set2:Loser", "encore:Loser"),
            ("Deal",),
        )
    ):
        await stage.archive(await stage.show(dead, day=day), *titles)
    found = {song: await stage.statistics(song) for song in (loser, deal, ripple)}
    said = {
        song: (
            row["times_played"], row["shows_played"], row["times_opened"], row["times_closed"],
            row["times_encored"], row["last_place"], row["gap_shows"],
        )
        for song, row in found.items()
        if row is not None
    }  # fmt: skip
    assert said == {
        loser: (3, 2, 1, 1, 1, "encore", 1),
        deal: (3, 3, 2, 2, 0, "opener", 0),  # the only song of a night opens and closes it
        ripple: (1, 1, 0, 0, 1, "encore", 2),
    }


async def test_a_show_archived_late_takes_its_place_in_time(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    loser, deal = await stage.songs(dead, "Loser", "Deal")
    late = await stage.show(dead, day=9)
    early = await stage.show(dead, day=1)
    await stage.archive(late, "Deal")
    await stage.archive(early, "Loser", "Deal")
    counted = await stage.statistics(deal)
    assert counted is not None
    assert (str(counted["first_show_id"]), str(counted["last_show_id"])) == (early, late)
    counted = await stage.statistics(loser)
    assert counted is not None and counted["gap_shows"] == 1


async def test_whatever_is_archived_in_whatever_order_the_count_is_exact(
    stage: Stage, database: Database
) -> None:
    rng = random.Random(1977)
    dead, dylan = await stage.artist("Grateful Dead"), await stage.artist("Bob Dylan")
    await stage.songs(dead, "Loser", "Deal", "Ripple", "Sugaree")
    await stage.songs(dylan, "Jokerman", "Hurricane", "Deal")
    titles = ["Loser", "Deal", "Ripple", "Sugaree", "Jokerman", "Hurricane", "Nobody's song"]
    shows = []
    for _ in range(6):
        line_up = rng.choice([(dead,), (dylan, dead), (dead, dylan)])
        shows.append(await stage.show(*line_up, day=rng.randrange(4)))
    for seq in range(1, 25):
        sections = sorted(rng.choices(("soundcheck", "set1", "set2", "set3"), k=6))
        named = [f"{section}:{rng.choice(titles)}" for section in sections]
        named += [f"encore:{rng.choice(titles)}"] * rng.randrange(2)
        artist = rng.choice([None, None, "Bob Dylan"])
        await stage.archive(rng.choice(shows), *named[rng.randrange(7) :], seq=seq, artist=artist)
        assert await oracle.stored(database) == await oracle.counted(database)
    assert await oracle.stored(database)
    assert await PostgresSongStatistics(database.pool).recount() == 0


async def test_a_recount_mends_what_is_wrong_and_says_how_much(
    stage: Stage, database: Database
) -> None:
    dead = await stage.artist("Grateful Dead")
    loser, deal, ripple = await stage.songs(dead, "Loser", "Deal", "Ripple")
    await stage.archive(await stage.show(dead), "Loser", "Deal")
    await stage.pool.execute(
        "UPDATE song_statistics SET times_played = 9 WHERE song_id = $1", loser
    )
    await stage.pool.execute("DELETE FROM song_statistics WHERE song_id = $1", deal)
    await stage.pool.execute(
        "INSERT INTO song_statistics SELECT t.artist_id, $1, 7, 7, first_show_id, first_played_at,"
        " last_show_id, last_played_at, 'set', 0, 0, 0, 0 FROM song_statistics t",
        ripple,
    )
    statistics = PostgresSongStatistics(database.pool)
    assert await statistics.recount() == 3
    assert await oracle.stored(database) == await oracle.counted(database)
    assert await statistics.recount() == 0


async def test_the_real_archives_are_counted_as_they_are_loaded(database: Database) -> None:
    """94,000 performances; the statements take about half a second."""
    for name in PackagedArchive:
        await PostgresArchives(database.pool).load(read_packaged(name), lambda done, total: None)
    loaded = await oracle.stored(database)
    assert loaded == await oracle.counted(database)
    assert sum(row["times_played"] for row in loaded.values()) > 90_000
    statistics = PostgresSongStatistics(database.pool)
    assert await statistics.recount() == 0
    await database.pool.execute("TRUNCATE song_statistics")
    assert await statistics.recount() == len(loaded)
    assert await oracle.stored(database) == loaded
