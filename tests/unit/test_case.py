"""A case speaks: what it may do it does and tells, what it may not it refuses and stays as it was."""

from datetime import timedelta

import msgspec
import pytest

from infra.problem import InvalidInput, Refused
from services.complaints.case import Case
from services.complaints.case_views import view_of
from services.complaints.contracts import (
    CaseClosed,
    CaseFiled,
    CaseRevised,
    CaseStatus,
    CaseStep,
    LimitGiven,
    LimitRow,
    LimitTable,
    Reason,
    RequestKind,
    Urgency,
)
from services.complaints.corrections import Decided, in_words
from services.complaints.limits import Limit
from services.complaints.standard.giving import closing_conditions
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import (
    AT,
    DESK,
    STREET,
    brought_to_checking,
    case,
    hears_revision,
    joins,
    report,
    revised,
    task,
    told,
)


@pytest.mark.parametrize("kind", [RequestKind.COMPLAINT, RequestKind.TIP_OFF, RequestKind.HELP])
def test_what_is_to_be_put_right_is_filed_at_once_with_its_limit(kind: RequestKind) -> None:
    filed = case(kind)

    event = msgspec.json.decode(filed.outbox[0].data, type=CaseFiled)
    assert told(filed) == ["case_filed"]
    assert event.case == filed.state()
    assert (event.case.status, event.case.filed_at) == (CaseStatus.FILED, AT)
    assert (event.case.limit_amount, event.case.limit_clock) == (4.0, "work_hour")


@pytest.mark.parametrize("kind", [RequestKind.ENQUIRY, RequestKind.SUGGESTION, RequestKind.PRAISE])
def test_what_is_to_be_answered_waits_for_a_person(kind: RequestKind) -> None:
    waiting = case(kind)

    assert told(waiting) == ["case_received"]
    assert (waiting.status, waiting.filed_at, waiting.limit_amount) == ("received", None, None)


def test_the_same_report_always_opens_the_same_case() -> None:
    assert case(number="GD7").id == case(number="GD7").id != case(number="GD8").id


def test_no_event_of_a_case_carries_the_citizens_text_name_or_number() -> None:
    spoken = brought_to_checking()
    joins(spoken, report("GD2"))
    spoken.close(DESK, "已修复", "井盖已更换，谢谢。", at=AT, cause="r/1")

    everything = b"".join(envelope.data for envelope in spoken.outbox).decode()
    assert len(spoken.outbox) == 6
    for private in ("雨水井盖", "李女士", "13800000000", "翠湖南路", "谢谢"):
        assert private not in everything


def test_a_closed_case_carries_condition_and_reply_and_has_ended() -> None:
    checked = brought_to_checking()

    checked.close(DESK, " 已修复 ", "井盖已更换。", at=AT + timedelta(hours=3), cause="r/1")

    event = msgspec.json.decode(checked.outbox[-1].data, type=CaseClosed)
    assert (event.condition, event.case.status, event.case.closed_at) == (
        "已修复",
        CaseStatus.CLOSED,
        AT + timedelta(hours=3),
    )
    assert (checked.reply, checked.proposed_reply, checked.is_open) == ("井盖已更换。", "已更换井盖", None)


@pytest.mark.parametrize("table", LimitTable)
def test_closing_names_a_condition_of_its_row_of_either_table_or_says_why_another(table: LimitTable) -> None:
    checked = brought_to_checking()
    checked.limit_given = given(table, "问题已解决；已依法查处")
    events = len(checked.outbox)

    with pytest.raises(InvalidInput) as refusal:
        checked.close(DESK, "已修复", "井盖已更换。", " ", at=AT, cause="r/1")
    assert (refusal.value.field, checked.status, len(checked.outbox)) == ("condition", "checking", events)

    checked.close(DESK, "已修复", "井盖已更换。", "权属单位已另行更换", at=AT, cause="r/1")
    assert (checked.closings[-1].condition, checked.closings[-1].why) == ("已修复", "权属单位已另行更换")


