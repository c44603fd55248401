"""Finding the city's units in running Chinese text by the names people use.

The longest form that starts at a position wins: 华山街道办 before 华山街道.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from infra.longest_match import TermTable
from infra.organisation import unit_path
from infra.organisation.spoken_names import forms
from infra.organisation.unit import Unit

_ROAD_OR_SIGHT = re.compile(
    "[东南西北中前后上下内外]?[一二三四五六七八九十]?(?:路|街|巷|道|桥|河|江|山|湖|寺|宫|坊|水库|公园|花园|小学|中学|医院)"
)


class Mention(msgspec.Struct, frozen=True):
    """`text` stands at `start` and names one of `candidates` (at least one; in the order of the registry)."""

    text: str
    start: int
    candidates: tuple[Unit, ...]

    @property
    def ambiguous(self) -> bool:
        """Whether several units bear this name and nothing beside it decided between them."""
        return len(self.candidates) > 1

    @property
    def unit(self) -> Unit | None:
        """The unit that is meant, None while it is ambiguous."""
        return None if self.ambiguous else self.candidates[0]


class _Bearer(NamedTuple):
    """A unit that bears a form, and whether the form is weak for it."""

    unit: Unit
    weak: bool

    def support(self, certain: set[str]) -> int:
        """How many of the certain units contain this one; the city does not count, it contains all."""
        return sum(path in certain for path in unit_path.ancestors(self.unit.path)[1:-1])


class _Found(NamedTuple):
    text: str
    start: int
    bearers: list[_Bearer]

    @property
    def certain(self) -> Unit | None:
        """The unit that is meant beyond doubt, whatever else the text says."""
        return self.bearers[0].unit if len(self.bearers) == 1 and not self.bearers[0].weak else None


class MentionFinder:
    """The names of `units`, ready to be looked for. `look_alikes` are words that contain a name and mean no unit."""

    def __init__(self, units: Iterable[Unit], look_alikes: Iterable[str] = ()) -> None:
        self._names: dict[str, list[_Bearer]] = {}
        for unit in units:
            for text, weak in {form.text: form.weak for form in reversed([*forms(unit)])}.items():
                bearers = self._names.setdefault(text, [])
                if not (weak and any(unit_path.contains(other.unit.path, unit.path) for other in bearers)):
                    bearers.append(_Bearer(unit, weak))
        self._names.update({word: [] for word in look_alikes})
        self._table = TermTable(self._names)

    def bearers(self, name: str) -> tuple[Unit, ...]:
        """Every unit that is called `name`; those for which it is a weak form only where there is no other."""
        bearers = self._names.get(name, [])
        return tuple(bearer.unit for bearer in _strong(bearers) or bearers)

    def find(self, text: str, within: str | None = None) -> list[Mention]:
        """The units mentioned in `text`, in order; with `within` (a path) only those inside that unit.

        A name with several bearers is decided by certain mentions of units that contain one of them, and then in
        favour of those for which it is no weak form; what that leaves is ambiguous. A weak form that no certain
        mention supports is no mention at all.
        """
        found = [_Found(text, start, _inside(bearers, within)) for text, start, bearers in self._scan(text)]
        certain = {one.certain.path for one in found if one.certain}
        if within:
            certain.update(unit_path.ancestors(within))
        decided = (Mention(one.text, one.start, _decide(one.bearers, certain)) for one in found)
        return [mention for mention in decided if mention.candidates]

    def _scan(self, text: str) -> Iterator[_Found]:
        """Every form in `text`, also look-alikes (no bearers); before 路 or 公园 a weak form names a road or sight."""
        for form, start in self._table.scan(text):
            bearers = self._names[form]
            continues = _ROAD_OR_SIGHT.match(text, start + len(form))
            yield _Found(form, start, _strong(bearers) if continues else bearers)


def _strong(bearers: list[_Bearer]) -> list[_Bearer]:
    return [bearer for bearer in bearers if not bearer.weak]


def _inside(bearers: list[_Bearer], within: str | None) -> list[_Bearer]:
    return [bearer for bearer in bearers if within is None or unit_path.contains(within, bearer.unit.path)]


def _decide(bearers: list[_Bearer], certain: set[str]) -> tuple[Unit, ...]:
    possible = [bearer for bearer in bearers if not bearer.weak or bearer.support(certain)]
    nearest = max((bearer.support(certain) for bearer in possible), default=0)
    kept = [bearer for bearer in possible if bearer.support(certain) == nearest]
    return tuple(bearer.unit for bearer in _strong(kept) or kept)
