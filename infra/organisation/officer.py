"""Who acts: the officer behind a command, as the gateway vouches for them."""

from enum import StrEnum
from typing import Any

import msgspec

from infra.organisation import unit_path
from infra.problem import InvalidInput


class Role(StrEnum):
    """Roles that a token can carry (issue of rights: gateway/permissions.py)."""

    CITY_OFFICE = "city_office"
    DEPARTMENT = "department"
    DISTRICT = "district"
    STREET = "street"
    HOTLINE_DESK = "hotline_desk"
    OPERATOR = "operator"


ROLE_ZH = {
    Role.CITY_OFFICE: "市总指挥部办公室",
    Role.DEPARTMENT: "市级部门",
    Role.DISTRICT: "县（市）区、园区",
    Role.STREET: "街道（乡镇）",
    Role.HOTLINE_DESK: "热线坐席",
    Role.OPERATOR: "运维",
}


class Officer(msgspec.Struct, frozen=True):
    """Role, the path of the unit for which they act, and a name for the record."""

    role: Role
    unit: str
    name: str

    def may_act_for(self, path: str) -> bool:
        """Whether `path` is the officer's own unit or one below it (the city's office acts for the whole city)."""
        scope = unit_path.ancestors(self.unit)[0] if self.role == Role.CITY_OFFICE else self.unit
        return unit_path.contains(scope, path)

    @staticmethod
    def from_json(body: dict[str, Any]) -> "Officer":
        """The officer in an RPC argument. Raises InvalidInput where `body` is not one."""
        try:
            return msgspec.convert(body, Officer)
        except msgspec.ValidationError as error:
            raise InvalidInput(f"not an officer: {error}", f"办理人信息有误：{error}", field="by") from error
