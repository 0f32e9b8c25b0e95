"""Turns: decide a batch, append it, and only then let anybody know. ARCHITECTURE §2, 3 to 5."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from uuid import UUID

import msgspec
import structlog

from rooms import commands as cmd
from rooms import limits
from rooms.ahead import VOTES, Ahead, BallotsAfter, Waiting
from rooms.answers import Answer, SetlistAnswer, reject
from rooms.catalogue.names import normalised
from rooms.decide.holds import voted_in
from rooms.decide.linking import who_stays
from rooms.decide.setlist import NEEDS_THE_NEWEST, DirtyTwinError
from rooms.decide.turn import Decision, decide
from rooms.errors import Refused, Retryable
from rooms.messages import CloseCode, Reject
from rooms.moderation.matching import NO_LISTS, WordMatcher
from rooms.ports import (
    AlreadyAnswered,
    AnotherLog,
    Appended,
    AppendOutcome,
    Delta,
    Head,
    LogUnavailable,
    Lost,
    NewId,
    NewSeed,
    OutcomeUnknown,
    ReplyRecord,
    RoomLog,
    SongRecord,
    Turn,
    TurnRefused,
)
from rooms.replica import BrokenReplicaError, Moved, Replica
from rooms.restores import is_another_log
from rooms.rounds.seeds import secret_seed
from rooms.state import RoomState
from rooms.vote_config import Attendance, Identity

log = structlog.get_logger(__name__)

_NEED_VOTES = frozenset(
    {cmd.CastVote, cmd.WithdrawVote, cmd.RequestSong, cmd.UpvoteSongRequest, cmd.RateEntry}
)
"""Commands that are decided upon what their author said before."""

_UNTIL_SENT = 4
"""Turns of the loop until a statement is on its way: a task, the driver's own, a connection."""

