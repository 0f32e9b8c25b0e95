"""Ties: each rule, in its order, until one winner is left."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from rooms import limits
from rooms.commands import ChangeShowStatus, DecideTie
from rooms.decide.ties import AWAITED, SEED_ORDER
from rooms.events import RoundClosed, RoundOpened, RoundTieDecided
from rooms.participants import Role
from rooms.show import ShowStatus
from rooms.views import round_view
from rooms.vote_config import PickRule, TallyMethod, TallyRule, TieRule, Visibility, VoteType
from tests.rooms.builders import ARTIST, FAN, MODERATOR, config, person
from tests.rooms.rounds.builders import (
    ROUND,
    acked,
    bracket,
    cast,
    close,
    code,
    following,
    opened,
    options,
    ranked,
    result_of,
    told,
    vote,
)

RUNOFF, BY_ARTIST, BY_LOT = TieRule.RUNOFF, TieRule.ARTIST, TieRule.SEEDED_RANDOM


def test_without_rules_a_tie_stays_a_tie() -> None:
    room = opened()
    cast(room, {"o1": 2, "o2": 2})
    result = close(room)
    assert (result.winners, result.tie_rule, result.tied) == (("o1", "o2"), None, ())


def test_a_clear_result_needs_no_rule_but_shows_the_seed() -> None:
    room = opened(tie=(BY_LOT,))
    cast(room, {"o1": 2, "o2": 1})
    result = close(room)
    assert (result.winners, result.tie_rule, result.seed) == (("o1",), None, room.seeds[0])


def test_a_draw_can_be_checked_by_anybody() -> None:
    room = opened(config(options=options("abcd"), tie=(BY_LOT,)))
    opening = told(room, crew=False)[0]
    assert isinstance(opening, RoundOpened)
    cast(room, {"a": 1, "b": 2, "c": 2, "d": 2})
    result = close(room)
    assert result.seed is not None
    assert opening.seed_hash == hashlib.sha256(result.seed.encode()).hexdigest()
    by_hash = {
        one: hashlib.sha256(f"{result.seed}:{one}".encode()).hexdigest() for one in result.tied
    }
    assert result.tied == ("b", "c", "d")
    assert result.winners == (min(by_hash, key=lambda one: by_hash[one]),)
    assert result.tie_rule == "seeded_random"


@pytest.mark.parametrize("crew", [True, False])
def test_nobody_sees_the_seed_before_the_result(crew: bool) -> None:
    room = opened(tie=(BY_ARTIST, BY_LOT))
    seed = room.seeds[0].encode()
    seen = [msgspec.json.encode(data) for data in told(room, crew=crew)]

    def view() -> bytes:
        record = room.state.rounds[ROUND]
        return msgspec.json.encode(round_view(record, {}, crew=crew, voted=True))

    seen.append(view())
    cast(room, {"o1": 1, "o2": 1})
    close(room)
    assert result_of(room).tie_rule == AWAITED
    seen += [msgspec.json.encode(data) for data in told(room, crew=crew)] + [view()]
    assert not any(seed in said for said in seen)
    assert all(b"seed_hash" in said for said in (seen[0], view()))
    acked(room.give(ARTIST, DecideTie(ROUND, "o2"), 3))
    assert seed in view()


def test_a_runoff_opens_in_the_same_turn_between_the_tied() -> None:
    room = opened(config(options=options("abc"), tie=(RUNOFF, BY_LOT)))
    cast(room, {"a": 2, "b": 1, "c": 2})
    result = close(room)
    assert room.events == ["round_closed", "round_opened"]
    assert (result.winners, result.tied, result.tie_rule) == (("a", "c"), ("a", "c"), "runoff")
    runoff = following(room)
    assert (runoff.status, runoff.runoff_of, runoff.config.tie) == ("open", ROUND, (BY_LOT,))
    assert [option.id for option in runoff.config.options] == ["a", "c"]
    cast(room, {"c": 1}, runoff.round_id)
    assert close(room, runoff.round_id).winners == ("c",)


def test_a_second_tie_falls_to_the_next_rule() -> None:
    room = opened(tie=(RUNOFF, BY_LOT))
    cast(room, {"o1": 1, "o2": 1})
    close(room)
    runoff = following(room)
    cast(room, {"o1": 1, "o2": 1}, runoff.round_id)
    result = close(room, runoff.round_id)
    assert (result.tie_rule, len(result.winners), result.next_round_id) == (
        "seeded_random",
        1,
        None,
    )


def test_a_runoff_is_a_choice_of_one_whatever_was_tied() -> None:
    room = opened(ranked("abc", TallyMethod.BORDA, tie=(RUNOFF,)))
    cast(room, {"a,b": 1, "b,a": 1})
    close(room)
    runoff = following(room).config
    assert (runoff.type, runoff.tally.method, runoff.pick) == (
        VoteType.SINGLE,
        TallyMethod.PLURALITY,
        PickRule(),
    )


def test_where_no_runoff_can_be_opened_the_next_rule_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ROUNDS_PER_SHOW_MAX", 1)
    room = opened(tie=(RUNOFF, BY_LOT))
    cast(room, {"o1": 1, "o2": 1})
    assert close(room).tie_rule == "seeded_random"


def test_the_artist_decides_among_the_tied() -> None:
    room = opened(config(options=options("abc"), tie=(BY_ARTIST,)))
    cast(room, {"a": 1, "b": 1})
    assert close(room).tie_rule == AWAITED
    for who in (FAN, MODERATOR):
        assert code(room.give(who, DecideTie(ROUND, "a"), 3)) == "not_allowed"
    assert code(room.give(ARTIST, DecideTie(ROUND, "c"), 3)) == "not_tied"
    acked(room.give(ARTIST, DecideTie(ROUND, "b"), 3))
    decided = told(room, crew=False)[0]
    assert isinstance(decided, RoundTieDecided)
    assert decided.result == result_of(room)
    assert (decided.option_id, result_of(room).winners) == ("b", ("b",))
    assert result_of(room).tie_rule == "artist"
    assert code(room.give(ARTIST, DecideTie(ROUND, "a"), 4)) == "no_tie_to_decide"


def test_a_tie_of_a_hidden_round_is_decided_out_of_sight() -> None:
    room = opened(tie=(BY_ARTIST,), visibility=Visibility.MANUAL)
    cast(room, {"o1": 1, "o2": 1})
    close(room)
    acked(room.give(ARTIST, DecideTie(ROUND, "o1"), 3))
    assert told(room, crew=False) == [RoundTieDecided(ROUND)]
    shown = told(room, crew=True)[0]
    assert isinstance(shown, RoundTieDecided) and shown.result is not None
    assert shown.result.winners == ("o1",)


def test_what_the_artist_left_open_is_drawn_when_the_show_ends() -> None:
    room = opened(tie=(BY_ARTIST, BY_LOT))
    cast(room, {"o1": 1, "o2": 1})
    close(room)
    acked(room.give(ARTIST, ChangeShowStatus(ShowStatus.CLOSED), 3))
    assert "round_tie_decided" in room.events
    result = result_of(room)
    assert (result.tie_rule, len(result.winners), result.seed) == (
        "seeded_random",
        1,
        room.seeds[0],
    )


def test_the_end_of_the_show_opens_no_runoff() -> None:
    room = opened(tie=(RUNOFF, BY_LOT))
    cast(room, {"o1": 1, "o2": 1})
    acked(room.give(ARTIST, ChangeShowStatus(ShowStatus.CLOSED), 3))
    assert result_of(room).tie_rule == "seeded_random"
    assert [record.status for record in room.state.rounds.values()] == ["closed"]


def test_below_the_quorum_no_rule_is_applied() -> None:
    room = opened(tie=(RUNOFF, BY_LOT), quorum=3)
    cast(room, {"o1": 1, "o2": 1})
    result = close(room)
    assert (result.winners, result.tie_rule, result.next_round_id) == ((), None, None)


def test_an_instant_runoff_ends_level_by_the_same_rules() -> None:
    room = opened(ranked("ab", TallyMethod.IRV, tie=(BY_LOT,)))
    cast(room, {"a": 1, "b": 1})
    result = close(room)
    assert (result.tied, result.tie_rule) == (("a", "b"), "seeded_random")


# --- brackets -------------------------------------------------------------------------------


def test_a_bracket_opens_its_stages_until_one_is_left() -> None:
    room = opened(bracket("abcde"))
    cast(room, {"a,d": 3, "b": 1})
    result = close(room)
    assert room.events == ["round_closed", "round_opened"]
    assert result.winners == ("a", "d", "e")
    second = following(room)
    assert (second.stage, second.stage_of) == (2, ROUND)
    assert [option.id for option in second.config.options] == ["a", "d", "e"]
    cast(room, {"d": 2, "a": 1}, second.round_id)
    close(room, second.round_id)
    final = following(room, second.round_id)
    assert (final.stage, final.stage_of) == (3, ROUND)
    assert final.config.pick == PickRule(1, 1)
    cast(room, {"e": 1}, final.round_id)
    result = close(room, final.round_id)
    assert (result.winners, result.next_round_id) == (("e",), None)
    assert room.events == ["round_closed"]


def test_a_pair_without_a_rule_goes_to_the_better_seed() -> None:
    room = opened(bracket("abcd"))
    cast(room, {"d": 1})
    result = close(room)
    assert (result.winners, result.tied, result.tie_rule) == (("a", "d"), ("a", "b"), SEED_ORDER)


def test_a_bracket_waits_for_the_artist_pair_by_pair() -> None:
    room = opened(bracket("abcd", tie=(BY_ARTIST,)))
    cast(room, {"a,c": 1, "b,d": 1})
    assert close(room).tie_rule == AWAITED
    acked(room.give(ARTIST, DecideTie(ROUND, "b"), 3))
    assert result_of(room).tie_rule == AWAITED
    acked(room.give(ARTIST, DecideTie(ROUND, "c"), 4))
    assert room.events == ["round_tie_decided", "round_opened"]
    assert [option.id for option in following(room).config.options] == ["b", "c"]


def test_a_runoff_of_a_stage_holds_the_pairs_that_were_level() -> None:
    room = opened(bracket("abcdef", tie=(RUNOFF, BY_LOT)))
    cast(room, {"a,c,e": 1, "b,c,f": 1})
    close(room)
    runoff = following(room)
    assert [option.id for option in runoff.config.options] == ["a", "b", "e", "f"]
    assert (runoff.runoff_of, runoff.stage) == (ROUND, 1)
    cast(room, {"b,e": 1}, runoff.round_id)
    close(room, runoff.round_id)
    second = following(room, runoff.round_id)
    assert [option.id for option in second.config.options] == ["b", "c", "e"]
    assert (second.stage, second.stage_of) == (2, ROUND)
    assert second.config.tie == (RUNOFF, BY_LOT)


def test_a_bracket_below_its_quorum_ends() -> None:
    room = opened(bracket("abcd", quorum=5))
    cast(room, {"a,c": 1})
    assert close(room).next_round_id is None


def test_the_public_sees_what_follows_in_the_result() -> None:
    room = opened(bracket("abcd"))
    cast(room, {"a,c": 1})
    close(room)
    closed, begun = told(room, crew=False)
    assert isinstance(closed, RoundClosed) and closed.result is not None
    assert isinstance(begun, RoundOpened)
    assert closed.result.next_round_id == begun.round_id


def test_weights_stay_in_the_runoff_of_a_weighted_round() -> None:
    weights = TallyRule(method=TallyMethod.APPROVAL).weights
    heavier = msgspec.structs.replace(weights, artist=4)
    room = opened(
        config(
            type=VoteType.WEIGHTED,
            options=options("ab"),
            pick=PickRule(1, 2),
            tally=TallyRule(TallyMethod.APPROVAL, heavier),
            tie=(RUNOFF,),
        )
    )
    cast(room, {"a,b": 1})
    close(room)
    runoff = following(room)
    assert runoff.config.tally == TallyRule(TallyMethod.PLURALITY, heavier)
    cast(room, {"a": 3}, runoff.round_id)
    acked(room.give(person("jerry", Role.ARTIST), vote("b", round_id=runoff.round_id), 1))
    result = close(room, runoff.round_id)
    assert (result.options, result.winners) == ({"a": 3, "b": 4}, ("b",))
    assert (result.votes, result.voters) == (4, 4)
