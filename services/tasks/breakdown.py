"""目标任务分解: how the rows of a plan become tasks, by rule (昆办发〔2017〕30号 四(二), 三(十)2 三级联动).

Every lead unit of a row gets a task. A district or development zone among them (named, or addressed together as
各县(市)区、开发(度假)园区) promotes it further: each of its streets gets a child task, due earlier, so that the
level above has time to check. A zone has no streets between itself and its communities, so its task has no children:
the zone carries it out. Communities get none: the street works with them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from infra.clock import in_milliseconds
from infra.organisation import unit_path
from infra.organisation.registry import Registry, Unit, UnitKind
from infra.organisation.unit import SECOND_TIER
from infra.problem import InvalidInput, Problem

Code = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table: `row` is its number (2.6: the sixth measure of the second mechanism), `lead_units` are names
    or paths as it is handed in, and paths once they are resolved."""

    row: Code
    mechanism: Text
    measure: Text
    lead_units: list[Text]


class PlanDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A plan as it is handed in. `time_below` is the part of a task's time that the level below it has."""

    plan_id: Code
    title: Text
    version: Annotated[int, msgspec.Meta(ge=1)]
    deadline: Moment
    rows: list[PlanRow]
    issued_at: Moment | None = None
    time_below: Share = 0.9


class TaskSpec(NamedTuple):
    """One task that a row becomes; `lineage` are the ids of the tasks above it, the highest first; `parts`
    is how many there are below it."""

    id: str
    row: PlanRow
    unit: str
    place: str
    deadline: datetime
    lineage: tuple[str, ...]
    parts: int = 0


def resolved(draft: PlanDraft, registry: Registry) -> PlanDraft:
    """The plan with the path of every lead unit in place of names: 各县(市)区 becomes the paths of all districts.

    Raises InvalidInput naming row and field where a lead unit is not known.
    """
    rows = [
        msgspec.structs.replace(row, lead_units=[unit.path for unit in lead_units(row, number, registry)])
        for number, row in enumerate(draft.rows)
    ]
    return msgspec.structs.replace(draft, rows=rows)


def break_down(draft: PlanDraft, registry: Registry, issued_at: datetime) -> list[TaskSpec]:
    """The tasks of the plan, parents before children, with ids that the same plan always gives.

    Raises InvalidInput naming row and field where a lead unit is not known; then there is no task at all.
    """
    found: list[TaskSpec] = []
    for number, row in enumerate(draft.rows):
        for unit in lead_units(row, number, registry):
            found.extend(_tasks_of(draft, row, unit, registry, issued_at))
    return found


def lead_units(row: PlanRow, number: int, registry: Registry) -> list[Unit]:
    """The units that the row names, each once, in its order. Raises InvalidInput for `rows[number].lead_units[…]`."""
    if not row.lead_units:
        field = f"rows[{number}].lead_units"
        raise InvalidInput(f"row {row.row} names no lead unit", f"第{row.row}行没有牵头单位", field=field, row=row.row)
    found: dict[str, Unit] = {}
    for index, name in enumerate(row.lead_units):
        try:
            units = (registry.unit(name),) if unit_path.is_path(name) else registry.addressed(name)
        except Problem as error:
            raise InvalidInput(
                f"row {row.row}: {error.detail}",
                f"第{row.row}行：{error.detail_zh}",
                field=f"rows[{number}].lead_units[{index}]",
                row=row.row,
                value=name,
            ) from error
        found.update((unit.path, unit) for unit in units)
    return list(found.values())


def _tasks_of(
    draft: PlanDraft, row: PlanRow, unit: Unit, registry: Registry, issued_at: datetime
) -> Iterator[TaskSpec]:
    streets = registry.children(unit.path, kind=UnitKind.STREET) if unit.kind in SECOND_TIER else ()
    top = _spec(draft, row, unit, registry, draft.deadline)._replace(parts=len(streets))
    yield top
    if streets:
        earlier = deadline_below(issued_at, draft.deadline, draft.time_below)
        for street in streets:
            yield _spec(draft, row, street, registry, earlier)._replace(lineage=(top.id,))


def _spec(draft: PlanDraft, row: PlanRow, unit: Unit, registry: Registry, deadline: datetime) -> TaskSpec:
    id = f"{draft.plan_id}-v{draft.version}-{row.row}-{unit.path.replace(unit_path.SEPARATOR, '.')}"
    place = unit.path if unit.kind.is_territory else _territory_of(unit.path, registry)
    return TaskSpec(id, row, unit.path, place, deadline, ())


def _territory_of(path: str, registry: Registry) -> str:
    """Where a department works: the territory that it belongs to."""
    return unit_path.parent(path) or registry.city.path


def deadline_below(issued_at: datetime, deadline: datetime, time_below: float) -> datetime:
    """The deadline of the level below: that part of the time, so never after `deadline`."""
    return in_milliseconds(issued_at + (deadline - issued_at) * time_below)
