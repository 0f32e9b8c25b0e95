"""A fan's picks in any kind of round. Pure, from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


def taste(options: Sequence[str], rng: random.Random) -> dict[str, float]:
    """How much the room likes each option: one of them more than the others."""
    liked = {option: rng.uniform(0.2, 1.0) for option in options}
    if options:
        liked[rng.choice(options)] += 1.0
    return liked


def picks_of(config: Json, liked: dict[str, float], rng: random.Random) -> list[Json]:
    """What one fan chooses; empty where this round takes no ballots.

    Args:
        config: a ``vote_config``.
        liked: of `taste`.
    """
    options = [str(option["id"]) for option in config.get("options", ())]
    pick: Json = config.get("pick") or {}
    least, most = int(pick.get("min") or 1), int(pick.get("max") or 1)
    if not options:
        return []
    count = rng.randint(least, max(least, min(most, len(options))))
    match config.get("type"):
        case "single":
            return _named(_some(options, liked, 1, rng))
        case "weighted" | "approval" | "ranked":
            return _named(_some(options, liked, count, rng))
        case "points":
            return _points(_some(options, liked, count, rng), int(pick.get("budget") or 1), rng)
        case "updown":
            return [_thumb(one, liked, rng) for one in _some(options, liked, count, rng)]
        case "bracket":
            pairs = list(zip(options[::2], options[1::2], strict=False))
            chosen = rng.sample(pairs, min(len(pairs), max(count, least)))
            return _named([_some(pair, liked, 1, rng)[0] for pair in chosen])
        case _:
            return []


def _named(options: Sequence[str]) -> list[Json]:
    return [{"option_id": option} for option in options]


def _some(
    options: Sequence[str], liked: dict[str, float], count: int, rng: random.Random
) -> list[str]:
    """So many, the liked ones rather and rather first (Efraimidis and Spirakis 2006)."""
    keys = {option: rng.random() ** (1.0 / liked.get(option, 1.0)) for option in options}
    return sorted(options, key=lambda option: -keys[option])[:count]


def _points(options: Sequence[str], budget: int, rng: random.Random) -> list[Json]:
    """Everything is spent, and every option named gets something."""
    options = options[:budget]
    cuts = sorted(rng.sample(range(1, budget), len(options) - 1))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, budget], strict=True)]
    return [
        {"option_id": option, "value": value} for option, value in zip(options, shares, strict=True)
    ]


def _thumb(option: str, liked: dict[str, float], rng: random.Random) -> Json:
    return {"option_id": option, "value": 1 if rng.random() < 0.35 + 0.4 * liked[option] else -1}
