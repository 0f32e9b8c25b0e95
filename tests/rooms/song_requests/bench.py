"""A room in which songs are wished for."""

from __future__ import annotations

from typing import Any

from rooms.commands import (
    CreateRound,
    MarkSongRequest,
    OpenRound,
    RequestSong,
    UpvoteSongRequest,
)
from rooms.messages import Ack, Reject
from rooms.participants import Participant
from rooms.ports import SongRecord
from rooms.show import ShowStatus
from rooms.song_requests.board import Board
from rooms.song_requests.requests import SongRequest
from rooms.states import SongRequestView
from rooms.vote_config import TallyMethod, TallyRule, VoteConfig, VoteType
from tests.rooms.builders import ARTIST, FAN, Bench, envelope, person

ROUND = "0198a000-0000-7000-8000-0000000000aa"
DEW = SongRecord("s-dew", "Morning Dew", "morning dew")
DARK_STAR = SongRecord("s-star", "Dark Star", "dark star")


def queue_config(**changes: Any) -> VoteConfig:
    """A ``queue`` round."""
    values: dict[str, Any] = {
        "title": "What next?",
        "type": VoteType.QUEUE,
        "options": (),
        "tally": TallyRule(method=TallyMethod.APPROVAL),
    }
    return VoteConfig(**{**values, **changes})


class Wishes(Bench):
    """Gives the commands of song requests and shows what came of them."""

    def __init__(self, status: ShowStatus = ShowStatus.LIVE) -> None:
        super().__init__(status)
        self.songs = [DEW, DARK_STAR]

    def open_queue(self, **changes: Any) -> None:
        """Opens the round `ROUND`."""
        self.turn(
            envelope(ARTIST, CreateRound(ROUND, queue_config(**changes))),
            envelope(ARTIST, OpenRound(ROUND)),
        )
        assert self.state.rounds[ROUND].status == "open"

    def ask(self, title: str, who: Participant = FAN, **fields: Any) -> dict[str, Any]:
        """Wishes by title; the ack's data."""
        return acked(self.give(who, RequestSong(title=title, **fields)))

    def wish(self, title: str, who: Participant = FAN, **fields: Any) -> str:
        """Wishes for something new; its id."""
        data = self.ask(title, who, **fields)
        assert data["outcome"] == "requested", data
        return str(data["song_request_id"])

    def upvote(self, song_request_id: str, *names: str, up: bool = True) -> None:
        """Upvotes by these people."""
        for name in names:
            acked(self.give(person(name), UpvoteSongRequest(song_request_id, up)))

    def mark(self, song_request_id: str, status: str, reason: str = "") -> dict[str, Any]:
        """Crew decides."""
        return acked(self.give(ARTIST, MarkSongRequest(song_request_id, status, reason)))

    def request(self, song_request_id: str) -> SongRequest:
        """A request as the room remembers it."""
        return self.state.memory.song_requests[song_request_id]

    def queue(
        self, key: str = "", *, crew: bool = False, voted: bool = False
    ) -> list[SongRequestView]:
        """A queue as an audience sees it."""
        view = Board(self).view(key, crew=crew, voted=voted)
        assert view is not None
        return view.requests

    @property
    def titles(self) -> list[str]:
        """The setlist in playing order."""
        return [entry.title for entry in self.document.entries()]


def acked(answer: object) -> dict[str, Any]:
    """The data of an ack."""
    assert isinstance(answer, Ack), answer
    return answer.data


def code(answer: object) -> str:
    """The code of a reject."""
    assert isinstance(answer, Reject), answer
    return answer.code
