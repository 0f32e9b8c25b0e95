"""Votes and wishes by text: which round, which options; what there is to say instead."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from rooms.ports import RoundRecord
from rooms.room import Room
from rooms.show import ShowStatus
from rooms.sms import replies as say
from rooms.sms.choosing import AskBack, Chosen, Malformed, TooMany, Wished, choose
from rooms.sms.intents import RequestSong, Vote
from rooms.sms.languages import Language
from rooms.sms.records import Attending
from rooms.sms.replies import AnyReply
from rooms.vote_config import Change, VoteType
from server.sms.routes import Ballot, Wish
from server.sms.sms_rooms import missed_round, round_for


def not_on(attending: Attending) -> AnyReply | None:
    """Why nothing can be done at this show now; ``None``: it is on."""
    if attending.removed:
        return say.RefusedBy("removed")
    match attending.status:
        case ShowStatus.LIVE:
            return None
        case ShowStatus.DRAFT | ShowStatus.PUBLISHED:
            return say.RefusedBy("room_not_open")
        case ShowStatus.CLOSED | ShowStatus.ARCHIVED | ShowStatus.CANCELLED:
            return say.ShowOver(attending.title)


def decide_vote(
    room: Room, attending: Attending, vote: Vote, at: datetime, language: Language
) -> Ballot | Wish | AnyReply:
    """The way of a vote, or what is asked back."""
    record = round_for(room, at)
    if record is None:
        if not vote.explicit:
            return say.Unrecognised()
        return say.VoteLate() if missed_round(room, at) else say.NoOpenRound(attending.title)
    config = record.config
    choice = choose(config, vote.text)
    match choice:
        case Chosen(picks=picks):
            who = attending.participant.participant_id
            before = room.replica.ballots_of(who).get(record.round_id)
            return Ballot(
                show_id=attending.show_id,
                participant_id=who,
                language=language,
                round_id=record.round_id,
                picks=picks,
                choices=say.choices_of(config, picks),
                type=config.type,
                changed=before is not None and before.picks != picks,
                final=config.change is Change.NEVER,
            )
        case Wished(title=title):
            return _wish(attending, title, record, language)
        case AskBack(options=options):
            return say.DidYouMean(say.named(config, options))
        case Malformed(fault=fault, amount=amount):
            return say.VoteFaulty(fault, config.type, say.choices_of(config), amount)
        case TooMany(max=most):
            return say.TooManyPicks(most)
        case unreachable:
            assert_never(unreachable)


def decide_wish(
    room: Room, attending: Attending, wish: RequestSong, at: datetime, language: Language
) -> Wish | AnyReply:
    """The way of a song request: into an open ``queue`` round, else into the show's queue."""
    if not wish.title:
        return say.SongHow()
    record = round_for(room, at)
    queue = record if record is not None and record.config.type is VoteType.QUEUE else None
    return _wish(attending, wish.title, queue, language)


def _wish(attending: Attending, title: str, record: RoundRecord | None, language: Language) -> Wish:
    return Wish(
        show_id=attending.show_id,
        participant_id=attending.participant.participant_id,
        language=language,
        title=title,
        round_id=record.round_id if record is not None else None,
    )
