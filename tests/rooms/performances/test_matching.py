"""Which song an entry is: certain, or a question."""

from __future__ import annotations

import pytest

from crdt.schema import SetlistEntry
from jobs.archive.packaged import PackagedArchive, read_packaged
from rooms.performances.matching import Catalogue, Match, find
from rooms.performances.records import KnownArtist, KnownSong, NightContext, ReviewReason
from tests.rooms.performances.builders import DEAD, DYLAN, SUPPORT, entry, night, song


def found(one: SetlistEntry, context: NightContext) -> tuple[str, str | None] | ReviewReason:
    result = find(one, Catalogue(context))
    return (result.song.song_id, result.performer_id) if isinstance(result, Match) else result


def test_an_entry_with_a_song_id_is_that_song() -> None:
    context = night(song("Loser"), song("Deal"))
    assert found(entry("loser!", song_id="dead/Loser"), context) == ("dead/Loser", None)


@pytest.mark.parametrize(
    "typed", ["Scarlet Begonias", "scarlet  BEGONIAS", "Scarlet Begonias.", "Scárlet-Begonias"]
)
def test_a_title_is_the_song_that_alone_is_called_so(typed: str) -> None:
    context = night(song("Scarlet Begonias"), song("Fire On The Mountain"))
    assert found(entry(typed), context) == ("dead/Scarlet Begonias", None)


def test_the_very_title_wins_over_one_that_only_reads_alike() -> None:
    context = night(song("Truckin'"), song("Truckin"))
    assert found(entry("Truckin"), context) == ("dead/Truckin", None)


def test_a_title_that_two_songs_have_is_a_question() -> None:
    context = night(song("Truckin'"), song("Truckin."))
    assert found(entry("truckin"), context) is ReviewReason.AMBIGUOUS_TITLE


def test_a_title_that_is_merely_alike_is_a_question() -> None:
    assert found(entry("Scarlet"), night(song("Scarlet Begonias"))) is ReviewReason.UNKNOWN_TITLE


def test_a_title_that_past_setlists_print_for_one_song_is_that_song() -> None:
    context = night(song("Turn On Your Love Light", also=("Lovelight",)))
    assert found(entry("lovelight"), context) == ("dead/Turn On Your Love Light", None)


def test_a_title_that_past_setlists_print_for_two_songs_is_a_question() -> None:
    context = night(song("Space", also=("Jam",)), song("Drums", also=("Jam",)))
    assert found(entry("Jam"), context) is ReviewReason.AMBIGUOUS_TITLE


def test_an_unknown_song_id_counts_for_nothing() -> None:
    assert found(entry("Loser", song_id="nobody/Loser"), night(song("Loser"))) == (
        "dead/Loser",
        None,
    )


def test_a_song_of_somebody_who_neither_plays_nor_is_named_is_a_question() -> None:
    context = night(song("Loser"), song("Hurricane", DYLAN))
    assert found(entry("Loser", song_id="dylan/Hurricane"), context) is ReviewReason.FOREIGN_SONG


def test_an_entry_typed_over_with_another_song_is_a_question() -> None:
    context = night(song("Loser"), song("Deal"))
    assert found(entry("Deal", song_id="dead/Loser"), context) is ReviewReason.CONTRADICTION


def test_a_cover_is_the_named_artists_song_played_by_the_headliner() -> None:
    context = night(song("Hurricane", DYLAN), song("Hurricane"), named=(DYLAN,))
    assert found(entry("Hurricane", artist="bob dylan"), context) == ("dylan/Hurricane", "dead")
    by_id = entry("Hurricane", artist="Bob Dylan", song_id="dylan/Hurricane")
    assert found(by_id, context) == ("dylan/Hurricane", "dead")


def test_a_cover_that_stands_in_the_headliners_own_catalogue_is_that_song() -> None:
    context = night(song("Good Lovin'"), named=(DYLAN,))
    for artist in ("The Olympics", "Bob Dylan"):  # unknown, and known without this song
        assert found(entry("Good Lovin'", artist=artist), context) == ("dead/Good Lovin'", None)


def test_a_song_of_the_support_is_its_own_and_no_cover() -> None:
    context = night(
        song("Loser"), song("Panama Red", SUPPORT), song("Loser", SUPPORT),
        performers=(DEAD, SUPPORT),
    )  # fmt: skip
    assert found(entry("Panama Red"), context) == ("support/Panama Red", None)
    assert found(entry("Loser"), context) == ("dead/Loser", None)
    assert found(entry("Loser", artist="New Riders"), context) == ("support/Loser", None)


def test_without_a_line_up_there_is_no_catalogue() -> None:
    assert found(entry("Loser"), night(song("Loser"), performers=())) is ReviewReason.NO_ARTIST


@pytest.mark.parametrize("name", list(PackagedArchive))
def test_nearly_every_title_of_the_archives_is_its_song(name: PackagedArchive) -> None:
    """Each setlist as its source printed it, matched against the whole catalogue."""
    archive = read_packaged(name)
    artist = KnownArtist(str(archive.artist.artist_id), archive.artist.name)
    played = [performance for show in archive.shows for performance in show.performances]
    titles: dict[str, str] = {str(one.song_id): one.title for one in archive.songs}
    titles |= {str(one.song.song_id): one.song.title for one in played}
    catalogue = Catalogue(
        NightContext(
            (artist,), {}, tuple(KnownSong(*one, times_played=0) for one in _rows(titles, artist))
        )
    )
    answers: dict[str, str | None] = {}
    right = wrong = 0
    for one in played:
        title = one.printed_title or one.song.title
        if title not in answers:
            match = find(entry(title), catalogue)
            answers[title] = match.song.song_id if isinstance(match, Match) else None
        right += answers[title] == str(one.song.song_id)
        wrong += answers[title] not in (None, str(one.song.song_id))
    assert right / len(played) > 0.997
    assert wrong / len(played) < 0.0002  # the source itself keeps "Cupid" apart from "Cupid (…)"


def _rows(titles: dict[str, str], artist: KnownArtist) -> list[tuple[str, str, str]]:
    return [(song_id, artist.artist_id, title) for song_id, title in titles.items()]
