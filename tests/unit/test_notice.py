"""The notice of an assignment: what the unit reads, and its id, of which there is one per assignment."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from infra.messaging.event import Event, Received, seal
from infra.organisation.registry import Registry
from services.notify.draft import Telling
from services.notify.letterhead import Letterhead
from services.notify.rendering import Rendered, Renderer, with_forwarding
from services.notify.task_notice import assigned, due_soon, overdue
from services.tasks.contracts import TaskAssigned, TaskDueSoon, TaskOverdue, TaskSource, TaskState, TaskStatus

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


def told(kind: type[Event] = TaskAssigned, **changes: Any) -> Received[Any]:
    event = kind(task=msgspec.structs.replace(TASK, **changes))  # type: ignore[call-arg]
    return Received(event, seal(event, subject="task/case-7-1", sequence=1, at=MARCH_2, cause="test"))


def rendered(
    registry: Registry, tell: Telling = assigned, kind: type[Event] = TaskAssigned, **changes: Any
) -> Rendered:
    (draft,) = tell(told(kind, **changes), registry)
    return Renderer(registry).notice(draft, Letterhead.of(registry).office, "昆创文交〔2026〕3号", MARCH_2)


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
    soon = rendered(registry, due_soon, TaskDueSoon, due_soon=True).text
    text = rendered(registry, overdue, TaskOverdue, due_soon=True, overdue=True).text

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


def test_an_assignment_has_one_notice_and_every_deadline_one_reminder_before_it_and_one_after(
    registry: Registry,
) -> None:
    later = datetime(2026, 3, 20, 10, tzinfo=UTC)

    def ids(tell: Telling, kind: type[Event]) -> list[str]:
        return [
            draft.id for one in (told(kind), told(kind, deadline=later), told(kind)) for draft in tell(one, registry)
        ]

    assert set(ids(assigned, TaskAssigned)) == {"assignment-case-7-1"}
    assert set(ids(due_soon, TaskDueSoon)) == {
        "reminder-soon-case-7-1-202603091800",
        "reminder-soon-case-7-1-202603201800",
    }
    assert set(ids(overdue, TaskOverdue)) == {"reminder-case-7-1-202603091800", "reminder-case-7-1-202603201800"}
