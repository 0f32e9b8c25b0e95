"""What a text is answered with, and what else is sent: situations, not words.

`rooms.sms.rendering.render` says them.

Names of shows, rounds and songs are given in full; they are shortened where the text is made.
"""

from __future__ import annotations

from msgspec import Struct

from rooms.sms.choosing import Fault
from rooms.sms.intents import Unreadable
from rooms.sms.naming import code_of
from rooms.vote_config import Option, Pick, VoteConfig, VoteType


class Choice(Struct, frozen=True, omit_defaults=True):
    """An option as a reply names it. ``value``: points, or ±1 (``updown``)."""

    code: str
    label: str
    value: int | None = None


class Standing(Struct, frozen=True):
    """An option in a score, with its votes (or points)."""

    label: str
    votes: int


class Reply(Struct, frozen=True, tag_field="reply", omit_defaults=True):
    """Base of all."""


# --- joining ----------------------------------------------------------------------------------


class Joined(Reply, frozen=True, tag="joined"):
    """The first reply to a JOIN: brand, frequency, rates, HELP and STOP."""

    show: str


class AlreadyJoined(Reply, frozen=True, tag="already_joined"):
    """JOIN again."""

    show: str


class JoinHow(Reply, frozen=True, tag="join_how"):
    """JOIN without one code, or something of a show by somebody who is in none."""


class CodeUnknown(Reply, frozen=True, tag="code_unknown"):
    """No show has this code."""

    code: str


class ShowNotOpen(Reply, frozen=True, tag="show_not_open"):
    """The show cannot be joined yet."""

    show: str


class ShowOver(Reply, frozen=True, tag="show_over"):
    """The show is closed, archived or cancelled."""

    show: str


class ShowTakesNoTexts(Reply, frozen=True, tag="show_takes_no_texts"):
    """The show is for the page only."""

    show: str


# --- confirming -------------------------------------------------------------------------------


class Confirmed(Reply, frozen=True, tag="confirmed"):
    """CONFIRM: messages may come on the show's night."""

    show: str


class AlreadyConfirmed(Reply, frozen=True, tag="already_confirmed"):
    """CONFIRM again."""

    show: str


class NothingToConfirm(Reply, frozen=True, tag="nothing_to_confirm"):
    """CONFIRM without having joined a show that is still to come."""


class CodeWrong(Reply, frozen=True, tag="code_wrong"):
    """CONFIRM with digits that the app has not shown."""


class CodeExpired(Reply, frozen=True, tag="code_expired"):
    """CONFIRM with digits of some time ago."""


class PhoneLinked(Reply, frozen=True, tag="phone_linked"):
    """CONFIRM with the app's digits: phone and app are one attendee now."""

    show: str


# --- voting -----------------------------------------------------------------------------------


class VoteTaken(Reply, frozen=True, tag="vote_taken"):
    """A ballot.

    ``changed``: there was another before. ``held``: crew looks at it first. ``final``: the round
    takes no changes.
    """

    type: VoteType
    choices: tuple[Choice, ...]
    changed: bool = False
    held: bool = False
    final: bool = False


class VoteLate(Reply, frozen=True, tag="vote_late"):
    """The round was closed when the text came."""

    upcoming: str = ""
    """What is next, if that is known: the title of another open round."""


class NoOpenRound(Reply, frozen=True, tag="no_open_round"):
    """A vote while nothing is voted on."""

    show: str
    upcoming: str = ""
    """What is next, if the crew has said so."""


class VoteFaulty(Reply, frozen=True, tag="vote_faulty"):
    """Not a ballot of this round: what is wrong, and how it is done."""

    fault: Fault
    type: VoteType
    options: tuple[Choice, ...]
    amount: int | None = None


class TooManyPicks(Reply, frozen=True, tag="too_many"):
    """More options than the round takes."""

    max: int


class DidYouMean(Reply, frozen=True, tag="did_you_mean"):
    """Asks back; at most `rooms.limits.SMS_CANDIDATES_MAX`."""

    options: tuple[Choice, ...]


class RefusedBy(Reply, frozen=True, tag="refused"):
    """A room's refusal by its stable code (`rooms.errors`)."""

    code: str


class RateLimited(Reply, frozen=True, tag="rate_limited"):
    """Too many texts; ``wait_s`` seconds until the next is taken."""

    wait_s: int


# --- song requests ----------------------------------------------------------------------------


