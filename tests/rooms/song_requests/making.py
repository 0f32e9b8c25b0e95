"""Requests to test with."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from rooms.song_requests.requests import RequestStatus, SongRequest
from tests.rooms.builders import T0, after


def wish(number: int, who: str = "dana", **fields: Any) -> SongRequest:
    """A request; by default one of the standing queue that waits."""
    values: dict[str, Any] = {"title": f"Song {number}", "requested_at": after(number)}
    return SongRequest(
        song_request_id=f"r{number}",
        participant_id=who,
        display_name=who.title(),
        number=number,
        **{**values, **fields},
    )


people = st.sampled_from(["ann", "bob", "cleo", "dan"])


@st.composite
def wishes(draw: st.DrawFn) -> tuple[list[SongRequest], dict[str, int]]:
    """A queue of up to 30 requests in any status, and their support."""
    authors = draw(st.lists(people, max_size=30))
    requests = [
        wish(number, who, status=draw(st.sampled_from(RequestStatus)), requested_at=T0)
        for number, who in enumerate(authors, 1)
    ]
    support = {one.song_request_id: draw(st.integers(0, 5)) for one in requests}
    return requests, support
