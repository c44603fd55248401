"""What two alike texts name differently: the same complaint about another house, road or school is another matter.

Collectors send one sentence for one place after another, and people copy a neighbour's complaint for their own house.
Compared are names by what they are names of: 翠湖南路 and 翠湖北路 are both 路, 3栋 and 5栋 both 栋. Where both texts
name things of one kind and none of them is the same, they are about different things.
"""

import re

_NUMBERED = re.compile(r"(\d+|[一二三四五六七八九十]+)(号楼|号线|单元|号|栋|幢|座|室|组|期)")
_KINDS = "幼儿园|大道|社区|小区|学校|学院|大学|小学|中学|医院|公司|家园|花园|公寓|广场|大厦|酒店|路|街|巷|村|苑|桥"
_NAMED = re.compile(rf"(?=([\u4e00-\u9fff]{{2}})({_KINDS}))")
# What precedes a kind without naming it: 道路, 马路, 该小区, 我们小区, 这条路 …
_NO_NAME = frozenset("的该本此个我们各这那条马道公铁线一上半走过车在是和与到有把让为从每某老新大小乡农天立")

Names = frozenset[str]  # "路:湖南", "栋:3"


def named_things(plain: str) -> Names:
    """The things that the normalised text names, by their kind and the two characters before it, or their number."""
    numbered = (f"{found[2]}:{found[1]}" for found in _NUMBERED.finditer(plain))
    named = (f"{found[2]}:{found[1]}" for found in _NAMED.finditer(plain) if found[1][1] not in _NO_NAME)
    return frozenset([*numbered, *named])


def different_things(one: Names, other: Names) -> str:
    """A kind of which both name things, but none that is the same, as `湖南路≠湖北路`; "" where there is none."""
    mine, theirs = _by_kind(one), _by_kind(other)
    for kind in sorted(mine.keys() & theirs.keys()):
        if not mine[kind] & theirs[kind]:
            return f"{min(mine[kind])}{kind}≠{min(theirs[kind])}{kind}"
    return ""


def _by_kind(names: Names) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for one in names:
        kind, _, name = one.partition(":")
        kinds.setdefault(kind, set()).add(name)
    return kinds
