"""Every text that is sent, as short as it usually is and as long as it can get."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from rooms import limits
from rooms.sms import replies as said
from rooms.sms.choosing import Fault
from rooms.sms.intents import Unreadable
from rooms.sms.rendering import REFUSALS
from rooms.sms.replies import AnyReply, Choice, Standing
from rooms.vote_config import VoteType

SHOW, ROUND = "Barton Hall", "Encore?"
SONGS = ("Truckin'", "Blue Sky", "Sugaree")
ADDRESS = "https://setroom.example/c/5mXq0Wv8h2"
LONGEST_ADDRESS = "https://shows.some-concert-hall.example/c/5mXq0Wv8h2bTz4KdLr9aYn"
"""As long as a host of a venue's own makes it."""

LONGEST = "W" * limits.TITLE_CHARACTERS_MAX


class Specimen(Struct, frozen=True):
    """One text: what it is for, a usual reply and one with the longest names there may be."""

    name: str
    usual: AnyReply
    longest: AnyReply


def specimens() -> list[Specimen]:
    """All of them, in the order of the table."""
    return [
        *_joining(),
        *_voting(),
        *_faults(),
        *_songs(),
        *_rest(),
        *_refusals(),
        *_messages(),
    ]


def _fixed(name: str, reply: AnyReply) -> Specimen:
    return Specimen(name, reply, reply)


def _joining() -> Iterator[Specimen]:
    yield Specimen("JOIN", said.Joined(SHOW), said.Joined(LONGEST))
    yield Specimen("JOIN again", said.AlreadyJoined(SHOW), said.AlreadyJoined(LONGEST))
    yield _fixed("JOIN without code", said.JoinHow())
    code = "W" * limits.SMS_CODE_CHARACTERS_MAX
    yield Specimen("unknown code", said.CodeUnknown("ABC234"), said.CodeUnknown(code))
    yield Specimen("show not open", said.ShowNotOpen(SHOW), said.ShowNotOpen(LONGEST))
    yield Specimen("show over", said.ShowOver(SHOW), said.ShowOver(LONGEST))
    yield Specimen(
        "show takes no texts", said.ShowTakesNoTexts(SHOW), said.ShowTakesNoTexts(LONGEST)
    )
    yield Specimen("CONFIRM", said.Confirmed(SHOW), said.Confirmed(LONGEST))
    yield Specimen("CONFIRM again", said.AlreadyConfirmed(SHOW), said.AlreadyConfirmed(LONGEST))
    yield _fixed("nothing to confirm", said.NothingToConfirm())
    yield _fixed("wrong code", said.CodeWrong())
    yield _fixed("expired code", said.CodeExpired())
    yield Specimen("phone linked", said.PhoneLinked(SHOW), said.PhoneLinked(LONGEST))


def _chosen(count: int, value: int | None = None, *, longest: bool = False) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(n), LONGEST if longest else SONGS[(n - 1) % len(SONGS)], value)
        for n in range(1, count + 1)
    )


def _voting() -> Iterator[Specimen]:
    most = _chosen(limits.ROUND_OPTIONS_MAX, longest=True)
    yield Specimen(
        "vote taken",
        said.VoteTaken(VoteType.SINGLE, _chosen(1)),
        said.VoteTaken(VoteType.SINGLE, _chosen(1, longest=True)),
    )
    yield Specimen(
        "vote taken, several",
        said.VoteTaken(VoteType.APPROVAL, _chosen(2)),
        said.VoteTaken(VoteType.APPROVAL, most[:25]),
    )
    yield Specimen(
        "vote taken, points",
        said.VoteTaken(VoteType.POINTS, _chosen(2, 3)),
        said.VoteTaken(VoteType.POINTS, _chosen(8, 1000, longest=True)),
    )
    yield Specimen(
        "vote taken for good",
        said.VoteTaken(VoteType.SINGLE, _chosen(1), final=True),
        said.VoteTaken(VoteType.SINGLE, _chosen(1, longest=True), final=True),
    )
    yield Specimen(
        "vote changed",
        said.VoteTaken(VoteType.SINGLE, _chosen(1), changed=True),
        said.VoteTaken(VoteType.UPDOWN, _chosen(5, 1, longest=True), changed=True),
    )
    yield Specimen(
        "vote held",
        said.VoteTaken(VoteType.SINGLE, _chosen(1), held=True),
        said.VoteTaken(VoteType.RANKED, most[:5], held=True),
    )
    yield Specimen("too late", said.VoteLate(), said.VoteLate(LONGEST))
    yield Specimen("no round open", said.NoOpenRound(SHOW), said.NoOpenRound(LONGEST))
    yield Specimen(
        "no round open, next", said.NoOpenRound(SHOW, ROUND), said.NoOpenRound(LONGEST, LONGEST)
    )
    yield Specimen("too many", said.TooManyPicks(1), said.TooManyPicks(limits.ROUND_OPTIONS_MAX))
    asked = _chosen(limits.SMS_CANDIDATES_MAX, longest=True)
    yield Specimen("did you mean", said.DidYouMean(_chosen(1)), said.DidYouMean(asked))


