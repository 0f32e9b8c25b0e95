"""Writes the script of a night: pure, from a seed.

The night runs faster than life: the first songs follow each other within seconds, so that
whoever opens the page finds a list, then a song takes about forty seconds.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loadtests.demo import beats
from loadtests.demo.beats import Beat
from loadtests.demo.night import PlayedSong
from loadtests.demo.opinions import Opinions
from loadtests.demo.phrasebook import Phrasebook
from loadtests.demo.phrases import ANNOUNCEMENTS, WRONG_TITLES

FIRST_SONG_AT_S = 1.0
OPENING_SONGS_S = (4.0, 4.0, 5.0, 6.0, 12.0)
"""The first songs, hurried."""
SONG_S = (36.0, 46.0)
BREAK_S = 26.0
AFTERGLOW_S = 20.0
LULL_S = (4.5, 8.0)
"""Between two chat lines in the middle of a song."""
OPENING_LULL_S = (1.8, 3.2)
EDITORS = 10
"""Fans who keep the list; the others only talk, vote and react."""
REACTIONS = ("love", "fire", "clap", "wow", "sing", "tears")
DOUBLE_EVERY = 4
"""One song in so many is written down by two at once."""


@dataclass(frozen=True, slots=True)
class Script:
    """A night's beats in order of time, and when each song starts. All in seconds."""

    beats: tuple[Beat, ...]
    starts_s: tuple[float, ...]
    length_s: float


def write(
    songs: Sequence[PlayedSong], fans: int, rng: random.Random, phrases: Phrasebook
) -> Script:
    """The script of one night for this many fans.

    Raises:
        ValueError: fewer fans than editors, or no songs.
    """
    if fans <= EDITORS or not songs:
        raise ValueError(f"a night needs songs and more than {EDITORS} fans")
    starts_s, length_s = _times(songs, rng)
    writer = _Writer(songs, starts_s, length_s, fans, rng, phrases)
    kept = list(writer.all())
    beats_in_order = tuple(sorted([*kept, *writer.opinions(kept)], key=lambda beat: beat.at_s))
    return Script(beats_in_order, starts_s, length_s)


def _times(songs: Sequence[PlayedSong], rng: random.Random) -> tuple[tuple[float, ...], float]:
    starts = []
    now_s = FIRST_SONG_AT_S
    for song in songs:
        if song.number and song.section != songs[song.number - 1].section:
            now_s += BREAK_S
        starts.append(now_s)
        hurried = song.number < len(OPENING_SONGS_S)
        now_s += OPENING_SONGS_S[song.number] if hurried else rng.uniform(*SONG_S)
    return tuple(starts), now_s + AFTERGLOW_S


