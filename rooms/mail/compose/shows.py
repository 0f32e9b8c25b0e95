"""NEW_SHOW and REMINDER: mails about one show to come."""

from __future__ import annotations

from typing import Literal

from rooms.mail import dates
from rooms.mail.blocks import Block, Button, Content, Note, Paragraph, ShowCard
from rooms.mail.facts import Reader, ShowFacts
from rooms.mail.links import Links
from rooms.mail.texts import Words

Lead = Literal["tomorrow", "soon"]
"""How long before a show somebody is reminded: the day before, or three hours."""


def card(show: ShowFacts, words: Words, links: Links, note: str = "") -> ShowCard:
    """A show in a few lines."""
    return ShowCard(
        title=show.title,
        by=show.by,
        when=show.when(words.language),
        where=show.place,
        url=links.show(show),
        note=note,
    )


def new_show(
    show: ShowFacts, artist: str, reader: Reader, links: Links, *, near: bool = False
) -> Content:
    """An artist whom the reader has been in a room of plays again.

    Args:
        near: close to where the reader lives.
    """
    words = Words(reader.language)
    on = dates.day(show.starts_at, reader.language)
    if show.city:
        subject = words("new_show_subject", artist=artist, city=show.city, day=on)
    else:
        subject = words("new_show_subject_no_city", artist=artist, day=on)
    return Content(
        language=reader.language,
        subject=subject,
        preheader=words("new_show_preheader", title=show.title),
        headline=words("new_show_headline", artist=artist),
        blocks=(
            Paragraph(words("hello", name=reader.name)),
            Paragraph(words("new_show_lead", artist=artist)),
            card(show, words, links, words("near_you") if near else ""),
            Button(words("see_show"), links.show(show)),
            Button(words("new_show_calendar"), links.calendar(show), quiet=True),
        ),
        reason=words("why_new_show", artist=artist),
    )


def reminder(
    show: ShowFacts, lead: Lead, reader: Reader, links: Links, *, sms_number: str = ""
) -> Content:
    """A show that the reader joined starts.

    Args:
        sms_number: where votes can be texted; empty: nowhere.
    """
    words = Words(reader.language)
    blocks: list[Block] = [
        Paragraph(words("hello", name=reader.name)),
        Paragraph(words("reminder_lead")),
        card(show, words, links),
        Button(words("open_room"), links.show(show)),
    ]
    if show.takes_sms and show.join_code and sms_number:
        blocks.append(Note(words("by_text", code=show.join_code, number=sms_number)))
    return Content(
        language=reader.language,
        subject=words(f"reminder_{lead}_subject", title=show.title),
        preheader=words(f"reminder_{lead}_preheader", when=show.when(reader.language)),
        headline=words(f"reminder_{lead}_headline"),
        blocks=tuple(blocks),
        reason=words("why_reminder"),
    )
