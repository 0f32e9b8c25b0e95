"""What goes out to a room and comes back from it: messages, the report, operations, kept mail."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import asyncpg
from playwright.sync_api import Page, expect

from tests.browser.site import Caller, Site
from tests.browser.texting import ADMIN, phones, text
from tests.browser.walk import Scene, State

VENUE = {"name": "Barton Hall, Cornell University", "city": "Ithaca", "country": "US"}

_DEAD = """
INSERT INTO dead_jobs (job_key, task, priority, reason, message, error, attempts,
                       first_failed_at, last_failed_at)
SELECT 'walk-' || n, task, priority, reason, message::json, error, 8,
       now() - interval '2 hours', now()
FROM (VALUES
  (1, 'load_setlists', 'bulk', 'failed', '{"task_name": "load_setlists", "args": []}',
   'ConnectTimeout: the archive did not answer within 10 seconds, at page 12 of 40'),
  (2, '?', 'normal', 'malformed', NULL, 'DecodeError: JSON is malformed: invalid character')
) AS dead(n, task, priority, reason, message, error)
"""


@dataclass(frozen=True)
class Post:
    """A show that people text with, one where nobody was written to, and who looks after it."""

    artist: Caller
    admin: Caller
    brand: Caller
    show: dict[str, Any]
    quiet: dict[str, Any]


def post(site: Site) -> Post:
    """Makes it: texts that arrived and failed, votes both ways, a message for later, dead work."""
    artist, brand = site.artist("post@example.com"), site.artist("brand@example.com")
    facts: dict[str, Any] = {"venue": VENUE, "takes_sms": True}
    show = artist.live_show(title="Grateful Dead at Barton Hall", **facts)
    quiet = artist.live_show(title="A night without a word", **facts)
    members = [{"role": "brand", "email": brand.email}]
    put(artist, f"/api/shows/{show['id']}/crew", {"members": members})
    ids = phones(artist, show, 5)
    options = ("Morning Dew", "Sugar Magnolia")
    round_id = artist.open_round(
        show["id"], "What should close the night?", *options, window={"duration_s": 3000}
    )
    text(artist, ids[0], "1")
    text(artist, ids[4], "STOP")
    put(artist, f"/api/sandbox/phones/{ids[3]}", {"switched_off": True})
    picks = [{"option_id": "o2"}]
    for name in ("Robin", "Ashbury"):
        site.guest(name).post(
            f"/api/rounds/{round_id}/vote", {"command_id": f"v-{name}", "picks": picks}
        )
    messages = f"/api/shows/{show['id']}/messages"
    artist.post(messages, {"kind": "NUDGE", "channels": ["sms"], "round_id": round_id})
    later = {"kind": "BROADCAST", "channels": ["sms"], "send_at": "2027-05-09T16:00:00Z"}
    artist.post(messages, later | {"texts": {"en": "Thanks for coming! Come back: {link}"}})
    execute(site, _DEAD)
    return Post(artist, site.sign_in(ADMIN), brand, show, quiet)


def put(caller: Caller, path: str, body: Any) -> None:
    """Replaces something."""
    answer = caller.client.put(path, content=json.dumps(body), headers=caller.headers)
    assert answer.is_success, answer.text


def execute(site: Site, statement: str) -> None:
    """Runs a statement in another thread: this one has Playwright's loop in it."""

    async def execute() -> None:
        connection = await asyncpg.connect(site.database_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, execute()).result()


def _ready(page: Page, _post: Post) -> None:
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def _sent(page: Page, world: Post) -> None:
    _ready(page, world)
    # The nudge has gone out, and only the message for later can still be taken back.
    expect(page.get_by_role("img", name=re.compile("delivered"))).to_be_visible()
    expect(page.get_by_role("button", name="Cancel it")).to_have_count(1)


def _asked_to_cancel(page: Page, _post: Post) -> None:
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _each(page: Page, world: Post) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Every message").click()
    _ready(page, world)
    expect(page.locator(".rows li").first).to_be_visible()


def _one(page: Page, _post: Post) -> None:
    page.locator(".rows li button").first.click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()


def _broadcast(page: Page, world: Post) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Sent", exact=True).click()
    page.get_by_role("link", name="Nudge", exact=True).click()
    _ready(page, world)
    expect(page.get_by_role("heading", name="Each message")).to_be_visible()


def _offline(page: Page, _post: Post) -> None:
    page.context.set_offline(True)
    expect(page.get_by_text("No connection. What you see may be old")).to_be_visible()


def _faulty(page: Page, world: Post) -> None:
    _ready(page, world)
    page.get_by_role("button", name="Look once more").click()
    expect(page.get_by_text("Write something first.")).to_be_visible()


