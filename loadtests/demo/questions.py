"""What the crew asks in a night: rounds of every kind, out of where the night stands."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from loadtests.demo.night import PlayedSong
from loadtests.demo.stage import Stage

OPTIONS = 4
HURRIED_SONGS = 4
"""At the beginning they follow each other within seconds."""
SHORTEST_S = 3
EXTEND_MAX_S = 60
SMS_GRACE_S = 3
"""Nobody waits for a carrier here: enough to see that there is a grace."""
DUEL_S = 45.0
"""Of the server's own preset."""
OTHER_SONGS = (
    "Sugaree",
    "Bertha",
    "Cassidy",
    "Peggy-O",
    "Terrapin Station",
    "Eyes Of The World",
    "Sugar Magnolia",
    "Ramble On Rose",
    "Tennessee Jed",
    "Friend Of The Devil",
    "U.S. Blues",
    "The Music Never Stopped",
)
"""Songs that might have come, to guess among."""
BY_LOT = ("seeded_random",)
AGAIN_OR_BY_LOT = ("runoff", "seeded_random")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """``body`` of a new round, and the seconds that it stays open."""

    body: Json
    length_s: float


class Questions:
    """Goes through the kinds of rounds, again and again.

    Args:
        pace: seconds that a second of a round takes; below 1 a round with a window of the
            server's own would not fit the night, so none is asked for.
    """

    def __init__(self, stage: Stage, rng: random.Random, pace: float = 1.0) -> None:
        self._stage = stage
        self._rng = rng
        self._pace = pace
        self._asked = 0
        self._nights = 0
        self._best_asked = False
        self._plan: tuple[Callable[[], Question], ...] = (
            lambda: self._next_song("always"),
            self._duel,
            self._top_three,
            self._hopes,
            self._ten_points,
            lambda: self._next_song("on_close"),
            self._bracket,
            self._thumbs,
        )

    def next(self) -> Question:
        """The next question."""
        if self._now() >= len(self._stage.songs) - 2 and not self._best_asked:
            return self._best_of_the_night()
        kind = self._plan[self._asked % len(self._plan)]
        self._asked += 1
        return kind()

    def begin(self) -> None:
        """A new night: with the simplest question first."""
        self._asked = 0
        self._nights += 1
        self._best_asked = False

    # --- the kinds ------------------------------------------------------------------------

    def _next_song(self, visibility: str) -> Question:
        upcoming = self._upcoming()
        if not upcoming:
            return self._thumbs()
        title = "Which of these comes next?"
        if upcoming[0].section.startswith("encore"):
            title = "What will the encore be?"
        elif upcoming[0].section != self._stage.songs[upcoming[0].number - 1].section:
            title = "What opens the next set?"
        options = [upcoming[0].title, *self._others(OPTIONS - 1, but=upcoming[0].title)]
        return self._question(title, options, 75, visibility=visibility, tie=BY_LOT)

    def _duel(self) -> Question:
        if self._pace >= 1.0:
            return Question({"preset": "duel"}, DUEL_S)
        options = self._others(2)
        return self._question("This one or that one?", options, DUEL_S, tie=BY_LOT)

    def _top_three(self) -> Question:
        return self._question(
            "Your favourites so far, in order?",
            self._favourites(5),
            80,
            type="ranked",
            tally={"method": "irv" if self._nights % 2 else "borda"},
            pick={"min": 1, "max": 3},
            visibility="after_vote",
            tie=BY_LOT,
        )

    def _hopes(self) -> Question:
        return self._question(
            "Which of these do you still hope for?",
            self._others(5),
            60,
            type="approval",
            pick={"min": 1, "max": 3},
            tie=AGAIN_OR_BY_LOT,
        )

    def _ten_points(self) -> Question:
        return self._question(
            "Ten points to share: who is on fire tonight?",
            ["The drums", "The bass", "The keys", "The guitars", "The voices"],
            80,
            type="points",
            pick={"min": 1, "max": 5, "budget": 10},
            visibility="after_vote",
        )

    def _bracket(self) -> Question:
        return self._question(
            "Four songs, head to head", self._favourites(4), 45, type="bracket", tie=BY_LOT
        )

    def _thumbs(self) -> Question:
        return self._question(
            "How is it where you stand?",
            ["The sound", "The lights", "The tempo", "The air", "The neighbours"],
            45,
            type="updown",
        )

    def _best_of_the_night(self) -> Question:
        self._best_asked = True
        return self._question(
            "Best of the night?",
            self._favourites(6),
            60,
            type="approval",
            pick={"min": 1, "max": 3},
            visibility="on_close",
            tie=AGAIN_OR_BY_LOT,
        )

    # --- what there is to choose from -----------------------------------------------------

    def _now(self) -> int:
        return -1 if self._stage.playing is None else self._stage.playing

    def _upcoming(self) -> Sequence[PlayedSong]:
        """Songs that are not over before people have made up their minds."""
        return self._stage.songs[max(self._now(), HURRIED_SONGS) + 2 :]

    def _favourites(self, count: int) -> list[str]:
        """Songs that were played; early in the night with others of the artist's."""
        played = list(dict.fromkeys(song.title for song in self._stage.songs[: self._now() + 1]))
        chosen = self._rng.sample(played, min(count, len(played)))
        return chosen + self._rng.sample(
            [title for title in OTHER_SONGS if title not in chosen], count - len(chosen)
        )

    def _others(self, count: int, but: str = "") -> list[str]:
        return self._rng.sample([title for title in OTHER_SONGS if title != but], count)

    def _question(self, title: str, labels: list[str], length_s: float, **more: Any) -> Question:
        window_s = max(SHORTEST_S, round(length_s * self._pace))
        labels = self._rng.sample(labels, len(labels))
        entries = {
            self._stage.songs[number].title: entry_id
            for number, entry_id in self._stage.entries.items()
        }
        options = [
            {"id": f"o{place}", "label": label}
            | ({"entry_id": entries[label]} if label in entries else {})
            for place, label in enumerate(labels, 1)
        ]
        config: Json = {
            "title": title,
            "type": "single",
            "options": options,
            "window": {
                "duration_s": window_s,
                "sms_grace_s": round(SMS_GRACE_S * self._pace),
                "extend_max_s": EXTEND_MAX_S,
            },
            "visibility": "always",
        }
        return Question({"config": config | more}, float(window_s))
