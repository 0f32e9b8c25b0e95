"""Rewriting updates: neutralise single structs, nothing else.

A refused struct cannot be left out (its clocks would be missing for ever), but it can be
replaced by what Yjs itself leaves behind of deleted content: a collected run (GC) or an item
whose content is only "deleted", in the same place of its chain. With the clocks in the delete
set, the sender deletes its own copy and everybody is equal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from crdt.update_structs import ContentKind, DeleteRange, Id, ParsedUpdate, UpdateStruct
from crdt.varint import encode_varuint

_ORIGIN_BITS = 0xE0


def neutralise(
    update: ParsedUpdate,
    clocks: Mapping[int, int],
    collected: Collection[Id],
    blanked: Collection[Id],
) -> bytes:
    """Replace structs and delete their new clocks; leave out what is known already.

    Known structs have no effect, but the library would still read their content.

    Args:
        update: the update as it came.
        clocks: the document's state vector.
        collected: first clocks of structs to be replaced by GC runs.
        blanked: first clocks of items to be left in place with deleted content.
    """
    sections: list[bytes] = []
    extra: list[DeleteRange] = []
    for section in update.sections:
        known = clocks.get(section.client, 0)
        fresh = [struct for struct in section.structs if struct.clock_end > known]
        if not fresh:
            continue
        parts = [encode_varuint(len(fresh))]
        parts.append(encode_varuint(section.client) + encode_varuint(fresh[0].clock))
        for struct in fresh:
            if struct.id in collected:
                parts.append(b"\x00" + encode_varuint(struct.length))
            elif struct.id in blanked:
                parts.append(_blank(update.data, struct))
            else:
                parts.append(update.data[struct.start : struct.end])
                continue
            start = max(struct.clock, known)
            extra.append(DeleteRange(struct.client, start, struct.clock_end - start))
        sections.append(b"".join(parts))
    deletes = encode_deletes([*update.deletes, *extra])
    return encode_varuint(len(sections)) + b"".join(sections) + deletes


def _blank(data: bytes, struct: UpdateStruct) -> bytes:
    info = (data[struct.start] & _ORIGIN_BITS) | ContentKind.DELETED
    between = data[struct.start + 1 : struct.content_start]
    return bytes((info,)) + between + encode_varuint(struct.length)


def encode_deletes(deletes: Iterable[DeleteRange]) -> bytes:
    """Write a delete set: ranges merged, higher client ids first."""
    by_client: dict[int, list[tuple[int, int]]] = {}
    for client, clock, length in deletes:
        by_client.setdefault(client, []).append((clock, clock + length))
    parts = [encode_varuint(len(by_client))]
    for client in sorted(by_client, reverse=True):
        merged: list[tuple[int, int]] = []
        for start, stop in sorted(by_client[client]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
            else:
                merged.append((start, stop))
        parts.append(encode_varuint(client) + encode_varuint(len(merged)))
        parts += [encode_varuint(start) + encode_varuint(stop - start) for start, stop in merged]
    return b"".join(parts)
