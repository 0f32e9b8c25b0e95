"""What must hold of every count, whatever was voted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.rounds.counting.patterns import choice_of, pattern_of, weight_of
from rooms.rounds.counting.results import result
from rooms.rounds.counting.ties import drawn_from
from rooms.rounds.running_tallies import RunningTallies
from rooms.rounds.tally import count, recount
from rooms.vote_config import TallyMethod, VoteConfig, VoteType
from tests.rooms.rounds.counting.ballots import (
    CONFIGS,
    OPTION_IDS,
    ballots_for,
    config_of,
    counts_of,
    name_of,
    picks_for,
)

every_kind = pytest.mark.parametrize("config", CONFIGS, ids=name_of)
POSITIVE = [
    config
    for config in CONFIGS
    if config.tally.method in (TallyMethod.PLURALITY, TallyMethod.APPROVAL, TallyMethod.BORDA)
]


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_order_of_ballots_does_not_matter(config: VoteConfig, data: st.DataObject) -> None:
    ballots = data.draw(ballots_for(config))
    shuffled = data.draw(st.permutations(ballots))
    assert result(config, counts_of(ballots)) == result(config, counts_of(shuffled))


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_tally_by_deltas_equals_the_count_from_ballots(
    config: VoteConfig, data: st.DataObject
) -> None:
    """People vote, change their minds and take votes back; zeros stay behind in the tally."""
    script = data.draw(
        st.lists(st.tuples(st.sampled_from("xyz"), st.none() | picks_for(config)), max_size=12)
    )
    tally: dict[tuple[str, str], int] = {}
    held: dict[str, tuple[str, str]] = {}
    for name, picks in script:
        if name in held:
            tally[held.pop(name)] -= 1
        if picks is not None:
            held[name] = (pattern_of(picks, config.type), "audience:web")
            tally[held[name]] = tally.get(held[name], 0) + 1
    counts = recount(held.values())
    assert result(config, tally) == result(config, counts)
    assert count("r", config, tally) == count("r", config, counts)


@pytest.mark.parametrize("config", POSITIVE, ids=name_of)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_vote_never_lowers_its_option(config: VoteConfig, data: st.DataObject) -> None:
    ballots = data.draw(ballots_for(config))
    picks = data.draw(picks_for(config))
    added = (pattern_of(picks, config.type), "audience:web")
    before, after = result(config, counts_of(ballots)), result(config, counts_of([*ballots, added]))
    for pick in picks:
        assert after.options[pick.option_id] >= before.options[pick.option_id]
    for option_id in set(OPTION_IDS) - {pick.option_id for pick in picks}:
        assert after.options[option_id] == before.options[option_id]


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_voters_are_the_ballots_that_have_weight(config: VoteConfig, data: st.DataObject) -> None:
    ballots = data.draw(ballots_for(config))
    counted = [pattern for pattern, kind in ballots if weight_of(config, kind)]
    final = result(config, counts_of(ballots))
    assert final.voters == len(counted) == sum(final.channels.values())
    assert final.votes == sum(len(choice_of(pattern)) for pattern in counted)
    assert final.held == sum(kind.startswith("held:") for _, kind in ballots)
    if final.classes:
        assert final.voters == sum(one.voters for one in final.classes.values())


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_an_instant_runoff_loses_no_ballot(data: st.DataObject) -> None:
    config = config_of(VoteType.RANKED, TallyMethod.IRV)
    ballots = data.draw(ballots_for(config, max_size=25))
    final = result(config, counts_of(ballots))
    still_in = set(OPTION_IDS)
    for step in final.elimination:
        assert sum(step.counts.values()) + step.exhausted == final.voters
        assert set(step.counts) == still_in
        assert all(step.counts[one] == min(step.counts.values()) for one in step.eliminated)
        still_in -= set(step.eliminated)
    assert set(final.winners) <= still_in
    assert bool(final.winners) == bool(final.voters)
    last = final.elimination[-1]
    assert last.eliminated == ()
    if len(final.winners) == 1:
        assert 2 * last.counts[final.winners[0]] > sum(last.counts.values())


@every_kind
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_pattern_says_what_the_ballot_said(config: VoteConfig, data: st.DataObject) -> None:
    picks: Any = data.draw(picks_for(config))
    said = [(pick.option_id, 1 if pick.value is None else pick.value) for pick in picks]
    read = list(choice_of(pattern_of(picks, config.type)))
    assert read == said if config.type is VoteType.RANKED else sorted(read) == sorted(said)


@settings(max_examples=50, deadline=None)
@given(st.permutations(OPTION_IDS), st.binary(min_size=32, max_size=32))
def test_a_draw_depends_on_the_seed_alone(tied: list[str], seed: bytes) -> None:
    assert drawn_from(tied, seed.hex()) == drawn_from(OPTION_IDS, seed.hex())


@every_kind
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_running_tally_is_the_tally(config: VoteConfig, data: st.DataObject) -> None:
    """Whatever is looked at in between, and whatever went away meanwhile."""
    running = RunningTallies()
    for _ in range(data.draw(st.integers(1, 4))):
        counts = counts_of(data.draw(ballots_for(config)))
        assert running.count("r", config, counts) == count("r", config, counts)
