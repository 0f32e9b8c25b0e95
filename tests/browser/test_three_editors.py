"""Two unmodified y-websocket providers and one browser edit the same setlist at once."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.editors import Editor, until
from tests.browser.site import Site
from tests.browser.test_newcomer import add_song, enter


def titles_on(page: Page) -> list[str]:
    """The setlist as the page shows it."""
    return page.locator(".setlist .row .title").all_inner_texts()


def test_three_editors_end_with_the_same_setlist(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("three@example.com")
    show = artist.live_show()
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    with (
        Editor(site, show["id"], site.guest("One")) as one,
        Editor(site, show["id"], site.guest("Two")) as two,
    ):
        assert one.do("synced")
        assert two.do("synced")

        def all_show(wanted: set[str]) -> None:
            until(
                page.wait_for_timeout,
                lambda: all(set(seen) == wanted for seen in (one.titles, two.titles)),
                f"both providers show {wanted}",
            )
            expect(page.locator(".setlist .row .title")).to_have_count(len(wanted))

        one.do("add", id="one-a", title="Bertha", position="C1")
        two.do("add", id="two-a", title="Deal", position="D1")
        add_song(page, "Sugaree")
        one.do("add", id="one-b", title="Loser", position="E1")
        two.do("add", id="two-b", title="Candyman", position="E2")
        all_show({"Bertha", "Deal", "Sugaree", "Loser", "Candyman"})

        # The same song is moved by all three before any of them hears of the others.
        one.do("offline")
        two.do("offline")
        one.do("move", id="one-a", position="z1")
        two.do("move", id="one-a", position="A1")
        one.do("remove", id="two-b")
        two.do("add", id="two-c", title="Sugar Magnolia", position="F1")
        page.get_by_role("button", name="Actions for Bertha").click()
        page.get_by_role("button", name="Move down").click()
        expect(page.get_by_text("All saved")).to_be_visible()
        one.do("online")
        two.do("online")
        all_show({"Bertha", "Deal", "Sugaree", "Loser", "Sugar Magnolia"})

        until(page.wait_for_timeout, lambda: one.titles == two.titles, "the providers agree")
        final = one.titles
        expect(page.locator(".setlist .row .title").first).to_have_text(final[0])
        until(page.wait_for_timeout, lambda: titles_on(page) == final, "the browser agrees")
        assert len(final) == len(set(final)) == 5
        assert artist.titles(show["id"]) == final
        assert not one.do("pending")
        assert not two.do("pending")
