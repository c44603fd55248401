"""Who may be given a part of a duty: a unit below carries it out (分解), a peer helps (协办). Pure rules over
values."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from infra.organisation import unit_path
from infra.organisation.registry import Registry, Unit, UnitKind
from infra.problem import InvalidInput, Refused
from services.tasks.contracts import TaskRole
from services.tasks.request_rules import check_bound
from services.tasks.routing import is_office

NO_DUTIES = frozenset({UnitKind.CITY, UnitKind.COMMUNITY})
MOST_UNITS = 50
Units = Sequence[Unit]


def dutiable(registry: Registry, path: object, *, field: str) -> Unit:
    """The unit at `path`. Raises InvalidInput where it is none that can have a duty."""
    found = registry.get(path) if isinstance(path, str) else None
    if found is None or found.kind in NO_DUTIES or is_office(found.path):
        named = found.name if found is not None else path
        raise InvalidInput(f"{path!r} is no unit that can have a duty", f"“{named}”不是可以承办的单位", field=field)
    return found


def check_below(registry: Registry, own: str, units: object, busy: Collection[str]) -> list[Unit]:
    """The units to which `own` delegates, each directly below it. Raises InvalidInput (units[n]) and, for one that has
    a part of the duty already, Refused."""
    if not isinstance(units, list) or not 1 <= len(units) <= MOST_UNITS:
        raise InvalidInput(f"name 1 to {MOST_UNITS} units", "请指定承办的下级单位", field="units")
    found = [dutiable(registry, path, field=f"units[{n}]") for n, path in enumerate(units)]
    for n, unit in enumerate(found):
        if unit_path.parent(unit.path) != own:
            raise InvalidInput(
                f"{unit.path} is not directly below {own}", f"{unit.short_name}不是直接下级单位", field=f"units[{n}]"
            )
        _check_free(unit, [*busy, *(one.path for one in found[:n])])
    return found


def check_peer(registry: Registry, own: str, path: object, busy: Collection[str], role: TaskRole) -> Unit:
    """The peer whom `own` asks to assist. Raises InvalidInput (unit) where it is `own`, above or below it, and Refused
    where it assists already, or where who asks is itself only assisting."""
    if role == TaskRole.ASSIST:
        raise Refused(
            "an assisting unit asks nobody to assist: the lead does", "协办单位不能再请协办，应由主办单位提出"
        )
    unit = dutiable(registry, path, field="unit")
    if unit_path.contains(own, unit.path) or unit_path.contains(unit.path, own):
        raise InvalidInput(f"{unit.path} is no peer of {own}", "协办应请同级或其他单位", field="unit")
    _check_free(unit, busy)
    return unit


def _check_free(unit: Unit, busy: Iterable[str]) -> None:
    if unit.path in busy:
        raise Refused(
            f"{unit.path} has a part of this duty already", f"{unit.short_name}已承担本任务的一部分", unit=unit.path
        )


def check_part_deadline(deadline: datetime, at: datetime, bound: datetime) -> None:
    """Raises InvalidInput (deadline) unless it lies after now and not after `bound`, that of the whole duty."""
    if deadline <= at:
        raise InvalidInput("the deadline lies in the past", "期限已过", field="deadline")
    check_bound(deadline, bound, field="deadline")


def check_parts_done(below: int, assists: int) -> None:
    """Raises Refused while parts are open: a duty is complete when its parts are, or were released."""
    if below:
        raise Refused(
            f"{below} tasks below this one are still open",
            f"还有{below}项下级任务未完成，不能申报",
            unfinished=below,
        )
    if assists:
        raise Refused(
            f"{assists} assisting units have not done their part; release them with a reason, or wait",
            f"还有{assists}个协办单位未完成，应待其完成或说明理由解除协办",
            assists=assists,
        )
