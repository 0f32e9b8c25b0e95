"""Which configurations of a round make sense: one problem for each field that contradicts another.

Types and bounds of single fields are the schema's (`rooms.vote_config`); here is what only shows
when fields are seen together.
"""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import category

from msgspec import Struct

from rooms import limits
from rooms.rounds.counting.pairs import pairs_of
from rooms.sms import keywords
from rooms.vote_config import (
    Attendance,
    Identity,
    TallyMethod,
    TieRule,
    VoteConfig,
    VoteType,
)

METHODS: dict[VoteType, tuple[TallyMethod, ...]] = {
    VoteType.SINGLE: (TallyMethod.PLURALITY,),
    VoteType.APPROVAL: (TallyMethod.APPROVAL,),
    VoteType.RANKED: (TallyMethod.BORDA, TallyMethod.IRV),
    VoteType.POINTS: (TallyMethod.SUM,),
    VoteType.UPDOWN: (TallyMethod.NET,),
    VoteType.BRACKET: (TallyMethod.PLURALITY,),
    VoteType.QUEUE: (TallyMethod.APPROVAL,),
    VoteType.WEIGHTED: (TallyMethod.PLURALITY, TallyMethod.APPROVAL),
}
"""The methods that each type of vote can be counted by; the first is the usual one."""

_WEIGHT_CLASSES = ("audience", "artist", "jury")


class ConfigProblem(Struct, frozen=True):
    """One field that keeps a configuration from being used."""

    field: str
    code: str
    detail: str


def problems(config: VoteConfig) -> list[ConfigProblem]:
    """What is wrong with a configuration, all at once; empty when it can be opened."""
    return [
        *_of_text(config),
        *_of_options(config),
        *_of_method(config),
        *_of_picks(config),
        *_of_weights(config),
        *_of_window(config),
        *_of_ties(config),
        *_of_voters(config),
    ]


def _of_text(config: VoteConfig) -> Iterator[ConfigProblem]:
    if not config.title.strip():
        yield ConfigProblem("title", "empty_title", "A round needs a title.")
    if _has_control(config.title):
        yield ConfigProblem(
            "title", "invalid_text", "A title is one line without control characters."
        )


def _of_options(config: VoteConfig) -> Iterator[ConfigProblem]:
    # A queue begins empty and grows; everything else is chosen between at least two.
    if len(config.options) < 2 and config.type is not VoteType.QUEUE:
        yield ConfigProblem("options", "too_few_options", "A round needs at least two options.")
    ids = [option.id for option in config.options]
    codes = [option.code.upper() for option in config.options if option.code]
    if len(set(ids)) != len(ids):
        yield ConfigProblem("options", "duplicate_option_id", "Two options share an id.")
    if len(set(codes)) != len(codes):
        yield ConfigProblem("options", "duplicate_option_code", "Two options share a code.")
    for index, option in enumerate(config.options):
        at = f"options[{index}]"
        if option.code and option.code.casefold() in keywords.ALL:
            yield ConfigProblem(f"{at}.code", "reserved_code", "This word has a meaning in SMS.")
        if not option.label.strip():
            yield ConfigProblem(f"{at}.label", "empty_label", "An option needs a label.")
        if _has_control(option.label):
            yield ConfigProblem(f"{at}.label", "invalid_text", "A label is one line of text.")


def _of_method(config: VoteConfig) -> Iterator[ConfigProblem]:
    allowed = METHODS[config.type]
    if config.tally.method not in allowed:
        names = " or ".join(allowed)
        yield ConfigProblem(
            "tally.method",
            "method_does_not_fit",
            f"A round of type {config.type} is counted by {names}.",
        )


