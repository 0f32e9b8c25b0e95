"""The judge of the kill test notices every kind of broken promise."""

from __future__ import annotations

import random
from typing import Any

from loadtests.faults import verdict
from loadtests.faults.worker import EntryPromise, Promise
from loadtests.wire import Edit, Saved, SetlistDocument
from loadtests.wire.log import LogPlace
from loadtests.wire.messages import EventMessage


class Room:
    """What the judge looks at of a client's room."""

    participant_id = "me"
    lost = None

    def __init__(self) -> None:
        self.place = LogPlace()
        self.setlist = SetlistDocument(random.Random(1))


class Someone:
    """A worker without a socket."""

    name = "w"

    def __init__(self, **promise: Any) -> None:
        self.room: Any = Room()
        self.promise = Promise("r", **promise)
        self.entries: dict[str, EntryPromise] = {}


def _chat(seq: int, text: str, author: str = "me") -> EventMessage:
    data = {"text": text, "participant_id": author}
    return EventMessage(seq=seq, name="chat_posted", at="", data=data)


def _judge(check: Any, someone: Someone, *rest: Any) -> list[str]:
    found: list[str] = check([someone], *rest)
    return found


def test_a_lost_a_doubled_and_a_forged_line_are_noticed() -> None:
    someone = Someone(chat_acked={"a": "1"}, chat_said={"a", "b"})
    assert _judge(verdict.chat_is_kept, someone, [_chat(1, "a")]) == []
    assert len(_judge(verdict.chat_is_kept, someone, [])) == 1
    assert len(_judge(verdict.chat_is_kept, someone, [_chat(1, "a"), _chat(2, "a")])) == 1
    assert len(_judge(verdict.chat_is_kept, someone, [_chat(1, "a", "other")])) == 1


def test_a_gap_in_the_log_is_noticed() -> None:
    assert verdict.log_is_whole([_chat(5, "a"), _chat(6, "b")], 4) == []
    assert verdict.log_is_whole([_chat(5, "a"), _chat(7, "b")], 4) != []
    assert verdict.log_is_whole([_chat(6, "b")], 4) != []


def test_a_ballot_is_the_last_one_acknowledged_or_one_in_flight() -> None:
    for after, kept in {"o1": True, "o2": True, "o3": False, None: False}.items():
        someone = Someone(
            vote_acked="o3", ballots_possible={"o1", "o2"}, welcomed_again=True, ballot_after=after
        )
        assert (_judge(verdict.ballots_are_kept, someone) == []) is kept


def test_a_tally_that_counts_a_vote_twice_or_not_is_noticed() -> None:
    someone = Someone(vote_acked="o1")
    right = {"options": {"o1": 1, "o2": 0}, "votes": 1, "voters": 1}
    assert _judge(verdict.tally_is_exact, someone, right) == []
    for options, votes in (({"o1": 2}, 2), ({"o1": 0}, 0), ({"o2": 1}, 1)):
        wrong = {"options": options, "votes": votes, "voters": votes}
        assert _judge(verdict.tally_is_exact, someone, wrong) != []


async def test_a_saved_entry_may_only_be_as_it_was_saved_or_as_a_later_edit_left_it() -> None:
    someone = Someone()
    saved, unsaved = Edit(("e",)), Edit(("e",))
    promise = EntryPromise(since=[(saved, "first"), (unsaved, "second")])
    saved.settle(Saved(3))
    promise.settle()
    someone.entries["e"] = promise
    assert _judge(verdict.entries_are_kept, someone, {"e": "first"}) == []
    assert _judge(verdict.entries_are_kept, someone, {"e": "second"}) == []
    assert _judge(verdict.entries_are_kept, someone, {}) != []
    assert _judge(verdict.entries_are_kept, someone, {"e": "third"}) != []
    assert _judge(verdict.entries_are_kept, someone, {"e": "first", "x": "nobody's"}) != []


def test_a_document_that_differs_is_noticed() -> None:
    someone = Someone()
    entry_id = someone.room.setlist.add("Loser", "set1", "me")
    assert _judge(verdict.documents_are_equal, someone, {entry_id: "Loser"}) == []
    assert _judge(verdict.documents_are_equal, someone, {}) != []
