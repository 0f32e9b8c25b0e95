"""The guard: every update from outside is judged here before it is durable.

Theory of operation. A CRDT update cannot be dropped: the sender keeps it, and everything that
it writes later hangs on it. So an update is *accepted*, or *repaired* (stored and relayed
together with corrections that everybody, the sender included, receives), or its socket is
closed. In this order:

1. ``read_update`` parses it; nothing of it is trusted.
2. Closed are sockets whose update would stay pending, deletes clocks to come, or advances a
   client id that belongs to somebody else: such things act later, in another's name.
3. Content with no place in the schema, or with a value that a field cannot have, is
   neutralised in the bytes: same clocks, deleted content (``screening``).
4. The rest is applied to the *twin*, the touched entries are compared with how they stood,
   and what is not permitted is written back in the same transaction (``settlement``).
5. What the twin's transaction changed is the update to store and to relay.
"""

from __future__ import annotations

from collections.abc import Mapping

from crdt.document import SetlistDocument
from crdt.errors import CrdtError, DecodeError, DecodeFault, DocumentError
from crdt.frames import EMPTY_UPDATE
from crdt.permissions import SERVER_PARTICIPANT_ID, Editor, EditRules
from crdt.places import Placed
from crdt.schema import SetlistEntry
from crdt.screening import (
    document_would_be_too_large,
    find_place,
    new_bindings,
    screen,
    touched_entries,
)
from crdt.settlement import Settlement, late_values
from crdt.update_reader import read_update
from crdt.update_structs import ParsedUpdate
from crdt.verdicts import (
    Accepted,
    ClientBinding,
    EntryChange,
    Forbidden,
    ForbiddenReason,
    Refusal,
    Repaired,
    Verdict,
    entry_change,
)


def judge(
    twin: SetlistDocument,
    update: bytes,
    editor: Editor,
    rules: EditRules,
    bindings: Mapping[int, str],
    *,
    first_sync: bool = False,
) -> Verdict:
    """Judge one update and apply what is left of it to the twin.

    Args:
        twin: a clone of the live document, equal to it when the turn began. It holds the
            outcome afterwards; if the turn fails, or if this raises, discard it.
        update: as received (the body of a sync step 2 or update message).
        editor: who sent it.
        rules: what is permitted now.
        bindings: Yjs client id to the participant it belongs to; ids of our own documents
            to ``SERVER_PARTICIPANT_ID``; ids claimed by awareness may be included.
        first_sync: the larger size limit of a socket's first sync step 2 applies.

    Returns:
        ``Accepted``, ``Repaired`` or ``Forbidden``; before a ``Forbidden`` the twin was not
        touched unless it says so.
    """
    limits = twin.limits
    size_max = limits.first_sync_bytes_max if first_sync else limits.update_bytes_max
    if len(update) > size_max:
        return Forbidden(ForbiddenReason.TOO_LARGE, f"an update of {len(update)} bytes")
    try:
        parsed = read_update(update, limits.elements_per_update_max)
    except DecodeError as error:
        too_many = error.fault is DecodeFault.TOO_MANY
        reason = ForbiddenReason.TOO_LARGE if too_many else ForbiddenReason.MALFORMED
        return Forbidden(reason, str(error))
    fresh = new_bindings(twin, parsed, editor, bindings)
    if isinstance(fresh, Forbidden):
        return fresh
    placed = find_place(twin, parsed)
    if isinstance(placed, Forbidden):
        return placed
    if document_would_be_too_large(twin, update, placed):
        return Forbidden(ForbiddenReason.DOCUMENT_TOO_LARGE, "the document is full")
    try:
        return _apply(twin, parsed, placed, editor, rules, bindings, fresh)
    except CrdtError as error:
        # Our reader let it pass and the library did not: the twin is in an unknown state.
        return Forbidden(ForbiddenReason.MALFORMED, str(error), twin_dirty=True)


def _apply(
    twin: SetlistDocument,
    parsed: ParsedUpdate,
    placed: Placed,
    editor: Editor,
    rules: EditRules,
    bindings: Mapping[int, str],
    fresh: list[ClientBinding],
) -> Verdict:
    screened = screen(twin, parsed, placed)
    touched = touched_entries(twin, parsed, placed)
    late = late_values(twin, screened.writes, bindings)
    settlement = Settlement(twin, editor, rules, screened, late)
    with twin.record() as recording:
        twin.apply_raw(screened.update)
        settled = settlement.settle({entry_id: twin.read(entry_id) for entry_id in touched})
    outcome = recording.update
    if outcome == parsed.data:
        twin.absorb(outcome, parsed, placed)
    else:
        recorded = read_update(outcome)
        twin.absorb(outcome, recorded, twin.places.resolve_outcome(recorded, placed))
    for section in parsed.sections:
        if section.clock_end > twin.clocks.get(section.client, 0):
            raise DocumentError("the library did not integrate everything")
    changes = _mirror(twin, settled)
    refusals: list[Refusal] = [*settlement.refusals, *screened.refusals]
    del refusals[twin.limits.refusals_max :]
    if twin.client_id in twin.clocks and twin.client_id not in bindings:
        fresh = [*fresh, ClientBinding(twin.client_id, SERVER_PARTICIPANT_ID)]
    if refusals:
        return Repaired(outcome, tuple(refusals), changes, tuple(fresh))
    return Accepted(None if outcome == EMPTY_UPDATE else outcome, changes, tuple(fresh))


def _mirror(
    twin: SetlistDocument, settled: Mapping[str, SetlistEntry | None]
) -> tuple[EntryChange, ...]:
    """Bring the twin's entries up to date; what changed, by entry."""
    changes: list[EntryChange] = []
    for entry_id, after in settled.items():
        change = entry_change(entry_id, twin.entry(entry_id), after)
        twin.mirror(entry_id, after)
        if change is not None:
            changes.append(change)
    return tuple(changes)
