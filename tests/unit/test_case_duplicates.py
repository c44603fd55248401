"""Two texts are about the same matter when they say the same words, or nearly, about the same place."""

import pytest

from services.complaints.duplicates import ALIKE, SKETCH, normalised, pack, same_words_key, similarity, sketch, unpack
from services.complaints.open_cases import OpenCases
from tests.unit.case_samples import DECISION, case, report


def test_blanks_punctuation_width_and_case_make_no_difference() -> None:
    assert normalised("Ａ区 井盖，缺失！_１２") == "a区井盖缺失12"


def test_the_same_words_have_the_same_key_unless_the_address_is_another() -> None:
    assert same_words_key("井盖缺失！", "翠湖南路") == same_words_key("井盖 缺失", "翠湖南路。")
    assert same_words_key("井盖缺失", "翠湖南路") != same_words_key("井盖缺失", "翠湖北路")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("井盖缺失", "井盖缺失", 1.0), ("井盖缺失了", "井盖缺失", 0.75), ("井盖缺失", "路灯不亮", 0.0), ("", "", 0.0)],
)
def test_similarity_is_the_share_of_common_bigrams(one: str, other: str, expected: float) -> None:
    assert similarity(sketch(one, ""), sketch(other, "")) == expected


def test_texts_of_very_different_length_are_not_compared_further() -> None:
    assert similarity(sketch("井盖缺失", ""), sketch("井盖缺失" + "路灯不亮树木倒伏" * 5, "")) == 0.0


def test_the_similarity_of_long_texts_is_estimated_closely() -> None:
    def text(start: int, end: int) -> str:
        return "".join(chr(0x4E00 + n) for n in range(start, end))

    one, other = sketch(text(0, 1001), ""), sketch(text(200, 1001), "")

    assert len(one) == len(other) == SKETCH
    assert similarity(one, other) == pytest.approx(0.8, abs=0.06)


def test_a_sketch_survives_being_stored() -> None:
    assert unpack(pack(sketch("井盖缺失", "翠湖南路"))) == sketch("井盖缺失", "翠湖南路")


def test_a_report_with_the_same_words_matches_and_the_reason_names_the_case() -> None:
    known = OpenCases()
    known.add(case())

    match = known.match(DECISION, report("GD2"))

    assert match is not None
    assert match.why == "与昆创案〔2026〕000001文字相同"


def test_a_report_that_says_nearly_the_same_matches_with_its_similarity() -> None:
    known = OpenCases()
    known.add(case())
    text = "翠湖南路人行道上一个雨水井盖缺失，希望尽快处理一下。"

    match = known.match(DECISION, report("GD2", text))

    assert match is not None
    assert match.why == "与昆创案〔2026〕000001同类别、同地点，文字相似度84%"


def test_reports_without_any_words_match_nothing() -> None:
    known = OpenCases()
    known.add(case())

    assert known.match(DECISION, report("GD2", "？！")) is None


def test_a_report_that_says_something_else_at_the_same_place_matches_nothing() -> None:
    known = OpenCases()
    known.add(case())

    assert known.match(DECISION, report("GD2", "翠湖南路人行道上路灯不亮，晚上看不清，望维修。")) is None
    assert ALIKE == 0.7
