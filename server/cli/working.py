"""One worker: takes jobs until it is told to stop, then finishes those it has begun."""

import asyncio
import signal

import structlog
from taskiq.api import run_scheduler_task

from rooms.tasks import end
from server.settings import Settings

log = structlog.get_logger(__name__)


async def work_until_stopped(settings: Settings) -> None:
    """Run the worker, and the scheduler of recurring jobs, until SIGINT or SIGTERM."""
    from server.worker import create_worker

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    worker, scheduler = create_worker(settings)
    sending = asyncio.create_task(run_scheduler_task(scheduler))
    log.info("worker_started", node=settings.node_name)
    try:
        await worker.run(stop)
    finally:
        await end([sending])
        log.info("worker_stopped")
