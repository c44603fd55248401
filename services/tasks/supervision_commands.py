"""What officers do with supervision orders: the tier above opens, closes or gives back, the unit acknowledges and
answers. A command names the version that it saw; refused, it changes and tells nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from pymongo.client_session import ClientSession

from infra.clock import Clock
from infra.messaging.store import More, Store
from infra.organisation.officer import Officer
from infra.problem import InvalidInput, NotFound, Stale
from services.tasks import rights, routing
from services.tasks.case_following import current_tasks
from services.tasks.command_room import By, Right, read_moment, read_officer
from services.tasks.contracts import SupervisionTrigger, SupervisionView
from services.tasks.parts import keep_parts
from services.tasks.rights import Duty
from services.tasks.supervising import Order, Supervisor
from services.tasks.supervision import Supervision
from services.tasks.supervision_list import view_of
from services.tasks.task import Task
from services.tasks.task_record import require_text
from services.tasks.timekeeping import Timekeeper
from services.tasks.waking import hold_wholes, wake


class SupervisionCommands:
    """Raises what CommandRoom raises."""

    def __init__(self, store: Store, supervisor: Supervisor, clock: Clock, time: Timekeeper) -> None:
        self._store, self._supervisor, self._clock, self._time = store, supervisor, clock, time

    def open(
        self,
        task_id: str | None,
        case_id: str | None,
        seen: int,
        by: By,
        reason: str,
        answer_by: str | None,
        cause: str,
    ) -> SupervisionView:
        """督办 of a task, or of the one that a case has now, with a reason; by the tier above its unit, or the office.
        `seen` is the version of the task."""
        officer, at = read_officer(by, seen), self._clock.now()
        require_text(reason, "reason", "督办必须说明理由")
        until = self._until(answer_by, at)
        id = task_id or _task_of(case_id)

        def work(session: ClientSession) -> Supervision:
            hold_wholes(self._store, [id], at, session)

            def push(task: Task) -> Order:
                rights.require_superior(officer, task.responsible_unit)
                wake(task, self._time, at, session)
                unit = _issuer(officer, task)
                task.supervise(officer.name, reason, at, cause, by_unit=unit)
                return Order(task, SupervisionTrigger.OFFICER, reason, officer.name, unit, until)

            order = self._store.change(Task, id, push, seen=seen, session=session)
            keep_parts(self._store, [order.task], self._time, session)
            return self._supervisor.open([order], at, session)[0]

        try:
            return view_of(self._store.in_transaction(work))
        except Stale:
            found = Task.objects(pk=id).only("responsible_unit").first()
            rights.require_superior(officer, found.responsible_unit)  # who changed what is not for everybody
            raise

    def acknowledge(self, supervision_id: str, seen: int, by: By, cause: str) -> SupervisionView:
        """签收 by the unit."""

        def step(one: Supervision, who: Officer, at: datetime) -> None:
            one.acknowledge(who.name, at, cause, by_unit=rights.acting_unit(who))

        return self._take(supervision_id, seen, by, rights.require_unit, step)

    def answer(self, supervision_id: str, seen: int, by: By, answer: str, cause: str) -> SupervisionView:
        """答复 by the unit, in words."""

        def step(one: Supervision, who: Officer, at: datetime) -> None:
            judge_by = self._supervisor.judge_by(at)
            one.answer(who.name, answer, at, cause, judge_by=judge_by, by_unit=rights.acting_unit(who))

        return self._take(supervision_id, seen, by, rights.require_unit, step)

    def close(self, supervision_id: str, seen: int, by: By, note: str, cause: str) -> SupervisionView:
        """销号 by whoever opened it, or the office; never by the unit that answered. A duty that is late and still
        undone is pushed again after a while."""

        def step(one: Supervision, who: Officer, at: datetime) -> None:
            one.close(who.name, note, at, cause, by_unit=rights.acting_unit(who))

        def more(one: Supervision) -> More:
            return partial(self._supervisor.push_again, one)

        return self._take(supervision_id, seen, by, rights.require_above, step, more=more)

    def send_back(self, supervision_id: str, seen: int, by: By, reason: str, cause: str) -> SupervisionView:
        """退回: another answer is wanted, in the same time again."""

        def step(one: Supervision, who: Officer, at: datetime) -> None:
            until = self._supervisor.answer_by(at)
            one.send_back(who.name, reason, until, at, cause, by_unit=rights.acting_unit(who))

        return self._take(supervision_id, seen, by, rights.require_above, step)

    def _take(
        self,
        supervision_id: str,
        seen: int,
        by: By,
        right: Right,
        step: Callable[[Supervision, Officer, datetime], None],
        *,
        more: Callable[[Supervision], More | None] | None = None,
    ) -> SupervisionView:
        officer, at = read_officer(by, seen), self._clock.now()

        def decide(one: Supervision) -> Supervision:
            right(officer, Duty(one.unit, one.by_unit, named=self._supervisor.registry.name))
            step(one, officer, at)
            return one

        try:
            return view_of(self._store.change(Supervision, supervision_id, decide, seen=seen, more=more))
        except Stale:
            found = Supervision.objects(pk=supervision_id).only("unit", "by_unit").first()
            # who changed what is not for everybody
            right(officer, Duty(found.unit, found.by_unit, named=self._supervisor.registry.name))
            raise

    def _until(self, answer_by: str | None, at: datetime) -> datetime | None:
        if answer_by is None:
            return None
        until = read_moment(answer_by, "answer_by")
        if until <= at:
            raise InvalidInput("answer_by lies in the past", "答复期限已过", field="answer_by")
        return until


def _issuer(officer: Officer, task: Task) -> str:
    """For whom the order is issued: the office, or the officer's own unit."""
    unit = rights.acting_unit(officer)
    return unit if unit != task.responsible_unit else routing.unit_above(task.responsible_unit)


def _task_of(case_id: str | None) -> str:
    """The task that the case has now. Raises InvalidInput where no case is named, NotFound where it has none."""
    if not case_id:
        raise InvalidInput("name a task or a case", "应指明任务或案件", field="task_id")
    found = current_tasks([case_id]).get(case_id)
    if found is None:
        raise NotFound(f"case {case_id} has no task", f"案件{case_id}没有任务", field="case_id")
    return found.id
