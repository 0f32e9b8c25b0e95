"""The leaderboard: a ranking of songs over rounds.

Rules
    1. Only results that the audience may see count, and none that was superseded or cancelled.
    2. A song is the same in two rounds by its ``song_id``, else by its label as people would type
       it (case, spaces and punctuation aside).
    3. ``votes`` are the sum of its scores: votes in most rounds, points where a round counts
       points. ``voters`` are the ballots that spoke for it. The rank is by votes.
    4. Equal votes share a rank, and the ranks after them are passed over: 1, 1, 3.
    5. A win is a round that it won. A tie that a runoff decides, or that waits for the artist, is
       nobody's win yet; a tie that stands is a win for each.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, field

from rooms import limits
from rooms.catalogue.names import title_key
from rooms.events import RoundResult
from rooms.ports import RoundRecord
from rooms.states import Leaderboard, LeaderboardEntry
from rooms.views import may_see_result
from rooms.vote_config import Option, VoteConfig

MOVES = frozenset(
    {
        "round_closed",
        "round_revealed",
        "round_tie_decided",
        "round_superseded",
        "round_cancelled",
    }
)
"""Events after which the leaderboard may be another."""

_UNDECIDED = frozenset({"runoff", "artist_awaited"})


@dataclass(slots=True)
class _Standing:
    label: str
    song_id: str | None
    votes: int = 0
    voters: int = 0
    rounds: int = 0
    wins: int = 0


@dataclass(slots=True)
class Standings:
    """Adds results up, one after the other."""

    rounds: int = 0
    votes: int = 0
    voters: int = 0
    _songs: dict[str, _Standing] = field(default_factory=dict)

    def add(self, config: VoteConfig, result: RoundResult) -> None:
        """Counts one round."""
        self.rounds += 1
        self.votes += result.votes
        self.voters += result.voters
        known = {option.id: option for option in config.options}
        winners = () if result.tie_rule in _UNDECIDED else result.winners
        seen: set[str] = set()
        for option_id, score in result.options.items():
            label = result.labels.get(option_id, option_id)
            option = known.get(option_id) or Option(id=option_id, label=label)
            key = _key(option)
            song = self._songs.setdefault(key, _Standing(option.label, option.song_id))
            song.votes += score
            song.voters += result.supporters.get(option_id, 0)
            song.wins += option_id in winners
            song.rounds += key not in seen
            seen.add(key)

    def ranked(self) -> Leaderboard:
        """The first `rooms.limits.LEADERBOARD_ENTRIES_MAX` songs, those that share a rank by
        name."""
        songs = sorted(self._songs.values(), key=lambda song: (-song.votes, song.label))
        entries: list[LeaderboardEntry] = []
        for place, song in enumerate(songs[: limits.LEADERBOARD_ENTRIES_MAX], start=1):
            tied = bool(entries) and entries[-1].votes == song.votes
            entries.append(
                LeaderboardEntry(
                    rank=entries[-1].rank if tied else place,
                    label=song.label,
                    votes=song.votes,
                    voters=song.voters,
                    rounds=song.rounds,
                    wins=song.wins,
                    song_id=song.song_id,
                )
            )
        return Leaderboard(
            entries=entries, rounds=self.rounds, votes=self.votes, voters=self.voters
        )


def leaderboard_of(records: Iterable[RoundRecord], *, crew: bool) -> Leaderboard:
    """Over a show's rounds, as one audience may see it."""
    standings = Standings()
    for record in records:
        if record.result is not None and may_see_result(record, crew=crew):
            standings.add(record.config, record.result)
    return standings.ranked()


class Leaderboards:
    """Keeps the show's leaderboard until a result that counts in it changes."""

    def __init__(self) -> None:
        self._kept: dict[bool, tuple[list[RoundRecord], Leaderboard]] = {}

    def of(self, records: Iterable[RoundRecord], *, crew: bool) -> Leaderboard:
        """Over these rounds, as one audience may see it."""
        counted = [record for record in records if record.result is not None]
        before, kept = self._kept.get(crew, ([], None))
        # Records are never changed, only replaced.
        same = len(before) == len(counted) and all(map(operator.is_, before, counted))
        if kept is None or not same:
            kept = leaderboard_of(counted, crew=crew)
            self._kept[crew] = (counted, kept)
        return kept


def _key(option: Option) -> str:
    if option.song_id is not None:
        return f"song:{option.song_id}"
    return f"label:{title_key(option.label)}"
