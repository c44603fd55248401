"""What the unit that is pushed, the issuer and the headquarters' office are told of a supervision order."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.messaging.event import Event, Received, seal
from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.draft import Telling
from services.notify.letterhead import Letterhead
from services.notify.rendering import Renderer
from services.notify.supervision_notice import clue, moved, opened
from services.tasks.contracts import (
    AccountabilityProposed,
    SupervisionAcknowledged,
    SupervisionAnswered,
    SupervisionClosed,
    SupervisionOpened,
    SupervisionReturned,
    SupervisionState,
    SupervisionStatus,
    SupervisionTrigger,
)

WUHUA, HUASHAN, OFFICE = "5301/530102", "5301/530102/530102001", "5301/~office"
MARCH_2 = datetime(2026, 3, 2, 1, tzinfo=UTC)
ORDER = SupervisionState(
    supervision_id="case-7-1-s1",
    number="五华区创督〔2026〕1号",
    status=SupervisionStatus.OPENED,
    task_id="case-7-1",
    case_id="case-7",
    title="道路破损（华山街道）",
    unit=HUASHAN,
    place_path=HUASHAN,
    by_unit=WUHUA,
    because="超过办理期限仍未办结",
    opened_at=MARCH_2,
    answer_by=datetime(2026, 3, 4, 1, tzinfo=UTC),
    acknowledged_at=None,
    answered_at=None,
    closed_at=None,
    trigger=SupervisionTrigger.OVERDUE,
    overdue=False,
    returns=0,
)
REGISTRY = Registry.load("5301")


def told(event: Event, sequence: int = 1) -> Received[Any]:
    sealed = seal(event, subject="supervision/case-7-1-s1", sequence=sequence, at=MARCH_2, cause="test")
    return Received(event, sealed)


def reading(tell: Telling, event: Event, unit: str) -> str:
    """What `unit` reads."""
    (draft,) = [draft for draft in tell(told(event), REGISTRY) if draft.unit == unit]
    return Renderer(REGISTRY).notice(draft, Letterhead.of(REGISTRY).office, "昆创文督〔2026〕3号", MARCH_2).text


def letter(title: str, to: str, opening: str, said: str, closing: str) -> str:
    """A letter about ORDER; `said` is the last line of its table, with the line's end, where there is one."""
    return (
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "昆创文督〔2026〕3号\n"
        "\n"
        f"{title}\n"
        "\n"
        f"{to}：\n"
        "\n"
        f"{opening}\n"
        "\n"
        "督办编号：五华区创督〔2026〕1号\n"
        "督办单位：五华区\n"
        "承办单位：华山街道\n"
        "事项：道路破损（华山街道）\n"
        "发生地点：华山街道\n"
        "督办理由：超过办理期限仍未办结\n"
        "答复期限：2026年3月4日 09:00（北京时间）\n"
        f"{said}"
        "\n"
        f"{closing}\n"
        "\n"
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "2026年3月2日\n"
    )


def test_an_order_is_told_to_the_unit_in_a_notice_of_its_own_and_its_issuer_is_told_of_it() -> None:
    event = SupervisionOpened(supervision=ORDER, by="系统")

    assert reading(opened, event, HUASHAN) == letter(
        "督办通知单",
        "华山街道",
        "现对下列事项予以督办，请及时签收，立即组织办理，并在答复期限前书面答复办理情况。",
        "",
        "逾期未答复的，将作为责任倒查线索移交处理。",
    )
    assert reading(opened, event, WUHUA) == letter(
        "督办情况通知",
        "五华区",
        "以你单位名义下达的下列督办单已送承办单位，请跟踪督促。",
        "",
        "承办单位答复后，请及时审核。",
    )


def test_only_the_issuer_is_told_that_the_unit_has_acknowledged() -> None:
    event = SupervisionAcknowledged(supervision=ORDER, by="张三")

    assert [draft.unit for draft in moved(told(event), REGISTRY)] == [WUHUA]
    assert reading(moved, event, WUHUA) == letter(
        "督办情况通知",
        "五华区",
        "承办单位已签收下列督办单，请跟踪督促。",
        "",
        "承办单位答复后，请及时审核。",
    )


