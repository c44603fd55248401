"""Who may give which command: data beside the commands.

The right is checked before the version, so that a refusal tells nothing about the case.
"""

from typing import NamedTuple

from infra.organisation.officer import Officer, Role
from infra.problem import Forbidden, NotFound
from services.complaints.case import Case


class Standing(NamedTuple):
    """Where a case lies and whose duty it is: what rights depend on."""

    place: str
    unit: str | None


class Right(NamedTuple):
    """Officers of these `roles` may, for cases inside their unit: by place, or (`over_unit`) by whose duty it is."""

    roles: frozenset[Role]
    who_zh: str
    over_unit: bool = False

    def check_role(self, officer: Officer) -> None:
        """Raises Forbidden where nobody of that role may."""
        if officer.role not in self.roles:
            raise self._refusal(officer)

    def check(self, officer: Officer, standing: Standing) -> None:
        """Raises Forbidden."""
        self.check_role(officer)
        path = standing.unit if self.over_unit else standing.place
        if path is None or not officer.may_act_for(path):
            raise self._refusal(officer)

    def _refusal(self, officer: Officer) -> Forbidden:
        return Forbidden(
            f"the {officer.role} of {officer.unit} may not decide on this case",
            f"只有{self.who_zh}可以办理该案件",
        )


BY_DESK = Right(frozenset({Role.HOTLINE_DESK, Role.CITY_OFFICE}), "热线坐席和市总指挥部办公室")
ON_SITE = Right(BY_DESK.roles | {Role.DISTRICT, Role.STREET}, "热线坐席、市总指挥部办公室和属地单位")
BY_OFFICE = Right(frozenset({Role.CITY_OFFICE}), "市总指挥部办公室")
BY_UNIT = Right(frozenset({Role.DEPARTMENT, Role.DISTRICT, Role.STREET}), "承办单位", over_unit=True)


def standing_of(case_id: str) -> Standing:
    """Where the stored case stands, read before anything else. Raises NotFound."""
    found = Case.objects(id=case_id).scalar("place_path", "responsible_unit").first()
    if found is None:
        raise NotFound(f"there is no Case {case_id}", f"没有编号为 {case_id} 的记录")
    return Standing(*found)
