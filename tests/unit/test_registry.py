"""The registry knows Kunming's units, who belongs to whom and what they are called."""

import csv
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from infra.organisation import unit_path
from infra.organisation.registry import Registry, Unit, UnitKind
from infra.problem import InvalidInput, NotFound

KUNMING = Registry.load("5301")
MEASURES = Path(__file__).parents[2] / "services/tasks/data/measures.csv"


def test_kunming_has_the_units_that_the_national_table_counts() -> None:
    counted = Counter(unit.kind for unit in KUNMING.all())

    assert counted[UnitKind.CITY] == 1
    assert counted[UnitKind.DISTRICT] == 14
    assert counted[UnitKind.DEV_ZONE] == 4
    assert counted[UnitKind.STREET] == 146
    assert counted[UnitKind.COMMUNITY] == 1738
    assert counted[UnitKind.SUB_HEADQUARTERS] == 9


def test_the_four_zones_stand_beside_the_districts() -> None:
    zones = {unit.path: unit.short_name for unit in KUNMING.all(kind=UnitKind.DEV_ZONE)}

    assert zones == {
        "5301/530102401": "高新区",
        "5301/530111402": "经开区",
        "5301/530112403": "滇池度假区",
        "5301/530125404": "阳宗海风景区",
    }


def test_26_communities_belong_to_a_zone_directly_and_are_of_the_fourth_tier() -> None:
    zones = KUNMING.all(kind=UnitKind.DEV_ZONE)
    direct = [unit for zone in zones for unit in KUNMING.children(zone.path, kind=UnitKind.COMMUNITY)]

    assert len(direct) == 26
    assert {unit.tier for unit in direct} == {4}


def test_every_unit_hangs_below_one_that_exists() -> None:
    for unit in KUNMING.all():
        assert unit_path.is_path(unit.path)
        assert unit == KUNMING.city or KUNMING.get(unit_path.parent(unit.path) or "") is not None


def test_a_unit_tells_its_names_kind_tier_and_code() -> None:
    unit = KUNMING.unit("5301/530126")

    assert unit == Unit("5301/530126", "石林彝族自治县", UnitKind.DISTRICT, "石林县")
    assert (unit.tier, unit.code, unit.kind.is_territory) == (2, "530126", True)


def test_an_unknown_path_is_not_found() -> None:
    assert KUNMING.get("5301/530199") is None
    with pytest.raises(NotFound) as refusal:
        KUNMING.unit("5301/530199")
    assert refusal.value.field == "unit"


def test_a_name_for_reading_falls_back_to_the_path() -> None:
    assert KUNMING.name("5301/530102/530102001") == "华山街道"
    assert KUNMING.name("5301/530199") == "5301/530199"


def test_children_are_those_one_level_below() -> None:
    streets = KUNMING.children("5301/530102", kind=UnitKind.STREET)

    assert [unit.short_name for unit in streets][:3] == ["华山街道", "护国街道", "大观街道"]
    assert len(streets) == 10
    assert KUNMING.children("5301/530102/530102001/530102001001") == ()


def test_the_second_tier_is_districts_and_zones() -> None:
    assert len(KUNMING.second_tier()) == 18


@pytest.mark.parametrize(
    ("path", "street"),
    [
        ("5301/530102/530102001/530102001001", "5301/530102/530102001"),
        ("5301/530102/530102001", "5301/530102/530102001"),
        ("5301/530102401/530102401001", "5301/530102401"),
        ("5301/530102", "5301/530102"),
        ("5301/530102/~psb", "5301/530102"),
    ],
)
def test_the_street_of_a_community_is_its_zone_where_no_street_stands_between(path: str, street: str) -> None:
    assert KUNMING.street_of(path) == street


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("市公安局", "5301/~psb"),
        ("昆明市公安局", "5301/~psb"),
        ("总指挥部办公室", "5301/~office"),
        ("五华区公安分局", "5301/530102/~psb"),
        ("石林县", "5301/530126"),
        ("昆明经济技术开发区", "5301/530111402"),
        ("马街街道", "5301/530112/530112002"),
        ("马街镇", "5301/530125/530125106"),
        (" 翠湖西路社区居民委员会 ", "5301/530102/530102001/530102001001"),
    ],
)
def test_a_unit_is_found_by_its_official_or_short_name(name: str, path: str) -> None:
    assert KUNMING.by_name(name).path == path


