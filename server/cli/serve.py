"""``setroom serve`` and ``setroom worker``: one process of each kind."""

import asyncio
import socket
from typing import Any

import click
import msgspec
import structlog
import uvloop

from server.cli.descriptors import allow_many_sockets
from server.cli.environment import load_settings, stores_for
from server.cli.listener import bind_listener
from server.logging import configure_logging
from server.settings import Settings

log = structlog.get_logger(__name__)


def run_loop(work: Any) -> None:
    """Run a coroutine to its end on uvloop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 takes any free one.")
@click.option("--fd", type=int, hidden=True, help="An inherited socket to listen on.")
def serve(host: str | None, port: int | None, fd: int | None) -> None:
    """Run one web node."""
    settings = load_settings(host=host, port=port)
    configure_logging(settings)
    allow_many_sockets()
    if fd is None:
        listener = bind_listener(settings.host, settings.port)
    else:
        listener = socket.socket(fileno=fd)
    run_loop(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    from server.app import create_app
    from server.cli.web import web_node

    port = listener.getsockname()[1]
    # The node calls itself where it carries its own texts: by the port that it really has.
    async with stores_for(msgspec.structs.replace(settings, port=port)) as complete:
        node = web_node(complete, create_app(complete))
        log.info("node_starting", port=port, node=complete.node_name)
        await node.serve(sockets=[listener])
        log.info("node_stopped")


@click.command()
def worker() -> None:
    """Run one worker: imports, messaging, upkeep."""
    settings = load_settings()
    configure_logging(settings)
    run_loop(_work(settings))


async def _work(settings: Settings) -> None:
    from server.cli.working import work_until_stopped

    async with stores_for(settings) as complete:
        await work_until_stopped(complete)
