"""The routing table: what a row may say, what an edit changes, and that the first match is the only possible one."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.problem import InvalidInput, Refused
from services.tasks.contracts import RoutingRow, RoutingRowView
from services.tasks.routing_table.commands import changes, read_rows
from services.tasks.routing_table.explaining import matter_asked
from services.tasks.routing_table.rows import Matter, RoutingTable, exactness, key_of, misfit
from services.tasks.routing_table.sheet import shipped_table
from tests.unit.tasks_made import KUNMING, STREET

TODAY = date(2026, 3, 2)
BAR = {"category": "environment.noise_life", "goes_to": "~psb", "because": "夜间噪声由公安处置"}
BUREAU = "5301/530102/~psb"

categories = st.sampled_from(["", "noise", "noise.bar", "noise.bar.late", "dust"])
places = st.sampled_from(["", "5301", "5301/530102", STREET, "5301/530103"])
kinds, subjects = st.sampled_from(["", "complaint", "help"]), st.sampled_from(["", "政法"])
channels = st.sampled_from(["", "weibo", "hotline_12345"])
rows = st.builds(
    RoutingRow,
    category=categories,
    place=places,
    kind=kinds,
    subject=subjects,
    channel=channels,
    difficult=st.sampled_from([None, True, False]),
    goes_to=st.sampled_from(["territory", "~psb", "~ucb"]),
    removed=st.booleans(),
    effective_from=st.integers(-3, 3).map(lambda n: TODAY + timedelta(days=n)),
)
matters = st.builds(Matter, categories, places, kinds, subjects, channels, st.booleans())


def table_of(rows: list[RoutingRow]) -> RoutingTable:
    return RoutingTable(1, [RoutingRowView(number=n, row=row) for n, row in enumerate(rows, start=1)])


@given(st.lists(rows, max_size=25), matters)
@settings(max_examples=300, deadline=None)
def test_of_the_rows_that_fit_exactly_one_is_the_most_exact_and_it_decides(rows: list[RoutingRow], m: Matter) -> None:
    table = table_of(rows)
    fitting = [one for one in table.on(TODAY) if misfit(one.row, m) is None]
    found = table.first_match(m, TODAY)
    assert (found is None) == (fitting == [])
    if found is not None:
        best = max(exactness(one.row) for one in fitting)
        assert [one for one in fitting if exactness(one.row) == best] == [found]


@given(st.lists(rows, max_size=25), matters)
@settings(max_examples=200, deadline=None)
def test_a_row_is_as_its_youngest_version_in_force_says(rows: list[RoutingRow], m: Matter) -> None:
    force = table_of(rows).on(TODAY)
    assert len({key_of(one.row) for one in force}) == len(force)
    for one in force:
        versions = [row for row in rows if key_of(row) == key_of(one.row) and row.effective_from <= TODAY]
        youngest = max(row.effective_from for row in versions)
        assert [row for row in versions if row.effective_from == youngest][-1] == one.row
        assert not one.row.removed


@given(st.lists(rows, max_size=20), rows, matters)
@settings(max_examples=200, deadline=None)
def test_what_is_edited_for_later_changes_nothing_before(rows: list[RoutingRow], more: RoutingRow, m: Matter) -> None:
    later = [*rows, RoutingRow(**{n: getattr(more, n) for n in more.__struct_fields__} | {"effective_from": date.max})]
    assert table_of(rows).first_match(m, TODAY) == table_of(later).first_match(m, TODAY)


@pytest.mark.parametrize(
    ("wrong", "field", "zh"),
    [
        ({"category": "noise"}, "category", "类别“noise”不存在"),
        ({"category": "sanitation.g"}, "category", "类别“sanitation.g”不存在"),
        ({"place": "5301/999999"}, "place", "地点“5301/999999”不存在"),
        ({"place": "5301/~psb"}, "place", "地点“5301/~psb”不存在"),
        ({"kind": "wish"}, "kind", "诉求类型“wish”不存在"),
        ({"channel": "pigeon"}, "channel", "来源渠道“pigeon”不存在"),
        ({"subject": "天气"}, "subject", "一级分类“天气”不存在"),
        ({"goes_to": "~nobody"}, "goes_to", "承办单位“~nobody”不存在"),
        ({"goes_to": ""}, "goes_to", "承办单位“”不存在"),
        ({"goes_to": "5301"}, "goes_to", "承办单位“5301”不存在"),
        ({"goes_to": "district/~nobody"}, "goes_to", "承办单位“district/~nobody”不存在"),
        ({"lead": "~office"}, "lead", "牵头部门“~office”不存在"),
        ({"lead": "territory"}, "lead", "牵头部门“territory”不存在"),
        ({"assists": ["~ucb", "~nobody"]}, "assists[1]", "协办单位“~nobody”不存在"),
        ({"assists": ["~psb"]}, "assists", "协办单位重复或过多"),
        ({"because": " "}, "because", "应注明依据，且不超过200字"),
    ],
)
def test_a_row_that_names_what_nobody_knows_is_refused_in_two_languages(
    wrong: dict[str, Any], field: str, zh: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rows([BAR | wrong], KUNMING, TODAY)
    assert (refused.value.field, refused.value.detail_zh) == (f"rows[0].{field}", zh)


def test_every_wrong_row_of_an_import_is_named_and_so_are_ties() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rows([BAR, BAR | {"goes_to": "~ucb"}, BAR | {"kind": "wish"}, {"colour": "red"}], KUNMING, TODAY)
    named = [(one["field"], one["reason_zh"]) for one in refused.value.extra["refused"]]
    assert named == [
        ("rows[1]", "与另一行适用范围完全相同"),
        ("rows[2].kind", "诉求类型“wish”不存在"),
        ("rows[3]", "路由行有误：colour"),
    ]


def test_rows_may_name_words_departments_bureaus_and_paths() -> None:
    for goes_to in ("territory", "district", "proposed", "office", "~ucb", "district/~ucb", STREET, BUREAU):
        [row] = read_rows([BAR | {"goes_to": goes_to}], KUNMING, TODAY)
        assert row.goes_to == goes_to


def edited(*bodies: dict[str, Any], whole: bool = False) -> list[RoutingRow]:
    return changes(shipped_table(), read_rows(list(bodies), KUNMING, TODAY), TODAY, whole=whole)


def test_an_edit_holds_what_makes_a_difference_and_keeps_the_name_of_the_category() -> None:
    garbage = next(one.row for one in shipped_table().entries if one.row.category == "sanitation.garbage")
    same = {name: getattr(garbage, name) for name in garbage.__struct_fields__ if name != "effective_from"}
    [row] = edited(BAR, same)
    assert (row.name, row.goes_to, row.effective_from) == ("社会生活噪声", "~psb", TODAY)
    with pytest.raises(InvalidInput) as refused:
        edited(same)
    assert refused.value.detail_zh == "与现行路由表相同，无需修订"


def test_a_row_is_removed_only_where_it_is_and_never_the_one_for_everything_else() -> None:
    [row] = edited({"category": "environment.noise_life", "removed": True})
    assert (row.removed, row.name, row.goes_to) == (True, "社会生活噪声", "territory")
    for body, zh in (
        ({"category": "environment.noise_life", "kind": "help"}, "现行路由表中没有该行"),
        ({}, "兜底行不能删除，只能修改"),
    ):
        with pytest.raises(InvalidInput) as refused:
            edited(body | {"removed": True})
        assert refused.value.detail_zh == zh


def test_a_whole_table_removes_what_it_does_not_name_but_never_the_row_for_everything_else() -> None:
    rest = {"goes_to": "territory", "because": "属地管理"}
    new = edited(rest, BAR, whole=True)
    assert sum(row.removed for row in new) == len(shipped_table().entries) - 2
    with pytest.raises(InvalidInput):
        edited(BAR, whole=True)


def test_a_row_that_reads_otherwise_from_a_later_day_is_not_changed_before_that() -> None:
    [later] = read_rows([BAR], KUNMING, TODAY + timedelta(days=9))
    entries = [*shipped_table().entries, RoutingRowView(number=900, row=later)]
    with pytest.raises(Refused) as refused:
        changes(RoutingTable(1, entries), read_rows([BAR | {"goes_to": "~ucb"}], KUNMING, TODAY), TODAY)
    assert refused.value.detail_zh == "该行已有更晚生效的修订"


def test_a_matter_that_one_thinks_of_must_be_possible() -> None:
    matter = matter_asked({"category": "sanitation.garbage", "place": STREET, "difficult": True}, KUNMING)
    assert (matter.kind, matter.difficult) == ("complaint", True)
    for wrong in ({"category": "x"}, {"place": "5301/1"}, {"kind": "wish"}, {"channel": "pigeon"}, {"colour": "red"}):
        with pytest.raises(InvalidInput) as refused:
            matter_asked({"category": "sanitation.garbage", "place": STREET} | wrong, KUNMING)
        assert refused.value.field == next(iter(wrong))
