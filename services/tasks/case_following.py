"""The task follows its case, whatever order the case's events come in and however often.

Every event of a filed case carries the case's full state, so whichever comes first makes the task, and the newest says
what has become of it: a task whose case was voided before its filing was heard is made and withdrawn at once. Where an
officer corrected the case before the unit accepted, the task gets its new deadline, or the new unit the next task. A
case that is to be put right after its task had ended (reopened 重办, or restored by a split 拆分) gets its next task.
A task that has heard it all is neither loaded nor written.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from pymongo.client_session import ClientSession

from infra.messaging.event import Received
from infra.messaging.store import More, Store
from services.complaints.contracts import CaseStatus, ComplaintsEvent
from services.tasks.assignment import Assigner, needs_task
from services.tasks.case_news import CaseNews, News, by_case, read
from services.tasks.contracts import TaskSource, TaskStatus
from services.tasks.parts import drop_assists, keep_parts
from services.tasks.supervising import end_with
from services.tasks.task import Task
from services.tasks.task_states import ENDED

ATTEMPTS = 5
TO_BE_PUT_RIGHT = frozenset(
    {CaseStatus.FILED, CaseStatus.DISPATCHED, CaseStatus.HANDLING, CaseStatus.CHECKING, CaseStatus.REOPENED}
)


class Overtaken(Exception):
    """Tasks of these cases were given back while we looked, again and again; trying later helps."""


class Told(NamedTuple):
    """What became of telling a task: whether it was the right one (else it was given back or passed on, and the case's
    next task must be told), and the tasks that follow: the next one where a correction made the case another unit's
    duty, and those of assisting units."""

    done: bool
    following: Sequence[Task] = ()


def tell(task: Task, news: Sequence[CaseNews], assigner: Assigner) -> Told:
    """Let the task follow `news`, the oldest first; a correction counts as the newest of them says."""
    told = _tell(task, news, assigner)
    for one in news:
        if one.not_solved:
            _push(next((next_ for next_ in told.following if next_.whole_id is None), task), one)
    return told


def _push(task: Task, news: CaseNews) -> None:
    """回访 found the case not solved: whoever has to put it right again is supervised (DOMAIN.md §3), once."""
    if task.case_reopenings == news.case.reopenings and not task.supervisions and task.status not in ENDED:
        task.await_supervision(news.note, news.at)


def _tell(task: Task, news: Sequence[CaseNews], assigner: Assigner) -> Told:
    newest = news[-1]
    is_new = newest.sequence > task.case_sequence
    if not all(task.follow(one.case, one.sequence, one.note, one.at, one.cause, assigner.again) for one in news):
        return Told(False)
    if not is_new:
        return Told(True)
    if newest.case.status in TO_BE_PUT_RIGHT and task.ended_before(
        newest.case, newest.at, newest.cause, assigner.again
    ):
        since = newest.case.again_since or newest.at
        again = assigner.reopened(task, newest.case, since, newest.cause)
        return Told(True, assigner.with_assists(again))
    return Told(True, assigner.correct(task, newest.case, newest.at, newest.cause))


def first_tasks(news: list[CaseNews], assigner: Assigner) -> list[Task]:
    """The task that the news of a case make, as the newest tell it, with those of assisting units, and the next where
    the case was reopened since; none where the case was never filed."""
    filed = [one for one in news if needs_task(one.case)]
    if not filed:
        return []
    task = assigner.first(filed[-1].case, filed[0].cause)
    following = tell(task, news, assigner).following
    return [*assigner.with_assists(task), *following]


class CaseFollower:
    """Brings the news of cases to their tasks, a batch in one read and at most two writes."""

    def __init__(self, store: Store, assigner: Assigner) -> None:
        self._store, self._assigner = store, assigner

    def follow(self, batch: Iterable[Received[ComplaintsEvent]]) -> None:
        """Make, change or end tasks as the events say. Raises Overtaken (the events are handed in again)."""
        waiting: News = by_case(map(read, batch))
        for _ in range(ATTEMPTS):
            waiting = self._round(waiting)
            if not waiting:
                return
        raise Overtaken(", ".join(waiting))

    def _round(self, news: News) -> News:
        """What could not be told this time, because somebody else was faster."""
        current = current_tasks(news)
        behind = {case_id: task.id for case_id, task in current.items() if not task.knows(news[case_id])}
        done = (current.keys() - behind.keys()) | self._tell_current(news, behind) | self._make_first(news, current)
        return {case_id: rest for case_id, rest in news.items() if case_id not in done}

    def _tell_current(self, news: News, current: Mapping[str, str]) -> set[str]:
        if not current:
            return set()

        touched: dict[str, Task] = {}

        def follow(task: Task) -> Told:
            touched[task.pk] = task
            return tell(task, news[task.case_id], self._assigner)

        def more(told: dict[str, Told]) -> More | None:
            following = [task for one in told.values() for task in one.following]
            shared = [task for task in touched.values() if task.outbox and (task.parts or task.supervisions)]
            if not following and not shared:
                return None

            def write(session: ClientSession) -> None:
                self._store.insert_many(following, session=session)
                end_with(self._store, shared, session)
                drop_assists(self._store, shared, session)
                keep_parts(self._store, shared, self._assigner.time, session)

            return write

        told = self._store.change_many(Task, current.values(), follow, more=more)
        return {case_id for case_id, task_id in current.items() if task_id in told and told[task_id].done}

    def _make_first(self, news: News, current: Container[str]) -> set[str]:
        missing = [case_id for case_id in news if case_id not in current]
        made = {case_id: first_tasks(news[case_id], self._assigner) for case_id in missing}
        shared = {case_id for case_id, tasks in made.items() if len(tasks) > 1}
        alone = [task for case_id, tasks in made.items() if case_id not in shared for task in tasks]
        inserted = dict(zip((task.pk for task in alone), self._store.insert_many(alone), strict=True))
        return {
            case_id
            for case_id, tasks in made.items()
            if (self._insert_together(tasks) if case_id in shared else all(inserted[task.pk] for task in tasks))
        }

    def _insert_together(self, tasks: Sequence[Task]) -> bool:
        """The tasks of one case in one transaction; False, and nothing is written, where one is there already."""

        def work(session: ClientSession) -> bool:
            known = Task._get_collection().count_documents({"_id": tasks[0].pk}, session=session)
            return not known and all(self._store.insert_many(tasks, session=session))

        return self._store.in_transaction(work)


class Current(NamedTuple):
    """The task that has the duty of a case, and the newest event of the case that it has heard of."""

    id: str
    case_sequence: int

    def knows(self, news: Iterable[CaseNews]) -> bool:
        """Whether none of `news` can change anything of it."""
        return all(one.sequence <= self.case_sequence and not one.not_solved for one in news)


def current_tasks(case_ids: Iterable[str]) -> dict[str, Current]:
    """Case → its task that was neither given back nor passed on, for the cases that have one.

    What the office instructs about a case is no assignment of it, and does not follow it."""
    query = {
        "source": TaskSource.CASE.value,
        "case_id": {"$in": list(case_ids)},
        "parent_id": None,
        "lead_task_id": None,
        "status": {"$ne": TaskStatus.RETURNED.value},
        "reassigned": {"$ne": True},
    }
    found = Task._get_collection().find(query, {"case_id": 1, "case_sequence": 1})
    return {one["case_id"]: Current(one["_id"], one.get("case_sequence", 0)) for one in found}
