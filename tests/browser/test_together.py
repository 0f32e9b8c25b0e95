"""Several people in one room, one of them without a signal for a while."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.people import log_in
from tests.browser.site import Site
from tests.browser.test_newcomer import add_song, enter


def test_two_people_see_each_other(site: Site, open_page: OpenPage) -> None:
    show = site.artist("two@example.com").live_show()
    ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    enter(ada)
    enter(bob)
    expect(ada.get_by_text("2 here")).to_be_visible()
    add_song(ada, "Bertha")
    expect(bob.get_by_role("button", name="Actions for Bertha")).to_be_visible()
    bob.get_by_role("button", name="Actions for Bertha").click()
    bob.get_by_role("button", name="Edit").click()
    bob.get_by_label("Title").fill("Big Boss Man")
    bob.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("button", name="Actions for Big Boss Man")).to_be_visible()
    # Whose song it was hears who changed it, and into what.
    renamed = ada.get_by_text("changed “Bertha” to “Big Boss Man” meanwhile.")
    expect(renamed).to_be_visible()
    bob.get_by_role("button", name="Playing now").click()
    expect(ada.get_by_role("region", name="Now playing")).to_contain_text("Big Boss Man")
    ada.get_by_role("button", name="Fire 0").click()
    expect(bob.get_by_role("button", name="Fire 1")).to_be_visible()
    ada.get_by_role("button", name="Actions for Big Boss Man").click()
    ada.get_by_role("button", name="Remove").click()
    expect(bob.get_by_text("No song yet.")).to_be_visible()


def test_edits_made_offline_are_merged_without_duplicates(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("offline@example.com")
    show = artist.live_show()
    ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    enter(ada)
    enter(bob)
    add_song(ada, "Bertha")
    expect(bob.get_by_role("button", name="Actions for Bertha")).to_be_visible()

    ada.context.set_offline(True)
    expect(ada.get_by_text("Offline. You can go on editing.")).to_be_visible()
    add_song(ada, "Sugaree")
    waiting = ada.get_by_role("listitem").filter(has_text="Sugaree")
    expect(waiting).to_contain_text("Waits for a connection")
    ada.get_by_role("button", name="Chat").click()
    ada.get_by_label("Write a line").fill("down in the basement")
    ada.get_by_role("button", name="Send").click()
    expect(ada.get_by_role("log")).to_contain_text("waiting")
    ada.get_by_role("button", name="Room", exact=True).click()
    expect(ada.get_by_text("2 changes wait to be sent.")).to_be_visible()
    add_song(bob, "Deal")
    expect(bob.get_by_text("All saved")).to_be_visible()
    assert artist.titles(show["id"]) == ["Bertha", "Deal"]

    ada.context.set_offline(False)
    expect(ada.get_by_text("All saved")).to_be_visible()
    for page in (ada, bob):
        expect(page.locator(".setlist .row .title")).to_have_count(3)
    assert sorted(artist.titles(show["id"])) == ["Bertha", "Deal", "Sugaree"]
    bob.get_by_role("button", name="Chat").click()
    expect(bob.get_by_role("log").get_by_text("down in the basement")).to_have_count(1)


def test_an_edit_of_a_locked_setlist_is_refused_with_its_reason(
    site: Site, open_page: OpenPage
) -> None:
    artist = site.artist("lock@example.com")
    show = artist.live_show()
    artist.fill_setlist(show["id"], [("set1", "Bertha")])
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Actions for Bertha").click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("Bertha!!!")
    page.get_by_role("button", name="Save").click()
    add_song(page, "Sugaree")
    artist.command(show["id"], "lock_setlist")
    page.context.set_offline(False)
    lost = page.get_by_text("“Sugaree” was not added. The crew has locked the setlist.")
    expect(lost).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="Bertha")
    expect(row).to_contain_text("The crew has locked the setlist.")
    expect(row).not_to_contain_text("!!!")
    expect(page.get_by_text("Locked by the crew")).to_be_visible()
    expect(page.get_by_role("button", name="Add a song")).to_have_count(0)
    assert artist.titles(show["id"]) == ["Bertha"]


def test_crew_drives_the_room_from_a_phone(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("crew@example.com")
    show = artist.live_show()
    crew, fan = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    log_in(crew, artist.email)
    enter(fan)
    artist.open_round(show["id"], "Encore?", "Ripple", "Johnny B. Goode", visibility="manual")
    crew.get_by_role("button", name="Crew").click()
    fan.get_by_role("button", name="Ripple").click()
    expect(fan.get_by_text("You can change it until the round closes.")).to_be_visible()
    expect(fan.locator(".round .votes")).to_have_count(0)
    crew.get_by_role("button", name="Close now").click()
    expect(fan.get_by_text("The crew has not revealed the result.")).to_be_visible()
    crew.get_by_role("button", name="Reveal").click()
    expect(fan.get_by_text("Winner")).to_be_visible()

    artist.command(show["id"], "announce", text="Two minutes!")
    expect(fan.get_by_text("Two minutes!")).to_be_visible()
    fan.get_by_role("button", name="Chat").click()
    fan.get_by_label("Write a line").fill("rude")
    fan.get_by_role("button", name="Send").click()
    crew.get_by_role("button", name="Chat").click()
    crew.get_by_role("button", name="Moderate").first.click()
    crew.get_by_role("button", name="Mute for 10 minutes").click()
    expect(fan.get_by_text("You are muted.")).to_be_visible()
    crew.get_by_role("button", name="Remove this line").click()
    expect(fan.get_by_role("log").get_by_text("rude")).to_have_count(0)
    artist.post(f"/api/shows/{show['id']}/close")
    fan.get_by_role("button", name="Room", exact=True).click()
    expect(fan.get_by_text("The show is over.")).to_be_visible()


def test_a_guest_becomes_an_account_and_keeps_its_vote(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("upgrade@example.com")
    show = artist.live_show()
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    page = open_page(f"/shows/{show['slug']}")
    enter(page)
    page.get_by_role("button", name="Ripple").click()
    choice = page.get_by_role("button", name="Ripple Your choice")
    expect(choice).to_be_visible()
    page.locator(".account").click()
    page.get_by_label("Name in the room").fill("Casey")
    page.get_by_label("E-mail").fill("casey@example.com")
    page.get_by_label("Password").fill("driving that train")
    page.get_by_role("dialog").get_by_role("button", name="Create an account").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".account")).to_contain_text("Casey")
    expect(choice).to_be_visible()


def test_a_private_show_asks_for_its_code(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("private@example.com")
    show = artist.live_show(access="private", title="Rehearsal")
    artist.fill_setlist(show["id"], [("set1", "A secret song")])
    page = open_page(f"/shows/{show['slug']}")
    expect(page.get_by_role("heading", name="Rehearsal")).to_be_visible()
    assert "A secret song" not in page.content()
    page.get_by_role("button", name="Join the room").click()
    page.get_by_label("Code of the show").fill(artist.get(f"/api/shows/{show['id']}")["join_code"])
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("A secret song")).to_be_visible()


def test_the_page_can_be_read_without_javascript(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("noscript@example.com")
    show = artist.live_show(title="Barton Hall")
    artist.fill_setlist(show["id"], [("set1", "Loser"), ("encore1", "Johnny B. Goode")])
    artist.open_round(show["id"], "Encore?", "Ripple", "U.S. Blues")
    artist.command(show["id"], "post_chat", text="<script>alert(1)</script> hello")
    page = open_page(f"/shows/{show['slug']}", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Barton Hall")
    expect(page.get_by_role("listitem").filter(has_text="Loser")).to_be_visible()
    expect(page.get_by_role("heading", name="Encore", exact=True)).to_be_visible()
    expect(page.get_by_text("U.S. Blues")).to_be_visible()
    expect(page.get_by_text("<script>alert(1)</script> hello")).to_be_visible()
    # The emulation stops scripts and still parses as if there were some: no text of noscript.
    assert "allow JavaScript" in page.content()


def test_a_song_is_dragged_by_its_number(site: Site, open_page: OpenPage) -> None:
    artist = site.artist("drag@example.com")
    show = artist.live_show()
    songs = [("set1", "Bertha"), ("set1", "Loser"), ("set1", "Deal"), ("set2", "Sugaree")]
    artist.fill_setlist(show["id"], songs)
    ada, bob = (open_page(f"/shows/{show['slug']}") for _ in range(2))
    enter(ada)
    enter(bob)

    def drag(title: str, onto: str, *, below: bool) -> None:
        handle = ada.get_by_role("listitem").filter(has_text=title).locator(".handle")
        target = ada.get_by_role("listitem").filter(has_text=onto)
        handle.scroll_into_view_if_needed()
        start, end = handle.bounding_box(), target.bounding_box()
        assert start is not None
        assert end is not None
        ada.mouse.move(start["x"] + 20, start["y"] + 20)
        ada.mouse.down()
        ada.mouse.move(start["x"] + 20, start["y"] + 40, steps=2)
        ada.mouse.move(end["x"] + 20, end["y"] + end["height"] * (0.8 if below else 0.2), steps=4)
        expect(target).to_have_attribute("data-drop", "after" if below else "before")
        ada.mouse.up()

    drag("Bertha", "Deal", below=True)
    for page in (ada, bob):
        expect(page.locator(".setlist .row .title")).to_have_text(
            ["Loser", "Deal", "Bertha", "Sugaree"]
        )
    drag("Deal", "Sugaree", below=False)
    for page in (ada, bob):
        expect(page.locator(".setlist .row .title")).to_have_text(
            ["Loser", "Bertha", "Deal", "Sugaree"]
        )
    expect(ada.get_by_text("All saved")).to_be_visible()
    entries = artist.get(f"/api/shows/{show['id']}/setlist")["entries"]
    assert [entry["section"] for entry in entries] == ["set1", "set1", "set2", "set2"]
