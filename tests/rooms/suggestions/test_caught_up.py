"""A stored model knows the shows that were archived since it was trained."""

from __future__ import annotations

from datetime import date

import pytest

from rooms.suggestions.history import PastShow, SuggestionContext
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.repertoire import Repertoire
from tests.rooms.suggestions.artists import habitual_artist, night

TONIGHT = date(2010, 1, 1)


@pytest.fixture
def history() -> list[PastShow]:
    return habitual_artist(40, seed=5)


def stored(shows: list[PastShow]) -> SuggestionModel:
    model = SuggestionModel((), None, Repertoire())
    for show in shows:
        model.observe(show)
    return SuggestionModel.from_bytes(model.to_bytes())


def answers(model: SuggestionModel) -> list[tuple[str, float]]:
    found = model.suggest(SuggestionContext(TONIGHT), limit=20)
    return [(one.title, one.probability) for one in found]


def test_newer_shows_are_learnt_from(history: list[PastShow]) -> None:
    latest = night(date(2009, 12, 31), ["a song nobody had heard", "encore a"])
    model = stored(history).caught_up([*history, latest])
    assert model.shows == 41
    assert "a song nobody had heard" in [title for title, _ in answers(model)]


def test_the_same_shows_leave_it_as_it_is(history: list[PastShow]) -> None:
    model = stored(history)
    assert model.caught_up(reversed(history)) is model
    assert answers(model) == answers(stored(history))


def test_a_show_archived_late_or_corrected_counts_in_its_place(history: list[PastShow]) -> None:
    model = stored(history[:20] + history[21:])
    assert answers(model.caught_up(history)) == answers(stored(history))
    corrected = [*history[:-1], night(history[-1].date, ["opener b", "encore b"])]
    assert answers(stored(history).caught_up(corrected)) == answers(stored(corrected))
