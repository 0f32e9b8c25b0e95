"""What a mail consists of. HTML and text are both rendered from the same blocks.

All text is plain: the templates escape it. Addresses are absolute.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class Paragraph(Struct, frozen=True, tag="paragraph"):
    """Running text. Line breaks in it stay."""

    text: str


class Heading(Struct, frozen=True, tag="heading"):
    """Says what comes next."""

    text: str


class Button(Struct, frozen=True, tag="button"):
    """What there is to do. A mail has one, perhaps two."""

    label: str
    url: str
    quiet: bool = False


class ShowCard(Struct, frozen=True, tag="show"):
    """A show: who, when and where. ``note``: why it is here, such as "Near you"."""

    title: str
    when: str
    where: str
    url: str
    by: str = ""
    note: str = ""


class Fact(Struct, frozen=True):
    """A line of `Facts`."""

    label: str
    value: str


class Facts(Struct, frozen=True, tag="facts"):
    """Labels and values, such as those of a sign-in."""

    items: tuple[Fact, ...]


class Steps(Struct, frozen=True, tag="steps"):
    """A few things worth knowing; ``label`` is set off from ``value``."""

    items: tuple[Fact, ...]


class Songs(Struct, frozen=True, tag="songs"):
    """Songs in the order they were played, with the place that the first one has."""

    items: tuple[str, ...]
    start: int = 1


class Share(Struct, frozen=True):
    """An option of a round. ``percent``: of the votes, 0 to 100, whole."""

    label: str
    percent: int
    won: bool = False


class Outcome(Struct, frozen=True, tag="outcome"):
    """How a round ended. ``votes``: in words, such as "1,204 votes"."""

    question: str
    votes: str
    shares: tuple[Share, ...]


class Note(Struct, frozen=True, tag="note"):
    """Small print."""

    text: str


Block: TypeAlias = Paragraph | Heading | Button | ShowCard | Facts | Steps | Songs | Outcome | Note


class Content(Struct, frozen=True):
    """A mail without addresses and headers.

    Attributes:
        language: of all of it; one of `rooms.mail.kinds.LANGUAGES`.
        subject: one line.
        preheader: what inboxes show beside the subject; one sentence that does not repeat it.
        headline: stands on top.
        reason: why the reader gets this; small print at the end.
    """

    language: str
    subject: str
    preheader: str
    headline: str
    blocks: tuple[Block, ...]
    reason: str


class Footer(Struct, frozen=True):
    """The links at the end. Without ``unsubscribe_url``: a mail that cannot be refused."""

    home_url: str
    preferences_url: str | None = None
    unsubscribe_url: str | None = None
