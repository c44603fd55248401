"""The reports of a case decide together: the most urgent counts, the most demanding, and the desk sees what changed."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.problem import Refused
from services.complaints.case import Case
from services.complaints.contracts import CaseRevised, CaseStep, Channel, Reason, RequestKind, Urgency
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import (
    AT,
    DECISION,
    DESK,
    ORDER,
    VAULT,
    brought_to_checking,
    case,
    hears_revision,
    joins,
    limit_of,
    raw,
    report,
    revised,
    task,
    told,
)

LATER = AT + timedelta(hours=1)
DANGER = Reason("文中出现危险情形“触电”，定为特急", ["触电"])


def found(urgency: Urgency = Urgency.NORMAL, kind: RequestKind = RequestKind.COMPLAINT) -> TriageDecision:
    """What triage finds of a report as urgent as that, of that kind."""
    reasons = {"urgency": DANGER if urgency == Urgency.CRITICAL else Reason(f"定为{urgency}", [])}
    reasons["request_kind"] = Reason(f"视为{kind}", [])
    return msgspec.structs.replace(DECISION, urgency=urgency, request_kind=kind, reasons=DECISION.reasons | reasons)


CRITICAL = found(Urgency.CRITICAL)


def opened(decision: TriageDecision, channel: Channel = Channel.HOTLINE_12345, number: str = "GD1") -> Case:
    """A new case of a report on that channel, as triage decided."""
    return Case.open_with(
        said_on(channel, number),
        decision,
        number="昆创案〔2026〕000001",
        limit=Limit(4.0, "work_hour"),
        at=AT,
        cause="e/1",
    )


def said_on(channel: Channel, number: str) -> Report:
    """A report on that channel."""
    order = msgspec.structs.replace(ORDER, external_id=number)
    return Report.receive(channel, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="i/1")


def corrected(of: Case, **decided: Any) -> Case:
    """The case after an officer decided so."""
    now = msgspec.structs.replace(of.decided(), **decided)
    of.correct(DESK, now, limit=limit_of(now), at=AT, cause="r/1")
    return of


def test_a_report_that_is_more_urgent_makes_its_case_more_urgent_with_the_limit_that_follows() -> None:
    lamp = opened(found())
    before = lamp.reasons["urgency"]

    joins(lamp, report("GD2"), decision=CRITICAL, at=LATER)

    event = msgspec.json.decode(lamp.outbox[-1].data, type=CaseRevised)
    assert told(lamp) == ["case_filed", "case_revised", "case_revised"]
    assert (event.what, event.case.urgency, event.case.limit_amount) == ("调整紧急程度", "critical", 0.25)
    assert lamp.history[-1] == CaseStep(
        version=3, what="调整紧急程度", by="系统", at=LATER, why="紧急程度由一般调整为特急（依据来件HZ-GD2）"
    )
    assert lamp.reasons["urgency"] == Reason("依据来件HZ-GD2：文中出现危险情形“触电”，定为特急", ["触电"])
    assert lamp.joined[0].because == {"urgency": before}
    assert (lamp.desk, lamp.desk_kind, lamp.escalated_by) == ({"escalated": LATER}, "escalated", ["HZ-GD2"])


def test_a_report_that_is_less_urgent_changes_nothing_but_the_count() -> None:
    hole = opened(CRITICAL)

    joins(hole, report("GD2"), decision=found(Urgency.URGENT))

    assert (hole.urgency, hole.limit_amount, hole.reasons["urgency"], hole.desk) == ("critical", 4.0, DANGER, {})
    assert told(hole) == ["case_filed", "case_revised"]


@pytest.mark.parametrize("status", [TaskStatus.ISSUED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED])
def test_it_counts_in_whatever_state_the_case_is_and_the_desk_sees_it_until_an_officer_has_noted_it(
    status: TaskStatus,
) -> None:
    worked_on = opened(found())
    worked_on.follow(task(status), 1, at=AT, cause="t/1")
    others = set(worked_on.desk)

    joins(worked_on, report("GD2"), decision=CRITICAL)
    assert (worked_on.urgency, set(worked_on.desk)) == ("critical", {"escalated"} | others)
    worked_on.take_note(DESK, at=AT, cause="r/1")

    assert (set(worked_on.desk), worked_on.history[-1].what) == (others, "已阅")


def test_what_an_officer_decided_stays_and_the_desk_is_shown_who_says_more() -> None:
    lowered = corrected(opened(CRITICAL), urgency=Urgency.NORMAL)

    joins(lowered, report("GD2"), decision=CRITICAL)
    assert (lowered.urgency, lowered.limit_amount, lowered.escalated_by) == ("normal", 4.0, ["HZ-GD2"])
    assert (told(lowered), set(lowered.desk)) == (["case_filed", "case_revised", "case_revised"], {"escalated"})
    joins(lowered, report("GD3"), decision=found())
    corrected(lowered, urgency=Urgency.URGENT)

    assert (lowered.urgency, lowered.limit_amount, lowered.desk) == ("urgent", 2.0, {})


def test_an_officers_decision_is_still_an_officers_when_its_grounds_are_erased() -> None:
    lowered = corrected(opened(CRITICAL), urgency=Urgency.NORMAL)

    lowered.forget(lowered.joined[0].report_id, None, str, by="钱七", why="市民申请", at=AT, cause="r/2")
    joins(lowered, report("GD2"), decision=CRITICAL)

    assert lowered.reasons["urgency"] == Reason("依据已随来件删除", ["已删除"], DESK)
    assert (lowered.urgency, lowered.escalated_by) == ("normal", ["HZ-GD2"])


def test_what_a_report_made_more_urgent_is_not_explained_with_its_words_once_it_was_erased() -> None:
    lamp = opened(found())
    joins(lamp, report("GD2"), decision=CRITICAL)

    lamp.forget(lamp.joined[1].report_id, None, str, by="钱七", why="市民申请", at=AT, cause="r/2")

    assert (lamp.urgency, lamp.reasons["urgency"]) == ("critical", Reason("依据已随来件删除", ["已删除"]))
    assert "触电" not in str(lamp.to_mongo())


@pytest.mark.parametrize(
    ("opens", "comes", "status"),
    [
        (Channel.HOTLINE_12345, Channel.HOTLINE_12345, "filed"),
        (Channel.WEIBO, Channel.HOTLINE_12345, "filed"),
        (Channel.HOTLINE_12345, Channel.WEIBO, "filed"),
        (Channel.WEIBO, Channel.FORUM, "verifying"),
    ],
)
def test_an_enquiry_enters_as_a_complaint_does_when_one_joins_whichever_came_first(
    opens: Channel, comes: Channel, status: str
) -> None:
    asked, complained = found(kind=RequestKind.ENQUIRY), found()
    enquiry, complaint = opened(asked, opens), opened(complained, comes)

    joins(enquiry, said_on(comes, "GD2"), decision=complained)
    joins(complaint, said_on(opens, "GD2"), decision=asked)

    assert (enquiry.status, complaint.status) == (status, status)
    assert (enquiry.request_kind, complaint.request_kind) == ("complaint", "complaint")
    assert enquiry.limit_amount == 4.0
    assert enquiry.reasons["request_kind"] == Reason("依据来件HZ-GD2：视为complaint", [])
    assert told(enquiry)[:3] == ["case_received", "case_revised", "case_revised"]


def test_an_enquiry_that_is_filed_for_a_report_says_for_which() -> None:
    enquiry = opened(found(kind=RequestKind.ENQUIRY))

    joins(enquiry, report("GD2"), decision=found())

    assert [(step.what, step.why) for step in enquiry.history][-2:] == [
        ("调整诉求类型", "诉求类型由咨询调整为投诉（依据来件HZ-GD2）"),
        ("立案", "热线来件直接立案（HZ-GD2）"),
    ]
    assert (enquiry.filed_at, enquiry.desk) == (AT, {})


def test_an_enquiry_stays_one_where_enquiries_join_or_an_officer_said_so() -> None:
    enquiry, decided = opened(found(kind=RequestKind.ENQUIRY)), opened(found(kind=RequestKind.SUGGESTION))
    decided.overrule(msgspec.structs.replace(decided.decided(), request_kind=RequestKind.ENQUIRY), DESK)

    joins(enquiry, report("GD2"), decision=found(kind=RequestKind.SUGGESTION))
    joins(decided, report("GD2"), decision=found())

    assert (enquiry.status, enquiry.request_kind, set(enquiry.desk)) == ("received", "enquiry", {"enquiry"})
    assert (decided.status, decided.request_kind, set(decided.desk)) == (
        "received",
        "enquiry",
        {"enquiry", "escalated"},
    )


def test_a_report_that_says_again_what_an_officer_has_overruled_is_named_once_and_not_again_once_noted() -> None:
    lowered = corrected(opened(CRITICAL), urgency=Urgency.NORMAL)

    joins(lowered, report("GD2"), decision=found(Urgency.URGENT))
    hears_revision(lowered, revised("GD2"), decision=CRITICAL)
    assert lowered.escalated_by == ["HZ-GD2"]
    lowered.take_note(DESK, at=AT, cause="r/2")
    hears_revision(lowered, revised("GD1"), decision=CRITICAL)

    assert (lowered.urgency, lowered.escalated_by, lowered.revised) == ("normal", [], ["HZ-GD1"])


def test_what_the_desk_has_not_seen_of_a_part_it_is_shown_of_the_whole() -> None:
    whole, part = opened(CRITICAL), opened(found(), number="GD2")
    joins(part, report("GD3"), decision=CRITICAL)
    assert part.escalated_by == ["HZ-GD3"]

    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/1")
    assert (whole.escalated_by, set(whole.desk)) == (["HZ-GD3"], {"escalated"})
    part.stand_again(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/2")

    assert (whole.escalated_by, part.escalated_by, set(part.desk)) == ([], ["HZ-GD3"], {"escalated"})


def test_a_merge_files_an_enquiry_that_takes_in_a_complaint() -> None:
    enquiry = opened(found(kind=RequestKind.ENQUIRY))
    public = opened(CRITICAL, Channel.WEIBO, "W1")

    public.merge_into(enquiry, DESK, "", limit_of=limit_of, at=AT, cause="r/1")

    assert (enquiry.status, enquiry.request_kind, enquiry.urgency) == ("filed", "complaint", "critical")
    assert (enquiry.limit_amount, set(enquiry.desk)) == (0.25, {"escalated"})


def test_what_officers_decided_about_a_part_counts_for_the_whole() -> None:
    whole, part = opened(found()), corrected(opened(found(), number="GD2"), urgency=Urgency.CRITICAL)
    lowered = corrected(opened(CRITICAL, number="GD3"), urgency=Urgency.NORMAL)

    lowered.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/1")
    assert whole.urgency == "normal"
    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/2")

    assert (whole.urgency, whole.reasons["urgency"].text_zh) == (
        "critical",
        f"依据来件HZ-GD2：{DESK}紧急程度由一般更正为特急",
    )


@pytest.mark.parametrize("status", [None, TaskStatus.ISSUED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED])
def test_a_revision_is_shown_to_the_desk_in_every_open_state_until_an_officer_has_noted_it(
    status: TaskStatus | None,
) -> None:
    one = opened(found())
    if status is not None:
        one.follow(task(status), 1, at=AT, cause="t/1")
    others = set(one.desk)

    assert hears_revision(one, revised(), decision=found(), at=LATER)
    assert (set(one.desk), one.desk["revised"], one.revised) == ({"revised"} | others, LATER, ["HZ-GD1"])
    one.take_note(DESK, at=LATER, cause="r/1")

    assert (set(one.desk), one.revised) == (others, [])
    with pytest.raises(Refused):
        one.take_note(DESK, at=LATER, cause="r/2")


def test_a_revision_that_says_more_is_taken_over_and_one_that_says_less_takes_nothing_back() -> None:
    lamp, hole = opened(found(kind=RequestKind.ENQUIRY)), opened(CRITICAL)

    hears_revision(lamp, revised(), decision=CRITICAL)
    hears_revision(hole, revised(), decision=found(kind=RequestKind.ENQUIRY))

    assert (lamp.status, lamp.urgency, lamp.reasons["urgency"], set(lamp.desk)) == (
        "filed",
        "critical",
        DANGER,
        {"escalated", "revised"},
    )
    assert (hole.urgency, hole.request_kind, hole.reasons["urgency"], set(hole.desk)) == (
        "critical",
        "complaint",
        DANGER,
        {"revised"},
    )


def test_a_revision_that_brings_the_facts_that_were_asked_for_is_shown_as_these() -> None:
    asked = case()
    asked.ask_for_facts(DESK, ["位置"], due=LATER, at=AT, cause="r/1")

    hears_revision(asked, revised())

    assert set(asked.desk) == {"facts_arrived"}


def test_facts_that_come_after_it_had_settled_that_none_did_are_shown_all_the_same() -> None:
    asked = case()
    asked.ask_for_facts(DESK, ["位置"], due=AT, at=AT, cause="r/1")
    asked.wake(AT, "clock")
    asked.confirm(DESK, at=AT, cause="r/2")
    assert asked.desk == {}

    hears_revision(asked, revised(), at=LATER)

    assert asked.desk == {"facts_arrived": LATER}


def test_facts_that_arrive_once_a_unit_works_are_shown_to_the_desk_until_confirmed() -> None:
    asked = case()
    asked.ask_for_facts(DESK, ["位置"], due=LATER, at=AT, cause="r/1")
    asked.follow(task(TaskStatus.ACCEPTED), 1, at=AT, cause="t/1")
    assert asked.desk == {}

    joins(asked, report("GD2"))
    assert set(asked.desk) == {"facts_arrived"}
    asked.confirm(DESK, at=AT, cause="r/2")

    assert asked.desk == {}


def test_a_reopened_case_does_not_show_what_was_said_before_it_was_closed() -> None:
    one = brought_to_checking()
    hears_revision(one, revised())
    joins(one, report("GD2"), decision=CRITICAL)
    one.close(DESK, "已修复", "已更换。", at=AT, cause="r/1")
    assert set(one.desk) == {"follow_up"}

    one.reopen(DESK, "又坏了", until=LATER, at=AT, cause="r/2")

    assert (one.desk, one.revised, one.escalated_by) == ({}, [], [])


def test_a_case_from_before_reports_kept_what_triage_found_keeps_its_urgency_until_one_says_more() -> None:
    old = opened(found(Urgency.URGENT))
    old.joined = [msgspec.structs.replace(old.joined[0], urgency=None, request_kind=None)]

    joins(old, report("GD2"), decision=found())
    assert (old.urgency, old.escalated_by) == ("urgent", [])
    joins(old, report("GD3"), decision=CRITICAL)

    assert (old.urgency, old.escalated_by) == ("critical", ["HZ-GD3"])


ENQUIRY, COMPLAINT = found(kind=RequestKind.ENQUIRY), found()


@pytest.mark.parametrize(
    ("whole", "before", "now"),
    [
        (opened(ENQUIRY), "received", "filed"),
        (opened(COMPLAINT, Channel.WEIBO), "verifying", "filed"),
        (opened(COMPLAINT), "filed", "filed"),
    ],
    ids=["enquiry", "in public", "filed"],
)
def test_a_merge_that_is_undone_takes_back_what_it_made_of_the_whole(whole: Case, before: str, now: str) -> None:
    reasons, part = whole.reasons, opened(found(Urgency.URGENT, RequestKind.ENQUIRY), number="GD2")
    joins(part, said_on(Channel.WEIBO, "W3"), decision=ENQUIRY)
    part.joined = [msgspec.structs.replace(one, difficult=True, request_kind=RequestKind.HELP) for one in part.joined]
    assert whole.status == before

    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/1")
    merged = (whole.status, whole.urgency, whole.difficult, whole.limit_amount)
    part.stand_again(whole, DESK, "", limit_of=limit_of, at=LATER, cause="r/2")

    assert merged == (now, "urgent", True, 2.0)
    assert (whole.status, whole.urgency, whole.difficult) == (before, "normal", False)
    assert (whole.escalated_by, whole.entered_later) == ([], None)
    assert {name: reason for name, reason in whole.reasons.items() if name != "limit"} == reasons
    assert whole.joined[0].because == {}
    assert set(whole.desk) == {"received": {"enquiry"}, "verifying": {"verify"}, "filed": set()}[before]


def test_a_case_whose_filing_was_undone_is_filed_again_with_a_next_task() -> None:
    public = opened(COMPLAINT, Channel.WEIBO)
    joins(public, report("GD2"), decision=COMPLAINT)
    public.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")

    public.hand_over("HZ-GD2", DESK, "另立一案", limit_of=limit_of, at=LATER, cause="r/1")
    undone = public.state()
    public.follow(task(TaskStatus.WITHDRAWN), 2, at=LATER, cause="t/2")
    public.verify("孙八", True, "属实", limit=Limit(4.0, "work_hour"), at=LATER, cause="r/2")

    assert (undone.status, undone.restorations, undone.last_ended_at) == ("verifying", 1, LATER)
    assert (public.status, public.filed_at, public.again_since) == ("filed", AT, LATER)
    public.follow(task(TaskStatus.ISSUED, task_id="t2", round=2), 1, at=LATER, cause="t2/1")
    assert (public.status, public.dispatches) == ("dispatched", 2)


@pytest.mark.parametrize("officer", ["file", "verify", "unit"])
def test_what_an_officer_filed_or_a_unit_has_begun_stays_so_when_a_report_leaves(officer: str) -> None:
    one = opened(COMPLAINT, Channel.WEIBO)
    if officer == "verify":
        one.verify("孙八", True, "属实", limit=Limit(4.0, "work_hour"), at=AT, cause="r/1")
    elif officer == "file":
        one = opened(ENQUIRY)
        one.file(DESK, limit=Limit(4.0, "work_hour"), at=AT, cause="r/1")
    joins(one, report("GD2"), decision=COMPLAINT)
    if officer == "unit":
        one.follow(task(TaskStatus.ACCEPTED), 1, at=AT, cause="t/1")
    before = one.status

    one.hand_over("HZ-GD2", DESK, "", limit_of=limit_of, at=LATER, cause="r/2")

    assert (one.status, before) == (before, "handling" if officer == "unit" else "filed")


def test_a_revision_that_says_less_takes_nothing_back_of_a_case_from_before_either() -> None:
    old = opened(found(Urgency.URGENT))
    old.joined = [msgspec.structs.replace(old.joined[0], urgency=None, request_kind=None)]

    hears_revision(old, revised(), decision=found(kind=RequestKind.ENQUIRY))

    assert (old.urgency, old.request_kind, told(old)) == ("urgent", "complaint", ["case_filed", "case_revised"])


def test_a_filing_that_is_refused_leaves_to_the_desk_what_it_has_not_seen() -> None:
    lamp = opened(found())
    joins(lamp, report("GD2"), decision=CRITICAL)
    before = lamp.to_mongo()

    with pytest.raises(Refused):
        lamp.file(DESK, limit=Limit(9.0, "work_hour"), at=LATER, cause="r/1")

    assert lamp.to_mongo() == before
