"""The models that Setroom ships for its archives, so that the demo starts at once."""

from __future__ import annotations

from datetime import UTC, datetime, time
from importlib import resources

from jobs.archive.packaged import PackagedArchive
from rooms.catalogue.archive import Archive
from rooms.suggestions.ports import StoredModel
from rooms.suggestions.stored import FORMAT_VERSION


def packaged_model(name: PackagedArchive, archive: Archive) -> StoredModel:
    """The shipped model of an archive's artist; ``archive`` says whose and from when.

    It counts as trained when the last show of the archive ended, so that any model trained here
    replaces it.
    """
    file = resources.files("jobs.suggestions") / "data" / f"{name.value}.model.xz"
    with_songs = [show for show in archive.shows if show.performances]
    trained_at = datetime.combine(with_songs[-1].date, time.max, UTC)
    payload = file.read_bytes()
    return StoredModel(
        archive.artist.artist_id, FORMAT_VERSION, trained_at, len(with_songs), payload
    )
