"""Personal numbers in free text are masked, and nothing else is touched."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.case_views import view_of
from services.complaints.masking import masked, masked_of_office
from tests.unit.case_samples import brought_to_checking


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("请回电13800000000谢谢", "请回电138****0000谢谢"),
        ("138-0013-8000", "138****8000"),
        ("138 0013 8000、139 1234 5678", "138****8000、139****5678"),
        ("+8613800138000", "+86138****8000"),
        ("+86 13800138000", "+86 138****8000"),
        ("１３８００１３８０００", "１３８****８０００"),
        ("身份证530102198001011234。", "身份证5301************34。"),
        ("身份证53010219800101123X", "身份证5301************3X"),
        ("530102 19800101 123x", "5301************3x"),
        ("旧证号530102800101123", "旧证号5301*********23"),
        ("电话0871-65123456", "电话0871-****3456"),
        ("电话（0871）65123456", "电话（0871）****3456"),
        ("010-6512 3456", "010-****3456"),
    ],
)
def test_a_personal_number_is_masked(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "翠湖南路12号旁，2026-03-02 09:15:00 起",
        "工单GD20260302000117",
        "案卷2026030200451",
        "单元网格53010300200105",
        "昆创案〔2026〕000123，回执HZ-2026-0000123",
        "编号1380000000012345678901",
        "12800000000",
        "",
    ],
)
def test_other_numbers_stay(said: str) -> None:
    assert masked(said) == said


@given(st.text(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text())
def test_a_mobile_number_between_other_words_never_comes_through(before: str, number: str, after: str) -> None:
    text = f"{before}、{number}、{after}"
    assert number not in masked(text) or number in before + after


def test_the_telephone_of_an_office_stays_in_what_officers_write() -> None:
    assert (
        masked_of_office("已联系13800000000，如有疑问请拨0871-65123456")
        == "已联系138****0000，如有疑问请拨0871-65123456"
    )


def test_a_view_shows_no_personal_number_in_any_of_its_texts() -> None:
    case = brought_to_checking()
    case.title, case.text = "请回电13800000000", "我是530102198001011234，电话0871-65123456。"
    case.address, case.reply = "张三家 13912345678", "已告知13912345678"
    case.proposed_reply = "已与13912345678联系"

    view = view_of(case)

    assert (view.title, view.text) == ("请回电138****0000", "我是5301************34，电话0871-****3456。")
    assert (view.address, view.reply, view.proposed_reply) == (
        "张三家 139****5678",
        "已告知139****5678",
        "已与139****5678联系",
    )
    for number in ("13800000000", "13912345678", "530102198001011234"):
        assert number not in msgspec.json.encode(view).decode()
