"""Whom a request is from: what a proxy of ours says is believed, what a stranger says of himself is not."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from infra.web import client_of


def asked(address: str, forwarded: str | None, proxies: int) -> str:
    """Who asks, for a request from `address` with that X-Forwarded-For."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    environ = EnvironBuilder("/citizen", headers=headers, environ_overrides={"REMOTE_ADDR": address}).get_environ()
    return client_of(Request(environ), proxies)


@pytest.mark.parametrize(
    ("address", "forwarded", "proxies", "asker"),
    [
        ("203.0.113.5", None, 0, "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", 0, ""),
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "192.0.2.9, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "192.0.2.9, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 2, ""),
        ("10.0.0.1", None, 1, ""),
        ("10.0.0.1", "nobody", 1, ""),
        ("2001:db8:1:2:3:4:5:6", None, 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", None, 0, "203.0.113.5"),
    ],
)
def test_the_asker_is_who_the_outermost_proxy_of_ours_heard(
    address: str, forwarded: str | None, proxies: int, asker: str
) -> None:
    assert asked(address, forwarded, proxies) == asker
