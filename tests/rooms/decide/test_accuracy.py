"""Ratings, vouching and the seal in a turn: each test is a rule."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from rooms import limits
from rooms.accuracy.views import confidence_of, confidences
from rooms.answers import Answer
from rooms.commands import (
    AnyCommand,
    ConfirmEntry,
    LockSetlist,
    RateEntry,
    SealSetlist,
    SetNowPlaying,
    UnlockSetlist,
    UnsealSetlist,
    UpdateSetlist,
)
from rooms.decide import decide
from rooms.fanout.audience import REST as FANS
from rooms.messages import Ack, Reject, StateMessage
from rooms.outbox import ARCHIVE_SHOW, SETTLE_RATINGS
from rooms.participants import Participant, Role
from rooms.ports import StanceKind, StanceRecord, Standing
from rooms.show import ShowStatus
from rooms.song_requests.board import Board
from rooms.state import Memory, RoomState
from rooms.state_views import StateViews
from rooms.states import Confidence
from tests.rooms.builders import ARTIST, FAN, MODERATOR, OTHER, Bench, envelope, new_id, person
from tests.rooms.decide.test_setlist import Phone
from tests.rooms.test_holds import SetClock

CURATOR = person("cura", Role.CURATOR)


class Night(Bench):
    """A bench that keeps stances, with a list of two songs by the artist."""

    def __init__(self, status: ShowStatus = ShowStatus.LIVE) -> None:
        super().__init__(ShowStatus.LIVE)
        self.stances: dict[tuple[StanceKind, str, str], StanceRecord] = {}
        self.standings: dict[str, Standing] = {}
        self.phone = Phone(ARTIST)
        for entry_id, title in (("e1", "Scarlet Begonias"), ("e2", "Fire on the Mountain")):
            self.edit(self.phone, self.phone.add(entry_id, title, f"V{entry_id}"))
        self.state.facts = msgspec.structs.replace(self.state.facts, status=status)

    def edit(self, phone: Phone, update: bytes, at_s: float = 0.0) -> Any:
        """One edit."""
        return self.turn(envelope(phone.who, UpdateSetlist(update), at_s, keeps_reply=False))[0]

    def turn(self, *envelopes: Any) -> Any:
        """One turn, committed."""
        decision = decide(
            self.state,
            envelopes,
            self.ballots,
            twin=self.twin,
            roles=self.roles,
            claims=self.claims,
            new_id=new_id,
            stances=getattr(self, "stances", {}),
            standings=getattr(self, "standings", {}),
        )
        self.last = decision
        self.state = decision.state
        self.state.head = decision.turn.head_after
        for event in decision.turn.events:
            if event.update:
                self.document.apply(event.update)
        for record in decision.turn.stances:
            self.stances[(record.kind, record.subject, record.participant_id)] = record
        return decision.answers

    def rate(self, who: Participant, value: int, entry_id: str = "e1", at_s: float = 0.0) -> Answer:
        """One rating."""
        return self.give(who, RateEntry(entry_id, value), at_s)

    def seen(self, entry_id: str = "e1") -> Confidence:
        """What everybody sees of an entry."""
        found = confidence_of(self.state, self.document, entry_id)
        assert found is not None
        return found


def code(answer: Answer) -> str:
    assert isinstance(answer, Reject)
    return answer.code


def weigh(night: Night, who: Participant, weight: float, cluster: str | None = None) -> None:
    """What the database knows of somebody."""
    night.standings[who.participant_id] = Standing(
        who.participant_id, who.role, weight=weight, cluster=cluster
    )


def test_a_rating_counts_with_the_weight_of_who_gives_it() -> None:
    night = Night()
    weigh(night, FAN, 2.5)
    weigh(night, OTHER, 0.5)
    assert isinstance(night.rate(FAN, 1), Ack)
    night.rate(OTHER, -1)
    assert night.seen() == Confidence("e1", 0.7, "disputed", 1, 1, 3.0)


def test_a_rating_is_no_event_and_changes_in_place() -> None:
    night = Night()
    for value in (1, -1, 1):
        night.rate(FAN, value)
        assert night.events == []
    seen = night.seen()
    assert (seen.up, seen.down, seen.weight) == (1, 0, 1.0)


def test_a_rating_can_be_taken_back() -> None:
    night = Night()
    night.rate(FAN, 1)
    night.rate(FAN, 0)
    assert night.seen() == Confidence("e1", 0.5, "disputed", 0, 0, 0.0)
    assert isinstance(night.rate(FAN, 0), Ack)


def test_a_change_takes_back_what_was_counted_at_the_old_weight() -> None:
    night = Night()
    weigh(night, FAN, 1.0)
    night.rate(FAN, 1)
    weigh(night, FAN, 2.0, "c1")
    night.rate(FAN, -1)
    counts = night.state.stances[(StanceKind.RATING, "e1")]
    assert {key: people for key, people in counts.items() if people} == {(-1, "2.000@c1"): 1}


def test_only_entries_that_exist_are_rated_and_vouched_for() -> None:
    night = Night()
    assert code(night.rate(FAN, 1, "nowhere")) == "unknown_entry"
    assert code(night.give(MODERATOR, ConfirmEntry("nowhere"))) == "unknown_entry"


def test_four_independent_people_confirm_and_a_cluster_of_nine_does_not() -> None:
    night = Night()
    for number in range(4):
        night.rate(person(f"alone{number}"), 1)
    for number in range(9):
        one = person(f"gang{number}")
        weigh(night, one, 1.0, "c1")
        night.rate(one, 1, "e2")
    assert night.seen("e1").state == "confirmed"
    assert (night.seen("e2").state, night.seen("e2").weight, night.seen("e2").up) == (
        "disputed",
        3.0,
        9,
    )


def test_a_struck_entry_stays_in_the_document() -> None:
    night = Night()
    for number in range(5):
        night.rate(person(f"fan{number}"), -1)
    assert night.seen().state == "struck"
    assert [entry.id for entry in night.document.entries()] == ["e1", "e2"]


def test_ratings_of_a_removed_entry_are_kept_for_its_return() -> None:
    night = Night()
    night.rate(FAN, 1)
    before = night.phone.doc.get_state()
    gone = dict(night.phone.entries["e1"])
    del night.phone.entries["e1"]
    night.edit(night.phone, night.phone.doc.get_update(before))
    assert confidence_of(night.state, night.document, "e1") is None
    assert confidences(night.state, night.document) == []
    assert code(night.rate(FAN, -1)) == "unknown_entry"
    night.edit(night.phone, night.phone.add("e1", str(gone["title"])))
    assert night.seen().up == 1


@pytest.mark.parametrize("who", [MODERATOR, CURATOR, ARTIST])
def test_crew_and_curators_vouch_once(who: Participant) -> None:
    night = Night()
    night.give(who, ConfirmEntry("e1"))
    assert night.events == ["entry_confirmed"]
    assert night.seen().confirmed_by_crew
    night.give(who, ConfirmEntry("e1"))
    assert night.events == []
    night.give(who, ConfirmEntry("e1", confirmed=False))
    assert night.events == ["entry_confirmed"]
    assert not night.seen().confirmed_by_crew


def test_fans_vouch_for_nothing_and_only_the_artist_seals() -> None:
    night = Night()
    assert code(night.give(FAN, ConfirmEntry("e1"))) == "not_allowed"
    for who in (FAN, MODERATOR, CURATOR):
        assert code(night.give(who, SealSetlist())) == "not_allowed"
        assert code(night.give(who, UnsealSetlist())) == "not_allowed"


def test_who_vouched_for_an_entry_vouched_for_its_song() -> None:
    night = Night()
    night.give(MODERATOR, ConfirmEntry("e1"))
    night.give(MODERATOR, ConfirmEntry("e2"))
    night.edit(night.phone, night.phone.rename("e1", "Terrapin Station"))
    assert not night.seen("e1").confirmed_by_crew
    assert night.seen("e2").confirmed_by_crew


def test_the_seal_wins_the_display_and_keeps_the_dissent() -> None:
    night = Night()
    for number in range(5):
        night.rate(person(f"fan{number}"), -1)
    night.give(ARTIST, SealSetlist())
    assert night.events == ["setlist_locked", "setlist_sealed"]
    seen = night.seen()
    assert (seen.state, seen.sealed, seen.down) == ("confirmed", True, 5)
    assert seen.confidence == pytest.approx(1 / 7, abs=0.001)
    assert night.seen("e2").sealed


def test_a_seal_locks_and_fans_cannot_break_it() -> None:
    night = Night()
    night.give(ARTIST, SealSetlist())
    fan = Phone(FAN)
    fan.sync(night)
    night.edit(fan, fan.add("e3", "Not played", "Z"))
    assert "setlist_unsealed" not in night.events
    assert night.state.memory.sealed is not None
    assert len(night.document.entries()) == 2
    assert code(night.give(MODERATOR, UnlockSetlist())) == "setlist_sealed"
    assert code(night.give(FAN, SetNowPlaying("e1"))) == "setlist_locked"


def test_an_edit_of_the_crew_takes_the_seal_off() -> None:
    night = Night()
    night.give(ARTIST, SealSetlist())
    crew = Phone(MODERATOR)
    crew.sync(night)
    night.edit(crew, crew.rename("e1", "Terrapin Station"))
    assert night.events == ["setlist_changed", "setlist_unsealed"]
    assert not night.seen().sealed
    assert night.state.memory.setlist_locked
    night.give(ARTIST, SealSetlist())
    assert night.events == ["setlist_sealed"]


def test_sealing_twice_is_sealing_once_and_so_is_unsealing() -> None:
    night = Night()
    night.give(ARTIST, LockSetlist())
    night.give(ARTIST, SealSetlist())
    assert night.events == ["setlist_sealed"]
    assert isinstance(night.give(ARTIST, SealSetlist()), Ack)
    assert night.events == []
    night.give(ARTIST, UnsealSetlist())
    assert night.events == ["setlist_unsealed"]
    assert isinstance(night.give(ARTIST, UnsealSetlist()), Ack)
    assert night.events == []


def test_an_empty_list_is_not_sealed_and_nothing_is_before_the_show() -> None:
    assert code(Bench().give(ARTIST, SealSetlist())) == "setlist_empty"
    night = Night(ShowStatus.PUBLISHED)
    assert code(night.give(ARTIST, SealSetlist())) == "show_not_live"
    assert code(night.give(MODERATOR, ConfirmEntry("e1"))) == "show_not_live"


def test_ratings_and_the_seal_go_on_after_the_show_has_closed() -> None:
    night = Night(ShowStatus.CLOSED)
    assert isinstance(night.rate(FAN, 1), Ack)
    assert isinstance(night.give(ARTIST, SealSetlist()), Ack)


def test_an_archived_list_is_sealed_by_the_artist_and_rated_by_nobody() -> None:
    night = Night(ShowStatus.ARCHIVED)
    assert isinstance(night.give(ARTIST, SealSetlist()), Ack)
    assert isinstance(night.give(MODERATOR, ConfirmEntry("e1")), Ack)
    assert code(night.rate(FAN, 1)) == "room_closed"
    crew = Phone(MODERATOR)
    crew.sync(night)
    night.edit(crew, crew.rename("e1", "Terrapin Station"))
    assert night.events == ["setlist_changed", "setlist_unsealed"]
    assert isinstance(night.give(ARTIST, SealSetlist()), Ack)


def test_a_confidence_that_events_alone_move_is_newer() -> None:
    night = Night()

    def shown() -> StateMessage:
        at = SimpleNamespace(state=night.state, document=night.document, head=night.state.head)
        views = StateViews(at, Board(at), SetClock(), int)  # type: ignore[arg-type]
        found = views.render("confidence", "e1", FANS)
        assert found is not None
        return found

    assert isinstance(night.give(ARTIST, SealSetlist()), Ack)
    sealed = shown()
    assert b'"sealed":true' in bytes(sealed.data)
    night.edit(night.phone, night.phone.rename("e2", "Terrapin Station"))  # stores no reply
    assert night.events == ["setlist_changed", "setlist_unsealed"]
    assert b'"sealed":true' not in bytes(shown().data)
    assert shown().version > sealed.version


@pytest.mark.parametrize("status", [ShowStatus.CLOSED, ShowStatus.ARCHIVED])
def test_performances_follow_who_vouches_in_an_archived_list(status: ShowStatus) -> None:
    night = Night(status)

    def effects(command: AnyCommand) -> list[str]:
        assert isinstance(night.give(ARTIST, command), Ack)
        return [effect.kind for effect in night.last.turn.outbox]  # type: ignore[union-attr]

    wanted = [SETTLE_RATINGS] + [ARCHIVE_SHOW] * (status is ShowStatus.ARCHIVED)
    assert effects(SealSetlist()) == wanted
    assert effects(UnsealSetlist()) == wanted
    assert effects(ConfirmEntry("e1")) == wanted
    assert effects(ConfirmEntry("e1")) == []


def test_who_was_told_the_answer_keeps_the_rating_given_before() -> None:
    night = Night()
    night.rate(FAN, 1, "e1", at_s=1)
    night.give(MODERATOR, ConfirmEntry("e1"), at_s=2)
    assert code(night.rate(FAN, -1, "e1", at_s=3)) == "rating_settled"
    assert code(night.rate(FAN, 0, "e1", at_s=3)) == "rating_settled"
    assert isinstance(night.rate(FAN, 1, "e1", at_s=3), Ack)
    night.rate(FAN, -1, "e2", at_s=4)
    night.give(ARTIST, SealSetlist(), at_s=5)
    assert code(night.rate(FAN, 1, "e2", at_s=6)) == "rating_settled"


def test_a_dissenter_may_speak_after_the_seal_and_change_its_mind() -> None:
    night = Night()
    night.give(ARTIST, SealSetlist(), at_s=5)
    assert isinstance(night.rate(FAN, -1, at_s=6), Ack)
    assert isinstance(night.rate(FAN, 1, at_s=7), Ack)
    assert night.seen().sealed


def outbox(night: Night) -> list[str]:
    assert night.last is not None
    return [effect.dedupe_key for effect in night.last.turn.outbox]


def test_each_time_what_is_known_changes_the_ratings_are_settled_anew() -> None:
    night = Night()
    keys = []
    for command in (
        ConfirmEntry("e1"),
        ConfirmEntry("e1", confirmed=False),
        SealSetlist(),
        UnsealSetlist(),
    ):
        night.give(ARTIST, command)
        assert len(outbox(night)) == 1
        keys += outbox(night)
    assert len(set(keys)) == 4
    night.give(ARTIST, UnsealSetlist())
    assert outbox(night) == []


def test_the_number_of_ratings_of_one_person_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STANCES_PER_PARTICIPANT", 1)
    night = Night()
    answers = night.turn(
        *(envelope(FAN, RateEntry(entry_id, 1)) for entry_id in ("e1", "e2", "e1"))
    )
    assert [type(answer) for answer in answers] == [Ack, Reject, Ack]
    assert code(night.rate(FAN, 1, "e2")) == "too_many_stances"
    assert isinstance(night.rate(FAN, -1, "e1"), Ack)
    assert isinstance(night.rate(OTHER, 1, "e2"), Ack)


def test_what_is_vouched_for_outlives_a_snapshot() -> None:
    night = Night()
    commands: list[AnyCommand] = [ConfirmEntry("e1"), SealSetlist()]
    for command in commands:
        night.give(ARTIST, command)
    again = RoomState(night.state.facts, night.state.head)
    again.memory = msgspec.json.decode(night.state.snapshot(), type=Memory)
    assert again.memory.sealed == night.state.memory.sealed
    assert again.memory.confirmed == night.state.memory.confirmed
    assert confidence_of(again, night.document, "e1") == night.seen()


def test_confidence_is_listed_in_playing_order_of_what_somebody_spoke_of() -> None:
    night = Night()
    assert confidences(night.state, night.document) == []
    night.rate(FAN, 1, "e2")
    night.give(MODERATOR, ConfirmEntry("e1"))
    assert [one.entry_id for one in confidences(night.state, night.document)] == ["e1", "e2"]
