"""The deadlines that were provisional, counted again in one transaction with everything that hangs on them: wholes
before their parts, and then every part, provisional or not, that would be due after its whole."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.client_session import ClientSession

from infra.calendar import Deadline
from infra.messaging.store import Store
from services.tasks.clock_ledger import given_at
from services.tasks.contracts import TaskStatus
from services.tasks.deadlines import Due
from services.tasks.parts import keep_parts, whole_of
from services.tasks.recalculation import answer_again, recalculated
from services.tasks.task import Task
from services.tasks.timekeeping import Timekeeper
from services.tasks.whole_and_part import bound_of


def recalculate_all(
    store: Store, time: Timekeeper, ids: Sequence[str], version: int, now: datetime, session: ClientSession
) -> None:
    """Count the deadlines of these tasks and of their provisional parts again, by the calendar as of `version`."""
    family = _with_provisional_parts(ids, session)
    store.hold_many(Task, _wholes_of(family, session), session)
    changed: list[Task] = []
    for depth in sorted({id.count(".") for id in family}):  # that of a part has one more than that of its whole
        level = [id for id in family if id.count(".") == depth]

        def again(task: Task) -> Task:
            _again(task, time, version, now, session)
            return task

        changed += store.change_many(Task, level, again, session=session).values()
    keep_parts(store, changed, time, session)


def _again(task: Task, time: Timekeeper, version: int, now: datetime, session: ClientSession) -> None:
    whole = whole_of(task, session)
    until, answer = None, answer_again(task, time)
    if task.deadline_provisional:
        until = _bounded(task, recalculated(task, time, whole), whole, time)
    if answer is not None and task.is_part:
        answer = Deadline(min(answer.at, until.at if until else task.deadline), answer.provisional)
    task.recalculate(until, version, now, f"calendar/{version}", answer=answer)


def _bounded(task: Task, own: Due, whole: Task | None, time: Timekeeper) -> Due:
    """As follow_whole bounds it, which leaves alone what stands still."""
    bound = bound_of(whole)
    if bound is None or task.status == TaskStatus.SUSPENDED or given_at(task.clock_ledger) >= bound.at:
        return own
    return time.within(task, own, bound, task.issued_at)


def _with_provisional_parts(ids: Sequence[str], session: ClientSession) -> list[str]:
    query = {"lineage": {"$in": list(ids)}, "provisional_under": {"$ne": None}}
    parts = Task._get_collection().find(query, {"_id": 1}, session=session)
    return sorted({*ids, *(one["_id"] for one in parts)})


def _wholes_of(ids: Sequence[str], session: ClientSession) -> list[str]:
    links = {"parent_id": 1, "lead_task_id": 1}
    found = Task._get_collection().find({"_id": {"$in": list(ids)}}, links, session=session)
    return sorted({one.get("lead_task_id") or one.get("parent_id") for one in found} - {None})
