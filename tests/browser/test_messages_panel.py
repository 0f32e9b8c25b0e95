"""Messages to a room from the panel: written, looked at, sent, followed, taken back; its report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.embedded import StoreUrls
from tests.browser.cockpit import DESKTOP, crew_member, open_cockpit, signed_in
from tests.browser.conftest import EXPECT_MS, OpenPage
from tests.browser.judging import look
from tests.browser.pages.messages import execute
from tests.browser.site import Caller, Site
from tests.browser.texting import ADMIN, busy_number, phones, text, texting_site

_DEAD = """
INSERT INTO dead_jobs (job_key, task, priority, reason, message, error, attempts,
                       first_failed_at, last_failed_at)
SELECT key, task, 'normal', 'failed',
       json_build_object('task_id', key, 'task_name', task, 'args', '[]'::json,
                         'kwargs', '{}'::json, 'labels', '{"priority": "normal"}'::json,
                         'labels_types', '{"priority": 3}'::json),
       'ConnectTimeout: the carrier did not answer', 8, now(), now()
  FROM (VALUES ('again', 'messaging.reconcile'), ('no-more', 'imports.read')) AS dead (key, task)
"""

_SILENT = """
INSERT INTO nodes (node_id, name, kind, version, started_at, seen_at, draining, connections, rooms,
                   jobs, rss_bytes, loop_lag_ms, queue_bytes, lag_events, bus)
VALUES (uuidv7(), 'gone-astray', 'web', '0', now() - interval '2 days', now() - interval '1 min',
        false, 812, 3, 0, 200000000, 12, 0, 0, 'ok')
