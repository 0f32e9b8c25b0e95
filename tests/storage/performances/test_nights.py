"""An archived setlist becomes performances, once, however often it is derived."""

from __future__ import annotations

import asyncio

import pytest

from rooms.performances.records import FinalSetlist, NotArchived
from tests.storage.performances.stage import Stage, setlist


async def test_the_whole_list_is_there_and_what_is_not_certain_is_asked(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser", "Deal")
    show = await stage.show(dead)
    await stage.archive(show, "LOSER", "Dealer", "encore:Deal")
    assert await stage.played(show) == [("Loser", "Loser"), ("Dealer", None), ("Deal", "Deal")]
    assert await stage.reviews(show) == {"Dealer": "pending"}


async def test_what_the_setlist_said_beside_the_title_is_kept(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    await stage.archive(
        show, "Loser", segue=True, guests="David Crosby", note="slow", artist="Garcia",
        started_at="1977-05-08T21:15:00Z",
    )  # fmt: skip
    row = await stage.pool.fetchrow("SELECT * FROM performances WHERE show_id = $1", show)
    assert (row["segue"], row["guests"], row["note"]) == (True, "David Crosby", "slow")
    assert row["original_artist"] == "Garcia"
    assert row["started_at"].isoformat() == "1977-05-08T21:15:00+00:00"


async def test_deriving_again_writes_the_same_rows(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    rows = []
    for _ in range(2):
        await stage.archive(show, "Loser", "Loser", "What")
        rows.append(
            [
                dict(row)
                for table in ("performances", "song_reviews", "song_statistics")
                for row in await stage.pool.fetch(f"SELECT * FROM {table} ORDER BY 1")
            ]
        )
    assert rows[0] == rows[1]
    assert len(rows[0]) == 3 + 1 + 1


async def test_a_corrected_setlist_replaces_the_list_and_its_questions(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    loser, deal = await stage.songs(dead, "Loser", "Deal")
    show = await stage.show(dead)
    await stage.archive(show, "Loser", "Dael", seq=5)
    await stage.archive(show, "Deal", "Deal", seq=9)
    assert await stage.played(show) == [("Deal", "Deal"), ("Deal", "Deal")]
    assert await stage.reviews(show) == {"Dael": "withdrawn"}
    assert await stage.statistics(loser) is None
    counted = await stage.statistics(deal)
    assert counted is not None
    assert (counted["times_played"], counted["shows_played"]) == (2, 1)


async def test_an_older_state_of_the_setlist_never_replaces_a_newer_one(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser", "Deal")
    show = await stage.show(dead)
    await stage.archive(show, "Deal", seq=9)
    assert await stage.archive(show, "Loser", seq=5) is None
    assert await stage.played(show) == [("Deal", "Deal")]


async def test_two_workers_at_once_leave_one_list(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    (loser,) = await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    await asyncio.gather(*(stage.archive(show, "Loser", "What") for _ in range(4)))
    assert await stage.played(show) == [("Loser", "Loser"), ("What", None)]
    counted = await stage.statistics(loser)
    assert counted is not None and counted["times_played"] == 1


async def test_a_struck_entry_is_not_in_the_list(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser", "Deal")
    show = await stage.show(dead)
    await stage.archive(show, "Loser", "Deal", struck=["e1"])
    assert await stage.played(show) == [("Deal", "Deal")]


async def test_an_entry_named_by_id_is_matched_even_if_the_id_is_no_id(stage: Stage) -> None:
    dead = await stage.artist("Grateful Dead")
    (loser,) = await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    by_id = setlist("Loser (slow)", song_id=loser)
    nonsense = setlist("Loser", song_id="gd:loser")
    await stage.nights.archive(show, FinalSetlist(1, by_id))
    assert await stage.played(show) == [("Loser (slow)", "Loser")]
    await stage.nights.archive(show, FinalSetlist(2, nonsense))
    assert await stage.played(show) == [("Loser", "Loser")]


async def test_a_cover_counts_for_who_played_it(stage: Stage) -> None:
    dead, dylan = await stage.artist("Grateful Dead"), await stage.artist("Bob Dylan")
    (jokerman,) = await stage.songs(dylan, "Jokerman")
    show = await stage.show(dead)
    await stage.archive(show, "Jokerman", artist="Bob Dylan")
    assert await stage.played(show) == [("Jokerman", "Jokerman")]
    assert await stage.statistics(jokerman) is None  # Dylan has not played it
    assert await stage.pool.fetchval(
        "SELECT times_played FROM song_statistics WHERE artist_id = $1 AND song_id = $2",
        dead,
        jokerman,
    ) == 1  # fmt: skip


async def test_a_show_that_is_not_archived_or_has_its_performances_is_refused(
    stage: Stage,
) -> None:
    dead = await stage.artist("Grateful Dead")
    closed = await stage.show(dead, status="closed")
    loaded = await stage.show(dead)
    await stage.pool.execute("UPDATE shows SET source = 'gdshowsdb' WHERE id = $1", loaded)
    for show_id in (closed, loaded, dead):
        with pytest.raises(NotArchived):
            await stage.archive(show_id, "Loser")


async def test_a_show_without_artists_keeps_its_list(stage: Stage) -> None:
    show = await stage.show()
    await stage.archive(show, "Loser")
    assert await stage.played(show) == [("Loser", None)]
    assert await stage.reviews(show) == {"Loser": "pending"}
