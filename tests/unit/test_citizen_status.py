"""A citizen sees where their own report stands, and nothing that belongs to others or stays inside."""

from datetime import timedelta

import msgspec

from services.complaints.case import Case
from services.complaints.citizen_page import CitizenPage
from services.complaints.citizen_status import PUBLIC_STEPS, status_of
from services.complaints.contracts import CaseStatus, CitizenStatus, Milestone, RequestKind, Satisfaction
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import AT, DESK, brought_to_checking, case, joins, report, task

HOUR = timedelta(hours=1)


def seen(found: Case | None, *, since: timedelta = timedelta(0), rated: Satisfaction | None = None) -> CitizenStatus:
    """What the citizen of a report received `since` after AT sees of the case."""
    own = report("GD2")
    own.received_at = AT + since
    return status_of(own, found, rated, lambda path: f"名称{path}")


def closed(reply: str = "井盖已更换，谢谢。") -> Case:
    found = brought_to_checking()
    found.close(DESK, "井盖完好", reply, at=AT + HOUR, cause="c/1")
    return found


def test_before_triage_it_is_received() -> None:
    assert seen(None) == CitizenStatus(
        receipt="HZ-GD2",
        received_at=AT,
        status=CaseStatus.RECEIVED,
        status_zh="已受理",
        milestones=[Milestone(what="已受理", at=AT)],
    )


def test_the_end_shows_unit_reply_and_every_public_step() -> None:
    found = seen(closed())

    assert (found.status_zh, found.unit, found.reply) == ("已结案", "名称5301/530102/530102001", "井盖已更换，谢谢。")
    assert found.replied_at == AT + HOUR
    assert [step.what for step in found.milestones] == [
        "已受理",
        "已立案",
        "已交承办单位",
        "承办单位开始办理",
        "承办单位已办理，正在核查",
        "已办结",
    ]
    assert found.may_rate


def test_numbers_of_persons_in_the_reply_are_masked() -> None:
    assert seen(closed("请联系王师傅 13812345678。")).reply == "请联系王师傅 138****5678。"


def test_of_what_happened_before_their_own_report_others_know() -> None:
    found = seen(closed(), since=HOUR)

    assert [(step.what, step.at) for step in found.milestones] == [("已受理", AT + HOUR), ("已办结", AT + HOUR)]


def test_other_reports_reasons_and_officers_are_not_shown() -> None:
    found = brought_to_checking()
    joins(found, report("GD3"), why="同一地点")
    found.request_rework(DESK, "内部意见：敷衍", at=AT, cause="c/1")

    text = msgspec.json.encode(seen(found)).decode()

    assert seen(found).milestones[-1].what == "核查未通过，继续办理"
    for inside in ("催办", "GD3", "同一地点", "内部意见", DESK, found.number, found.text, "已更换井盖"):
        assert inside not in text


def test_why_a_case_was_voided_stays_inside() -> None:
    found = case(RequestKind.ENQUIRY)
    found.void(DESK, "内部意见：重复骚扰", at=AT, cause="c/1")

    assert (seen(found).status_zh, seen(found).may_rate) == ("已作废", False)
    assert "内部意见" not in msgspec.json.encode(seen(found)).decode()


def test_what_was_rated_is_not_asked_again() -> None:
    said = Satisfaction(contacted=True, solved=False, satisfied=False)

    found = seen(closed(), rated=said)

    assert (found.may_rate, found.rated) == (False, said)


def test_a_reply_is_not_shown_while_nothing_has_ended() -> None:
    found = case()
    found.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    found.reply = "上次的答复"

    assert (seen(found).reply, seen(found).may_rate) == (None, False)


def test_every_public_step_is_a_word_of_its_own() -> None:
    assert [word for word in PUBLIC_STEPS if "、" in word] == []


def test_the_page_escapes_what_officers_and_askers_wrote() -> None:
    page = CitizenPage("昆明市")
    shown = page.show(seen(closed("<script>alert(1)</script>")), '"><script>').get_data(as_text=True)
    asked = page.ask('"><script>alert(2)</script>', "<b>").get_data(as_text=True)

    assert "<script" not in shown + asked
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def test_the_page_carries_a_policy_that_lets_nothing_in() -> None:
    answer = CitizenPage("昆明市").ask()

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.get_data(as_text=True)
    assert "http:" not in text
    assert "https:" not in text
