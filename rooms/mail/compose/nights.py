"""RESULTS, RECAP and BROADCAST: mails about a show that the reader was at."""

from __future__ import annotations

import re

from rooms import limits
from rooms.mail.blocks import (
    Block,
    Button,
    Content,
    Heading,
    Note,
    Outcome,
    Paragraph,
    Share,
    Songs,
)
from rooms.mail.facts import Night, Reader, RoundResult, ShowFacts
from rooms.mail.links import Links
from rooms.mail.texts import Words


def results(night: Night, reader: Reader, links: Links, text: str | None = None) -> Content:
    """What the audience chose. ``text``: crew's own words instead of ours."""
    words = Words(reader.language)
    title = night.show.title
    shown = night.rounds[: limits.MAIL_ROUNDS_MAX]
    outcomes: tuple[Block, ...] = tuple(outcome(one, words) for one in shown)
    return Content(
        language=reader.language,
        subject=words("results_subject", title=title),
        preheader=words("results_preheader"),
        headline=words("results_headline"),
        blocks=(
            Paragraph(words("hello", name=reader.name)),
            *(_paragraphs(text) if text else (Paragraph(words("results_lead", title=title)),)),
            *(outcomes or (Paragraph(words("results_none")),)),
            Button(words("results_button"), links.show(night.show)),
        ),
        reason=words("why_show"),
    )


def outcome(result: RoundResult, words: Words) -> Outcome:
    """One round, its options as shares of the votes."""
    total = sum(votes for _, votes, _ in result.options)
    shares = tuple(
        Share(label, round(100 * votes / total) if total else 0, won)
        for label, votes, won in result.options[: limits.MAIL_OPTIONS_MAX]
    )
    return Outcome(result.title, words.count("votes", result.votes), shares)


def recap(night: Night, reader: Reader, links: Links, text: str | None = None) -> Content:
    """What was played. ``text``: crew's own words instead of ours."""
    words = Words(reader.language)
    title = night.show.title
    songs = words.count("songs", sum(len(section.songs) for section in night.sections))
    blocks: list[Block] = [Paragraph(words("hello", name=reader.name))]
    if text:
        blocks += _paragraphs(text)
    elif night.sections:
        blocks.append(Paragraph(words("recap_lead")))
    else:
        blocks.append(Paragraph(words("recap_none")))
    number = 1
    for section in night.sections:
        blocks.append(Heading(section_name(section.section, words)))
        blocks.append(Songs(section.songs, start=number))
        number += len(section.songs)
    blocks.append(Button(words("recap_button"), links.replay(night.show)))
    return Content(
        language=reader.language,
        subject=words("recap_subject", title=title),
        preheader=words("recap_preheader", songs=songs) if night.sections else night.show.place,
        headline=words("recap_headline"),
        blocks=tuple(blocks),
        reason=words("why_show"),
    )


def broadcast(show: ShowFacts, text: str, reader: Reader, links: Links) -> Content:
    """What crew wrote. Empty lines part paragraphs."""
    words = Words(reader.language)
    said = _paragraphs(text)
    first = " ".join(text.split())
    return Content(
        language=reader.language,
        subject=words("broadcast_subject", title=show.title),
        preheader=first if len(first) <= 120 else f"{first[:119].rstrip()}…",
        headline=words("broadcast_headline", title=show.title),
        blocks=(
            *said,
            Button(words("see_show"), links.show(show)),
            Note(words("broadcast_by", title=show.title)),
        ),
        reason=words("why_show"),
    )


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    parts = re.split(r"\n\s*\n", text)
    return tuple(Paragraph(part.strip()) for part in parts if part.strip())


def section_name(section: str, words: Words) -> str:
    """``set2`` as "Set 2", ``encore1`` as "Encore"."""
    kind = section.rstrip("0123456789")
    number = section[len(kind) :]
    if kind == "soundcheck":
        return words("soundcheck")
    if kind == "encore":
        return words("encore") if number in ("", "1") else words("encore_number", number=number)
    return words("set", number=number or "1")