class SongHow(Reply, frozen=True, tag="song_how"):
    """REQ without a title."""


class SongRequested(Reply, frozen=True, tag="song_requested"):
    """A new wish."""

    title: str


class SongUpvoted(Reply, frozen=True, tag="song_upvoted"):
    """Somebody wished for it before: supported."""

    title: str


class SongUnclear(Reply, frozen=True, tag="song_unclear"):
    """The title resembles others in the queue."""

    titles: tuple[str, ...]


# --- score, language, help --------------------------------------------------------------------


class ScoreTold(Reply, frozen=True, tag="score"):
    """The first three of a round whose tally this participant may see."""

    round: str
    top: tuple[Standing, ...]


class ScoreHidden(Reply, frozen=True, tag="score_hidden"):
    """There is a round, and its tally is not shown now."""

    round: str


class NoScore(Reply, frozen=True, tag="no_score"):
    """There has been no round."""


class LanguageChanged(Reply, frozen=True, tag="language_changed"):
    """Said in the new language."""


class LanguageUnknown(Reply, frozen=True, tag="language_unknown"):
    """LANG with something else, or nothing: lists the languages."""


class HelpTold(Reply, frozen=True, tag="help"):
    """HELP."""


class Stopped(Reply, frozen=True, tag="stopped"):
    """STOP: the last message that this phone gets."""


class Started(Reply, frozen=True, tag="started"):
    """START."""


class StillStopped(Reply, frozen=True, tag="still_stopped"):
    """Something else than START by somebody who has stopped."""


class Unrecognised(Reply, frozen=True, tag="unrecognised"):
    """No intent and no option's name."""


class NotRead(Reply, frozen=True, tag="not_read"):
    """No words: a picture, a place, nothing."""

    reason: Unreadable


class Busy(Reply, frozen=True, tag="busy"):
    """Nothing was decided; the same text later may work."""


# --- messages that answer nothing -------------------------------------------------------------


class Nudge(Reply, frozen=True, tag="nudge"):
    """A round is open."""

    show: str
    round: str


class Results(Reply, frozen=True, tag="results"):
    """Who won a round."""

    show: str
    round: str
    winner: str


class ResultsOnly(Reply, frozen=True, tag="results_only"):
    """The results of a show, by address."""

    show: str
    url: str


class Recap(Reply, frozen=True, tag="recap"):
    """What was played, by address."""

    show: str
    url: str


class ConfirmLink(Reply, frozen=True, tag="link"):
    """The address that makes this phone and an app one attendee."""

    show: str
    url: str


class Broadcast(Reply, frozen=True, tag="broadcast"):
    """The crew's own words, said for whom, with the way out."""

    show: str
    text: str


AnyReply = (
    Joined
    | AlreadyJoined
    | JoinHow
    | CodeUnknown
    | ShowNotOpen
    | ShowOver
    | ShowTakesNoTexts
    | Confirmed
    | AlreadyConfirmed
    | NothingToConfirm
    | CodeWrong
    | CodeExpired
    | PhoneLinked
    | VoteTaken
    | VoteLate
    | NoOpenRound
    | VoteFaulty
    | TooManyPicks
    | DidYouMean
    | RefusedBy
    | RateLimited
    | SongHow
    | SongRequested
    | SongUpvoted
    | SongUnclear
    | ScoreTold
    | ScoreHidden
    | NoScore
    | LanguageChanged
    | LanguageUnknown
    | HelpTold
    | Stopped
    | Started
    | StillStopped
    | Unrecognised
    | NotRead
    | Busy
    | Nudge
    | Results
    | ResultsOnly
    | Recap
    | ConfirmLink
    | Broadcast
)


def choices_of(config: VoteConfig, picks: tuple[Pick, ...] | None = None) -> tuple[Choice, ...]:
    """The options of picks as replies name them; without picks all options of the round."""
    by_id = {option.id: option for option in config.options}
    if picks is None:
        return tuple(_choice(config.options, option) for option in config.options)
    return tuple(
        _choice(config.options, by_id[pick.option_id], pick.value)
        for pick in picks
        if pick.option_id in by_id
    )


def named(config: VoteConfig, options: tuple[Option, ...]) -> tuple[Choice, ...]:
    """Options that are asked about, as replies name them."""
    return tuple(_choice(config.options, option) for option in options)


def _choice(options: tuple[Option, ...], option: Option, value: int | None = None) -> Choice:
    return Choice(code_of(options, option), option.label, value)
