"""Hidden tallies are absent from every byte that reaches somebody who may not see them.

Four rounds of different kinds run at once. Their scores are numbers that occur nowhere else, and
whatever has the shape of a count is looked for as well, in everything that a fan gets: the door's
own bytes, the calls that read rounds, the show's page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.wire.client import Caller, Json, new_id, ok
from tests.wire.conftest import be_guest
from tests.wire.doors.at_socket import SocketVisit
from tests.wire.doors.conftest import Enter
from tests.wire.doors.visits import Visit

VOTERS = 3
SCORES = (2991, 2331)
"""Three times 997, and three times 777: what the weighted and the points round come to."""

WEIGHTED: Json = {
    "type": "weighted",
    "tally": {"method": "plurality", "weights": {"audience": 997, "artist": 1, "jury": 0}},
}
POINTS: Json = {"type": "points", "tally": {"method": "sum"}, "pick": {"max": 2, "budget": 1000}}
RANKED: Json = {"type": "ranked", "tally": {"method": "irv"}, "pick": {"max": 2}}
QUEUE: Json = {"type": "queue", "tally": {"method": "approval"}}
PICKS: dict[str, list[Json]] = {
    "weighted": [{"option_id": "o1"}],
    "points": [{"option_id": "o1", "value": 777}],
    "ranked": [{"option_id": "o2"}, {"option_id": "o1"}],
}

_SCORE = re.compile(
    rb"(?<![0-9A-Za-z.:-])(?:%s)(?![0-9A-Za-z.-])" % b"|".join(b"%d" % one for one in SCORES)
)
_RETRY = re.compile(rb"^retry: \d+$", re.M)
"""A stream's own field: when to come back, drawn anew for each, any number of milliseconds."""

_AS_VALUE = re.compile(rb'":(?:%s)[,}\]]' % b"|".join(b"%d" % one for one in SCORES))


def shows_a_count(raw: bytes) -> bool:
    """Whether a tally or a result of these rounds is anywhere in these bytes."""
    raw = _RETRY.sub(b"", raw)
    return bool(_SCORE.search(raw) or _AS_VALUE.search(raw)) or any(
        {"options", "votes", "voters"} <= found.keys() or _tells_support(found)
        for found in _objects(raw)
    )


def _tells_support(found: Json) -> bool:
    """Of a request in the queue; ``upvotes`` of ``you`` is a list of one's own."""
    return isinstance(found.get("upvotes"), int) or isinstance(found.get("rank"), int)


def _objects(raw: bytes) -> Iterator[Json]:
    """Every JSON object that begins anywhere in the bytes, whatever is around it."""
    text, decoder = raw.decode("utf-8", "replace"), json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            yield from _within(found)
        at = text.find("{", end)


