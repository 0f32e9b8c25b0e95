"""What messages tell of a show."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from rooms.messaging.windows import ShowNight


class Won(Struct, frozen=True):
    """A round that everybody may see the result of, and what won it."""

    round: str
    winner: str


class OpenRound(Struct, frozen=True):
    """A round that votes are asked for. ``is_open``: it takes them; ``takes_sms``: by text."""

    title: str
    is_open: bool
    takes_sms: bool


class Story(Struct, frozen=True, kw_only=True):
    """A show, as far as messages tell of it.

    Attributes:
        artist: the headliner; empty: nobody is announced.
        join_code: for the short address.
        round: the one that a NUDGE is about.
    """

    show_id: str
    title: str
    artist: str
    slug: str
    join_code: str | None
    takes_sms: bool
    night: ShowNight
    won: tuple[Won, ...] = ()
    round: OpenRound | None = None


class Stories(Protocol):
    """Reads stories."""

    async def of(self, show_id: str, round_id: str | None = None) -> Story | None:
        """What there is to tell; ``None``: there is no such show. A round of another show is
        none."""
        ...


def link_of(public_url: str, story: Story) -> str:
    """The show's page, as short as it can be: each character is one of 160."""
    if story.join_code is not None:
        return f"{public_url}/j/{story.join_code}"
    return f"{public_url}/shows/{story.slug}"
