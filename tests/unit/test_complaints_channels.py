"""Each hotline's own fields become a work order, or an error that names the field in the sender's words."""

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.problem import InvalidInput, Problem
from services.complaints.channels import KnownChannel, hotline_12319, hotline_12345, known_channels
from services.complaints.contracts import Channel
from services.complaints.intake import understand
from services.complaints.work_order import Content, WorkOrder

A = hotline_12345.SAMPLE
B = hotline_12319.SAMPLE


def test_the_channels_are_known_by_their_modules() -> None:
    assert sorted(known_channels()) == [
        "assessor",
        "hotline_12319",
        "hotline_12345",
        "inspection",
        "leader_instruction",
        "patrol",
        "superior_inspection",
    ]


def test_a_work_order_of_12345_is_read_field_by_field() -> None:
    assert hotline_12345.parse(A) == WorkOrder(
        external_id="GD20260302000117",
        content=Content(
            title="翠湖南路井盖缺失",
            text="五华区华山街道翠湖南路公交站旁人行道上一个雨水井盖缺失，已有老人险些跌落，希望尽快处理。",
            declared_category="城市管理",
            declared_kind="投诉",
            declared_urgency="紧急",
            place_fields={"事发地址": "五华区华山街道翠湖南路"},
            occurred_at=datetime(2026, 3, 1, 23, 40, tzinfo=UTC),
            handed_over_at=datetime(2026, 3, 2, 0, 10, tzinfo=UTC),
            deadlines={
                "市级办理期限": datetime(2026, 3, 6, 15, 59, 59, 999000, tzinfo=UTC),
                "区级办理期限": datetime(2026, 3, 5, 15, 59, 59, 999000, tzinfo=UTC),
            },
            attachments=["GD20260302000117-1.jpg"],
            facts={"诉求渠道": "电话", "主办单位": "五华区", "是否疑难": "否", "是否协办": "否"},
        ),
        personal={"来电人": "李女士", "号码": "13800000000", "性别": "女"},
    )


def test_a_file_of_12319_is_read_field_by_field() -> None:
    assert hotline_12319.parse(B) == WorkOrder(
        external_id="2026030200451",
        content=Content(
            title="暴露垃圾 盘龙区鼓楼街道桃源广场北侧",
            text="盘龙区鼓楼街道桃源广场北侧绿化带内堆放暴露垃圾约两平方米。",
            declared_category="市容环境/暴露垃圾",
            declared_kind="投诉",
            place_fields={"单元网格": "53010300200105", "位置描述": "盘龙区鼓楼街道桃源广场北侧"},
            point=(102.7146, 25.0492),
            reported_at=datetime(2026, 3, 2, 0, 55, tzinfo=UTC),
            attachments=["https://12319.example.org/photo/2026030200451-1.jpg"],
            facts={"问题类型": "事件"},
        ),
        personal={"上报人": "采集员王某"},
    )


