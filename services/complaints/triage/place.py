"""Where a matter is: the smallest territorial unit that the report's fields, then its words, agree on.

Sources are asked one after the other, the most exact first (a grid cell's code, the address, title and text). Each may
only make more exact what an earlier one said: an address in 五华区 and a text that names 盘龙区 stay in 五华区.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from infra.organisation import unit_path
from infra.organisation.registry import Mention, Registry, Unit, UnitKind
from services.complaints.contracts import Reason

DEEPEST = 4
WORDS = "标题与正文"


class _Vote(NamedTuple):
    """A mention that speaks for a unit and everything that contains it; a community alone speaks only half as loud for
    its district, because names of communities repeat from district to district and city to city."""

    unit: Unit
    text: str

    def weight(self, level: int) -> float:
        return 0.5 if self.unit.kind == UnitKind.COMMUNITY and level == 2 else 1.0


def place_of(registry: Registry, title: str, text: str, fields: Mapping[str, str]) -> tuple[str, Reason]:
    """The path of the unit where the matter is, and why; the city itself where nothing says more."""
    place, evidence, doubts = registry.city.path, list[str](), list[str]()
    for source, words in [*fields.items(), (WORDS, f"{title}\n{text}")]:
        votes = [*_by_code(registry, words), *_by_name(registry, words, place, doubts)]
        better, said = _more_exact(place, votes)
        if better != place:
            place = better
            evidence.append(f"{source}：{said}")
    return place, _reason(registry, place, evidence, doubts)


def _by_code(registry: Registry, words: str) -> Iterable[_Vote]:
    """What a field that consists of a division code, or a grid cell that begins with one, says."""
    code = words.strip()
    if code.isascii() and code.isdigit() and len(code) >= 6 and (unit := registry.by_code(code)):
        yield _Vote(unit, code)


def _by_name(registry: Registry, words: str, place: str, doubts: list[str]) -> Iterable[_Vote]:
    within = None if place == registry.city.path else place
    for mention in registry.find_in_text(words, within):
        unit = mention.unit
        if mention.ambiguous:
            _note_doubt(mention, doubts)
        elif unit and unit.kind.is_territory:
            yield _Vote(unit, mention.text)
        elif unit and (body := registry.get(unit_path.parent(unit.path) or "")):
            yield _Vote(body, mention.text)


def _note_doubt(mention: Mention, doubts: list[str]) -> None:
    doubt = f"“{mention.text}”有{len(mention.candidates)}处同名"
    if doubt not in doubts:
        doubts.append(doubt)


def _more_exact(place: str, votes: list[_Vote]) -> tuple[str, str]:
    """`place` made as exact as the votes allow, level by level the unit with most votes, of equals the first named;
    and the words that named it."""
    said = ""
    for level in range(len(unit_path.ancestors(place)) + 1, DEEPEST + 1):
        weights: dict[str, float] = {}
        for vote in votes:
            if len(unit_path.ancestors(vote.unit.path)) >= level and unit_path.contains(place, vote.unit.path):
                path = unit_path.cut_to_tier(vote.unit.path, level)
                weights[path] = weights.get(path, 0.0) + vote.weight(level)
        if not weights:
            break
        place = max(weights, key=weights.__getitem__)
        said = next(vote.text for vote in votes if unit_path.contains(place, vote.unit.path))
    return place, said


def _reason(registry: Registry, place: str, evidence: list[str], doubts: list[str]) -> Reason:
    names = "".join(registry.name(path) for path in unit_path.ancestors(place)[1:]) or registry.city.short_name
    unsure = f"（{'；'.join(doubts)}，未采用）" if doubts else ""
    if not evidence:
        return Reason(f"来件未写明县(市)区，暂记{names}{unsure}", doubts)
    return Reason(f"依据{'、'.join(evidence)}定位到{names}{unsure}", [*evidence, *doubts])
