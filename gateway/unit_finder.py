"""Finding the unit that a query names: by path, by division code, or by name."""

from collections.abc import Container

from infra.organisation import unit_path
from infra.organisation.registry import Registry
from infra.organisation.unit import Unit, UnitKind
from infra.problem import InvalidInput, NotFound

NO_DUTIES = frozenset({UnitKind.CITY, UnitKind.COMMUNITY})


def with_duties(registry: Registry) -> list[Unit]:
    """Every unit to which a duty can be given; what the headquarters' office does, it keeps. tasks judges it again."""
    office = unit_path.office_of(registry.city.path)
    return [unit for unit in registry.all() if unit.kind not in NO_DUTIES and unit.path != office]


def find_named(
    registry: Registry,
    kinds: Container[UnitKind],
    *,
    path: str | None,
    code: str | None,
    name: str | None,
    within: str | None,
) -> Unit:
    """The unit of one of `kinds` that exactly one of `path`, `code` and `name` (inside `within`) gives.

    Raises InvalidInput where none or several are given or the name is ambiguous, NotFound where there is none.
    """
    given = {field: value for field, value in (("path", path), ("code", code), ("name", name)) if value is not None}
    if len(given) != 1:
        raise InvalidInput(
            "give exactly one of path, code and name", "请用 path、code、name 三者之一指明单位", field="path"
        )
    [(field, value)] = given.items()
    found = _lookup(registry, field, value, within)
    if found is None or found.kind not in kinds:
        raise NotFound(f"no such unit: {value!r}", f"没有这个单位：{value}", field=field)
    return found


def _lookup(registry: Registry, field: str, value: str, within: str | None) -> Unit | None:
    if field == "name":
        return registry.by_name(value, within=within)
    return registry.get(value) if field == "path" else registry.by_code(value)
