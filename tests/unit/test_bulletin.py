"""The ranking bulletin: number, words and tables, exactly as they are read."""

import re
from datetime import UTC, datetime

import pytest

from infra.messaging.event import unseal
from infra.organisation.registry import Registry
from services.assessment.contracts import Grade, RoundPublished, Standing
from services.notify.bulletin import Bulletin
from services.notify.contracts import BulletinIssued, BulletinKind
from services.notify.letterhead import Letterhead, document_number, year_of
from services.notify.ranking_bulletin import facts_of
from services.notify.rendering import Rendered, Renderer, change_in_words

WUHUA, GAOXIN, HUASHAN = "5301/530102", "5301/530102401", "5301/530102/530102001"
APRIL_2 = datetime(2026, 4, 2, 1, tzinfo=UTC)


def standing(unit: str, tier: int, score: float | None, rank: int | None, change: int | None) -> Standing:
    grade = None if score is None else Grade.A if score >= 90 else Grade.B
    return Standing(unit=unit, tier=tier, score=score, rank=rank, grade=grade, change=change, sites=7, deductions=3)


PUBLISHED = RoundPublished(
    round_id="2026-Q1",
    title="2026年第一季度测评",
    framework="kunming-sites",
    framework_version=1,
    period="2026-Q1",
    published_at=APRIL_2,
    standings=[
        standing(GAOXIN, 2, 91.5, 1, 3),
        standing(WUHUA, 2, 88.04, 2, -1),
        standing("5301/530103", 2, None, None, None),
        standing(HUASHAN, 3, 88.04, 1, None),
    ],
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load("5301")


def rendered(registry: Registry, event: RoundPublished = PUBLISHED) -> Rendered:
    facts = facts_of(event, registry, APRIL_2)
    office = Letterhead.of(registry).office
    return Renderer(registry).render("ranking", office=office, number="昆创文办〔2026〕12号", **facts)


def test_the_text_reads_like_an_official_document(registry: Registry) -> None:
    assert rendered(registry).text == (
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "昆创文办〔2026〕12号\n"
        "\n"
        "关于2026年第一季度测评结果的通报\n"
        "\n"
        "各县（市）区、开发（度假）园区，各街道（乡镇）：\n"
        "\n"
        "2026年第一季度测评已经结束，依据测评框架 kunming-sites 第1版，共考察点位14个，"
        "涉及县（市）区、园区2个，街道（乡镇）1个。现将结果予以通报。"
        "请排名靠后的单位对照扣分事项逐条整改，请各单位巩固成效、补齐短板。\n"
        "\n"
        "一、县（市）区、园区排名\n"
        "1. 高新区　91.50分　A　点位7　扣分项3　较上轮↑3\n"
        "2. 五华区　88.04分　B　点位7　扣分项3　较上轮↓1\n"
        "\n"
        "二、街道（乡镇）排名\n"
        "1. 华山街道（五华区）　88.04分　B　点位7　扣分项3　较上轮—\n"
        "\n"
        "本轮没有测评点位、不参加排名的单位：盘龙区。\n"
        "\n"
        "说明：单位得分为其范围内全部点位得分按点位类型权重的加权平均，保留两位小数；得分相同的名次并列，其后名次顺延；"
        "“较上轮”为与上一轮已公布名次相比上升（↑）或下降（↓）的位次。\n"
        "\n"
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "2026年4月2日\n"
    )


def test_the_page_has_a_row_for_every_ranked_unit_and_fetches_nothing(registry: Registry) -> None:
    html = rendered(registry).html
    rows = re.findall(r"<tr><td>(\d+)</td><td class=\"unit\">([^<]+)</td>", html)

    assert rows == [("1", "高新区"), ("2", "五华区"), ("1", "华山街道")]
    assert "昆创文办〔2026〕12号" in html
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", html)


def test_a_round_without_streets_numbers_its_only_part_one(registry: Registry) -> None:
    event = RoundPublished(
        **{name: getattr(PUBLISHED, name) for name in PUBLISHED.__struct_fields__[:-1]},
        standings=[PUBLISHED.standings[3]],
    )

    assert [part.heading for part in facts_of(event, registry, APRIL_2)["parts"]] == ["一、街道（乡镇）排名"]


def test_what_comes_from_outside_is_escaped(registry: Registry) -> None:
    event = RoundPublished(
        **{name: getattr(PUBLISHED, name) for name in PUBLISHED.__struct_fields__ if name != "title"},
        title="<b>测评</b>",
    )

    page = rendered(registry, event)

    assert "<b>" not in page.html
    assert "&lt;b&gt;测评&lt;/b&gt;" in page.html
    assert "关于<b>测评</b>结果的通报" in page.text


@pytest.mark.parametrize(("change", "words"), [(None, "—"), (0, "持平"), (3, "↑3"), (-12, "↓12")])
def test_change_is_said_in_words(change: int | None, words: str) -> None:
    assert change_in_words(change) == words


def test_a_number_names_series_year_and_serial() -> None:
    assert document_number("昆创文办", 2026, 12) == "昆创文办〔2026〕12号"


def test_the_year_of_a_document_is_the_citys() -> None:
    assert year_of(datetime(2026, 12, 31, 16, tzinfo=UTC)) == 2027  # midnight in Kunming


def test_every_kind_of_document_has_a_series(registry: Registry) -> None:
    assert set(Letterhead.of(registry).series) == set(BulletinKind)


def test_a_city_without_a_letterhead_gets_one_from_its_name(registry: Registry, tmp_path) -> None:
    letterhead = Letterhead.of(registry, tmp_path)

    assert letterhead.office == "昆明市创建全国文明城市工作总指挥部办公室"
    assert letterhead.series[BulletinKind.RANKING] == "昆明创文办"
    assert letterhead.series[BulletinKind.ASSIGNMENT] == "昆明创文交"


def test_an_issued_bulletin_tells_it() -> None:
    bulletin = Bulletin.issue(
        "ranking-2026-Q1",
        BulletinKind.RANKING,
        "昆创文办〔2026〕12号",
        "关于2026年第一季度测评结果的通报",
        Rendered("text", "html"),
        ["5301", WUHUA],
        round_id="2026-Q1",
        at=APRIL_2,
        cause="assessment/round/2026-Q1#2",
    )

    (envelope,) = bulletin.outbox
    assert (envelope.id, envelope.cause) == ("notify/bulletin/ranking-2026-Q1#1", "assessment/round/2026-Q1#2")
    assert unseal(envelope, {"bulletin_issued": BulletinIssued}).event == BulletinIssued(
        bulletin_id="ranking-2026-Q1",
        number="昆创文办〔2026〕12号",
        kind=BulletinKind.RANKING,
        title="关于2026年第一季度测评结果的通报",
        issued_at=APRIL_2,
        units=["5301", WUHUA],
        round_id="2026-Q1",
    )
