"""The way that a text takes: decided once, kept with its claim, the same whenever it comes again.

Rounds open and close, people change their language; a text that the carrier repeats minutes later
still goes where it went, and the same stored answer makes the same reply of it.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rooms.sms.languages import Language
from rooms.sms.replies import Choice
from rooms.vote_config import Pick, VoteType


class Route(Struct, frozen=True, tag_field="route", omit_defaults=True):
    """Base of all."""


class Answered(Route, frozen=True, tag="answered"):
    """Nothing to be done: the answer is kept beside it."""


class Ballot(Route, frozen=True, tag="ballot"):
    """A vote. ``changed``: there was another one; ``final``: the round takes no changes;
    ``silent``: its receipt is shed."""

    show_id: str
    participant_id: str
    language: Language
    round_id: str
    picks: tuple[Pick, ...]
    choices: tuple[Choice, ...]
    type: VoteType
    changed: bool = False
    final: bool = False
    silent: bool = False


class Wish(Route, frozen=True, tag="wish"):
    """A song request, in a ``queue`` round or in the show's own queue."""

    show_id: str
    participant_id: str
    language: Language
    title: str
    round_id: str | None = None
    silent: bool = False


class Proof(Route, frozen=True, tag="proof"):
    """A code of the app: this phone is that attendee's.

    ``gone``: participants that it was until then, each with its show and who it is from now on.
    """

    show_id: str
    attendee_id: str
    title: str
    language: Language
    gone: tuple[tuple[str, str, str], ...] = ()


AnyRoute = Answered | Ballot | Wish | Proof

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRoute] = msgspec.json.Decoder(AnyRoute)


def encoded(route: AnyRoute) -> bytes:
    """As a claim keeps it."""
    return _encoder.encode(route)


def decoded(route: bytes) -> AnyRoute:
    """The route of a claim."""
    return _decoder.decode(route)


ANSWERED = encoded(Answered())
