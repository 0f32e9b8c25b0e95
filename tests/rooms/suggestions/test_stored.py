"""Rules of a model's bytes."""

from __future__ import annotations

import lzma
from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.suggestions.boosting import BoostingSettings
from rooms.suggestions.forest import Forest
from rooms.suggestions.history import SuggestionContext
from rooms.suggestions.model import SuggestionModel
from rooms.suggestions.stored import FORMAT_VERSION, UnreadableModelError
from rooms.suggestions.training import train
from tests.rooms.suggestions.artists import habitual_artist

SHOWS = habitual_artist(60, seed=3)


@dataclass
class Kept:
    model: SuggestionModel
    payload: bytes


@pytest.fixture(scope="module")
def kept() -> Kept:
    settings = BoostingSettings(trees=8, leaves=6, rows_per_leaf_min=20)
    model = train(SHOWS[:-1], 1, settings)
    assert model.trained
    return Kept(model, model.to_bytes())


def everything(model: SuggestionModel) -> list[object]:
    show = SHOWS[-1]
    return [
        model.suggest(SuggestionContext(show.date, show.songs[:n], show.venue, show.tour), 20)
        for n in range(len(show.songs))
    ]


def test_a_model_read_back_gives_the_same_answers_and_bytes(kept: Kept) -> None:
    again = SuggestionModel.from_bytes(kept.payload)
    assert everything(again) == everything(kept.model)
    assert again.to_bytes() == kept.payload


def test_what_was_observed_is_kept(kept: Kept) -> None:
    model = SuggestionModel.from_bytes(kept.payload)
    model.observe(SHOWS[-1])
    again = SuggestionModel.from_bytes(model.to_bytes())
    assert again.shows == model.shows == len(SHOWS)
    assert everything(again) == everything(model)


def test_a_model_without_a_forest_is_kept() -> None:
    model = train(SHOWS[:3], 1)
    again = SuggestionModel.from_bytes(model.to_bytes())
    assert not again.trained
    assert everything(again) == everything(model)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_broken_bytes_are_refused_or_answered_but_nothing_else(
    kept: Kept, data: st.DataObject
) -> None:
    plain = bytearray(lzma.decompress(kept.payload))
    for _ in range(data.draw(st.integers(1, 3))):
        plain[data.draw(st.integers(0, len(plain) - 1))] = data.draw(st.integers(0, 255))
    try:
        model = SuggestionModel.from_bytes(lzma.compress(bytes(plain), preset=0))
    except UnreadableModelError:
        return
    everything(model)


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_cut_off_bytes_are_refused(kept: Kept, cut: int) -> None:
    with pytest.raises(UnreadableModelError):
        SuggestionModel.from_bytes(kept.payload[:cut])


def test_another_version_is_refused(kept: Kept) -> None:
    stored = msgspec.msgpack.decode(lzma.decompress(kept.payload))
    stored[0] = FORMAT_VERSION + 1
    with pytest.raises(UnreadableModelError, match="version"):
        SuggestionModel.from_bytes(lzma.compress(msgspec.msgpack.encode(stored)))


def tree(**changes: object) -> Forest:
    """One split on feature 1 at 0.5: -1 to the left, +1 to the right."""
    arrays: dict[str, object] = {
        "roots": np.array([0], np.int64),
        "feature": np.array([1, 0, 0], np.int64),
        "threshold": np.array([0.5, 0, 0], np.float32),
        "children": np.array([1, 2, 1, 1, 2, 2], np.int64),
        "value": np.array([0, -1, 1], np.float32),
        "depth": 1,
        "features": 2,
    }
    return Forest(**(arrays | changes))  # type: ignore[arg-type]


def test_a_row_goes_left_at_the_threshold_and_right_beyond() -> None:
    rows = np.array([[9, 0.5], [9, np.nextafter(np.float32(0.5), np.float32(1))]], np.float32)
    forest = tree()
    forest.check()
    assert forest.scores(rows).tolist() == [-1, 1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("children", [0, 2, 1, 1, 2, 2]),
        ("children", [1, 2, 0, 0, 2, 2]),
        ("children", [1, 3, 1, 1, 2, 2]),
        ("children", [1, -1, 1, 1, 2, 2]),
        ("children", [1, 1, 2]),
        ("feature", [2, 0, 0]),
        ("feature", [-1, 0, 0]),
        ("roots", [3]),
        ("roots", [-1]),
        ("feature", [1, 0]),
    ],
)
def test_a_forest_that_a_walk_could_leave_is_refused(field: str, value: list[int]) -> None:
    with pytest.raises(ValueError, match="forest"):
        tree(**{field: np.array(value, np.int64)}).check()
