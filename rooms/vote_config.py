"""``vote_config``: how a round is voted and counted. Frozen at the first vote.

The whole of DOMAIN "Rounds" has its place here, so that a stored configuration never changes
shape. What this version can open is narrower: `problems` says so, field by field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated
from unicodedata import category

import msgspec
from msgspec import Meta, Struct

from rooms import limits

SMS_WORDS = frozenset(
    "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT HELP INFO START UNSTOP JOIN CONFIRM "
    "YES VOTE REQ LANG SCORE".split()
)
"""Words of the SMS grammar; an option's code is never one of them."""


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
    """Applied in the order given until one winner is left.

    Kept with the configuration, and thus in its hash; results show a tie as a tie.
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
    """How many options a ballot names; ``budget`` in points, for ``points``."""

    min: Annotated[int, Meta(ge=1, le=limits.ROUND_OPTIONS_MAX)] = 1
    max: Annotated[int, Meta(ge=1, le=limits.ROUND_OPTIONS_MAX)] = 1
    budget: Annotated[int, Meta(ge=1, le=1000)] | None = None


class Weights(Struct, frozen=True):
    """Integer weight of each class of voter; 0 leaves a class out."""

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

    channels: tuple[Annotated[str, Meta(pattern="^(web|sms)$")], ...] = ("web", "sms")
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
    tie: tuple[TieRule, ...] = ()
    quorum: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    who: Who = Who()
    fraud: Fraud = Fraud()


class ConfigProblem(Struct, frozen=True):
    """One field that keeps a configuration from being used."""

    field: str
    code: str
    detail: str


def config_hash(config: VoteConfig) -> str:
    """SHA-256, hexadecimal, of the canonical JSON (sorted keys) of the configuration."""
    return hashlib.sha256(msgspec.json.encode(config, order="sorted")).hexdigest()


def problems(config: VoteConfig) -> list[ConfigProblem]:
    """What is wrong with a configuration, one problem per field; empty when it can be opened."""
    found: list[ConfigProblem] = []

    def report(field: str, code: str, detail: str) -> None:
        found.append(ConfigProblem(field, code, detail))

    if config.type is not VoteType.SINGLE:
        report("type", "unsupported_type", "This version opens rounds of type single.")
    if config.tally.method is not TallyMethod.PLURALITY:
        report("tally.method", "unsupported_method", "A single choice is counted by plurality.")
    if (config.pick.min, config.pick.max, config.pick.budget) != (1, 1, None):
        report("pick", "invalid_pick", "A single choice picks exactly one option.")
    if config.who.attendance is not Attendance.ANY:
        report("who.attendance", "unsupported_attendance", "Check-in is not known yet.")
    if config.who.identity is Identity.PHONE:
        report("who.identity", "unsupported_identity", "Phones are not known yet.")
    if "web" not in config.who.channels:
        report("who.channels", "unsupported_channels", "This version counts votes from the web.")
    if not config.title.strip():
        report("title", "empty_title", "A round needs a title.")
    if _has_control(config.title):
        report("title", "invalid_text", "A title is one line without control characters.")
    if len(config.options) < 2:
        report("options", "too_few_options", "A round needs at least two options.")
    _option_problems(config, report)
    return found


def _option_problems(config: VoteConfig, report: Callable[[str, str, str], None]) -> None:
    ids = [option.id for option in config.options]
    codes = [option.code.upper() for option in config.options if option.code]
    if len(set(ids)) != len(ids):
        report("options", "duplicate_option_id", "Two options share an id.")
    if len(set(codes)) != len(codes):
        report("options", "duplicate_option_code", "Two options share a code.")
    for index, option in enumerate(config.options):
        if option.code and option.code.upper() in SMS_WORDS:
            report(f"options[{index}].code", "reserved_code", "This word has a meaning in SMS.")
        if not option.label.strip():
            report(f"options[{index}].label", "empty_label", "An option needs a label.")
        if _has_control(option.label):
            report(f"options[{index}].label", "invalid_text", "A label is one line of text.")


def _has_control(text: str) -> bool:
    return any(category(character) == "Cc" for character in text)
