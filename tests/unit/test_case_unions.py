"""Merging, splitting and reopening among the tasks' news: both restored exactly, the same end in any order."""

import random
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from infra.problem import Refused
from services.complaints.case import Case
from services.complaints.case_states import ENDED
from services.complaints.contracts import CaseStatus, Channel, RequestKind
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import AT, DECISION, DESK, ORDER, VAULT, case, joins, limit_of, raw, report, task

LIMIT = Limit(4.0, "work_hour")
LATER = AT + timedelta(days=20)
_MOVES = {"version", "sequence", "history", "outbox", "outbox_since", "desk", "desk_kind", "desk_key", "rounds_done"}
_MOVES |= {"restorations", "last_ended_at", "again_since", "changed_sequence"}


def kept(of: Case) -> dict[str, Any]:
    """Everything about a case but the record of what was done with it."""
    return {name: value for name, value in of.to_mongo().items() if name not in _MOVES}


@pytest.mark.parametrize("kind", [RequestKind.COMPLAINT, RequestKind.ENQUIRY])
def test_a_merge_that_is_undone_leaves_both_exactly_as_they_were(kind: RequestKind) -> None:
    whole, part = case(number="GD1"), case(kind, number="GD2")
    joins(part, report("GD3"))
    before = kept(whole), kept(part)

    part.merge_into(whole, DESK, "同一井盖", limit_of=limit_of, at=AT, cause="r/1")
    merged = len(whole.joined), len(part.joined), part.status, part.merged_into
    part.stand_again(whole, DESK, "并非同一", limit_of=limit_of, at=AT, cause="r/2")

    assert merged == (3, 0, "merged", whole.id)
    assert (kept(whole), kept(part)) == before


def test_a_dispatched_case_is_filed_anew_and_its_old_task_says_no_more() -> None:
    whole, part = case(number="GD1"), case(number="GD2")
    part.follow(task(TaskStatus.ISSUED), 1, at=AT, cause="t/1")
    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/1")
    part.stand_again(whole, DESK, "", limit_of=limit_of, at=LATER, cause="r/2")
    told = part.state()

    part.follow(task(TaskStatus.ACCEPTED), 2, at=AT, cause="t/2")
    part.follow(task(TaskStatus.WITHDRAWN), 3, at=AT, cause="t/3")
    then = part.status
    part.follow(task(TaskStatus.ISSUED, task_id="t2", round=2), 1, at=AT, cause="t2/1")

    assert (then, part.status, part.dispatches) == ("filed", "dispatched", 2)
    assert (told.restorations, told.last_ended_at, told.again_since) == (1, AT, LATER)


@pytest.mark.parametrize("status", [TaskStatus.ACCEPTED, TaskStatus.SUBMITTED])
def test_a_case_that_a_unit_has_begun_or_that_ended_is_not_merged(status: TaskStatus) -> None:
    whole, begun = case(number="GD1"), case(number="GD2")
    begun.follow(task(status), 1, at=AT, cause="t/1")
    voided = case(number="GD3")
    voided.void(DESK, "无效", at=AT, cause="r")

    for part, into in ((begun, whole), (whole, voided), (voided, whole), (whole, whole)):
        states = part.to_mongo(), into.to_mongo()
        with pytest.raises(Refused):
            part.merge_into(into, DESK, "", limit_of=limit_of, at=AT, cause="r")
        assert (part.to_mongo(), into.to_mongo()) == states


def test_a_first_report_and_one_that_came_by_a_merge_do_not_leave_alone() -> None:
    whole, part = case(number="GD1"), case(number="GD2")
    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r")
    state = whole.to_mongo()

    for receipt in ("HZ-GD1", "HZ-GD2", "HZ-GD9"):
        with pytest.raises(Refused):
            whole.hand_over(receipt, DESK, "", limit_of=limit_of, at=AT, cause="r")
    assert whole.to_mongo() == state


def weibo(number: str) -> Case:
    """A case of a report in public, which waits for verification."""
    order = msgspec.structs.replace(ORDER, external_id=number)
    came = Report.receive(Channel.WEIBO, order, raw(order), receipt=f"HZ-{number}", vault=VAULT, at=AT, cause="i/1")
    return Case.open_with(came, DECISION, number="昆创案〔2026〕000007", limit=LIMIT, at=AT, cause="e/1")