"""

VENUE = {"name": "Barton Hall", "city": "Ithaca", "country": "US"}


@pytest.fixture(scope="module")
def site(browser: Browser, embedded_stores: StoreUrls, migrated_template: str) -> Iterator[Site]:
    """A node with a worker, where a sandbox takes texts."""
    del browser  # it is started before any process that it must not share its loop with
    with texting_site(embedded_stores, migrated_template) as site:
        yield site


def night(site: Site, email: str) -> tuple[Caller, dict[str, Any]]:
    """A show under way that takes votes by text."""
    artist = site.artist(email)
    show = artist.live_show(title="Barton Hall", venue=VENUE, takes_sms=True)
    return artist, show


def open_part(open_page: OpenPage, caller: Caller, show: dict[str, Any], part: str) -> Page:
    """A part of the show in the panel."""
    page = open_page("/health/live", viewport=DESKTOP, accept_downloads=True)
    page.add_init_script(signed_in(caller))
    page.goto(f"/panel/shows/{show['id']}/{part}")
    return page


def test_a_message_from_its_first_word_to_its_last_delivery(
    site: Site, open_page: OpenPage
) -> None:
    artist, show = night(site, "writes@example.com")
    ids = phones(artist, show, 3)
    artist.open_round(
        show["id"], "Encore?", "Ripple", "Deal", window={"duration_s": 3000},
    )  # fmt: skip
    text(artist, ids[2], "STOP")
    page = open_part(open_page, artist, show, "messages")

    page.get_by_role("link", name="Write the first one").click()
    page.get_by_role("button", name="Look once more").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()
    words = page.get_by_label("Your words")
    expect(words).to_be_focused()

    page.locator("label").filter(has_text="Nudge").click()
    expect(page.get_by_label("The round to vote in")).to_contain_text("Encore?")
    words = page.get_by_label("Your own words instead")
    words.fill("Encore? You’ve one minute – vote at ")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(words).to_have_value("Encore? You’ve one minute – vote at {title}")
    arrives = page.get_by_role("figure", name="As it looks on a phone")
    expect(arrives).to_contain_text("Encore? You've one minute - vote at Barton Hall")
    expect(page.get_by_text("Written plainly, so that a text holds 160")).to_contain_text("’ –")
    words.fill(f"Кино {'a' * 100}")
    blamed = page.get_by_text("A text holds 70 characters instead of 160 because of")
    expect(blamed).to_contain_text("К и н о")
    words.fill("Encore? You’ve one minute – vote at {title}")
    expect(blamed).to_have_count(0)
    expect(arrives).to_contain_text("STOP")
    sums = page.get_by_role("region", name="What it comes to")
    expect(sums).to_contain_text(re.compile("People\\s*2"))
    expect(sums).to_contain_text("1 person said STOP and does not get it.")
    look(page, "message-written")

    page.get_by_role("button", name="Look once more, for 2 people").click()
    asked = page.get_by_role("dialog", name="Send this to 2 people?")
    expect(asked).to_contain_text("vote at Barton Hall")
    expect(asked.get_by_role("button", name="Keep writing")).to_be_focused()
    asked.get_by_role("button", name="Keep writing").click()
    expect(words).to_have_value("Encore? You’ve one minute – vote at {title}")
    page.get_by_role("button", name="Look once more, for 2 people").click()
    asked.get_by_role("button", name="Send to 2 people").click()

    sent = page.get_by_role("region", name="Nudge")
    expect(sent).to_contain_text(re.compile("Delivered\\s*2"))
    expect(sent.get_by_text("Sent", exact=True)).to_be_visible()
    rows = page.get_by_role("region", name="Each message").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.get_by_text("Delivered")).to_have_count(2)
    expect(rows.first.get_by_role("button")).to_contain_text("•")
    rows.first.get_by_role("button").click()
    one = page.get_by_role("dialog", name="One message")
    expect(one).to_contain_text("vote at Barton Hall")
    expect(one.get_by_role("listitem").last).to_contain_text("Delivered")
    look(page, "message-life")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="All messages").click()
    expect(page.get_by_role("img", name="Progress: 2 delivered")).to_be_visible()
    page.get_by_role("link", name="Every message").click()
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_text("No message is like that")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Kind").select_option("NUDGE")
    expect(page.locator(".rows li")).to_have_count(2)


def test_a_message_for_later_is_taken_back(site: Site, open_page: OpenPage) -> None:
    artist, show = night(site, "later@example.com")
    phones(artist, show, 1)
    page = open_part(open_page, artist, show, "messages/new")
    page.get_by_label("Your words").fill("Thanks for last night!")
    page.get_by_role("radio", name="Later").check(force=True)
    day = datetime.now(UTC) + timedelta(days=3)
    page.get_by_label("Day").fill(day.strftime("%Y-%m-%d"))
    page.get_by_label("Time", exact=True).fill("12:00")
    page.get_by_role("button", name="Look once more, for 1 person").click()
    page.get_by_role("dialog").get_by_role("button", name="Schedule for 1 person").click()
    made = page.get_by_role("region", name="Message", exact=True)
    expect(made.get_by_text("Scheduled", exact=True)).to_be_visible()

    page.get_by_role("link", name="All messages").click()
    row = page.get_by_role("listitem").filter(has_text="Thanks for last night!")
    row.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Let it go on").click()
    expect(row.get_by_text("Scheduled", exact=True)).to_be_visible()
    row.get_by_role("button", name="Cancel it").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the rest").click()
    expect(row.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)


def nudge(artist: Caller, show: dict[str, Any], words: str) -> None:
    """A message that no quiet hours hold back."""
    round_id = artist.open_round(
        show["id"], "Encore?", "Ripple", "Deal", window={"duration_s": 3000},
    )  # fmt: skip
    body = {"kind": "NUDGE", "channels": ["sms"], "round_id": round_id, "texts": {"en": words}}
    artist.post(f"/api/shows/{show['id']}/messages", body)


def test_a_message_that_goes_out_is_stopped_and_goes_on(
    site: Site, open_page: OpenPage, embedded_stores: StoreUrls
) -> None:
    artist, show = night(site, "stops@example.com")
    phones(artist, show, 3)
    other, elsewhere = night(site, "goes-on@example.com")
    phones(other, elsewhere, 1)
    with busy_number(embedded_stores):
        nudge(artist, show, "Doors are open!")
        page = open_part(open_page, artist, show, "messages")
        row = page.get_by_role("listitem").filter(has_text="Doors are open!")
        expect(row.get_by_text("Going out", exact=True)).to_be_visible()
        row.get_by_role("button", name="Pause").click()
        expect(row.get_by_text("Paused", exact=True)).to_be_visible()
        expect(page.get_by_text("Paused. What has left already still arrives.")).to_be_visible()

    # The number is free again: another show's message goes out, and what is paused does not.
    nudge(other, elsewhere, "So is the bar.")
    there = open_part(open_page, other, elsewhere, "messages")
    expect(there.get_by_role("img", name="Progress: 1 delivered")).to_be_visible()
    page.reload()
    expect(row.get_by_text("Paused", exact=True)).to_be_visible()
    expect(row.get_by_role("img", name="Progress: 3 waiting")).to_be_visible()
    row.get_by_role("button", name="Go on").click()
    expect(row.get_by_role("img", name="Progress: 3 delivered")).to_be_visible()
    expect(row.get_by_role("button")).to_have_count(0)


def test_work_that_came_to_nothing_is_tried_again_or_let_go(
    site: Site, open_page: OpenPage
) -> None:
    execute(site, _DEAD)
    admin = site.sign_in(ADMIN)
    page = open_page("/health/live", viewport=DESKTOP)
    page.add_init_script(signed_in(admin))
    page.goto("/panel/operations")
    page.get_by_role("link", name="Look at them").click()
    letter = page.get_by_role("dialog", name="Work that came to nothing")

    page.get_by_role("button", name="messaging.reconcile").click()
    expect(letter).to_contain_text("the carrier did not answer")
    letter.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It is tried again.")).to_be_visible()
    expect(page.get_by_role("button", name="messaging.reconcile")).to_have_count(0)

    page.get_by_role("button", name="imports.read").click()
    letter.get_by_role("button", name="Discard").click()
    expect(letter).to_contain_text("There is no way back.")
    letter.get_by_role("button", name="Keep it").click()
    letter.get_by_role("button", name="Discard").click()
    letter.get_by_role("button", name="Discard it for good").click()
    expect(page.get_by_text("Nothing came to nothing")).to_be_visible()

    # What was tried again has compared the day with the carrier's list by now.
    page.get_by_role("link", name="Queues").click()
    done = page.get_by_role("region", name="Job", exact=True).get_by_role("row")
    # It comes by itself as bulk work: what is tried again keeps the priority that it had.
    expect(done.filter(has_text="messaging.reconcile").filter(has_text="Normal")).to_be_visible()
    page.reload()
    compared = page.get_by_role("region", name="Carrier's lists")
    expect(compared.get_by_role("row").filter(has_text="+12015550100").first).to_be_visible()
    look(page, "operations-compared")

    # Who answers this page, and who did the work, are listed with the rooms that they hold.
    _, show = night(site, "lives-somewhere@example.com")
    page.get_by_role("link", name="Nodes").click()
    webs = page.get_by_role("region", name="Web nodes").get_by_role("listitem")
    expect(webs).to_have_count(1)
    expect(webs.get_by_text("Ready", exact=True)).to_be_visible()
    expect(webs.get_by_text("Turn, p99")).to_be_visible()
    worker = page.get_by_role("region", name="Workers").get_by_role("listitem")
    expect(worker.get_by_text("Jobs running")).to_be_visible()
    rooms = page.get_by_role("region", name="Rooms and where they live")
    link = rooms.locator(f"a[href*='{show['id']}']")
    Caller(site.client, admin.body).get(f"/api/shows/{show['id']}/setlist")
    expect(link).to_have_text("Barton Hall")
    look(page, "operations-nodes")
    # Another that fell silent is named, and what was last heard of it is said to be old.
    execute(site, _SILENT)
    expect(page.get_by_text("gone-astray needs a look")).to_be_visible()
    silent = webs.filter(has_text="gone-astray")
    expect(silent.get_by_text("Silent", exact=True)).to_be_visible()
    expect(silent).to_contain_text("last heard of")
    look(page, "operations-nodes-silent")
    # Figures that no longer come stay, and say so.
    page.route("**/api/operations/nodes", lambda route: route.abort())
    expect(page.get_by_text("These figures are a moment old.").first).to_be_visible()
    expect(webs).to_have_count(2)
    page.reload()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute("**/api/operations/nodes")
    page.get_by_role("button", name="Try again").click()
    expect(webs).to_have_count(2)


def test_a_report_follows_the_night_and_is_taken_along(site: Site, open_page: OpenPage) -> None:
    artist, show = night(site, "counts@example.com")
    ids = phones(artist, show, 2)
    round_id = artist.open_round(
        show["id"], "Encore?", "Ripple", "Deal", window={"duration_s": 3000},
    )  # fmt: skip
    page = open_part(open_page, artist, show, "report")
    expect(page.get_by_text("Live: follows as it happens")).to_be_visible()
    sums = page.get_by_role("region", name="In short")
    expect(sums).to_contain_text(re.compile("Joined\\s*2"))
    expect(page.get_by_text("Nobody has voted yet.")).to_be_visible()

    text(artist, ids[0], "1")
    fan = site.guest("Robin")
    ballot = {"command_id": "by-the-web", "picks": [{"option_id": "o2"}]}
    fan.post(f"/api/rounds/{round_id}/vote", ballot)
    # Nobody touches the page: it follows by itself.
    ways = page.get_by_role("region", name="How they voted")
    expect(ways).to_contain_text(re.compile("web\\s*1"))
    expect(ways).to_contain_text(re.compile("SMS\\s*1"))
    expect(sums).to_contain_text(re.compile("Voted\\s*2"))
    funnel = page.get_by_role("region", name="From joining to voting")
    expect(funnel.get_by_role("listitem").filter(has_text="Known to be there")).to_be_visible()

    with page.expect_download() as people:
        page.get_by_role("button", name="People, CSV").click()
    table = people.value.path().read_text(encoding="utf-8-sig")
    assert len(table.splitlines()) == 1 + 4, table
    assert "•••• " in table
    assert "+1201555" not in table
    with page.expect_download() as book:
        page.get_by_role("button", name="Everything, for spreadsheets").click()
    assert book.value.suggested_filename.endswith(".xlsx")
    assert book.value.path().read_bytes()[:2] == b"PK"


def test_a_brand_sees_figures_that_tell_of_nobody(site: Site, open_page: OpenPage) -> None:
    artist, show = night(site, "branded@example.com")
    phones(artist, show, 2)
    brand = site.artist("brand@example.com")
    crew_member(artist, show["id"], brand, "brand")
    page = open_part(open_page, brand, show, "overview")
    expect(page.get_by_text("Groups of fewer than 10 people are withheld")).to_be_visible()
    expect(page.get_by_role("region", name="In short")).to_contain_text("withheld")
    ways = page.get_by_role("navigation", name=re.compile("^Parts of"))
    expect(ways.get_by_role("link")).to_have_text(["Report"])
    expect(page.get_by_role("button", name="People, CSV")).to_have_count(0)
    expect(page.get_by_role("link", name="Live cockpit")).to_have_count(0)


def test_the_room_is_texted_from_the_cockpit(site: Site, open_page: OpenPage) -> None:
    artist, show = night(site, "driver@example.com")
    phones(artist, show, 2)
    artist.open_round(
        show["id"], "Encore?", "Ripple", "Deal", window={"duration_s": 3000},
    )  # fmt: skip
    page = open_cockpit(open_page, artist, show["id"])
    page.locator("nav.panes").get_by_role("button", name="Chat").click()
    page.get_by_role("button", name="Text the room").click()
    sheet = page.get_by_role("dialog", name="Text the room")
    sheet.get_by_role("radio", name="Nudge").check(force=True)
    send = sheet.get_by_role("button", name="Send to 2 people")
    expect(send).to_be_enabled()
    send.click()
    # A double tap is one slip: the second press counts a moment later.
    expect(page.locator(".arm .ripe").filter(has_text="Really send?")).to_be_visible()
    sheet.get_by_role("button", name="Really send?").click()
    expect(sheet).to_have_count(0)
    # The cockpit looks every quarter of a minute what became of texts.
    texts = page.locator(".figures > div").filter(has_text="Texts: 2 delivered")
    expect(texts).to_contain_text("100 %", timeout=2 * EXPECT_MS)
