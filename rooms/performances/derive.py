"""A setlist as performances. Pure, and the same for the same input: it may be done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from crdt.schema import SetlistEntry
from rooms.catalogue.names import normalised, title_key
from rooms.performances.candidates import candidates
from rooms.performances.matching import Catalogue, Match, find
from rooms.performances.records import (
    DECIDED,
    Derived,
    EntryWord,
    FinalSetlist,
    KnownSong,
    NeededReview,
    NightContext,
    PlayedEntry,
    ReviewDecision,
    ReviewReason,
    ReviewStatus,
)


def derive(
    entries: Iterable[SetlistEntry],
    context: NightContext,
    decisions: Mapping[str, ReviewDecision],
    struck: Collection[str] = (),
) -> Derived:
    """What was played, in order.

    Every entry becomes a performance, so that the archived show has its whole list; one whose
    song is not certain has none, and a review beside it.

    Args:
        entries: the final setlist in playing order.
        context: the catalogues to match against; holds the songs that decisions name.
        decisions: what people have said, by entry id. They win over any match.
        struck: ids of entries that were found wrong: they were not played.
    """
    catalogue = Catalogue(context)
    played: list[PlayedEntry] = []
    reviews: list[NeededReview] = []
    places: Counter[str] = Counter()
    for entry in entries:
        if entry.id in struck:
            continue
        places[entry.section] += 1
        decision = decisions.get(entry.id)
        if decision is not None and holds(decision, entry):
            match = _decided(decision, catalogue)
        else:
            found = find(entry, catalogue)
            match = found if isinstance(found, Match) else None
            if isinstance(found, ReviewReason):
                reviews.append(_review(entry, found, catalogue))
        played.append(_performance(entry, match, len(played) + 1, places[entry.section]))
    return Derived(tuple(played), tuple(reviews))


def not_played(final: FinalSetlist, words: Iterable[EntryWord]) -> frozenset[str]:
    """Entries that were not played: struck by the ratings, or by what a source says.

    A source speaks of the title that it was asked about, wins over the ratings, and yields to
    the artist's seal.
    """
    titles = {entry.id: title_key(entry.title) for entry in final.entries}
    struck = set(final.struck)
    for word in words:
        if titles.get(word.entry_id) == title_key(word.title):
            (struck.discard if word.played else struck.add)(word.entry_id)
    return frozenset(struck - final.sealed)


def holds(decision: ReviewDecision, entry: SetlistEntry) -> bool:
    """Whether somebody has decided about the entry as it is now."""
    return (
        decision.status in DECIDED
        and title_key(decision.title) == title_key(entry.title)
        and title_key(decision.original_artist or "") == title_key(entry.artist or "")
    )


def _decided(decision: ReviewDecision, catalogue: Catalogue) -> Match | None:
    song = catalogue.by_id.get(decision.song_id or "")
    if song is None or decision.status is ReviewStatus.DISMISSED:
        return None
    return Match(song, catalogue.covered(song))


def _performance(
    entry: SetlistEntry, match: Match | None, ordinal: int, position: int
) -> PlayedEntry:
    same = match is not None and normalised(match.song.title) == normalised(entry.title)
    return PlayedEntry(
        entry_id=entry.id,
        song_id=match.song.song_id if match else None,
        ordinal=ordinal,
        section=entry.section,
        position=position,
        segue=entry.segue,
        printed_title=None if same else entry.title,
        performer_id=match.performer_id if match else None,
        original_artist=entry.artist,
        guests=entry.guests,
        note=entry.note,
        started_at=entry.started_at,
    )


def _review(entry: SetlistEntry, reason: ReviewReason, catalogue: Catalogue) -> NeededReview:
    named = catalogue.named_by(entry)
    known: Sequence[KnownSong] = catalogue.songs_of(
        {artist.artist_id: artist for artist in (*named, *catalogue.context.performers)}.values()
    )
    pointed_at = catalogue.by_id.get(entry.song_id or "")
    # A new song would join the catalogue of the one artist it is said to be by.
    owner = named[0] if len(named) == 1 else catalogue.owner
    return NeededReview(
        entry_id=entry.id,
        artist_id=owner.artist_id if owner else None,
        title=entry.title,
        original_artist=entry.artist,
        reason=reason,
        candidates=candidates(entry.title, known, pointed_at),
    )
