"""Rounds of more than one tap, as people vote in them and as crew drives them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.people import log_in
from tests.browser.site import Site
from tests.browser.test_newcomer import enter

SONGS = ("Ripple", "Deal", "Loser")


def card(page: Page, title: str) -> Page:
    """A round on somebody's page."""
    return page.get_by_role("region", name=title)  # type: ignore[return-value]


def test_two_people_rank_and_everybody_sees_who_left_when(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("ranked@example.com")
    show = artist.live_show()
    round_id = artist.open_round(
        show["id"], "In which order?", *SONGS,
        type="ranked", pick={"min": 2, "max": 3}, tally={"method": "irv"}, visibility="after_vote",
    )  # fmt: skip
    ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    for page in (ada, bob):
        enter(page)
    expect(card(ada, "In which order?").get_by_text("Vote to see how it stands.")).to_be_visible()

    cast = ada.get_by_role("button", name="Cast my vote")
    ada.get_by_role("button", name="Deal", exact=True).click()
    expect(ada.get_by_text("Choose 1 more.")).to_be_visible()
    expect(cast).to_be_disabled()
    ada.get_by_role("button", name="Ripple", exact=True).click()
    ada.get_by_role("button", name="Ripple: one place up").click()
    expect(ada.locator(".ranking .option")).to_contain_text(["Ripple", "Deal", "Loser"])
    expect(ada.get_by_role("button", name="Ripple: one place up")).to_be_disabled()
    cast.click()
    expect(ada.get_by_text("Your vote counts")).to_be_visible()

    ada.get_by_role("button", name="1 Ripple").click()
    ada.get_by_role("button", name="Loser").click()
    expect(ada.get_by_text("Changed, but not cast yet.")).to_be_visible()
    ada.get_by_role("button", name="Change my vote").click()
    expect(ada.get_by_text("Your vote counts")).to_be_visible()

    for label in ("Loser", "Deal"):
        bob.get_by_role("button", name=label, exact=True).click()
    bob.get_by_role("button", name="Cast my vote").click()
    expect(bob.get_by_text("Your vote counts")).to_be_visible()
    artist.post(f"/api/rounds/{round_id}/close")
    for page in (ada, bob):
        expect(card(page, "In which order?").get_by_text("2 voters")).to_be_visible()
        card(page, "In which order?").get_by_text("How was this counted?").click()
        table = page.get_by_role("table", name="Counting rounds of the instant run-off")
        expect(table.get_by_role("row", name="Deal")).to_be_visible()
    assert artist.get(f"/api/rounds/{round_id}")["result"]["voters"] == 2


def test_every_kind_of_ballot_is_cast_from_a_phone(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("kinds@example.com")
    show = artist.live_show()
    rounds = {
        "approval": artist.open_round(
            show["id"], "Which ones?", *SONGS,
            type="approval", pick={"min": 1, "max": 2}, tally={"method": "approval"},
        ),
        "points": artist.open_round(
            show["id"], "How much?", *SONGS,
            type="points", pick={"min": 1, "max": 3, "budget": 10}, tally={"method": "sum"},
        ),
        "updown": artist.open_round(
            show["id"], "Again?", *SONGS,
            type="updown", pick={"min": 1, "max": 3}, tally={"method": "net"},
        ),
        "bracket": artist.open_round(
            show["id"], "Who goes on?", "Ripple", "Deal", "Loser", "Bertha", "Althea",
            type="bracket", pick={"min": 1, "max": 2},
        ),
    }  # fmt: skip
    page = open_page(f"/shows/{show['slug']}")
    enter(page)

    approval = card(page, "Which ones?")
    for label in ("Ripple", "Loser"):
        approval.get_by_role("button", name=label).click()
    expect(approval.get_by_role("button", name="Deal")).to_be_disabled()
    points = card(page, "How much?")
    for _ in range(3):
        points.get_by_role("button", name="More points for Deal").click()
    points.get_by_role("textbox", name="Loser").fill("99")
    points.get_by_role("textbox", name="Loser").blur()
    expect(points.get_by_text("0 points left")).to_be_visible()
    expect(points.get_by_role("textbox", name="Loser")).to_have_value("7")
    thumbs = card(page, "Again?")
    thumbs.get_by_role("button", name="Ripple: yes").click()
    thumbs.get_by_role("button", name="Deal: no").click()
    bracket = card(page, "Who goes on?")
    bracket.get_by_role("button", name="Deal").click()
    bracket.get_by_role("button", name="Loser").click()
    expect(bracket.get_by_text("goes through without a match")).to_be_visible()
    for one in (approval, points, thumbs, bracket):
        one.get_by_role("button", name="Cast my vote").click()
        expect(one.get_by_text("Your vote counts")).to_be_visible()

    def scores(kind: str) -> dict[str, int]:
        counted: dict[str, int] = artist.get(f"/api/rounds/{rounds[kind]}")["tally"]["options"]
        return {option: score for option, score in counted.items() if score}

    assert scores("approval") == {"o1": 1, "o3": 1}
    assert scores("points") == {"o2": 3, "o3": 7}
    assert scores("updown") == {"o1": 1, "o2": -1}
    assert scores("bracket") == {"o2": 1, "o3": 1}


def test_a_hidden_count_is_hidden_honestly(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("hidden@example.com")
    show = artist.live_show()
    titles = {
        "on_close": "The count is shown when the round closes.",
        "manual": "The count is shown when the crew reveals it.",
        "never": "Only the crew sees the count.",
    }
    for visibility in titles:
        artist.open_round(show["id"], f"Hidden {visibility}", *SONGS, visibility=visibility)
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    for visibility, text in titles.items():
        one = card(page, f"Hidden {visibility}")
        expect(one.get_by_text(text)).to_be_visible()
        one.get_by_role("button", name="Ripple").click()
        expect(one.get_by_text("You can change it until the round closes.")).to_be_visible()
        expect(one.get_by_text(text)).to_be_visible()
        expect(one.locator(".votes")).to_have_count(0)


def test_a_tie_is_shown_as_one_until_the_artist_decides(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("tie@example.com")
    show = artist.live_show()
    round_id = artist.open_round(show["id"], "Encore?", *SONGS, tie=["artist"])
    for name, option in (("Ada", "o1"), ("Bob", "o2")):
        picks = [{"option_id": option}]
        site.guest(name).post(
            f"/api/rounds/{round_id}/vote", {"command_id": f"{name}-vote", "picks": picks}
        )
    crew, fan = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    log_in(crew, artist.email)
    enter(fan)
    artist.post(f"/api/rounds/{round_id}/close")
    expect(fan.get_by_text("A tie: the artist decides.")).to_be_visible()
    expect(fan.locator(".won-mark")).to_have_text(["Tie", "Tie"])
    crew.get_by_role("button", name="Crew").click()
    crew.locator(".crew-round").get_by_role("button", name="Deal").click()
    expect(fan.get_by_text("The artist decided the tie.")).to_be_visible()
    expect(fan.locator(".won-mark")).to_have_text(["Winner"])
    fan.get_by_role("button", name="Ranking of the night").click()
    expect(fan.get_by_role("dialog").get_by_role("listitem").first).to_contain_text("won 1 round")
