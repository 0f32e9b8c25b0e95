"""Measures the suggestions on the shipped archives.

::

    python -m jobs.suggestions.evaluate [--validation] [--every N]

Protocol: an artist's shows with songs, by date. The forest is trained on the first four fifths.
Then each show of the last fifth is gone through: before every song, the first one included, five
suggestions are asked for with nothing but the date, the venue, the tour and the songs so far; a
song counts as found if it is among them. A song played for the first time ever, and a reprise,
count like any other. When a show is over, the statistics (not the forest) learn from it. The
baselines learn from every show in the same way. ``--validation`` measures on the last fifth *of
the first four fifths* instead, trained on what came before it: settings are chosen there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click
import numpy as np
from msgspec import Struct

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.baselines import Frequency, Markov, Suggester
from jobs.suggestions.history import past_shows
from jobs.suggestions.train import SEED
from rooms.suggestions.history import PastShow, SuggestionContext
from rooms.suggestions.training import train

SUGGESTED = 5
LATENCY_BUDGET_MS = 20.0


class Measured(Struct, frozen=True):
    """How one suggester did."""

    name: str
    shows: int
    songs: int
    found: int
    milliseconds: tuple[float, ...]
    cpu_milliseconds: tuple[float, ...]

    @property
    def share(self) -> float:
        """Share of the songs that were among the suggested."""
        return self.found / max(self.songs, 1)

    def quantile_ms(self, quantile: float) -> float:
        """Time per answer on the clock, in milliseconds."""
        return float(np.quantile(self.milliseconds, quantile)) if self.milliseconds else 0.0

    def quantile_cpu_ms(self, quantile: float) -> float:
        """Time per answer on one core, whatever else the machine does, in milliseconds."""
        return float(np.quantile(self.cpu_milliseconds, quantile)) if self.milliseconds else 0.0


def contexts(show: PastShow) -> list[tuple[SuggestionContext, str]]:
    """What was known before each song of a show, and the song."""
    return [
        (
            SuggestionContext(show.date, show.songs[:place], show.venue, show.tour),
            show.songs[place].song_id,
        )
        for place in range(len(show.songs))
    ]


def measure(
    name: str, suggester: Suggester, shows: Sequence[PastShow], *, every: int = 1
) -> Measured:
    """Goes through ``shows`` in order, asking at every ``every``-th of them."""
    found = songs = asked = 0
    milliseconds: list[float] = []
    cpu_milliseconds: list[float] = []
    for number, show in enumerate(shows):
        if number % every == 0:
            asked += 1
            for context, played in contexts(show):
                started, cpu_started = time.perf_counter(), time.thread_time()
                suggestions = suggester.suggest(context, SUGGESTED)
                cpu_milliseconds.append((time.thread_time() - cpu_started) * 1e3)
                milliseconds.append((time.perf_counter() - started) * 1e3)
                songs += 1
                found += any(suggestion.song_id == played for suggestion in suggestions)
        suggester.observe(show)
    return Measured(name, asked, songs, found, tuple(milliseconds), tuple(cpu_milliseconds))


def split(shows: Sequence[PastShow], *, validation: bool) -> tuple[list[PastShow], list[PastShow]]:
    """(shows to learn from, shows to be measured on)."""
    learnt = len(shows) * 4 // 5
    if validation:
        shows = shows[:learnt]
        learnt = len(shows) * 4 // 5
    return list(shows[:learnt]), list(shows[learnt:])


def evaluate(
    shows: Sequence[PastShow], *, validation: bool = False, every: int = 1
) -> tuple[list[Measured], float]:
    """Measures the baselines and the model; also the seconds of one core that training took."""
    learnt, asked = split(shows, validation=validation)
    frequency, markov = Frequency(), Markov()
    for show in learnt:
        frequency.observe(show)
        markov.observe(show)
    started = time.thread_time()
    model = train(learnt, SEED)
    training_s = time.thread_time() - started
    suggesters: list[tuple[str, Suggester]] = [
        ("frequency", frequency),
        ("Markov chain", markov),
        ("Setroom", model),
    ]
    return [measure(name, one, asked, every=every) for name, one in suggesters], training_s


@click.command()
@click.option("--validation", is_flag=True, help="Measure inside the first four fifths.")
@click.option("--every", default=1, show_default=True, help="Ask at every n-th show only.")
def main(validation: bool, every: int) -> None:
    """Prints the share of songs found among five, per artist; fails when answers are too slow.

    Too slow is judged by the time on one core: the clock also counts what others do on the
    machine meanwhile.
    """
    slow = False
    click.echo(
        f"{'artist':<15}{'suggester':<14}{'shows':>6}{'songs':>8}{'among 5':>9}"
        f"{'p50 ms':>8}{'p99 ms':>8}{'p99 cpu':>9}"
    )
    for name in PackagedArchive:
        shows = past_shows(read_packaged(name))
        results, training_s = evaluate(shows, validation=validation, every=every)
        for one in results:
            cpu_ms = one.quantile_cpu_ms(0.99)
            click.echo(
                f"{name.value:<15}{one.name:<14}{one.shows:>6}{one.songs:>8}{one.share:>9.4f}"
                f"{one.quantile_ms(0.5):>8.2f}{one.quantile_ms(0.99):>8.2f}{cpu_ms:>9.2f}"
            )
            slow |= cpu_ms > LATENCY_BUDGET_MS
        click.echo(f"{name.value:<15}trained in {training_s:.1f} s of one core")
    if slow:
        click.echo(f"an answer took more than {LATENCY_BUDGET_MS:.0f} ms (p99)", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
