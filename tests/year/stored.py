"""What the product has stored in the end, as it is compared with the books kept by hand."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.tasks.supervision import Supervision
from services.tasks.task import Task

Facts = dict[str, tuple[object, ...]]
DUTY = (
    *("status", "responsible_unit", "place_path", "deadline", "overdue", "due_soon", "accepted_in_time"),
    *("round", "returns", "reworks", "extensions", "yellow_cards", "red_cards", "supervisions"),
)
ORDER = ("status", "unit", "by_unit", "trigger", "opened_at", "answer_by", "overdue", "returns", "left_open")
NUMBER = re.compile(r".+创督〔(\d+)〕(\d+)号")


def duties() -> Facts:
    """What is compared of every task, by id."""
    return _facts(Task, DUTY)


def pushes() -> Facts:
    """What is compared of every order, by id."""
    clues = {one["_id"] for one in Supervision._get_collection().find({"clue": {"$ne": None}}, {"_id": 1})}
    return {id: (*facts, id in clues) for id, facts in _facts(Supervision, ORDER).items()}


def in_time(units: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many tasks at or inside each of the units were accepted in time, and closed without ever being late."""
    tasks = Task._get_collection()
    late = {"status": "closed", "red_cards": {"$in": [None, 0]}}
    return {
        unit: (
            tasks.count_documents({"inside_units": unit, "accepted_in_time": True}),
            tasks.count_documents({"inside_units": unit} | late),
        )
        for unit in units
    }


def numbers() -> dict[str, int]:
    """The serial number of each order."""
    found = Supervision._get_collection().find({}, {"number": 1})
    return {one["_id"]: _number(one["number"])[1] for one in found}


def gaps() -> list[str]:
    """Of which issuer and year the numbers are not 1, 2, 3 …"""
    series: dict[tuple[str, int], list[int]] = defaultdict(list)
    for one in Supervision._get_collection().find({}, {"number": 1, "by_unit": 1}):
        year, serial = _number(one["number"])
        series[one["by_unit"], year].append(serial)
    return [f"numbers {key}: {found}" for key, found in series.items() if sorted(found) != [*range(1, len(found) + 1)]]


def _number(text: str) -> tuple[int, int]:
    found = NUMBER.fullmatch(text)
    assert found is not None, text
    return int(found[1]), int(found[2])


def _facts(kind: type[Any], names: tuple[str, ...]) -> Facts:
    found = kind._get_collection().find({}, names)
    return {one["_id"]: tuple(_plain(one.get(name)) for name in names) for one in found}


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
