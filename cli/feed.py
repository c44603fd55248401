"""A feed: what the hotlines push, replayed from a file.

    *.jsonl   one item per line, {"channel": …, "payload": {…}}, the payload in that hotline's own format
    *.csv     published citizen messages (message_id, title, body, sent_at): each becomes a work order of 12345 whose
              工单编号 is the message's id, its masked places rewritten (cli/masked_places.py)

feeds/default.jsonl is a small feed of invented matters in real places of Kunming; callers and numbers are invented. It
holds other callers' words on the same matter, a work order sent twice, one revised, and one that cannot be understood.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cli.importing.encoding import open_text
from cli.masked_places import MaskedPlaces
from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from infra.problem import InvalidInput

DEFAULT = Path(__file__).parent / "feeds" / "default.jsonl"
MESSAGE_COLUMNS = ("message_id", "title", "body", "sent_at")
MESSAGE_CHANNEL = "hotline_12345"
ID_FIELDS = ("工单编号", "案卷号")


class Item(NamedTuple):
    """What is pushed to `channel`: a work order in that hotline's own format."""

    channel: str
    payload: dict[str, Any]

    @property
    def external_id(self) -> str | None:
        """The hotline's own number of it, None where it bears none."""
        return next((str(self.payload[field]) for field in ID_FIELDS if self.payload.get(field)), None)


def items(path: Path, registry: Registry, places: MaskedPlaces | None = None) -> Iterator[Item]:
    """The items of the feed in `path`, in its order; for messages `places` (default: the table of the package) tells
    where the masked places are.

    Raises InvalidInput naming the line or column that cannot be read, or the row of `places` that `registry` does not
    know.
    """
    if not path.is_file():
        raise InvalidInput(f"there is no feed at {path}", f"没有来件文件：{path}", field="feed")
    if path.suffix == ".csv":
        places = places or MaskedPlaces.load()
        _check(places, registry)
        return _messages(path, places)
    return _lines(path)


def _lines(path: Path) -> Iterator[Item]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _item(line, number)


def _item(line: str, number: int) -> Item:
    try:
        found = json.loads(line)
        return Item(str(found["channel"]), dict(found["payload"]))
    except (ValueError, KeyError, TypeError) as error:
        detail = f"line {number} is not an item with channel and payload: {error}"
        raise InvalidInput(detail, f"第{number}行不是来件", field=f"line {number}") from error


def _messages(path: Path, places: MaskedPlaces) -> Iterator[Item]:
    with open_text(path) as file:
        rows = csv.DictReader(file)
        for column in MESSAGE_COLUMNS:
            if column not in (rows.fieldnames or ()):
                raise InvalidInput(f"the messages have no column {column}", f"缺少列：{column}", field=column)
        for row in rows:
            yield Item(MESSAGE_CHANNEL, _work_order(row, places))


def _work_order(row: dict[str, str], places: MaskedPlaces) -> dict[str, Any]:
    order = {
        "工单编号": row["message_id"],
        "标题": places.rewrite(row["title"].strip()),
        "诉求内容": places.rewrite(row["body"].strip()),
        "诉求渠道": "网站",
        "紧急程度": "一般",
    }
    if row["sent_at"]:
        sent = datetime.fromisoformat(row["sent_at"]).astimezone(CITY_ZONE)
        order["事发时间"] = sent.strftime("%Y-%m-%d %H:%M:%S")
    return order


def _check(places: MaskedPlaces, registry: Registry) -> None:
    for place in places.places:
        if place.unit_path and registry.get(place.unit_path) is None:
            detail = f"the mapping sends {place.mask} to the unknown unit {place.unit_path}"
            raise InvalidInput(detail, f"{place.mask}对应的单位不存在：{place.unit_path}", field=place.mask)
