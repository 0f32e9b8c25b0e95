"""The reader sees in an update what Yjs sees."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crdt.any_value import UNDEFINED
from crdt.causality import integration_order
from crdt.errors import DecodeError, PendingError
from crdt.update_reader import read_update
from crdt.update_structs import ContentKind, DeleteRange, Id, ParsedUpdate
from crdt.update_writer import encode_deletes, neutralise
from tests.crdt.update_builder import any_text, gc, item, skip, update
from tests.crdt.yjs_oracle import YjsOracle

SPECIALS: list[list[Any]] = [
    ["entry", "e1", {"title": "Dark Star", "segue": True, "note": "Wörter 🎸"}],
    ["field", "e1", "note", None],
    ["field", "e1", "note", {"$": "undefined"}],
    ["field", "e1", "note", {"$": "bigint", "value": str(-(2**63))}],
    ["field", "e1", "note", {"$": "nan"}],
    ["field", "e1", "note", {"$": "bytes"}],
    ["field", "e1", "note", {"$": "doc"}],
    ["field", "e1", "note", [1, 2.5, -70, 1e300, {"deep": [None, True, "x"]}]],
    ["field", "e1", "title", {"$": "text", "value": "nested 🎸 text"}],
    ["nested_text", "e1", "title", "more "],
    ["root", "e2", {"$": "array"}],
    ["root", "e3", {"$": "map", "value": {"a": {"$": "map", "value": {"b": 1}}}}],
    ["foreign_array", "songs", ["a", 1, None, {"b": []}]],
    ["foreign_text", "prose", "ein Satz 🎸"],
    ["remove", "e1"],
]


def as_yjs_sees(parsed: ParsedUpdate) -> dict[str, Any]:
    """The shape of the oracle's ``decode``."""

    def pair(element: Id | None) -> list[int] | None:
        return None if element is None else [element.client, element.clock]

    names = {ContentKind.GC: "GC", ContentKind.SKIP: "Skip"}
    structs = []
    for section in parsed.sections:
        for struct in section.structs:
            name = names.get(struct.kind, "Item")
            content = f"Content{struct.kind.name.capitalize()}" if name == "Item" else None
            content = {
                "ContentJson": "ContentJSON",
                "ContentDoc": "ContentDoc",
            }.get(content or "", content)
            structs.append(
                [
                    struct.client,
                    struct.clock,
                    struct.length,
                    name,
                    content,
                    pair(struct.origin),
                    pair(struct.right_origin),
                    struct.parent_sub,
                ]
            )
    return {"structs": structs, "deletes": [list(entry) for entry in parsed.deletes]}


def seen(oracle: YjsOracle, data: bytes) -> dict[str, Any]:
    return oracle.one("decode", update=b64encode(data).decode())


def test_every_kind_of_content_is_read_as_yjs_reads_it(oracle: YjsOracle) -> None:
    document = oracle.document()
    updates = [data for change in SPECIALS for data in document.edit(change)]
    assert len(updates) == len(SPECIALS)
    for data in [*updates, document.diff()]:
        parsed = read_update(data)
        assert as_yjs_sees(parsed) == seen(oracle, data)
        assert neutralise(parsed, {}, (), ()) == data


def test_values_are_read(oracle: YjsOracle) -> None:
    document = oracle.document()
    document.edit(["entry", "e", {}])
    values = {}
    for name, value in [
        ("text", "a🎸"),
        ("yes", True),
        ("none", None),
        ("undefined", {"$": "undefined"}),
        ("int", -70),
        ("float", 2.5),
        ("big", {"$": "bigint", "value": str(2**62)}),
        ("bag", {"a": [1, {"b": "c"}]}),
    ]:
        (data,) = document.edit(["field", "e", name, value])
        values[name] = read_update(data).sections[0].structs[0].value
    assert values == {
        "text": "a🎸",
        "yes": True,
        "none": None,
        "undefined": UNDEFINED,
        "int": -70,
        "float": 2.5,
        "big": 2**62,
        "bag": {"a": [1, {"b": "c"}]},
    }


def test_the_length_of_text_is_in_utf16_units(oracle: YjsOracle) -> None:
    data = update([(1, 0, [item(b"\x09a\xf0\x9f\x8e\xb8\xf0\x9f\x8e\xb8", 4, root="t")])])
    assert read_update(data).sections[0].clock_end == 5
    assert seen(oracle, data)["structs"][0][2] == 5


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_prefix_of_an_update_is_refused(data: st.DataObject) -> None:
    whole = update(
        [(5, 0, [item(any_text("Wörter"), root="entries", sub="a"), gc(3)]), (4, 2, [gc(1)])],
        [(9, 0, 3), (8, 1, 1)],
    )
    assert read_update(whole).data == whole
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(DecodeError):
        read_update(whole[:cut])
    with pytest.raises(DecodeError):
        read_update(whole + b"\x00")


@given(st.binary(max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        parsed = read_update(data)
    except DecodeError:
        return
    assert parsed.data == data


ranges = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(1, 9)), max_size=12)


@given(ranges)
def test_delete_sets_are_merged_without_changing_what_they_hold(
    entries: list[tuple[int, int, int]],
) -> None:
    def elements(listed: list[DeleteRange]) -> set[tuple[int, int]]:
        return {(c, k) for c, clock, length in listed for k in range(clock, clock + length)}

    given_ranges = [DeleteRange(*entry) for entry in entries]
    merged = read_update(b"\x00" + encode_deletes(given_ranges)).deletes
    assert elements(list(merged)) == elements(given_ranges)


def test_structs_are_ordered_by_what_they_depend_on() -> None:
    data = update(
        [
            (9, 0, [item(any_text("a"), origin=Id(5, 0)), item(any_text("b"), origin=Id(5, 1))]),
            (5, 0, [gc(1), item(any_text("c"), origin=Id(9, 0)), gc(1)]),
        ]
    )
    order = [(struct.client, struct.clock) for struct in integration_order(read_update(data), {})]
    assert sorted(order) == [(5, 0), (5, 1), (5, 2), (9, 0), (9, 1)]
    assert order.index((5, 0)) < order.index((9, 0)) < order.index((5, 1)) < order.index((9, 1))


@pytest.mark.parametrize(
    "data",
    [
        update([(1, 1, [gc(1)])]),
        update([(1, 0, [skip(1)])]),
        update([(1, 0, [gc(1)]), (2, 0, [skip(1)])]),
        update([(1, 0, [item(any_text("x"), origin=Id(2, 0))]), (3, 0, [gc(1)])]),
        update([(1, 0, [item(any_text("x"), parent=Id(1, 0), sub="a")])]),
    ],
)
def test_what_would_stay_pending_has_no_order(data: bytes) -> None:
    with pytest.raises(PendingError):
        integration_order(read_update(data), {})
