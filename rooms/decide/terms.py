"""What a round asks of a vote, as far as it is the same for all who vote by one channel."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from rooms.commands import Envelope
from rooms.decide.draft import Draft
from rooms.decide.rounds import require_round
from rooms.errors import Refused
from rooms.participants import Channel
from rooms.ports import RoundRecord
from rooms.rounds.windows import TAKES_VOTES, last_moment
from rooms.show import ShowFacts
from rooms.vote_config import Attendance, Change, Identity, VoteType


class Terms(Struct, frozen=True):
    """What a round asks of votes by one channel: looked at once a turn, not for every vote.

    Attributes:
        record, facts: what this was read from; void when either is another one.
        latest: the last moment of receipt that counts; ``None``: until it is closed by hand.
        open: whether the round's status lets votes in.
        anybody: the round asks nothing of who votes, and nothing has to be looked up.
        takes_requests: it is a queue: no ballots.
        final: a ballot cannot be changed.
        by_text: the channel is SMS.
        suffix: what a voter's class ends with.
    """

    record: RoundRecord
    facts: ShowFacts
    latest: datetime | None
    open: bool
    anybody: bool
    takes_requests: bool
    final: bool
    by_text: bool
    suffix: str


def terms_of(draft: Draft, round_id: str, envelope: Envelope) -> Terms:
    """The terms of a round that is open for this vote.

    Raises:
        Refused: no such round, or it is not open for it.
    """
    key = (round_id, envelope.channel)
    terms: Terms | None = draft.noted.get(key)
    state = draft.state
    if (
        terms is None
        or terms.record is not state.rounds.get(round_id)
        or terms.facts is not state.facts
    ):
        terms = draft.noted[key] = _read_terms(draft, round_id, envelope.channel)
    if not terms.open or (terms.latest is not None and envelope.received_at > terms.latest):
        require_open(draft, round_id, envelope)
    return terms


def _read_terms(draft: Draft, round_id: str, channel: Channel) -> Terms:
    record = require_round(draft, round_id)
    config = record.config
    return Terms(
        record=record,
        facts=draft.state.facts,
        latest=last_moment(record, draft.state.facts, channel),
        open=record.status in TAKES_VOTES,
        anybody=channel in config.who.channels
        and config.who.attendance is Attendance.ANY
        and config.who.identity is Identity.ATTENDEE,
        takes_requests=config.type is VoteType.QUEUE,
        final=config.change is Change.NEVER,
        by_text=channel is Channel.SMS,
        suffix=f":{channel.value}",
    )


def require_open(draft: Draft, round_id: str, envelope: Envelope) -> RoundRecord:
    """The round, if it is open for a vote that was received when this was.

    Raises:
        Refused: ``unknown_round``, ``round_not_open``, ``round_closed``.
    """
    record = require_round(draft, round_id)
    if record.status == "draft":
        raise Refused("round_not_open", "This round is not open yet.")
    latest = last_moment(record, draft.state.facts, envelope.channel)
    late = latest is not None and envelope.received_at > latest
    if record.status not in TAKES_VOTES or late:
        raise Refused("round_closed", "This round is closed.")
    return record
