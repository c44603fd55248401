"""上报提级 and 改派: when a duty may move upward or by the routing table, and where to. Pure rules over values.

What is key and difficult is found at the base and solved by the department (昆办发〔2017〕30号 三(十)2): a unit below
the city raises it with reasons; whom it answers to, or the office, grants it. The level above can take it itself, give
it to a bureau of its own, or let the table decide (the lead department); the office can name any unit.
"""

from collections.abc import Collection

from infra.organisation import unit_path
from infra.organisation.officer import Officer, Role
from infra.organisation.registry import Registry
from infra.problem import Forbidden, InvalidInput, Refused
from services.tasks import routing
from services.tasks.contracts import TaskSource, TaskStatus
from services.tasks.routing import Route
from services.tasks.sharing_rules import dutiable
from services.tasks.task_states import WITH_THE_UNIT

CAN_BE_REROUTED = WITH_THE_UNIT | {TaskStatus.SUSPENDED}


def check_raisable(unit: str, source: TaskSource, *, part: bool, decided: bool) -> None:
    """Raises Refused where the duty of `unit` cannot be raised."""
    if source == TaskSource.PLAN:
        raise Refused("the plan names who is responsible: it is not raised", "分解表确定的任务不能上报提级")
    if part:
        raise Refused("a part is not raised: the unit that gave it can", "协办或分解的任务由主办或上级单位上报提级")
    if decided:
        raise Refused("the headquarters' office has decided it: it stays", "已由总指挥部办公室裁定，不能再上报提级")
    if routing.is_municipal(unit):
        raise Refused("a municipal department solves what is difficult itself", "市级部门不能上报提级，应自行协调解决")


def raised_to(registry: Registry, own: str, lead: str | None, named: object, officer: Officer) -> Route:
    """To whom a raise that `officer` grants moves the duty of `own`: the unit that is named, else the `lead`
    department. Raises InvalidInput (unit), and Forbidden where the officer cannot name that one."""
    if named is None:
        if lead is None or lead == own:
            raise InvalidInput(
                "the table names no lead department: name a unit", "未列牵头部门，请指定单位", field="unit"
            )
        return Route(lead, f"上报提级，由牵头部门{registry.name(lead)}协调解决，地点不变")
    unit = dutiable(registry, named, field="unit")
    above = routing.unit_above(own)
    its_own = unit.path == above or (unit_path.is_department(unit.path) and unit_path.parent(unit.path) == above)
    if officer.role != Role.CITY_OFFICE and not its_own:
        raise Forbidden(
            f"{officer.unit} cannot give it to {unit.path}: only to itself or a bureau of its own",
            "只能提级到本级或本级部门；其他单位由总指挥部办公室指定",
            field="unit",
        )
    if unit.path == own:
        raise InvalidInput("it lies with that unit already", "该任务已由该单位承办", field="unit")
    return Route(unit.path, f"上报提级，由{unit.short_name}承办，地点不变")


def check_reroutable(status: TaskStatus, reason: object, *, assignment: bool, settled: bool) -> None:
    """Raises Refused where a task is not re-evaluated by the table, or was accepted and no reason is given."""
    if not assignment:
        raise Refused("only the assignment of a case is routed", "只有案件派遣的任务按路由表改派")
    if settled:
        raise Refused("it came back twice or the office decided: it stays", "已由总指挥部办公室裁定，不再改派")
    if status not in CAN_BE_REROUTED:
        raise Refused(
            f"a task that is {status} is not rerouted", "任务已申报完成或已结束，不能改派", task_status=status
        )
    if status != TaskStatus.ISSUED and not (isinstance(reason, str) and reason.strip()):
        raise Refused("it was accepted: say why it is to move", "任务已签收，改派必须说明理由", field="reason")


def check_new_unit(registry: Registry, own: str, unit: str, returned_by: Collection[str]) -> None:
    """Raises Refused where the table gives it to the same unit, or to one that has given it back."""
    if unit == own:
        raise Refused("the table gives it to the same unit", "按现行路由表仍由本单位承办，无需改派", unit=unit)
    if unit in returned_by:
        name = registry.name(unit)
        raise Refused(f"{unit} gave it back already", f"{name}此前已退回，不再改派给该单位", unit=unit)
