"""What makes two reports one matter, or two that a person should look at; and what makes a matter hot."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.contracts import Channel
from services.complaints.duplicates import normalised
from services.complaints.heat import HeatRules, at_least, heat_of, heat_rules, unusual, week_of
from services.complaints.joined_reports import Joined
from services.complaints.likeness import Matter, Rank, judge, traits_of
from services.complaints.likes import likes_in
from services.complaints.named_things import different_things, named_things
from services.complaints.persons import identity_of
from services.complaints.signature import BANDS, bands
from services.complaints.thresholds import thresholds
from tests.unit.case_samples import AT, STREET

RULES = thresholds()
WORDS = st.text(alphabet=[chr(0x4E00 + n) for n in range(2000)], min_size=1, max_size=300)
LONG = (
    "小区北门外的临街餐馆每天从下午五点营业到凌晨三点，油烟直接排到楼道里，炒菜和划拳的声音让楼上的老人和孩子整夜睡不着，"
    "多次找物业和社区都没有人管，请有关部门尽快上门检查处理，还居民一个安静的夜晚。"
)


def matter(text: str, *, category: str = "facility.manhole", place: str = STREET, **changes: object) -> Matter:
    """A matter with this text and no address."""
    made = Matter(
        traits=traits_of(text, ""), category=category, place_path=place, point=None, received_at=AT, said_where=False
    )
    return msgspec.structs.replace(made, **changes)


@given(WORDS)
def test_a_signature_is_sixteen_signed_numbers_and_always_the_same(text: str) -> None:
    signature = bands(text)

    assert len(signature) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in signature)
    assert bands(text) == signature


def test_a_stored_signature_stays_what_it_was() -> None:
    assert bands("") == []
    assert bands("井盖缺失")[:2] == [-8329729359380811079, -4581434151714304079]


@settings(max_examples=50)
@given(WORDS.filter(lambda text: len(text) > 60), st.integers(0, 50))
def test_a_long_text_with_one_character_changed_shares_a_band(text: str, at: int) -> None:
    changed = text[:at] + "鑫" + text[at + 1 :]

    assert set(bands(text)) & set(bands(changed))


@settings(max_examples=50)
@given(WORDS, WORDS)
def test_judging_is_the_same_from_both_sides(one: str, other: str) -> None:
    mine, theirs = matter(one), matter(other)

    assert judge(mine, theirs, RULES).score == judge(theirs, mine, RULES).score
    assert judge(mine, theirs, RULES).rank == judge(theirs, mine, RULES).rank


@given(WORDS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_threshold_never_joins_more(text: str, lower: float, higher: float) -> None:
    lower, higher = sorted((lower, higher))
    mine, theirs = matter(text), matter(text[: len(text) * 2 // 3 + 1])
    loose = msgspec.structs.replace(RULES, join_here=lower)
    strict = msgspec.structs.replace(RULES, join_here=higher)

    assert judge(mine, theirs, strict).joins <= judge(mine, theirs, loose).joins


@pytest.mark.parametrize(
    ("other", "rank", "why"),
    [
        (matter(LONG), Rank.SAME_WORDS, "文字相同"),
        (matter(LONG, category="sanitation.garbage", place="5301"), Rank.SAME_WORDS, "文字相同"),
        (matter("各位领导，" + LONG, category="sanitation.garbage", place="5301"), Rank.ALIKE, "文字相似度96%"),
        (matter("各位领导，" + LONG, place="5301/530103"), Rank.SUGGESTED, "文字相似度96%，但地点不同"),
        (matter(LONG[:70]), Rank.ALIKE, "同类别、同地点，文字相似度73%"),
        (matter(LONG[:40], place="5301"), Rank.NOTHING, ""),
        (matter(LONG[45:]), Rank.SUGGESTED, "同类别、同地点，文字相似度52%"),
    ],
    ids=["same", "same elsewhere", "nearly the same", "another district", "alike here", "too little", "other half"],
)
def test_what_is_joined_suggested_or_left(other: Matter, rank: Rank, why: str) -> None:
    verdict = judge(matter(LONG), other, RULES)

    assert (verdict.rank, verdict.why) == (rank, why)


def test_the_same_complaint_about_another_road_is_suggested_and_not_joined() -> None:
    verdict = judge(matter(LONG + "翠湖南路"), matter(LONG + "翠湖北路"), RULES)

    assert verdict.rank is Rank.SUGGESTED
    assert verdict.why.endswith("，但所指不同（湖南路≠湖北路）")


def test_things_are_told_apart_by_their_kind() -> None:
    one = named_things(normalised("翠湖南路12号3栋，我们小区的道路"))

    assert one == {"路:湖南", "号:12", "栋:3"}
    assert different_things(one, named_things("翠湖南路12号5栋")) == "3栋≠5栋"
    assert different_things(one, named_things("翠湖南路")) == ""


def joined(person: str, likes: int = 0, days: float = 0) -> Joined:
    """A report of that person."""
    return Joined(
        report_id=f"r{person}{days}",
        receipt="HZ",
        channel=Channel.HOTLINE_12345,
        received_at=AT + timedelta(days=days),
        likes=likes,
        person=person,
    )


def test_heat_counts_people_more_than_calls_and_likes_by_their_logarithm() -> None:
    heat = heat_of([joined("a"), joined("a", days=1), joined("b", likes=7), joined("", days=2), joined("")])

    assert (heat.reports, heat.people, heat.likes) == (5, 4, 7)
    assert (heat.first_at, heat.last_at) == (AT, AT + timedelta(days=2))
    assert heat.score(heat_rules()) == 2 * 4 + 1 + 3


def test_likes_and_people_are_read_where_a_channel_gives_them() -> None:
    assert likes_in({"点赞数": "12", "点踩数": "2"}) == 10
    assert likes_in({"点赞数": "many"}) == 0
    assert identity_of({"来电人": "李女士", "号码": "13800000000"}) == "13800000000"
    assert identity_of({"来电人": "欧阳建国"}) == "欧阳建国"
    assert identity_of({"来电人": "李女士", "号码": ""}) == ""


def test_weeks_begin_on_monday_in_the_city() -> None:
    sunday = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)

    assert week_of(sunday + timedelta(minutes=1)) == week_of(sunday) + 1


TODAY = date(2026, 3, 30)
HEAT = HeatRules(per_person=2, per_report=1, window_days=3, usual_days=28, least_reports=5, chance=1e-5)


def days(*counts: int) -> dict[date, int]:
    """Reports of today, yesterday and so on."""
    return {TODAY - timedelta(days=n): count for n, count in enumerate(counts)}


@pytest.mark.parametrize(
    ("by_day", "hot"),
    [
        (days(4), False),
        (days(5), True),
        (days(2, 2, 2), True),
        (days(0, 0, 0, 9), False),
        (days(*[2] * 31), False),
        (days(11, 3, 2, *[2] * 28), False),
        (days(16, 3, 2, *[2] * 28), True),
    ],
)
def test_what_grows_unusually(by_day: dict[date, int], hot: bool) -> None:
    assert (unusual(by_day, TODAY, HEAT) is not None) is hot


def test_a_hotspot_says_how_many_since_when_and_what_was_usual() -> None:
    found = unusual(days(19, 3, 0, *[2] * 28), TODAY, HEAT)

    assert found is not None
    assert (found.reports, found.usual, found.since) == (22, 6.0, datetime(2026, 3, 28, 16, tzinfo=UTC))


@given(st.integers(1, 60), st.floats(0.05, 30))
def test_the_tail_of_poisson_falls_with_the_count_and_rises_with_the_mean(count: int, mean: float) -> None:
    assert 0 <= at_least(count + 1, mean) <= at_least(count, mean) <= 1 + 1e-9
    assert at_least(count, mean) <= at_least(count, mean * 1.5) + 1e-9


def test_the_tail_of_poisson_is_exact() -> None:
    assert at_least(1, 0.5) == pytest.approx(1 - 0.6065306597)
    assert at_least(0, 3.0) == 1.0
    assert at_least(9, 2.0) == pytest.approx(0.000237447, rel=1e-5)
