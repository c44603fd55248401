"""Who may do what with a task: the unit whose duty it is works on it; whom it answers to, the level above or who gave
this part, decides its requests and checks it (DOMAIN.md §1, §4)."""

from collections.abc import Callable
from typing import NamedTuple

from infra.organisation import unit_path
from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden

AT_WORK = frozenset({Role.CITY_OFFICE, Role.DEPARTMENT, Role.DISTRICT, Role.STREET})


class Duty(NamedTuple):
    """What rights ask of a task: whose duty it is, whom it answers to, and whether a unit gave it as a part of its
    own; `named` tells how people call the unit at a path."""

    responsible_unit: str
    answers_to: str
    is_part: bool = False
    named: Callable[[str], str] = str


def acting_unit(officer: Officer) -> str:
    """The unit for which the officer acts, as histories keep it: of the city's office always the office."""
    return unit_path.office_of(officer.unit) if officer.role == Role.CITY_OFFICE else officer.unit


def require_unit(officer: Officer, duty: Duty) -> None:
    """Raises Forbidden unless the officer acts for the responsible unit or a unit that contains it."""
    if officer.role not in AT_WORK or not officer.may_act_for(duty.responsible_unit):
        raise Forbidden(
            f"{officer.role} of {officer.unit} may not act for {duty.responsible_unit}",
            f"您（{duty.named(officer.unit)}）无权代{duty.named(duty.responsible_unit)}办理",
            unit=duty.responsible_unit,
        )


def require_above(officer: Officer, duty: Duty) -> None:
    """Raises Forbidden unless the officer belongs to the city's office or acts for whom the task answers to."""
    if officer.role == Role.CITY_OFFICE or (officer.role in AT_WORK and officer.may_act_for(duty.answers_to)):
        return
    raise Forbidden(
        f"{duty.responsible_unit} answers to {duty.answers_to}, not to {officer.unit}",
        "应由上一级或交办单位决定，不能由本单位办理",
        unit=duty.answers_to,
    )


def require_issuer(officer: Officer, duty: Duty) -> None:
    """Raises Forbidden unless the officer belongs to the city's office or, of a part, to the unit that gave it."""
    if duty.is_part:
        require_above(officer, duty)
    else:
        require_office(officer)


def require_office(officer: Officer, duty: Duty | None = None) -> None:
    """Raises Forbidden unless the officer belongs to the city's office."""
    if officer.role != Role.CITY_OFFICE:
        raise Forbidden("only the headquarters' office may do this", "只有总指挥部办公室可以办理", role=officer.role)


def require_superior(officer: Officer, unit: str) -> None:
    """Raises Forbidden unless the officer belongs to the city's office or to a unit above `unit`: nobody supervises
    their own."""
    acting = acting_unit(officer)
    if officer.role in AT_WORK and acting != unit and (officer.role == Role.CITY_OFFICE or officer.may_act_for(unit)):
        return
    raise Forbidden(f"{officer.unit} is not above {unit} and may not supervise it", "只有上级单位可以督办", unit=unit)
