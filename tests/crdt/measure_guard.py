"""Measures the guard on a setlist of 100 entries: ``python -m tests.crdt.measure_guard``."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from pycrdt import Doc, Map

from crdt import edits
from crdt.document import SetlistDocument
from crdt.guard import judge
from crdt.permissions import SERVER_PARTICIPANT_ID, Editor, EditRules
from crdt.schema import SetlistEntry
from crdt.update_reader import read_update
from crdt.verdicts import Accepted

ENTRIES = 100
EDITS = 2000


def microseconds(run: Callable[[int], object], times: int) -> str:
    """Minimum and median of ``times`` runs."""
    samples = []
    for number in range(times):
        start = time.perf_counter()
        run(number)
        samples.append((time.perf_counter() - start) * 1e6)
    samples.sort()
    return f"min {samples[0]:7.1f}  median {samples[times // 2]:7.1f}"


def main() -> None:
    """Print the table, in microseconds."""
    pick = random.Random(1)
    live = SetlistDocument()
    for number in range(ENTRIES):
        entry = SetlistEntry(id=f"entry-{number:030d}", title=f"Song {number}", added_by="ann")
        edits.add_entry(live, entry, pick)
    client: Doc[object] = Doc()
    entries = client.get("entries", type=Map)
    client.apply_update(live.encode())
    updates: list[bytes] = []
    client.observe(lambda event: updates.append(event.update))
    for number in range(EDITS):
        entries[f"entry-{number % ENTRIES:030d}"]["title"] = f"Title {number}"
    bindings = {live.client_id: SERVER_PARTICIPANT_ID, client.client_id: "bob"}
    twin, editor, rules = live.clone(), Editor("bob", "fan"), EditRules()
    outcomes: list[bytes] = []

    def judge_one(number: int) -> None:
        verdict = judge(twin, updates[number], editor, rules, bindings)
        assert isinstance(verdict, Accepted) and verdict.update is not None
        outcomes.append(verdict.update)

    print("read_update      ", microseconds(lambda n: read_update(updates[n]), EDITS))
    print("judge, one field ", microseconds(judge_one, EDITS))
    print("apply to live    ", microseconds(lambda n: live.apply(outcomes[n]), EDITS))
    print("clone            ", microseconds(lambda _: live.clone(), 50))
    data = live.encode()
    print("load             ", microseconds(lambda _: SetlistDocument.from_update(data), 20))
    print("step 2, cached   ", microseconds(lambda _: live.encode(), 1000))
    print(f"document of {ENTRIES} entries after {EDITS} edits: {len(data)} bytes")


if __name__ == "__main__":
    main()
