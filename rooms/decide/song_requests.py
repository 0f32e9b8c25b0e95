"""Song requests: wishing, and supporting the wishes of others."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import msgspec

from rooms import limits
from rooms.commands import Envelope, RequestSong, UpvoteSongRequest
from rooms.decide.draft import Draft
from rooms.decide.latest import is_overtaken
from rooms.decide.votes import QueueVoter, queue_voter
from rooms.decide.word_filter import require_fit_words
from rooms.errors import Refused, invalid, unknown
from rooms.events import SongRequested
from rooms.plain_text import says_something, without_stacks
from rooms.ports import BallotRecord, StanceKind, StanceRecord
from rooms.rounds.counting.patterns import WITHDRAWN
from rooms.show import ShowStatus
from rooms.song_requests.matching import QueueIndex
from rooms.song_requests.played import played_tonight
from rooms.song_requests.queue import TAKES_PART, TAKES_PART_PATTERN, requests_in
from rooms.song_requests.requests import (
    STANDING_QUEUE,
    SUPPORTABLE,
    UNDECIDED,
    RequestStatus,
    SongRequest,
)
from rooms.vote_config import Change

_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ON = frozenset({ShowStatus.DRAFT, ShowStatus.PUBLISHED, ShowStatus.LIVE})


def request_song(draft: Draft, envelope: Envelope, command: RequestSong) -> dict[str, Any]:
    """A new wish, an upvote of the same one, or the question which one is meant."""
    _require_on(draft)
    voter = _voter(draft, envelope, command.round_id)
    song_id, title = _wanted(draft, command)
    index = _index_of(draft, command.round_id or STANDING_QUEUE)
    same = index.same(song_id, title, separate=command.separate)
    open_to_support = [one for one in same if _known(draft, one).status in SUPPORTABLE]
    if open_to_support:
        request = _known(draft, open_to_support[0])
        _support(draft, envelope, request.song_request_id, voter)
        return {"outcome": "upvoted", **_told(request)}
    if any(_known(draft, one).status is RequestStatus.DECLINED for one in same):
        raise Refused("song_declined", "The crew declined this song tonight.")
    if not command.separate and _played(draft, song_id, title, same):
        raise Refused("already_played", "This song was played tonight.")
    _require_few(draft, envelope, index)
    if not command.separate:
        candidates = index.resembling(title, _may_be_meant(draft, song_id))
        if candidates:
            told = [_told(_known(draft, one)) for one in candidates]
            return {"outcome": "unclear", "title": title, "candidates": told}
    return _add(draft, envelope, command.round_id, song_id, title, voter)


def upvote_song_request(
    draft: Draft, envelope: Envelope, command: UpvoteSongRequest
) -> dict[str, Any]:
    """Supports a wish that is not decided yet, or takes the support back."""
    _require_on(draft)
    request = draft.state.memory.song_requests.get(command.song_request_id)
    if request is None:
        raise unknown("song_request")
    if request.status not in SUPPORTABLE:
        raise Refused("song_request_decided", f"This song request was {request.status}.")
    voter = _voter(draft, envelope, request.round_id)
    who = envelope.participant.participant_id
    said = draft.last_stance(StanceKind.UPVOTE, request.song_request_id, who)
    if said is not None and is_overtaken(envelope, said, draft.now):
        up = bool(said.value)
        return {"song_request_id": request.song_request_id, "up": up, "superseded": True}
    if command.up:
        _support(draft, envelope, request.song_request_id, voter)
    else:
        _take_back(draft, envelope, request, voter)
    return {"song_request_id": request.song_request_id, "up": command.up}


# --- what is wished for -----------------------------------------------------------------------


def _wanted(draft: Draft, command: RequestSong) -> tuple[str | None, str]:
    """(song_id, title). Free text that is a title of the catalogue is that song."""
    if command.song_id is not None:
        song = draft.songs.get(command.song_id)
        if song is None:
            raise unknown("song")
        return song.song_id, song.title
    if command.title is None:
        raise invalid("Name a song or a title.")
    title = clean_title(command.title)
    song = draft.song_titled(title)
    return (song.song_id, song.title) if song is not None else (None, title)


def clean_title(text: str) -> str:
    """A title as it is shown: NFC, single spaces, one line.

    Raises:
        Refused: ``invalid_text``, ``empty_text`` or ``text_too_long``.
    """
    text = unicodedata.normalize("NFC", text)
    categories = [unicodedata.category(character) for character in text]
    if not {"Cc", "Cs", "Co", "Zl", "Zp"}.isdisjoint(categories) or _BIDI_OVERRIDES & set(text):
        raise Refused("invalid_text", "A title is one line of plain text.", status=400)
    if not says_something(text):
        raise Refused("empty_text", "A song has a title.", status=400)
    title = " ".join(without_stacks(text).split())
    if len(title) > limits.TITLE_CHARACTERS_MAX:
        detail = f"At most {limits.TITLE_CHARACTERS_MAX} characters."
        raise Refused("text_too_long", detail, status=400)
    return title


def _may_be_meant(draft: Draft, song_id: str | None) -> Callable[[str], bool]:
    """Only what can be upvoted is asked about, and no song of the catalogue instead of another."""

    def may(song_request_id: str) -> bool:
        request = _known(draft, song_request_id)
        both_known = song_id is not None and request.song_id is not None
        return request.status in SUPPORTABLE and not both_known

    return may


def _played(draft: Draft, song_id: str | None, title: str, same: list[str]) -> bool:
    """Whether the song was played; ``same``: requests of this queue for it."""
    played = played_tonight(
        draft.twin.entries(),
        draft.state.memory.was_playing,
        (_known(draft, one) for one in same),
    )
    return played.has(song_id, title)


def _add(
    draft: Draft,
    envelope: Envelope,
    round_id: str | None,
    song_id: str | None,
    title: str,
    voter: QueueVoter | None,
) -> dict[str, Any]:
    """A new request, supported by its author."""
    who = envelope.participant
    muted_until = draft.state.memory.muted.get(who.participant_id)
    if song_id is None and muted_until is not None and envelope.received_at < muted_until:
        raise Refused("muted", "You are muted in this room: choose from the catalogue.", status=403)
    if song_id is None:
        require_fit_words(draft, who, title)  # a title of the catalogue is what a song is called
    _require_stances(draft, who.participant_id)
    data = SongRequested(
        song_request_id=draft.new_id(),
        participant_id=who.participant_id,
        display_name=who.display_name,
        title=title,
        song_id=song_id,
        round_id=round_id,
    )
    draft.emit(data, envelope)
    request = _known(draft, data.song_request_id)
    _index_of(draft, request.queue, fresh=request)
    _support(draft, envelope, request.song_request_id, voter)
    return {"outcome": "requested", **_told(request)}


def _told(request: SongRequest) -> dict[str, Any]:
    told = {"song_request_id": request.song_request_id, "title": request.title}
    return told | ({"song_id": request.song_id} if request.song_id else {})


# --- support ----------------------------------------------------------------------------------


def _support(
    draft: Draft, envelope: Envelope, song_request_id: str, voter: QueueVoter | None
) -> None:
    """One upvote; said again it changes nothing. In a round the first one is a ballot as well."""
    who = envelope.participant.participant_id
    if draft.stance(StanceKind.UPVOTE, song_request_id, who) is not None:
        return
    if not draft.has_spoken(StanceKind.UPVOTE, song_request_id, who):
        _require_stances(draft, who)
    draft.put_stance(
        StanceRecord(
            kind=StanceKind.UPVOTE,
            subject=song_request_id,
            participant_id=who,
            value=1,
            voter_class=voter.voter_class if voter is not None else "",
            cast_at=envelope.received_at,
        )
    )
    if voter is None or draft.ballot(voter.record.round_id, who) is not None:
        return
    draft.put_ballot(
        BallotRecord(
            round_id=voter.record.round_id,
            participant_id=who,
            picks=TAKES_PART,
            pattern=TAKES_PART_PATTERN,
            voter_class=voter.voter_class,
            cast_at=envelope.received_at,
            device_id=voter.device_id,
        )
    )


def _take_back(
    draft: Draft, envelope: Envelope, request: SongRequest, voter: QueueVoter | None
) -> None:
    """Takes one upvote back, and with the last one in a round the ballot."""
    who = envelope.participant.participant_id
    before = draft.stance(StanceKind.UPVOTE, request.song_request_id, who)
    if before is None:
        return
    if voter is not None and voter.record.config.change is Change.NEVER:
        raise Refused("vote_is_final", "A vote in this round cannot be changed.")
    at = envelope.received_at
    draft.put_stance(msgspec.structs.replace(before, value=0, cast_at=at, version=0))
    if voter is None:
        return
    round_id = voter.record.round_id
    ballot = draft.ballot(round_id, who)
    supports = any(
        draft.stance(StanceKind.UPVOTE, other.song_request_id, who) is not None
        for other in requests_in(draft.state, round_id)
    )
    if ballot is not None and not supports:
        draft.put_ballot(
            msgspec.structs.replace(ballot, picks=(), pattern=WITHDRAWN, cast_at=at, version=0)
        )


# --- who may ----------------------------------------------------------------------------------


def _require_on(draft: Draft) -> None:
    if draft.state.facts.status not in _ON:
        raise Refused("show_not_live", "Songs are requested while the show is live.")


def _voter(draft: Draft, envelope: Envelope, round_id: str | None) -> QueueVoter | None:
    return None if round_id is None else queue_voter(draft, envelope, round_id)


def _require_few(draft: Draft, envelope: Envelope, index: QueueIndex) -> None:
    if len(draft.state.memory.song_requests) >= limits.SONG_REQUESTS_MAX:
        raise Refused("song_requests_full", "This show has as many requests as a show may have.")
    who = envelope.participant
    own = index.by_author(who.participant_id)
    undecided = sum(_known(draft, one).status in UNDECIDED for one in own)
    if undecided >= limits.SONG_REQUESTS_PER_PARTICIPANT and not who.is_crew:
        detail = f"At most {limits.SONG_REQUESTS_PER_PARTICIPANT} of yours may wait at once."
        raise Refused("too_many_song_requests", detail)


def _require_stances(draft: Draft, participant_id: str) -> None:
    if draft.stance_count(participant_id) >= limits.STANCES_PER_PARTICIPANT:
        raise Refused("too_many_stances", "You have rated and supported as much as one may.")


# --- the queue in this turn -------------------------------------------------------------------


def _known(draft: Draft, song_request_id: str) -> SongRequest:
    return draft.state.memory.song_requests[song_request_id]


def _index_of(draft: Draft, queue: str, *, fresh: SongRequest | None = None) -> QueueIndex:
    """The queue's index, made once a turn; ``fresh`` was requested in this turn."""
    index = draft.song_queues.get(queue)
    if index is None:
        index = draft.song_queues[queue] = QueueIndex(requests_in(draft.state, queue))
    elif fresh is not None:
        index.add(fresh)
    return index