ReplyKey = tuple[str, str]
_answers: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class Turns:
    """Takes one room's batches to durability.

    ``ahead`` is the turn behind the last one, where it was decided already. ``claims`` says who
    is seen to edit under which Yjs client id. ``on_moved`` is called with what changed, after
    every commit and after every catching-up; ``on_committed`` also with the turn, so that it is
    published.
    """

    def __init__(
        self,
        show_id: str,
        replica: Replica,
        room_log: RoomLog,
        *,
        new_id: NewId,
        new_seed: NewSeed = secret_seed,
        words: WordMatcher = NO_LISTS,
        claims: Callable[[], Mapping[int, str]],
        now: Callable[[], datetime],
        on_moved: Callable[[Moved], None],
        on_committed: Callable[[Decision, Appended], None],
    ) -> None:
        self.replica = replica
        self._show_id = show_id
        self._log = room_log
        self._new_id = new_id
        self._new_seed = new_seed
        self._words = words
        self._claims = claims
        self._now = now
        self._on_moved = on_moved
        self._on_committed = on_committed
        self._reading: dict[str, asyncio.Future[None]] = {}
        self.ahead: Ahead | None = None

    async def run(
        self,
        batch: list[Waiting],
        ahead: Ahead | None = None,
        waiting_next: Callable[[], Sequence[Waiting]] = tuple,
    ) -> None:
        """Decides and appends a batch, and answers every command in it exactly once.

        Args:
            ahead: what was decided of this batch while the one before was being committed.
            waiting_next: the turn that waits behind this one, where it is worth deciding while
                this one is being committed; see `ahead`.

        A fault of our own must not take the rest of the batch with it: such a batch is taken
        again one by one, and the command at fault is answered with ``internal_error``.

        Raises:
            LogUnavailable, OutcomeUnknown, AnotherLog, BrokenReplicaError: everybody who waited
                was told to try again.
        """
        unanswered = Unanswered(batch)
        try:
            await self._run(unanswered, ahead, waiting_next)
        except Exception as error:
            self.replica.reset_twin()
            if isinstance(error, OutcomeUnknown | LogUnavailable | AnotherLog | BrokenReplicaError):
                unanswered.answer_all(_try_again)
                raise
            trace = None if isinstance(error, TurnRefused) else error
            log.error(
                "room_turn_fault",
                show_id=self._show_id,
                commands=[envelope.command.__class__.__name__ for envelope, _ in batch[:10]],
                error=type(error).__name__,
                exc_info=trace,
            )
            await self._one_by_one(unanswered)
        except BaseException:
            unanswered.answer_all(_try_again)
            raise

    async def _one_by_one(self, unanswered: Unanswered) -> None:
        if len(unanswered.items) <= 1:
            unanswered.answer_all(_internal_error)
            return
        waiting = unanswered.take()
        for index, item in enumerate(waiting):
            try:
                await self.run([item])
            except BaseException:
                refuse_all(waiting[index + 1 :])
                raise

    async def _run(
        self,
        unanswered: Unanswered,
        ahead: Ahead | None,
        waiting_next: Callable[[], Sequence[Waiting]],
    ) -> None:
        lost = 0
        looked = False
        while unanswered:
            waiting = unanswered.items
            try:
                if lost < limits.LOST_RACES_BEFORE_LOCK:
                    if ahead is not None and ahead.holds(self.replica):
                        decision = ahead.decision
                        await self._settle_doubtful(waiting, decision)
                    else:
                        decision = await self._decide(waiting)
                    ahead = None
                    if not looked and any(map(_may_hang_on_what_is_missing, decision.answers)):
                        looked = True
                        await self.catch_up()
                        continue
                    outcome = await self._append_and_look_ahead(decision, waiting_next)
                else:
                    outcome, decision = await self._run_locked(waiting)
            except DirtyTwinError as error:
                self.replica.reset_twin()
                unanswered.answer(error.envelope, _unreadable())
                continue
            match outcome:
                case Appended():
                    if decision.writes:
                        self._on_committed(decision, outcome)
                    unanswered.answer_in_order(decision.answers)
                case AlreadyAnswered(replies):
                    # Before the answers: whoever is told that it was done can see it here.
                    await self.catch_up()
                    stored = _by_key(replies)
                    for envelope, _ in list(waiting):
                        record = stored.get(_key(envelope))
                        if record is not None and envelope.keeps_reply:
                            unanswered.answer(envelope, _stored_answer(envelope, record))
                case Lost():
                    lost += 1
                    await self.catch_up()

    async def catch_up(self) -> None:
        """Reads what this node has not seen; the twin is fresh afterwards.

        Raises:
            LogUnavailable: it could not be read.
            BrokenReplicaError: the log ends before what this copy holds; it is another log.
        """
        await self._catch_up(partial(self._log.read_since, self._show_id))

    async def _catch_up(
        self, read_since: Callable[[Head, Collection[str]], Awaitable[Delta]]
    ) -> None:
        since, asked = self.replica.head, list(self.replica.voters)
        delta = await read_since(since, asked)
        if is_another_log(since, delta.head):
            raise BrokenReplicaError(f"the log is at {delta.head}, this copy at {since}")
        if delta.head > since:
            # Whoever was admitted meanwhile was not asked for, and read perhaps too early. Known
            # before anything is shown: who voted decides who is told a tally.
            newcomers = set(self.replica.voters).difference(asked)
            if newcomers:
                await self._read_ballots(list(newcomers))
        self.replica.reset_twin()
        self._on_moved(self.replica.catch_up(delta))

    # --- one try -----------------------------------------------------------------------------

    async def _decide(self, waiting: Sequence[Waiting]) -> Decision:
        envelopes = [envelope for envelope, _ in waiting]
        # Hundreds of votes make a turn, and nothing else has to be looked up for most of them.
        talking = [one for one in envelopes if type(one.command) not in VOTES]
        others = [one.command for one in talking]
        speakers = [
            one.participant.participant_id for one in talking if type(one.command) in _NEED_VOTES
        ]
        for command in others:
            if isinstance(command, cmd.ReleaseVotes | cmd.HoldVotes):
                speakers.extend(filter(_is_uuid, command.participant_ids))
            elif isinstance(command, cmd.LinkParticipants):
                speakers.extend(filter(_is_uuid, self._linked_by(command)))
        voters = [one.participant.participant_id for one in envelopes if type(one.command) in VOTES]
        await self.load_ballots([*voters, *speakers])
        targets = [
            participant_id
            for command in others
            for participant_id in self._pointed_at(command)
            if _is_uuid(participant_id)
        ]
        roles = await self._log.roles_of(self._show_id, targets) if targets else {}
        judged = self._judged(envelopes)
        judged += filter(_is_uuid, chain.from_iterable(map(_named_by, others)))
        standings = await self._log.standings_of(self._show_id, judged) if judged else {}
        wished = [command for command in others if isinstance(command, cmd.RequestSong)]
        songs = await self._songs_for(wished)
        # Nothing is waited for from here on: state and ballots have to be of the same moment.
        decision = decide(
            self.replica.state,
            envelopes,
            self.replica.ballots,
            twin=self.replica.twin,
            roles=roles,
            claims=self._claims(),
            new_id=self._new_id,
            stances=self.replica.stances_for(dict.fromkeys(speakers)),
            standings=standings,
            new_seed=self._new_seed,
            songs=songs,
            words=self._words,
            now=self._now(),
        )
        await self._settle_doubtful(waiting, decision)
        return decision

    def _judged(self, envelopes: Sequence[cmd.Envelope]) -> list[str]:
        """Authors of whom a decision asks for more than authentication told."""
        state, asked, judged = self.replica.state, dict[str, bool](), list[str]()
        for envelope in envelopes:
            command = envelope.command
            if type(command) is cmd.CastVote:  # hundreds, in a round or two
                asks = asked.get(command.round_id)
                if asks is None:
                    asks = asked[command.round_id] = needs_standing(state, command)
            else:
                asks = needs_standing(state, command)
            if asks:
                judged.append(envelope.participant.participant_id)
        return judged

    def decide_ahead(self, batch: Sequence[Waiting], before: Decision) -> Ahead | None:
        """Decides a turn of votes on what the room will be after ``before``, without waiting for
        anything; ``None``: something else is in it, or has to be looked up."""
        envelopes = [envelope for envelope, _ in batch]
        if not before.is_only_votes or any(type(one.command) not in VOTES for one in envelopes):
            return None
        voters = [envelope.participant.participant_id for envelope in envelopes]
        if self.replica.unknown_voters(voters) or not self._reading.keys().isdisjoint(voters):
            return None
        if self._judged(envelopes):
            return None
        decision = decide(
            before.state,
            envelopes,
            BallotsAfter(self.replica.ballots, before),
            twin=self.replica.twin,
            roles={},
            claims={},
            new_id=self._new_id,
            new_seed=self._new_seed,
            words=self._words,
            now=self._now(),
            after=before.turn.head_after,
        )
        return Ahead(batch, decision, before, before.state.facts, before.state.memory)

    def _pointed_at(self, command: cmd.AnyCommand) -> tuple[str, ...]:
        """The participants that a command is about, beside its author."""
        match command:
            case cmd.MuteParticipant() | cmd.RemoveParticipant() | cmd.ReadmitParticipant():
                return (command.participant_id,)
            case cmd.SetJury():
                return command.participant_ids
            case cmd.LinkParticipants():
                return self._linked_by(command)
            case _:
                return ()

    def _linked_by(self, command: cmd.LinkParticipants) -> tuple[str, ...]:
        linked = self.replica.state.memory.linked
        return (command.participant_id, command.into, who_stays(linked, command.into))

    async def _songs_for(self, wished: Sequence[cmd.RequestSong]) -> tuple[SongRecord, ...]:
        """The catalogue's songs that these requests may be for."""
        if not wished:
            return ()
        song_ids = {command.song_id for command in wished if command.song_id}
        titles = {normalised(command.title) for command in wished if command.title}
        return await self._log.songs_of(self._show_id, song_ids, titles)

    async def _settle_doubtful(self, waiting: Sequence[Waiting], decision: Decision) -> None:
        """Before "try again" is said, the stored answers are looked at: the command may have
        been carried out before, and then its answer is the one it got."""
        doubtful = [
            (envelope.participant.participant_id, envelope.command_id)
            for (envelope, _), answer in zip(waiting, decision.answers, strict=True)
            if type(answer) is Reject and answer.retryable and envelope.keeps_reply
        ]
        if not doubtful:
            return
        stored = _by_key(await self._log.replies_of(self._show_id, doubtful))
        for index, (envelope, _) in enumerate(waiting):
            record = stored.get(_key(envelope))
            if record is not None and envelope.keeps_reply:
                decision.answers[index] = _stored_answer(envelope, record)

    def knows_ballots_of(self, participant_id: str) -> bool:
        """Whether the participant's ballots are here: asked for, and read."""
        return not (
            participant_id in self._reading or self.replica.unknown_voters([participant_id])
        )

    async def load_ballots(self, participants: Sequence[str]) -> None:
        """Makes these participants' ballots known here, by one query for those that are not.

        Raises:
            LogUnavailable: they could not be read; nothing is remembered of them.
        """
        while self._reading:
            under_way = {self._reading[who] for who in participants if who in self._reading}
            if not under_way:
                break
            await asyncio.wait(under_way)
        missing = self.replica.unknown_voters(participants)
        if not missing:
            return
        read = asyncio.get_running_loop().create_future()
        self._reading.update(dict.fromkeys(missing, read))
        self.replica.expect_ballots(missing)
        try:
            await self._read_ballots(missing)
        except BaseException:
            self.replica.forget_voters(missing)
            raise
        finally:
            for who in missing:
                del self._reading[who]
            read.set_result(None)

    async def _read_ballots(self, participants: Sequence[str]) -> None:
        self.replica.take_votes(await self._log.votes_of(self._show_id, participants))

    async def _append_and_look_ahead(
        self, decision: Decision, waiting_next: Callable[[], Sequence[Waiting]]
    ) -> AppendOutcome:
        """Appends; in a rush, decides the turn behind it meanwhile."""
        self.ahead = None
        batch = waiting_next() if decision.is_only_votes else ()
        if not batch:
            return await self._append(decision)
        appending = asyncio.ensure_future(self._append(decision))
        try:
            for _ in range(_UNTIL_SENT):
                await asyncio.sleep(0)
        except BaseException:
            appending.cancel()
            await asyncio.wait([appending])
            raise
        if not appending.done():
            # A fault in it shows again in its own turn, where it is seen to.
            with contextlib.suppress(Exception):
                self.ahead = self.decide_ahead(batch, decision)
        return await appending

    async def _append(self, decision: Decision) -> AppendOutcome:
        """Appends; where the commit is unknown, says the same again until it is known."""
        if not decision.writes:
            return Appended(head=decision.turn.expected)
        turn = self._of_this_log(decision)
        for attempt in range(limits.APPEND_RETRIES_MAX):
            try:
                return await self._log.append(turn)
            except OutcomeUnknown:
                await asyncio.sleep(0.05 * 2**attempt)
        return await self._log.append(turn)

    def _of_this_log(self, decision: Decision) -> Turn:
        return msgspec.structs.replace(decision.turn, epoch=self.replica.epoch)

    async def _run_locked(self, waiting: list[Waiting]) -> tuple[AppendOutcome, Decision]:
        """A turn under the room's lock, after two lost races."""
        async with self._log.locked(self._show_id) as room:
            await self._catch_up(room.read_since)
            decision = await self._decide(waiting)
            if not decision.writes:
                return Appended(head=decision.turn.expected), decision
            return await room.append(self._of_this_log(decision)), decision


