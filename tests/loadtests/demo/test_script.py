"""The script of the night."""

import random
from collections import Counter

import pytest

from loadtests.demo import beats
from loadtests.demo.names import FANS
from loadtests.demo.night import barton_hall, songs_of
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.script import Script, write

SONGS = songs_of(barton_hall())


def _night(seed: int) -> Script:
    rng = random.Random(seed)
    return write(SONGS, len(FANS), rng, Phrasebook(rng))


@pytest.fixture(params=range(20))
def night(request: pytest.FixtureRequest) -> Script:
    return _night(request.param)


def test_the_night_is_the_one_that_was_played() -> None:
    assert [song.title for song in SONGS][:3] == ["Minglewood Blues", "Loser", "El Paso"]
    assert Counter(song.section for song in SONGS) == {"set1": 12, "set2": 7, "encore1": 1}
    assert [song.title for song in SONGS if song.section == "encore1"] == [
        "One More Saturday Night"
    ]


def test_every_song_is_written_down_once_by_its_first_writer_in_order(night: Script) -> None:
    added = [b for b in night.beats if isinstance(b, beats.AddSong) and not b.double]
    assert [beat.song for beat in added] == [song.number for song in SONGS]


def test_every_wrong_title_and_place_is_put_right_later(night: Script) -> None:
    fixes = {
        kind: {b.song: b.at_s for b in night.beats if isinstance(b, kind)}
        for kind in (beats.FixTitle, beats.FixSection)
    }
    for beat in night.beats:
        if isinstance(beat, beats.AddSong) and not beat.double:
            song = SONGS[beat.song]
            if beat.title != song.title:
                assert fixes[beats.FixTitle][beat.song] > beat.at_s
            if beat.section != song.section:
                assert fixes[beats.FixSection][beat.song] > beat.at_s


def test_every_double_is_taken_back_by_the_one_who_wrote_it(night: Script) -> None:
    doubles = [(b.fan, b.song) for b in night.beats if isinstance(b, beats.AddSong) and b.double]
    taken = [(b.fan, b.song) for b in night.beats if isinstance(b, beats.RemoveDouble)]
    assert len(doubles) >= 3 and Counter(doubles) == Counter(taken)
    assert len(set(doubles)) == len(doubles)


def test_one_fan_goes_offline_edits_there_and_comes_back(night: Script) -> None:
    (gone,) = [b for b in night.beats if isinstance(b, beats.LoseSignal)]
    (back,) = [b for b in night.beats if isinstance(b, beats.RegainSignal)]
    assert gone.fan == back.fan and gone.at_s < back.at_s
    offline = [b for b in night.beats if b.fan == gone.fan and gone.at_s < b.at_s < back.at_s]
    assert [type(beat) for beat in offline].count(beats.AddSong) == 2
    assert not [beat for beat in offline if isinstance(beat, beats.Say | beats.React)]


def test_something_happens_within_three_seconds_and_songs_are_there_after_twenty(
    night: Script,
) -> None:
    assert any(isinstance(b, beats.AddSong) and b.at_s < 3.0 for b in night.beats)
    early = [b for b in night.beats if isinstance(b, beats.AddSong) and b.at_s < 20.0]
    assert len({beat.song for beat in early}) >= 4


def test_the_night_is_faster_than_life_and_its_rates_are_bounded(night: Script) -> None:
    assert 11 * 60 < night.length_s < 16 * 60
    said = [b for b in night.beats if isinstance(b, beats.Say)]
    assert 60 < len(said) < 200
    assert len({beat.text for beat in said}) == len(said)
    assert max(Counter(int(beat.at_s // 10) for beat in night.beats).values()) < 60


def test_the_same_seed_gives_the_same_night_and_another_seed_another() -> None:
    assert _night(5) == _night(5)
    assert _night(5) != _night(6)
