"""What ``SETROOM_REDIS_URL`` may say. No message repeats a password."""

from __future__ import annotations

import pytest

from storage.redis.addresses import Form, parse


def test_one_server() -> None:
    address = parse("redis://me:s%40crt@redis.example:6380/3")
    assert address.form is Form.SINGLE
    assert address.hosts == (("redis.example", 6380),)
    assert address.credentials == {"username": "me", "password": "s@crt"}
    assert address.db == 3
    assert address.tls is None


def test_a_port_and_a_database_may_be_left_out() -> None:
    address = parse("redis://redis.example")
    assert (address.hosts, address.db, address.credentials) == ((("redis.example", 6379),), 0, {})


def test_a_socket_on_this_machine() -> None:
    address = parse("unix:///run/redis.sock?db=2")
    assert (address.path, address.db, address.hosts) == ("/run/redis.sock", 2, ())


def test_a_service_behind_sentinels() -> None:
    address = parse(
        "redis+sentinel://:pw@one.example,two.example:26380,[::1]:5/night?db=4&sentinel_password=sp"
    )
    assert address.form is Form.SENTINEL
    assert address.hosts == (("one.example", 26379), ("two.example", 26380), ("::1", 5))
    assert (address.service, address.db) == ("night", 4)
    assert (address.password, address.sentinel_password) == ("pw", "sp")


def test_a_cluster_over_tls() -> None:
    address = parse("rediss+cluster://:pw@a.example,b.example:7000?ssl_ca_certs=/ca.pem")
    assert address.form is Form.CLUSTER
    assert address.hosts == (("a.example", 6379), ("b.example", 7000))
    assert address.tls == {"ssl_ca_certs": "/ca.pem"}


def test_a_certificate_that_nobody_checks_needs_no_name() -> None:
    tls = parse("rediss://a?ssl_cert_reqs=none").tls
    assert tls == {"ssl_cert_reqs": "none", "ssl_check_hostname": False}


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://secret@a", "does not begin with one of redis://"),
        ("redis://:secret@a,b", "redis+sentinel:// or redis+cluster://"),
        ("redis://:secret@", "no host"),
        ("redis://:secret@a:99999", "port"),
        ("redis://:secret@a:b", "port"),
        ("redis://:secret@a/one", "database"),
        ("redis+sentinel://:secret@a,b", "service's name is missing"),
        ("redis+cluster://:secret@a/1", "the database 0 alone"),
        ("redis://:secret@a?timeout=3", "timeout is no option"),
        ("redis+cluster://:secret@" + ",".join("a" * 65), "more than 64 hosts"),
    ],
)
def test_what_is_wrong_is_said_without_what_is_secret(url: str, wrong: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse(url)
    assert wrong in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_parsed_address_does_not_show_its_password() -> None:
    address = parse("redis+cluster://me:secret@a,b:7?sentinel_password=hidden")
    assert "secret" not in f"{address} {address!r}"
    assert "hidden" not in repr(address)
    assert "a:6379,b:7" in repr(address)
