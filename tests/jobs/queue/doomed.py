"""A worker in a process of its own, with a job that takes it along. Run by ``test_killed.py``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from jobs.broker import Priority
from jobs.queue.worker import JobsWorker
from tests.jobs.queue.working import Clock, Graves, broker_of


async def main(url: str) -> None:
    """Works until it is killed by its own job."""
    broker = broker_of(url, "doomed")

    async def stand(value: int) -> None:
        await asyncio.Event().wait()

    async def kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    broker.register_task(stand, task_name="note", priority=Priority.URGENT)
    broker.register_task(kill, task_name="kill", priority=Priority.BULK)
    graves = Graves()
    worker = JobsWorker(broker, lambda: graves, Clock().now)
    await worker.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
