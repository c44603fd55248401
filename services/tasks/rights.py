"""Who may do what with a task: the unit whose duty it is works on it, the level above verifies (DOMAIN.md §1, §4)."""

from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden
from services.tasks import routing

AT_WORK = frozenset({Role.CITY_OFFICE, Role.DEPARTMENT, Role.DISTRICT, Role.STREET})


def acting_unit(officer: Officer) -> str:
    """The unit for which the officer acts, as histories keep it: of the city's office always the office."""
    return routing.office_of(officer.unit) if officer.role == Role.CITY_OFFICE else officer.unit


def require_unit(officer: Officer, responsible_unit: str) -> None:
    """Raises Forbidden unless the officer acts for `responsible_unit` or a unit that contains it."""
    if officer.role not in AT_WORK or not officer.may_act_for(responsible_unit):
        raise Forbidden(
            f"{officer.role} of {officer.unit} may not act for {responsible_unit}",
            f"您（{officer.unit}）无权代{responsible_unit}办理",
            unit=responsible_unit,
        )


def require_above(officer: Officer, responsible_unit: str) -> None:
    """Raises Forbidden unless the officer belongs to the city's office or to a level above `responsible_unit`."""
    require_unit(officer, responsible_unit)
    if officer.role != Role.CITY_OFFICE and officer.unit == responsible_unit:
        raise Forbidden(
            f"{responsible_unit} cannot verify its own work: the level above does",
            "不能验收本单位的任务，应由上一级验收",
            unit=responsible_unit,
        )


def require_office(officer: Officer) -> None:
    """Raises Forbidden unless the officer belongs to the city's office."""
    if officer.role != Role.CITY_OFFICE:
        raise Forbidden("only the headquarters' office may do this", "只有总指挥部办公室可以办理", role=officer.role)
