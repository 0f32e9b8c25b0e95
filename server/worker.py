"""The worker's composition root: a broker with every job, and what the jobs work on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import asyncpg
from taskiq import TaskiqEvents, TaskiqState

from jobs import broker as jobs_broker
from jobs.accounts.renaming import RenameInLogs
from jobs.accuracy import tasks as accuracy_tasks
from jobs.accuracy.settling import SettleRatings
from jobs.accuracy.tasks import Accuracy
from jobs.broker import JobsBroker, JobsScheduler
from jobs.catalogue import tasks as catalogue_tasks
from jobs.mail import tasks as mail_tasks
from jobs.mail.tasks import Mailing
from jobs.messaging import tasks as messaging_tasks
from jobs.messaging.automatic import one_after_the_other
from jobs.messaging.tasks import Messaging
from jobs.operations.resending import ResendJobs
from jobs.outbox.relay import Relay
from jobs.performances import tasks as performances_tasks
from jobs.performances.archiving import ArchiveShows
from jobs.queue.worker import JobsWorker
from jobs.upkeep import tasks as upkeep_tasks
from jobs.upkeep.tasks import Upkeep
from rooms.messaging.kinds import MessageKind
from rooms.operations.dead_letters import RUN_JOB
from rooms.outbox import ARCHIVE_SHOW, RENAME_IN_LOGS, RESULTS, SETTLE_RATINGS, Handlers
from rooms.ports import RoomLog
from rooms.tasks import end
from server.mail.worker import MailWorker
from server.messaging.worker import MessagingWorker
from server.operations.reporting import WorkerReporting
from server.settings import Settings
from storage.accounts.log_names import LogNames
from storage.accuracy.clusters import PostgresRaterClusters
from storage.accuracy.settlements import PostgresSettlements
from storage.catalogue.located_venues import PostgresVenues
from storage.clock import DatabaseClock
from storage.database import Database, open_database
from storage.operations.dead_jobs import PostgresDeadJobs
from storage.outbox.nudges import PostgresNudges
from storage.outbox.outbox import PostgresOutbox
from storage.performances.nights import PostgresNights
from storage.performances.statistics import PostgresSongStatistics
from storage.redis.clients import connecting
from storage.rooms.log import PostgresRoomLog
from storage.suggestions.history import PostgresShowHistory
from storage.suggestions.models import PostgresSuggestionModels
from storage.suggestions.untrained import PostgresUntrainedArtists
from storage.upkeep.expired import PostgresExpiredRows
from storage.upkeep.rooms import PostgresGrownRooms


class WorkerStores:
    """The stores that jobs work on, and the relay of the outbox: opened and begun when the worker
    starts, ended and closed when it stops.

    Attributes:
        running: how many jobs the worker does now.
    """

    def __init__(self, settings: Settings, broker: JobsBroker) -> None:
        self._settings = settings
        self._broker = broker
        self._database: Database | None = None
        self._clock: DatabaseClock | None = None
        self._upkeep: Upkeep | None = None
        self._statistics: PostgresSongStatistics | None = None
        self._accuracy: Accuracy | None = None
        self._venues: PostgresVenues | None = None
        self._nudges: PostgresNudges | None = None
        self._relay: Relay | None = None
        self._dead_jobs: PostgresDeadJobs | None = None
        self._messaging: MessagingWorker | None = None
        self._mail: MailWorker | None = None
        self._reporting: asyncio.Task[None] | None = None
        self.running: Callable[[], int] = lambda: 0

    async def open(self, state: TaskiqState) -> None:
        """Connects to the database."""
        del state
        database = await open_database(
            self._settings.database_url.reveal(),
            application_name=f"setroom {self._settings.node_name}"[:63],
            connections_max=self._settings.database_pool_size,
        )
        pool = database.pool
        room_log = PostgresRoomLog(pool)
        clock = DatabaseClock(room_log.database_time)
        await clock.start()
        self._database, self._clock = database, clock
        self._upkeep = Upkeep(
            room_log=room_log,
            rooms=PostgresGrownRooms(pool),
            expired=PostgresExpiredRows(pool),
            artists=PostgresUntrainedArtists(pool),
            history=PostgresShowHistory(pool),
            models=PostgresSuggestionModels(pool),
            clock=clock,
        )
        self._statistics = PostgresSongStatistics(pool)
        self._venues = PostgresVenues(pool)
        self._accuracy = Accuracy(
            room_log=room_log,
            settlements=PostgresSettlements(pool),
            clusters=PostgresRaterClusters(pool),
            clock=clock,
        )
        self._dead_jobs = PostgresDeadJobs(pool)
        self._nudges = PostgresNudges(pool)
        mail = self._mail = MailWorker(self._settings, pool, room_log, clock)
        messaging = self._messaging = MessagingWorker(
            self._settings, pool, clock, more=mail.channel()
        )
        handlers: Handlers = {
            **effect_handlers(pool, room_log, messaging),
            **mail.handlers(),
            RUN_JOB: ResendJobs(self._broker),
        }
        self._relay = Relay(PostgresOutbox(pool), self._nudges, handlers, random.random)
        self._relay.start()
        messaging.start()
        reporting = WorkerReporting(self._settings.node_name, pool, clock, lambda: self.running())
        self._reporting = asyncio.create_task(reporting.run())

    async def close(self, state: TaskiqState) -> None:
        """Lets go of it."""
        del state
        if self._reporting is not None:
            await end([self._reporting])
        if self._relay is not None:
            await self._relay.stop()
        if self._messaging is not None:
            await self._messaging.stop()
        if self._mail is not None:
            await self._mail.close()
        if self._nudges is not None:
            await self._nudges.close()
        if self._clock is not None:
            await self._clock.stop()
        if self._database is not None:
            await self._database.close()

    def now(self) -> datetime:
        """The database's clock. Only while the worker runs."""
        assert self._clock is not None, "the worker has not been started"
        return self._clock.now()

    def dead_jobs(self) -> PostgresDeadJobs:
        """Where jobs are set aside. Only while the worker runs."""
        assert self._dead_jobs is not None, "the worker has not been started"
        return self._dead_jobs

    def messaging(self) -> Messaging:
        """What the jobs of messaging work on. Only while the worker runs."""
        assert self._messaging is not None, "the worker has not been started"
        return self._messaging.jobs()

    def mailing(self) -> Mailing | None:
        """What the jobs of mail work on; ``None``: no mail is sent. Only while the worker runs."""
        assert self._mail is not None, "the worker has not been started"
        return self._mail.jobs()

    def accuracy(self) -> Accuracy:
        """What the jobs of accuracy work on. Only while the worker runs."""
        assert self._accuracy is not None, "the worker has not been started"
        return self._accuracy

    def upkeep(self) -> Upkeep:
        """What upkeep works on. Only while the worker runs."""
        assert self._upkeep is not None, "the worker has not been started"
        return self._upkeep

    def venues(self) -> PostgresVenues:
        """Locates venues. Only while the worker runs."""
        assert self._venues is not None, "the worker has not been started"
        return self._venues

    def statistics(self) -> PostgresSongStatistics:
        """Counts songs. Only while the worker runs."""
        assert self._statistics is not None, "the worker has not been started"
        return self._statistics


