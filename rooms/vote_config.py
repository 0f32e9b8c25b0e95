"""``vote_config``: how a round is voted and counted. Frozen when it opens.

The shape of DOMAIN "Rounds". Which combinations make sense is in `rooms.rounds.problems`.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from rooms import limits


class VoteType(StrEnum):
    """How a participant chooses."""

    SINGLE = "single"
    APPROVAL = "approval"
    RANKED = "ranked"
    POINTS = "points"
    UPDOWN = "updown"
    BRACKET = "bracket"
    QUEUE = "queue"
    WEIGHTED = "weighted"


class TallyMethod(StrEnum):
    """How ballots become a result."""

    PLURALITY = "plurality"
    APPROVAL = "approval"
    BORDA = "borda"
    IRV = "irv"
    SUM = "sum"
    NET = "net"


class Visibility(StrEnum):
    """Who may see the tally before the result is published. Crew always may."""

    ALWAYS = "always"
    AFTER_VOTE = "after_vote"
    ON_CLOSE = "on_close"
    MANUAL = "manual"
    NEVER = "never"


class Change(StrEnum):
    """Whether a ballot may be changed."""

    UNTIL_CLOSE = "until_close"
    NEVER = "never"


class TieRule(StrEnum):
    """Applied in the order given until one winner is left; without rules a tie stays a tie.

    ``runoff`` opens a new round with the tied options, ``artist`` waits for the artist's choice,
    ``seeded_random`` draws by a seed whose hash was published when the round opened.
    """

    RUNOFF = "runoff"
    ARTIST = "artist"
    SEEDED_RANDOM = "seeded_random"


class Identity(StrEnum):
    """What a voter must be known by."""

    ATTENDEE = "attendee"
    DEVICE = "device"
    PHONE = "phone"
    ACCOUNT = "account"


class Attendance(StrEnum):
    """Whether a voter must be at the show."""

    ANY = "any"
    CHECKED_IN = "checked_in"


class Option(Struct, frozen=True, omit_defaults=True):
    """One choice. ``code`` is what an SMS says; ``song_id`` or ``entry_id`` ties it to a song."""

    id: Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9_-]+$")]
    label: Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
    code: Annotated[str, Meta(min_length=1, max_length=12, pattern=r"^[A-Za-z0-9]+$")] | None = None
    song_id: Annotated[str, Meta(max_length=64)] | None = None
    entry_id: Annotated[str, Meta(max_length=64)] | None = None


class Pick(Struct, frozen=True, omit_defaults=True):
    """One chosen option. ``value``: points, or ±1 (``updown``); otherwise absent."""

    option_id: Annotated[str, Meta(min_length=1, max_length=36)]
    value: Annotated[int, Meta(ge=-1000, le=1000)] | None = None


class PickRule(Struct, frozen=True):
    """How many options a ballot names; ``budget`` in points, for ``points``.

    In a ``bracket`` that is how many pairs of a stage it decides.
    """

    min: Annotated[int, Meta(ge=1, le=limits.ROUND_OPTIONS_MAX)] = 1
    max: Annotated[int, Meta(ge=1, le=limits.ROUND_OPTIONS_MAX)] = 1
    budget: Annotated[int, Meta(ge=1, le=1000)] | None = None


class Weights(Struct, frozen=True):
    """Integer weight of each class of voter; 0 leaves a class out.

    ``weighted`` rounds take any integers, all others 0 and 1: who counts, but not for how much.
    """

    audience: Annotated[int, Meta(ge=0, le=1000)] = 1
    artist: Annotated[int, Meta(ge=0, le=1000)] = 0
    jury: Annotated[int, Meta(ge=0, le=1000)] = 0


class TallyRule(Struct, frozen=True):
    """Method and weights."""

    method: TallyMethod = TallyMethod.PLURALITY
    weights: Weights = Weights()


class Window(Struct, frozen=True):
    """Seconds a round is open, the grace for SMS after it, and how far it may be extended.

    ``duration_s`` of ``None``: open until closed by hand.
    """

    duration_s: Annotated[int, Meta(ge=1, le=limits.ROUND_DURATION_S_MAX)] | None = 90
    sms_grace_s: Annotated[int, Meta(ge=0, le=120)] = 15
    extend_max_s: Annotated[int, Meta(ge=0, le=limits.ROUND_DURATION_S_MAX)] = 60


class Who(Struct, frozen=True):
    """Who may vote."""

    channels: Annotated[
        tuple[Annotated[str, Meta(pattern="^(web|sms)$")], ...], Meta(max_length=4)
    ] = ("web", "sms")
    identity: Identity = Identity.ATTENDEE
    attendance: Attendance = Attendance.ANY


class Fraud(Struct, frozen=True):
    """Votes a minute (changes included) from one participant before they are refused."""

    rate_per_min: Annotated[int, Meta(ge=1, le=600)] = 30


class VoteConfig(Struct, frozen=True):
    """How one round works. ``v`` is the version of this shape."""

    title: Annotated[str, Meta(min_length=1, max_length=limits.TITLE_CHARACTERS_MAX)]
    options: Annotated[tuple[Option, ...], Meta(max_length=limits.ROUND_OPTIONS_MAX)]
    v: Annotated[int, Meta(ge=1, le=1)] = 1
    type: VoteType = VoteType.SINGLE
    pick: PickRule = PickRule()
    tally: TallyRule = TallyRule()
    window: Window = Window()
    change: Change = Change.UNTIL_CLOSE
    visibility: Visibility = Visibility.AFTER_VOTE
    tie: Annotated[tuple[TieRule, ...], Meta(max_length=8)] = ()
    quorum: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    who: Who = Who()
    fraud: Fraud = Fraud()


def config_hash(config: VoteConfig) -> str:
    """SHA-256, hexadecimal, of the canonical JSON (sorted keys) of the configuration."""
    return hashlib.sha256(msgspec.json.encode(config, order="sorted")).hexdigest()


def with_codes(config: VoteConfig) -> VoteConfig:
    """The configuration with a code for every option that an SMS may name.

    Options without one get the lowest free numbers from 1, in their order. A round that takes no
    SMS is left as it is.
    """
    if "sms" not in config.who.channels or all(option.code for option in config.options):
        return config
    taken = {option.code.upper() for option in config.options if option.code}
    free = (str(number) for number in range(1, 2 * len(config.options) + 1))
    unused = (code for code in free if code not in taken)
    options = tuple(
        option if option.code else msgspec.structs.replace(option, code=next(unused))
        for option in config.options
    )
    return msgspec.structs.replace(config, options=options)
