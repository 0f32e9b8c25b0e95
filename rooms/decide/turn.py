"""One turn: a batch of commands becomes what is appended and what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from msgspec import Struct

from crdt.document import SetlistDocument
from rooms import commands as cmd
from rooms.answers import Answer
from rooms.decide import (
    accuracy,
    chat,
    closing,
    holds,
    juries,
    linking,
    moderation,
    rewrite,
    rounds,
    setlist,
    show,
    song_marks,
    song_requests,
    votes,
    word_filter,
)
from rooms.decide.draft import BallotsBefore, Draft, StanceKeyOf, is_system
from rooms.errors import Refused, RoomError, not_allowed
from rooms.messages import Ack
from rooms.moderation.matching import NO_LISTS, WordMatcher
from rooms.participants import can
from rooms.ports import Head, NewId, NewSeed, SongRecord, StanceRecord, Standing, Turn
from rooms.show import ShowStatus
from rooms.state import RoomState

_FINISHED = frozenset({ShowStatus.ARCHIVED, ShowStatus.CANCELLED})
_NOT_YET = frozenset({ShowStatus.DRAFT, ShowStatus.PUBLISHED})
_CORRECTIONS = frozenset({"confirm_entry", "rewrite_setlist", "seal_setlist", "unseal_setlist"})
"""What crew may still do once a show is archived; editing the setlist by Yjs is the other way."""

_WHENEVER = frozenset({"change_show_status", "close_due_round", "hold_round"})


class Decision(Struct, frozen=True):
    """What a turn comes to.

    Attributes:
        turn: what is appended, all or nothing.
        answers: one per command, in order; true only once the turn is durable.
        state: the room's state after the turn.
        twin_dirty: the twin moved; if the turn does not commit, throw the twin away.
    """

    turn: Turn
    answers: list[Answer]
    state: RoomState
    twin_dirty: bool

    @property
    def is_only_votes(self) -> bool:
        """Whether ballots and answers are all that it writes."""
        turn = self.turn
        return not (
            self.twin_dirty
            or turn.events
            or turn.stances
            or turn.reactions
            or turn.rounds
            or turn.outbox
            or turn.audit
            or turn.removed
            or turn.show_status
        )

    @property
    def writes(self) -> bool:
        """Whether there is anything to append."""
        turn = self.turn
        return bool(
            turn.events
            or turn.ballots
            or turn.stances
            or turn.reactions
            or turn.rounds
            or turn.replies
        )


def _no_seed() -> str:
    raise TypeError("this turn was given nothing to draw by")


def decide(
    state: RoomState,
    envelopes: Sequence[cmd.Envelope],
    ballots: BallotsBefore,
    *,
    twin: SetlistDocument,
    roles: Mapping[str, str],
    claims: Mapping[int, str],
    new_id: NewId,
    stances: Mapping[StanceKeyOf, StanceRecord] | None = None,
    standings: Mapping[str, Standing] | None = None,
    new_seed: NewSeed = _no_seed,
    songs: Iterable[SongRecord] = (),
    words: WordMatcher = NO_LISTS,
    after: Head | None = None,
    now: datetime | None = None,
) -> Decision:
    """Decides a batch. Touches neither ``state`` nor ``ballots``; moves ``twin``.

    Args:
        state: the room at the head that the turn is decided upon.
        ballots: current ballots of the batch's voters.
        twin: the setlist document equal to the live one.
        roles: roles of participants that moderation commands point at.
        claims: client ids of those who are seen to edit.
        new_id: mints ids of chat messages.
        stances: current stances of those who support or rate in the batch.
        standings: what is known of those for whom a decision needs it.
        new_seed: mints what ties are drawn by; without it a round that needs one cannot open.
        songs: those of the line-up's catalogue that requests in the batch may be for.
        words: finds what the word filter holds; without it, only the crew's own words.
        after: the head that ``state`` will be at, where it is the state after a turn that is not
            durable yet; what is decided is void if that turn comes to nothing.
        now: of the deciding node; see `rooms.decide.latest`.

    Raises:
        DirtyTwinError: an update broke the twin; see `rooms.decide.setlist`.
    """
    draft = Draft(
        state,
        twin,
        ballots,
        roles,
        claims,
        new_id,
        new_seed,
        stances,
        standings,
        songs,
        words,
        after,
        now,
    )
    for envelope in envelopes:
        events_before = len(draft.events)
        try:
            draft.answers.append(_carry_out(draft, envelope))
        except RoomError as error:
            draft.answer(envelope, error)
        if len(draft.events) > events_before:
            accuracy.keep_seal_true(draft, envelope, events_before)
    turn = draft.finish(state.facts.show_id, list(envelopes))
    answers = [answer for answer in draft.answers if answer is not None]
    return Decision(turn=turn, answers=answers, state=draft.state, twin_dirty=draft.twin_dirty)


def _carry_out(draft: Draft, envelope: cmd.Envelope) -> Answer:
    command = envelope.command
    if type(command) is cmd.CastVote:  # nearly all that a turn of hundreds holds
        _require_permission(draft, envelope)
        return Ack(envelope.command_id, 0, votes.cast_vote(draft, envelope, command))
    if isinstance(command, cmd.UpdateSetlist):
        return setlist.update_setlist(draft, envelope, command)
    _require_permission(draft, envelope)
    events_before = len(draft.events)
    data = _dispatch(draft, envelope)
    moved = len(draft.events) > events_before
    return Ack(
        command_id=envelope.command_id,
        seq=draft.events[-1].seq if moved else 0,  # 0: the head at the commit, filled in last
        data=data,
    )


def _require_permission(draft: Draft, envelope: cmd.Envelope) -> None:
    who = envelope.participant
    if is_system(who):
        return
    name = str(envelope.command.__struct_config__.tag)
    memory = draft.state.memory
    if who.participant_id in memory.removed:
        raise Refused("removed", "You were removed from this room.", status=403)
    if who.participant_id in memory.linked:
        raise Refused("participant_linked", "You are somebody else in this room by now.")
    if name not in can(who):
        if not who.admitted:
            raise Refused("code_required", "Enter the show's code to take part.", status=403)
        raise not_allowed()
    if name in _WHENEVER:
        return
    status = draft.state.facts.status
    if status is ShowStatus.ARCHIVED and name in _CORRECTIONS and who.is_crew:
        return
    if status in _FINISHED:
        raise Refused("room_closed", "This show is over.")
    if status in _NOT_YET and not who.is_crew:
        raise Refused("room_not_open", "This room opens with the show.")


def _dispatch(draft: Draft, envelope: cmd.Envelope) -> dict[str, Any]:
    match envelope.command:
        case cmd.CastVote() as command:
            return votes.cast_vote(draft, envelope, command)
        case cmd.WithdrawVote() as command:
            return votes.withdraw_vote(draft, envelope, command)
        case cmd.PostChat() as command:
            return chat.post_chat(draft, envelope, command)
        case cmd.RemoveChat() as command:
            return chat.remove_chat(draft, envelope, command)
        case cmd.ReleaseChat() as command:
            return moderation.release_chat(draft, envelope, command)
        case cmd.ReportChat() as command:
            return moderation.report_chat(draft, envelope, command)
        case cmd.DismissChatReports() as command:
            return moderation.dismiss_chat_reports(draft, envelope, command)
        case cmd.SetWordFilter() as command:
            return word_filter.set_word_filter(draft, envelope, command)
        case cmd.React() as command:
            return chat.react(draft, envelope, command)
        case cmd.Announce() as command:
            return chat.announce(draft, envelope, command)
        case cmd.WithdrawAnnouncement() as command:
            return chat.withdraw_announcement(draft, envelope, command)
        case cmd.SetNowPlaying() as command:
            answer = setlist.set_now_playing(draft, envelope, command)
            song_marks.end_what_was_playing(draft, envelope)
            return answer
        case cmd.RewriteSetlist() as command:
            return rewrite.rewrite_setlist(draft, envelope, command)
        case cmd.RateEntry() as command:
            return accuracy.rate_entry(draft, envelope, command)
        case cmd.ConfirmEntry() as command:
            return accuracy.confirm_entry(draft, envelope, command)
        case cmd.SealSetlist() as command:
            return accuracy.seal_setlist(draft, envelope, command)
        case cmd.UnsealSetlist():
            return accuracy.unseal_setlist(draft, envelope)
        case cmd.LockSetlist():
            return setlist.lock_setlist(draft, envelope)
        case cmd.UnlockSetlist():
            return setlist.unlock_setlist(draft, envelope)
        case cmd.CreateRound() as command:
            return rounds.create_round(draft, envelope, command)
        case cmd.UpdateRound() as command:
            return rounds.update_round(draft, envelope, command)
        case cmd.OpenRound() as command:
            return rounds.open_round(draft, envelope, command)
        case cmd.ExtendRound() as command:
            return rounds.extend_round(draft, envelope, command)
        case cmd.CloseRound() as command:
            return closing.close_round(draft, envelope, command)
        case cmd.RevealRound() as command:
            return rounds.reveal_round(draft, envelope, command)
        case cmd.CancelRound() as command:
            return rounds.cancel_round(draft, envelope, command)
        case cmd.SupersedeRound() as command:
            return rounds.supersede_round(draft, envelope, command)
        case cmd.DecideTie() as command:
            return closing.decide_tie(draft, envelope, command)
        case cmd.ReleaseVotes() as command:
            return votes.release_votes(draft, envelope, command)
        case cmd.HoldVotes() as command:
            return votes.hold_votes(draft, envelope, command)
        case cmd.SetJury() as command:
            return juries.set_jury(draft, envelope, command)
        case cmd.CloseDueRound() as command:
            return closing.close_due_round(draft, envelope, command)
        case cmd.HoldRound() as command:
            return holds.hold_round(draft, envelope, command)
        case cmd.LinkParticipants() as command:
            return linking.link_participants(draft, envelope, command)
        case cmd.MuteParticipant() as command:
            return moderation.mute_participant(draft, envelope, command)
        case cmd.RemoveParticipant() as command:
            return moderation.remove_participant(draft, envelope, command)
        case cmd.ReadmitParticipant() as command:
            return moderation.readmit_participant(draft, envelope, command)
        case cmd.SetSlowMode() as command:
            return moderation.set_slow_mode(draft, envelope, command)
        case cmd.ChangeShowStatus() as command:
            return show.change_show_status(draft, envelope, command)
        case cmd.RequestSong() as command:
            return song_requests.request_song(draft, envelope, command)
        case cmd.UpvoteSongRequest() as command:
            return song_requests.upvote_song_request(draft, envelope, command)
        case cmd.MarkSongRequest() as command:
            return song_marks.mark_song_request(draft, envelope, command)
        case cmd.UpdateSetlist():
            raise AssertionError("judged before dispatch")
        case unreachable:
            assert_never(unreachable)