def effect_handlers(
    pool: asyncpg.Pool[Any], room_log: RoomLog, messaging: MessagingWorker | None = None
) -> Handlers:
    """What delivers the outbox's effects, by kind. Each bears being called twice.

    Args:
        messaging: ``None`` leaves effects that send messages to others.
    """
    archive = ArchiveShows(room_log, PostgresNights(pool))
    handlers: Handlers = {
        ARCHIVE_SHOW: archive,
        RENAME_IN_LOGS: RenameInLogs(LogNames(pool)),
        SETTLE_RATINGS: SettleRatings(room_log, PostgresSettlements(pool)),
    }
    if messaging is None:
        return handlers
    return {
        **handlers,
        ARCHIVE_SHOW: one_after_the_other([archive, messaging.sends(MessageKind.RECAP)]),
        RESULTS: messaging.sends(MessageKind.RESULTS),
    }


def create_worker(settings: Settings) -> tuple[JobsWorker, JobsScheduler]:
    """One worker process: it takes every job, and sends the recurring ones. Connects when it is
    run. Every worker may send: a recurring job that waits is not sent again."""
    broker = jobs_broker.create_broker(
        connecting(settings.redis_url.reveal()),
        consumer_name=settings.node_name,
        random=random.random,
    )
    stores = WorkerStores(settings, broker)
    broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, stores.open)
    broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, stores.close)
    upkeep_tasks.register(broker, stores.upkeep)
    accuracy_tasks.register(broker, stores.accuracy)
    performances_tasks.register(broker, stores.statistics)
    catalogue_tasks.register(broker, stores.venues)
    mail_tasks.register(broker, stores.mailing)
    messaging_tasks.register(broker, stores.messaging)
    worker = JobsWorker(broker, stores.dead_jobs, stores.now)
    stores.running = lambda: worker.running
    return worker, jobs_broker.create_scheduler(broker)
