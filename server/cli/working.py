"""One worker: takes jobs until it is told to stop, then finishes those it has begun."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

import structlog
from taskiq.api import run_scheduler_task
from taskiq.receiver import Receiver

from rooms.tasks import end
from server.settings import Settings

JOBS_AT_ONCE = 50
"""Jobs wait for stores and carriers most of their time; their pools bound them further."""

FINISH_S = 15.0
"""What a job may still take after the stop; a job that is cut off is taken up again."""

log = structlog.get_logger(__name__)


async def work_until_stopped(settings: Settings) -> None:
    """Run the worker's broker, and the scheduler of recurring jobs, until SIGINT or SIGTERM."""
    from server.worker import create_broker, create_scheduler

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    broker = create_broker(settings)
    broker.is_worker_process = True
    with ThreadPoolExecutor(max_workers=1) as executor:
        receiver = Receiver(
            broker=broker,
            executor=executor,
            run_startup=True,
            max_async_tasks=JOBS_AT_ONCE,
            wait_tasks_timeout=FINISH_S,
        )
        scheduler = asyncio.create_task(run_scheduler_task(create_scheduler(settings, broker)))
        log.info("worker_started", node=settings.node_name)
        try:
            await receiver.listen(stop)
        finally:
            await end([scheduler])
            await broker.shutdown()
            log.info("worker_stopped")
