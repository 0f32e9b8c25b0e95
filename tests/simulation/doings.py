"""What people do at a show, as the seed says."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from rooms.participants import Role
from rooms.ports import RoundRecord
from rooms.rounds.windows import TAKES_VOTES
from rooms.states import REACTIONS
from rooms.vote_config import (
    Fraud,
    Option,
    PickRule,
    TallyMethod,
    TallyRule,
    Visibility,
    VoteConfig,
    VoteType,
    Window,
)

if TYPE_CHECKING:
    from tests.simulation.attendee import Attendee
    from tests.simulation.night import Night

SECRECY = {
    Visibility.ALWAYS: "al",
    Visibility.AFTER_VOTE: "av",
    Visibility.ON_CLOSE: "oc",
    Visibility.MANUAL: "ma",
    Visibility.NEVER: "ne",
}
"""How ids of options begin: whoever sees a count beside one knows who may see it."""


RUSHES = 2
RUSH_S = 0.05
RUSH_TURN = 3
"""Commands of a turn in nights with rushes: the next turn waits while one is committed."""


def round_configs(dice: Random) -> list[VoteConfig]:
    """The night's rounds: each visibility, some that end by themselves."""
    found = []
    kinds = list(Visibility)
    dice.shuffle(kinds)
    for number, visibility in enumerate(kinds):
        approval = dice.random() < 0.3
        options = tuple(
            Option(id=f"{SECRECY[visibility]}{number}x{place}", label=f"Song {place}")
            for place in range(dice.choice([2, 3]))
        )
        found.append(
            VoteConfig(
                title="What now?",
                options=options,
                type=VoteType.APPROVAL if approval else VoteType.SINGLE,
                tally=TallyRule(TallyMethod.APPROVAL if approval else TallyMethod.PLURALITY),
                pick=PickRule(1, len(options) if approval else 1),
                window=Window(dice.choice([None, None, None, 1]), 0, 5),
                visibility=visibility,
                fraud=Fraud(rate_per_min=60),
            )
        )
    return found


def act(attendee: Attendee) -> None:
    """One thing."""
    night, dice = attendee.night, attendee.dice
    if dice.random() < night.plan.edits:
        attendee.edit()
    elif attendee.who.is_crew and dice.random() < 0.6:
        attendee.give(*_drive(night, attendee, dice))
    else:
        attendee.give(*_take_part(night, attendee, dice))


def end(attendee: Attendee) -> None:
    """The last thing that somebody does: nothing that is an event."""
    rounds = [record for record in attendee.night.rounds() if record.status in TAKES_VOTES]
    if rounds and attendee.who.role is Role.FAN:
        vote(attendee, attendee.dice.choice(rounds))
    else:
        attendee.give("react", {"kind": attendee.dice.choice(REACTIONS)})


def rush(night: Night) -> None:
    """Everybody votes at once, and more than once, in some nights."""
    dice = Random(f"rush {night.plan.seed}")
    for _ in range(RUSHES if night.plan.rush else 0):
        at = dice.random() * night.plan.busy_s * 0.75
        for phone in night.phones[1:]:
            for _ in range(night.plan.rush):
                when = at + dice.random() * RUSH_S
                night.loop.call_later(when, end, phone, context=phone.process.context)


def vote(attendee: Attendee, record: RoundRecord) -> None:
    """A vote in a round."""
    dice = attendee.dice
    options = [option.id for option in record.config.options]
    count = dice.randint(1, record.config.pick.max)
    picks = [{"option_id": one} for one in dice.sample(options, count)]
    attendee.give("cast_vote", {"round_id": record.round_id, "picks": picks})


def _take_part(night: Night, attendee: Attendee, dice: Random) -> tuple[str, dict[str, Any]]:
    chance = dice.random()
    rounds = [record for record in night.rounds() if record.status in TAKES_VOTES]
    if rounds and chance < 0.45 and attendee.who.role is Role.FAN:
        record = dice.choice(rounds)
        if dice.random() < 0.12:
            return "withdraw_vote", {"round_id": record.round_id}
        options = [option.id for option in record.config.options]
        count = dice.randint(1, record.config.pick.max)
        picks = [{"option_id": one} for one in dice.sample(options, count)]
        return "cast_vote", {"round_id": record.round_id, "picks": picks}
    if chance < 0.75:
        return "post_chat", {"text": night.new_words()}
    if chance < 0.85:
        return "react", {"kind": dice.choice(REACTIONS)}
    requests = night.ledger.song_requests
    if chance < 0.92 or not requests:
        return "request_song", {"title": night.new_words()}
    return "upvote_song_request", {
        "song_request_id": dice.choice(requests),
        "up": dice.random() < 0.7,
    }


def _drive(night: Night, attendee: Attendee, dice: Random) -> tuple[str, dict[str, Any]]:
    rounds = night.rounds()
    drafts = [record for record in rounds if record.status == "draft"]
    running = [record for record in rounds if record.status in TAKES_VOTES]
    hidden = [
        record
        for record in rounds
        if record.status == "closed" and record.config.visibility is Visibility.MANUAL
    ]
    chance = dice.random()
    if hidden and chance < 0.3:
        return "reveal_round", {"round_id": dice.choice(hidden).round_id}
    if drafts and chance < 0.5:
        return "open_round", {"round_id": dice.choice(drafts).round_id}
    if running and chance < 0.65:
        return "close_round", {"round_id": dice.choice(running).round_id}
    if running and chance < 0.7:
        return "extend_round", {"round_id": dice.choice(running).round_id, "extend_s": 1}
    if chance < 0.8:
        return ("lock_setlist" if dice.random() < 0.5 else "unlock_setlist"), {}
    entries = sorted(attendee.editor.content())
    if entries and chance < 0.9:
        return "set_now_playing", {"entry_id": dice.choice(entries)}
    return "announce", {"text": night.new_words()}
