"""Worked examples from the literature, counted again."""

from __future__ import annotations

import msgspec
import pytest

from rooms.events import Elimination
from rooms.rounds.counting.results import result
from rooms.vote_config import TallyMethod, VoteType, Weights
from tests.rooms.rounds.counting.ballots import config_of, rankings

CONDORCET = {"a>b>c": 23, "b>c>a": 17, "b>a>c": 2, "c>a>b": 10, "c>b>a": 8}
"""Sixty voters: M. de Condorcet, *Essai sur l'application de l'analyse à la probabilité des
décisions rendues à la pluralité des voix*, Paris 1785; worked through in H. P. Young, "Condorcet's
Theory of Voting", American Political Science Review 82 (1988)."""

TENNESSEE = {
    "memphis>nashville>chattanooga>knoxville": 42,
    "nashville>chattanooga>knoxville>memphis": 26,
    "chattanooga>knoxville>nashville>memphis": 15,
    "knoxville>chattanooga>nashville>memphis": 17,
}
"""The textbook example of Wikipedia ("Borda count", "Instant-runoff voting") and Electowiki
("Effects of different voting systems under similar circumstances")."""

BURLINGTON = {
    "wright": 2951,
    "kiss": 2585,
    "montroll": 2063 - 1023 - 602,
    "montroll>kiss": 1023,
    "montroll>wright": 602,
    "minor": 147,
    "minor>wright": 343,
    "minor>kiss": 396,
    "minor>montroll": 17,
    "minor>montroll>kiss": 309,
    "minor>montroll>wright": 165,
}
"""The mayor of Burlington, Vermont, 2009, by the published totals of each counting round
(https://en.wikipedia.org/wiki/2009_Burlington_mayoral_election). Smith, Simpson and the write-ins,
whom the official count took out together, are one option; four ballots named nobody."""


@pytest.mark.parametrize(
    ("one", "other", "for_one", "for_other"),
    [("a", "b", 33, 27), ("b", "c", 42, 18), ("c", "a", 35, 25)],
)
def test_condorcets_paradox_every_option_loses_a_duel(
    one: str, other: str, for_one: int, for_other: int
) -> None:
    duel = config_of(VoteType.SINGLE, TallyMethod.PLURALITY, (one, other))
    heaps = {one: 0, other: 0}
    for ranking, voters in CONDORCET.items():
        heaps[min((one, other), key=ranking.index)] += voters
    final = result(duel, rankings(heaps))
    assert final.options == {one: for_one, other: for_other}
    assert final.winners == (one,)


def test_condorcets_sixty_voters_by_borda_and_by_instant_runoff() -> None:
    borda = config_of(VoteType.RANKED, TallyMethod.BORDA, "abc")
    assert result(borda, rankings(CONDORCET)).options == {"a": 58, "b": 69, "c": 53}
    irv = config_of(VoteType.RANKED, TallyMethod.IRV, "abc")
    final = result(irv, rankings(CONDORCET))
    assert final.winners == ("a",)
    assert [step.counts for step in final.elimination] == [
        {"a": 23, "b": 19, "c": 18},
        {"a": 33, "b": 27},
    ]


def test_the_smallest_paradox_is_a_tie_by_both() -> None:
    circle = rankings({"a>b>c": 1, "b>c>a": 1, "c>a>b": 1})
    for method in (TallyMethod.BORDA, TallyMethod.IRV):
        config = config_of(VoteType.RANKED, method, "abc")
        assert result(config, circle).winners == ("a", "b", "c")


def test_a_borda_count() -> None:
    cities = ("memphis", "nashville", "chattanooga", "knoxville")
    final = result(config_of(VoteType.RANKED, TallyMethod.BORDA, cities), rankings(TENNESSEE))
    assert final.options == {
        "memphis": 126,
        "nashville": 194,
        "chattanooga": 173,
        "knoxville": 107,
    }
    assert final.winners == ("nashville",)


def test_a_ballot_that_ranks_one_gives_the_others_nothing() -> None:
    config = config_of(VoteType.RANKED, TallyMethod.BORDA, "abcd")
    final = result(config, rankings({"b": 1, "c>a": 1}))
    assert final.options == {"a": 2, "b": 3, "c": 3, "d": 0}


