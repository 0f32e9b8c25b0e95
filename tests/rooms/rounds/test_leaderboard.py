"""The leaderboard over a show's rounds."""

from __future__ import annotations

import itertools

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import limits
from rooms.events import RoundResult
from rooms.ports import RoundRecord
from rooms.rounds.counting.results import result
from rooms.rounds.leaderboard import Leaderboards, leaderboard_of
from rooms.states import LeaderboardEntry
from rooms.vote_config import Option, TallyMethod, Visibility, VoteConfig
from tests.rooms.builders import config
from tests.rooms.rounds.builders import ranked
from tests.rooms.rounds.counting.ballots import rankings

_numbers = itertools.count(1)


def closed(votes: dict[str, int], *, status: str = "closed", **changes: object) -> RoundRecord:
    """A closed round: votes by label."""
    options = tuple(Option(id=f"o{at}", label=label) for at, label in enumerate(votes))
    round_config = config(options=options, **changes)
    counts = rankings({f"o{at}": people for at, people in enumerate(votes.values())})
    return record_of(round_config, result(round_config, counts), status)


def record_of(round_config: VoteConfig, final: RoundResult, status: str = "closed") -> RoundRecord:
    """A round with a result."""
    return RoundRecord(f"r{next(_numbers)}", round_config, "", status, result=final)


def test_songs_are_ranked_over_rounds() -> None:
    board = leaderboard_of(
        [closed({"Dark Star": 5, "Ripple": 3}), closed({"Ripple": 4, "Bertha": 1})], crew=False
    )
    assert board.entries == [
        LeaderboardEntry(rank=1, label="Ripple", votes=7, voters=7, rounds=2, wins=1),
        LeaderboardEntry(rank=2, label="Dark Star", votes=5, voters=5, rounds=1, wins=1),
        LeaderboardEntry(rank=3, label="Bertha", votes=1, voters=1, rounds=1, wins=0),
    ]
    assert (board.rounds, board.votes, board.voters) == (2, 13, 13)


def test_ties_are_shown_as_ties() -> None:
    board = leaderboard_of([closed({"C": 2, "A": 5, "B": 5, "D": 2, "E": 1})], crew=False)
    assert [(entry.rank, entry.label) for entry in board.entries] == [
        (1, "A"),
        (1, "B"),
        (3, "C"),
        (3, "D"),
        (5, "E"),
    ]


def test_a_song_is_one_by_its_id_or_by_its_title() -> None:
    by_id = (Option(id="a", label="Ripple", song_id="s1"), Option(id="b", label="X", song_id="s2"))
    other = (Option(id="a", label="Ripple (live)", song_id="s1"), Option(id="b", label="x"))
    records = [
        record_of(one, result(one, rankings({"a": 1, "b": 1})))
        for one in (config(options=by_id), config(options=other))
    ]
    records.append(closed({"X!": 1, "Y": 0}))
    votes = {entry.label: entry.votes for entry in leaderboard_of(records, crew=False).entries}
    assert votes == {"Ripple": 2, "X": 1, "x": 2, "Y": 0}


def test_what_is_hidden_counts_for_crew_alone() -> None:
    hidden = closed({"A": 1, "B": 0}, visibility=Visibility.MANUAL)
    never = closed({"A": 1, "B": 0}, visibility=Visibility.NEVER)
    assert leaderboard_of([hidden, never], crew=False).entries == []
    assert leaderboard_of([hidden, never], crew=True).votes == 2
    revealed = msgspec.structs.replace(hidden, status="revealed")
    assert leaderboard_of([revealed, never], crew=False).votes == 1


def test_what_was_superseded_or_cancelled_never_counts() -> None:
    gone = [closed({"A": 1, "B": 0}, status=status) for status in ("superseded", "cancelled")]
    assert leaderboard_of(gone, crew=True).rounds == 0


def test_a_tie_that_is_decided_elsewhere_is_nobodys_win() -> None:
    record = closed({"A": 1, "B": 1})
    assert record.result is not None
    wins = {
        rule: [
            entry.wins
            for entry in leaderboard_of(
                [
                    msgspec.structs.replace(
                        record, result=msgspec.structs.replace(record.result, tie_rule=rule)
                    )
                ],
                crew=False,
            ).entries
        ]
        for rule in (None, "runoff", "artist_awaited")
    }
    assert wins == {None: [1, 1], "runoff": [0, 0], "artist_awaited": [0, 0]}


def test_points_and_people_are_both_shown() -> None:
    borda = ranked("abc", TallyMethod.BORDA)
    record = record_of(borda, result(borda, rankings({"a>b": 2, "b>a": 1})))
    board = leaderboard_of([record], crew=False)
    assert [(entry.label, entry.votes, entry.voters) for entry in board.entries] == [
        ("Song A", 5, 3),
        ("Song B", 4, 3),
        ("Song C", 0, 0),
    ]
    assert (board.votes, board.voters) == (6, 3)


def test_a_leaderboard_is_bounded() -> None:
    records = [
        closed({f"Song {number}-{option}": 1 for option in range(40)}) for number in range(4)
    ]
    assert len(leaderboard_of(records, crew=False).entries) == limits.LEADERBOARD_ENTRIES_MAX


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 9), min_size=2), max_size=6)
)
def test_the_leaderboard_is_the_sum_of_its_rounds(rounds: list[dict[str, int]]) -> None:
    board = leaderboard_of([closed(votes) for votes in rounds], crew=False)
    for entry in board.entries:
        assert entry.votes == sum(votes.get(entry.label, 0) for votes in rounds)
        better = [other for other in board.entries if other.votes > entry.votes]
        assert entry.rank == len(better) + 1


def test_it_is_counted_again_only_after_a_result() -> None:
    boards, record = Leaderboards(), closed({"A": 1, "B": 0})
    first = boards.of([record], crew=False)
    draft = RoundRecord("draft", config(), "", "draft")
    assert boards.of([record, draft], crew=False) is first
    gone = msgspec.structs.replace(record, status="superseded")
    assert boards.of([gone, draft], crew=False).rounds == 0
