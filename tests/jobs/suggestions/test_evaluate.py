"""The suggestions are good enough, measured honestly on a part of the last fifth."""

from __future__ import annotations

import pytest

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.baselines import Frequency, Markov
from jobs.suggestions.evaluate import contexts, measure, split
from jobs.suggestions.history import past_shows
from rooms.suggestions.boosting import BoostingSettings
from rooms.suggestions.training import train
from tests.rooms.suggestions.artists import habitual_artist, night

FEW_TREES = BoostingSettings(trees=30)


@pytest.mark.parametrize(
    ("name", "floor"), [(PackagedArchive.GRATEFUL_DEAD, 0.55), (PackagedArchive.SPRINGSTEEN, 0.78)]
)
def test_the_share_found_among_five_is_above_the_floor_and_the_baselines(
    name: PackagedArchive, floor: float
) -> None:
    """A seventh of the training and a sixteenth of the shows asked: the full run is the bench."""
    learnt, asked = split(past_shows(read_packaged(name)), validation=False)
    markov = Markov()
    for show in learnt:
        markov.observe(show)
    model = train(learnt, 1, FEW_TREES, moments_max=3000)
    ours = measure("ours", model, asked, every=16)
    chain = measure("Markov", markov, asked, every=16)
    assert ours.songs == chain.songs > 400
    assert ours.share > floor
    assert ours.share > chain.share


def test_the_split_is_by_date_and_the_validation_slice_lies_before_the_test() -> None:
    shows = habitual_artist(100, seed=1)
    learnt, asked = split(shows, validation=False)
    earlier, validation = split(shows, validation=True)
    assert (len(learnt), len(asked), len(earlier), len(validation)) == (80, 20, 64, 16)
    assert max(show.date for show in learnt) < min(show.date for show in asked)
    assert earlier + validation == learnt


def test_a_context_holds_only_the_songs_before_the_one_asked_for() -> None:
    show = night(habitual_artist(1, 1)[0].date, ["one", "two", "three"])
    asked = [([song.title for song in known.songs], played) for known, played in contexts(show)]
    assert asked == [([], "ONE"), (["one"], "TWO"), (["one", "two"], "THREE")]


def test_every_song_counts_and_only_what_is_found_is_found() -> None:
    shows = [night(habitual_artist(1, 1)[0].date, ["a", "b", "c"])] * 3
    frequency = Frequency()
    first = measure("frequency", frequency, shows[:1])
    second = measure("frequency", frequency, shows[1:], every=2)
    assert (first.shows, first.songs, first.found) == (1, 3, 0)
    assert (second.shows, second.songs, second.found) == (1, 3, 3)
