"""What tests of rounds share: rounds of every kind, opened, voted in and closed."""

from __future__ import annotations

import msgspec

from rooms.commands import (
    AnyCommand,
    CastVote,
    CloseDueRound,
    CloseRound,
    CreateRound,
    Envelope,
    OpenRound,
)
from rooms.events import EventData, RoundResult
from rooms.messages import Ack, Reject
from rooms.participants import SYSTEM, Channel, Participant
from rooms.ports import RoundRecord
from rooms.vote_config import (
    Option,
    Pick,
    PickRule,
    TallyMethod,
    TallyRule,
    VoteConfig,
    VoteType,
)
from tests.rooms.builders import ARTIST, Bench, config, envelope, person

ROUND = "0198a000-0000-7000-8000-00000000000a"


def code(answer: object) -> str:
    """The code of a reject."""
    assert isinstance(answer, Reject), answer
    return answer.code


def acked(answer: object) -> dict[str, object]:
    """What an ack says."""
    assert isinstance(answer, Ack), answer
    return answer.data


def vote(*option_ids: str, round_id: str = ROUND) -> CastVote:
    """A ballot without values."""
    return CastVote(round_id, tuple(Pick(option_id) for option_id in option_ids))


def options(letters: str) -> tuple[Option, ...]:
    """One option for each letter."""
    return tuple(Option(id=letter, label=f"Song {letter.upper()}") for letter in letters)


def bracket(letters: str, **changes: object) -> VoteConfig:
    """Head to head, every pair to be decided."""
    return config(
        type=VoteType.BRACKET,
        options=options(letters),
        pick=PickRule(1, max(1, len(letters) // 2)),
        **changes,
    )


def ranked(letters: str, method: TallyMethod, **changes: object) -> VoteConfig:
    """Ranked ballots."""
    return config(
        type=VoteType.RANKED,
        options=options(letters),
        pick=PickRule(1, len(letters)),
        tally=TallyRule(method=method),
        **changes,
    )


def opened(round_config: VoteConfig | None = None, **changes: object) -> Bench:
    """A room with one open round."""
    room = Bench()
    wanted = round_config or config(**changes)
    answers = room.turn(
        envelope(ARTIST, CreateRound(ROUND, wanted)), envelope(ARTIST, OpenRound(ROUND))
    )
    for answer in answers:
        acked(answer)
    return room


def cast(room: Bench, ballots: dict[str, int], round_id: str = ROUND, at_s: float = 1) -> None:
    """So many people vote like this: ``{"a,c": 2}``; each ballot by somebody of its own."""
    for pattern, people in ballots.items():
        for number in range(people):
            voter = person(f"{round_id[-4:]}-{pattern}-{number}")
            acked(room.give(voter, vote(*pattern.split(","), round_id=round_id), at_s))


def close(room: Bench, round_id: str = ROUND, at_s: float = 2) -> RoundResult:
    """Closes by hand; the whole result."""
    acked(room.give(ARTIST, CloseRound(round_id), at_s))
    return result_of(room, round_id)


def result_of(room: Bench, round_id: str = ROUND) -> RoundResult:
    """The result that is kept."""
    result = room.state.rounds[round_id].result
    assert result is not None
    return result


def following(room: Bench, round_id: str = ROUND) -> RoundRecord:
    """The round that a result opened."""
    next_round_id = result_of(room, round_id).next_round_id
    assert next_round_id is not None
    return room.state.rounds[next_round_id]


def timer(room: Bench, at_s: float, round_id: str = ROUND) -> list[str]:
    """What the timer makes of a round at some moment."""
    room.turn(envelope(SYSTEM, CloseDueRound(round_id), at_s, keeps_reply=False))
    return room.events


def by_sms(who: Participant, command: AnyCommand, at_s: float) -> Envelope:
    """An envelope of the SMS door."""
    return msgspec.structs.replace(envelope(who, command, at_s), channel=Channel.SMS)


def told(room: Bench, *, crew: bool) -> list[EventData]:
    """The last turn's events as one audience gets them."""
    assert room.last is not None
    return [event.data_for(crew=crew) for event in room.last.turn.events]