@pytest.mark.parametrize(("conditions", "condition"), [("问题已解决；已依法查处", "已依法查处"), ("", "已修复")])
def test_closing_by_a_condition_of_its_row_or_of_a_row_without_any_needs_no_why(
    conditions: str, condition: str
) -> None:
    checked = brought_to_checking()
    checked.limit_given = given(LimitTable.OUTSIDE, conditions)

    checked.close(DESK, condition, "井盖已更换。", at=AT, cause="r/1")

    assert (checked.status, checked.closing_condition) == ("closed", condition)


def given(table: LimitTable, conditions: str) -> LimitGiven:
    """A limit by a row of `table` with these closing conditions."""
    row = LimitRow(code="r", table=table, limit="4小时", amount=4.0, clock="work_hour", closing_condition=conditions)
    return LimitGiven(
        row_ref="e:r",
        row=row,
        effective_from=AT.date(),
        factor=1.0,
        amount=4.0,
        clock="work_hour",
        default_unit=None,
        why="",
        closing_conditions=closing_conditions(row),
    )


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda one: one.close(DESK, "  ", "好", at=AT, cause="r"), "condition"),
        (lambda one: one.close(DESK, "已修复", "", at=AT, cause="r"), "reply"),
        (lambda one: one.request_rework(DESK, " ", at=AT, cause="r"), "reason"),
        (lambda one: one.close(DESK, None, "好", at=AT, cause="r"), "condition"),
    ],
)
def test_an_empty_reason_reply_or_condition_is_refused_by_name(act: object, field: str) -> None:
    checked = brought_to_checking()
    events = len(checked.outbox)

    with pytest.raises(InvalidInput) as refusal:
        act(checked)  # type: ignore[operator]

    assert (refusal.value.field, len(checked.outbox)) == (field, events)


def test_rework_goes_back_to_the_same_unit_keeps_everything_and_is_counted() -> None:
    checked = brought_to_checking()

    checked.request_rework(DESK, "周边路面未修复", at=AT, cause="r/1")

    assert told(checked)[-1] == "case_rework_requested"
    assert (checked.status, checked.reworks, checked.responsible_unit) == ("handling", 1, STREET)
    assert (checked.task_id, checked.proposed_reply) == ("t1", "已更换井盖")


def test_late_news_of_the_old_submission_does_not_undo_a_rework_but_the_next_submission_counts() -> None:
    checked = brought_to_checking()
    checked.request_rework(DESK, "未修复", at=AT, cause="r/1")

    checked.follow(task(TaskStatus.SUBMITTED, overdue=True), 4, at=AT, cause="t/4")
    before_it_heard = checked.status
    checked.follow(task(TaskStatus.SUBMITTED, reworks=1), 6, result="已修复路面", at=AT, cause="t/6")
    checked.follow(task(TaskStatus.RECTIFYING, reworks=1), 5, at=AT, cause="t/5")

    assert (before_it_heard, checked.status, checked.proposed_reply) == ("handling", "checking", "已修复路面")


def test_a_returned_task_leaves_the_case_dispatched_to_the_next_unit() -> None:
    given = case()
    given.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")

    given.follow(task(TaskStatus.RETURNED), 2, next_unit="5301/530102", why="非本街道管辖", at=AT, cause="t/2")

    assert (given.status, given.responsible_unit, given.returns, given.dispatches) == (
        "dispatched",
        "5301/530102",
        1,
        1,
    )
    assert given.history[-1].why == "非本街道管辖"
    given.follow(task(TaskStatus.ISSUED, task_id="t2", round=2, responsible_unit="5301/530102"), 1, at=AT, cause="t2/1")
    assert (given.task_id, given.dispatches, given.returns) == ("t2", 2, 1)


def test_a_submission_that_comes_before_the_assignment_brings_the_case_to_checking_in_one_event() -> None:
    filed = case()

    filed.follow(task(TaskStatus.SUBMITTED), 3, result="已更换", at=AT, cause="t/3")
    filed.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    filed.follow(task(TaskStatus.ACCEPTED), 2, at=AT, cause="t/2")

    event = msgspec.json.decode(filed.outbox[-1].data, type=CaseRevised)
    assert told(filed) == ["case_filed", "case_revised"]
    assert (event.what, event.case.status) == ("派遣、处置、核查", CaseStatus.CHECKING)


