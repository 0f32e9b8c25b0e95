"""DIGEST: what came together in a day or a week, in one mail."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from rooms import limits
from rooms.mail.blocks import Block, Button, Content, Heading, Outcome, Paragraph, ShowCard, Songs
from rooms.mail.compose.nights import outcome, section_name
from rooms.mail.compose.shows import card
from rooms.mail.facts import Night, Reader, ShowFacts
from rooms.mail.kinds import Frequency
from rooms.mail.links import Links
from rooms.mail.texts import Words


class Said(Struct, frozen=True):
    """A message from crew that waited for the digest."""

    show: ShowFacts
    text: str


class Material(Struct, frozen=True):
    """What there is to tell. A show is told of once, in the first list that has it."""

    yours: tuple[ShowFacts, ...] = ()
    news: tuple[ShowFacts, ...] = ()
    near: tuple[ShowFacts, ...] = ()
    results: tuple[Night, ...] = ()
    recaps: tuple[Night, ...] = ()
    said: tuple[Said, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything: an empty digest is not sent."""
        return any((self.yours, self.news, self.near, self.results, self.recaps, self.said))


def digest(
    frequency: Frequency, material: Material, reader: Reader, links: Links
) -> Content | None:
    """A digest; ``None``: there is nothing in it."""
    if not material:
        return None
    words = Words(reader.language)
    told: set[str] = set()
    blocks: list[Block] = []
    for key, shows in (
        ("digest_yours", material.yours),
        ("digest_news", material.news),
        ("digest_near", material.near),
    ):
        blocks += _list(words(key), _untold(shows, told), words, links)
    blocks += _nights(material, words, links)
    for one in material.said[: limits.MAIL_DIGEST_LIST_MAX]:
        heading = f"{words('digest_message_of')}: {one.show.title}"
        blocks += [Heading(heading), Paragraph(one.text.strip())]
    every = "daily" if frequency is Frequency.DAILY else "weekly"
    return Content(
        language=reader.language,
        subject=words(f"digest_{every}_subject"),
        preheader=words("digest_preheader_shows", title=_first_title(material)),
        headline=words(f"digest_{every}_headline"),
        blocks=(
            Paragraph(words("hello", name=reader.name)),
            *blocks,
            Button(words("digest_button"), links.home),
        ),
        reason=words("why_digest"),
    )


def _untold(shows: Sequence[ShowFacts], told: set[str]) -> list[ShowFacts]:
    fresh = []
    for show in shows:
        if show.show_id not in told:
            told.add(show.show_id)
            fresh.append(show)
    return fresh


def _list(
    heading: str, shows: Sequence[ShowFacts], words: Words, links: Links
) -> list[Heading | ShowCard]:
    if not shows:
        return []
    shown = shows[: limits.MAIL_DIGEST_LIST_MAX]
    return [Heading(heading), *(card(show, words, links) for show in shown)]


def _nights(material: Material, words: Words, links: Links) -> list[Block]:
    blocks: list[Block] = []
    for night in material.results[: limits.MAIL_DIGEST_LIST_MAX]:
        blocks.append(Heading(f"{words('digest_results_of')}: {night.show.title}"))
        outcomes: list[Outcome] = [
            outcome(one, words) for one in night.rounds[: limits.MAIL_DIGEST_LIST_MAX]
        ]
        blocks += outcomes or [Paragraph(words("results_none"))]
        blocks.append(Button(words("results_button"), links.show(night.show), quiet=True))
    for night in material.recaps[: limits.MAIL_DIGEST_LIST_MAX]:
        blocks.append(Heading(f"{words('digest_recap_of')}: {night.show.title}"))
        number = 1
        for section in night.sections:
            blocks.append(Paragraph(section_name(section.section, words)))
            blocks.append(Songs(section.songs, start=number))
            number += len(section.songs)
        blocks.append(Button(words("recap_button"), links.replay(night.show), quiet=True))
    return blocks


def _first_title(material: Material) -> str:
    for shows in (material.yours, material.news, material.near):
        if shows:
            return shows[0].title
    for nights in (material.results, material.recaps):
        if nights:
            return nights[0].show.title
    return material.said[0].show.title