class _Writer:
    def __init__(
        self,
        songs: Sequence[PlayedSong],
        starts_s: Sequence[float],
        length_s: float,
        fans: int,
        rng: random.Random,
        phrases: Phrasebook,
    ) -> None:
        self._songs = songs
        self._starts_s = starts_s
        self._length_s = length_s
        self._fans = fans
        self._rng = rng
        self._phrases = phrases
        self._basement = self._pick_basement()

    def all(self) -> Iterable[Beat]:
        """Every beat, in no order."""
        for song in self._songs:
            yield from self._keep_list(song)
            yield from self._applause(song)
        yield from self._talk()
        yield from self._breaks()

    def opinions(self, kept: Sequence[Beat]) -> Iterable[Beat]:
        """Wishes and ratings, given how the list is ``kept``, in no order."""
        added = [beat for beat in kept if isinstance(beat, beats.AddSong)]
        right = {song.number: (song.title, song.section) for song in self._songs}
        wrong = [beat.song for beat in added if (beat.title, beat.section) != right[beat.song]]
        reachable = [fan for fan in range(self._fans) if fan != self._basement[0]]
        ends_s = (*self._starts_s, self._length_s - AFTERGLOW_S)
        editors = [fan for fan in reachable if fan < EDITORS]
        yield from Opinions(self._songs, ends_s, reachable, editors, self._rng).all(wrong)

    def _ends_s(self, song: PlayedSong) -> float:
        following = song.number + 1
        if following < len(self._songs):
            return self._starts_s[following]
        return self._length_s - AFTERGLOW_S

    # --- the list -------------------------------------------------------------------------

    def _pick_basement(self) -> tuple[int, int, int]:
        """Who loses the signal, from which song on, and at which it is back."""
        first = self._rng.randint(len(self._songs) // 4, len(self._songs) // 2)
        return self._rng.randrange(1, EDITORS), first, first + 2

    def _keep_list(self, song: PlayedSong) -> Iterable[Beat]:
        start_s = self._starts_s[song.number]
        who = self._editor(song.number)
        lag_s = 0.0 if song.number == 0 else self._rng.uniform(0.3, 2.0)
        wrong = WRONG_TITLES.get(song.title) if self._rng.random() < 0.5 else None
        section, misplaced = self._section(song)
        yield beats.AddSong(start_s + lag_s, who, song.number, wrong or song.title, section)
        yield beats.MarkPlaying(start_s + lag_s + 1.2, self._fan(), song.number)
        other = self._editor(song.number + 3)
        if wrong is not None:
            fix_s = start_s + lag_s + self._rng.uniform(4.0, 9.0)
            yield beats.FixTitle(fix_s, other, song.number)
            yield from self._say(fix_s + 1.5, "fixing_title", other, song=song.title)
        if misplaced:
            fix_s = start_s + lag_s + self._rng.uniform(5.0, 10.0)
            yield beats.FixSection(fix_s, other, song.number)
            yield from self._say(fix_s + 1.5, "fixing_place", other, song=song.title)
        if song.segue:
            yield beats.MarkSegue(self._ends_s(song) + 2.5, other, song.number)
        yield from self._doubles(song, start_s + lag_s, who)
        yield from self._basement_beats(song)

    def _section(self, song: PlayedSong) -> tuple[str, bool]:
        """The set that is written down: now and then still the one before."""
        opens_set = song.number > 0 and song.section != self._songs[song.number - 1].section
        if opens_set and self._rng.random() < 0.6:
            return self._songs[song.number - 1].section, True
        return song.section, False

    def _doubles(self, song: PlayedSong, at_s: float, first: int) -> Iterable[Beat]:
        _, first, back = self._basement
        if song.number % DOUBLE_EVERY != 2 or first <= song.number <= back:
            return  # In the basement it is written down once more as it is.
        second = self._editor(song.number + 5)
        if second == first:
            return
        yield beats.AddSong(at_s, second, song.number, song.title, song.section, double=True)
        take_back_s = at_s + self._rng.uniform(4.0, 8.0)
        yield beats.RemoveDouble(take_back_s, second, song.number)
        yield from self._say(take_back_s + 1.0, "doubled", second, song=song.title)

    def _basement_beats(self, song: PlayedSong) -> Iterable[Beat]:
        """One fan is offline for two songs, writes both down there, and merges."""
        who, first, back = self._basement
        start_s = self._starts_s[song.number]
        if song.number == first:
            yield beats.LoseSignal(start_s - 2.0, who)
        if first <= song.number < back:
            yield beats.AddSong(
                start_s + 3.0, who, song.number, song.title, song.section, double=True
            )
        if song.number == back:
            yield beats.RegainSignal(start_s + 6.0, who)
            yield from self._say(start_s + 8.0, "back_online", who)
            for missed in range(first, back):
                yield beats.RemoveDouble(start_s + 12.0 + 2.0 * (missed - first), who, missed)

    def _editor(self, number: int) -> int:
        """Who writes a song down: turns, without the one who is in the basement just then."""
        who, first, back = self._basement
        turn = number % EDITORS
        return (turn + 1) % EDITORS if turn == who and first <= number <= back else turn

    # --- the room -------------------------------------------------------------------------

    def _fan(self) -> int:
        """Anybody but the one who may be in the basement."""
        fan = self._rng.randrange(self._fans - 1)
        return fan + 1 if fan >= self._basement[0] else fan

    def _say(
        self, at_s: float, occasion: str, fan: int | None = None, *, song: str = ""
    ) -> Iterable[Beat]:
        text = self._phrases.line(occasion, song=song)
        if text is not None:
            yield beats.Say(at_s, self._fan() if fan is None else fan, text)

    def _talk(self) -> Iterable[Beat]:
        yield from self._say(0.3, "doors")
        yield from self._say(1.6, "doors")
        at_s = 3.0
        while at_s < self._length_s - AFTERGLOW_S:
            yield from self._line_at(at_s)
            lull = OPENING_LULL_S if at_s < 30.0 else LULL_S
            at_s += self._rng.uniform(*lull)
        while at_s < self._length_s - 2.0:
            yield from self._say(at_s, "end")
            at_s += self._rng.uniform(2.0, 3.5)

    def _line_at(self, at_s: float) -> Iterable[Beat]:
        song = max(
            (s for s in self._songs if self._starts_s[s.number] <= at_s), key=lambda s: s.number
        )
        into_s = at_s - self._starts_s[song.number]
        left_s = self._ends_s(song) - at_s
        following = self._songs[min(song.number + 1, len(self._songs) - 1)]
        fields = {
            "song": song.title,
            "next": following.title,
            "clock": str(max(1, int(at_s // 60))),
        }
        if left_s < BREAK_S and following.section != song.section:
            occasion = "encore" if following.section.startswith("encore") else "set_break"
        elif song.segue and left_s < 6.0:
            occasion = "segue"
        elif into_s < 7.0:
            occasion = "song_start"
        else:
            special = self._phrases.about(song.title) if self._rng.random() < 0.45 else None
            if special is not None:
                yield beats.Say(at_s, self._fan(), special)
                return
            occasion = "song_mid" if self._rng.random() < 0.45 else "any"
        text = self._phrases.line(occasion, **fields)
        if text is not None:
            yield beats.Say(at_s, self._fan(), text)

    def _applause(self, song: PlayedSong) -> Iterable[Beat]:
        start_s, end_s = self._starts_s[song.number], self._ends_s(song)
        for moment_s, hands in ((start_s + 0.8, 5), (end_s - 4.0, 8)):
            kind = self._rng.choice(REACTIONS)
            for _ in range(hands):
                shown = kind if self._rng.random() < 0.6 else self._rng.choice(REACTIONS)
                yield beats.React(moment_s + self._rng.uniform(0.0, 3.0), self._fan(), shown)
        yield beats.React(self._rng.uniform(start_s, end_s), self._fan(), "love")

    def _breaks(self) -> Iterable[Beat]:
        yield beats.Announce(0.1, 0, ANNOUNCEMENTS[0])
        announcements = iter(ANNOUNCEMENTS[1:])
        for song in self._songs[1:]:
            if song.section != self._songs[song.number - 1].section:
                text = next(announcements, None)
                if text is not None:
                    yield beats.Announce(self._starts_s[song.number] - BREAK_S + 2.0, 0, text)
