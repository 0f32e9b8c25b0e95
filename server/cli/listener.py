"""The socket that a web node listens on, bound before anything slow happens."""

import socket

import psutil

from server.cli.errors import CommandError

BACKLOG = 16_384
"""Connections that the kernel keeps while the node is busy, as far as ``net.core.somaxconn`` allows
(4,096 by default): when doors open thousands come within a second, and one that finds no place
tries again only a second later."""


def bind_listener(host: str, port: int) -> socket.socket:
    """Bind ``host``:``port`` (port 0: any free one). Connections are accepted later.

    Raises:
        CommandError: the port is taken or the address is not ours, said in one line.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CommandError(f"cannot listen on {host}: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Bound is not enough: on Linux two sockets may bind one port, only one may listen.
        listener.listen(BACKLOG)
    except PermissionError:
        listener.close()
        raise CommandError(f"port {port} needs root: choose one from 1024 up") from None
    except OSError as error:
        listener.close()
        if error.errno == 98 or "in use" in str(error):
            raise CommandError(
                f"port {port} on {host} is in use{_user_of(port)}: choose another with "
                "`make run PORT=…` or `--port`"
            ) from None
        raise CommandError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


def _user_of(port: int) -> str:
    """Who listens on ``port``, as far as this account may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr
                and connection.laddr.port == port
                and connection.pid
            ):
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return ""
