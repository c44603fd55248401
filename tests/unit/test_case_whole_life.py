"""Verification, facts asked for once, appeals, ratings, reopening: what may be done when, and what it leaves behind."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.problem import InvalidInput, Problem, Refused
from services.complaints.case import Case
from services.complaints.contracts import APPEAL_GRANTED, CaseStatus, Channel, RatingSource, RequestKind, Suggestion
from services.complaints.data_tables import channel_entries, void_reasons
from services.complaints.desk_items import desk_place
from services.complaints.limits import Limit
from services.complaints.reply_templates import draft, reply_templates
from services.complaints.report import Report
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import (
    AT,
    DECISION,
    DESK,
    ORDER,
    VAULT,
    brought_to_checking,
    case,
    joins,
    raw,
    report,
    task,
    told,
)

LIMIT = Limit(4.0, "work_hour")
LATER = AT + timedelta(days=30)
ALIKE = Suggestion(case_id="c9", number="昆创案〔2026〕000009", score=0.6, why="文字相近")


def from_channel(channel: Channel, kind: RequestKind = RequestKind.COMPLAINT, number: str = "W1") -> Case:
    """A new case of a report on that channel."""
    order = msgspec.structs.replace(ORDER, external_id=number)
    came = Report.receive(channel, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="i/1")
    decision = msgspec.structs.replace(DECISION, request_kind=kind)
    return Case.open_with(came, decision, number="昆创案〔2026〕000002", limit=LIMIT, at=AT, cause="e/1")


def closed(**of_task: Any) -> Case:
    """A closed case whose task ended like that."""
    found = brought_to_checking()
    found.follow(task(TaskStatus.SUBMITTED, **of_task), 4, at=AT, cause="t/4")
    found.close(DESK, "已修复", "已更换。", at=AT, cause="r/1")
    return found


def refused(of: Case, act: Any) -> Problem:
    """The refusal of `act`, which changes nothing."""
    before = of.to_mongo()
    with pytest.raises(Problem) as refusal:
        act()
    assert of.to_mongo() == before
    return refusal.value


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize(
    ("kind", "status"), [(RequestKind.COMPLAINT, {"file": "filed", "verify": "verifying", "register": "filed"})]
)
def test_how_a_matter_enters_follows_its_channel(channel: Channel, kind: RequestKind, status: dict[str, str]) -> None:
    assert from_channel(channel, kind).status == status[channel_entries()[channel].entry]


def test_an_enquiry_waits_on_every_channel_but_those_of_superiors() -> None:
    entered = {channel: from_channel(channel, RequestKind.ENQUIRY).status for channel in Channel}

    assert {channel for channel, status in entered.items() if status == "filed"} == {
        Channel.LEADER_INSTRUCTION,
        Channel.SUPERIOR_INSPECTION,
    }


def test_what_came_in_public_is_filed_only_once_it_was_found_on_site() -> None:
    seen = from_channel(Channel.WEIBO)

    problem = refused(seen, lambda: seen.file(DESK, limit=LIMIT, at=AT, cause="r"))
    seen.verify("孙八", True, "井盖确已缺失", limit=LIMIT, at=AT, cause="r/1")

    assert problem.detail_zh == "该来件须先现场核实，属实后方可立案"
    assert told(seen) == ["case_received", "report_verified", "case_filed"]
    assert (seen.status, seen.limit_amount, seen.verification.found) == ("filed", 4.0, True)  # type: ignore[union-attr]
    refused(seen, lambda: seen.verify("孙八", True, "再看", limit=LIMIT, at=AT, cause="r/2"))


def test_what_was_not_found_is_voided_or_answered_but_not_filed() -> None:
    for end in ("voided", "answered"):
        missing = from_channel(Channel.FORUM)
        missing.verify("孙八", False, "现场完好", limit=LIMIT, at=AT, cause="r/1")
        refused(missing, lambda one=missing: one.file(DESK, limit=LIMIT, at=AT, cause="r/2"))
        if end == "voided":
            missing.void(DESK, "现场完好", "untrue", at=AT, cause="r/2")
        else:
            missing.answer(DESK, "经核实，现场完好。", at=AT, cause="r/2")
        assert (missing.status, told(missing)[1]) == (end, "report_verified")


def test_a_hotline_report_on_the_same_matter_files_what_waits_for_verification() -> None:
    seen = from_channel(Channel.WEIBO)

    joins(seen, report("GD5"))

    assert (seen.status, told(seen)) == ("filed", ["case_received", "case_revised", "case_filed"])


def test_the_citizen_is_told_once_what_is_missing_and_the_case_waits_off_the_desk() -> None:
    asked = case(RequestKind.ENQUIRY)
    due = AT + timedelta(days=7)

    asked.ask_for_facts(DESK, ["具体地址", " 照片 "], due=due, at=AT, cause="r/1")

    assert (asked.facts_asked.missing, asked.wakes_at, asked.desk_kind) == (["具体地址", "照片"], due, None)  # type: ignore[union-attr]
    refused(asked, lambda: asked.ask_for_facts(DESK, ["时间"], due=due, at=AT, cause="r/2"))
    assert not asked.wake(due - timedelta(seconds=1), "clock")
    assert asked.wake(due, "clock")
    assert (asked.desk_kind, asked.wakes_at, asked.wake(due, "clock")) == ("facts_expired", None, False)


def test_facts_that_arrive_bring_the_case_back_also_after_the_term() -> None:
    asked = case(RequestKind.ENQUIRY)
    asked.ask_for_facts(DESK, ["照片"], due=AT, at=AT, cause="r/1")
    asked.wake(AT, "clock")

    joins(asked, report("GD2"), why="补充", at=LATER)

    assert (asked.facts_asked.arrived_at, asked.desk_kind) == (LATER, "facts_arrived")  # type: ignore[union-attr]


def test_a_case_is_voided_with_a_known_code_and_words() -> None:
    one = case()

    assert refused(one, lambda: one.void(DESK, "无效", "whim", at=AT, cause="r")).field == "code"
    one.void(DESK, "与000001号相同", "duplicate", at=AT, cause="r")

    assert (one.void_code, one.history[-1].why) == ("duplicate", "重复来件：与000001号相同")
    assert msgspec.json.decode(one.outbox[-1].data)["code"] == "duplicate"
    assert "other" in void_reasons()


def test_a_timeout_is_excused_in_the_statistic_and_stays_a_fact() -> None:
    late = closed(overdue=True)

    late.appeal_timeout("孙八", "连日暴雨", until=LATER, at=AT, cause="r/2")
    waiting = late.desk_kind
    late.decide_appeal("赵六", True, "情况属实", at=AT, cause="r/3")

    assert (waiting, late.state().excused, late.tasks["t1"].overdue) == ("appeal", True, True)
    assert msgspec.json.decode(late.outbox[-1].data)["what"] == APPEAL_GRANTED
    assert "appeal" not in late.desk
    refused(late, lambda: late.appeal_timeout("孙八", "再申诉", until=LATER, at=AT, cause="r/4"))
    refused(late, lambda: late.decide_appeal("赵六", False, "改判", at=AT, cause="r/4"))


def test_there_is_no_appeal_without_delay_nor_after_its_term() -> None:
    in_time, late = closed(), closed(overdue=True)

    refused(in_time, lambda: in_time.appeal_timeout("孙八", "无", until=LATER, at=AT, cause="r"))
    refused(late, lambda: late.appeal_timeout("孙八", "迟", until=AT, at=LATER, cause="r"))
    assert not late.state().excused


def test_not_solved_on_the_telephone_reopens_and_the_next_closing_is_asked_about_again() -> None:
    one = closed()

    one.rate("follow_up", True, False, False, by="坐席李", at=AT, cause="r/2")
    assert (one.status, one.reopenings, one.closed_at, one.reply) == ("reopened", 1, None, None)
    assert one.closings[0].reply == "已更换。"
    assert told(one)[-2:] == ["citizen_rated", "case_reopened"]

    one.follow(task(TaskStatus.CLOSED), 5, at=AT, cause="t/5")
    assert one.status == "reopened"
    one.follow(task(TaskStatus.SUBMITTED, task_id="t2", round=2), 3, result="重做", at=AT, cause="t2/3")
    one.close(DESK, "已修复", "已重新更换。", at=AT, cause="r/3")
    one.rate("follow_up", True, True, True, by="坐席李", at=AT, cause="r/4")

    assert one.status == "closed"
    assert [(each.closing, each.solved) for each in one.ratings] == [(1, False), (2, True)]
    refused(one, lambda: one.rate("follow_up", True, True, True, at=AT, cause="r/5"))


def test_who_was_not_reached_is_asked_again_and_may_then_say_that_it_is_not_solved() -> None:
    one = closed()
    for attempt in range(3):
        assert list(one.desk) == ["follow_up"]
        one.rate("follow_up", False, None, None, by="坐席李", at=AT, cause=f"r/{attempt}")
    assert (one.status, one.desk) == ("closed", {})

    one.rate("follow_up", True, False, False, by="坐席李", at=AT, cause="r/4")

    assert [(each.closing, each.contacted) for each in one.ratings] == [(1, False)] * 3 + [(1, True)]
    assert (one.status, told(one)[-2:]) == ("reopened", ["citizen_rated", "case_reopened"])


def test_who_is_not_satisfied_stays_on_the_desk_until_they_were_reached() -> None:
    one = closed()
    one.rate("citizen", None, True, False, at=AT, cause="w/1")

    one.rate("follow_up", False, None, None, by="坐席李", at=AT, cause="r/1")
    assert set(one.desk) == {"unsatisfied", "follow_up"}
    one.rate("follow_up", True, True, False, by="坐席李", at=AT, cause="r/2")

    assert one.desk == {}


def test_what_a_citizen_says_is_taken_once_and_reopens_nothing_by_itself() -> None:
    one = closed()

    one.rate(RatingSource.CITIZEN, None, False, False, at=AT, cause="r/2")

    assert (one.status, told(one)[-1]) == ("closed", "citizen_rated")
    refused(one, lambda: one.rate("citizen", None, True, True, at=AT, cause="r/3"))


@pytest.mark.parametrize("answers", [(None, True, True), (False, True, None), (True, "yes", None)])
def test_answers_that_make_no_sense_are_refused(answers: tuple[Any, Any, Any]) -> None:
    one = closed()
    assert isinstance(refused(one, lambda: one.rate("follow_up", *answers, at=AT, cause="r")), InvalidInput)


def test_a_closed_case_is_reopened_within_its_term_and_keeps_everything() -> None:
    one = closed()

    refused(one, lambda: one.reopen(DESK, "又坏了", until=AT, at=LATER, cause="r"))
    one.reopen(DESK, "又坏了", until=LATER, at=AT, cause="r/2")

    assert (one.status, one.responsible_unit, one.is_open) == ("reopened", "5301/530102/530102001", True)
    assert [step.what for step in one.history][-2:] == ["结案", "重办"]


def test_suggested_duplicates_bring_a_case_to_the_desk_until_somebody_has_looked() -> None:
    one = case()
    one.begin_alike([ALIKE, msgspec.structs.replace(ALIKE, case_id="c8", number="昆创案〔2026〕000008")], AT)

    assert one.desk_kind == "duplicate"
    assert refused(one, lambda: one.dismiss_suggestions(DESK, " ", at=AT, cause="r")).field == "reason"
    assert refused(one, lambda: one.dismiss_suggestions(DESK, "另一处", ["c7"], at=AT, cause="r")).field == "others"
    one.dismiss_suggestions(DESK, "另一处井盖", ["c9"], at=AT, cause="r")
    assert one.desk_kind == "duplicate"
    one.dismiss_suggestions(DESK, "另一处井盖", at=AT, cause="r")

    assert one.desk_kind is None
    assert [(each.case_id, each.by, each.why) for each in one.dismissed] == [
        ("c9", DESK, "另一处井盖"),
        ("c8", DESK, "另一处井盖"),
    ]
    assert one.history[-1].why == "昆创案〔2026〕000008：另一处井盖"
    refused(one, lambda: one.dismiss_suggestions(DESK, "又一处", at=AT, cause="r"))


def test_a_suggestion_goes_with_the_case_that_ended_or_moves_on_with_the_one_that_was_merged() -> None:
    one = case()
    one.begin_alike([ALIKE], AT)

    assert not one.drop_suggestion("c7", None, at=AT, cause="e")
    assert one.drop_suggestion("c9", ("c5", "昆创案〔2026〕000005"), at=AT, cause="e")
    assert [(each.case_id, each.score, one.desk_kind) for each in one.suggestions] == [("c5", 0.6, "duplicate")]
    assert one.drop_suggestion("c5", None, at=AT, cause="e")

    assert (one.suggestions, one.desk_kind, one.history[-1].why) == ([], None, "昆创案〔2026〕000005已办结")


def test_a_case_that_was_dismissed_or_is_this_one_is_never_suggested_in_anothers_place() -> None:
    one = case()
    one.begin_alike(
        [ALIKE, msgspec.structs.replace(ALIKE, case_id="c8"), msgspec.structs.replace(ALIKE, case_id="c7")], AT
    )
    one.dismiss_suggestions(DESK, "另一处", ["c9"], at=AT, cause="r")

    one.drop_suggestion("c8", ("c9", "九"), at=AT, cause="e")
    one.drop_suggestion("c7", (one.id, one.number), at=AT, cause="e")

    assert one.suggestions == []


def test_an_officer_confirms_what_triage_was_not_sure_of_and_it_leaves_the_desk() -> None:
    decision = msgspec.structs.replace(DECISION, place_path="5301")
    one = Case.open_with(report(), decision, number="000003", limit=LIMIT, at=AT, cause="e/1")
    assert (one.status, one.desk_kind) == ("filed", "unclear")

    one.confirm(DESK, at=AT, cause="r/1")

    assert (one.desk_kind, one.confirmed, one.history[-1].what) == (None, True, "确认研判")
    refused(one, lambda: one.confirm(DESK, at=AT, cause="r/2"))
    begun = brought_to_checking()
    refused(begun, lambda: begun.confirm(DESK, at=AT, cause="r/2"))


def test_what_an_officer_filed_is_not_unclear_any_more() -> None:
    decision = msgspec.structs.replace(DECISION, place_path="5301", request_kind=RequestKind.ENQUIRY)
    one = Case.open_with(report(), decision, number="000003", limit=LIMIT, at=AT, cause="e/1")
    assert set(one.desk) == {"enquiry", "unclear"}
    one.file(DESK, limit=LIMIT, at=AT, cause="r/1")
    assert one.desk == {}


def test_facts_of_a_filed_case_leave_the_desk_once_confirmed_those_of_an_enquiry_with_its_answer() -> None:
    for kind, kinds in ((RequestKind.COMPLAINT, set()), (RequestKind.ENQUIRY, {"facts_arrived"})):
        asked = case(kind)
        asked.ask_for_facts(DESK, ["照片"], due=LATER, at=AT, cause="r/1")
        joins(asked, report("GD2"), decision=msgspec.structs.replace(DECISION, request_kind=kind), why="补充")
        assert asked.desk_kind == "facts_arrived"
        if kinds:
            refused(asked, lambda asked=asked: asked.confirm(DESK, at=AT, cause="r/2"))
        else:
            asked.confirm(DESK, at=AT, cause="r/2")
        assert set(asked.desk) == kinds


def test_an_unclear_case_is_off_the_desk_while_the_citizen_is_asked() -> None:
    decision = msgspec.structs.replace(DECISION, place_path="5301")
    one = Case.open_with(report(), decision, number="000003", limit=LIMIT, at=AT, cause="e/1")
    one.ask_for_facts(DESK, ["具体地址"], due=LATER, at=AT, cause="r/1")
    assert one.desk == {}
    one.wake(LATER, "clock")
    assert set(one.desk) == {"facts_expired", "unclear"}


def test_a_citizen_who_is_not_satisfied_brings_the_case_back_to_the_desk_until_somebody_has_seen_it() -> None:
    one = closed()
    one.rate("follow_up", True, True, True, by="坐席李", at=AT, cause="r/2")
    assert one.desk_kind is None

    one.rate(RatingSource.CITIZEN, None, True, True, by="市民（HZ-1）", at=AT, cause="r/3")
    assert one.desk_kind is None
    one.rate(RatingSource.CITIZEN, None, True, False, by="市民（HZ-2）", at=AT, cause="r/4")
    assert one.desk_kind == "unsatisfied"
    one.take_note(DESK, at=AT, cause="r/5")

    assert (one.desk_kind, one.history[-1].what) == (None, "已阅")
    refused(one, lambda: one.take_note(DESK, at=AT, cause="r/6"))


def test_a_follow_up_or_a_reopening_answers_a_dissatisfied_citizen() -> None:
    for solved, end in ((True, "closed"), (False, "reopened")):
        one = closed()
        one.rate(RatingSource.CITIZEN, None, False, None, at=AT, cause="r/2")
        assert set(one.desk) == {"unsatisfied", "follow_up"}
        one.rate("follow_up", True, solved, None, by="坐席李", at=AT, cause="r/3")
        assert (one.status, one.desk) == (end, {})


def test_a_direct_answer_that_satisfies_nobody_comes_back_to_the_desk() -> None:
    one = case(RequestKind.ENQUIRY)
    one.answer(DESK, "请咨询街道。", at=AT, cause="r/1")
    one.rate(RatingSource.CITIZEN, None, None, False, at=AT, cause="r/2")
    assert one.desk_kind == "unsatisfied"


def test_a_report_from_the_public_that_is_split_off_is_verified_before_it_is_filed() -> None:
    order = msgspec.structs.replace(ORDER, external_id="W9")
    came = Report.receive(Channel.WEIBO, order, raw(order), receipt="HZ-W9", vault=VAULT, at=AT, cause="i/1")

    for report_, status in ((came, "verifying"), (report("GD9"), "filed")):
        new = Case.split_off(report_, DECISION, DESK, "000001", number="000002", limit=LIMIT, at=AT, cause="r")
        assert (new.status, new.filed_at, told(new)) == (status, AT if status == "filed" else None, ["case_split"])
        assert new.limit_amount == 4.0


def test_every_template_drafts_and_marks_what_is_missing() -> None:
    for code, known in reply_templates().items():
        empty = draft(code, {})
        full = draft(code, dict.fromkeys(known.placeholders, "某"))
        assert empty.missing == known.placeholders
        assert "〔待填：" in empty.text
        assert "〔待填：" not in full.text


def test_no_reply_with_gaps_is_sent() -> None:
    asked = case(RequestKind.ENQUIRY)
    text = draft("enquiry", {"receipt": "HZ-1"}).text
    assert refused(asked, lambda: asked.answer(DESK, text, at=AT, cause="r")).field == "reply"


def test_urgency_comes_before_age_in_the_queue_and_age_before_nothing() -> None:
    kinds = {"check": AT}
    places = [
        desk_place(kinds, urgency, name)[1]
        for urgency, name in ((msgspec.convert("critical", type(DECISION.urgency)), "b"), (DECISION.urgency, "a"))
    ]
    assert places == sorted(places)
    assert desk_place({"follow_up": AT, "check": AT}, DECISION.urgency, "a")[0] == "check"
    assert desk_place({}, DECISION.urgency, "a") == (None, None)


def test_only_an_open_case_says_that_it_is_unclear() -> None:
    one = case()
    assert one.desk_kind is None
    one.void(DESK, "无效", at=AT, cause="r")
    assert (one.desk_kind, one.desk_key) == (None, None)
    assert CaseStatus(one.status) == "voided"
    assert isinstance(refused(one, lambda: one.void(DESK, "再", at=AT, cause="r")), Refused)
