"""How well names are heard, on rounds of songs that were played on real nights."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.sms.typing import WAYS
from jobs.suggestions.history import past_shows
from rooms.catalogue.names import title_key
from rooms.sms.grammar import parse
from rooms.sms.intents import Vote
from rooms.sms.likeness import HEARING, Hearing
from rooms.sms.naming import Ballot, Named, Unclear
from rooms.sms.normalising import readable
from rooms.vote_config import Option

SEED = 20261122
ROUNDS = 2_000
OPTIONS = 6
ELSEWHERE = "another song of the night"
"""Text of somebody who wants what is not to choose from."""

RIGHT, WRONG, ASKED, ASKED_OTHERS, NOTHING, COMMAND = (
    "counted",
    "counted wrong",
    "asked",
    "asked, not among them",
    "list shown",
    "a command",
)
OUTCOMES = (RIGHT, WRONG, ASKED, ASKED_OTHERS, NOTHING, COMMAND)


@dataclass(slots=True)
class Heard:
    """Counts of outcomes by way of typing."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def note(self, way: str, outcome: str) -> None:
        """One text."""
        self.counts.setdefault(way, Counter())[outcome] += 1

    def share(self, way: str, outcome: str) -> float:
        """Percent of a way's texts."""
        counts = self.counts[way]
        return 100.0 * counts[outcome] / counts.total()

    @property
    def texts(self) -> int:
        """All of them."""
        return sum(counts.total() for counts in self.counts.values())


@cache
def nights() -> tuple[tuple[str, ...], ...]:
    """Titles of every night of the shipped archives with enough different songs."""
    found = []
    for archive in PackagedArchive:
        for show in past_shows(read_packaged(archive)):
            titles = {title_key(song.title): song.title for song in show.songs}
            if len(titles) > OPTIONS:
                found.append(tuple(titles.values()))
    return tuple(found)


def measure(hearing: Hearing = HEARING, rounds: int = ROUNDS) -> Heard:
    """Every option of so many rounds in every way, and one song each that is no option."""
    rng = random.Random(SEED)
    heard = Heard()
    for _ in range(rounds):
        titles = rng.sample(rng.choice(nights()), OPTIONS + 1)
        options = [Option(f"o{n}", title, str(n)) for n, title in enumerate(titles[:-1], start=1)]
        ballot = Ballot(options, hearing)
        for option in options:
            for way, typed in WAYS.items():
                heard.note(way, _outcome(ballot, typed(option.label, rng), option))
        heard.note(ELSEWHERE, _outcome(ballot, titles[-1], None))
    return heard


def _outcome(ballot: Ballot, text: str, meant: Option | None) -> str:
    intent = parse(text)
    if not isinstance(intent, Vote):
        return COMMAND
    result = ballot.hear(readable(intent.text), several=False)
    match result:
        case Named(options=options):
            return RIGHT if _only(options, meant) else WRONG
        case Unclear(options=options):
            return ASKED if meant in options[:3] else ASKED_OTHERS
        case _:
            return NOTHING


def _only(options: Sequence[Option], meant: Option | None) -> bool:
    return set(options) == {meant}
