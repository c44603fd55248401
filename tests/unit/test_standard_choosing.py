"""Which row of the standard a matter falls under."""

import pytest

from services.complaints.standard.choosing import Declared, Standard, declared_of
from tests.unit.standard_made import rows

STANDARD = Standard(rows())
COVER = Declared("部件", "公用设施", "雨水井盖")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("翠湖南路雨水井盖缺失", "部件01-01-1", "“缺失”"),
        ("翠湖南路雨水井盖破损，尚未缺角", "部件01-01-2", "“破损”"),
        ("车一过井盖就弹跳，产生声响很大", "部件01-01-3", "“弹跳产生声响”"),
    ],
)
def test_a_declared_class_gets_the_row_whose_filing_condition_the_words_name(text: str, code: str, words: str) -> None:
    found = STANDARD.choose("雨水井盖", text, COVER)

    assert found is not None
    assert found.row.code == code
    assert words in found.why


def test_where_the_words_name_no_condition_the_strictest_row_of_a_declared_class_holds() -> None:
    found = STANDARD.choose("雨水井盖", "请来人看一下", declared_of("公用设施/雨水井盖"))

    assert found is not None
    assert (found.row.code, "从严" in found.why) == ("部件01-01-1", True)


def test_a_class_that_is_merely_mentioned_gets_no_row() -> None:
    assert STANDARD.choose("小区物业不作为", "我们在雨水井盖旁边等了很久，物业始终没有来。", Declared()) is None


def test_a_text_that_names_class_and_condition_in_one_sentence_gets_its_row() -> None:
    found = STANDARD.choose("请尽快处理", "今早路过。雨水井盖移位了！注意安全。", Declared())
    other = STANDARD.choose("请尽快处理", "旁边有雨水井盖。垃圾桶移位了！", Declared())

    assert found is not None
    assert found.row.code == "部件01-01-1"
    assert other is None


def test_an_event_of_one_row_needs_no_more_than_its_name_in_the_title() -> None:
    found = STANDARD.choose("工地施工扰民", "天天睡不好。", Declared())

    assert found is not None
    assert found.row.code == "事件01-23-1"
    assert STANDARD.choose("天天睡不好", "邻居说是施工扰民。", Declared()) is None


def test_a_declared_class_that_the_standard_lacks_is_outside_it() -> None:
    assert STANDARD.choose("报刊亭", "报刊亭门没关", declared_of("公用设施/报刊亭")) is None


def test_every_row_is_found_again_by_its_own_words() -> None:
    again = [
        STANDARD.choose(row.minor, row.filing_condition, Declared(row.kind, row.major, row.minor)) for row in rows()
    ]

    assert [found and found.row.code for found in again] == [row.code for row in rows()]
