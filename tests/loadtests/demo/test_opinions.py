"""What fans want and think, as it is written into a night."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from loadtests.demo import beats
from loadtests.demo.names import FANS
from loadtests.demo.night import barton_hall, songs_of
from loadtests.demo.opinions import LONG_SONG_S, MISHEARD, WISH_AHEAD_S
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.script import Script, write
from loadtests.demo.stage import title_key
from loadtests.demo.wishbook import OTHER_WISHES, reason_against

SONGS = songs_of(barton_hall())
TITLES = {song.title for song in SONGS}


@pytest.fixture(params=range(8))
def night(request: pytest.FixtureRequest) -> Script:
    rng = random.Random(request.param)
    return write(SONGS, len(FANS), rng, Phrasebook(rng))


def test_songs_are_wished_for_before_they_come_and_some_twice(night: Script) -> None:
    wishes = [beat for beat in night.beats if isinstance(beat, beats.Wish)]
    first_s = {song.title: night.starts_s[song.number] for song in reversed(SONGS)}
    of_tonight = [beat for beat in wishes if beat.title in first_s]
    assert of_tonight
    assert all(beat.at_s <= first_s[beat.title] - WISH_AHEAD_S for beat in of_tonight)
    assert max(Counter(title_key(beat.title) for beat in wishes).values()) > 1
    assert min(beat.at_s for beat in wishes) < 30.0


def test_what_is_declined_is_none_of_the_songs_of_the_night() -> None:
    wished = {title for spellings in OTHER_WISHES for title in spellings}
    assert {title_key(title) for title in wished if reason_against(title)} == {
        "darkstar", "freebird", "terrapinstation",
    }  # fmt: skip
    assert not any(reason_against(title) for title in TITLES)
    assert not TITLES & {*wished, *MISHEARD}


def test_a_wish_is_playing_only_while_its_song_is(night: Script) -> None:
    ends_s = (*night.starts_s[1:], night.length_s)
    for beat in night.beats:
        if isinstance(beat, beats.PlayWish) and not beat.over:
            start_s, end_s = night.starts_s[beat.song], ends_s[beat.song]
            assert end_s - start_s > LONG_SONG_S and start_s < beat.at_s < end_s


def test_whoever_saw_a_slip_rates_it_before_and_after_it_is_put_right(night: Script) -> None:
    fixes = {b.song: b.at_s for b in night.beats if isinstance(b, beats.FixTitle)}
    ratings = [b for b in night.beats if isinstance(b, beats.Rate) and b.writer is None]
    for song, fixed_s in fixes.items():
        early = {b.fan for b in ratings if b.song == song and b.at_s < fixed_s}
        late = {b.fan for b in ratings if b.song == song and b.at_s > fixed_s}
        assert early and early <= late


def test_what_was_misheard_is_rated_down_and_taken_back(night: Script) -> None:
    misheard = {(b.fan, b.song): b.at_s for b in night.beats if isinstance(b, beats.Mishear)}
    back = {(b.fan, b.song): b.at_s for b in night.beats if isinstance(b, beats.TakeBackMisheard)}
    assert len(misheard) == len(MISHEARD) and set(misheard) == set(back)
    for key, at_s in misheard.items():
        raters = {
            b.fan: b.at_s
            for b in night.beats
            if isinstance(b, beats.Rate) and (b.writer, b.song) == key
        }
        assert len(raters) >= 9 and key[0] not in raters
        assert all(at_s < rated_s < back[key] < night.length_s for rated_s in raters.values())


def test_the_crew_vouches_for_some_once_everybody_has_rated(night: Script) -> None:
    confirmed = {b.song: b.at_s for b in night.beats if isinstance(b, beats.Confirm)}
    assert 4 <= len(confirmed) < len(SONGS) / 2
    ratings = [b for b in night.beats if isinstance(b, beats.Rate) and b.writer is None]
    assert all(b.at_s < confirmed[b.song] for b in ratings if b.song in confirmed)


def test_whoever_is_in_the_basement_wants_and_rates_nothing(night: Script) -> None:
    (gone,) = [b for b in night.beats if isinstance(b, beats.LoseSignal)]
    kinds = beats.Wish | beats.Support | beats.Rate
    assert not [b for b in night.beats if isinstance(b, kinds) and b.fan == gone.fan]
