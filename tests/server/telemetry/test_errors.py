"""What fails is reported once, with where it failed, and with nothing that is anybody's."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
import structlog

from rooms import commands as cmd
from rooms import turns
from server.logging import configure_logging
from server.secret import Secret
from server.telemetry.errors import ALL_AT_ONCE, SAME_AT_ONCE, ErrorReports, error_reports
from server.telemetry.scrubbing import GONE, TEXT_CHARACTERS_MAX, scrub_event, scrubbed
from storage.embedded import StoreUrls
from tests.jobs.queue.working import Graves, broker_of, kick, working
from tests.server.conftest import StartNode, client_of, node_settings
from tests.server.http import Person, refused
from tests.server.telemetry.ingest import Ingest, ingest

SAID = "meet me behind the stage"
PHONE = "+1 201 555 0199"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
MAIL = "somebody@example.com"
WORDS = f"{SAID} {PHONE} {TOKEN} {MAIL}"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


def reporting(stores: StoreUrls, found: Ingest, **more: Any) -> dict[str, Any]:
    """Settings that report there, and this process' logs by them."""
    settings: dict[str, Any] = {
        "sentry_dsn": Secret(found.dsn),
        "sentry_environment": "tests",
        "node_name": "stage-left",
        "log_format": "json",
    } | more
    configure_logging(node_settings(stores, **settings), io.StringIO())
    return settings


def holds_nothing_of_anybody(raw: bytes) -> None:
    for secret in (SAID, PHONE, TOKEN, MAIL):
        assert secret.encode() not in raw


async def test_a_turn_that_fails_is_reported_once_with_its_room(
    shared_stores: StoreUrls,
    start_node: StartNode,
    monkeypatch: pytest.MonkeyPatch,
    artist: Person,
) -> None:
    decide = turns.decide

    def fail(state: Any, batch: Any, *more: Any, **named: Any) -> Any:
        if any(isinstance(one.command, cmd.PostChat) for one in batch):
            raise ValueError(f"what is {batch[0].command.text}?")
        return decide(state, batch, *more, **named)

    async with ingest() as found:
        node = await start_node(**reporting(shared_stores, found))
        monkeypatch.setattr(turns, "decide", fail)
        show = await artist.live_show()
        async with client_of(node) as client:
            body = {"command_id": "c1", "name": "post_chat", "args": {"text": WORDS}}
            path = f"/api/shows/{show['id']}/commands"
            refused(await artist.at(client).post(path, body), 500, "internal_error")
        (event,) = await found.until(bool)
    assert event["message"] == "room_turn_fault"
    assert event["tags"]["show_id"] == show["id"]
    assert event["tags"]["node"] == event["server_name"] == "stage-left"
    assert event["environment"] == "tests" and event["release"].startswith("setroom@")
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", GONE)
    frames = error["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail" and not any("vars" in frame for frame in frames)
    assert event["extra"]["commands"] == ["PostChat"]
    holds_nothing_of_anybody(found.raw)
    for of_artist in (artist.token, artist.email):
        assert of_artist.encode() not in found.raw


async def test_a_job_that_fails_for_good_is_reported_once(
    shared_stores: StoreUrls, redis_url: str
) -> None:
    async with ingest() as found:
        reporting(shared_stores, found)
        broker, graves = broker_of(redis_url), Graves()

        async def send(words: str) -> None:
            raise RuntimeError(f"could not send {words}")

        broker.register_task(send, task_name="mail.send", attempts_max=1)
        async with working(broker, graves):
            await kick(broker, WORDS, job="mail.send")
            (event,) = await found.until(bool)
    assert (event["message"], event["tags"]["job"]) == ("job_dead", "mail.send")
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("RuntimeError", GONE)
    assert error["stacktrace"]["frames"][-1]["function"] == "send"
    holds_nothing_of_anybody(found.raw)
    assert WORDS.split()[0] in graves.only.error, "the page of dead letters keeps it"


class Sent:
    """A client of the SDK that keeps what it is given."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {"max_value_length": 1000, "include_local_variables": False}
        self.events: list[Any] = []

    def capture_event(self, event: Any, hint: Any) -> None:
        self.events.append(event)


def test_a_storm_of_errors_costs_a_few_reports() -> None:
    sent, now = Sent(), [0.0]
    reports = ErrorReports(sent, lambda: now[0])
    for _ in range(10_000):
        reports.processor(None, "error", {"event": "room_broken", "error": "ValueError"})
    assert len(sent.events) == SAME_AT_ONCE
    for number in range(1_000):
        reports.processor(None, "error", {"event": f"fault_{number}"})
    assert len(sent.events) <= ALL_AT_ONCE
    now[0] += 120.0
    reports.processor(None, "error", {"event": "room_broken"})
    held = sum(event["extra"].get("held_back", 0) for event in sent.events)
    assert len(sent.events) + held == 11_001, "each is counted"
    reports.processor(None, "warning", {"event": "bus_disconnected"})
    assert sent.events[-1]["message"] == "room_broken"


async def test_what_nobody_took_from_a_task_is_reported_without_its_words(
    shared_stores: StoreUrls,
) -> None:
    async with ingest() as found:
        reporting(shared_stores, found)
        try:
            raise KeyError(WORDS)
        except KeyError:
            logging.getLogger("asyncio").exception("Task exception: %s", WORDS)
        (event,) = await found.until(bool)
    assert event["message"] == "logged_by_library"
    assert event["logger"] == "asyncio"
    holds_nothing_of_anybody(found.raw)


async def test_whatever_the_sdk_adds_is_taken_out_again(shared_stores: StoreUrls) -> None:
    async with ingest() as found:
        error_reports(node_settings(shared_stores, sentry_dsn=Secret(found.dsn)))
        scope = sentry_sdk.get_current_scope()
        scope.set_user({"email": MAIL})
        sentry_sdk.add_breadcrumb(message=WORDS)
        sentry_sdk.capture_message(WORDS.replace(SAID, "from"))
        (event,) = await found.until(bool)
        scope.clear()
    assert not {"user", "request", "breadcrumbs"} & event.keys()
    holds_nothing_of_anybody(found.raw)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"mail to {MAIL} refused", f"mail to {GONE} refused"),
        (f"no such number: {PHONE}", f"no such number: {GONE}"),
        (f"bearer {TOKEN}", f"bearer {GONE}"),
        ("GET /rooms/1?ticket=abc", f"GET /rooms/1{GONE}"),
        ("postgresql://setroom:secret@db/setroom", f"postgresql:{GONE}db/setroom"),
        (
            "show 01a2015b-86cc-751f-831a-411999b11846 at 12",
            "show 01a2015b-86cc-751f-831a-411999b11846 at 12",
        ),
        ("Connect call failed ('127.0.0.1', 5432)", f"Connect call failed ('{GONE}', 5432)"),
    ],
)
def test_texts_lose_what_looks_like_somebodys(text: str, left: str) -> None:
    assert scrubbed(text) == left


def test_a_text_without_an_end_is_gone_over_at_once() -> None:
    """A run of letters without a mail address in it: minutes, were each of them tried in full."""
    assert scrubbed("a" * 200_000) == "a" * TEXT_CHARACTERS_MAX


def test_words_stay_of_errors_whose_words_are_the_systems() -> None:
    values = [
        {"type": "ConnectionRefusedError", "value": "[Errno 111] Connect call failed"},
        {"type": "ValueError", "value": SAID},
    ]
    event = scrub_event({"exception": {"values": values}})
    said = [one["value"] for one in event["exception"]["values"]]
    assert said == ["[Errno 111] Connect call failed", GONE]
