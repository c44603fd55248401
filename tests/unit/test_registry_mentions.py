"""Units are found in running text by the names that people use, and doubt is reported as doubt."""

import pytest

from infra.organisation.registry import Registry

KUNMING = Registry.load("5301")
WUHUA, HUASHAN = "5301/530102", "5301/530102/530102001"


def found(text: str, within: str | None = None) -> list[tuple[str, list[str]]]:
    return [(m.text, [unit.path for unit in m.candidates]) for m in KUNMING.find_in_text(text, within)]


def test_mentions_come_in_the_order_of_the_text_with_their_place() -> None:
    mentions = KUNMING.find_in_text("五华区华山街道翠湖西路社区门口有人占道")

    assert [(m.start, m.text, m.unit.path if m.unit else None) for m in mentions] == [
        (0, "五华区", WUHUA),
        (3, "华山街道", HUASHAN),
        (7, "翠湖西路社区", HUASHAN + "/530102001001"),
    ]


@pytest.mark.parametrize(
    ("text", "form", "path"),
    [
        ("华山街道办不管", "华山街道办", HUASHAN),
        ("找了华山办事处", "华山办事处", HUASHAN),
        ("在五华，晚上", "五华", WUHUA),
        ("住在石林", "石林", "5301/530126"),
        ("昆明高新区的公司", "昆明高新区", "5301/530102401"),
        ("滇池度假区海埂", "滇池度假区", "5301/530112403"),
        ("阳宗海边", "阳宗海", "5301/530125404"),
        ("翠湖西路居委会", "翠湖西路居委会", HUASHAN + "/530102001001"),
        ("双河彝族乡政府", "双河彝族乡", "5301/530115/530115200"),
        ("市公安局已回复", "市公安局", "5301/~psb"),
    ],
)
def test_natural_short_forms_are_understood(text: str, form: str, path: str) -> None:
    assert found(text) == [(form, [path])]


def test_the_longest_name_wins() -> None:
    assert found("嵩明杨林经济技术开发区") == [("嵩明杨林经济技术开发区", ["5301/530127/530127401"])]


def test_like_names_of_different_rank_are_told_apart() -> None:
    assert found("马街街道") == [("马街街道", ["5301/530112/530112002"])]
    assert found("马街镇") == [("马街镇", ["5301/530125/530125106"])]


def test_an_old_name_is_understood_beside_its_district() -> None:
    assert found("西山区马街镇") == [("西山区", ["5301/530112"]), ("马街镇", ["5301/530112/530112002"])]
    assert found("呈贡乌龙") == [("呈贡", ["5301/530114"]), ("乌龙", ["5301/530114/530114004"])]
    assert found("东川区乌龙镇")[1:] == [("乌龙镇", ["5301/530113/530113105"])]


def test_a_name_of_several_units_is_reported_as_ambiguous() -> None:
    (mention,) = KUNMING.find_in_text("和平社区太脏")

    assert mention.ambiguous
    assert mention.unit is None
    assert [unit.path[:11] for unit in mention.candidates] == ["5301/530103", "5301/530112", "5301/530129"]


def test_a_district_beside_it_resolves_the_ambiguity() -> None:
    assert found("和平社区在西山区")[0] == ("和平社区", ["5301/530112/530112010/530112010002"])


def test_a_search_within_a_unit_sees_only_what_lies_inside() -> None:
    assert found("和平社区", within="5301/530103") == [("和平社区", ["5301/530103/530103008/530103008002"])]
    assert found("盘龙区与五华区", within=WUHUA) == [("五华区", [WUHUA])]


@pytest.mark.parametrize(
    "text", ["不得安宁", "盘龙江边", "城中村改造", "闹了乌龙", "三村合并", "利民富民", "", "区", "请尽快处理"]
)
def test_ordinary_words_are_no_mentions(text: str) -> None:
    assert found(text) == []


def test_a_road_named_like_a_street_office_is_not_that_office() -> None:
    assert found("西山区前卫西路") == [("西山区", ["5301/530112"])]
    assert found("西山区前卫的菜场") == [("西山区", ["5301/530112"]), ("前卫", ["5301/530112/530112005"])]
