"""The routing table that comes with the system (data/routing.csv) and the words that a row may use."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from services.tasks.contracts import RoutingRow, RoutingRowView
from services.tasks.routing_table.rows import RoutingTable

DATA = Path(__file__).parents[1] / "data"
SHIPPED = "系统自带的路由表"
BETWEEN = "、"
DIFFICULT = {"": None, "yes": True, "no": False}


@cache
def shipped_table(file: Path = DATA / "routing.csv") -> RoutingTable:
    """The table in `file`, as version 0; read once per process."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [msgspec.convert(from_line(line), RoutingRow) for line in csv.DictReader(lines)]
    return RoutingTable(0, [RoutingRowView(number=n, row=row, why=SHIPPED) for n, row in enumerate(rows, start=1)])


def from_line(line: dict[str, str]) -> dict[str, Any]:
    """A line of such a file as a row; `assists` are joined by 、."""
    row: dict[str, Any] = {name: text.strip() for name, text in line.items() if name and text is not None}
    row["difficult"] = DIFFICULT.get(row.get("difficult", ""), row.get("difficult"))
    row["assists"] = [one for one in row.get("assists", "").split(BETWEEN) if one]
    return row


@cache
def known_categories() -> frozenset[str]:
    """Every category that the system knows, and every pattern above one."""
    codes = {one.row.category for one in shipped_table().entries}
    return frozenset(".".join(code.split(".")[:n]) for code in codes for n in range(1, code.count(".") + 2))


@cache
def known_subjects() -> frozenset[str]:
    """The first-level subjects."""
    with (DATA / "subjects.csv").open(encoding="utf-8", newline="") as lines:
        return frozenset(line["subject"] for line in csv.DictReader(lines))
