"""Whatever officers and tasks do, in any order: no path breaks a guard, and shuffled news end in the same state."""

import random
from typing import Any, NamedTuple

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from infra.problem import InvalidInput, Refused
from services.complaints.case import Case
from services.complaints.case_states import ENDED, TRANSITIONS, Step
from services.complaints.case_together import UNFILED
from services.complaints.contracts import CaseStatus, Channel, RatingSource, RequestKind, Urgency
from services.complaints.desk_items import desk_kinds
from services.complaints.limits import Limit
from services.complaints.report import Report
from services.complaints.triage.decide import TriageDecision
from services.complaints.triage.urgency import RANK
from services.tasks.contracts import TaskStatus
from tests.unit.case_samples import (
    AT,
    DECISION,
    DESK,
    ORDER,
    VAULT,
    case,
    hears_revision,
    joins,
    limit_of,
    raw,
    report,
    revised,
    task,
)

LIMIT = Limit(4.0, "work_hour")
MOVES = {
    TaskStatus.ISSUED: (TaskStatus.ACCEPTED, TaskStatus.RETURNED),
    TaskStatus.ACCEPTED: (TaskStatus.SUBMITTED, TaskStatus.RETURNED),
    TaskStatus.SUBMITTED: (TaskStatus.RECTIFYING,),
    TaskStatus.RECTIFYING: (TaskStatus.SUBMITTED,),
    TaskStatus.RETURNED: (),
}


class News(NamedTuple):
    """One event of a task."""

    task_id: str
    sequence: int
    status: TaskStatus
    round: int
    reworks: int
    unit: str
    next_unit: str | None
    result: str | None

    def tell(self, to: Case) -> None:
        """Let the case hear it."""
        state = task(
            self.status, task_id=self.task_id, round=self.round, reworks=self.reworks, responsible_unit=self.unit
        )
        to.follow(state, self.sequence, next_unit=self.next_unit, result=self.result, at=AT, cause="t")


@st.composite
def histories(draw: st.DrawFn) -> list[News]:
    """What the tasks of one case tell, round after round, as tasks itself would."""
    news: list[News] = []
    rounds = draw(st.integers(1, 4))
    for number in range(1, rounds + 1):
        unit, status, sequence, reworks = f"5301/53010{number}", TaskStatus.ISSUED, 1, 0
        for _ in range(draw(st.integers(1, 6))):
            result = f"结果{number}-{sequence}" if status == TaskStatus.SUBMITTED else None
            onward = f"5301/53010{number + 1}" if status == TaskStatus.RETURNED else None
            news.append(News(f"t{number}", sequence, status, number, reworks, unit, onward, result))
            if not MOVES[status]:
                break
            status = draw(st.sampled_from(MOVES[status]))
            reworks += status == TaskStatus.RECTIFYING
            sequence += 1
    return news


def what_matters(of: Case) -> dict[str, Any]:
    """Everything that news decide; who heard what when is the history's."""
    return msgspec.to_builtins(of.state()) | {"tasks": of.tasks, "proposed_reply": of.proposed_reply}


@given(histories(), st.randoms(use_true_random=False), st.booleans())
@settings(max_examples=300, deadline=None)
def test_shuffled_and_repeated_news_of_tasks_end_in_the_same_state(
    news: list[News], chance: random.Random, through_storage: bool
) -> None:
    in_order, shuffled = case(), case()
    for one in news:
        one.tell(in_order)
    mixed = [*news, *chance.choices(news, k=len(news))]
    chance.shuffle(mixed)
    for one in mixed:
        one.tell(shuffled)
        if through_storage:
            shuffled = Case._from_son(shuffled.to_mongo())

    assert what_matters(shuffled) == what_matters(in_order)
    newest = news[-1]
    assert in_order.responsible_unit == (newest.next_unit or newest.unit)
    assert in_order.dispatches == newest.round


URGENCIES = st.sampled_from(Urgency)
TRIAGED = st.builds(
    lambda urgency, kind: msgspec.structs.replace(DECISION, urgency=urgency, request_kind=kind),
    URGENCIES,
    st.sampled_from([RequestKind.COMPLAINT, RequestKind.ENQUIRY]),
)
SAID = {"escalated", "revised", "facts_arrived", "unclear", "duplicate"}  # stays, also while a unit works


def in_public() -> Case:
    """A case that waits for verification."""
    order = msgspec.structs.replace(ORDER, external_id="W1")
    came = Report.receive(Channel.WEIBO, order, raw(order), receipt="HZ-W1", vault=VAULT, at=AT, cause="i")
    return Case.open_with(came, DECISION, number="昆创案〔2026〕000007", limit=LIMIT, at=AT, cause="e")


