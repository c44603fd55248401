"""Plans: how far the rows of a 目标任务分解表 are."""

from typing import Any

import graphene

from gateway.guarded import known, part_of
from gateway.inquiry import inquiry, then
from gateway.permissions import KNOWN_TO_ALL, in_sight
from gateway.schema.unit_name import UnitName, unit_name
from infra.organisation import unit_path
from services.tasks.contracts import PlanProgress as Row


@part_of(KNOWN_TO_ALL)
class PlanRow(graphene.ObjectType):
    """One row of a plan. `progress` is 0..1, summed from its tasks."""

    row = graphene.String(required=True)
    mechanism = graphene.String(required=True)
    measure = graphene.String(required=True)
    lead_units = graphene.List(graphene.NonNull(UnitName), required=True, description="牵头单位")
    tasks = graphene.Int(required=True)
    done = graphene.Int(required=True)
    progress = graphene.Float(required=True)

    def resolve_lead_units(self: Row, info: graphene.ResolveInfo) -> list[Any]:
        return [unit_name(path, info) for path in self.lead_units]


class Plan(graphene.ObjectType):
    """The rows of a plan that are in the officer's sight: all for the city, its own for a lead unit."""

    plan_id = known(graphene.String, required=True)
    rows = known(graphene.List(graphene.NonNull(PlanRow)), required=True)
    tasks = known(graphene.Int, required=True)
    done = known(graphene.Int, required=True)
    progress = known(graphene.Float, description="0..1, each row weighing as many as its tasks; null without tasks")


def plan_of(plan_id: str, rows: list[Row]) -> Plan:
    """The plan made of `rows`, with their sums."""
    tasks = sum(row.tasks for row in rows)
    progress = sum(row.progress * row.tasks for row in rows) / tasks if tasks else None
    return Plan(plan_id=plan_id, rows=rows, tasks=tasks, done=sum(row.done for row in rows), progress=progress)


def find_plan(plan_id: str, info: Any) -> Any:
    """The plan as far as the officer sees it."""
    officer = inquiry(info).officer
    return then(
        inquiry(info).loaders.plan(plan_id),
        lambda rows: plan_of(plan_id, [row for row in rows if in_sight(officer, row)]),
    )


def plan_led_by(unit: str, plan_id: str, info: Any) -> Any:
    """The plan's rows that `unit`, or one inside it, leads."""
    return then(
        inquiry(info).loaders.plan(plan_id),
        lambda rows: plan_of(plan_id, [row for row in rows if _leads(unit, row)]),
    )


def _leads(unit: str, row: Row) -> bool:
    return any(unit_path.contains(unit, lead) for lead in row.lead_units)
