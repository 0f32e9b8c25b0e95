"""What settles a rating, and what it is taken to have said."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from rooms.accuracy.settlement import (
    Authority,
    EntryVerdict,
    Rating,
    Seal,
    same_song,
    settle,
    standing_ratings,
)
from rooms.accuracy.timeline import Song, Timeline

NIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
RIPPLE, DEW, STELLA = Song("Ripple"), Song("Morning Dew"), Song("Stella Blue", "song-7")


def at(minutes: float) -> datetime:
    """A moment of the night."""
    return NIGHT + timedelta(minutes=minutes)


def rating(value: int, who: str = "fan", entry: str = "e1", minutes: float = 10) -> Rating:
    """A rating."""
    return Rating(who, entry, value, at(minutes))


def steady(**songs: Song) -> Timeline:
    """Entries that never changed."""
    return Timeline({entry: [(at(0), song)] for entry, song in songs.items()})


def seal(**songs: Song) -> Seal:
    """The artist's list."""
    return Seal(songs, at(180), "artist")


def test_the_seal_settles_both_ways() -> None:
    found = settle([rating(1, "up"), rating(-1, "down")], steady(e1=RIPPLE), seal(e1=RIPPLE), [])
    assert {(one.account_id, one.agreed) for one in found} == {("up", True), ("down", False)}
    assert all(one.authority is Authority.SEAL and one.settled_at == at(180) for one in found)


def test_without_a_seal_a_source_or_a_curator_nothing_is_settled() -> None:
    many = [rating(1, f"fan{number}") for number in range(50)]
    assert settle(many, steady(e1=RIPPLE), None, []) == []


def test_what_was_taken_off_the_list_was_not_played() -> None:
    timeline = Timeline({"e1": [(at(0), RIPPLE), (at(60), None)]})
    found = settle([rating(1, "up"), rating(-1, "down")], timeline, seal(e2=DEW), [])
    assert {(one.account_id, one.agreed) for one in found} == {("up", False), ("down", True)}


def test_a_duplicate_that_was_taken_off_settles_nothing() -> None:
    timeline = Timeline({"e1": [(at(0), RIPPLE), (at(60), None)], "e2": [(at(5), RIPPLE)]})
    assert settle([rating(1), rating(-1, "other")], timeline, seal(e2=RIPPLE), []) == []


def test_who_called_a_title_wrong_before_it_was_put_right_was_right() -> None:
    timeline = Timeline({"e1": [(at(0), RIPPLE), (at(30), DEW)]})
    ratings = [rating(-1, "early", minutes=10), rating(1, "late", minutes=40)]
    found = settle(ratings, timeline, seal(e1=DEW), [])
    assert {(one.account_id, one.agreed) for one in found} == {("early", True), ("late", True)}


def test_another_spelling_is_the_same_song() -> None:
    timeline = Timeline({"e1": [(at(0), Song("playin in the band")), (at(30), Song("x"))]})
    found = settle([rating(1)], timeline, seal(e1=Song("Playin' In The Band")), [])
    assert [one.agreed for one in found] == [True]
    assert same_song(Song("Scarlet Begonias"), Song("Scarlett Begonias"))
    assert same_song(Song("Rock & Roll"), Song("rock and roll"))
    assert not same_song(Song("Dark Star"), Song("Dark Hollow"))
    assert not same_song(Song("One", "song-1"), Song("One", "song-2"))


def test_a_song_that_stands_elsewhere_in_the_list_settles_nothing() -> None:
    timeline = Timeline({"e1": [(at(0), STELLA), (at(30), DEW)], "e2": [(at(31), STELLA)]})
    moved = seal(e1=DEW, e2=Song("Stella Blue (reprise)", "song-7"))
    assert settle([rating(1), rating(-1, "other")], timeline, moved, []) == []


def test_taken_back_ratings_and_unknown_entries_settle_nothing() -> None:
    ratings = [rating(0), rating(1, entry="nowhere")]
    assert settle(ratings, steady(e1=RIPPLE), seal(e1=RIPPLE), []) == []


def test_a_rating_that_bears_an_earlier_time_than_its_entry_speaks_of_its_first_song() -> None:
    found = settle([rating(1, minutes=-0.01)], steady(e1=RIPPLE), seal(e1=RIPPLE), [])
    assert [one.agreed for one in found] == [True]


