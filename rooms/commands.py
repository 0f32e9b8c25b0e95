"""Commands: what somebody wants to happen in a room. Imperative, frozen.

The ``tag`` of a command is its ``name`` on the wire; its fields are the ``args``. Every door
decodes into these and nothing else: a websocket text frame, ``POST …/commands``, a Yjs frame,
a webhook, a timer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from rooms import limits
from rooms.errors import Refused, invalid
from rooms.moderation.views import ReportReason, WordFilterMode
from rooms.participants import SYSTEM, Channel, Participant
from rooms.show import ShowStatus
from rooms.vote_config import Pick, VoteConfig

Id = Annotated[str, Meta(min_length=1, max_length=64)]
COMMAND_ID_PATTERN = "^[!-~]{1,64}$"
"""Printable ASCII: a stored text cannot hold U+0000, and one id must not fail a whole turn."""

CommandId = Annotated[str, Meta(min_length=1, max_length=64, pattern=COMMAND_ID_PATTERN)]
"""Minted by the client (a UUIDv7; for SMS the MessageSid)."""


class Command(Struct, frozen=True, tag_field="name"):
    """Base of all commands."""


class CastVote(Command, frozen=True, tag="cast_vote"):
    """Sets the participant's ballot in a round; the last valid one counts."""

    round_id: Id
    picks: Annotated[tuple[Pick, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)]


class WithdrawVote(Command, frozen=True, tag="withdraw_vote"):
    """Takes the participant's ballot back while the round is open."""

    round_id: Id


class PostChat(Command, frozen=True, tag="post_chat"):
    """Posts one chat line. Plain text: links stay text."""

    text: Annotated[str, Meta(max_length=8 * limits.CHAT_CHARACTERS_MAX)]


class RemoveChat(Command, frozen=True, tag="remove_chat"):
    """Removes a chat line, one that is held included: one's own, or any by crew."""

    chat_message_id: Id


class ReleaseChat(Command, frozen=True, tag="release_chat"):
    """Crew posts a held line, in its author's name and under the same id."""

    chat_message_id: Id


class ReportChat(Command, frozen=True, tag="report_chat"):
    """Tells crew of somebody else's chat line. One report per person and line."""

    chat_message_id: Id
    reason: ReportReason = ReportReason.OTHER


class DismissChatReports(Command, frozen=True, tag="dismiss_chat_reports"):
    """Crew looked at a reported line and leaves it; later reports count anew."""

    chat_message_id: Id


class SetWordFilter(Command, frozen=True, tag="set_word_filter"):
    """Whether fans' lines with words of the lists are held; ``words``: the crew's own words and
    phrases, replaced as a whole where given."""

    mode: WordFilterMode
    words: (
        Annotated[
            tuple[Annotated[str, Meta(max_length=8 * limits.FILTER_WORD_CHARACTERS_MAX)], ...],
            Meta(max_length=limits.FILTER_WORDS_MAX),
        ]
        | None
    ) = None


class React(Command, frozen=True, tag="react"):
    """One reaction, counted and conflated. Kinds are fixed: see `rooms.states.REACTIONS`."""

    kind: Annotated[str, Meta(max_length=32)]


class SetNowPlaying(Command, frozen=True, tag="set_now_playing"):
    """Names the setlist entry that is being played; ``None`` for nothing."""

    entry_id: Id | None = None


class LockSetlist(Command, frozen=True, tag="lock_setlist"):
    """From now on only crew edits the setlist."""


class UnlockSetlist(Command, frozen=True, tag="unlock_setlist"):
    """Opens the setlist to all participants again."""


class CreateRound(Command, frozen=True, tag="create_round"):
    """Keeps a draft round. Given through ``POST /api/shows/{id}/rounds``."""

    round_id: Id
    config: VoteConfig


class UpdateRound(Command, frozen=True, tag="update_round"):
    """Replaces a draft's configuration. Given through ``PUT /api/rounds/{id}``."""

    round_id: Id
    config: VoteConfig


