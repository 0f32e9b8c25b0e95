"""Replies as texts: a pure function of situation and language.

One segment wherever the words allow; names are shortened for it (`rooms.sms.fitting`). Which texts
take more, and by how much: docs/sms.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import Final

import msgspec

from rooms import limits
from rooms.sms import replies as said
from rooms.sms.consent import MESSAGES_PER_SHOW_MAX
from rooms.sms.fitting import Name, Piece, joined, needs, room_for
from rooms.sms.intents import Unreadable
from rooms.sms.languages import Language
from rooms.sms.replies import AnyReply, Choice
from rooms.sms.segments import Encoding
from rooms.sms.texts import TEXTS
from rooms.vote_config import VoteType

SCORE_MAX: Final = 3
"""Options in a score: the first three."""

REFUSALS: Final = {
    "not_allowed": "not_allowed",
    "check_in_required": "check_in_required",
    "account_required": "account_required",
    "phone_required": "phone_required",
    "phone_taken": "phone_taken",
    "device_required": "device_required",
    "device_has_voted": "device_has_voted",
    "vote_is_final": "vote_is_final",
    "round_not_open": "round_not_open",
    "unknown_round": "round_not_open",
    "unknown_option": "unknown_option",
    "queue_takes_upvotes": "queue_takes_upvotes",
    "not_a_queue": "round_not_open",
    "removed": "removed",
    "code_required": "code_required",
    "room_closed": "room_closed",
    "room_not_open": "room_not_open",
    "show_not_live": "show_not_live",
    "song_declined": "song_declined",
    "already_played": "already_played",
    "too_many_song_requests": "too_many_song_requests",
    "song_requests_full": "song_requests_full",
    "too_many_stances": "too_many_stances",
    "muted": "muted",
    "words_refused": "words_refused",
    "invalid_text": "invalid_title",
    "empty_text": "invalid_title",
    "text_too_long": "invalid_title",
    "invalid_picks": "unknown_option",
}
"""Refusals of a room that a text can meet (`rooms.decide`), and what is said of each."""

Value = str | int | Name | Sequence[Piece]


@lru_cache(maxsize=2_048)
def render(reply: AnyReply, language: Language) -> str:
    """The text of a reply. Remembered: a round of thousands of votes has as many receipts as it has
    options."""
    return _Words(language).reply(reply)


def refusal(code: str, *, retryable: bool, retry_after_s: float | None = None) -> AnyReply:
    """The reply that says what a room's error says (`rooms.errors.RoomError`)."""
    if code == "round_closed":
        return said.VoteLate()
    if code == "rate_limited":
        return said.RateLimited(max(1, math.ceil(retry_after_s or 1)))
    if retryable or code == "participant_linked":
        return said.Busy()  # linked while the text was under way: the next one finds the way
    return said.RefusedBy(code)


