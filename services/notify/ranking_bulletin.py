"""测评通报: what a published round's bulletin says. Pure: an event in, facts for the template out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from infra.organisation.registry import Registry
from services.assessment.contracts import RoundPublished, Standing
from services.notify.rendering import names, two_decimals

RULES = (
    "说明：单位得分为其范围内全部点位得分按点位类型权重的加权平均，保留两位小数；得分相同的名次并列，其后名次顺延；"
    "“较上轮”为与上一轮已公布名次相比上升（↑）或下降（↓）的位次。"
)
NAMED_AT_EACH_END = 3


class Part(msgspec.Struct, frozen=True):
    """One table of the bulletin; `within_district` adds the column that says to which district a street belongs."""

    heading: str
    column: str
    rows: list[Standing]
    within_district: bool


def title_of(event: RoundPublished) -> str:
    """关于2026年第一季度测评结果的通报."""
    return f"关于{event.title.removesuffix('结果')}结果的通报"


def facts_of(event: RoundPublished, registry: Registry, issued_at: datetime) -> dict[str, Any]:
    """What `templates/ranking` needs, but for office and number."""
    scored = [standing for standing in event.standings if standing.rank is not None]
    districts = [standing for standing in scored if standing.tier == 2]
    streets = [standing for standing in scored if standing.tier == 3]
    return {
        "title": title_of(event),
        "summary": _summary(event, districts, streets, registry),
        "parts": _parts(districts, streets),
        "unscored": [standing.unit for standing in event.standings if standing.rank is None],
        "rules": RULES,
        "issued_at": issued_at,
    }


def _parts(districts: list[Standing], streets: list[Standing]) -> list[Part]:
    parts = [
        Part("县（市）区、园区排名", "县（市）区、园区", districts, False),
        Part("街道（乡镇）排名", "街道（乡镇）", streets, True),
    ]
    filled = [part for part in parts if part.rows]
    numerals = zip("一二", filled, strict=False)
    return [msgspec.structs.replace(part, heading=f"{numeral}、{part.heading}") for numeral, part in numerals]


def _summary(event: RoundPublished, districts: list[Standing], streets: list[Standing], registry: Registry) -> str:
    sites = sum(standing.sites for standing in districts)
    words = (
        f"{event.title}已经结束，依据测评框架 {event.framework} 第{event.framework_version}版，共考察点位{sites}个，"
        f"涉及县（市）区、园区{len(districts)}个，街道（乡镇）{len(streets)}个。"
    )
    if len(districts) > 2 * NAMED_AT_EACH_END:
        words += _ends(districts, registry)
    return words + "现将结果予以通报。请排名靠后的单位对照扣分事项逐条整改，请各单位巩固成效、补齐短板。"


def _ends(districts: Sequence[Standing], registry: Registry) -> str:
    mean_of = [two_decimals(standing.score or 0) for standing in (districts[0], districts[-1])]
    best = names(registry, [standing.unit for standing in districts[:NAMED_AT_EACH_END]])
    last = names(registry, [standing.unit for standing in districts[-NAMED_AT_EACH_END:]])
    return f"县（市）区、园区最高得分{mean_of[0]}分，最低得分{mean_of[1]}分；得分居前的是{best}，得分靠后的是{last}。"