class Unanswered:
    """The commands of a batch that still wait. Each is answered once."""

    def __init__(self, batch: Sequence[Waiting]) -> None:
        self.items = list(batch)

    def __bool__(self) -> bool:
        return bool(self.items)

    def take(self) -> list[Waiting]:
        """Hands those that wait over to somebody else."""
        items, self.items = self.items, []
        return items

    def answer(self, envelope: cmd.Envelope, answer: Answer) -> None:
        """Answers one."""
        for index, (waiting, reply) in enumerate(self.items):
            if waiting is envelope:
                del self.items[index]
                _tell(reply, answer)
                return

    def answer_in_order(self, answers: Sequence[Answer]) -> None:
        """Answers all, with answers in their order."""
        for (_, reply), answer in zip(self.take(), answers, strict=True):
            _tell(reply, answer)

    def answer_all(self, answer_for: Callable[[cmd.Envelope], Answer]) -> None:
        """Answers all with the same kind of answer."""
        for envelope, reply in self.take():
            _tell(reply, answer_for(envelope))


def refuse_all(waiting: Iterable[Waiting]) -> None:
    """Tells everybody to try again; nothing of theirs was kept, as far as is known."""
    for envelope, reply in waiting:
        _tell(reply, _try_again(envelope))


def _tell(reply: Callable[[Answer], None], answer: Answer) -> None:
    """One who cannot be told must not keep the others from being told."""
    try:
        reply(answer)
    except Exception as error:
        log.exception("reply_failed", error=type(error).__name__)