def test_number_and_text_are_enough_for_12345() -> None:
    order = hotline_12345.parse({"工单编号": 17, "诉求内容": "  路灯不亮  ", "标题": None, "诉求类型": " "})

    assert order == WorkOrder(external_id="17", content=Content(title="路灯不亮", text="路灯不亮"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"工单编号": None}, "工单编号"),
        ({"工单编号": ""}, "工单编号"),
        ({"工单编号": "GD 1"}, "工单编号"),
        ({"工单编号": "GD\n1"}, "工单编号"),
        ({"工单编号": "9" * 65}, "工单编号"),
        ({"工单编号": True}, "工单编号"),
        ({"工单编号": 1.5}, "工单编号"),
        ({"诉求内容": None}, "诉求内容"),
        ({"诉求内容": "  "}, "诉求内容"),
        ({"诉求内容": ["路灯"]}, "诉求内容"),
        ({"诉求内容": "长" * 20_001}, "诉求内容"),
        ({"诉求内容": "a\0b"}, "诉求内容"),
        ({"诉求类型": ["投诉"]}, "诉求类型"),
        ({"事发时间": "昨天"}, "事发时间"),
        ({"事发时间": "2026-02-30 10:00:00"}, "事发时间"),
        ({"事发时间": "1026-02-20 10:00:00"}, "事发时间"),
        ({"事发时间": "9999-12-31 23:59:59"}, "事发时间"),
        ({"坐标": "昆明"}, "坐标"),
        ({"坐标": "202.7,25.0"}, "坐标"),
        ({"坐标": [102.7]}, "坐标"),
        ({"坐标": "nan,25"}, "坐标"),
        ({"坐标": [10**400, 25]}, "坐标"),
        ({"工单编号": 10**5000}, "工单编号"),
        ({"附件": [1]}, "附件"),
        ({"附件": {"a": 1}}, "附件"),
        ({"来电人": {"姓": "李"}}, "来电人"),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hotline_12345.parse(A | changes)

    assert (refusal.value.field, refusal.value.status) == (field, 400)
    assert field in refusal.value.detail
    assert field in refusal.value.detail_zh


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"案卷号": None}, "案卷号"), ({"问题描述": None}, "问题描述"), ({"问题类型": 1.5}, "问题类型")],
)
def test_12319_names_its_own_fields(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hotline_12319.parse(B | changes)

    assert refusal.value.field == field


def test_an_unknown_word_in_a_field_of_choices_counts_as_not_declared_and_is_kept() -> None:
    content = hotline_12345.parse(A | {"诉求类型": "吐槽", "紧急程度": "特特急"}).content

    assert (content.declared_kind, content.declared_urgency) == ("", "")
    assert content.facts == {
        "诉求渠道": "电话",
        "主办单位": "五华区",
        "是否疑难": "否",
        "是否协办": "否",
        "诉求类型": "吐槽",
        "紧急程度": "特特急",
    }
    assert hotline_12319.parse(B | {"问题类型": "其他"}).content.facts == {"问题类型": "其他"}


@pytest.mark.parametrize(
    "written",
    ["2026-03-02 09:15:00", "2026-03-02T09:15:00+08:00", "2026-03-02T01:15:00Z", "2026/3/2 9:15", "2026-03-02 09:15"],
)
def test_moments_are_read_as_the_citys_time(written: str) -> None:
    order = hotline_12345.parse(A | {"事发时间": written})

    assert order.content.occurred_at == datetime(2026, 3, 2, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["102.7146,25.0492", "102.7146，25.0492", [102.7146, 25.0492], {"lng": 102.7146, "lat": "25.0492"}]
)
def test_points_are_read_in_every_usual_notation(written: Any) -> None:
    assert hotline_12345.parse(A | {"坐标": written}).content.point == (102.7146, 25.0492)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(known_channels())), st.data())
@settings(max_examples=300, deadline=None)
def test_odd_values_in_any_field_are_read_or_refused_by_name_and_never_break(channel: str, data: st.DataObject) -> None:
    known = known_channels()[channel]
    fields = [*known.sample, "坐标", "附件", "照片", ""]
    odd = data.draw(st.dictionaries(st.sampled_from(fields), json_values, max_size=5))
    item = {**known.sample, **odd}
    refused = None
    try:
        assert known.parse(item).external_id
    except InvalidInput as refusal:
        refused = refusal.field
    assert refused is None or refused in item


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_bytes_that_are_no_work_order_are_a_problem_and_nothing_worse(raw: bytes) -> None:
    with pytest.raises(Problem):
        understand(known_channels()["hotline_12345"], raw)


@given(
    st.sampled_from(["hotline_12345", "hotline_12319"]),
    st.dictionaries(
        st.sampled_from([*A, *B, "坐标"]),
        st.one_of(
            json_values,
            st.integers(min_value=-(10**400), max_value=10**400),
            st.lists(st.integers(min_value=0, max_value=10**400), min_size=2, max_size=2),
            st.integers(min_value=1, max_value=10**400).map(lambda n: f"{n},{n}"),
        ),
        max_size=8,
    ),
)
@settings(max_examples=300, deadline=None)
def test_whatever_an_object_holds_only_a_work_order_or_a_problem_comes_out(channel: str, item: dict[str, Any]) -> None:
    try:
        outcome: object = known_channels()[channel].parse(item)
    except Problem as problem:
        outcome = problem
    assert isinstance(outcome, WorkOrder | InvalidInput)


def test_a_parser_that_fails_refuses_its_item_and_logs_the_kind_of_error_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def parse(item: Any) -> WorkOrder:
        raise ZeroDivisionError(item["号码"])

    with caplog.at_level(logging.ERROR), pytest.raises(InvalidInput) as refusal:
        understand(KnownChannel(Channel.HOTLINE_12345, parse, {}), '{"号码": "13800000000"}'.encode())

    assert (refusal.value.detail_zh, refusal.value.field) == ("该条内容无法读取", "body")
    assert [record.getMessage() for record in caplog.records] == [
        "the parser of hotline_12345 failed: ZeroDivisionError"
    ]
    assert "13800000000" not in caplog.text
