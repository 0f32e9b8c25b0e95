"""Every combination that contradicts itself has its own field, and all are said at once."""

from __future__ import annotations

import pytest

from rooms import limits
from rooms.rounds.problems import METHODS, problems
from rooms.vote_config import (
    Attendance,
    Identity,
    Option,
    PickRule,
    TallyMethod,
    TallyRule,
    TieRule,
    VoteConfig,
    VoteType,
    Weights,
    Who,
    Window,
    config_hash,
    with_codes,
)
from tests.rooms.builders import config
from tests.rooms.rounds.builders import bracket, options
from tests.rooms.rounds.counting.ballots import CONFIGS, name_of


@pytest.mark.parametrize("good", CONFIGS, ids=name_of)
def test_every_type_has_a_configuration_that_can_be_opened(good: VoteConfig) -> None:
    assert problems(good) == []


def test_a_queue_may_begin_empty() -> None:
    queue = config(type=VoteType.QUEUE, options=(), tally=TallyRule(TallyMethod.APPROVAL))
    assert problems(queue) == []


@pytest.mark.parametrize("vote_type", list(VoteType))
@pytest.mark.parametrize("method", list(TallyMethod))
def test_a_method_fits_its_type_or_is_named(vote_type: VoteType, method: TallyMethod) -> None:
    found = problems(config(type=vote_type, tally=TallyRule(method)))
    named = [problem.field for problem in found]
    assert ("tally.method" in named) == (method not in METHODS[vote_type])


def approval(pick: PickRule, **changes: object) -> VoteConfig:
    """Choose several of three."""
    values: dict[str, object] = {
        "type": VoteType.APPROVAL,
        "options": options("abc"),
        "tally": TallyRule(TallyMethod.APPROVAL),
    }
    return config(**{**values, "pick": pick, **changes})


def points(pick: PickRule) -> VoteConfig:
    """Spend points on three."""
    return approval(pick, type=VoteType.POINTS, tally=TallyRule(TallyMethod.SUM))


def weighted(weights: Weights, pick: PickRule = PickRule()) -> VoteConfig:  # noqa: B008
    """By class of voter."""
    return config(type=VoteType.WEIGHTED, tally=TallyRule(weights=weights), pick=pick)


JURY = Weights(audience=1, jury=5)


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        (config(pick=PickRule(1, 2)), "pick.max", "one_pick_only"),
        (weighted(JURY, PickRule(1, 2)), "pick.max", "one_pick_only"),
        (approval(PickRule(3, 2)), "pick.min", "min_over_max"),
        (approval(PickRule(1, 4)), "pick.max", "more_than_options"),
        (approval(PickRule(1, 3, budget=5)), "pick.budget", "budget_without_points"),
        (points(PickRule(1, 3)), "pick.budget", "budget_required"),
        (points(PickRule(3, 3, budget=2)), "pick.budget", "budget_too_small"),
        (bracket("abcd", tie=(TieRule.ARTIST,) * 2), "tie[1]", "duplicate_tie_rule"),
        (
            config(tie=(TieRule.SEEDED_RANDOM, TieRule.ARTIST)),
            "tie[1]",
            "unreachable_tie_rule",
        ),
        (weighted(Weights()), "tally.weights", "one_class_only"),
        (weighted(Weights(audience=0)), "tally.weights", "nobody_counts"),
        (
            config(tally=TallyRule(weights=JURY)),
            "tally.weights.jury",
            "weight_needs_weighted",
        ),
        (
            config(window=Window(limits.ROUND_DURATION_S_MAX, 0, limits.ROUND_DURATION_S_MAX)),
            "window.extend_max_s",
            "window_too_long",
        ),
        (config(who=Who(channels=())), "who.channels", "no_channel"),
        (config(who=Who(channels=("web", "web"))), "who.channels[1]", "duplicate_channel"),
        (
            config(who=Who(channels=("sms",), identity=Identity.ACCOUNT)),
            "who.identity",
            "identity_needs_web",
        ),
        (
            config(who=Who(channels=("sms",), attendance=Attendance.CHECKED_IN)),
            "who.attendance",
            "check_in_needs_web",
        ),
        (config(options=options("a")), "options", "too_few_options"),
        (config(options=(*options("ab"), *options("a"))), "options", "duplicate_option_id"),
        (config(title=" "), "title", "empty_title"),
    ],
)
def test_a_contradiction_is_said_of_its_field(bad: VoteConfig, field: str, code: str) -> None:
    assert [(problem.field, problem.code) for problem in problems(bad)] == [(field, code)]


def test_a_bracket_is_picked_by_pairs() -> None:
    assert problems(bracket("abcde")) == []
    too_many = config(type=VoteType.BRACKET, options=options("abcde"), pick=PickRule(1, 3))
    assert [problem.field for problem in problems(too_many)] == ["pick.max"]


def test_all_problems_are_said_at_once() -> None:
    bad = VoteConfig(
        title="",
        options=(Option(id="a", label="A", code="stop"), Option(id="a", label="  ")),
        type=VoteType.POINTS,
        pick=PickRule(2, 1),
        tally=TallyRule(TallyMethod.IRV, Weights(audience=0)),
        window=Window(7200, 0, limits.ROUND_DURATION_S_MAX),
        tie=(TieRule.RUNOFF, TieRule.RUNOFF),
        who=Who(channels=()),
    )
    assert {problem.field for problem in problems(bad)} == {
        "title",
        "options",
        "options[0].code",
        "options[1].label",
        "tally.method",
        "pick.budget",
        "pick.min",
        "tally.weights",
        "window.extend_max_s",
        "tie[1]",
        "who.channels",
    }


def test_codes_fill_the_gaps() -> None:
    given = (Option(id="a", label="A"), Option(id="b", label="B", code="1"), *options("cd"))
    coded = with_codes(config(options=given))
    assert [option.code for option in coded.options] == ["2", "1", "3", "4"]
    assert with_codes(coded) == coded
    assert config_hash(coded) != config_hash(config(options=given))