def needs_standing(state: RoomState, command: cmd.AnyCommand) -> bool:
    """Whether a decision asks for more about its author than authentication told."""
    match command:
        case cmd.RateEntry():
            return True
        case cmd.CastVote() | cmd.RequestSong() | cmd.UpvoteSongRequest():
            record = state.rounds.get(voted_in(command, state.memory.song_requests) or "")
            return record is not None and (
                record.config.who.attendance is not Attendance.ANY
                or record.config.who.identity in (Identity.DEVICE, Identity.PHONE)
            )
        case _:
            return False


def _named_by(command: cmd.AnyCommand) -> tuple[str, ...]:
    """The participants whose names a decision writes down."""
    match command:
        case cmd.MuteParticipant() | cmd.RemoveParticipant() | cmd.ReadmitParticipant():
            return (command.participant_id,)
        case _:
            return ()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _key(envelope: cmd.Envelope) -> ReplyKey:
    return (envelope.participant.participant_id, envelope.command_id)


def _by_key(records: Iterable[ReplyRecord]) -> dict[ReplyKey, ReplyRecord]:
    return {(record.participant_id, record.command_id): record for record in records}


def _stored_answer(envelope: cmd.Envelope, record: ReplyRecord) -> Answer:
    if record.payload_hash != envelope.payload_hash:
        error = Refused("command_id_reused", "This command_id was used for something else.")
        return reject(envelope.command_id, error)
    return _answers.decode(record.answer)


