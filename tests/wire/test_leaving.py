"""A node that stops says so: PROTOCOL "Close codes"; what was acknowledged outlives it."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed

from storage.embedded import StoreUrls
from tests.browser.site import running_site
from tests.wire.client import Caller
from tests.wire.conftest import new_database, sign_up


def test_a_stopping_node_closes_with_1012_and_the_next_one_resumes_its_log(
    embedded_stores: StoreUrls, migrated_template: str
) -> None:
    with new_database(embedded_stores, migrated_template) as database_url, ExitStack() as running:
        first = running.enter_context(running_site(database_url, embedded_stores.redis_url))
        artist = sign_up(Caller(first.client), "artist")
        show_id = artist.live_show()["id"]
        with artist.socket(show_id) as socket:
            epoch = socket.welcome()["epoch"]
            ack = socket.give("post_chat", text="before the restart")
            running.close()
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.receive()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert re.search(r"\d", closed.value.rcvd.reason), "the reason holds the spread"
        second = running.enter_context(running_site(database_url, embedded_stores.redis_url))
        again = Caller(second.client, artist.body)
        with again.socket(show_id, since=ack["seq"] - 1, epoch=epoch) as socket:
            welcome = socket.welcome()
            assert (welcome["recovered"], welcome["epoch"]) == (True, epoch)
            assert socket.event("chat_posted")["seq"] == ack["seq"]
            same = socket.give("post_chat", ack["command_id"], text="before the restart")
            assert same == ack