def _faults() -> Iterator[Specimen]:
    most = _chosen(limits.ROUND_OPTIONS_MAX, longest=True)
    for fault in Fault:
        kind = _KINDS.get(fault, VoteType.SINGLE)
        yield Specimen(
            f"not a ballot: {fault.value.replace('_', ' ')}",
            said.VoteFaulty(fault, kind, _chosen(3), 2),
            said.VoteFaulty(fault, kind, most, 999_999),
        )


def _songs() -> Iterator[Specimen]:
    yield _fixed("REQ without title", said.SongHow())
    yield Specimen("song requested", said.SongRequested(SONGS[0]), said.SongRequested(LONGEST))
    yield Specimen("song supported", said.SongUpvoted(SONGS[0]), said.SongUpvoted(LONGEST))
    yield Specimen("song unclear", said.SongUnclear(SONGS[:1]), said.SongUnclear((LONGEST,) * 3))


def _rest() -> Iterator[Specimen]:
    yield Specimen(
        "SCORE",
        said.ScoreTold(ROUND, tuple(Standing(song, 120) for song in SONGS)),
        said.ScoreTold(LONGEST, (Standing(LONGEST, 1_000_000),) * 3),
    )
    yield Specimen("SCORE without votes", said.ScoreTold(ROUND, ()), said.ScoreTold(LONGEST, ()))
    yield Specimen("SCORE hidden", said.ScoreHidden(ROUND), said.ScoreHidden(LONGEST))
    yield _fixed("SCORE without a round", said.NoScore())
    yield _fixed("LANG", said.LanguageChanged())
    yield _fixed("LANG unknown", said.LanguageUnknown())
    yield _fixed("HELP", said.HelpTold())
    yield _fixed("STOP", said.Stopped())
    yield _fixed("START", said.Started())
    yield _fixed("still stopped", said.StillStopped())
    yield _fixed("unrecognised", said.Unrecognised())
    yield _fixed("nothing to read", said.NotRead(Unreadable.MEDIA))
    yield _fixed("too long to read", said.NotRead(Unreadable.TOO_LONG))
    yield Specimen("too fast", said.RateLimited(9), said.RateLimited(3600))
    yield _fixed("busy", said.Busy())


def _refusals() -> Iterator[Specimen]:
    for code in dict.fromkeys(REFUSALS.values()):
        told = next(key for key, value in REFUSALS.items() if value == code)
        yield _fixed(f"refused: {code.replace('_', ' ')}", said.RefusedBy(told))
    yield _fixed("refused: anything else", said.RefusedBy("some_other_code"))


def _messages() -> Iterator[Specimen]:
    yield Specimen("NUDGE", said.Nudge(SHOW, ROUND), said.Nudge(LONGEST, LONGEST))
    yield Specimen(
        "RESULTS",
        said.Results(SHOW, ROUND, SONGS[0]),
        said.Results(LONGEST, LONGEST, LONGEST),
    )
    yield Specimen(
        "RESULTS, address",
        said.ResultsOnly(SHOW, ADDRESS),
        said.ResultsOnly(LONGEST, LONGEST_ADDRESS),
    )
    yield Specimen("RECAP", said.Recap(SHOW, ADDRESS), said.Recap(LONGEST, LONGEST_ADDRESS))
    yield Specimen(
        "CONFIRM, address",
        said.ConfirmLink(SHOW, ADDRESS),
        said.ConfirmLink(LONGEST, LONGEST_ADDRESS),
    )
    yield Specimen(
        "BROADCAST",
        said.Broadcast(SHOW, "Doors are open. See you inside!"),
        said.Broadcast(LONGEST, "x" * 120),
    )


_KINDS = {
    Fault.TOO_FEW: VoteType.RANKED,
    Fault.TWICE: VoteType.RANKED,
    Fault.OVER_BUDGET: VoteType.POINTS,
    Fault.VALUES_MISSING: VoteType.POINTS,
    Fault.SAME_PAIR: VoteType.BRACKET,
    Fault.NO_OPPONENT: VoteType.BRACKET,
    Fault.NAME_WANTED: VoteType.QUEUE,
}
