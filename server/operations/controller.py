"""``/api/operations``: queues and dead letters, for admins alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import QueryParameter
from redis.exceptions import RedisError

from rooms.operations.dead_letters import DeadLetter, Place
from server.cursors import Moment, read_cursor, write_cursor
from server.operations.access import check_admin
from server.operations.schemas import (
    DeadLetterPage,
    DeadLetterView,
    JobsBody,
    ReconciliationPage,
)
from server.operations.views import jobs_body, letter_view, reconciliation_view
from server.paths import PathId
from server.problems import ApiError, not_found
from server.security.authentication import CallerIdentity
from server.services import AppServices, Services
from storage.messaging.reconciliations import PostgresReconciliations
from storage.operations.dead_letters import DeadLetters, NotDead
from storage.operations.queues import RedisQueues
from storage.outbox.outbox import PostgresOutbox

PAGE_MAX: Final = 100


class OperationsController(Controller):
    """Background work."""

    path = "/api/operations"
    tags = ("operations",)

    @get("/jobs", operation_id="jobs", summary="Queues, jobs and the outbox")
    async def jobs(self, identity: CallerIdentity, services: AppServices) -> JobsBody:
        """As it is now, on all workers together."""
        check_admin(identity)
        try:
            workload = await RedisQueues(services.redis).workload()
        except (RedisError, OSError):
            detail = "The queues cannot be reached. Jobs wait until they can."
            raise ApiError(503, "unavailable", detail, retry_after_s=5) from None
        dead = await DeadLetters(services.pool).counts()
        return jobs_body(workload, dead, await PostgresOutbox(services.pool).counts())

    @get("/dead-letters", operation_id="deadLetters", summary="What could not be done")
    async def dead_letters(
        self,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 20,
    ) -> DeadLetterPage:
        """Dead jobs and dead effects that wait for somebody, the latest first."""
        check_admin(identity)
        after = _read_place(cursor) if cursor else None
        found = await DeadLetters(services.pool).page(after, limit + 1)
        page = found[:limit]
        further = None
        if len(found) > limit:
            further = write_cursor(Place(page[-1].last_failed_at, page[-1].letter_id))
        return DeadLetterPage(items=[letter_view(one) for one in page], next_cursor=further)

    @get("/dead-letters/{letter_id:str}", operation_id="deadLetter", summary="One of them")
    async def dead_letter(
        self, letter_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> DeadLetterView:
        """With what it was to do; settled ones too, for as long as they are kept."""
        check_admin(identity)
        return letter_view(await _letter(services, str(letter_id)))

    @post(
        "/dead-letters/{letter_id:str}/retry",
        operation_id="retryDeadLetter",
        summary="Put it back",
        status_code=200,
    )
    async def retry(
        self, letter_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> DeadLetterView:
        """Once, with all of its tries; 409 ``not_dead`` the second time."""
        check_admin(identity)
        letter = await _letter(services, str(letter_id))
        if letter.state == "dead" and not letter.can_retry:
            detail = "It cannot be read, so there is nothing to try again."
            raise ApiError(409, "not_retryable", detail)
        now = services.clock.now()
        try:
            await DeadLetters(services.pool).retry(letter.letter_id, identity.account_id, now)
        except NotDead:
            raise _not_dead() from None
        return letter_view(
            msgspec.structs.replace(letter, state="retried", can_retry=False, settled_at=now)
        )

    @post(
        "/dead-letters/{letter_id:str}/discard",
        operation_id="discardDeadLetter",
        summary="Let it go",
        status_code=200,
    )
    async def discard(
        self, letter_id: PathId, identity: CallerIdentity, services: AppServices
    ) -> DeadLetterView:
        """It is not done any more; who decided so stays in the audit log."""
        check_admin(identity)
        letter = await _letter(services, str(letter_id))
        now = services.clock.now()
        try:
            await DeadLetters(services.pool).discard(letter.letter_id, identity.account_id, now)
        except NotDead:
            raise _not_dead() from None
        return letter_view(
            msgspec.structs.replace(letter, state="discarded", can_retry=False, settled_at=now)
        )

    @get(
        "/reconciliations",
        operation_id="reconciliations",
        summary="What the carrier's lists say of our messages",
    )
    async def reconciliations(
        self,
        identity: CallerIdentity,
        services: AppServices,
        cursor: Annotated[str | None, QueryParameter(max_length=300)] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 14,
    ) -> ReconciliationPage:
        """The newest comparison of each day and number, the latest day first."""
        check_admin(identity)
        after = read_cursor(cursor, tuple[date, str]) if cursor else None
        found = await PostgresReconciliations(services.pool).page(after, limit + 1)
        page = found[:limit]
        further = None
        if len(found) > limit:
            further = write_cursor((page[-1].day, page[-1].sender))
        return ReconciliationPage(
            items=[reconciliation_view(one) for one in page], next_cursor=further
        )


def _read_place(cursor: str) -> Place:
    at, letter_id = read_cursor(cursor, tuple[Moment, UUID])
    return Place(at, str(letter_id))


async def _letter(services: Services, letter_id: str) -> DeadLetter:
    found = await DeadLetters(services.pool).one(letter_id)
    if found is None:
        raise not_found("dead_letter")
    return found


def _not_dead() -> ApiError:
    return ApiError(409, "not_dead", "It was put back or discarded already.")