def verdict(
    played: bool, authority: Authority, minutes: float, song: Song = RIPPLE
) -> EntryVerdict:
    """What somebody says of the first entry."""
    return EntryVerdict("e1", song, played, authority, at(minutes), "curator")


def test_the_seal_wins_over_a_source_and_a_source_over_a_curator() -> None:
    said = [verdict(False, Authority.SOURCE, 200), verdict(True, Authority.CURATOR, 300)]
    by_seal = settle([rating(1)], steady(e1=RIPPLE), seal(e1=RIPPLE), said)
    assert [(one.authority, one.agreed) for one in by_seal] == [(Authority.SEAL, True)]
    by_source = settle([rating(1)], steady(e1=RIPPLE), None, said)
    assert [(one.authority, one.agreed) for one in by_source] == [(Authority.SOURCE, False)]
    by_curator = settle([rating(1)], steady(e1=RIPPLE), None, said[1:])
    assert [(one.authority, one.agreed) for one in by_curator] == [(Authority.CURATOR, True)]


def test_of_two_sources_the_newer_counts() -> None:
    said = [verdict(False, Authority.SOURCE, 200), verdict(True, Authority.SOURCE, 300)]
    for order in (said, said[::-1]):
        assert [one.agreed for one in settle([rating(1)], steady(e1=RIPPLE), None, order)] == [True]


def test_a_curator_speaks_of_the_song_that_stood_there() -> None:
    timeline = Timeline({"e1": [(at(0), DEW), (at(30), RIPPLE)]})
    said = [verdict(True, Authority.CURATOR, 60)]
    assert settle([rating(-1, minutes=10)], timeline, None, said) == []


def test_nobody_settles_their_own_rating() -> None:
    own = [rating(1, "curator"), rating(1, "artist")]
    said = [verdict(True, Authority.CURATOR, 60)]
    found = settle(own, steady(e1=RIPPLE), seal(e1=RIPPLE), said)
    assert {(one.account_id, one.authority) for one in found} == {
        ("curator", Authority.SEAL),
        ("artist", Authority.CURATOR),
    }
    assert settle(own[:1], steady(e1=RIPPLE), None, said) == []


def test_the_order_of_ratings_and_verdicts_does_not_matter() -> None:
    dice = random.Random(3)
    timeline = steady(e1=RIPPLE, e2=DEW, e3=STELLA)
    ratings = [
        rating(dice.choice((1, -1)), f"fan{who}", f"e{entry}")
        for who in range(8)
        for entry in (1, 2, 3)
    ]
    said = [
        EntryVerdict(f"e{entry}", song, bool(dice.randrange(2)), authority, at(minute), "curator")
        for minute, (entry, song) in enumerate([(1, RIPPLE), (2, DEW), (3, STELLA)] * 3)
        for authority in (Authority.SOURCE, Authority.CURATOR)
    ]

    def settled(ratings: list[Rating], said: list[EntryVerdict]) -> set[tuple[object, ...]]:
        return {
            (one.account_id, one.entry_id, one.agreed, one.authority)
            for one in settle(ratings, timeline, seal(e1=RIPPLE), said)
        }

    wanted = settled(ratings, said)
    for _ in range(3):
        dice.shuffle(ratings)
        dice.shuffle(said)
        assert settled(ratings, said) == wanted


def test_a_rating_that_was_given_after_the_answer_is_no_merit() -> None:
    late = [rating(1, minutes=181), rating(-1, "other", minutes=181)]
    assert settle(late, steady(e1=RIPPLE), seal(e1=RIPPLE), []) == []
    said = [verdict(True, Authority.CURATOR, 60)]
    assert settle([rating(1, minutes=61)], steady(e1=RIPPLE), None, said) == []


def test_who_changes_a_rating_after_a_source_has_spoken_does_not_get_out_of_it() -> None:
    said = [verdict(False, Authority.SOURCE, 200)]
    timeline = steady(e1=RIPPLE)
    before = settle([rating(1)], timeline, None, said)
    changed = [rating(-1, minutes=300)]
    again = settle(standing_ratings(changed, before), timeline, None, said)
    assert again == before
    assert [one.agreed for one in again] == [False]


def test_a_rating_may_change_after_a_seal_was_taken_off() -> None:
    timeline = steady(e1=RIPPLE)
    before = settle([rating(1)], timeline, seal(e2=DEW), [])
    changed = [rating(-1, minutes=190)]
    assert standing_ratings(changed, before) == changed