@pytest.mark.parametrize(
    ("event", "unit", "to", "opening", "said", "closing"),
    [
        (
            SupervisionAnswered(supervision=ORDER, by="张三", answer="已组织抢修"),
            HUASHAN,
            "华山街道",
            "你单位对下列督办事项的答复已送督办单位审核。",
            "答复情况：已组织抢修\n",
            "销号前请继续做好办理工作。",
        ),
        (
            SupervisionAnswered(supervision=ORDER, by="张三", answer="已组织抢修"),
            WUHUA,
            "五华区",
            "承办单位已答复下列督办事项，请及时审核。",
            "答复情况：已组织抢修\n",
            "办理到位的，请予以销号；不符合要求的，请说明理由退回。",
        ),
        (
            SupervisionReturned(supervision=ORDER, by="李四", reason="未附照片"),
            HUASHAN,
            "华山街道",
            "你单位对下列督办事项的答复已被退回，请继续办理，并在新的答复期限前重新答复。",
            "退回理由：未附照片\n",
            "逾期未答复的，将作为责任倒查线索移交处理。",
        ),
        (
            SupervisionReturned(supervision=ORDER, by="李四", reason="未附照片"),
            WUHUA,
            "五华区",
            "下列督办事项的答复已退回承办单位，请跟踪督促。",
            "退回理由：未附照片\n",
            "承办单位重新答复后，请及时审核。",
        ),
        (
            SupervisionClosed(supervision=ORDER, by="李四", note="已整改到位"),
            HUASHAN,
            "华山街道",
            "下列督办事项已销号。",
            "销号说明：已整改到位\n",
            "请巩固办理成果，防止问题反弹。",
        ),
        (
            SupervisionClosed(supervision=ORDER, by="李四", note="已整改到位"),
            WUHUA,
            "五华区",
            "下列督办事项已销号。",
            "销号说明：已整改到位\n",
            "有关情况已记入督办台账。",
        ),
    ],
)
def test_unit_and_issuer_are_told_what_was_answered_returned_or_closed_and_in_what_words(
    event: Event, unit: str, to: str, opening: str, said: str, closing: str
) -> None:
    assert reading(moved, event, unit) == letter("督办情况通知", to, opening, said, closing)
    assert sorted(draft.unit for draft in moved(told(event), REGISTRY)) == [WUHUA, HUASHAN]


def test_a_clue_goes_to_the_headquarters_office_and_to_nobody_else() -> None:
    event = AccountabilityProposed(supervision=ORDER, because="督办单逾期未答复")

    assert [draft.unit for draft in clue(told(event), REGISTRY)] == [OFFICE]
    assert reading(clue, event, OFFICE) == letter(
        "责任倒查线索移送单",
        "总指挥部办公室",
        "下列督办事项已构成责任倒查线索，现予移送，请按规定核查处理。",
        "线索事由：督办单逾期未答复\n",
        "本件仅送总指挥部办公室，核查认定前请注意保密。",
    )


def test_an_order_has_one_notice_and_each_of_its_steps_one_for_whoever_is_told() -> None:
    new = opened(told(SupervisionOpened(supervision=ORDER, by="系统")), REGISTRY)
    first, second = (told(SupervisionAnswered(supervision=ORDER, by="张三", answer="已办"), n) for n in (2, 4))

    assert [(draft.kind, draft.id) for draft in new] == [
        (BulletinKind.SUPERVISION, "supervision-case-7-1-s1"),
        (BulletinKind.SUPERVISION_NEWS, f"supervision_news-case-7-1-s1-1-{WUHUA}"),
    ]
    assert [draft.id for one in (first, second, first) for draft in moved(one, REGISTRY)] == [
        f"supervision_news-case-7-1-s1-{n}-{unit}" for n in (2, 4, 2) for unit in (HUASHAN, WUHUA)
    ]


def test_where_the_office_itself_has_issued_the_order_the_office_is_the_issuer_that_is_told() -> None:
    order = msgspec.structs.replace(ORDER, unit=WUHUA, by_unit=OFFICE)

    drafts = moved(told(SupervisionClosed(supervision=order, by="李四", note="已整改到位")), REGISTRY)

    assert [draft.unit for draft in drafts] == [WUHUA, OFFICE]
    assert drafts[1].facts[:3] == [
        ("督办编号", "五华区创督〔2026〕1号"),
        ("督办单位", "总指挥部办公室"),
        ("承办单位", "五华区"),
    ]