def test_a_filed_case_does_not_lose_its_unit_in_one_that_is_not_filed() -> None:
    filed, enquiry, public = case(number="GD1"), case(RequestKind.ENQUIRY, number="GD2"), weibo("W1")

    for whole in (enquiry, public):
        states = filed.to_mongo(), whole.to_mongo()
        with pytest.raises(Refused) as refusal:
            filed.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r")
        assert refusal.value.detail_zh == "已立案的案件不能并入未立案的案件，请反向并案"
        assert (filed.to_mongo(), whole.to_mongo()) == states


def test_a_report_that_needs_no_verification_files_what_takes_it_in() -> None:
    merged, moved = weibo("W1"), weibo("W2")
    part, giver = case(RequestKind.ENQUIRY, number="GD2"), case(number="GD3")
    joins(giver, report("GD4"))

    part.merge_into(merged, DESK, "", limit_of=limit_of, at=AT, cause="r/1")
    found = giver.hand_over("HZ-GD4", DESK, "", limit_of=limit_of, at=AT, cause="r/2")
    moved.take_over(found, DESK, "", limit_of=limit_of, at=AT, cause="r/2")

    for one in (merged, moved):
        assert (one.status, [envelope.type for envelope in one.outbox][-2:]) == (
            "filed",
            ["case_revised", "case_filed"],
        )


def test_a_report_that_was_erased_while_its_case_was_merged_stays_erased_when_it_is_split() -> None:
    whole, part = case(number="GD1"), case(number="GD2")
    joining = report("GD3")
    joining.person = "somebody"
    joins(part, joining)
    part.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/1")

    whole.forget(joining.id, None, str, by="钱七", why="市民申请", at=AT, cause="r/2")
    part.stand_again(whole, DESK, "", limit_of=limit_of, at=AT, cause="r/3")

    assert [one.person for one in part.joined if one.report_id == joining.id] == [""]
    assert part.forgotten == [joining.id]


class Said(NamedTuple):
    """One event of a task of round `round`; `owed` must be heard before the officers' next act."""

    round: int
    sequence: int
    status: TaskStatus
    owed: bool
    reworks: int = 0

    def tell(self, to: Case) -> None:
        """Let the case hear it."""
        state = task(self.status, task_id=f"t{self.round}", round=self.round, reworks=self.reworks)
        result = f"结果{self.round}-{self.sequence}" if self.status == TaskStatus.SUBMITTED else None
        to.follow(state, self.sequence, result=result, at=AT, cause="t")


WORK = (TaskStatus.ISSUED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED)
EPOCHS = ("rework", "merge_and_split", "close_and_reopen")


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[list[Said], str]]:
    """What the tasks of one case tell, epoch after epoch, each ended by something that officers do."""
    life, round_, sequence, reworks = [], 1, 0, 0
    for act in [*draw(st.lists(st.sampled_from(EPOCHS), max_size=4)), "end"]:
        if sequence:  # the task rectifies
            statuses = (TaskStatus.RECTIFYING, TaskStatus.SUBMITTED)
        else:
            statuses = WORK[:1] if act == "merge_and_split" else WORK
        if act == "merge_and_split" and sequence:
            act = "rework"
        told = [Said(round_, sequence + n, s, s == statuses[-1], reworks) for n, s in enumerate(statuses, 1)]
        sequence += len(statuses)
        if act == "rework":
            reworks += 1
        elif act != "end":
            last = TaskStatus.WITHDRAWN if act == "merge_and_split" else TaskStatus.CLOSED
            told.append(Said(round_, sequence + 1, last, False, reworks))
            round_, sequence, reworks = round_ + 1, 0, 0
        life.append((told, act))
    return life


def carry_out(act: str, on: Case) -> None:
    """What officers do at the end of an epoch."""
    if act == "rework":
        on.request_rework(DESK, "未修复", at=AT, cause="r")
    elif act == "merge_and_split":
        whole = case(number="GD9")
        on.merge_into(whole, DESK, "", limit_of=limit_of, at=AT, cause="r")
        on.stand_again(whole, DESK, "", limit_of=limit_of, at=AT, cause="r")
    elif act == "close_and_reopen":
        on.close(DESK, "已修复", "已办", at=AT, cause="r")
        on.reopen(DESK, "又坏了", until=LATER, at=AT, cause="r")


