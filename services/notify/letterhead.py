"""Who signs, and the series of document numbers (文号): 昆创文办〔2026〕12号.

Each city has its own; `data/<city code>.json` names them, and a city without a file gets plain ones from its name.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from infra.clock import CITY_ZONE
from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind

DATA = Path(__file__).parent / "data"
_SUFFIXES = {
    BulletinKind.ASSIGNMENT: "交",
    BulletinKind.REMINDER: "催",
    BulletinKind.SUPERVISION: "督",
    BulletinKind.SUPERVISION_NEWS: "督情",
    BulletinKind.CLUE: "查",
    BulletinKind.HOTSPOT: "热",
}


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """`office` signs; `series` is the word before the year, one per kind of document that is numbered on its own."""

    office: str
    series: dict[BulletinKind, str]

    @staticmethod
    def of(registry: Registry, directory: Path = DATA) -> "Letterhead":
        """The letterhead of the registry's city."""
        path = directory / f"{registry.city.path}.json"
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=Letterhead)
        place = registry.city.short_name.removesuffix("市")
        return Letterhead(
            office=f"{registry.city.name}创建全国文明城市工作总指挥部办公室",
            series={kind: f"{place}创文{_SUFFIXES.get(kind, '办')}" for kind in BulletinKind},
        )


def document_number(series: str, year: int, serial: int) -> str:
    """`昆创文办〔2026〕12号`."""
    return f"{series}〔{year}〕{serial}号"


def year_of(moment: datetime) -> int:
    """The year in which a document of that moment is numbered: the city's calendar year."""
    return moment.astimezone(CITY_ZONE).year
