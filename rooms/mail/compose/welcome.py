"""WELCOME: three mails over six days, to fans and to those who perform. And the verification."""

from __future__ import annotations

from collections.abc import Sequence

from rooms.mail.blocks import (
    Block,
    Button,
    Content,
    Fact,
    Heading,
    Note,
    Paragraph,
    ShowCard,
    Steps,
)
from rooms.mail.compose.shows import card
from rooms.mail.facts import Reader, ShowFacts
from rooms.mail.links import Links
from rooms.mail.texts import Words


def welcome(
    step: int,
    reader: Reader,
    links: Links,
    *,
    verify_url: str | None = None,
    coming: Sequence[ShowFacts] = (),
) -> Content:
    """The mail of a step.

    Args:
        step: 1 to 3.
        verify_url: proves the address; ``None``: it is proven.
        coming: a few shows worth seeing, for the second mail.
    """
    words = Words(reader.language)
    match step:
        case 1:
            blocks = _first(words, reader, links, verify_url)
        case 2:
            blocks = _second(words, reader, links, coming)
        case _:
            blocks = _third(words, links)
    return Content(
        language=reader.language,
        subject=words(f"welcome_{step}_subject", name=reader.name),
        preheader=words(f"welcome_{step}_preheader"),
        headline=words(f"welcome_{step}_headline"),
        blocks=(Paragraph(words("hello", name=reader.name)), *blocks),
        reason=words("why_welcome"),
    )


def verification(reader: Reader, verify_url: str, days: int) -> Content:
    """Asks whether an address is somebody's; the link lasts so many days."""
    words = Words(reader.language)
    return Content(
        language=reader.language,
        subject=words("verify_subject"),
        preheader=words("verify_preheader"),
        headline=words("verify_headline"),
        blocks=(
            Paragraph(words("hello", name=reader.name)),
            Paragraph(words("verify_lead", days=days)),
            Button(words("verify_button"), verify_url),
            Note(words("verify_not_you")),
        ),
        reason=words("why_account"),
    )


def _first(words: Words, reader: Reader, links: Links, verify_url: str | None) -> tuple[Block, ...]:
    lead = Paragraph(words("welcome_1_artist_lead" if reader.performs else "welcome_1_lead"))
    if verify_url is None:
        place = (
            Button(words("panel"), links.panel)
            if reader.performs
            else Button(words("welcome_2_button"), links.home)
        )
        return lead, place
    return (
        lead,
        Paragraph(words("welcome_1_confirm")),
        Button(words("welcome_1_button"), verify_url),
        Note(words("welcome_1_not_you")),
    )


def _second(
    words: Words, reader: Reader, links: Links, coming: Sequence[ShowFacts]
) -> tuple[Block, ...]:
    who = "artist_" if reader.performs else ""
    names = ("plan", "drive", "after") if reader.performs else ("vote", "wish", "write")
    keys = [f"welcome_2_{who or 'step_'}{name}" for name in names]
    blocks: list[Block] = [
        Paragraph(words(f"welcome_2_{who}lead")),
        Steps(tuple(Fact(words(key), words(f"{key}_text")) for key in keys)),
    ]
    if reader.performs:
        return *blocks, Button(words("welcome_2_artist_button"), links.panel)
    cards: list[ShowCard] = [card(show, words, links) for show in coming]
    if cards:
        blocks += [Heading(words("welcome_2_coming")), *cards]
    return *blocks, Button(words("welcome_2_button"), links.home)


def _third(words: Words, links: Links) -> tuple[Block, ...]:
    keys = [f"welcome_3_{name}" for name in ("city", "name", "mails")]
    return (
        Paragraph(words("welcome_3_lead")),
        Steps(tuple(Fact(words(key), words(f"{key}_text")) for key in keys)),
        Button(words("welcome_3_button"), links.account),
    )
