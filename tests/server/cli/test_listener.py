"""The web node's socket is bound first of all, and a busy port is one clear line."""

import os
import socket

import pytest

from server.cli.errors import CommandError
from server.cli.listener import bind_listener


def test_a_busy_port_is_one_line_that_names_its_user() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(CommandError) as caught:
            bind_listener("127.0.0.1", port)

    assert str(caught.value.message).startswith(
        f"port {port} on 127.0.0.1 is in use by process {os.getpid()} ("
    )
    assert "PORT=" in caught.value.message
    assert "\n" not in caught.value.message


def test_a_port_that_was_just_left_can_be_taken_again() -> None:
    first = bind_listener("127.0.0.1", 0)
    port = first.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        accepted, _ = first.accept()
        # The server's side closes first, so that its port lingers in TIME_WAIT.
        accepted.close()
    first.close()

    bind_listener("127.0.0.1", port).close()


def test_an_address_that_is_not_ours_is_one_line() -> None:
    with pytest.raises(CommandError, match=r"^cannot listen on 192\.0\.2\.1:8000: "):
        bind_listener("192.0.2.1", 8000)


def test_ipv6_is_listened_on() -> None:
    with bind_listener("::1", 0) as listener:
        assert listener.family == socket.AF_INET6