class OpenRound(Command, frozen=True, tag="open_round"):
    """Opens a draft round for votes."""

    round_id: Id


class ExtendRound(Command, frozen=True, tag="extend_round"):
    """Moves the end of an open round by whole seconds, within ``window.extend_max_s``.

    ``closes_at``: the end as its author saw it. Where somebody else has moved it meanwhile the
    command is refused with ``round_extended``, so that two people do not extend twice.
    """

    round_id: Id
    extend_s: Annotated[int, Meta(ge=1, le=limits.ROUND_DURATION_S_MAX)] = 30
    closes_at: datetime | None = None


class CloseRound(Command, frozen=True, tag="close_round"):
    """Closes an open round now, by hand."""

    round_id: Id


class RevealRound(Command, frozen=True, tag="reveal_round"):
    """Shows the result of a closed round that was hidden."""

    round_id: Id


class CancelRound(Command, frozen=True, tag="cancel_round"):
    """Takes a draft or an open round away without a result."""

    round_id: Id


class DecideTie(Command, frozen=True, tag="decide_tie"):
    """The artist picks the winner among a closed round's tied options (tie rule ``artist``)."""

    round_id: Id
    option_id: Id


class SupersedeRound(Command, frozen=True, tag="supersede_round"):
    """Puts a corrected draft in the place of a round. Given through
    ``POST /api/rounds/{id}/supersede``."""

    round_id: Id
    new_round_id: Id
    config: VoteConfig
    reason: Annotated[str, Meta(max_length=limits.ANNOUNCEMENT_CHARACTERS_MAX)] = ""


class ReleaseVotes(Command, frozen=True, tag="release_votes"):
    """Crew looked at ballots that were held, and lets them count. Given through
    ``POST /api/rounds/{id}/held/release``."""

    round_id: Id
    participant_ids: Annotated[tuple[Id, ...], Meta(max_length=limits.HELD_VOTES_SHOWN)]


class HoldVotes(Command, frozen=True, tag="hold_votes"):
    """Crew holds ballots for review: they count nowhere until they are released. Given through
    ``POST /api/rounds/{id}/held/newcomers``."""

    round_id: Id
    participant_ids: Annotated[tuple[Id, ...], Meta(max_length=limits.HELD_VOTES_SHOWN)]


class SetJury(Command, frozen=True, tag="set_jury"):
    """Names the show's jury: replaces the whole set of participants."""

    participant_ids: Annotated[tuple[Id, ...], Meta(max_length=limits.JURY_MAX)]


class RequestSong(Command, frozen=True, tag="request_song"):
    """Wishes for a song: one of the artist's catalogue, or free text.

    A duplicate becomes an upvote. Where a title only resembles one in the queue nothing happens
    and the ack asks (``outcome`` ``unclear`` with ``candidates``); ``separate`` says that it is
    another song. ``round_id``: a ``queue`` round; ``None``: the show's standing queue.
    """

    song_id: Id | None = None
    title: Annotated[str, Meta(max_length=limits.TITLE_CHARACTERS_MAX)] | None = None
    round_id: Id | None = None
    separate: bool = False


class UpvoteSongRequest(Command, frozen=True, tag="upvote_song_request"):
    """Supports a song request, or takes the support back."""

    song_request_id: Id
    up: bool = True


class MarkSongRequest(Command, frozen=True, tag="mark_song_request"):
    """Crew: accepted, playing, played, declined (with a reason), or back to waiting."""

    song_request_id: Id
    status: Annotated[str, Meta(pattern="^(waiting|accepted|playing|played|declined)$")]
    reason: Annotated[str, Meta(max_length=limits.REASON_CHARACTERS_MAX)] = ""


class RateEntry(Command, frozen=True, tag="rate_entry"):
    """Says that a setlist entry is right (1) or wrong (-1); 0 takes it back."""

    entry_id: Id
    value: Annotated[int, Meta(ge=-1, le=1)]


