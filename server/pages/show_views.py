"""What the templates of shows are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec
from msgspec import Struct

from rooms.catalogue.records import Kind
from rooms.performances.views import NightPast
from rooms.show import ShowStatus
from rooms.shows.records import LineUpStatus, ShowRecord
from rooms.states import RoomSnapshot, RoundView
from server.catalogue.addresses import address
from server.pages.remarks import remark
from storage.pages.past_shows import PastShow, PastSong

CHAT_LINES_SHOWN: Final = 20
"""The tail of the talk; the app shows what the snapshot holds."""

_EVENT_STATUSES: Final = {
    ShowStatus.CANCELLED: "https://schema.org/EventCancelled",
}


class SongLine(Struct, frozen=True):
    """One line of a setlist on a page. ``number`` counts through the night; ``url``: the song's."""

    number: int
    title: str
    segue: bool = False
    artist: str | None = None
    note: str | None = None
    playing: bool = False
    url: str | None = None


class Section(Struct, frozen=True):
    """A part of the night and its songs."""

    name: str
    songs: tuple[SongLine, ...]


class OptionLine(Struct, frozen=True):
    """One option of a round; ``votes`` only where everybody may see them."""

    label: str
    votes: int | None
    won: bool


class RoundBlock(Struct, frozen=True):
    """A round as everybody may see it."""

    title: str
    open: bool
    options: tuple[OptionLine, ...]
    votes: int | None


class PageFacts(Struct, frozen=True):
    """What every page about a show says of it.

    ``place`` and ``unsaid_artists`` leave out what the title says already.
    """

    show_id: str
    title: str
    place: str
    artists: tuple[str, ...]
    unsaid_artists: tuple[str, ...]
    status: ShowStatus
    starts_at: str
    url: str


def facts_of(show: ShowRecord, public_url: str) -> PageFacts:
    """A show as its page names it."""
    venue = show.venue
    parts = (venue.name, venue.city, venue.country) if venue else ()
    artists = tuple(
        artist.name for artist in show.artists if artist.status is not LineUpStatus.DECLINED
    )
    return PageFacts(
        show_id=show.show_id,
        title=show.title,
        place=", ".join(part for part in parts if part and part not in show.title),
        artists=artists,
        unsaid_artists=tuple(name for name in artists if name not in show.title),
        status=show.status,
        starts_at=show.starts_at.isoformat(),
        url=f"{public_url}/shows/{show.slug}",
    )


def sections_of_room(snapshot: RoomSnapshot) -> list[Section]:
    """The room's setlist, in playing order as the snapshot has it."""
    playing = snapshot.now_playing.entry_id if snapshot.now_playing else None
    numbered = enumerate(snapshot.setlist.entries, start=1)
    return [
        Section(
            section,
            tuple(
                SongLine(
                    number=number,
                    title=entry["title"],
                    segue=bool(entry.get("segue")),
                    artist=entry.get("artist"),
                    note=entry.get("note"),
                    playing=entry["id"] == playing,
                )
                for number, entry in group
            ),
        )
        for section, group in groupby(numbered, key=lambda pair: str(pair[1]["section"]))
    ]


def sections_of_past(show: PastShow, past: NightPast, language: str) -> list[Section]:
    """What was played, with what is worth saying of each song."""

    def note(song: PastSong) -> str | None:
        behind = past.songs.get(song.song_id) if song.song_id else None
        remarkable = remark(behind, past.nights_before, language) if behind else None
        return " · ".join(part for part in (song.guests, song.note, remarkable) if part) or None

    return [
        Section(
            section,
            tuple(
                SongLine(
                    number=song.ordinal,
                    title=song.title,
                    segue=song.segue,
                    artist=song.original_artist,
                    note=note(song),
                    url=address(Kind.SONG, song.song_id, song.title) if song.song_id else None,
                )
                for song in group
            ),
        )
        for section, group in groupby(show.songs, key=lambda song: song.section)
    ]


def rounds_of(rounds: Iterable[RoundView]) -> list[RoundBlock]:
    """Open rounds, and the newest one that is over."""
    blocks: list[RoundBlock] = []
    over: list[RoundBlock] = []
    for view in rounds:
        if view.status == "draft":
            continue
        is_open = view.status in ("open", "grace")
        (blocks if is_open else over).append(_round_block(view, is_open=is_open))
    return blocks or over[-1:]


def _round_block(view: RoundView, *, is_open: bool) -> RoundBlock:
    count = view.result or view.tally
    winners = view.result.winners if view.result else ()
    return RoundBlock(
        title=view.config.title,
        open=is_open,
        votes=count.votes if count else None,
        options=tuple(
            OptionLine(
                label=option.label,
                votes=count.options.get(option.id, 0) if count else None,
                won=option.id in winners,
            )
            for option in view.config.options
        ),
    )


def music_event(facts: PageFacts, show: ShowRecord, titles: Sequence[str]) -> bytes:
    """schema.org ``MusicEvent`` as JSON-LD."""
    venue = show.venue
    event: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "MusicEvent",
        "name": facts.title,
        "url": facts.url,
        "startDate": facts.starts_at,
        "eventStatus": _EVENT_STATUSES.get(show.status, "https://schema.org/EventScheduled"),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
    }
    if show.ends_at:
        event["endDate"] = show.ends_at.isoformat()
    if venue:
        address = {"addressLocality": venue.city, "addressCountry": venue.country}
        event["location"] = {
            "@type": "MusicVenue",
            "name": venue.name,
            "address": {
                "@type": "PostalAddress",
                **{name: value for name, value in address.items() if value},
            },
        }
    if facts.artists:
        event["performer"] = [{"@type": "MusicGroup", "name": name} for name in facts.artists]
    if titles:
        event["workPerformed"] = [
            {"@type": "MusicComposition", "name": title} for title in dict.fromkeys(titles)
        ]
    return msgspec.json.encode(event)