def _of_picks(config: VoteConfig) -> Iterator[ConfigProblem]:
    pick = config.pick
    yield from _of_budget(config)
    if pick.min > pick.max:
        yield ConfigProblem("pick.min", "min_over_max", "The least is more than the most.")
    if picks_exactly_one(config):
        for name, value in (("pick.min", pick.min), ("pick.max", pick.max)):
            if value != 1:
                yield ConfigProblem(name, "one_pick_only", "This kind of round takes one pick.")
        return
    if config.type is VoteType.QUEUE:
        return  # who may support how many requests is not the ballot's matter
    most = len(config.options)
    if config.type is VoteType.BRACKET:
        most = len(pairs_of([option.id for option in config.options]))
    if pick.max > max(most, 1):
        what = "pairs" if config.type is VoteType.BRACKET else "options"
        yield ConfigProblem("pick.max", "more_than_options", f"There are only {most} {what}.")


def _of_budget(config: VoteConfig) -> Iterator[ConfigProblem]:
    pick = config.pick
    if config.type is not VoteType.POINTS:
        if pick.budget is not None:
            yield ConfigProblem("pick.budget", "budget_without_points", "Only points are spent.")
    elif pick.budget is None:
        yield ConfigProblem("pick.budget", "budget_required", "Say how many points there are.")
    elif pick.budget < pick.min:
        yield ConfigProblem(
            "pick.budget", "budget_too_small", "Every option picked takes at least one point."
        )


def _of_weights(config: VoteConfig) -> Iterator[ConfigProblem]:
    weights = {name: getattr(config.tally.weights, name) for name in _WEIGHT_CLASSES}
    counted = [name for name, weight in weights.items() if weight]
    if not counted:
        yield ConfigProblem("tally.weights", "nobody_counts", "Some class of voters must count.")
    elif config.type is VoteType.WEIGHTED and len(counted) < 2:
        yield ConfigProblem(
            "tally.weights", "one_class_only", "Weights weigh one class of voters against another."
        )
    if config.type is not VoteType.WEIGHTED:
        for name, weight in weights.items():
            if weight > 1:
                yield ConfigProblem(
                    f"tally.weights.{name}",
                    "weight_needs_weighted",
                    "Weights other than 0 and 1 are for rounds of type weighted.",
                )


def _of_window(config: VoteConfig) -> Iterator[ConfigProblem]:
    window = config.window
    if (window.duration_s or 0) + window.extend_max_s > limits.ROUND_WINDOW_S_MAX:
        yield ConfigProblem(
            "window.extend_max_s",
            "window_too_long",
            f"With its extension a round lasts at most {limits.ROUND_WINDOW_S_MAX} seconds.",
        )


def _of_ties(config: VoteConfig) -> Iterator[ConfigProblem]:
    for index, rule in enumerate(config.tie):
        before = config.tie[:index]
        if rule in before:
            yield ConfigProblem(
                f"tie[{index}]", "duplicate_tie_rule", "This rule stands earlier in the list."
            )
        elif TieRule.SEEDED_RANDOM in before:
            yield ConfigProblem(
                f"tie[{index}]", "unreachable_tie_rule", "A draw by lot leaves no tie behind."
            )


def _of_voters(config: VoteConfig) -> Iterator[ConfigProblem]:
    who = config.who
    if not who.channels:
        yield ConfigProblem("who.channels", "no_channel", "Votes must come from somewhere.")
    for index, channel in enumerate(who.channels):
        if channel in who.channels[:index]:
            yield ConfigProblem(
                f"who.channels[{index}]", "duplicate_channel", "This channel is named twice."
            )
    if who.channels and "web" not in who.channels:
        if who.identity in (Identity.ACCOUNT, Identity.DEVICE):
            yield ConfigProblem(
                "who.identity", "identity_needs_web", "By SMS only a phone is known."
            )
        if who.attendance is not Attendance.ANY:
            yield ConfigProblem(
                "who.attendance", "check_in_needs_web", "People check in on the show's page."
            )


def picks_exactly_one(config: VoteConfig) -> bool:
    """Whether a ballot names one option, no more and no fewer."""
    if config.type is VoteType.WEIGHTED:
        return config.tally.method is not TallyMethod.APPROVAL
    return config.type is VoteType.SINGLE


def _has_control(text: str) -> bool:
    return any(category(character) == "Cc" for character in text)
