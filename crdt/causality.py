"""Whether an update can be integrated completely, and in which order.

An update that depends on something unseen stays *pending*: Yjs keeps it and executes it
later, inside somebody else's turn. Nothing pending is let in.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from crdt.errors import PendingError
from crdt.update_structs import ClientSection, ContentKind, Id, ParsedUpdate, UpdateStruct


def integration_order(update: ParsedUpdate, clocks: Mapping[int, int]) -> list[UpdateStruct]:
    """The structs of an update, each after everything that it depends on.

    Args:
        update: the parsed update.
        clocks: the state vector of the document that it is for.

    Raises:
        PendingError: if a client's clocks have a gap, a dependency is unknown or circular, or
            the update says that it leaves something out (a skip).
    """
    for section in update.sections:
        if section.clock > clocks.get(section.client, 0):
            raise PendingError("clocks of a client are missing")
    if len(update.sections) == 1:
        return _single(update.sections[0], clocks)
    return _merged(update.sections, clocks)


def dependencies(struct: UpdateStruct) -> tuple[Id, ...]:
    """The elements that must exist before this one."""
    return tuple(
        dependency
        for dependency in (struct.origin, struct.right_origin, struct.parent_id)
        if dependency is not None
    )


def _single(section: ClientSection, clocks: Mapping[int, int]) -> list[UpdateStruct]:
    for struct in section.structs:
        if struct.kind is ContentKind.SKIP:
            raise PendingError("an update leaves clocks out")
        for client, clock in dependencies(struct):
            known = struct.clock if client == section.client else clocks.get(client, 0)
            if clock >= known:
                raise PendingError("a dependency is missing")
    return list(section.structs)


def _merged(sections: tuple[ClientSection, ...], clocks: Mapping[int, int]) -> list[UpdateStruct]:
    """Run every client's structs as far as possible; park it at what is not there yet."""
    order: list[UpdateStruct] = []
    reached = {section.client: section.clock for section in sections}
    next_index = dict.fromkeys(reached, 0)
    structs = {section.client: section.structs for section in sections}
    parked: dict[int, list[tuple[int, int]]] = {}
    ready = [section.client for section in sections]
    while ready:
        client = ready.pop()
        while next_index[client] < len(structs[client]):
            struct = structs[client][next_index[client]]
            if struct.kind is ContentKind.SKIP:
                raise PendingError("an update leaves clocks out")
            missing = _missing(struct, clocks, reached)
            if missing is not None:
                heappush(parked.setdefault(missing.client, []), (missing.clock, client))
                break
            order.append(struct)
            next_index[client] += 1
            reached[client] = struct.clock_end
        waiting = parked.get(client)
        while waiting and waiting[0][0] < reached[client]:
            ready.append(heappop(waiting)[1])
    if any(next_index[client] < len(structs[client]) for client in structs):
        raise PendingError("a dependency is missing")
    return order


def _missing(
    struct: UpdateStruct, clocks: Mapping[int, int], reached: Mapping[int, int]
) -> Id | None:
    for dependency in dependencies(struct):
        client, clock = dependency
        if client == struct.client:
            if clock >= struct.clock:
                raise PendingError("an element depends on itself")
        elif clock >= max(clocks.get(client, 0), reached.get(client, 0)):
            return dependency
    return None
