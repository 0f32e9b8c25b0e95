"""Every kind of question can be asked, and every fan's picks are a ballot of it."""

from __future__ import annotations

import random

import msgspec
import pytest

from loadtests.demo.ballots import picks_of, taste
from loadtests.demo.night import barton_hall, songs_of
from loadtests.demo.questions import DUEL_S, Question, Questions
from loadtests.demo.stage import Stage
from rooms.rounds.counting.pairs import pairs_of
from rooms.rounds.problems import picks_exactly_one, problems
from rooms.vote_config import Pick, VoteConfig, VoteType
from server.rounds.asked_config import AskedConfig, completed

SONGS = songs_of(barton_hall())


def _night(seed: int, pace: float = 1.0) -> list[Question]:
    """What is asked in one night, a question for every second song."""
    stage = Stage(SONGS)
    questions = Questions(stage, random.Random(seed), pace)
    questions.begin()
    asked = [questions.next()]
    for number in range(1, len(SONGS), 2):
        stage.playing = number
        asked.append(questions.next())
    return asked


def _configs(seed: int, pace: float = 1.0) -> list[VoteConfig]:
    bodies = [question.body for question in _night(seed, pace)]
    return [
        completed(msgspec.convert(body["config"], AskedConfig))
        for body in bodies
        if "config" in body
    ]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("pace", [1.0, 0.1])
def test_every_question_is_a_round_that_can_be_opened(seed: int, pace: float) -> None:
    for config in _configs(seed, pace):
        assert problems(config) == []
        assert len({option.label for option in config.options}) == len(config.options)


def test_a_night_asks_in_every_kind_of_round() -> None:
    configs = _configs(1)
    assert {config.type for config in configs} >= {
        VoteType.SINGLE,
        VoteType.APPROVAL,
        VoteType.RANKED,
        VoteType.POINTS,
        VoteType.UPDOWN,
        VoteType.BRACKET,
    }
    assert {"always", "after_vote", "on_close"} <= {config.visibility for config in configs}
    duel, *_ = (one for one in _night(1) if "preset" in one.body)
    assert duel.length_s == DUEL_S


def test_the_best_of_the_night_is_asked_once_and_at_its_end() -> None:
    titles = [config.title for config in _configs(2)]
    assert titles.count("Best of the night?") == 1
    assert "Best of the night?" not in titles[:-2]


def test_the_question_what_comes_next_holds_the_right_answer() -> None:
    stage = Stage(SONGS)
    for number in range(5, len(SONGS) - 2):
        stage.playing = number
        questions = Questions(stage, random.Random(number))
        labels = {option["label"] for option in questions.next().body["config"]["options"]}
        assert SONGS[number + 2].title in labels or number >= len(SONGS) - 2


@pytest.mark.parametrize("seed", range(20))
def test_a_fans_picks_keep_the_rules_of_their_round(seed: int) -> None:
    rng = random.Random(seed)
    for config in _configs(seed):
        body = msgspec.to_builtins(config)
        ids = [option.id for option in config.options]
        picks = msgspec.convert(picks_of(body, taste(ids, rng), rng), list[Pick])
        chosen = [pick.option_id for pick in picks]
        assert len(set(chosen)) == len(chosen) and set(chosen) <= set(ids)
        if picks_exactly_one(config):
            assert len(picks) == 1
        else:
            assert config.pick.min <= len(picks) <= config.pick.max
        values = [pick.value for pick in picks]
        match config.type:
            case VoteType.POINTS:
                assert all(value and value > 0 for value in values)
                assert sum(value or 0 for value in values) <= (config.pick.budget or 0)
            case VoteType.UPDOWN:
                assert set(values) <= {1, -1}
            case VoteType.BRACKET:
                assert all(len(set(pair) & set(chosen)) <= 1 for pair in pairs_of(ids))
            case _:
                assert set(values) == {None}


def test_a_queue_takes_no_ballots() -> None:
    rng = random.Random(1)
    assert picks_of({"type": "queue", "options": [{"id": "o1"}]}, {"o1": 1.0}, rng) == []
