"""SCORE: how the newest round stands, as far as this participant may see it."""

from __future__ import annotations

from rooms.participants import Participant
from rooms.ports import RoundRecord
from rooms.room import Room
from rooms.sms.rendering import SCORE_MAX
from rooms.sms.replies import AnyReply, NoScore, ScoreHidden, ScoreTold, Standing
from rooms.views import may_see_result, visible_tally
from rooms.vote_config import VoteType
from server.sms.sms_rooms import shown_round


def score(room: Room, who: Participant) -> AnyReply:
    """The first of the newest round. What is hidden from the pages is hidden here."""
    record = shown_round(room)
    if record is None:
        return NoScore()
    voted = room.replica.has_voted(who.participant_id, record.round_id)
    title = record.config.title
    if record.config.type is VoteType.QUEUE:
        return _queue(room, record, crew=who.is_crew, voted=voted)
    counts = room.replica.state.tallies.get(record.round_id, {})
    tally = visible_tally(
        record, counts, crew=who.is_crew, voted=voted, count=room.replica.running.count
    )
    if tally is not None:
        return ScoreTold(title, _first(record, tally.options, tally.votes))
    if record.result is not None and may_see_result(record, crew=who.is_crew):
        return ScoreTold(title, _first(record, record.result.options, record.result.votes))
    return ScoreHidden(title)


def _first(record: RoundRecord, counts: dict[str, int], votes: int) -> tuple[Standing, ...]:
    if not votes:
        return ()
    places = {option.id: place for place, option in enumerate(record.config.options)}
    labels = {option.id: option.label for option in record.config.options}
    first = sorted(labels, key=lambda one: (-counts.get(one, 0), places[one]))[:SCORE_MAX]
    return tuple(Standing(labels[one], counts.get(one, 0)) for one in first)


def _queue(room: Room, record: RoundRecord, *, crew: bool, voted: bool) -> AnyReply:
    queue = room.board.view(record.round_id, crew=crew, voted=voted)
    if queue is None:
        return ScoreTold(record.config.title, ())
    first = queue.requests[:SCORE_MAX]
    if any(request.upvotes is None for request in first):
        return ScoreHidden(record.config.title)
    top = tuple(Standing(request.title, request.upvotes or 0) for request in first)
    return ScoreTold(record.config.title, top)
