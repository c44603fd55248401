"""Who may see the materials of a task, and who may upload (data/material_rights.csv, by role).

Whom a task concerns: the unit whose duty it is and those above it, those in whose place it lies, whom it answers to,
and the units that assist it, until they are released.
"""

import csv
import functools
from pathlib import Path
from typing import NamedTuple

from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, Refused
from services.tasks.contracts import OPEN_STATUSES, TaskSource, TaskStatus
from services.tasks.rights import Duty, require_unit
from services.tasks.task_states import STATUS_ZH

TABLE = Path(__file__).parents[1] / "data" / "material_rights.csv"


class Right(NamedTuple):
    """Whether a role may upload, and what it sees: `all`, what is `concerned`, `cases` (those of cases in its
    place), `none`."""

    upload: bool
    see: str


class Concern(NamedTuple):
    """What the rights ask of a task."""

    duty: Duty
    place_path: str
    source: TaskSource
    assisting: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The units that it concerns; those above them are meant as well."""
        return (self.duty.responsible_unit, self.place_path, self.duty.answers_to, *self.assisting)


@functools.cache
def rights(path: Path = TABLE) -> dict[Role, Right]:
    """What each role may."""
    with path.open(encoding="utf-8", newline="") as file:
        return {Role(row["role"]): Right(row["upload"] == "yes", row["see"]) for row in csv.DictReader(file)}


def may_see(officer: Officer, concern: Concern) -> bool:
    """Whether the officer may see the materials of the task."""
    match rights()[officer.role].see:
        case "all":
            return officer.may_act_for(concern.place_path)
        case "concerned":
            return any(officer.may_act_for(unit) for unit in concern.units)
        case "cases":
            return concern.source == TaskSource.CASE and officer.may_act_for(concern.place_path)
    return False


def require_sight(officer: Officer, concern: Concern) -> None:
    """Raises Forbidden unless the officer may see the materials."""
    if not may_see(officer, concern):
        raise Forbidden(
            f"{officer.role} of {officer.unit} may not see the materials of this task",
            "您所在单位无权查看该任务的材料",
            unit=concern.duty.responsible_unit,
        )


def require_upload(officer: Officer, duty: Duty, status: TaskStatus) -> None:
    """Raises Forbidden unless the officer works on the task, Refused where it has ended."""
    if not rights()[officer.role].upload:
        raise Forbidden(f"the role {officer.role} uploads nothing", "您的角色不能上传材料", role=officer.role)
    require_unit(officer, duty)
    if status not in OPEN_STATUSES:
        raise Refused(
            f"a task that is {status} takes no more materials",
            f"任务{STATUS_ZH[status]}，不能再上传材料",
            task_status=status,
        )
