"""The registry of a city's units: who there is, who belongs to whom, and whom a text means. Immutable once loaded."""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.organisation import unit_path
from infra.organisation.import_division import Rows, city_directory, read_csv
from infra.organisation.mentions import Mention, MentionFinder
from infra.organisation.unit import SECOND_TIER, Unit, UnitKind
from infra.problem import InvalidInput, NotFound

__all__ = ["Mention", "Registry", "Unit", "UnitKind"]

ALL_DISTRICTS = frozenset({"各县(市)区", "各县（市）区"})
ALL_ZONES = frozenset({"开发(度假)园区", "各开发(度假)园区", "开发（度假）园区", "各开发（度假）园区"})
_FILES = ("units.csv", "departments.csv", "look_alikes.csv")


class Registry:
    """The units of one city. `version` names the data in force: city, date of the divisions, digest of the files."""

    def __init__(self, units: Iterable[Unit], *, version: str, look_alikes: Iterable[str] = ()) -> None:
        self.version = version
        self._units = {unit.path: unit for unit in units}
        self._children: dict[str, list[Unit]] = {}
        for unit in self._units.values():
            self._children.setdefault(unit_path.parent(unit.path) or "", []).append(unit)
        self._codes = {unit.code: unit for unit in self._units.values() if unit.kind.is_territory}
        self._finder = MentionFinder(self._units.values(), look_alikes)

    @staticmethod
    @functools.cache
    def load(city_code: str = "5301") -> "Registry":
        """The registry of the city with the code (5301, or 530100); loaded once per process.

        Raises NotFound where no data of that city are here (`infra.organisation.import_division` makes them).
        """
        directory = city_directory(city_code.removesuffix("00") if len(city_code) == 6 else city_code)
        if not (directory / "units.csv").exists():
            raise NotFound(
                f"no units of city {city_code!r}; make them with infra.organisation.import_division",
                f"没有城市{city_code}的机构数据",
                field="city",
            )
        territory = [_unit(row) for row in read_csv(directory / "units.csv")]
        departments = list(_departments(_read(directory, "departments.csv"), territory))
        look_alikes = [row["text"] for row in _read(directory, "look_alikes.csv")]
        return Registry([*territory, *departments], version=_version(directory), look_alikes=look_alikes)

    @property
    def city(self) -> Unit:
        """The city itself."""
        return self._children[""][0]

    def get(self, path: str) -> Unit | None:
        """The unit at `path`, or None."""
        return self._units.get(path)

    def unit(self, path: str) -> Unit:
        """The unit at `path`. Raises NotFound."""
        found = self._units.get(path)
        if found is None:
            raise NotFound(f"no unit {path!r}", f"没有这个单位：{path}", field="unit")
        return found

    def name(self, path: str) -> str:
        """The short name of the unit at `path` for people to read; the path itself where it is not known."""
        found = self._units.get(path)
        return found.short_name if found else path

    def children(self, path: str, *, kind: UnitKind | None = None) -> tuple[Unit, ...]:
        """The units directly below `path` (departments too), in the order of the data; with `kind` only such."""
        return tuple(unit for unit in self._children.get(path, ()) if kind in {None, unit.kind})

    def all(self, *, kind: UnitKind | None = None) -> tuple[Unit, ...]:
        """Every unit, parents before children; with `kind` only such."""
        return tuple(unit for unit in self._units.values() if kind in {None, unit.kind})

    def second_tier(self) -> tuple[Unit, ...]:
        """The districts and the development zones beside them."""
        return tuple(unit for unit in self.children(self.city.path) if unit.kind in SECOND_TIER)

    def street_of(self, path: str) -> str:
        """The path of the street that `path` lies in; of the zone where no street stands between; else `path`."""
        for above in reversed(unit_path.ancestors(path)):
            found = self._units.get(above)
            if found and found.kind.is_territory and found.kind != UnitKind.COMMUNITY:
                return above
        return path

    def by_code(self, code: str) -> Unit | None:
        """The territorial unit with the division code (4, 6, 9 or 12 digits); longer codes, as of a grid cell, name the
        unit whose code they begin with. None where there is none."""
        return next((self._codes[code[:n]] for n in (12, 9, 6, 4) if len(code) >= n and code[:n] in self._codes), None)

    def by_name(self, name: str, *, within: str | None = None) -> Unit:
        """The one unit (inside `within`) that is called `name`, officially or for short.

        Raises NotFound where there is none, InvalidInput with `candidates` (paths) where there are several.
        """
        bearers = self._finder.bearers(name.strip())
        inside = [unit for unit in bearers if within is None or unit_path.contains(within, unit.path)]
        if not inside:
            raise NotFound(f"no unit is called {name!r}", f"没有名为“{name}”的单位", field="name")
        if len(inside) > 1:
            said, said_zh = f"{name!r} is the name of several units", f"“{name}”有多个同名单位"
            raise InvalidInput(said, said_zh, field="name", candidates=[unit.path for unit in inside])
        return inside[0]

    def addressed(self, name: str) -> tuple[Unit, ...]:
        """The units that a document addresses as `name`: all districts for 各县(市)区, all zones for 开发(度假)园区,
        else the one that is called so (see `by_name`, also for the errors)."""
        name = name.strip()
        if name in ALL_DISTRICTS:
            return self.children(self.city.path, kind=UnitKind.DISTRICT)
        if name in ALL_ZONES:
            return self.children(self.city.path, kind=UnitKind.DEV_ZONE)
        return (self.by_name(name),)

    def find_in_text(self, text: str, within: str | None = None) -> list[Mention]:
        """The units that `text` mentions, in order; with `within` only those inside it. See `MentionFinder.find`."""
        return self._finder.find(text, within)


def _unit(row: dict[str, str]) -> Unit:
    aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
    return Unit(row["path"], row["name"], UnitKind(row["kind"]), row["short_name"], aliases)


def _departments(rows: Rows, territory: list[Unit]) -> Iterator[Unit]:
    """The city's departments, and below every district and zone the bureau of each that has a `district_pattern`."""
    yield from (_unit(row) for row in rows)
    for above in (unit for unit in territory if unit.kind in SECOND_TIER):
        for row in rows:
            if pattern := row["district_pattern"]:
                name = pattern.format(unit=above.short_name)
                code = row["path"].rpartition(unit_path.SEPARATOR)[2]
                yield Unit(f"{above.path}/{code}", name, UnitKind.DEPARTMENT, name)


def _read(directory: Path, file: str) -> Rows:
    path = directory / file
    return read_csv(path) if path.exists() else []


def _version(directory: Path) -> str:
    origin = json.loads((directory / "source.json").read_text(encoding="utf-8"))
    present = (directory / file for file in _FILES)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in present if path.exists())).hexdigest()
    return f"{origin['city_code']}/{origin['as_of']}/{digest[:8]}"
