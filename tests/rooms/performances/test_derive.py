"""A setlist becomes the whole list of performances, with questions where nobody can be sure."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from crdt.schema import SECTIONS, SetlistEntry, entry_order
from rooms.performances.candidates import candidates
from rooms.performances.derive import derive, holds, not_played
from rooms.performances.records import (
    EntryWord,
    FinalSetlist,
    ReviewDecision,
    ReviewReason,
    ReviewStatus,
)
from tests.rooms.performances.builders import DYLAN, entry, night, song


def decided(
    status: ReviewStatus = ReviewStatus.MATCHED,
    song_id: str | None = "dead/Loser",
    title: str = "Looser",
    artist: str | None = None,
) -> dict[str, ReviewDecision]:
    return {"e1": ReviewDecision("e1", title, artist, status, song_id)}


def test_places_count_through_the_night_and_within_each_section() -> None:
    entries = [
        entry("Loser", "a", section="set1"),
        entry("Deal", "b", section="set1", segue=True),
        entry("Loser", "c", section="set2"),
        entry("Deal", "d", section="encore1"),
    ]
    played = derive(entries, night(song("Loser"), song("Deal")), {}).performances
    assert [(one.entry_id, one.ordinal, one.section, one.position) for one in played] == [
        ("a", 1, "set1", 1), ("b", 2, "set1", 2), ("c", 3, "set2", 1), ("d", 4, "encore1", 1),
    ]  # fmt: skip
    assert [one.segue for one in played] == [False, True, False, False]


def test_what_was_printed_is_kept_where_the_song_is_called_otherwise() -> None:
    played = derive([entry("LOSER"), entry("Loser!", "e2")], night(song("Loser")), {}).performances
    assert [one.printed_title for one in played] == [None, "Loser!"]


def test_an_entry_without_a_certain_song_is_played_all_the_same_and_asked_about() -> None:
    derived = derive([entry("Looser"), entry("Deal", "e2")], night(song("Loser"), song("Deal")), {})
    assert [(one.song_id, one.printed_title) for one in derived.performances] == [
        (None, "Looser"),
        ("dead/Deal", None),
    ]
    (review,) = derived.reviews
    assert (review.entry_id, review.reason) == ("e1", ReviewReason.UNKNOWN_TITLE)
    assert review.artist_id == "dead"
    assert review.candidates[0].song_id == "dead/Loser"


def test_a_struck_entry_was_not_played() -> None:
    entries = [entry("Loser", "a"), entry("Deal", "b"), entry("Loser", "c")]
    derived = derive(entries, night(song("Loser"), song("Deal")), {}, struck={"b"})
    assert [(one.entry_id, one.ordinal) for one in derived.performances] == [("a", 1), ("c", 2)]


def test_a_source_wins_over_the_ratings_and_yields_to_the_seal() -> None:
    entries = tuple(entry(title, title) for title in ("Loser", "Deal", "Ripple", "Bertha"))
    final = FinalSetlist(1, entries, frozenset({"Loser", "Deal"}), frozenset({"Ripple"}))
    words = [
        EntryWord("Loser", "loser", True),
        EntryWord("Ripple", "Ripple", False),
        EntryWord("Bertha", "Bertha", False),
        EntryWord("Deal", "what stood there before", True),
        EntryWord("gone", "Loser", False),
    ]
    assert not_played(final, words) == {"Deal", "Bertha"}
    assert not_played(final, []) == {"Loser", "Deal"}


def test_what_a_person_decided_wins_and_is_not_asked_again() -> None:
    context = night(song("Loser"), song("Deal"))
    derived = derive([entry("Looser")], context, decided())
    assert derived.performances[0].song_id == "dead/Loser"
    assert derived.reviews == ()
    # also over a song that would have matched
    derived = derive([entry("Deal")], context, decided(title="Deal"))
    assert derived.performances[0].song_id == "dead/Loser"


def test_a_dismissed_entry_stays_in_the_list_without_a_song() -> None:
    derived = derive([entry("Looser")], night(song("Loser")), decided(ReviewStatus.DISMISSED, None))
    assert derived.performances[0].printed_title == "Looser"
    assert derived.reviews == ()


def test_a_decision_holds_for_as_long_as_title_and_artist_stay() -> None:
    (decision,) = decided().values()
    assert holds(decision, entry("looser "))
    assert not holds(decision, entry("Deal"))
    assert not holds(decision, entry("Looser", artist="Bob Dylan"))
    pending = ReviewDecision("e1", "Looser", None, ReviewStatus.PENDING, None)
    assert not holds(pending, entry("Looser"))


def test_a_decided_song_of_somebody_else_is_a_cover() -> None:
    context = night(song("Hurricane", DYLAN))
    derived = derive(
        [entry("Huricane")], context, decided(song_id="dylan/Hurricane", title="huricane")
    )
    assert derived.performances[0].performer_id == "dead"


def test_a_song_of_a_known_artist_would_join_that_artists_catalogue() -> None:
    context = night(named=(DYLAN,))
    derived = derive([entry("Jokerman", artist="Bob Dylan")], context, {})
    assert derived.reviews[0].artist_id == "dylan"


def test_the_song_that_the_entry_points_at_is_the_first_candidate() -> None:
    derived = derive(
        [entry("Loser", song_id="dylan/Hurricane")],
        night(song("Loser"), song("Hurricane", DYLAN)),
        {},
    )
    assert [one.song_id for one in derived.reviews[0].candidates] == [
        "dylan/Hurricane",
        "dead/Loser",
    ]


def test_candidates_are_the_likest_then_the_most_played() -> None:
    songs = [
        song("Turn On Your Love Light", also=("Lovelight",)),
        song("New Minglewood Blues", times_played=9),
        song("Minglewood Blues", times_played=400),
        song("Casey Jones"),
    ]
    assert candidates("Love Light", songs)[0].title == "Turn On Your Love Light"
    found = candidates("Minglewood", songs)
    assert [one.title for one in found] == ["Minglewood Blues", "New Minglewood Blues"]
    assert candidates("zzz", songs) == ()


_titles = st.sampled_from(["Loser", "loser!", "Deal", "Looser", "???", "A"])
_entries = st.lists(
    st.builds(
        SetlistEntry,
        id=st.uuids().map(str),
        title=_titles,
        section=st.sampled_from(SECTIONS),
        song_id=st.sampled_from([None, "dead/Loser", "x"]),
        artist=st.sampled_from([None, "Bob Dylan", "?"]),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@settings(max_examples=60)
@given(_entries)
def test_the_list_is_whole_and_each_entry_has_a_song_or_a_question(
    entries: list[SetlistEntry],
) -> None:
    entries.sort(key=entry_order)
    context = night(song("Loser"), song("Deal"), song("Deal", DYLAN), named=(DYLAN,))
    derived = derive(entries, context, {})
    assert [one.entry_id for one in derived.performances] == [one.id for one in entries]
    assert [one.ordinal for one in derived.performances] == list(range(1, len(entries) + 1))
    asked = {one.entry_id for one in derived.reviews}
    assert asked == {one.entry_id for one in derived.performances if one.song_id is None}
    assert derive(entries, context, {}) == derived
