"""Whatever else is asked of a node, its rooms keep connections of their own."""

from __future__ import annotations

from contextlib import AsyncExitStack

from litestar import Litestar


async def test_rooms_reach_their_log_while_every_other_connection_is_taken(app: Litestar) -> None:
    services = app.state.services
    size = services.settings.database_pool_size
    async with AsyncExitStack() as stack:
        taken = 0
        while (
            services.pool.get_size() < services.pool.get_max_size() or services.pool.get_idle_size()
        ):
            await stack.enter_async_context(services.pool.acquire())
            taken += 1
        assert 0 < taken < size
        assert await services.node.room_log.database_time()
