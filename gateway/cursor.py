"""Cursors of Relay connections over the services' pages.

A service names only the last item of a page. The cursor of an item in the middle is therefore "so many after that
cursor": opaque to clients, and exact because lists continue from a fixed item.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from infra.problem import InvalidInput


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """`skip` items after the service's cursor `after` (None: from the start)."""

    after: str | None = None
    skip: int = 0


START = Cursor()
LONGEST_SKIP = 150


class Page(Protocol):
    """What the pages of the services have in common."""

    @property
    def items(self) -> Sequence[Any]:
        """What it shows."""
        ...

    @property
    def end_cursor(self) -> str | None:
        """The last item; None where it is empty."""
        ...

    @property
    def has_next(self) -> bool:
        """Whether there are more."""
        ...


def encode(cursor: Cursor) -> str:
    """The cursor as text for a client."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def decode(text: str | None) -> Cursor:
    """The cursor that a client gives back; the start for None. Raises InvalidInput."""
    if text is None:
        return START
    try:
        cursor = msgspec.json.decode(base64.urlsafe_b64decode(text), type=Cursor)
    except (binascii.Error, msgspec.DecodeError, UnicodeError, ValueError) as error:
        raise InvalidInput(f"not a cursor: {text!r}", "分页游标无效", field="after") from error
    if not 0 <= cursor.skip <= LONGEST_SKIP:
        raise InvalidInput(f"not a cursor: {text!r}", "分页游标无效", field="after")
    return cursor


def connect(connection: Any, page: Page, start: Cursor, **more: Any) -> Any:
    """A graphene connection of what `page`, asked for from `start.after`, holds behind the first `start.skip` items;
    `more` are further fields of it, as `total_count`."""
    edges = [
        connection.Edge(node=item, cursor=encode(Cursor(start.after, place)))
        for place, item in enumerate(page.items, start=1)
    ][start.skip :]
    if edges and page.end_cursor is not None:
        edges[-1].cursor = encode(Cursor(page.end_cursor))
    info = {
        "has_next_page": page.has_next,
        "has_previous_page": start != START,
        "start_cursor": edges[0].cursor if edges else None,
        "end_cursor": edges[-1].cursor if edges else None,
    }
    return connection(edges=edges, page_info=info, **more)
