"""The recurring jobs of mail: reminders, digests, the welcome sequence, and what is too old.

Each bears being done twice at once: whoever moves a plan forward first queues its mail with it, and
reminders have keys.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal

import structlog
from msgspec import Struct

from jobs.broker import JOB_TIMEOUT_S, JobsBroker, Priority, every
from jobs.mail.making import Maker
from rooms import limits
from rooms.mail.audiences import Audiences
from rooms.mail.digests import AHEAD, next_times
from rooms.mail.kinds import Frequency
from rooms.mail.letters import Digest, Reminder, Welcome
from rooms.mail.ports import Digests, DueDigest, Expired, People
from rooms.mail.welcoming import Welcomes, decide_next
from rooms.messaging.kinds import MessageKind
from rooms.messaging.ports import MessageStore
from rooms.ports import Clock

RUN_EVERY_S: Final = 5 * 60
EXPIRE_EVERY_S: Final = 3600

Lead = Literal["tomorrow", "soon"]
LEADS: Final[dict[Lead, tuple[timedelta, timedelta]]] = {
    "tomorrow": (timedelta(hours=18), timedelta(hours=24)),
    "soon": (timedelta(hours=1), timedelta(hours=3)),
}
"""How long before a show's beginning a reminder may go out, from the latest to the earliest. After
an outage of a few hours it is late; later than that it is of no use."""

log = structlog.get_logger(__name__)


class Mailing(Struct, frozen=True):
    """What the jobs work on."""

    people: People
    audiences: Audiences
    welcomes: Welcomes
    digests: Digests
    messages: MessageStore
    expired: Expired
    maker: Maker
    clock: Clock


async def remind(parts: Mailing) -> int:
    """Queues reminders of shows that begin soon; how many."""
    now = parts.clock.now()
    queued = 0
    for lead, (latest, earliest) in LEADS.items():
        key = f"reminder:{lead}:"
        while joined := await parts.audiences.joined(
            now + latest, now + earliest, earliest, f"mail:{key}"
        ):
            messages = [
                parts.maker.make(
                    MessageKind.REMINDER,
                    Reminder(lead),
                    f"{key}{one.attendee_id}:{one.starts_at.date()}",
                    one.language,
                    now,
                    account_id=one.account_id,
                    show_id=one.show_id,
                    attendee_id=one.attendee_id,
                    expires_at=one.starts_at - latest + timedelta(hours=1),
                )
                for one in joined
            ]
            fresh = await parts.messages.enqueue(messages)
            queued += fresh
            if fresh == 0 or len(joined) < limits.MAIL_JOB_MAX:
                break
    return queued


async def send_digests(parts: Mailing) -> int:
    """Queues digests whose time has come; how many."""
    now = parts.clock.now()
    queued = 0
    while due := await parts.digests.due(now, limits.MAIL_JOB_MAX):
        moved = 0
        for digest in due:
            moved += await _send_digest(parts, digest)
        queued += moved
        if moved == 0 or len(due) < limits.MAIL_JOB_MAX:
            break
    return queued


async def welcome(parts: Mailing) -> int:
    """Queues the welcomes that are due; how many."""
    now = parts.clock.now()
    queued = 0
    while due := await parts.welcomes.due(now, limits.MAIL_JOB_MAX):
        moved = 0
        for progress in due:
            decided = decide_next(progress, now)
            message = None
            if decided.send:
                message = parts.maker.make(
                    MessageKind.WELCOME,
                    Welcome(progress.step),
                    f"welcome:{progress.step}:{progress.account_id}",
                    progress.language,
                    now,
                    account_id=progress.account_id,
                )
            if await parts.welcomes.go_on(progress, message, decided.then):
                moved += 1
                queued += decided.send
        if moved == 0 or len(due) < limits.MAIL_JOB_MAX:
            break
    return queued


def register(broker: JobsBroker, parts_of: Callable[[], Mailing | None]) -> None:
    """Adds the jobs to a broker. ``parts_of`` is asked when one runs, after the worker's start;
    ``None``: no mail is sent."""

    async def reminders() -> None:
        if (parts := parts_of()) is not None and (queued := await remind(parts)):
            log.info("reminders_queued", mails=queued)

    async def digests() -> None:
        if (parts := parts_of()) is not None and (queued := await send_digests(parts)):
            log.info("digests_queued", mails=queued)

    async def welcomes() -> None:
        if (parts := parts_of()) is not None and (queued := await welcome(parts)):
            log.info("welcomes_queued", mails=queued)

    async def expire() -> None:
        if (parts := parts_of()) is not None:
            await parts.expired.delete(parts.clock.now())

    for name, priority, schedule, job in (
        ("mail.reminders", Priority.NORMAL, every(RUN_EVERY_S), reminders),
        ("mail.digests", Priority.BULK, every(RUN_EVERY_S), digests),
        ("mail.welcomes", Priority.BULK, every(RUN_EVERY_S), welcomes),
        ("mail.delete_expired", Priority.BULK, every(EXPIRE_EVERY_S), expire),
    ):
        broker.register_task(
            job, task_name=name, priority=priority, schedule=schedule, timeout=JOB_TIMEOUT_S
        )


async def _send_digest(parts: Mailing, digest: DueDigest) -> bool:
    now = parts.clock.now()
    person = await parts.people.person(digest.account_id)
    next_at = None
    if person is not None:
        times = next_times(person.mailbox, person.zone, now)
        next_at = times.daily_at if digest.frequency is Frequency.DAILY else times.weekly_at
    message = parts.maker.make(
        MessageKind.DIGEST,
        Digest(digest.frequency),
        f"digest:{digest.frequency.value}:{digest.account_id}:{digest.due_at.isoformat()}",
        digest.language,
        now,
        account_id=digest.account_id,
        expires_at=now + AHEAD[digest.frequency],
    )
    return await parts.digests.put(message, digest, next_at)
