"""Rules of suggesting the next song."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from rooms.limits import SUGGESTIONS_MAX
from rooms.suggestions.boosting import BoostingSettings
from rooms.suggestions.history import (
    CatalogueSong,
    PastShow,
    PlayedSong,
    SuggestionContext,
)
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.training import train
from tests.rooms.suggestions.artists import ENCORES, PAIRS, habitual_artist, night

SMALL = BoostingSettings(trees=20, leaves=8, rows_per_leaf_min=20)
TONIGHT = date(2003, 1, 1)


@pytest.fixture(scope="module")
def history() -> list[PastShow]:
    return habitual_artist(120, seed=5)


@pytest.fixture(scope="module")
def trained(history: list[PastShow]) -> SuggestionModel:
    return train(history, seed=1, settings=SMALL)


def ask(model: SuggestionModel, *titles: str, limit: int = 5) -> list[str]:
    songs = night(TONIGHT, list(titles)).songs
    songs = tuple(PlayedSong(song.song_id, song.title, "set1") for song in songs)
    context = SuggestionContext(TONIGHT, songs, "hall", "a tour")
    return [suggestion.title for suggestion in model.suggest(context, limit)]


def test_what_always_follows_comes_first(trained: SuggestionModel) -> None:
    assert trained.trained
    for first, second in PAIRS:
        assert ask(trained, "opener a", first)[0] == second


def test_the_first_song_of_the_night_is_an_opener(trained: SuggestionModel) -> None:
    assert set(ask(trained)[:2]) == {"opener a", "opener b"}


def test_the_encore_whose_turn_it_is_comes_before_the_others(history: list[PastShow]) -> None:
    model = train(history, seed=1, settings=SMALL)
    for number in range(3):
        played = [title for pair in PAIRS[number : number + 4] for title in pair]
        answer = ask(model, "opener a", *played, limit=10)
        encores = [title for title in answer if title in ENCORES]
        assert encores[0] == ENCORES[(len(history) + number) % 3]
        day = history[-1].date + timedelta(days=2 * (number + 1))
        model.observe(night(day, ["opener a", *played, encores[0]]))


def test_a_song_played_tonight_is_not_suggested_again(trained: SuggestionModel) -> None:
    played = ["opener a", *PAIRS[0], *PAIRS[1]]
    assert not set(played) & set(ask(trained, *played, limit=SUGGESTIONS_MAX))


def test_a_song_known_to_be_reprised_may_be_suggested_again() -> None:
    shows = [
        night(date(2000, 1, 1) + timedelta(days=n), ["jam", "ballad", "jam", f"other {n % 4}"])
        for n in range(12)
    ]
    assert ask(train(shows, seed=1), "jam", "ballad")[0] == "jam"


def test_the_suggestions_are_ordered_and_share_one_belief(trained: SuggestionModel) -> None:
    answer = trained.suggest(SuggestionContext(TONIGHT), SUGGESTIONS_MAX)
    believed = [suggestion.probability for suggestion in answer]
    assert believed == sorted(believed, reverse=True)
    assert sum(believed) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_model(history: list[PastShow]) -> None:
    one, same, other = (train(history, seed, SMALL).to_bytes() for seed in (3, 3, 4))
    assert one == same
    assert one != other


def test_the_order_of_the_history_does_not_matter(history: list[PastShow]) -> None:
    forwards = train(history, 3, SMALL)
    backwards = train(history[::-1], 3, SMALL)
    assert forwards.to_bytes() == backwards.to_bytes()


# --- cold start ------------------------------------------------------------------------------


def test_an_artist_without_shows_is_answered_from_the_catalogue_by_title() -> None:
    model = train([], seed=1)
    catalogue = tuple(CatalogueSong(f"id {t}", t) for t in ("beta", "Alpha", "gamma"))
    played = (PlayedSong("id gamma", "gamma"),)
    answer = model.suggest(SuggestionContext(TONIGHT, played, catalogue=catalogue))
    assert [suggestion.title for suggestion in answer] == ["Alpha", "beta"]
    assert model.suggest(SuggestionContext(TONIGHT)) == []


@pytest.mark.parametrize("shows", [1, 2, 5, 12])
def test_few_shows_are_answered_without_a_forest(shows: int) -> None:
    model = train(habitual_artist(shows, seed=1), seed=1)
    assert not model.trained
    first = ask(model)
    assert first and first[0].startswith("opener")
    assert len(ask(model, "opener a", limit=8)) == 8


def test_history_comes_before_the_catalogue() -> None:
    model = train([night(date(2000, 1, 1), ["zulu", "yankee"])], seed=1)
    catalogue = (CatalogueSong("ZULU", "zulu"), CatalogueSong("a", "alpha"))
    answer = model.suggest(SuggestionContext(TONIGHT, catalogue=catalogue))
    assert {suggestion.title for suggestion in answer[:2]} == {"zulu", "yankee"}
    assert [suggestion.title for suggestion in answer[2:]] == ["alpha"]


def test_unknown_songs_of_tonight_do_no_harm(trained: SuggestionModel) -> None:
    assert len(ask(trained, "never heard", "nor this")) == 5
    assert ask(trained, "never heard", PAIRS[0][0])[0] == PAIRS[0][1]


def test_a_show_without_songs_teaches_nothing(history: list[PastShow]) -> None:
    model = train(history, seed=1, settings=SMALL)
    before = model.to_bytes()
    model.observe(PastShow(TONIGHT, ()))
    assert model.to_bytes() == before


def test_more_songs_than_the_first_allocation_are_kept() -> None:
    shows = [
        night(date(2000, 1, 1) + timedelta(days=n), [f"song {n} {k}" for k in range(20)])
        for n in range(30)
    ]
    model = train(shows, seed=1)
    assert ask(model, "song 29 3")[0] == "song 29 4"
    assert ask(model, "song 2 3")[0] == "song 2 4"


@pytest.mark.parametrize("limit", [0, -1, SUGGESTIONS_MAX + 1])
def test_an_impossible_limit_is_refused(trained: SuggestionModel, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        trained.suggest(SuggestionContext(TONIGHT), limit)


def test_a_very_long_night_is_answered(trained: SuggestionModel) -> None:
    titles = [title for _ in range(20) for pair in PAIRS for title in pair]
    assert len(ask(trained, *titles)) >= 1


# --- cost ------------------------------------------------------------------------------------


def test_an_answer_costs_about_the_same_after_ten_times_the_shows() -> None:
    """Windows and lists are bounded: the price of an answer does not grow with the past."""

    def seconds(shows: int) -> float:
        model = train(habitual_artist(shows, seed=2), 1, SMALL, moments_max=400)
        best = float("inf")
        for _ in range(60):
            started = time.perf_counter()
            ask(model, "opener a", *PAIRS[0], *PAIRS[1])
            best = min(best, time.perf_counter() - started)
        return best

    assert seconds(2000) < 4 * seconds(200)
