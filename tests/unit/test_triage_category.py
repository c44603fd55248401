"""A report's category is found by weighted words, and the words are told."""

import csv

import pytest

from services.complaints.triage.category import DATA, Category, Lexicon, classify

LEXICON = Lexicon.load()

SMALL = Lexicon(
    [
        Category("street.garbage", "市容", "垃圾", "事件", "城乡建设"),
        Category("street.lamp", "市容", "路灯", "部件", "城乡建设"),
        Category("school.fees", "教育", "收费", "事件", "城乡建设"),
        Category("other.other", "其他", "其他", "事件", "城乡建设"),
    ],
    [
        ("垃圾", "street.garbage", 3.0),
        ("垃圾分类", "street.garbage", 4.0),
        ("路灯", "street.lamp", 5.0),
        ("城管", "street", 2.0),
        ("学校", "school", 2.0),
        ("学费", "school.fees", 4.0),
        ("部门", "school", 0.5),
    ],
)


def test_the_words_decide_and_are_the_reason() -> None:
    found = classify(SMALL, "", "门口垃圾没人收，找过城管")

    assert found.category.code == "street.garbage"
    assert [(hit.term, hit.weight) for hit in found.hits] == [("垃圾", 3.0), ("城管", 2.0)]
    assert (found.score, found.confidence) == (5.0, 1.0)
    assert found.reason().text_zh == "依据特征词“垃圾”、“城管”归入市容/垃圾（把握100%）"
    assert found.reason().evidence == ["垃圾 +3.0", "城管 +2.0"]


def test_a_word_in_the_title_counts_twice() -> None:
    assert classify(SMALL, "学费太贵", "路灯").category.code == "school.fees"
    assert classify(SMALL, "路灯坏了", "学费").category.code == "street.lamp"


def test_repetition_counts_less_and_less() -> None:
    assert classify(SMALL, "", "垃圾，垃圾").score == pytest.approx(3.0 * (1 + 0.6931), abs=0.001)


def test_the_longest_word_counts_and_not_the_words_inside_it() -> None:
    assert [hit.term for hit in classify(SMALL, "", "垃圾分类").hits] == ["垃圾分类"]


def test_confidence_is_the_share_of_all_weight_found() -> None:
    assert classify(SMALL, "", "路灯 学费").confidence == pytest.approx(5 / 9)


def test_without_a_telling_word_it_is_other_and_a_person_is_asked() -> None:
    for text in ("", "请尽快答复", "有关部门"):
        found = classify(SMALL, "", text)
        assert (found.category.code, found.confidence) == ("other.other", 0.0)
    assert classify(SMALL, "", "").reason().text_zh == "未发现类别特征词，归入其他/其他，请人工确认"


@pytest.mark.parametrize("declared", ["street.lamp", "路灯", "市容/路灯", " 路灯 "])
def test_what_the_channel_names_exactly_is_taken_over(declared: str) -> None:
    found = classify(SMALL, "垃圾", "垃圾", declared)

    assert (found.category.code, found.declared) == ("street.lamp", True)
    assert found.reason().text_zh == "来件已注明类别，归入市容/路灯"


def test_what_the_channel_calls_it_in_its_own_words_weighs_more_than_the_text() -> None:
    assert classify(SMALL, "", "学费", "公用设施/路灯灯具").category.code == "street.lamp"


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("翠湖南路雨水井盖缺失", "人行道上井盖不见了", "utilities.manhole"),
        ("青年路夜宵摊占道", "烧烤摊把人行道全占了", "sanitation.vending"),
        ("学府路施工到凌晨两点", "工地连续四天夜间施工", "environment.noise_site"),
        ("拖欠农民工工资", "十八个人的工资没有发", "labour.wages"),
        ("小区加装电梯流程", "请问加装电梯要什么材料", "construction.old_estate"),
        ("电梯困人", "电梯又停了", "commerce.lift"),
        ("入学划片", "孩子九月上小学划片到哪个学校", "education.enrolment"),
        ("村务不公开", "村干部卖林木的钱没有公示", "agriculture.village_affairs"),
    ],
)
def test_plain_matters_are_found(title: str, text: str, code: str) -> None:
    assert classify(LEXICON, title, text).category.code == code


def test_there_are_112_categories_of_15_subjects() -> None:
    subjects = {category.subject for category in LEXICON.categories.values()}

    assert len(subjects) == 15
    assert len(LEXICON.categories) == 112


def test_every_category_has_a_known_kind_and_a_first_level_subject() -> None:
    for category in LEXICON.categories.values():
        assert category.level1
        assert category.kind in {"部件", "事件"}


def test_every_word_of_the_lexicon_speaks_for_something_that_exists_and_only_once() -> None:
    subjects = {category.subject_code for category in LEXICON.categories.values()}
    with (DATA / "lexicon.csv").open(encoding="utf-8") as file:
        rows = [(row["term"], row["category"]) for row in csv.DictReader(file)]

    assert {code for _, code in rows} <= LEXICON.categories.keys() | subjects
    assert len(set(rows)) == len(rows)
    assert all(len(term) > 1 for term, _ in rows)
