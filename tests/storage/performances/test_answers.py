"""Answers to questions about songs: what they move, and that they can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rooms.errors import Refused
from rooms.performances.records import ReviewStatus
from rooms.performances.reviews import Answer, NewSong, NoSong, ReviewFilter, ReviewRecord, SameSong
from storage.database import Database
from storage.performances.answers import PostgresAnswers
from storage.performances.reviews import PostgresReviews
from tests.contract.harness import new_id
from tests.storage.performances import oracle
from tests.storage.performances.stage import Stage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Desk:
    """A curator at work."""

    def __init__(self, stage: Stage, curator: str) -> None:
        self.stage = stage
        self.curator = curator
        self.answers = PostgresAnswers(stage.pool)
        self.reviews = PostgresReviews(stage.pool)

    async def only(self, status: ReviewStatus = ReviewStatus.PENDING) -> ReviewRecord:
        (review,) = await self.reviews.find(
            ReviewFilter(self.curator, sees_all=True, status=status)
        )
        return review

    async def answer(self, review: ReviewRecord, answer: Answer) -> ReviewRecord:
        return await self.answers.answer(review.review_id, answer, self.curator, True, NOW)

    async def undo(self, review: ReviewRecord) -> ReviewRecord:
        return await self.answers.undo(review.review_id, self.curator, True, NOW)


@pytest.fixture
async def desk(stage: Stage) -> Desk:
    return Desk(stage, await stage.account())


async def exact(database: Database) -> bool:
    return await oracle.stored(database) == await oracle.counted(database)


async def test_naming_the_song_moves_the_performance_and_the_statistics(
    stage: Stage, desk: Desk, database: Database
) -> None:
    dead = await stage.artist("Grateful Dead")
    (loser,) = await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    await stage.archive(show, "Looser")
    decided = await desk.answer(await desk.only(), SameSong(loser))
    assert (decided.status, decided.song_id, decided.decided_by) == (
        ReviewStatus.MATCHED, loser, desk.curator,
    )  # fmt: skip
    assert await stage.played(show) == [("Looser", "Loser")]
    counted = await stage.statistics(loser)
    assert counted is not None and counted["times_played"] == 1
    assert await exact(database)


async def test_a_title_that_was_named_once_is_known_the_next_time(stage: Stage, desk: Desk) -> None:
    dead = await stage.artist("Grateful Dead")
    (light,) = await stage.songs(dead, "Turn On Your Love Light")
    await stage.archive(await stage.show(dead), "Lovelight")
    await desk.answer(await desk.only(), SameSong(light))
    next_night = await stage.show(dead, day=1)
    await stage.archive(next_night, "lovelight")
    assert await stage.played(next_night) == [("lovelight", "Turn On Your Love Light")]


async def test_every_show_that_asks_the_same_is_answered_with_it_and_asked_again_without(
    stage: Stage, desk: Desk, database: Database
) -> None:
    dead = await stage.artist("Grateful Dead")
    (light,) = await stage.songs(dead, "Turn On Your Love Light")
    shows = [await stage.show(dead, day=day) for day in range(3)]
    for show in shows:
        await stage.archive(show, "lovelight" if show == shows[1] else "Lovelight")

    async def derive_again() -> set[str]:
        rows = await stage.pool.fetch("DELETE FROM outbox RETURNING show_id, kind")
        assert {row["kind"] for row in rows} <= {"archive_show"}
        again = {str(row["show_id"]) for row in rows}
        for show in again:
            await stage.archive(show, "lovelight" if show == shows[1] else "Lovelight")
        return again

    found = await desk.reviews.find(ReviewFilter(desk.curator, sees_all=True))
    first = next(review for review in found if review.show_id == shows[0])
    decided = await desk.answer(first, SameSong(light))
    assert await derive_again() == set(shows[1:])
    for show in shows:
        assert [song for _, song in await stage.played(show)] == ["Turn On Your Love Light"]
    assert await exact(database)
    await desk.undo(decided)
    assert await derive_again() == set(shows[1:])
    for show in shows:
        assert [song for _, song in await stage.played(show)] == [None]
    assert len(await desk.reviews.find(ReviewFilter(desk.curator, sees_all=True))) == 3


async def test_a_new_song_joins_the_catalogue_and_leaves_it_with_the_answer(
    stage: Stage, desk: Desk, database: Database
) -> None:
    dead = await stage.artist("Grateful Dead")
    show = await stage.show(dead)
    await stage.archive(show, "Brand new")
    decided = await desk.answer(await desk.only(), NewSong("Brand New Song"))
    assert decided.status is ReviewStatus.CREATED
    assert await stage.played(show) == [("Brand new", "Brand New Song")]
    assert await exact(database)
    undone = await desk.undo(decided)
    assert (undone.status, undone.song_id, undone.decided_at) == (ReviewStatus.PENDING, None, None)
    assert await stage.played(show) == [("Brand new", None)]
    assert await stage.pool.fetchval("SELECT count(*) FROM songs") == 0
    assert await exact(database)


async def test_a_new_song_that_another_night_relies_on_stays(stage: Stage, desk: Desk) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.archive(await stage.show(dead), "Brand New")
    decided = await desk.answer(await desk.only(), NewSong("Brand New"))
    other = await stage.show(dead, day=1)
    await stage.archive(other, "Brand New")
    await desk.undo(decided)
    assert await stage.played(other) == [("Brand New", "Brand New")]


async def test_a_dismissed_entry_stays_in_the_list_and_counts_for_nothing(
    stage: Stage, desk: Desk, database: Database
) -> None:
    dead = await stage.artist("Grateful Dead")
    show = await stage.show(dead)
    await stage.archive(show, "Banter")
    decided = await desk.answer(await desk.only(), NoSong("talk"))
    assert (decided.status, decided.note) == (ReviewStatus.DISMISSED, "talk")
    assert await stage.played(show) == [("Banter", None)]
    assert await oracle.stored(database) == {}


async def test_an_answer_outlives_a_derivation_until_the_entry_is_another(
    stage: Stage, desk: Desk
) -> None:
    dead = await stage.artist("Grateful Dead")
    (loser,) = await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    await stage.archive(show, "Looser", seq=1)
    await desk.answer(await desk.only(), SameSong(loser))
    await stage.archive(show, "Looser", seq=2)
    assert await stage.played(show) == [("Looser", "Loser")]
    await stage.archive(show, "Something else", seq=3)
    assert await stage.played(show) == [("Something else", None)]
    assert (await desk.only()).title == "Something else"


async def test_somebody_elses_song_becomes_a_cover(stage: Stage, desk: Desk) -> None:
    dead, dylan = await stage.artist("Grateful Dead"), await stage.artist("Bob Dylan")
    (jokerman,) = await stage.songs(dylan, "Jokerman")
    await stage.archive(await stage.show(dead), "Joker")
    await desk.answer(await desk.only(), SameSong(jokerman))
    performer = await stage.pool.fetchval("SELECT performer_id FROM performances")
    assert str(performer) == dead


async def test_the_same_answer_again_changes_nothing_and_another_one_is_refused(
    stage: Stage, desk: Desk
) -> None:
    dead = await stage.artist("Grateful Dead")
    loser, deal = await stage.songs(dead, "Loser", "Deal")
    await stage.archive(await stage.show(dead), "Looser")
    review = await desk.only()
    first = await desk.answer(review, SameSong(loser))
    assert await desk.answer(review, SameSong(loser)) == first
    for other in (SameSong(deal), NewSong("Looser"), NoSong("talk")):
        with pytest.raises(Refused) as refused:
            await desk.answer(review, other)
        assert refused.value.code == "review_decided"
    assert await stage.pool.fetchval("SELECT count(*) FROM audit_log") == 1


async def test_answers_that_cannot_be_are_refused_and_write_nothing(
    stage: Stage, desk: Desk
) -> None:
    dead = await stage.artist("Grateful Dead")
    await stage.songs(dead, "Loser")
    await stage.archive(await stage.show(dead), "Looser")
    review = await desk.only()
    for answer, code in ((SameSong(new_id()), "unknown_song"), (NewSong("LOSER"), "song_exists")):
        with pytest.raises(Refused) as refused:
            await desk.answer(review, answer)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        await desk.undo(review)
    assert refused.value.code == "review_not_decided"
    assert (await desk.only()).status is ReviewStatus.PENDING


async def test_without_a_line_up_there_is_no_catalogue_to_add_to(stage: Stage, desk: Desk) -> None:
    await stage.archive(await stage.show(), "Loser")
    with pytest.raises(Refused) as refused:
        await desk.answer(await desk.only(), NewSong("Loser"))
    assert refused.value.code == "no_catalogue"


async def test_every_answer_and_its_undoing_are_in_the_audit_log(stage: Stage, desk: Desk) -> None:
    dead = await stage.artist("Grateful Dead")
    (loser,) = await stage.songs(dead, "Loser")
    show = await stage.show(dead)
    await stage.archive(show, "Looser")
    review = await desk.only()
    await desk.answer(review, SameSong(loser))
    await desk.undo(review)
    rows = await stage.pool.fetch("SELECT * FROM audit_log ORDER BY id")
    assert [row["action"] for row in rows] == ["answer_song_review", "undo_song_review"]
    assert {(str(row["account_id"]), str(row["show_id"]), row["subject"]) for row in rows} == {
        (desk.curator, show, review.review_id)
    }


async def test_a_review_is_for_curators_and_those_who_play_or_drive_the_show(
    stage: Stage, desk: Desk
) -> None:
    dead = await stage.artist("Grateful Dead")
    owner, crew, claimer, stranger = [await stage.account("artist") for _ in range(4)]
    show = await stage.show(dead, owner=owner)
    await stage.pool.execute(
        "INSERT INTO crew (show_id, account_id, role) VALUES ($1, $2, 'artist')", show, crew
    )
    await stage.pool.execute("UPDATE artists SET claimed_by = $1", claimer)
    await stage.archive(show, "Looser")
    review = await desk.only()
    for account in (owner, crew, claimer):
        assert await desk.reviews.read(review.review_id, account, False) == review
    assert await desk.reviews.read(review.review_id, stranger, False) is None
    assert await desk.reviews.find(ReviewFilter(stranger, sees_all=False)) == []
    with pytest.raises(Refused) as refused:
        await desk.answers.answer(review.review_id, NoSong("x"), stranger, False, NOW)
    assert refused.value.code == "unknown_review"
