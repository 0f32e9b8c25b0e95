"""The client's setlist document."""

import random

from loadtests.wire.setlist import SetlistDocument


def _pair() -> tuple[SetlistDocument, SetlistDocument]:
    return SetlistDocument(random.Random(1)), SetlistDocument(random.Random(2))


def _merge(a: SetlistDocument, b: SetlistDocument) -> None:
    to_b, to_a = a.missing_in(b.state_vector()), b.missing_in(a.state_vector())
    a.apply(to_a)
    b.apply(to_b)


def _titles(document: SetlistDocument) -> list[str]:
    return [entry.title for entry in document.entries()]


def test_order_is_by_section_as_played_not_by_alphabet() -> None:
    document, _ = _pair()
    for title, section in (("E", "encore1"), ("B", "set2"), ("A", "set1"), ("S", "soundcheck")):
        document.add(title, section, "p")
    assert _titles(document) == ["S", "A", "B", "E"]


def test_two_who_append_offline_keep_both_and_agree() -> None:
    a, b = _pair()
    a.add("Loser", "set1", "p")
    b.add("Deal", "set1", "q")
    _merge(a, b)
    assert _titles(a) == _titles(b)
    assert sorted(_titles(a)) == ["Deal", "Loser"]


def test_concurrent_moves_of_one_song_leave_one_song() -> None:
    a, b = _pair()
    first, second, third = (a.add(title, "set1", "p") for title in "abc")
    _merge(a, b)
    a.move(first, "set1", third)
    b.move(first, "set1", second)
    _merge(a, b)
    assert _titles(a) == _titles(b)
    assert sorted(_titles(a)) == ["a", "b", "c"]


def test_a_move_to_the_front_and_behind_another_lands_there() -> None:
    document, _ = _pair()
    ids = [document.add(title, "set1", "p") for title in "abcd"]
    document.move(ids[3], "set1", None)
    assert _titles(document) == ["d", "a", "b", "c"]
    document.move(ids[0], "set1", ids[2])
    assert _titles(document) == ["d", "b", "c", "a"]


def test_local_edits_are_collected_and_remote_ones_are_not() -> None:
    a, b = _pair()
    with a.local() as updates:
        a.add("Loser", "set1", "p")
    assert len(updates) == 1
    b.apply(updates[0])
    assert _titles(b) == ["Loser"]
    assert len(updates) == 1


def test_an_entry_that_is_not_well_formed_is_left_out() -> None:
    document, _ = _pair()
    entry_id = document.add("Loser", "set1", "p")
    document.change(entry_id, title=7)
    assert document.entries() == []
