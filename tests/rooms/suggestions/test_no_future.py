"""Nothing that comes later reaches an answer or a training example."""

from __future__ import annotations

import numpy as np
import pytest

from rooms.suggestions.boosting import BoostingSettings
from rooms.suggestions.history import PastShow, Suggestion, SuggestionContext
from rooms.suggestions.repertoire import Repertoire
from rooms.suggestions.training import collect, train
from tests.rooms.suggestions.artists import habitual_artist

SMALL = BoostingSettings(trees=10, leaves=8, rows_per_leaf_min=20)
LEARNT, NOW = 80, 100


def permuted_future(shows: list[PastShow], seed: int) -> list[PastShow]:
    """The same shows up to ``NOW``; after it, the songs of others, in another order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.arange(NOW, len(shows)))
    future = [
        PastShow(shows[at].date, shows[int(other)].songs[::-1], "elsewhere", None)
        for at, other in zip(range(NOW, len(shows)), order, strict=True)
    ]
    return shows[:NOW] + future


def answers(shows: list[PastShow]) -> list[list[Suggestion]]:
    """Everything the model says at the shows from ``LEARNT`` on, learning as it goes."""
    model = train(shows[:LEARNT], 1, SMALL)
    said = []
    for show in shows[LEARNT:]:
        for place in range(len(show.songs)):
            context = SuggestionContext(show.date, show.songs[:place], show.venue, show.tour)
            said.append(model.suggest(context))
        model.observe(show)
    return said


@pytest.mark.parametrize("seed", [1, 2])
def test_permuting_later_shows_changes_no_earlier_answer(seed: int) -> None:
    shows = habitual_artist(120, seed=8)
    before_now = sum(len(show.songs) for show in shows[LEARNT:NOW])
    real, other = answers(shows), answers(permuted_future(shows, seed))
    assert real[:before_now] == other[:before_now]
    assert real[before_now:] != other[before_now:], "the permutation must make a difference"


def test_later_songs_of_the_same_show_change_no_answer() -> None:
    shows = habitual_artist(60, seed=8)
    model = train(shows[:-1], 1, SMALL)
    show = shows[-1]
    context = SuggestionContext(show.date, show.songs[:3], show.venue, show.tour)
    first = model.suggest(context)
    for place in range(4, len(show.songs)):
        model.suggest(SuggestionContext(show.date, show.songs[:place], show.venue, show.tour))
    assert model.suggest(context) == first


def test_permuting_later_shows_changes_no_earlier_training_example() -> None:
    shows = habitual_artist(120, seed=8)
    real, other = (
        collect(history, Repertoire(), np.random.default_rng(1), 10_000)
        for history in (shows, permuted_future(shows, 1))
    )
    moments = sum(len(show.songs) for show in shows[10:NOW])
    rows = int(real.starts[moments])
    assert int(other.starts[moments]) == rows
    assert np.array_equal(real.rows[:rows], other.rows[:rows])
    assert not np.array_equal(real.rows[rows:], other.rows[rows:])


def test_a_model_before_a_day_knows_only_the_shows_before_it() -> None:
    shows = habitual_artist(120, seed=8)
    whole = train(shows, 1, SMALL)
    then = whole.before(shows[NOW].date)
    assert then.shows == NOW
    other = train(permuted_future(shows, 1), 1, SMALL)
    other_then = other.before(shows[NOW].date)
    for show in shows[NOW : NOW + 3]:
        asked = SuggestionContext(show.date, show.songs[:2], show.venue, show.tour)
        # The forests were trained on different futures; the statistics must be the same.
        assert then.without_forest().suggest(asked, 20) == other_then.without_forest().suggest(
            asked, 20
        )