def standing_of(of: Case) -> dict[str, Any]:
    """What a merge that was undone has left as it was."""
    names = ("urgency", "request_kind", "difficult", "joined", "revised", "escalated_by", "entered_later")
    return {name: getattr(of, name) for name in names} | {"desk": sorted(of.desk)}


class LifeOfACase(RuleBasedStateMachine):
    """Officers do what they like, tasks tell what they like; the case stays one that the table allows."""

    def __init__(self) -> None:
        super().__init__()
        self.case = case(RequestKind.ENQUIRY)
        self.sequences: dict[str, int] = {}
        self.decided: Urgency | None = None  # by an officer

    @initialize(begin=st.sampled_from(["received", "verifying", "checking", "closed", "followed up"]))
    def begin(self, begin: str) -> None:
        """Late states are many steps away from the first: chance alone seldom goes there."""
        if begin == "verifying":
            self.case = in_public()
        if begin in ("received", "verifying"):
            return
        self.file()
        self.case.follow(task(TaskStatus.SUBMITTED, task_id="t1"), 1, at=AT, cause="t")
        self.sequences["t1"] = 1
        if begin != "checking":
            self.close()
        if begin == "followed up":
            self.rate(RatingSource.FOLLOW_UP, True, "甲")

    def _try(self, step: Step, act: Any) -> None:
        status, sequence = CaseStatus(self.case.status), self.case.sequence
        allowed = status in TRANSITIONS[step].before and not (step == Step.FILE and self.case.must_be_verified)
        try:
            act()
        except Refused:
            assert not allowed
            assert (self.case.status, self.case.sequence) == (status, sequence)
        else:
            assert allowed
            assert (self.case.status, self.case.sequence) == (TRANSITIONS[step].after, sequence + 1)

    @rule()
    def file(self) -> None:
        """立案."""
        self._try(Step.FILE, lambda: self.case.file(DESK, limit=LIMIT, at=AT, cause="r"))

    @rule()
    def answer(self) -> None:
        """答复."""
        self._try(Step.ANSWER, lambda: self.case.answer(DESK, "答复", at=AT, cause="r"))

    @rule()
    def void(self) -> None:
        """作废."""
        self._try(Step.VOID, lambda: self.case.void(DESK, "无效", at=AT, cause="r"))

    @rule()
    def close(self) -> None:
        """结案."""
        self._try(Step.CLOSE, lambda: self.case.close(DESK, "已修复", "已办", at=AT, cause="r"))

    @rule()
    def rework(self) -> None:
        """返工."""
        self._try(Step.REWORK, lambda: self.case.request_rework(DESK, "未修复", at=AT, cause="r"))

    @rule()
    def reopen(self) -> None:
        """重办."""
        self._try(Step.REOPEN, lambda: self.case.reopen(DESK, "又坏了", until=AT, at=AT, cause="r"))

    def _say(self, act: Any) -> None:
        """Something that is no step of the table by itself: it is done, or refused and changes nothing."""
        before = self.case.to_mongo()
        try:
            act()
        except Refused:
            assert self.case.to_mongo() == before

    @rule(source=st.sampled_from(RatingSource), solved=st.booleans(), by=st.sampled_from(["甲", "乙"]))
    def rate(self, source: RatingSource, solved: bool, by: str) -> None:
        """回访, 市民评价."""
        self._say(lambda: self.case.rate(source, True, solved, None, by=by, at=AT, cause="r"))

    @rule()
    def ask_for_facts(self) -> None:
        """一次性告知."""
        self._say(lambda: self.case.ask_for_facts(DESK, ["照片"], due=AT, at=AT, cause="r"))

    @rule()
    def wake(self) -> None:
        """The clock."""
        self.case.wake(AT, "clock")

    @rule()
    def confirm(self) -> None:
        """确认研判."""
        self._say(lambda: self.case.confirm(DESK, at=AT, cause="r"))

    @rule()
    def take_note(self) -> None:
        """已阅."""
        self._say(lambda: self.case.take_note(DESK, at=AT, cause="r"))

    @rule(urgency=st.sampled_from(Urgency))
    def correct(self, urgency: Urgency) -> None:
        """更正: what an officer decides stays whatever reports say."""
        before, now = self.case.to_mongo(), msgspec.structs.replace(self.case.decided(), urgency=urgency)
        try:
            self.case.correct(DESK, now, limit=limit_of(now), at=AT, cause="r")
        except (Refused, InvalidInput):
            assert self.case.to_mongo() == before
        else:
            self.decided = urgency

    @rule(found=st.booleans())
    def verify(self, found: bool) -> None:
        """核实."""
        self._say(lambda: self.case.verify(DESK, found, "看过", limit=LIMIT, at=AT, cause="r"))

    @rule(number=st.integers(1, 5), said=TRIAGED)
    def revise(self, number: int, said: TriageDecision) -> None:
        """来件有修改: an open case shows it to the desk, or has it as the facts that were asked for."""
        news, open_ = revised(f"GD{number}"), not self.case.has_ended
        if hears_revision(self.case, news, decision=said) and open_:
            asked = self.case.facts_asked
            assert news.receipt in self.case.revised or (asked is not None and asked.arrived_at == AT)

    @rule(said=TRIAGED, number=st.integers(6, 9))
    def merge_and_split(self, said: TriageDecision, number: int) -> None:
        """并案, and 撤销并案: the whole stands as it stood."""
        part = Case.open_with(report(f"GD{number}"), said, number="9", limit=LIMIT, at=AT, cause="e")
        before, began = standing_of(self.case), CaseStatus(self.case.status)
        try:
            part.merge_into(self.case, DESK, "", limit_of=limit_of, at=AT, cause="r")
        except Refused:
            return
        assert RANK[Urgency(self.case.urgency)] >= RANK[Urgency(before["urgency"])]
        part.stand_again(self.case, DESK, "", limit_of=limit_of, at=AT, cause="r")
        assert (standing_of(self.case), CaseStatus(self.case.status)) == (before, began)

    @rule(number=st.integers(2, 5), said=TRIAGED)
    def join(self, number: int, said: TriageDecision) -> None:
        """催办."""
        reports = len(self.case.joined)
        known = any(one.report_id.endswith(f"GD{number}") for one in self.case.joined)
        if self.case.has_ended and not known:
            return
        more = RANK[said.urgency] > RANK[Urgency(self.case.urgency)]
        assert joins(self.case, report(f"GD{number}"), decision=said) == (not known)
        if more and not known:
            assert self.case.urgency == (self.decided or said.urgency)
            assert f"HZ-GD{number}" in self.case.escalated_by
        assert len(self.case.joined) == reports + (not known)

    @precondition(lambda self: self.case.filed_at is not None)
    @rule(status=st.sampled_from(TaskStatus), round=st.integers(1, 3), late=st.booleans())
    def hear(self, status: TaskStatus, round: int, late: bool) -> None:
        """A task tells something, newer or older than what was heard."""
        name = f"t{round}"
        newest = self.sequences.get(name, 0)
        sequence = max(1, newest - 1) if late else newest + 1
        self.sequences[name] = max(newest, sequence)
        ended, state = self.case.has_ended, self.case.state()
        self.case.follow(task(status, task_id=name, round=round), sequence, at=AT, cause="t")
        if ended:
            assert self.case.state() == state

    @invariant()
    def it_is_in_order(self) -> None:
        """What every officer relies on."""
        status = CaseStatus(self.case.status)
        assert self.case.is_open == (None if status in ENDED else True)
        assert (self.case.closed_at is not None) == (status == CaseStatus.CLOSED)
        assert (self.case.reply is not None) == (status in {CaseStatus.CLOSED, CaseStatus.ANSWERED})
        assert status in {*UNFILED, CaseStatus.ANSWERED, CaseStatus.VOIDED} or self.case.filed_at
        assert self.decided in (None, self.case.urgency)
        asked = [one for one in self.case.ratings if one.rated_by == RatingSource.FOLLOW_UP]
        assert len({one.closing for one in asked}) == len(asked)
        assert sum(step.what == "一次性告知" for step in self.case.history) <= 1
        assert self.case.reopenings == sum(step.what == "重办" for step in self.case.history)
        assert len(self.case.outbox) == self.case.sequence
        assert [one.sequence for one in self.case.outbox] == list(range(1, self.case.sequence + 1))
        assert [one.version for one in self.case.history] == list(range(1, self.case.sequence + 1))

    @invariant()
    def it_stands_on_the_desk_where_a_person_is_needed(self) -> None:
        """Nothing waits for a person outside the queue; nothing is in it that nobody can see to."""
        status, desk = CaseStatus(self.case.status), set(self.case.desk)
        assert desk == {kind.value for kind in desk_kinds(self.case)}
        assert (self.case.desk_kind is None) == (not desk)
        waits = status in {CaseStatus.RECEIVED, CaseStatus.VERIFYING, CaseStatus.CHECKING}
        assert desk or not waits or self.case.wakes_at is not None
        assert desk <= {"revised_late"} or status != CaseStatus.VOIDED
        assert desk <= SAID or status not in {CaseStatus.REOPENED, CaseStatus.HANDLING}


LifeOfACase.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestLifeOfACase = LifeOfACase.TestCase
