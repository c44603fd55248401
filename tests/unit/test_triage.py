"""Triage decides category, place, urgency and kind of request, and says why."""

import pytest

from infra.organisation.registry import Registry
from services.complaints.contracts import RequestKind, Urgency
from services.complaints.triage.category import Lexicon
from services.complaints.triage.decide import TriageInput, triage
from services.complaints.triage.request_kind import request_kind_of
from services.complaints.triage.urgency import dangers, urgency_of


@pytest.mark.parametrize(
    ("declared", "urgency"),
    [("一般", Urgency.NORMAL), ("紧急", Urgency.URGENT), ("特急", Urgency.CRITICAL), ("", Urgency.NORMAL)],
)
def test_the_declared_urgency_is_taken_over(declared: str, urgency: Urgency) -> None:
    assert urgency_of("路灯坏了", "", declared)[0] == urgency


def test_a_danger_in_the_words_raises_the_urgency_and_is_told() -> None:
    urgency, reason = urgency_of("井盖缺失", "还有一处电梯困人", "一般")

    assert urgency == Urgency.CRITICAL
    assert reason.text_zh == "文中出现危险情形“电梯困人”，定为特急"
    assert reason.evidence == ["电梯困人"]


def test_the_words_never_lower_what_was_declared() -> None:
    assert urgency_of("井盖缺失", "", "特急")[0] == Urgency.CRITICAL


def test_every_danger_gives_more_than_the_normal_urgency() -> None:
    assert len(dangers()) > 40
    assert set(dangers().values()) == {Urgency.URGENT, Urgency.CRITICAL}


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("投诉", RequestKind.COMPLAINT),
        ("举报", RequestKind.TIP_OFF),
        ("求助", RequestKind.HELP),
        ("咨询", RequestKind.ENQUIRY),
        ("建议", RequestKind.SUGGESTION),
        ("表扬", RequestKind.PRAISE),
    ],
)
def test_the_declared_kind_is_taken_over(declared: str, kind: RequestKind) -> None:
    assert request_kind_of("咨询", "我要投诉", declared)[0] == kind


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("举报黑车", "请问多久查处？", RequestKind.TIP_OFF),
        ("投诉物业", "建议换掉", RequestKind.COMPLAINT),
        ("咨询公积金", "没人管", RequestKind.ENQUIRY),
        ("请求解决用水", "", RequestKind.HELP),
        ("建议增加班次", "", RequestKind.SUGGESTION),
        ("为志愿者点赞", "", RequestKind.PRAISE),
        ("路灯", "请问多久修好", RequestKind.ENQUIRY),
        ("路灯", "一直没人管，请问多久修好", RequestKind.COMPLAINT),
        ("路灯", "几点建议：加密路灯", RequestKind.SUGGESTION),
        ("路灯", "路灯坏了", RequestKind.COMPLAINT),
    ],
)
def test_otherwise_the_title_then_the_text_decide(title: str, text: str, kind: RequestKind) -> None:
    assert request_kind_of(title, text)[0] == kind


def test_a_report_is_decided_as_a_whole_with_a_reason_for_everything() -> None:
    report = TriageInput(
        title="翠湖南路井盖缺失",
        text="人行道上一个雨水井盖不见了，已有老人险些跌落。",
        declared_kind="投诉",
        declared_urgency="一般",
        place_fields={"事发地址": "五华区华山街道翠湖南路"},
    )

    decision = triage(report, Registry.load(), Lexicon.load())

    assert decision.category == "utilities.manhole"
    assert decision.category_name == "井盖"
    assert decision.place_path == "5301/530102/530102001"
    assert decision.urgency == Urgency.URGENT
    assert decision.request_kind == RequestKind.COMPLAINT
    assert decision.subject == "城乡建设"
    assert {about: bool(reason.text_zh) for about, reason in decision.reasons.items()} == {
        "category": True,
        "place": True,
        "urgency": True,
        "request_kind": True,
    }


def test_the_same_report_is_always_decided_alike() -> None:
    report = TriageInput(title="路灯不亮", text="呈贡斗南的路灯不亮")

    assert triage(report, Registry.load(), Lexicon.load()) == triage(report, Registry.load(), Lexicon.load())


@pytest.mark.parametrize("text", ["", "\n", "🙂" * 1000, "a" * 20000, "\u202e井盖", "5301"])
def test_odd_texts_are_decided_too(text: str) -> None:
    assert triage(TriageInput(title=text, text=text), Registry.load(), Lexicon.load()).place_path == "5301"
