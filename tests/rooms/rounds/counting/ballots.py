"""What tests of counting are made of: configurations and heaps of ballots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from rooms.rounds.counting.patterns import PatternCounts, pattern_of
from rooms.rounds.problems import problems
from rooms.rounds.tally import recount
from rooms.vote_config import (
    Option,
    Pick,
    PickRule,
    TallyMethod,
    TallyRule,
    VoteConfig,
    VoteType,
    Weights,
)

AUDIENCE = "audience:web"
EVERYBODY_ONCE = Weights()
OPTION_IDS = ("a", "b", "c", "d")

Ballot = tuple[str, str]
"""(pattern, voter_class)."""


def config_of(
    vote_type: VoteType,
    method: TallyMethod,
    option_ids: Iterable[str] = OPTION_IDS,
    weights: Weights = EVERYBODY_ONCE,
) -> VoteConfig:
    """A configuration that can be opened, with the widest pick rule."""
    options = tuple(Option(id=option_id, label=option_id.upper()) for option_id in option_ids)
    one = vote_type is VoteType.SINGLE or (
        vote_type is VoteType.WEIGHTED and method is TallyMethod.PLURALITY
    )
    most = len(options) // 2 if vote_type is VoteType.BRACKET else len(options)
    config = VoteConfig(
        title="Encore?",
        options=options,
        type=vote_type,
        tally=TallyRule(method=method, weights=weights),
        pick=PickRule(
            min=1, max=1 if one else most, budget=10 if vote_type is VoteType.POINTS else None
        ),
    )
    assert problems(config) == []
    return config


JURY = Weights(audience=1, artist=3, jury=5)
CONFIGS = [
    config_of(VoteType.SINGLE, TallyMethod.PLURALITY),
    config_of(VoteType.APPROVAL, TallyMethod.APPROVAL),
    config_of(VoteType.RANKED, TallyMethod.BORDA),
    config_of(VoteType.RANKED, TallyMethod.IRV),
    config_of(VoteType.POINTS, TallyMethod.SUM),
    config_of(VoteType.UPDOWN, TallyMethod.NET),
    config_of(VoteType.BRACKET, TallyMethod.PLURALITY),
    config_of(VoteType.WEIGHTED, TallyMethod.PLURALITY, weights=JURY),
    config_of(VoteType.WEIGHTED, TallyMethod.APPROVAL, weights=JURY),
]
"""Every type with every method that it can be counted by; a queue counts like an approval."""


def name_of(config: VoteConfig) -> str:
    """For parametrised tests."""
    return f"{config.type}-{config.tally.method}"


def rankings(heaps: Mapping[str, int]) -> PatternCounts:
    """``{"a>b>c": 23}`` as counts of an audience."""
    return {(pattern, AUDIENCE): ballots for pattern, ballots in heaps.items()}


@st.composite
def picks_for(draw: st.DrawFn, config: VoteConfig) -> tuple[Pick, ...]:
    """A ballot that the configuration takes."""
    ids = [option.id for option in config.options]
    if config.type is VoteType.BRACKET:
        sides = [draw(st.sampled_from([None, *ids[at : at + 2]])) for at in range(0, len(ids), 2)]
        picked = [side for side in sides if side is not None] or ids[:1]
        return tuple(Pick(option_id) for option_id in picked)
    named = draw(st.lists(st.sampled_from(ids), unique=True, min_size=1, max_size=config.pick.max))
    if config.type is VoteType.POINTS:
        return tuple(Pick(option_id, draw(st.integers(1, 2))) for option_id in named)
    if config.type is VoteType.UPDOWN:
        return tuple(Pick(option_id, draw(st.sampled_from([1, -1]))) for option_id in named)
    return tuple(Pick(option_id) for option_id in named)


@st.composite
def ballots_for(draw: st.DrawFn, config: VoteConfig, max_size: int = 14) -> list[Ballot]:
    """Ballots of several classes and channels."""
    classes = st.sampled_from(
        [AUDIENCE, "audience:sms", "jury:web", "artist:web", "held:audience:web"]
    )
    one = st.tuples(picks_for(config), classes)
    return [
        (pattern_of(picks, config.type), voter_class)
        for picks, voter_class in draw(st.lists(one, max_size=max_size))
    ]


def counts_of(ballots: Iterable[Ballot]) -> PatternCounts:
    """What the tally of these ballots holds."""
    return recount(ballots)