def test_news_that_change_nothing_about_the_case_leave_no_event() -> None:
    given = case()
    given.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    before = given.sequence

    repeated = given.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    overdue = given.follow(task(TaskStatus.ISSUED, overdue=True), 2, at=AT, cause="t/2")

    assert (repeated, overdue, given.sequence) == (False, True, before)
    assert given.tasks["t1"].sequence == 2


def test_late_news_for_a_case_that_has_ended_only_move_the_mark() -> None:
    closed = brought_to_checking()
    closed.close(DESK, "已修复", "已更换。", at=AT, cause="r/1")
    state = closed.state()

    closed.follow(task(TaskStatus.CLOSED), 4, at=AT, cause="t/4")
    closed.follow(task(TaskStatus.ACCEPTED, task_id="t9", round=9), 1, at=AT, cause="t9/1")

    assert closed.state() == state
    assert {name: mark.sequence for name, mark in closed.tasks.items()} == {"t1": 4, "t9": 1}


def test_another_report_on_the_matter_is_a_reminder_that_is_counted_once() -> None:
    open_case = case()

    first = joins(open_case, report("GD2"))
    again = joins(open_case, report("GD2"))

    event = msgspec.json.decode(open_case.outbox[-1].data, type=CaseRevised)
    assert (first, again) == (True, False)
    assert (event.what, event.case.reports, len(open_case.outbox)) == ("催办", 2, 2)


def test_a_case_that_has_ended_takes_no_further_reports() -> None:
    voided = case()
    voided.void(DESK, "重复录入", at=AT, cause="r/1")

    with pytest.raises(Refused):
        joins(voided, report("GD2"))

    assert told(voided) == ["case_filed", "case_voided"]


def test_a_revision_of_its_report_is_shown_and_told_once() -> None:
    open_case = case()

    first = hears_revision(open_case, revised())
    again = hears_revision(open_case, revised())

    event = msgspec.json.decode(open_case.outbox[-1].data, type=CaseRevised)
    assert (first, again, event.what) == (True, False, "来件有修改")
    assert open_case.text == "翠湖南路两个雨水井盖缺失。"


def test_a_revision_after_the_end_is_told_and_changes_neither_state_nor_words() -> None:
    voided = case()
    voided.void(DESK, "重复录入", at=AT, cause="r/1")
    words, before = voided.text, voided.state()

    hears_revision(voided, revised())

    assert told(voided) == ["case_filed", "case_voided", "case_revised"]
    event = msgspec.json.decode(voided.outbox[-1].data, type=CaseRevised)
    assert (event.what, event.case, voided.text) == ("结案后来件有修改", before, words)
    assert (voided.sequence, voided.void_reason) == (3, "重复录入")
    assert view_of(voided).history == [
        CaseStep(version=1, what="立案", by="系统", at=AT, why="热线来件直接立案"),
        CaseStep(version=2, what="作废", by=DESK, at=AT, why="重复录入"),
        CaseStep(version=3, what="结案后来件有修改", by="系统", at=AT, why="HZ-GD1"),
    ]


def test_an_answered_case_carries_its_reply() -> None:
    asked = case(RequestKind.ENQUIRY)

    asked.answer(DESK, "请到街道便民服务中心办理。", at=AT, cause="r/1")

    assert told(asked) == ["case_received", "case_answered"]
    assert (asked.status, asked.reply, asked.replied_at, asked.closed_at) == (
        "answered",
        "请到街道便民服务中心办理。",
        AT,
        None,
    )


