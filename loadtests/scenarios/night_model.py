"""The model of an evening: who comes when, talks how much, votes, edits, loses the signal, leaves.

Minutes are minutes of the night, from doors (0) to the last one gone; a run compresses them. Where
a number comes from is said beside it: *archive* is counted in the shipped archives of real nights,
*assumed* is our own, written down so that it can be argued about (docs/load.md has the table).
"""

from __future__ import annotations

import random
from typing import Final, Literal

from msgspec import Struct

from loadtests.kit.pacing import varying
from loadtests.scenarios.arrivals import rush

DOORS_TO_START: Final = 45.0
"""Assumed: doors open three quarters of an hour before."""

SET_1: Final = (45.0, 105.0)
SET_2: Final = (125.0, 185.0)
ENCORE: Final = (190.0, 205.0)
END: Final = 225.0

SONGS: Final = (9, 8, 2)
"""Archive: 39,774 songs in 2,076 nights of the Grateful Dead are 19.2 a night."""

ARRIVAL_WINDOW: Final = 60.0
"""Assumed: everybody is there a quarter of an hour into the first set."""

LINES_PER_MINUTE: Final = 0.04
"""Assumed: of 25 people one says something in a minute."""

STORM: Final = 4.0
STORM_MINUTES: Final = 1.0
"""Assumed: four times as much in the first minute of a song."""

ENCORE_STORM: Final = 8.0
"""Assumed: and twice that when the encore begins, for two minutes."""

REACTIONS_PER_MINUTE: Final = 0.1
"""Assumed: taps are easier than words."""

VOTES: Final = 0.5
"""Assumed: half of those who are there vote in a round."""

THINKING_MINUTES: Final = 0.5
"""Assumed: the median of the time until somebody votes; log-normal, sigma 0.6."""

ROUND_MINUTES: Final = 3.0
ROUNDS: Final = (38.0, 110.0, 186.0, 200.0)
"""What opens, what opens the second set, the encore, the best song."""

FIXES: Final = 0.6
"""Assumed: corrections of fans for each song that the crew writes down."""

EDITORS: Final = 4
SIGNAL_LOST_PER_HOUR: Final = 1.0
"""Assumed: in a crowded hall everybody's phone loses its network once an hour."""

WISHES: Final = 0.05
"""Assumed: one of twenty wishes for a song before the show begins."""

LEAVE_EARLY: Final = 0.08
"""Assumed: so many catch a train before the encore."""

LEAVING_MINUTES: Final = 6.0
"""Assumed: mean of the time that the others take to put the phone away after the end."""

Kind = Literal["arrive", "chat", "react", "wish", "cut", "leave"]


class Act(Struct, frozen=True, order=True):
    """What one fan does at one minute of the night."""

    minute: float
    kind: Kind


class Song(Struct, frozen=True):
    """A song, from the minute it begins."""

    minute: float
    section: str
    title: str


def songs(rng: random.Random) -> list[Song]:
    """The night's songs, spread over their sets with a little play."""
    found = []
    sets = zip(("set1", "set2", "encore1"), (SET_1, SET_2, ENCORE), SONGS, strict=True)
    for section, (begin, end), count in sets:
        length = (end - begin) / count
        for number in range(count):
            jitter = rng.uniform(-0.15, 0.15) * length if number else 0.0
            title = f"{section} song {number + 1}"
            found.append(Song(begin + number * length + jitter, section, title))
    return found


def talk(minute: float, starts: list[float]) -> float:
    """Lines of one fan in a minute, at that minute."""
    if ENCORE[0] <= minute < ENCORE[0] + 2 * STORM_MINUTES:
        return LINES_PER_MINUTE * ENCORE_STORM
    stormy = any(start <= minute < start + STORM_MINUTES for start in starts)
    return LINES_PER_MINUTE * (STORM if stormy else 1.0)


def evening(rng: random.Random, starts: list[float]) -> list[Act]:
    """One fan's whole evening, in order."""
    arrives = rush(rng) * ARRIVAL_WINDOW
    if rng.random() < LEAVE_EARLY:
        leaves = rng.uniform(SET_2[0] + 30, ENCORE[0])
    else:
        leaves = min(END, ENCORE[1] + rng.expovariate(1 / LEAVING_MINUTES))
    acts = [Act(arrives, "arrive"), Act(leaves, "leave")]
    there = leaves - arrives
    peak = LINES_PER_MINUTE * ENCORE_STORM
    chat = varying(lambda at: talk(arrives + at, starts), peak, there, rng)
    acts += [Act(arrives + at, "chat") for at in chat]
    acts += _now_and_then(REACTIONS_PER_MINUTE, "react", arrives, there, rng)
    acts += _now_and_then(SIGNAL_LOST_PER_HOUR / 60, "cut", arrives, there, rng)
    if arrives < DOORS_TO_START and rng.random() < WISHES:
        acts.append(Act(rng.uniform(arrives, DOORS_TO_START), "wish"))
    return sorted(acts)


def _now_and_then(
    rate: float, kind: Kind, begin: float, length: float, rng: random.Random
) -> list[Act]:
    return [Act(begin + at, kind) for at in varying(lambda _: rate, rate, length, rng)]
