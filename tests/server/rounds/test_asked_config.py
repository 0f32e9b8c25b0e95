"""What is left out of a configuration gets what its type needs, and can be used as it is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rooms.rounds.problems import problems
from rooms.vote_config import VoteConfig, VoteType, Weights
from server.rounds.asked_config import AskedConfig, completed

FOUR = [{"id": f"o{number}", "label": label} for number, label in enumerate("ABCD", start=1)]


def config(**asked: Any) -> VoteConfig:
    """The configuration that a minimal body means."""
    body = {"title": "Encore?", "options": FOUR} | asked
    return completed(msgspec.convert(body, AskedConfig))


@pytest.mark.parametrize("vote_type", list(VoteType))
def test_a_type_alone_is_enough(vote_type: VoteType) -> None:
    assert problems(config(type=vote_type)) == []


@pytest.mark.parametrize(
    ("vote_type", "method", "most", "budget"),
    [
        ("single", "plurality", 1, None),
        ("approval", "approval", 4, None),
        ("ranked", "borda", 4, None),
        ("points", "sum", 4, 10),
        ("updown", "net", 4, None),
        ("bracket", "plurality", 2, None),
        ("queue", "approval", 1, None),
        ("weighted", "plurality", 1, None),
    ],
)
def test_each_type_has_its_method_picks_and_budget(
    vote_type: str, method: str, most: int, budget: int | None
) -> None:
    made = config(type=vote_type)
    assert made.tally.method == method
    assert (made.pick.min, made.pick.max, made.pick.budget) == (1, most, budget)


def test_jurors_are_heard_in_a_weighted_round() -> None:
    assert config(type="weighted").tally.weights == Weights(audience=1, artist=0, jury=10)
    asked = {"weights": {"audience": 2, "jury": 3}}
    assert config(type="weighted", tally=asked).tally.weights == Weights(2, 0, 3)


def test_what_was_said_is_kept_even_where_it_contradicts() -> None:
    made = config(type="ranked", tally={"method": "irv"}, pick={"min": 2, "max": 3})
    assert (made.tally.method, made.pick.min, made.pick.max) == ("irv", 2, 3)
    assert problems(config(type="single", pick={"max": 2}))
    assert problems(config(type="approval", tally={"method": "irv"}))


def test_options_without_an_id_get_free_ones() -> None:
    made = config(options=[{"label": "A"}, {"id": "o1", "label": "B"}, {"label": "C"}])
    assert [option.id for option in made.options] == ["o2", "o1", "o3"]


def test_a_whole_configuration_means_itself() -> None:
    whole = config(type="approval", tie=["runoff"], quorum=3)
    assert completed(msgspec.convert(msgspec.to_builtins(whole), AskedConfig)) == whole