def _within(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from _within(inner)


class Fan:
    """Somebody at a door who also reads whatever can be read. All bytes since the last look."""

    def __init__(self, visit: Visit, slug: str) -> None:
        self.visit = visit
        self._slug = slug
        self._seen = 0

    def looks(self, round_ids: list[str]) -> bytes:
        """Everything that came meanwhile, everything there is to read, and a new arrival."""
        caller, show_id = self.visit.caller, self.visit.show_id
        again = type(self.visit)(caller, show_id)
        again.enter()
        again.break_off()
        paths = [
            f"/api/shows/{show_id}",
            f"/api/shows/{show_id}/rounds",
            f"/api/shows/{show_id}/leaderboard",
            f"/api/shows/{show_id}/poll?wait_s=0",
            f"/shows/{self._slug}",
            *(f"/api/rounds/{round_id}" for round_id in round_ids),
            f"/api/shows/{show_id}/song-requests?round_id={round_ids[-1]}",
        ]
        raw = self.visit.raw[self._seen :] + again.raw
        for path in paths:
            answer = caller.get(path)
            assert answer.status_code == 200, (path, answer.text)
            raw += answer.content
        self._seen = len(self.visit.raw)
        return raw


def test_the_detector_sees_what_is_shown() -> None:
    assert shows_a_count(b'x{"t":"state","data":{"options":{"o1":2991}}}')
    assert shows_a_count(b"<b>2331</b>")
    assert shows_a_count(b'[{"song_request_id":"x","upvotes":0}]')
    assert shows_a_count(b'\x00{"a":[{"options":{},"votes":0,"voters":0}]}\x00')
    assert not shows_a_count(b'{"id":"0198-2991-7000","at":"2026-11-21T21:29:91.2331Z","n":29911}')
    assert not shows_a_count(b":\n\nretry: 2991\n\ndata: {}\n\n")


@pytest.mark.parametrize("visibility", ["always", "after_vote", "on_close", "manual", "never"])
def test_a_hidden_tally_is_in_no_byte_of_who_may_not_see_it(
    artist: Caller, nobody: Caller, door: type[Visit], enter: Enter, visibility: str
) -> None:
    show = artist.live_show()
    show_id = show["id"]
    watcher = Fan(enter(door, be_guest(nobody, "Watcher"), show_id), show["slug"])
    voter = Fan(enter(door, be_guest(nobody, "Voter"), show_id), show["slug"])
    crew = enter(SocketVisit, artist, show_id)
    rounds = {
        str(kind["type"]): artist.open_round(show_id, visibility=visibility, **kind)
        for kind in (WEIGHTED, POINTS, RANKED)
    }
    queue = artist.open_round(show_id, visibility=visibility, **QUEUE)
    ids = [*rounds.values(), queue]
    others = [be_guest(nobody, "Other") for _ in range(VOTERS - 1)]
    for caller in (voter.visit.caller, *others):
        for kind, round_id in rounds.items():
            body = {"command_id": new_id(), "picks": PICKS[kind]}
            ok(caller.post(f"/api/rounds/{round_id}/vote", body))
        ok(caller.command(show_id, "request_song", title="Ripple", round_id=queue))
    _counted(crew, *rounds.values())
    _settle(crew, watcher, voter)
    assert shows_a_count(watcher.looks(ids)) == (visibility == "always")
    assert shows_a_count(voter.looks(ids)) == (visibility in ("always", "after_vote"))

    for round_id in ids:
        ok(artist.post(f"/api/rounds/{round_id}/close"))
        assert crew.event("round_closed")["data"]["result"]["voters"] == VOTERS
    _settle(crew, watcher, voter)
    public = visibility in ("always", "after_vote", "on_close")
    for fan in (watcher, voter):
        assert shows_a_count(fan.looks(ids)) == public
        assert all(("result" in one["data"]) == public for one in _events(fan, "round_closed"))

    if visibility == "manual":
        for round_id in ids:
            ok(artist.post(f"/api/rounds/{round_id}/reveal"))
        _settle(crew, watcher, voter)
        for fan in (watcher, voter):
            assert shows_a_count(fan.looks(ids))
            told = [one["data"]["result"]["voters"] for one in _events(fan, "round_revealed")]
            assert told == [VOTERS] * len(ids), "whoever was there need not ask again"

    # The end of a night gives away nothing that was never to be shown.
    ok(artist.post(f"/api/shows/{show_id}/close"))
    crew.event("show_status_changed")
    watcher.visit.event("show_status_changed")
    assert shows_a_count(watcher.looks(ids)) == (visibility != "never")
    replayed = watcher.visit.caller.get(f"/api/shows/{show_id}/replay").content
    for seq in range(watcher.visit.seq, 0, -5):
        then = watcher.visit.caller.get(f"/api/shows/{show_id}/replay/state?seq={seq}")
        replayed += then.content
        assert then.status_code == 200, then.text
    assert shows_a_count(replayed) == (visibility != "never")


def _counted(crew: Visit, *round_ids: str) -> None:
    """Crew sees that everybody's ballot is in, in whichever order tallies come."""
    missing = set(round_ids)
    while missing:
        told = crew.state(
            "tally", lambda one: one["round_id"] in missing and one["voters"] == VOTERS
        )
        missing.remove(told["round_id"])


def _settle(crew: Visit, *fans: Fan) -> None:
    """Whatever the votes caused has come once two more lines have: five a second are conflated."""
    for text in ("one", "two"):
        assert crew.command("post_chat", text=text).code is None
        for fan in fans:
            fan.visit.event("chat_posted")


def _events(fan: Fan, name: str) -> list[Json]:
    return [one for one in fan.visit.events if one["name"] == name]
