"""Song requests of a room as it was: without counts that the log does not hold."""

from __future__ import annotations

from rooms.commands import RequestSong, UpvoteSongRequest
from rooms.replay import PastRoom
from tests.rooms.builders import FAN, OTHER, facts
from tests.rooms.song_requests.bench import Wishes, acked


def test_a_past_queue_names_wishes_and_counts_no_upvotes() -> None:
    room = Wishes()
    past = PastRoom.before_everything(facts())
    wished = acked(room.give(FAN, RequestSong(title="Althea")))["song_request_id"]
    assert room.last is not None
    past.apply(room.last.turn.events)
    acked(room.give(OTHER, UpvoteSongRequest(wished)))
    past.apply(room.last.turn.events)
    (queue,) = past.as_seen_by_fans(()).song_requests
    (request,) = queue.requests
    assert (request.title, request.upvotes, request.rank) == ("Althea", None, None)
    assert queue.waiting == 1
