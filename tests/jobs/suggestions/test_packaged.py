"""The shipped models fit the shipped archives and this code."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobs.archive.packaged import PackagedArchive, read_packaged
from jobs.suggestions.evaluate import measure
from jobs.suggestions.history import past_shows
from jobs.suggestions.packaged import packaged_model
from rooms.suggestions.history import SuggestionContext
from rooms.suggestions.model import SuggestionModel


@pytest.mark.parametrize("name", list(PackagedArchive), ids=lambda name: name.value)
def test_the_shipped_model_knows_its_archive_and_ranks_by_a_forest(name: PackagedArchive) -> None:
    archive = read_packaged(name)
    shows = past_shows(archive)
    stored = packaged_model(name, archive)
    model = SuggestionModel.from_bytes(stored.payload)
    assert model.trained
    assert stored.artist_id == archive.artist.artist_id
    assert stored.shows == model.shows == len(shows)
    assert stored.trained_at.date() == shows[-1].date
    assert stored.trained_at < datetime(2026, 1, 1, tzinfo=UTC)
    # Trained on these shows, so no measure of quality: it only shows that code and bytes agree.
    then = model.before(shows[-6].date)
    assert then.shows <= len(shows) - 6
    assert measure("shipped", then, shows[-6:]).share > 0.5


def test_barton_hall_is_answered_as_of_its_own_day() -> None:
    archive = read_packaged(PackagedArchive.GRATEFUL_DEAD)
    night = next(show for show in past_shows(archive) if str(show.date) == "1977-05-08")
    payload = packaged_model(PackagedArchive.GRATEFUL_DEAD, archive).payload
    model = SuggestionModel.from_bytes(payload).before(night.date)
    titles = [song.title for song in night.songs]
    at = titles.index("Fire On The Mountain")
    context = SuggestionContext(night.date, night.songs[:at], night.venue, night.tour)
    assert model.suggest(context)[0].title == "Fire On The Mountain"
    later = {song.title for show in past_shows(archive)[-200:] for song in show.songs}
    earlier = {
        s.title for show in past_shows(archive) if show.date < night.date for s in show.songs
    }
    first_night = model.suggest(SuggestionContext(night.date, (), night.venue), 50)
    assert {suggestion.title for suggestion in first_night} <= earlier
    assert later - earlier, "the archive must hold songs that were new after that night"
