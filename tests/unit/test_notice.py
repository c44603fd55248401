"""The notice of an assignment: what the unit reads, and its id, of which there is one per assignment."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.organisation.registry import Registry
from services.notify.contracts import BulletinKind
from services.notify.letterhead import Letterhead
from services.notify.notice import notice_id
from services.notify.rendering import Rendered, Renderer, with_forwarding
from services.notify.task_notice import facts_of
from services.tasks.contracts import (
    SupervisionState,
    SupervisionStatus,
    SupervisionTrigger,
    TaskSource,
    TaskState,
    TaskStatus,
)

HUASHAN = "5301/530102/530102001"
MARCH_2 = datetime(2026, 3, 2, 1, tzinfo=UTC)
TASK = TaskState(
    task_id="case-7-1",
    source=TaskSource.CASE,
    status=TaskStatus.ISSUED,
    title="道路破损（华山街道）",
    responsible_unit=HUASHAN,
    place_path=HUASHAN,
    issued_at=MARCH_2,
    deadline=datetime(2026, 3, 9, 10, tzinfo=UTC),
    deadline_provisional=False,
    overdue=False,
    case_id="case-7",
    case_number="KM20260302-00012",
    routed_because="按发生地点派遣到街道",
)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.load("5301")


def rendered(registry: Registry, kind: BulletinKind = BulletinKind.ASSIGNMENT, **changes: Any) -> Rendered:
    facts = facts_of(kind, msgspec.structs.replace(TASK, **changes), registry, MARCH_2)
    office = Letterhead.of(registry).office
    return Renderer(registry).render("notice", office=office, number="昆创文交〔2026〕3号", **facts)


def test_the_unit_reads_what_is_to_be_done_until_when(registry: Registry) -> None:
    assert rendered(registry).text == (
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "昆创文交〔2026〕3号\n"
        "\n"
        "创建工作交办单\n"
        "\n"
        "华山街道：\n"
        "\n"
        "现将下列事项交由你单位办理，请及时签收，按期办结。\n"
        "\n"
        "事项：道路破损（华山街道）\n"
        "来源：群众诉求与巡查发现（案件 KM20260302-00012）\n"
        "发生地点：华山街道\n"
        "办理期限：2026年3月9日 18:00（北京时间）\n"
        "交办依据：按发生地点派遣到街道\n"
        "\n"
        "不属于你单位职责的，请在下达后一个工作日内说明理由退回；逾期未办结的，将按规定督办。\n"
        "\n"
        "昆明市创建全国文明城市工作总指挥部办公室\n"
        "2026年3月2日\n"
    )


def test_a_provisional_deadline_is_called_so(registry: Registry) -> None:
    text = rendered(registry, deadline_provisional=True).text

    assert "办理期限：2026年3月9日 18:00（北京时间），暂定，节假日安排公布后核定\n" in text


def test_a_plan_task_names_its_row_and_a_second_round_says_so(registry: Registry) -> None:
    plan = rendered(registry, source=TaskSource.PLAN, case_number=None, plan_row="2.6", round=2, routed_because="").text

    assert "来源：创建全国文明城市目标任务分解表（第2.6项）\n" in plan
    assert "交办轮次：第2次交办\n" in plan
    assert "交办依据" not in plan


def test_a_reminder_has_words_of_its_own(registry: Registry) -> None:
    soon = rendered(registry, BulletinKind.REMINDER, due_soon=True).text
    text = rendered(registry, BulletinKind.REMINDER, due_soon=True, overdue=True).text

    assert "临期整改提醒\n" in soon
    assert "下列事项的办理时限即将届满，请抓紧办理，按期申报完成情况。\n" in soon
    assert "逾期整改提醒\n" in text
    assert "下列事项已超过办理期限，请立即组织整改，并在系统中申报完成情况。\n" in text


def test_what_officers_wrote_is_escaped(registry: Registry) -> None:
    html = rendered(registry, title="<script>alert(1)</script>", routed_because='" onload="x').html

    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<dd>&#34; onload=&#34;x</dd>" in html


def test_who_stands_in_is_asked_on_top_to_pass_it_on(registry: Registry) -> None:
    document = rendered(registry)

    forwarded = with_forwarding(document, "（华山街道未登记联系人，请转送。<b>）")

    assert forwarded.text == "（华山街道未登记联系人，请转送。<b>）\n\n" + document.text
    assert '<p class="forward">（华山街道未登记联系人，请转送。&lt;b&gt;）</p>' in forwarded.html
    assert 'forward"' not in document.html


def test_an_assignment_has_one_notice_and_every_missed_deadline_one_reminder() -> None:
    later = msgspec.structs.replace(TASK, deadline=datetime(2026, 3, 20, 10, tzinfo=UTC))

    assert (
        notice_id(BulletinKind.ASSIGNMENT, TASK) == notice_id(BulletinKind.ASSIGNMENT, later) == "assignment-case-7-1"
    )
    late, later = (msgspec.structs.replace(one, overdue=True) for one in (TASK, later))
    assert notice_id(BulletinKind.REMINDER, TASK) == "reminder-soon-case-7-1-202603091800"
    assert notice_id(BulletinKind.REMINDER, late) == "reminder-case-7-1-202603091800"
    assert notice_id(BulletinKind.REMINDER, later) == "reminder-case-7-1-202603201800"


def test_an_order_is_told_in_a_notice_with_its_own_number(registry: Registry) -> None:
    order = SupervisionState(
        supervision_id="case-7-1-s1",
        number="五华区创督〔2026〕1号",
        status=SupervisionStatus.OPENED,
        task_id="case-7-1",
        case_id="case-7",
        title=TASK.title,
        unit=HUASHAN,
        place_path=HUASHAN,
        by_unit="5301/530102",
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
    facts = facts_of(BulletinKind.SUPERVISION, order, registry, MARCH_2)
    assert notice_id(BulletinKind.SUPERVISION, order) == "supervision-case-7-1-s1"
    assert (facts["title"], facts["unit"]) == ("督办通知单", HUASHAN)
    assert facts["facts"] == [
        ("督办编号", "五华区创督〔2026〕1号"),
        ("督办单位", "五华区"),
        ("事项", "道路破损（华山街道）"),
        ("发生地点", "华山街道"),
        ("督办理由", "超过办理期限仍未办结"),
        ("答复期限", "2026年3月4日 09:00（北京时间）"),
    ]