class ConfirmEntry(Command, frozen=True, tag="confirm_entry"):
    """Crew and curators: this entry was played as written; ``confirmed`` false takes it back."""

    entry_id: Id
    confirmed: bool = True


class SealSetlist(Command, frozen=True, tag="seal_setlist"):
    """The artist says: this is what was played. Settles the entries' ratings.

    ``seen_seq``: the newest event that its author saw. Where somebody else has edited the list
    after it the command is refused with ``setlist_changed``, so that nobody seals unseen edits.
    """

    seen_seq: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class UnsealSetlist(Command, frozen=True, tag="unseal_setlist"):
    """Takes the artist's seal off."""


class Announce(Command, frozen=True, tag="announce"):
    """A line from the crew that everybody sees."""

    text: Annotated[str, Meta(max_length=8 * limits.ANNOUNCEMENT_CHARACTERS_MAX)]


class WithdrawAnnouncement(Command, frozen=True, tag="withdraw_announcement"):
    """Takes down the announcement that stands; ``announcement_id``: only if it is this one."""

    announcement_id: Id | None = None


class MuteParticipant(Command, frozen=True, tag="mute_participant"):
    """Stops a participant's chat; ``duration_s`` seconds, or until lifted with 0."""

    participant_id: Id
    duration_s: Annotated[int, Meta(ge=0, le=limits.MUTE_DURATION_S_MAX)] | None = None


class RemoveParticipant(Command, frozen=True, tag="remove_participant"):
    """Removes a participant from the room: its sockets close with 4410 and stay out, until it is
    readmitted."""

    participant_id: Id


class ReadmitParticipant(Command, frozen=True, tag="readmit_participant"):
    """Lets somebody in again who was removed."""

    participant_id: Id


class SetSlowMode(Command, frozen=True, tag="set_slow_mode"):
    """One chat line per fan in this many seconds; 0 turns slow mode off."""

    interval_s: Annotated[int, Meta(ge=0, le=limits.SLOW_MODE_INTERVAL_S_MAX)]


class UpdateSetlist(Command, frozen=True, tag="update_setlist"):
    """One Yjs update (v1), from a binary frame or ``POST …/setlist/updates``.

    ``first_sync``: a sync step 2, which may be as large as a document.
    """

    update: bytes
    first_sync: bool = False


class RewriteSetlist(Command, frozen=True, tag="rewrite_setlist"):
    """Brings entries back to what they were: a rollback, a restore or an undo.

    Given through ``POST …/setlist/rollback``, ``…/restore`` and ``…/undo``; the door reads what
    was from the log. A new edit like any other: it merges with what others type meanwhile.

    Attributes:
        cause: ``rollback``, ``restore`` or ``undo``.
        entries: what each entry shall be (its fields as in the export); ``None``: absent. Of an
            undo only the fields that the undone edit changed. A rollback names the whole list:
            what it does not name goes.
        made: of an undo, what the edit had made of the same fields; ``None``: it removed the
            entry. Only what is still so is undone.
        to_seq: the event whose list is meant; ``None`` for an undo.
        of_seq: the event that is undone.
    """

    cause: Annotated[str, Meta(pattern="^(rollback|restore|undo)$")]
    entries: dict[str, dict[str, Any] | None]
    made: dict[str, dict[str, Any] | None] = {}
    to_seq: int | None = None
    of_seq: int | None = None


class ChangeShowStatus(Command, frozen=True, tag="change_show_status"):
    """One legal transition of the show's life; see `rooms.show.TRANSITIONS`."""

    to: ShowStatus


class CloseDueRound(Command, frozen=True, tag="close_due_round"):
    """The timer's wish: close this round if its end and the margin have passed."""

    round_id: Id


class HoldRound(Command, frozen=True, tag="hold_round"):
    """A node's wish: votes received in time still wait in its inbox, so close it no earlier."""

    round_id: Id
    until: datetime


class LinkParticipants(Command, frozen=True, tag="link_participants"):
    """A phone and the person's app are one: ``participant_id`` is ``into`` from now on.

    Setroom itself says so, once a phone was proven; see `rooms.decide.linking`.
    """

    participant_id: Id
    into: Id


