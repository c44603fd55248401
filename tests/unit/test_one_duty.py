"""Whatever units, the office and the news of a case do, in whatever order and however often: one live lead duty."""

import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from infra.organisation.officer import Officer, Role
from infra.problem import Problem
from services.complaints.contracts import CaseState, CaseStatus
from services.tasks.assignment import Assigner
from services.tasks.case_following import first_tasks, tell
from services.tasks.case_news import CaseNews
from services.tasks.contracts import RoutingRow, RoutingRowView, TaskRole, TaskStatus
from services.tasks.raising_rules import raised_to
from services.tasks.request_rules import waiting
from services.tasks.routing_table.rows import RoutingTable
from services.tasks.routing_table.sheet import shipped_table
from services.tasks.task import Task
from services.tasks.task_states import ENDED
from tests.unit.tasks_made import ASSIGNER, HOUR, KUNMING, MONDAY_NINE, STREET, case

OTHER, OFFICE = "5301/530102/530102002", "5301/~office"
CATEGORIES = ["sanitation.garbage", "transport.order", "transport.illegal", "utilities.power"]
TARGETS = ["territory", "~psb", "~ucb", "district", "office"]
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(CATEGORIES),
        "place_path": st.sampled_from([STREET, OTHER, "5301"]),
        "difficult": st.booleans(),
        "status": st.sampled_from(
            [CaseStatus.FILED, CaseStatus.HANDLING, CaseStatus.CLOSED, CaseStatus.VOIDED, CaseStatus.MERGED]
        ),
        "more_reworks": st.booleans(),
        "reopened": st.booleans(),
    },
)


