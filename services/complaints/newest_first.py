"""Lists that are turned page by page from the newest to the oldest: the cursor, and what comes after it."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from infra.problem import InvalidInput

MOST_PER_PAGE = 200


def cursor_of(received_at: datetime, id: str) -> str:
    """The cursor that names the thing with this id, received at that moment."""
    return base64.urlsafe_b64encode(f"{round(received_at.timestamp() * 1000)}|{id}".encode()).decode()


def beyond(cursor: str | None) -> dict[str, Any]:
    """The condition for all that come after the cursor, for all there are where it is None. Raises InvalidInput."""
    if cursor is None:
        return {}
    try:
        milliseconds, _, id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError, AttributeError, binascii.Error) as error:
        raise InvalidInput("not a cursor of this list", "分页游标无效", field="after") from error
    same_moment = {"received_at": at, "_id": {"$lt": id}}
    return {"received_at": {"$lte": at}, "$or": [{"received_at": {"$lt": at}}, same_moment]}


def page_length(first: int) -> int:
    """`first` where it is a possible length of a page. Raises InvalidInput."""
    if not isinstance(first, int) or not 1 <= first <= MOST_PER_PAGE:
        raise InvalidInput(f"first must be 1 to {MOST_PER_PAGE}", f"每页应为1至{MOST_PER_PAGE}条", field="first")
    return first
