"""A unit of the city's organisation: a territory, a department or a body of the headquarters (DOMAIN.md §1)."""

from enum import StrEnum

import msgspec

from infra.organisation import unit_path


class UnitKind(StrEnum):
    """What kind of body a unit is; the values are the domain's identifiers."""

    CITY = "city"
    DISTRICT = "district"
    DEV_ZONE = "dev_zone"
    STREET = "street"
    COMMUNITY = "community"
    DEPARTMENT = "department"
    HEADQUARTERS = "headquarters"
    SUB_HEADQUARTERS = "sub_headquarters"
    INSPECTION_GROUP = "inspection_group"
    PATROL_GROUP = "patrol_group"
    ASSESSOR = "assessor"
    MEDIA = "media"

    @property
    def is_territory(self) -> bool:
        """Whether such a unit is a piece of the map, from the city down to a community."""
        return self in TERRITORIES


TERRITORIES = frozenset(
    {UnitKind.CITY, UnitKind.DISTRICT, UnitKind.DEV_ZONE, UnitKind.STREET, UnitKind.COMMUNITY},
)
SECOND_TIER = frozenset({UnitKind.DISTRICT, UnitKind.DEV_ZONE})


class Unit(msgspec.Struct, frozen=True):
    """One unit. `name` is official (昆明国家高新技术产业开发区), `short_name` what officers write (高新区),
    `aliases` further names that people use and no rule derives."""

    path: str
    name: str
    kind: UnitKind
    short_name: str
    aliases: tuple[str, ...] = ()

    @property
    def tier(self) -> int:
        """1 city, 2 district or zone, 3 street, 4 community, also for a community directly below a zone;
        a department has the tier of the body it belongs to."""
        return 4 if self.kind == UnitKind.COMMUNITY else unit_path.tier(self.path)

    @property
    def code(self) -> str:
        """The last segment: the division code (530102001), or ~psb for a department."""
        return self.path.rpartition(unit_path.SEPARATOR)[2]
