"""What a setlist document may hold. The room passes its own values; these are the defaults."""

from __future__ import annotations

import msgspec


class DocumentLimits(msgspec.Struct, frozen=True):
    """Bounds of one setlist document.

    Attributes:
        entries_max: setlist entries, unfinished ones included.
        title_characters_max, artist_characters_max, guests_characters_max, note_characters_max:
            Unicode characters.
        reference_characters_max: ids (entry, song, participant), in characters.
        position_bytes_max: longest fractional index.
        position_rebalance_bytes: the server rewrites a section's positions from here on.
        update_bytes_max: one incremental update.
        first_sync_bytes_max: the first sync step 2 of a socket.
        document_bytes_max: the encoded document.
        clocks_per_update_max: clocks that one update may advance (a run of deleted elements
            says its length in a few bytes).
        elements_per_update_max: structs and deleted ranges in one update; a megabyte could
            hold half a million of two bytes each, and all of them would be read in one go.
        new_clients_per_update_max: client ids that one update may bind to its sender; a
            browser has one per visit that was never synced.
        refusals_max: refusals reported for one update; all are repaired.
    """

    entries_max: int = 300
    title_characters_max: int = 200
    artist_characters_max: int = 200
    guests_characters_max: int = 200
    note_characters_max: int = 500
    reference_characters_max: int = 64
    position_bytes_max: int = 64
    position_rebalance_bytes: int = 48
    update_bytes_max: int = 64 * 1024
    first_sync_bytes_max: int = 1024 * 1024
    document_bytes_max: int = 1024 * 1024
    clocks_per_update_max: int = 1_000_000
    elements_per_update_max: int = 20_000
    new_clients_per_update_max: int = 64
    refusals_max: int = 100


DEFAULT_LIMITS = DocumentLimits()
