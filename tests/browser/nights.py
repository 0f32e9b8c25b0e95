"""Nights with something to see on every page, made over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.browser.site import Caller, Site

NIGHT = [
    *(("set1", title) for title in (
        "New Minglewood Blues", "Loser", "El Paso", "They Love Each Other", "Jack Straw", "Deal",
        "Lazy Lightning", "Supplication", "Brown-Eyed Women", "Mama Tried", "Row Jimmy",
        "Dancing in the Street",
    )),
    *(("set2", title) for title in (
        "Scarlet Begonias", "Fire on the Mountain", "Estimated Prophet", "St. Stephen",
        "Not Fade Away", "Morning Dew",
    )),
    ("encore1", "One More Saturday Night"),
]  # fmt: skip
SONGS = ("Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station", "Ripple")


@dataclass(frozen=True)
class Night:
    """A show and the account that it is of."""

    artist: Caller
    show: dict[str, str]

    @property
    def path(self) -> str:
        """Where its room is."""
        return f"/shows/{self.show['slug']}"


def busy_night(site: Site) -> Night:
    """A show under way: songs, talk, an announcement, a result and an open round."""
    artist = site.artist("busy@example.com")
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    show = artist.live_show(
        title="Grateful Dead at Barton Hall", venue=venue, artists=[{"name": "Grateful Dead"}]
    )
    show_id = show["id"]
    artist.fill_setlist(show_id, NIGHT)
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú")]
    lines = (
        "Anybody else on the rail?", "That Dancing was twelve minutes long!!",
        "Phil is so loud tonight, love it", "setlist says Deal, I heard Deal too",
        "St. Stephen!!!! I knew it", "What are they going to close with? My money is on Dew",
    )  # fmt: skip
    for number, line in enumerate(lines):
        fans[number % len(fans)].command(show_id, "post_chat", text=line)
    artist.command(show_id, "post_chat", text="Doors to the side stairs are open again.")
    for kind, count in (("love", 5), ("fire", 3), ("clap", 2)):
        for number in range(count):
            fans[number % len(fans)].command(show_id, "react", kind=kind)
    first = artist.open_round(show_id, "Who sings it better?", "Bobby", "Jerry")
    for fan, choice in zip(fans, ("o1", "o2", "o2", "o2"), strict=True):
        pick = {"command_id": f"a-{choice}", "picks": [{"option_id": choice}]}
        fan.post(f"/api/rounds/{first}/vote", pick)
    artist.post(f"/api/rounds/{first}/close")
    second = artist.open_round(
        show_id, "What should close the night?",
        "Morning Dew", "Sugar Magnolia", "Not Fade Away", "Terrapin Station",
        window={"duration_s": 300}, visibility="always",
    )  # fmt: skip
    for fan, choice in zip(fans, ("o1", "o1", "o2", "o4"), strict=True):
        pick = {"command_id": f"b-{choice}", "picks": [{"option_id": choice}]}
        fan.post(f"/api/rounds/{second}/vote", pick)
    artist.command(show_id, "set_now_playing", entry_id="song-16")
    artist.command(
        show_id, "announce", text="Ten minutes of grace on the parking lot. Drive safely."
    )
    return Night(artist, show)


def counted_nights(site: Site) -> tuple[Night, Night]:
    """A show with a round of every kind, wishes and thumbs; and one that is over."""
    artist = site.artist("stage@example.com")
    venue = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}
    facts: dict[str, Any] = {"venue": venue, "artists": [{"name": "Grateful Dead"}]}
    fans = [site.guest(name) for name in ("Robin", "Ashbury", "Stella Blue", "Ñandú", "Casey")]
    show = artist.live_show(title="Grateful Dead at Barton Hall", **facts)
    artist.fill_setlist(show["id"], NIGHT)
    _counted_rounds(artist, show["id"], fans)
    _open_rounds(artist, show["id"], fans)
    _wishes(artist, show["id"], fans)
    _ratings(artist, show["id"], fans)

    over = artist.live_show(title="Grateful Dead at the Fox", **facts)
    artist.fill_setlist(over["id"], NIGHT[:9])
    for number in (0, 3, 6):
        artist.command(over["id"], "set_now_playing", entry_id=f"song-{number}")
    _counted_rounds(artist, over["id"], fans)
    fans[0].command(over["id"], "post_chat", text="What a night")
    artist.post(f"/api/shows/{over['id']}/close")
    return Night(artist, show), Night(artist, over)


def _vote(fan: Caller, round_id: str, *picks: Any) -> None:
    chosen = [pick if isinstance(pick, dict) else {"option_id": pick} for pick in picks]
    fan.post(f"/api/rounds/{round_id}/vote", {"command_id": f"v-{round_id[-12:]}", "picks": chosen})


def _counted_rounds(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    ranked = artist.open_round(
        show_id, "Best opener of the tour", *SONGS,
        type="ranked", tally={"method": "irv"}, pick={"min": 1, "max": 5},
    )  # fmt: skip
    for fan, order in zip(fans, ("o1 o2", "o1 o3", "o2 o1", "o3 o2 o1", "o4 o3"), strict=True):
        _vote(fan, ranked, *order.split())
    artist.post(f"/api/rounds/{ranked}/close")
    tie = artist.open_round(show_id, "Who sings it?", "Bobby", "Jerry", tie=["seeded_random"])
    for fan, choice in zip(fans[:4], ("o1", "o2", "o1", "o2"), strict=True):
        _vote(fan, tie, choice)
    artist.post(f"/api/rounds/{tie}/close")


def _open_rounds(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    always = {"visibility": "always", "window": {"duration_s": 3000}}
    kinds: list[tuple[str, str, str, dict[str, Any]]] = [
        ("In which order for the encore?", "ranked", "borda", {"max": 3}),
        ("Which ones tonight?", "approval", "approval", {"max": 3}),
        ("Share out your points", "points", "sum", {"max": 5, "budget": 10}),
        ("Again tomorrow?", "updown", "net", {"max": 5}),
        ("Song of the summer", "bracket", "plurality", {"max": 2}),
    ]
    for title, kind, method, pick in kinds:
        config: dict[str, Any] = {"type": kind, "tally": {"method": method}, "pick": pick}
        round_id = artist.open_round(show_id, title, *SONGS, **config, **always)
        for number, fan in enumerate(fans):
            option = f"o{number % 4 + 1}"
            value = {"points": 7, "updown": 1 if number % 3 else -1}.get(kind)
            _vote(fan, round_id, {"option_id": option} | ({"value": value} if value else {}))


def _wishes(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    titles = (
        "Dark Star",
        "Box of Rain",
        "The Music Never Stopped",
        "China Cat Sunflower",
        "Lazy River Road",
    )
    ids = []
    for fan, title in zip(fans, titles, strict=True):
        answer = fan.command(show_id, "request_song", title=title)
        ids.append(answer["data"]["song_request_id"])
    for number, one in enumerate(ids):
        for fan in fans[number + 1 :]:
            fan.command(show_id, "upvote_song_request", song_request_id=one)
    artist.command(show_id, "mark_song_request", song_request_id=ids[1], status="accepted")
    artist.command(
        show_id,
        "mark_song_request",
        song_request_id=ids[4],
        status="declined",
        reason="No time left",
    )


def _ratings(artist: Caller, show_id: str, fans: list[Caller]) -> None:
    for fan in fans:
        fan.command(show_id, "rate_entry", entry_id="song-0", value=1)
        fan.command(show_id, "rate_entry", entry_id="song-1", value=-1)
    fans[0].command(show_id, "rate_entry", entry_id="song-2", value=1)
    fans[1].command(show_id, "rate_entry", entry_id="song-2", value=-1)
    artist.command(show_id, "confirm_entry", entry_id="song-3")
