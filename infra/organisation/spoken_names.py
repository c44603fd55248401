"""How people call a unit: the forms under which its name turns up in a citizen's text.

A form is *weak* when it is also an ordinary word (中村, 乌龙) or out of date (马街镇 for 马街街道): it counts only
beside a mention of a unit that contains it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from infra.organisation.unit import Unit, UnitKind

_MINORITIES = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|佤族|畲族|高山族|拉祜族|水族|"
    "东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|阿昌族|普米族|塔吉克族|怒族|乌孜别克族|俄罗斯族|"
    "鄂温克族|德昂族|保安族|裕固族|京族|塔塔尔族|独龙族|鄂伦春族|赫哲族|门巴族|珞巴族|基诺族|各族"
)
_AUTONOMOUS = re.compile(rf"(?P<place>.+?)(?:{_MINORITIES})+(?:自治)?(?P<kind>[县旗乡镇])")
_VILLAGE_COMMITTEE = re.compile(r"(?P<place>.+?)(?:村民委员会|村委会)")
_RESIDENTS_COMMITTEE = re.compile(r"(?P<place>.+?)(?:居民委员会|居委会)")


class Form(NamedTuple):
    """One way to write a unit's name."""

    text: str
    weak: bool = False


def short_name(name: str, kind: UnitKind) -> str:
    """What officers write for the official `name`: 石林县 for 石林彝族自治县, 翠湖西路社区 for 翠湖西路社区居民委员会,
    联合村 for 联合村民委员会."""
    if kind != UnitKind.COMMUNITY:
        autonomous = _AUTONOMOUS.fullmatch(name)
        return autonomous["place"] + autonomous["kind"] if autonomous else name
    if village := _VILLAGE_COMMITTEE.fullmatch(name):
        return _ending(village["place"], "村")
    if residents := _RESIDENTS_COMMITTEE.fullmatch(name):
        return _ending(residents["place"], "社区")
    return name


def forms(unit: Unit) -> Iterator[Form]:
    """Every form of `unit`'s name, the official one first; forms of one character are left out. May repeat itself."""
    yield Form(unit.name)
    yield Form(unit.short_name, weak=unit.kind == UnitKind.COMMUNITY and not unit.short_name.endswith("社区"))
    yield from (Form(alias) for alias in unit.aliases)
    if unit.kind in {UnitKind.CITY, UnitKind.DISTRICT} and not unit.aliases:
        yield from _bare(unit.short_name[:-1])
    elif unit.kind == UnitKind.STREET:
        yield from _street_offices(unit.short_name)
    elif unit.kind == UnitKind.COMMUNITY:
        yield from _committees(unit.short_name)


def _bare(place: str) -> Iterator[Form]:
    if len(place) > 1:
        yield Form(place)


def _street_offices(name: str) -> Iterator[Form]:
    if name.endswith("街道"):
        place = name.removesuffix("街道")
        yield from (Form(place + end) for end in ("街道办事处", "街道办", "办事处"))
        yield from (Form(place + end, weak=True) for end in ("", "镇", "乡"))
    elif name.endswith(("镇", "乡")):
        yield from (Form(name + end) for end in ("政府", "人民政府"))
        yield Form(name[:-1], weak=True)


def _committees(name: str) -> Iterator[Form]:
    if name.endswith("社区"):
        place = name.removesuffix("社区")
        yield from (Form(place + end) for end in ("社区居民委员会", "社区居委会", "居民委员会", "居委会"))
    elif name.endswith("村"):
        yield from (Form(name + end) for end in ("村民委员会", "村委会", "委会"))


def _ending(place: str, ending: str) -> str:
    return place if place.endswith(ending) else place + ending