@pytest.mark.parametrize("blank", ["", " 　\n"])
def test_what_is_left_empty_is_named_in_both_languages(blank: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        case(RequestKind.COMPLAINT).void(DESK, blank, at=AT, cause="r/1")
    assert (refusal.value.detail, refusal.value.detail_zh) == ("reason must not be empty", "理由不能为空")


GARBAGE = Decided(
    category="sanitation.garbage",
    category_name="垃圾清运",
    place_path="5301/530103",
    urgency=Urgency.NORMAL,
    request_kind=RequestKind.COMPLAINT,
)


def test_a_correction_keeps_what_triage_had_said() -> None:
    asked = case(RequestKind.ENQUIRY)

    said = in_words(asked.overrule(msgspec.structs.replace(GARBAGE, request_kind=RequestKind.ENQUIRY), DESK))
    asked.file(DESK, limit=Limit(2.0, "work_day"), at=AT, cause="r/1", why=said)

    assert said == "类别由井盖设施更正为垃圾清运；地点由5301/530102/530102001更正为5301/530103"
    assert asked.reasons["category"] == Reason(
        "坐席李类别由井盖设施更正为垃圾清运", ["依据特征词“井盖”归入井盖设施", "井盖 +6.0"], DESK
    )
    assert (asked.state().category, asked.inside_places) == ("sanitation.garbage", ["5301", "5301/530103"])


def test_a_filed_case_is_corrected_with_its_limit_and_tells_from_what_to_what() -> None:
    filed = case()

    filed.correct(
        DESK,
        msgspec.structs.replace(filed.decided(), urgency=Urgency.CRITICAL),
        limit=Limit(1.0, "work_hour"),
        at=AT,
        cause="r/1",
    )

    event = msgspec.json.decode(filed.outbox[-1].data, type=CaseRevised)
    assert (event.what, event.case.urgency, event.case.status) == ("更正紧急程度", "critical", "filed")
    assert (event.case.limit_amount, event.case.limit_clock) == (1.0, "work_hour")
    assert filed.history[-1] == CaseStep(version=2, what="更正紧急程度", by=DESK, at=AT, why="紧急程度由一般更正为特急")
    assert filed.reasons["urgency"] == Reason("坐席李紧急程度由一般更正为特急", [], DESK)


def test_a_dispatched_case_is_corrected_in_several_points_at_once_and_stays_with_its_unit() -> None:
    dispatched = case()
    dispatched.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")

    dispatched.correct(DESK, GARBAGE, limit=Limit(2.0, "work_day"), at=AT, cause="r/1")

    assert dispatched.history[-1].what == "更正类别、更正地点"
    assert (dispatched.status, dispatched.responsible_unit, dispatched.place_path) == (
        "dispatched",
        STREET,
        "5301/530103",
    )


@pytest.mark.parametrize("status", [TaskStatus.ACCEPTED, TaskStatus.SUBMITTED])
def test_once_a_unit_has_begun_nothing_is_corrected(status: TaskStatus) -> None:
    begun = case()
    begun.follow(task(status), 1, at=AT, cause="t/1")
    before = begun.state()

    with pytest.raises(Refused) as refusal:
        begun.correct(DESK, GARBAGE, limit=Limit(2.0, "work_day"), at=AT, cause="r/1")

    assert refusal.value.detail_zh.endswith("不能更正；仅已立案、已派遣的案件可以")
    assert begun.state() == before


def test_a_correction_that_corrects_nothing_is_refused() -> None:
    filed = case()

    with pytest.raises(InvalidInput):
        filed.correct(DESK, filed.decided(), limit=Limit(4.0, "work_hour"), at=AT, cause="r/1")

    assert told(filed) == ["case_filed"]


def test_the_last_change_says_who_when_and_what() -> None:
    checked = brought_to_checking()
    checked.close(DESK, "已修复", "已更换。", at=AT, cause="r/1")

    assert checked.last_change() == {
        "changed_by": "坐席李",
        "changed_at": "2026-03-02T01:00:00+00:00",
        "changed_what": "结案",
    }


def test_a_case_survives_being_stored_and_loaded() -> None:
    checked = brought_to_checking()

    loaded = Case._from_son(checked.to_mongo())

    assert loaded.state() == checked.state()
    assert (loaded.tasks, loaded.history, loaded.joined) == (checked.tasks, checked.history, checked.joined)


def test_its_events_name_the_case_as_their_subject() -> None:
    assert [one.subject for one in case().outbox] == [f"case/{case().id}"]
