"""How much of a body is read: never more than its limit, however it is sent, and nothing where that is announced."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.wrappers import Request

from infra import web
from infra.problem import TooLarge

LIMIT = 100_000


class Endless(io.RawIOBase):
    """A body that never ends; `given` is how many bytes of it were read."""

    given = 0

    def readable(self) -> bool:
        """See io.RawIOBase."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See io.RawIOBase."""
        self.given += len(buffer)
        return len(buffer)


def read_body(request: Request) -> bytes:
    return web.read_json_body(request, LIMIT)


def stream(request: Request) -> bytes:
    return b"".join(web.stream(request, LIMIT))


@pytest.mark.parametrize("read", [read_body, stream])
@pytest.mark.parametrize(
    ("sent", "most"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 2 * LIMIT),
        ({"HTTP_TRANSFER_ENCODING": "Chunked", "CONTENT_LENGTH": "10"}, 2 * LIMIT),
        ({"CONTENT_LENGTH": str(LIMIT + 1)}, 0),
        ({"CONTENT_LENGTH": "9" * 30}, 0),
    ],
)
def test_no_more_than_its_limit_is_read_of_a_body(
    read: Callable[[Request], bytes], sent: dict[str, str], most: int
) -> None:
    body = Endless()
    environ = {"REQUEST_METHOD": "POST", "wsgi.input": body, "CONTENT_TYPE": "application/json", **sent}
    with pytest.raises(TooLarge):
        read(Request(environ))
    assert body.given <= most