def _may_hang_on_what_is_missing(answer: Answer) -> bool:
    """Whether an update was refused that may be right for a node that has seen more: who comes
    from another node brings edits of others that this one has not heard of."""
    return (
        isinstance(answer, SetlistAnswer)
        and answer.close is not None
        and answer.close[1] in NEEDS_THE_NEWEST
    )


def _unreadable() -> SetlistAnswer:
    return SetlistAnswer(seq=0, close=(CloseCode.INVALID_DATA, "malformed"))


def _try_again(envelope: cmd.Envelope) -> Answer:
    """Neither ack nor reject: the outcome is not known, and saying it again finds out."""
    if isinstance(envelope.command, cmd.UpdateSetlist):
        return SetlistAnswer(seq=0, close=(CloseCode.TRY_LATER, "room_unavailable"))
    error = Retryable("room_unavailable", "The room cannot keep anything now.", retry_after_s=1.0)
    return reject(envelope.command_id, error)


def _internal_error(envelope: cmd.Envelope) -> Answer:
    """A fault of our own, and of this command alone."""
    if isinstance(envelope.command, cmd.UpdateSetlist):
        return SetlistAnswer(seq=0, close=(CloseCode.INTERNAL_ERROR, "internal_error"))
    error = Refused("internal_error", "This failed on our side and was written down.", status=500)
    return reject(envelope.command_id, error)
