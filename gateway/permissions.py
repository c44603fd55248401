"""Who may see and do what. Permissions are data beside the field; `enforce` is the one function that applies them.

    sight     a token sees its own unit and what lies inside it: a district its streets, a street itself, a department
              the work it is responsible for; the city's office and desk see the city
    duty      accepting, returning, submitting, asking for time: for one's own unit and those inside it
    above     verifying, granting: for what answers to one's own unit, or to one inside it; nobody for their own work
    superior  supervising: for every unit inside one's own, whoever gave the work; nobody for their own work
    issuer    withdrawing: the city's office; of a part, whom it answers to
    check     closing a case, rework: for what lies within sight, and a district never for its own work
    place     filing, correcting, answering, voiding, merging: for a matter that lies in one's own place; what intake
              refused lies nowhere, and is for who works for the whole city
    order     by the unit that an order pushes, or by the one that opened it: the service alone knows which these are
    service   decided by the service, because it keeps a record of those whom it refuses

The services check the officer behind a command again; the gateway refuses before it asks them, except in the last.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from infra.organisation import unit_path
from infra.organisation.officer import ROLE_ZH, Officer, Role
from infra.organisation.unit import Unit
from infra.problem import Forbidden
from services.complaints.contracts import CaseView
from services.notify.contracts import BulletinKind, BulletinView
from services.tasks.contracts import PlanProgress, TaskView

Thing = Unit | CaseView | TaskView | BulletinView | PlanProgress


class Rule(StrEnum):
    """What the officer's unit has to do with the thing."""

    NONE = "none"
    SIGHT = "sight"
    DUTY = "duty"
    ABOVE = "above"
    SUPERIOR = "superior"
    ISSUER = "issuer"
    CHECK = "check"
    PLACE = "place"
    ORDER = "order"
    SERVICE = "service"


class Permission(msgspec.Struct, frozen=True):
    """`roles` that may at all, and the `rule` that their unit must meet."""

    name: str
    roles: frozenset[Role]
    rule: Rule = Rule.NONE


_ALL = frozenset(Role)
_READERS = _ALL - {Role.OPERATOR}
_UNITS = frozenset({Role.CITY_OFFICE, Role.DEPARTMENT, Role.DISTRICT, Role.STREET})
_DESKS = frozenset({Role.CITY_OFFICE, Role.HOTLINE_DESK})
_ON_SITE = _DESKS | {Role.DISTRICT, Role.STREET}
_OFFICE = frozenset({Role.CITY_OFFICE})

KNOWN_TO_ALL = Permission("known to all", _ALL)
SEE_UNIT = Permission("see a unit", _ALL, Rule.SIGHT)
SEE_FIGURES = Permission("see the figures of a unit in sight", _ALL)
SEE_WORK = Permission("see cases and tasks of a unit in sight", _READERS)
OPEN_WORK = Permission("open a case or task", _READERS, Rule.SIGHT)
OPEN_BULLETIN = Permission("open a bulletin", _ALL, Rule.SIGHT)
SEE_DESK = Permission("see the desk's queue of a place in sight", _ON_SITE, Rule.SIGHT)
SEE_HEAT = Permission("see what is hot in a place in sight", _READERS, Rule.SIGHT)
SEE_WORK_LIST = Permission("see the work list of a unit in sight", _READERS, Rule.SIGHT)
PREPARE_REPLY = Permission("prepare a reply to a citizen", _DESKS)
SEE_READS = Permission("see who read a report in clear", _OFFICE)
DO_TASK = Permission("do the work of a task", _UNITS, Rule.DUTY)
VERIFY_TASK = Permission("verify a task that answers to them", _UNITS, Rule.ABOVE)
DECIDE_REQUEST = Permission("grant or refuse what a unit asks for", _UNITS, Rule.ABOVE)
WITHDRAW_TASK = Permission("withdraw a task that they gave", _UNITS, Rule.ISSUER)
DIRECT_TASK = Permission("name the unit of a task", _OFFICE, Rule.DUTY)
ISSUE_TASK = Permission("issue a task", _OFFICE, Rule.PLACE)
CHECK_CASE = Permission("close a case or ask for rework", _DESKS, Rule.CHECK)
DIRECT_CASE = Permission("direct a case", _DESKS, Rule.PLACE)
VERIFY_CASE = Permission("verify a case on site", _ON_SITE, Rule.PLACE)
APPEAL = Permission("appeal against a timeout", _UNITS - _OFFICE, Rule.DUTY)
DECIDE_APPEAL = Permission("decide an appeal", _OFFICE, Rule.PLACE)
EDIT_STANDARD = Permission("edit the case standard", _OFFICE, Rule.PLACE)
EXPLAIN_ROUTING = Permission("have a route explained", _READERS)
EDIT_ROUTING = Permission("edit the routing table", _OFFICE, Rule.PLACE)
SUPERVISE = Permission("supervise a task of a unit below them", _UNITS, Rule.SUPERIOR)
ANSWER_ORDER = Permission("acknowledge or answer an order", _UNITS, Rule.ORDER)
END_ORDER = Permission("close an order or give its answer back", _UNITS, Rule.ORDER)
HANDLE_MISFITS = Permission("handle what intake refused", _DESKS, Rule.PLACE)
UNMASK = Permission("read a report in clear", _DESKS, Rule.SERVICE)