def test_a_name_that_several_units_bear_is_refused_with_the_candidates() -> None:
    with pytest.raises(InvalidInput) as refusal:
        KUNMING.by_name("和平社区")

    assert refusal.value.extra["candidates"] == [
        "5301/530103/530103008/530103008002",
        "5301/530112/530112010/530112010002",
        "5301/530129/530129001/530129001009",
    ]
    assert KUNMING.by_name("和平社区", within="5301/530112").path == "5301/530112/530112010/530112010002"


@pytest.mark.parametrize(
    ("code", "path"),
    [
        ("5301", "5301"),
        ("530102", "5301/530102"),
        ("530102401", "5301/530102401"),
        ("530102001001", "5301/530102/530102001/530102001001"),
        ("53010200100112", "5301/530102/530102001/530102001001"),
        ("530102001999", "5301/530102/530102001"),
        ("990102001", None),
    ],
)
def test_a_division_code_or_grid_cell_names_its_unit(code: str, path: str | None) -> None:
    found = KUNMING.by_code(code)

    assert (found.path if found else None) == path


def test_a_name_that_nobody_bears_is_not_found() -> None:
    with pytest.raises(NotFound):
        KUNMING.by_name("市长办公室")


def test_every_lead_unit_of_the_measures_is_known() -> None:
    with MEASURES.open(encoding="utf-8") as file:
        names = {name for row in csv.DictReader(file) for name in row["lead_units"].split(";")}
    addressed = {name: KUNMING.addressed(name) for name in names}

    assert len(addressed["各县(市)区"]) == 14
    assert len(addressed["开发(度假)园区"]) == 4
    singles = {name: units for name, units in addressed.items() if len(units) == 1}
    assert len(singles) == len(names) - 2
    assert {units[0].short_name for name, units in singles.items() if not name.startswith("中共")} == {
        name for name in singles if not name.startswith("中共")
    }


def test_the_version_names_city_date_and_content() -> None:
    city, date, digest = KUNMING.version.split("/")

    assert (city, date, len(digest)) == ("5301", "2023-06-30", 8)


def test_it_is_loaded_once_per_process() -> None:
    assert Registry.load("5301") is KUNMING


def test_the_six_digit_code_of_a_city_names_it_too() -> None:
    assert Registry.load("530100").version == KUNMING.version


def test_a_city_without_data_is_not_found() -> None:
    with pytest.raises(NotFound):
        Registry.load("9999")


def test_loading_takes_less_than_a_tenth_of_a_second_of_work() -> None:
    fastest = min(_time_to_load() for _ in range(3))

    assert fastest < 0.1


def _time_to_load() -> float:
    started = time.process_time()
    Registry.load.__wrapped__("5301")
    return time.process_time() - started


TABLES = {
    "cities.csv": 'code,name,provinceCode\n5399,"例市",53\n',
    "areas.csv": 'code,name,cityCode,provinceCode\n539901,"甲区",5399,53\n',
    "streets.csv": (
        "code,name,areaCode,provinceCode,cityCode\n"
        '539901001,"乙街道",539901,53,5399\n539901401,"例市高新开发区",539901,53,5399\n'
    ),
    "villages.csv": (
        "code,name,streetCode,provinceCode,cityCode,areaCode\n"
        '539901001001,"丙社区居民委员会",539901001,53,5399,539901\n539901401201,"丁村委会",539901401,53,5399,539901\n'
    ),
}


def test_any_city_is_imported_by_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.organisation import import_division

    monkeypatch.setattr(import_division, "DATA", tmp_path / "data")
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    directory = tmp_path / "data/539900"
    directory.mkdir(parents=True)
    (directory / "exceptions.csv").write_text(
        "code,kind,short_name,aliases\n539901401,dev_zone,高新区,高新开发区;例高新\n", encoding="utf-8"
    )

    import_division.import_city("5399", tmp_path, "2023-06-30")

    assert (directory / "units.csv").read_text(encoding="utf-8").splitlines() == [
        "path,name,kind,short_name,aliases",
        "5399,例市,city,例市,",
        "5399/539901,甲区,district,甲区,",
        "5399/539901401,例市高新开发区,dev_zone,高新区,高新开发区;例高新",
        "5399/539901/539901001,乙街道,street,乙街道,",
        "5399/539901/539901001/539901001001,丙社区居民委员会,community,丙社区,",
        "5399/539901401/539901401201,丁村委会,community,丁村,",
    ]


def test_a_city_that_the_tables_do_not_know_is_refused(tmp_path: Path) -> None:
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "infra.organisation.import_division", "5398", "--from", str(tmp_path)]

    ended = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])

    assert ended.returncode == 1
    assert "know no city '5398'" in ended.stderr
