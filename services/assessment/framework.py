"""Frameworks: what is looked at on a site, how many points it is worth, how much each type of site weighs.

A framework is a versioned tree, category → site type → item. A round uses one version for ever: when the first round
opens on a version, the whole tree is kept in the database, and a file that says something else under the same name
and version is refused from then on.
"""

from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import msgspec

from infra.problem import InvalidInput, NotFound
from services.assessment.contracts import Grade

DATA = Path(__file__).parent / "data"
FULL_SCORE = Decimal(100)


class Item(msgspec.Struct, frozen=True):
    """One thing that is checked on a site; `points` is the most that can be lost on it."""

    name: str
    points: Decimal
    method: str


class SiteType(msgspec.Struct, frozen=True):
    """A type of site (公厕, 社区, …). Its items' points add up to 100; `weight` is its weight in a unit's mean."""

    name: str
    weight: Decimal
    items: tuple[Item, ...]

    def item(self, name: str) -> Item | None:
        """The item called `name`, or None."""
        return next((item for item in self.items if item.name == name), None)


class Category(msgspec.Struct, frozen=True):
    """测评项目: a branch of the tree."""

    name: str
    site_types: tuple[SiteType, ...]


class Framework(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One version of a framework. `grades` holds the lowest score of each grade but the last."""

    name: str
    version: int
    title: str
    effective_from: date
    grades: dict[Grade, Decimal]
    categories: tuple[Category, ...]

    @cached_property
    def site_types(self) -> dict[str, SiteType]:
        """Every type of site by its name."""
        return {kind.name: kind for category in self.categories for kind in category.site_types}

    def grade(self, score: Decimal) -> Grade:
        """The grade of a score of 0..100: the best whose lowest score it reaches."""
        reached = (grade for grade, lowest in sorted(self.grades.items()) if score >= lowest)
        return next(reached, Grade.E)

    def to_json(self) -> bytes:
        """The whole tree, always in the same bytes."""
        return msgspec.json.encode(self, order="sorted")


def read_framework(text: bytes) -> Framework:
    """The framework that a JSON file describes.

    Raises InvalidInput naming what is wrong: a field, a doubled type of site, items that do not add up to 100 points.
    """
    try:
        framework = msgspec.json.decode(text, type=Framework)
    except msgspec.DecodeError as error:
        raise InvalidInput(f"not a framework: {error}", f"测评框架文件有误：{error}", field="framework") from error
    _check(framework)
    return framework


def _check(framework: Framework) -> None:
    names = [kind.name for category in framework.categories for kind in category.site_types]
    if len(names) != len(set(names)):
        raise InvalidInput("a type of site stands in two places", "点位类型重复", field="site_types")
    for kind in framework.site_types.values():
        total = sum((item.points for item in kind.items), Decimal(0))
        if total != FULL_SCORE:
            detail = f"the items of {kind.name} add up to {total} points, not 100"
            raise InvalidInput(detail, f"“{kind.name}”各测评项目分值合计为{total}，应为100", field="points")
        if kind.weight <= 0:
            raise InvalidInput(
                f"the weight of {kind.name} is not positive", f"“{kind.name}”的权重应大于零", field="weight"
            )


def load_framework(name: str, version: int, directory: Path = DATA) -> Framework:
    """The framework `name` in `version` from the files that come with the service. Raises NotFound."""
    for path in directory.glob("framework-*.json"):
        framework = read_framework(path.read_bytes())
        if (framework.name, framework.version) == (name, version):
            return framework
    raise NotFound(f"no framework {name} version {version}", f"没有测评框架 {name} 第{version}版", field="framework")