def enforce(permission: Permission, officer: Officer, thing: Thing | None = None) -> None:
    """Pass when `officer` may; `thing` is what the rule asks about. Raises Forbidden."""
    if officer.role not in permission.roles:
        raise Forbidden(
            f"the role {officer.role.value} may not {permission.name}",
            f"您的角色无权进行此操作（{ROLE_ZH[officer.role]}）",
            permission=permission.name,
        )
    if permission.rule is not Rule.NONE and thing is not None and not _RULES[permission.rule](officer, thing):
        raise Forbidden(
            f"{officer.unit} may not {permission.name} outside its own sphere",
            "不在本单位职责或管辖范围内",
            permission=permission.name,
            unit=officer.unit,
        )


def own_desk(officer: Officer) -> str:
    """The path of the unit whose duties are the officer's own: of the city's office, the headquarters' office."""
    return unit_path.office_of(officer.unit) if officer.role is Role.CITY_OFFICE else officer.unit


def in_sight(officer: Officer, thing: Thing) -> bool:
    """Whether any of the units to which `thing` belongs is the officer's own or inside it."""
    return any(officer.may_act_for(path) for path in _whereabouts(thing))


def _whereabouts(thing: Thing) -> Iterable[str]:
    """The units to which a thing belongs: where it is, whose duty it is, to whom it is addressed."""
    match thing:
        case Unit():
            return (thing.path,)
        case CaseView():
            return (thing.place_path, *([thing.responsible_unit] if thing.responsible_unit else []))
        case TaskView():
            return (thing.state.place_path, thing.state.responsible_unit)
        case BulletinView():
            return thing.units
        case PlanProgress():
            return thing.lead_units


def _sees(officer: Officer, thing: Thing) -> bool:
    return in_sight(officer, thing) or (isinstance(thing, BulletinView) and thing.kind is BulletinKind.PUBLIC)


def _has_duty(officer: Officer, thing: Thing) -> bool:
    unit = thing.state.responsible_unit if isinstance(thing, TaskView) else getattr(thing, "responsible_unit", None)
    return unit is not None and officer.may_act_for(unit)


def _is_above(officer: Officer, thing: Thing) -> bool:
    if not isinstance(thing, TaskView):
        return False
    above = thing.answers_to or unit_path.parent(thing.state.responsible_unit)
    return officer.role is Role.CITY_OFFICE or (above is not None and officer.may_act_for(above))


def _is_superior(officer: Officer, thing: Thing) -> bool:
    return (
        isinstance(thing, TaskView) and own_desk(officer) != thing.state.responsible_unit and _has_duty(officer, thing)
    )


def _has_issued(officer: Officer, thing: Thing) -> bool:
    part = isinstance(thing, TaskView) and (thing.state.parent_id or thing.state.lead_task_id)
    return officer.role is Role.CITY_OFFICE or (bool(part) and _is_above(officer, thing))


def _may_check(officer: Officer, thing: Thing) -> bool:
    doer = getattr(thing, "responsible_unit", None)
    return in_sight(officer, thing) and (officer.role is not Role.DISTRICT or doer != officer.unit)


def _directs(officer: Officer, thing: Thing) -> bool:
    place = thing.path if isinstance(thing, Unit) else thing.place_path if isinstance(thing, CaseView) else None
    return place is not None and officer.may_act_for(place)


_RULES: dict[Rule, Callable[[Officer, Thing], bool]] = {
    Rule.SIGHT: _sees,
    Rule.DUTY: _has_duty,
    Rule.ABOVE: _is_above,
    Rule.SUPERIOR: _is_superior,
    Rule.ISSUER: _has_issued,
    Rule.CHECK: _may_check,
    Rule.PLACE: _directs,
    Rule.ORDER: lambda officer, thing: True,
    Rule.SERVICE: lambda officer, thing: True,
}
