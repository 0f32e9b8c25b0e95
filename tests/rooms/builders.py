"""What tests of rooms are made of: a show, people, commands."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from crdt.document import SetlistDocument
from rooms.answers import Answer
from rooms.commands import AnyCommand, Envelope
from rooms.decide import Decision, decide
from rooms.decide.draft import StanceKeyOf
from rooms.moderation.matching import NO_LISTS
from rooms.participants import Participant, Role
from rooms.ports import BallotRecord, Head, SongRecord, StanceRecord, Standing
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.state import RoomState
from rooms.vote_config import Option, VoteConfig

T0 = datetime(1977, 5, 8, 20, 0, tzinfo=UTC)
SHOW_ID = "0198a000-0000-7000-8000-000000000001"
_numbers = itertools.count(1)


def new_id() -> str:
    """A fresh id in order of minting."""
    return f"0198a000-0000-7000-9000-{next(_numbers):012x}"


def after(seconds: float) -> datetime:
    """A moment of the night."""
    return T0 + timedelta(seconds=seconds)


def person(name: str, role: Role = Role.FAN, *, admitted: bool = True) -> Participant:
    """A participant with a stable id."""
    return Participant(
        participant_id=f"p-{name}",
        account_id=f"a-{name}",
        role=role,
        display_name=name.title(),
        guest=role is Role.FAN,
        admitted=admitted,
    )


FAN = person("dana")
OTHER = person("lee")
ARTIST = person("jerry", Role.ARTIST)
MODERATOR = person("mo", Role.MODERATOR)


def config(**changes: object) -> VoteConfig:
    """A single-choice round with two options."""
    values: dict[str, object] = {
        "title": "Encore?",
        "options": (Option(id="o1", label="Morning Dew"), Option(id="o2", label="One More")),
    }
    return VoteConfig(**{**values, **changes})  # type: ignore[arg-type]


def facts(status: ShowStatus = ShowStatus.LIVE) -> ShowFacts:
    """The show."""
    return ShowFacts(
        show_id=SHOW_ID,
        slug="barton-hall",
        title="Barton Hall",
        status=status,
        access=Access.PUBLIC,
        starts_at=T0,
    )


def envelope(
    participant: Participant,
    command: AnyCommand,
    at_s: float = 0.0,
    *,
    command_id: str | None = None,
    keeps_reply: bool = True,
) -> Envelope:
    """A command on its way."""
    return Envelope(
        command_id=command_id or new_id(),
        participant=participant,
        received_at=after(at_s),
        command=command,
        payload_hash=b"hash",
        keeps_reply=keeps_reply,
    )


class Bench:
    """Decides turns one after the other, as if each had committed."""

    def __init__(self, status: ShowStatus = ShowStatus.LIVE) -> None:
        self.state = RoomState(facts(status), Head(0, 0))
        self.document = SetlistDocument()
        self.twin = self.document.clone()
        self.ballots: dict[tuple[str, str], BallotRecord] = {}
        self.roles: Mapping[str, str] = {
            who.participant_id: who.role for who in (FAN, OTHER, ARTIST, MODERATOR)
        }
        self.claims: dict[int, str] = {}
        self.last: Decision | None = None
        self.standings: dict[str, Standing] = {}
        self.seeds: list[str] = []
        self.stances: dict[StanceKeyOf, StanceRecord] = {}
        self.songs: list[SongRecord] = []
        self.words = NO_LISTS

    def turn(self, *envelopes: Envelope) -> Sequence[Answer]:
        """One turn, committed."""
        decision = decide(
            self.state,
            envelopes,
            self.ballots,
            twin=self.twin,
            roles=self.roles,
            claims=self.claims,
            new_id=new_id,
            standings=self.standings,
            new_seed=self.new_seed,
            stances=self.stances,
            songs=self.songs,
            words=self.words,
        )
        self.last = decision
        self.state = decision.state
        self.state.head = decision.turn.head_after
        for event in decision.turn.events:
            if event.update:
                self.document.apply(event.update)
        for record in decision.turn.ballots:
            self.ballots[(record.round_id, record.participant_id)] = record
        for stance in decision.turn.stances:
            self.stances[(stance.kind, stance.subject, stance.participant_id)] = stance
        return decision.answers

    def new_seed(self) -> str:
        """A seed that tests know beforehand: 1, 2, 3… in 64 digits."""
        self.seeds.append(f"{len(self.seeds) + 1:064x}")
        return self.seeds[-1]

    def give(self, participant: Participant, command: AnyCommand, at_s: float = 0.0) -> Answer:
        """One command as a turn of its own."""
        return self.turn(envelope(participant, command, at_s))[0]

    @property
    def events(self) -> list[str]:
        """Names of the last turn's events."""
        assert self.last is not None
        return [event.name for event in self.last.turn.events]
