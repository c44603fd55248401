"""Whose duty a case is, and why: rules as data (data/routing.csv), decided without asking anybody.

Routine work stays with the territory; what the table gives a department goes to the department while the place stays
(昆办发〔2017〕30号 三(十)2, 市、区、街道三级联动). Given back once, it goes to the unit above; given back twice, to the
headquarters' office, where it stays decided (DOMAIN.md §4).
"""

import csv
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from infra.effective import in_force
from infra.organisation import unit_path
from infra.organisation.registry import Registry, UnitKind

ROUTING_FILE = Path(__file__).parent / "data" / "routing.csv"
TERRITORY = "territory"
OFFICE = "~office"
RETURNS_UNTIL_OFFICE = 2


class RoutingRow(NamedTuple):
    """`category` (`sanitation`: with all of `sanitation.*`; empty: all others), called `name`, goes to `goes_to`
    (`territory`, or a department below the city: `~psb`) from `effective_from` on, `because` of a reason in Chinese."""

    category: str
    name: str
    goes_to: str
    because: str
    effective_from: date


class Route(NamedTuple):
    """A unit and the reason for which it is responsible."""

    unit: str
    because: str


@cache
def routing_table(path: Path = ROUTING_FILE) -> tuple[RoutingRow, ...]:
    """The rows of the routing table in `path`; read once per process."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(_row(row) for row in csv.DictReader(file))


def _row(row: dict[str, str]) -> RoutingRow:
    since = date.fromisoformat(row["effective_from"])
    return RoutingRow(row["category"], row["name"], row["goes_to"], row["because"], since)


def row_for(rows: Iterable[RoutingRow], category: str, on: date) -> RoutingRow | None:
    """The row in force `on` that day that says most exactly what `category` is; of equals the youngest."""
    return in_force((row for row in rows if _covers(row.category, category)), on, rank=lambda row: len(row.category))


def _covers(prefix: str, category: str) -> bool:
    return prefix in ("", category) or category.startswith(prefix + ".")


def category_name(rows: Iterable[RoutingRow], category: str, on: date) -> str:
    """What people call `category`; the code itself where the table has no name for it."""
    row = row_for(rows, category, on)
    return row.name if row is not None and row.category == category and row.name else category


def office_of(path: str) -> str:
    """The path of the headquarters' office of the city that `path` lies in."""
    return f"{unit_path.ancestors(path)[0]}{unit_path.SEPARATOR}{OFFICE}"


def is_office(path: str) -> bool:
    """Whether `path` is a headquarters' office."""
    return path == office_of(path)


def route(rows: Iterable[RoutingRow], registry: Registry, *, category: str, place_path: str, on: date) -> Route:
    """Who gets a new case of `category` at `place_path`: the department that the table names, else the street,
    else the zone or district, else the headquarters' office."""
    row = row_for(rows, category, on)
    if row is not None and row.goes_to != TERRITORY:
        unit = f"{registry.city.path}{unit_path.SEPARATOR}{row.goes_to}"
        return Route(unit, f"{row.because}，由{registry.name(unit)}牵头负责")
    return _territory(registry, place_path, row.because if row else "属地管理")


def _territory(registry: Registry, place_path: str, because: str) -> Route:
    unit = registry.get(registry.street_of(place_path))
    if unit is None or unit.kind == UnitKind.CITY:
        return Route(office_of(registry.city.path), "地点未明确到县(市)区，由总指挥部办公室指定承办单位")
    return Route(unit.path, f"{because}；地点在{unit.short_name}")


def unit_above(path: str) -> str:
    """Whom a unit answers to: the unit that contains it, of the second tier and the departments the headquarters'
    office."""
    above = unit_path.parent(path)
    return office_of(path) if above is None or unit_path.parent(above) is None else above


def route_after_return(registry: Registry, returned_by: str, returns: int) -> Route:
    """Who gets a case that `returned_by` gives back, the `returns`-th time: the unit above; from 2 on the office."""
    above = unit_path.parent(returned_by)
    if returns >= RETURNS_UNTIL_OFFICE:
        return Route(office_of(returned_by), f"已退回{returns}次，由总指挥部办公室裁定")
    if above is None or above == registry.city.path:
        return Route(office_of(returned_by), f"{registry.name(returned_by)}退回，由总指挥部办公室裁定")
    return Route(above, f"{registry.name(returned_by)}退回，由上级单位{registry.name(above)}承办")