WireCommand = (
    CastVote
    | WithdrawVote
    | PostChat
    | RemoveChat
    | ReleaseChat
    | ReportChat
    | DismissChatReports
    | SetWordFilter
    | React
    | SetNowPlaying
    | LockSetlist
    | UnlockSetlist
    | OpenRound
    | ExtendRound
    | CloseRound
    | RevealRound
    | CancelRound
    | DecideTie
    | SetJury
    | RequestSong
    | UpvoteSongRequest
    | MarkSongRequest
    | RateEntry
    | ConfirmEntry
    | SealSetlist
    | UnsealSetlist
    | Announce
    | WithdrawAnnouncement
    | MuteParticipant
    | RemoveParticipant
    | ReadmitParticipant
    | SetSlowMode
)
"""What a client may say by name over a socket or ``POST …/commands``."""

AnyCommand = (
    WireCommand
    | CreateRound
    | UpdateRound
    | SupersedeRound
    | ReleaseVotes
    | HoldVotes
    | UpdateSetlist
    | RewriteSetlist
    | ChangeShowStatus
    | CloseDueRound
    | HoldRound
    | LinkParticipants
)
"""Everything that an actor decides."""


class Envelope(Struct, frozen=True):
    """A command on its way to the actor.

    Attributes:
        command_id: said twice, done once. Key: (show, participant, command_id).
        participant: who acts, from authentication.
        received_at: when the door read it, on the node's clock corrected to the database's.
        command: what is wanted.
        payload_hash: digest of name and arguments; a different payload under a used
            ``command_id`` is refused with ``command_id_reused``.
        channel: the door's channel, for eligibility and the count of voters by channel.
        keeps_reply: whether the answer is stored. A socket's Yjs frames have no id of their own:
            said again they change nothing, so they need none.
    """

    command_id: str
    participant: Participant
    received_at: datetime
    command: AnyCommand
    payload_hash: bytes
    channel: Channel = Channel.WEB
    keeps_reply: bool = True


def by_system(command: AnyCommand, at: datetime, command_id: str) -> Envelope:
    """A command that nobody gave by hand. Said again it changes nothing, so no reply is kept."""
    return Envelope(
        command_id=command_id,
        participant=SYSTEM,
        received_at=at,
        command=command,
        payload_hash=b"",
        keeps_reply=False,
    )


WIRE_COMMANDS: dict[str, type[Command]] = {
    str(kind.__struct_config__.tag): kind for kind in WireCommand.__args__
}
"""Wire name → command struct."""


_decoders = {name: msgspec.json.Decoder(kind).decode for name, kind in WIRE_COMMANDS.items()}


def _decode_any(args: msgspec.Raw) -> Any:
    # Well-formed all of it, which the frame's own decoder has seen. Values are looked at here.
    try:
        return msgspec.json.decode(args)
    except (msgspec.DecodeError, RecursionError) as error:
        raise invalid(str(error)) from None


def decode_command(name: str, args: Any) -> WireCommand:
    """Turns a wire name and its arguments into a command.

    Unknown fields are ignored (PROTOCOL).

    Args:
        name: as sent.
        args: decoded JSON, or as it was sent: then most are decoded in one go.

    Raises:
        Refused: ``unknown_command`` or ``invalid_arguments``, with the field at fault.
    """
    kind = WIRE_COMMANDS.get(name)
    if kind is None:
        raise Refused("unknown_command", "This room knows no such command.", status=400)
    if isinstance(args, msgspec.Raw):
        try:
            return _decoders[name](args)  # type: ignore[return-value]
        except (msgspec.DecodeError, RecursionError):
            # Nearly always at fault, but "name" among the arguments, which is nobody's, is not.
            args = _decode_any(args)
    payload = {**args, "name": name} if isinstance(args, dict) else args
    try:
        return msgspec.convert(payload, kind)  # type: ignore[return-value]
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from None