def _long(page: Page, _post: Post) -> None:
    page.get_by_label("Your words").fill(
        "Кино: doors to the side stairs are open again – see you at the front of {title}! {link}"
    )
    expect(page.get_by_text("A text holds 70 characters instead of 160")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Look once more, for"))).to_be_visible()


def _by_mail(page: Page, _post: Post) -> None:
    page.locator("label.tile").filter(has_text="Mail").click()
    page.locator("label.tile").filter(has_text="SMS").click()
    expect(page.get_by_role("figure", name="As it looks as a mail")).to_be_visible()
    page.locator("label.tile").filter(has_text="SMS").click()


def _later(page: Page, _post: Post) -> None:
    page.get_by_role("radio", name="Later").check(force=True)
    page.get_by_label("Day").fill("2027-05-07")
    page.get_by_label("Time", exact=True).fill("12:00")


def _reviewed(page: Page, _post: Post) -> None:
    page.get_by_role("button", name=re.compile("Look once more, for")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def _counted(page: Page, world: Post) -> None:
    _ready(page, world)
    expect(page.get_by_role("region", name="How they voted").get_by_role("listitem")).to_have_count(
        2
    )
    expect(page.get_by_text("arrived, of those whose end is known")).to_be_visible()


def _letter(page: Page, world: Post) -> None:
    page.get_by_role("link", name="Dead letters").click()
    _ready(page, world)
    page.get_by_role("button", name="load_setlists").click()
    expect(page.get_by_role("dialog").get_by_text("It failed at every try.")).to_be_visible()


def _discarding(page: Page, _post: Post) -> None:
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_text("There is no way back.")).to_be_visible()


def _letters(page: Page, _post: Post) -> None:
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def _nodes(page: Page, _post: Post) -> None:
    page.get_by_role("link", name="Nodes").click()
    expect(page.get_by_role("region", name="Web nodes").get_by_role("listitem")).to_have_count(1)


def _mails(page: Page, world: Post) -> None:
    _ready(page, world)
    expect(page.locator(".list li").first).to_be_visible()


def _one_mail(page: Page, _post: Post) -> None:
    page.locator(".list li button").first.click()
    expect(page.locator("iframe")).to_be_visible()


def _texting(page: Page, _post: Post) -> None:
    expect(page.locator(".cockpit .health .good")).to_be_visible()
    page.locator("nav.panes").get_by_role("button", name="Chat").click()
    page.get_by_role("button", name="Text the room").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Your words").fill("Ten minutes!")
    expect(sheet.get_by_role("button", name=re.compile("Send to"))).to_be_enabled()


ARTIST = (
    Scene(
        "Messages",
        lambda post: f"/panel/shows/{post.show['id']}/messages",
        (
            State("sent", _sent, whole=True),
            State("asked before cancelling", _asked_to_cancel),
            State("every message", _each, whole=True),
            State("one message", _one),
            State("a broadcast", _broadcast, whole=True),
            State("offline", _offline),
        ),
    ),
    Scene(
        "A new message",
        lambda post: f"/panel/shows/{post.show['id']}/messages/new",
        (
            State("nothing written", _faulty, whole=True),
            State("a long text", _long, whole=True),
            State("by mail as well", _by_mail, whole=True),
            State("for later", _later, whole=True),
            State("looked at once more", _reviewed),
        ),
    ),
    Scene(
        "Messages, none yet",
        lambda post: f"/panel/shows/{post.quiet['id']}/messages",
        (State("", _ready),),
    ),
    Scene(
        "Report",
        lambda post: f"/panel/shows/{post.show['id']}/report",
        (State("live", _counted, whole=True),),
    ),
    Scene(
        "Report, nothing yet",
        lambda post: f"/panel/shows/{post.quiet['id']}/report",
        (State("", _ready, whole=True),),
    ),
    Scene(
        "Text the room",
        lambda post: f"/panel/shows/{post.show['id']}/live",
        (State("from the cockpit", _texting),),
    ),
)
"""For the artist."""

SPANISH = (
    Scene(
        "A new message in Spanish",
        lambda post: f"/panel/shows/{post.show['id']}/messages/new",
        (State("", _ready, whole=True),),
        {"locale": "es-ES"},
    ),
    Scene(
        "Report in Spanish",
        lambda post: f"/panel/shows/{post.show['id']}/report",
        (State("", _ready, whole=True),),
        {"locale": "es-ES"},
    ),
)

BRAND = (
    Scene(
        "Report for a brand",
        lambda post: f"/panel/shows/{post.show['id']}",
        (State("withheld", _ready, whole=True),),
    ),
)

ADMINS = (
    Scene(
        "Operations",
        lambda _: "/panel/operations",
        (
            State("queues", _ready, whole=True),
            State("a dead letter", _letter),
            State("asked before discarding", _discarding),
            State("dead letters", _letters, whole=True),
            State("nodes", _nodes, whole=True),
        ),
    ),
    Scene(
        "Kept mail",
        lambda _: "/panel/try/mail",
        (State("list", _mails, whole=True), State("one mail", _one_mail, whole=True)),
    ),
)