def lived(life: list[tuple[list[Said], str]], chance: random.Random | None) -> Case:
    """The case after that life; with `chance`, news come shuffled, repeated and, where they may, an epoch late."""
    found, late, past = case(), list[Said](), list[Said]()
    for told, act in life:
        news, held = list(told), []
        if chance is not None:
            held = [one for one in told if not one.owed and chance.random() < 0.5]
            news = [one for one in told if one not in held] + late + chance.choices([*past, *told], k=3)
            chance.shuffle(news)
        before_act = [one for one in news if one.status not in (TaskStatus.WITHDRAWN, TaskStatus.CLOSED)]
        for one in before_act:
            one.tell(found)
        carry_out(act, found)
        for one in news:
            if one not in before_act:
                one.tell(found)
        late, past = held, past + told
    for one in late:
        one.tell(found)
    return found


@given(lives(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_end_is_the_same_in_whatever_order_and_however_often_the_tasks_tell_it(
    life: list[tuple[list[Said], str]], chance: random.Random
) -> None:
    in_order, mixed = lived(life, None), lived(life, chance)

    state = msgspec.to_builtins(in_order.state())
    assert msgspec.to_builtins(mixed.state()) == state
    assert (mixed.proposed_reply, mixed.tasks) == (in_order.proposed_reply, in_order.tasks)
    assert state["reopenings"] == sum(act == "close_and_reopen" for _, act in life)


class Desks(RuleBasedStateMachine):
    """Officers merge, split, move and end a few cases as they like; no report is ever lost or in two places."""

    def __init__(self) -> None:
        super().__init__()
        self.cases = [case(number=f"GD{n}") for n in range(4)]
        joins(self.cases[0], report("GD7"))
        self.reports = sorted(one.report_id for each in self.cases for one in each.joined)

    def _try(self, act: Any, *touched: Case) -> None:
        before = [one.to_mongo() for one in touched]
        try:
            act()
        except Refused:
            assert [one.to_mongo() for one in touched] == before

    @rule(part=st.integers(0, 3), whole=st.integers(0, 3))
    def merge(self, part: int, whole: int) -> None:
        """并案."""
        one, other = self.cases[part], self.cases[whole]
        self._try(lambda: one.merge_into(other, DESK, "", limit_of=limit_of, at=AT, cause="r"), one, other)

    @rule(part=st.integers(0, 3), whole=st.integers(0, 3))
    def split(self, part: int, whole: int) -> None:
        """撤销并案."""
        one, other = self.cases[part], self.cases[whole]
        self._try(lambda: one.stand_again(other, DESK, "", limit_of=limit_of, at=AT, cause="r"), one, other)

    @rule(giver=st.integers(0, 3), taker=st.integers(0, 3), number=st.sampled_from([0, 1, 7]))
    def move(self, giver: int, taker: int, number: int) -> None:
        """并入来件, as the transaction of both sides does it: all or nothing."""
        one, other = self.cases[giver], self.cases[taker]
        if one is other or other.has_ended:
            return
        self._try(
            lambda: other.take_over(
                one.hand_over(f"HZ-GD{number}", DESK, "", limit_of=limit_of, at=AT, cause="r"),
                DESK,
                "",
                limit_of=limit_of,
                at=AT,
                cause="r",
            ),
            one,
            other,
        )

    @rule(which=st.integers(0, 3), status=st.sampled_from([TaskStatus.ISSUED, TaskStatus.ACCEPTED]))
    def work(self, which: int, status: TaskStatus) -> None:
        """A task tells something."""
        one = self.cases[which]
        one.follow(task(status, round=one.rounds_done + 1, task_id=f"t{one.rounds_done + 1}"), 9, at=AT, cause="t")

    @rule(which=st.integers(0, 3))
    def void(self, which: int) -> None:
        """作废."""
        one = self.cases[which]
        self._try(lambda: one.void(DESK, "无效", at=AT, cause="r"), one)

    @invariant()
    def every_report_stands_in_one_case(self) -> None:
        """And a merged case has none, names where it is, and is named there."""
        assert sorted(one.report_id for each in self.cases for one in each.joined) == self.reports
        by_id = {one.id: one for one in self.cases}
        for one in self.cases:
            status = CaseStatus(one.status)
            assert (status == CaseStatus.MERGED) == (one.merged_into is not None) == (not one.joined)
            assert one.is_open == (None if status in ENDED else True)
            if one.merged_into is not None:
                assert one.id in {part.case_id for part in by_id[one.merged_into].absorbed}


Desks.TestCase.settings = settings(max_examples=50, stateful_step_count=20, deadline=None)
TestDesks = Desks.TestCase