class _Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self._texts = TEXTS[language]

    def reply(self, reply: AnyReply) -> str:
        match reply:
            case said.VoteTaken():
                return self._taken(reply)
            case said.VoteFaulty():
                return self._faulty(reply)
            case said.DidYouMean(options=options):
                return self._did_you_mean(options)
            case said.SongUnclear(titles=titles):
                names: list[Piece] = [Name(title) for title in titles]
                return self.made("song_unclear", titles=self._either(names))
            case said.ScoreTold(round=title, top=top):
                return self._score(title, top)
            case said.TooManyPicks(max=1):
                return self.made("too_many_one")
            case said.VoteLate(upcoming=upcoming) if upcoming:
                return self.made("vote_late_next", upcoming=Name(upcoming))
            case said.NoOpenRound(show=show, upcoming=upcoming) if upcoming:
                return self.made(
                    "no_open_round_next", show=Name(show, known=True), upcoming=Name(upcoming)
                )
            case said.RefusedBy(code=code):
                key = REFUSALS.get(code)
                return self.made(f"refused.{key}" if key else "refused")
            case said.NotRead(reason=reason):
                return self.made("not_read_long" if reason is Unreadable.TOO_LONG else "not_read")
            case _:
                return self._plain(reply)

    def made(self, key: str, **values: Value) -> str:
        """The text of a key with its placeholders filled."""
        return joined(self.pieces(key, values))

    def pieces(self, key: str, values: Mapping[str, Value]) -> list[Piece]:
        """The text of a key in pieces: our words, and names."""
        found: list[Piece] = []
        for words, field, _, _ in Formatter().parse(self._texts[key]):
            if words:
                found.append(words)
            if field is None:
                continue
            value = MESSAGES_PER_SHOW_MAX if field == "messages" else values[field]
            if isinstance(value, str | int):
                found.append(str(value))
            elif isinstance(value, Name):
                found.append(value)
            else:
                found += value
        return found

    def _plain(self, reply: AnyReply) -> str:
        """A reply whose fields are the placeholders of the text of its tag."""
        fields = msgspec.structs.asdict(reply)
        values = {
            key: Name(value, known=key == "show") if key in _NAMES else value
            for key, value in fields.items()
        }
        return self.made(str(reply.__struct_config__.tag), **values)

    # --- votes --------------------------------------------------------------------------------

    def _taken(self, reply: said.VoteTaken) -> str:
        if reply.held:
            key = "vote_held"
        elif reply.changed:
            key = "vote_changed"
        elif reply.final:
            key = "vote_taken_final"
        else:
            key = "vote_taken"
        named = _listed([_named(choice, reply.type) for choice in reply.choices])
        pieces = self.pieces(key, {"choices": named})
        if needs(pieces) > room_for(Encoding.GSM7, 1):
            codes = ",".join(_coded(choice, reply.type) for choice in reply.choices)
            pieces = self.pieces(key, {"choices": codes})
        return joined(pieces)

    def _faulty(self, reply: said.VoteFaulty) -> str:
        """What is wrong, how it is done, and what there is to choose from as far as it fits."""
        fault: dict[str, Value] = {"amount": 0 if reply.amount is None else reply.amount}
        codes = [choice.code for choice in reply.options] or ["1"]
        how: dict[str, Value] = {"first": codes[0], "second": codes[min(1, len(codes) - 1)]}
        pieces = [
            *self.pieces(f"fault.{reply.fault}", fault),
            " ",
            *self.pieces(f"how.{_HOW.get(reply.type, 'single')}", how),
        ]
        if reply.type is VoteType.QUEUE:
            return joined(pieces)
        options = _listed([[f"{choice.code} ", Name(choice.label)] for choice in reply.options])
        whole = [*pieces, " ", *options]
        return joined(whole if needs(whole) <= room_for(Encoding.GSM7, 1) else pieces)

    def _did_you_mean(self, options: Sequence[Choice]) -> str:
        options = options[: limits.SMS_CANDIDATES_MAX]
        named = self._between([[f"{choice.code} ", Name(choice.label)] for choice in options])
        codes = self._texts["or"].join(choice.code for choice in options)
        return self.made("did_you_mean", options=named, codes=codes)

    def _score(self, title: str, top: Sequence[said.Standing]) -> str:
        if not top:
            return self.made("score_empty", round=Name(title))
        lines: list[list[Piece]] = [[Name(one.label), f" {one.votes}"] for one in top[:SCORE_MAX]]
        return self.made("score", round=Name(title), top=_listed(lines))

    def _either(self, names: Sequence[Piece]) -> list[Piece]:
        return self._between([[name] for name in names])

    def _between(self, groups: Sequence[Sequence[Piece]]) -> list[Piece]:
        """``a, b or c``."""
        found: list[Piece] = []
        for place, group in enumerate(groups):
            if place:
                found.append(self._texts["or"] if place == len(groups) - 1 else ", ")
            found += group
        return found


_NAMES: Final = frozenset({"show", "round", "title", "upcoming", "winner"})
"""Fields that hold other people's words."""

_HOW: Final = {
    VoteType.SINGLE: "single",
    VoteType.WEIGHTED: "single",
    VoteType.APPROVAL: "approval",
    VoteType.RANKED: "ranked",
    VoteType.POINTS: "points",
    VoteType.UPDOWN: "updown",
    VoteType.BRACKET: "bracket",
    VoteType.QUEUE: "queue",
}


def _listed(groups: Sequence[Sequence[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for place, group in enumerate(groups):
        if place:
            found.append(", ")
        found += group
    return found


def _named(choice: Choice, kind: VoteType) -> list[Piece]:
    """An option that was chosen: ``2 Blue Sky``, ``-2 Blue Sky``, ``2 Blue Sky=3``."""
    before, after = _marks(choice, kind)
    return (
        [f"{before}{choice.code} ", Name(choice.label), after]
        if after
        else [
            f"{before}{choice.code} ",
            Name(choice.label),
        ]
    )


def _coded(choice: Choice, kind: VoteType) -> str:
    before, after = _marks(choice, kind)
    return f"{before}{choice.code}{after}"


def _marks(choice: Choice, kind: VoteType) -> tuple[str, str]:
    if choice.value is None:
        return "", ""
    if kind is VoteType.UPDOWN:
        return ("+" if choice.value > 0 else "-"), ""
    return "", f"={choice.value}"