class OneCase(RuleBasedStateMachine):
    """One case, its tasks, and everything that can move its duty."""

    @initialize()
    def file(self) -> None:
        self.at, self.table = MONDAY_NINE, shipped_table()
        self.assigner = Assigner(KUNMING, ASSIGNER.calendar, lambda: self.table)
        self.case: CaseState = case()
        self.news: list[CaseNews] = []
        self.tasks: list[Task] = []
        self._happens()
        self.hear(late=0, again=0)

    def _happens(self) -> None:
        number = len(self.news) + 1
        self.news.append(CaseNews(self.case, number, "", self.at, f"complaints/case/c1#{number}"))

    @rule(facts=FACTS)
    def case_changes(self, facts: dict[str, Any]) -> None:
        facts = dict(facts)
        reworked, reopened = facts.pop("more_reworks", False), facts.pop("reopened", False)
        facts |= {"reworks": self.case.reworks + 1} if reworked else {}
        if reopened and self.case.status == CaseStatus.CLOSED:
            facts |= {"reopenings": self.case.reopenings + 1, "status": CaseStatus.REOPENED}
        elif reopened and self.case.status == CaseStatus.MERGED:
            facts |= {"restorations": self.case.restorations + 1, "status": CaseStatus.FILED}
        elif self.case.status in (CaseStatus.CLOSED, CaseStatus.MERGED):
            facts.pop("status", None)
        if self.case.status == CaseStatus.VOIDED:
            return
        self.case = msgspec.structs.replace(self.case, **facts)
        self._happens()

    @rule(late=st.integers(0, 5), again=st.integers(0, 5))
    def hear(self, late: int, again: int) -> None:
        """Some of the news comes, shuffled, some of it not for the first time."""
        upto = max(1, len(self.news) - late)
        batch = [*self.news[:upto], *random.Random(again).sample(self.news[:upto], min(again, upto))]
        random.Random(late).shuffle(batch)
        if not self.tasks:
            self._add(first_tasks(sorted(batch, key=lambda one: one.sequence), self.assigner))
            return
        for one in batch:
            told = tell(self._current(), [one], self.assigner)
            assert told.done
            self._add(told.following)

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.at += hours * HOUR / 4

    @rule()
    def accept(self) -> None:
        self._try(lambda task: task.accept("张三", self.at, "r"))

    @rule()
    def submit(self) -> None:
        self._try(lambda task: task.submit("张三", "已办", self.at, "r"))

    @rule()
    def give_back(self) -> None:
        def step(task: Task) -> list[Task]:
            route = self.assigner.next_unit(task)
            assert route is not None
            task.give_back("张三", "不在辖区", route.unit, self.at, "r")
            return self.assigner.with_assists(self.assigner.next(task, route, "系统", self.at, "r"))

        self._try(step)

    @rule(unit=st.sampled_from([STREET, "5301/~psb", OTHER]))
    def office_decides(self, unit: str) -> None:
        def step(task: Task) -> list[Task]:
            route = self.assigner.office_choice(task, unit)
            task.pass_on("赵六", route.because, self.at, "r")
            return self.assigner.with_assists(self.assigner.next(task, route, "赵六", self.at, "r", decided=True))

        self._try(step)

    @rule()
    def raise_it(self) -> None:
        def step(task: Task) -> None:
            task.ask_raise("张三", "涉及多部门", self.at, "r", decided=task.is_decided, by_unit="own")

        self._try(step)

    @rule(yes=st.booleans(), named=st.sampled_from([None, "5301/~psb", "5301/530102"]), city=st.booleans())
    def answer(self, yes: bool, named: str | None, city: bool) -> None:
        who = Officer(Role.CITY_OFFICE, OFFICE, "赵六") if city else Officer(Role.DISTRICT, "5301/530102", "李四")

        def step(task: Task) -> list[Task]:
            if not yes:
                task.refuse("李四", "街道可以办", self.at, "r", by_unit="above")
                return []
            route = raised_to(KUNMING, task.responsible_unit, self.assigner.lead_of(task, self.at), named, who)
            task.raise_to("李四", "同意", route.because, self.at, "r", by_unit="above")
            raised = self.assigner.next(task, route, "李四", self.at, "r", decided=city, difficult=True)
            return self.assigner.with_assists(raised)

        self._try(step)

    @rule(reason=st.sampled_from(["", "路由有误"]))
    def reroute(self, reason: str) -> None:
        def step(task: Task) -> list[Task]:
            returned = {one.responsible_unit for one in self._leads() if one.status == TaskStatus.RETURNED}
            route = self.assigner.reroute(task, reason, returned, self.at)
            task.pass_on("赵六", "改派", self.at, "r")
            return self.assigner.with_assists(self.assigner.next(task, route, "赵六", self.at, "r"))

        self._try(step)

    @rule(category=st.sampled_from(["", *CATEGORIES]), goes_to=st.sampled_from(TARGETS), ahead=st.integers(0, 1))
    def the_table_is_edited(self, category: str, goes_to: str, ahead: int) -> None:
        before = [(task.pk, task.status, task.responsible_unit) for task in self.tasks]
        day = (self.at + timedelta(days=ahead)).date()
        row = RoutingRow(category=category, goes_to=goes_to, because="b", lead="~ucb", effective_from=day)
        entries = self.table.entries
        entry = RoutingRowView(number=entries[-1].number + 1, row=row)
        self.table = RoutingTable(self.table.version + 1, [*entries, entry])
        assert [(task.pk, task.status, task.responsible_unit) for task in self.tasks] == before

    def _try(self, step: Any) -> None:
        task = self._current()
        state, told, known = task.state(), task.sequence, len(self.tasks)
        try:
            self._add(step(task) or [])
        except Problem:
            assert (task.state(), task.sequence, len(self.tasks)) == (state, told, known)

    def _add(self, tasks: Any) -> None:
        self.tasks += tasks

    def _leads(self) -> list[Task]:
        return [one for one in self.tasks if one.role == TaskRole.LEAD]

    def _current(self) -> Task:
        [task] = [one for one in self._leads() if one.status != TaskStatus.RETURNED and not one.reassigned]
        return task

    @invariant()
    def one_lead_duty(self) -> None:
        if not hasattr(self, "tasks"):
            return
        leads = self._leads()
        assert len({one.pk for one in self.tasks}) == len(self.tasks)
        assert [one.round for one in leads] == list(range(1, len(leads) + 1))
        assert sum(one.status not in ENDED for one in leads) <= 1
        assert self._current() is leads[-1]
        assert all(one.responsible_unit != before.responsible_unit for before, one in self._moved())

    def _moved(self) -> list[tuple[Task, Task]]:
        """Pairs of tasks of which the second took the duty over while the case went on."""
        leads = self._leads()
        return [(one, two) for one, two in pairwise(leads) if _lives(one) == _lives(two) and _alive(one)]

    @invariant()
    def what_is_settled_stays(self) -> None:
        for before, after in self._moved() if hasattr(self, "tasks") else []:
            settled = before.decided or (before.returns >= 2 and before.status != TaskStatus.RETURNED)
            assert not settled or (before.responsible_unit == OFFICE and after.decided)

    @invariant()
    def requests_wait_only_where_work_goes_on(self) -> None:
        for task in getattr(self, "tasks", []):
            assert waiting(task.requests) is None or task.status not in ENDED


def _lives(task: Task) -> tuple[int, int]:
    return task.case_reopenings, task.case_restorations


def _alive(task: Task) -> bool:
    """Whether it ended because another task took the duty over, and not because its case had ended."""
    return task.status in (TaskStatus.RETURNED, TaskStatus.WITHDRAWN)


TestOneCase = OneCase.TestCase
TestOneCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
