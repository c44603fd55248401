"""Two texts are about the same matter when they say the same words, or nearly, about the same place."""

from datetime import timedelta

import msgspec
import pytest

from services.complaints import open_cases
from services.complaints.case import Case
from services.complaints.contracts import Channel
from services.complaints.duplicates import (
    SKETCH,
    metres,
    normalised,
    pack,
    same_words_key,
    similarity,
    sketch,
    unpack,
)
from services.complaints.likeness import Matter, Verdict, judge
from services.complaints.limits import Limit
from services.complaints.open_cases import OpenCases
from services.complaints.report import Report
from services.complaints.thresholds import Thresholds, thresholds
from services.complaints.triage.decide import TriageDecision
from tests.unit.case_samples import AT, DECISION, ORDER, VAULT, case, raw, report


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


def test_a_short_text_within_a_long_one_is_not_alike() -> None:
    assert similarity(sketch("井盖缺失", ""), sketch("井盖缺失" + "路灯不亮树木倒伏" * 5, "")) == 0.25


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
    assert thresholds().join_here == 0.7


POINT = (102.7146, 25.0492)
OTHER_WORDS = "路边有个洞，车轮陷下去了，请来看看。"


def placed(number: str, point: tuple[float, float] | None, text: str = ORDER.content.text, hours: float = 0) -> Report:
    """A report with a point, so many hours after the first."""
    content = msgspec.structs.replace(ORDER.content, text=text, point=point)
    order = msgspec.structs.replace(ORDER, external_id=number, content=content)
    at = AT + timedelta(hours=hours)
    return Report.receive(
        Channel.HOTLINE_12319, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=at, cause="intake/1"
    )


def known_at(point: tuple[float, float] | None, decision: TriageDecision = DECISION) -> OpenCases:
    """One open case of the first report, at `point`."""
    limit = Limit(4.0, "work_hour")
    known = OpenCases()
    known.add(
        Case.open_with(placed("GD1", point), decision, number="昆创案〔2026〕000001", limit=limit, at=AT, cause="e")
    )
    return known


def north(metres_: float) -> tuple[float, float]:
    """The point so far north of POINT."""
    return POINT[0], POINT[1] + metres_ / 111_195.08


def test_a_report_is_compared_with_the_newest_alone_where_one_text_was_sent_from_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "我们小区北门外的临街餐馆每天营业到凌晨三点，油烟直接排到楼道里，多次找物业都没有人管，请尽快上门检查处理。"
    known, compared = OpenCases(), []
    for n in range(100):
        elsewhere = msgspec.structs.replace(DECISION, place_path=f"5301/{n}", category=f"c{n}")
        sent = placed(f"GD{n}", None, f"{text}{n}", hours=n)
        known.add(Case.open_with(sent, elsewhere, number=f"{n:03}", limit=Limit(4.0, "work_hour"), at=AT, cause="e"))

    def judged(one: Matter, other: Matter, rules: Thresholds) -> Verdict:
        compared.append(other.received_at)
        return judge(one, other, rules)

    monkeypatch.setattr(open_cases, "judge", judged)
    known.find(DECISION, placed("GD", None, text, hours=200))

    assert sorted(compared) == [AT + timedelta(hours=n) for n in range(70, 100)]


def test_distances_are_measured_in_metres() -> None:
    assert metres(POINT, POINT) == 0.0
    assert metres(POINT, north(50)) == pytest.approx(50.0, abs=0.01)
    assert metres((102.0, 25.0), (103.0, 25.0)) == pytest.approx(100_775, abs=5)
    assert metres((179.9999, 0.0), (-179.9999, 0.0)) == pytest.approx(22.24, abs=0.01)


def test_a_report_with_other_words_joins_what_is_near_in_place_and_time() -> None:
    match = known_at(POINT).match(DECISION, placed("GD2", north(49), OTHER_WORDS, hours=24))

    assert match is not None
    assert match.why == "与昆创案〔2026〕000001同类别，相距49米，24小时之内"


@pytest.mark.parametrize(
    ("point", "hours"), [(north(51), 1.0), (POINT, 24.1), (None, 1.0)], ids=["too far", "too late", "no point"]
)
def test_other_words_that_are_not_near_are_another_matter(point: tuple[float, float] | None, hours: float) -> None:
    assert known_at(POINT).match(DECISION, placed("GD2", point, OTHER_WORDS, hours)) is None


def test_the_same_words_at_points_far_from_each_other_are_two_matters() -> None:
    known = known_at(POINT)

    assert known.match(DECISION, placed("GD2", north(60))) is None
    assert known.match(DECISION, placed("GD3", north(40), hours=48)) is not None
    assert known.match(DECISION, placed("GD4", None)) is not None


def test_of_several_cases_with_the_same_words_the_one_that_is_not_far_is_joined() -> None:
    known = known_at(POINT)
    second = Case.open_with(
        placed("GD2", north(500)), DECISION, number="二", limit=Limit(4.0, "work_hour"), at=AT, cause="e"
    )
    known.add(second)

    match = known.match(DECISION, placed("GD3", north(510)))

    assert match is not None
    assert match.case_id == second.id


def test_matters_of_no_particular_category_are_not_joined_because_they_are_near() -> None:
    other = msgspec.structs.replace(DECISION, category="other.other")

    assert known_at(POINT, other).match(other, placed("GD2", POINT, OTHER_WORDS)) is None


def without_place(number: str, text: str = ORDER.content.text, address: str = "") -> Report:
    """A report that does not say where, or says it in words that name no unit."""
    fields = {"事发地址": address} if address else {}
    content = msgspec.structs.replace(ORDER.content, text=text, place_fields=fields)
    order = msgspec.structs.replace(ORDER, external_id=number, content=content)
    return Report.receive(
        Channel.HOTLINE_12345, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="intake/1"
    )


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (without_place("GD1"), without_place("GD2"), False),
        (without_place("GD1"), without_place("GD2", ORDER.content.text + "谢谢"), False),
        (without_place("GD1", address="3栋"), without_place("GD2", address="3栋"), True),
        (without_place("GD1", address="3栋"), without_place("GD2", address="5栋"), False),
        (without_place("GD1", address="3栋"), without_place("GD2", ORDER.content.text + "谢谢", "3栋"), False),
        (without_place("GD1", address="？"), without_place("GD2", address="？"), False),
    ],
)
def test_where_no_place_is_known_only_the_same_words_with_the_same_address_are_one_matter(
    first: Report, second: Report, joined: bool
) -> None:
    nowhere = msgspec.structs.replace(DECISION, place_path="5301")
    known = OpenCases()
    known.add(Case.open_with(first, nowhere, number="一", limit=Limit(4.0, "work_hour"), at=AT, cause="e"))

    assert (known.match(nowhere, second) is not None) is joined