def test_an_instant_runoff_and_who_leaves_when() -> None:
    cities = ("memphis", "nashville", "chattanooga", "knoxville")
    final = result(config_of(VoteType.RANKED, TallyMethod.IRV, cities), rankings(TENNESSEE))
    assert final.elimination == (
        Elimination(
            {"memphis": 42, "nashville": 26, "chattanooga": 15, "knoxville": 17}, ("chattanooga",)
        ),
        Elimination({"memphis": 42, "nashville": 26, "knoxville": 32}, ("nashville",)),
        Elimination({"memphis": 42, "knoxville": 58}, ()),
    )
    assert final.winners == ("knoxville",)
    assert final.options == {"memphis": 42, "nashville": 26, "chattanooga": 15, "knoxville": 58}


def test_burlington_2009_the_first_of_the_first_count_does_not_win() -> None:
    config = config_of(VoteType.RANKED, TallyMethod.IRV, ("wright", "kiss", "montroll", "minor"))
    final = result(config, rankings(BURLINGTON))
    assert [(step.counts, step.eliminated, step.exhausted) for step in final.elimination] == [
        ({"wright": 2951, "kiss": 2585, "montroll": 2063, "minor": 1377}, ("minor",), 0),
        ({"wright": 3294, "kiss": 2981, "montroll": 2554}, ("montroll",), 147),
        ({"wright": 4061, "kiss": 4313}, (), 602),
    ]
    assert final.winners == ("kiss",)


def test_who_had_fewer_before_leaves_first() -> None:
    """After d left, b and c have 4 each; before that c had 3."""
    config = config_of(VoteType.RANKED, TallyMethod.IRV, "abcd")
    final = result(config, rankings({"a": 5, "b": 4, "c": 3, "d>c": 1}))
    assert [step.eliminated for step in final.elimination] == [("d",), ("c",), ()]
    assert final.winners == ("a",)


def test_a_weighted_round_multiplies_by_class() -> None:
    weights = Weights(audience=1, artist=0, jury=10)
    config = config_of(VoteType.WEIGHTED, TallyMethod.PLURALITY, "ab", weights)
    final = result(
        config,
        {("a", "audience:web"): 12, ("b", "jury:web"): 2, ("a", "artist:web"): 1},
    )
    assert final.options == {"a": 12, "b": 20}
    assert (final.votes, final.voters, final.winners) == (14, 14, ("b",))
    assert {name: one.options for name, one in final.classes.items()} == {
        "audience": {"a": 12, "b": 0},
        "jury": {"a": 0, "b": 2},
    }


def test_points_are_added_and_ups_and_downs_are_netted() -> None:
    points = config_of(VoteType.POINTS, TallyMethod.SUM, "ab")
    assert result(points, rankings({"a=7,b=3": 2, "b=10": 1})).options == {"a": 14, "b": 16}
    updown = config_of(VoteType.UPDOWN, TallyMethod.NET, "ab")
    final = result(updown, rankings({"a=1,b=-1": 3, "a=-1": 1}))
    assert (final.options, final.winners) == ({"a": 2, "b": -3}, ("a",))
    assert final.supporters == {"a": 3, "b": 0}


def test_a_stage_of_a_bracket_has_a_match_for_each_pair_and_a_bye() -> None:
    config = config_of(VoteType.BRACKET, TallyMethod.PLURALITY, "abcde")
    final = result(config, rankings({"a,c": 2, "a,d": 2, "b": 1}))
    assert [(match.options, match.winner) for match in final.matches] == [
        (("a", "b"), "a"),
        (("c", "d"), None),
        (("e",), "e"),
    ]
    assert final.winners == ("a", "e")


def test_below_the_quorum_nobody_wins() -> None:
    config = config_of(VoteType.SINGLE, TallyMethod.PLURALITY, "ab")
    strict = msgspec.structs.replace(config, quorum=3)
    final = result(strict, rankings({"a": 2}))
    assert (final.options, final.winners, final.quorum_met) == ({"a": 2, "b": 0}, (), False)
