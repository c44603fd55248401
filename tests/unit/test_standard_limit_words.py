"""Limits as they are written, and what they mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.calendar import LENGTHS, LONGEST, ClockUnit
from infra.problem import InvalidInput
from services.complaints.standard.limit_words import WrittenLimit, limit_words, read_limit, write_limit

QUALIFIERS = ["", *limit_words().qualifiers]
limits = st.builds(
    lambda cents, clock, qualifier: WrittenLimit(cents / 100, clock, qualifier),
    st.integers(1, 36000),
    st.sampled_from(ClockUnit),
    st.sampled_from(QUALIFIERS),
).filter(lambda limit: limit.amount <= LONGEST / LENGTHS[limit.clock])


def read_or_refused(text: str) -> WrittenLimit | InvalidInput:
    """The limit, or why it is none."""
    try:
        return read_limit(text)
    except InvalidInput as refused:
        return refused


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2紧急工作时", WrittenLimit(2.0, ClockUnit.URGENT_HOUR)),
        ("1紧急工作日", WrittenLimit(1.0, ClockUnit.NATURAL_DAY)),
        ("4小时", WrittenLimit(4.0, ClockUnit.WORK_HOUR)),
        ("15天", WrittenLimit(15.0, ClockUnit.WORK_DAY)),
        ("1紧急工作时制止", WrittenLimit(1.0, ClockUnit.URGENT_HOUR, "制止")),
        ("１５ 天\n", WrittenLimit(15.0, ClockUnit.WORK_DAY)),
        ("3个工作日", WrittenLimit(3.0, ClockUnit.WORK_DAY)),
        ("0.5小时", WrittenLimit(0.5, ClockUnit.WORK_HOUR)),
    ],
)
def test_the_words_of_the_table_are_read_as_the_clocks_they_mean(written: str, means: WrittenLimit) -> None:
    assert read_limit(written) == means


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "时限为空"),
        ("天", "应以数字开头"),
        ("2-3天", "区间"),
        ("1～2紧急工作时", "区间"),
        ("2小时制止，3天恢复", "多个时限"),
        ("2周", "不在单位表中"),
        ("2天左右", "无法识别"),
        ("0天", "超出范围"),
        ("99999天", "超出范围"),
        ("半天", "应以数字开头"),
    ],
)
def test_what_is_no_single_limit_is_refused_with_its_reason(written: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_limit(written)
    assert said in refused.value.detail_zh
    assert refused.value.field == "处置时限"


@given(limits)
def test_a_limit_that_is_written_reads_the_same_again(limit: WrittenLimit) -> None:
    assert read_limit(write_limit(limit)) == limit


@given(
    st.one_of(st.text(), st.from_regex(r"[0-9０-９.\-～ ]{0,30}[个紧急工作时日天小制止内半周]{0,6}", fullmatch=True))
)
def test_any_text_is_a_limit_or_a_clear_refusal(text: str) -> None:
    limit = read_or_refused(text)
    if isinstance(limit, InvalidInput):
        assert (limit.detail_zh.strip() != "", limit.field) == (True, "处置时限")
        return
    assert 0 < limit.amount <= LONGEST / LENGTHS[limit.clock]
    assert read_limit(write_limit(limit)).clock == limit.clock
