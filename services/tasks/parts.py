"""The parts of a duty: made for units below (分解) or beside (协办), kept within its time, and ended with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from pymongo.client_session import ClientSession

from infra.calendar import LENGTHS, ClockUnit, WorkingCalendar
from infra.messaging.loaded import brought_back
from infra.messaging.store import DecidedTooEarly, Store
from infra.organisation import unit_path
from infra.organisation.registry import Unit
from services.tasks import deadlines
from services.tasks.contracts import (
    OPEN_STATUSES,
    TaskExtended,
    TaskRectifying,
    TaskResumed,
    TaskRole,
    TaskStatus,
)
from services.tasks.task import SYSTEM, Task
from services.tasks.task_states import ENDED
from services.tasks.timekeeping import Timekeeper
from services.tasks.whole_and_part import follow_whole

TIME_BELOW = 0.9  # of what is left, so that who gave the part has time to check it (as in breakdown.py)
_RUNS_ON = {TaskExtended.type(), TaskRectifying.type(), TaskResumed.type()}
_OPEN = {"$in": sorted(OPEN_STATUSES)}
_SAME = ("source", "case_id", "case_number", "category", "difficult")


def make_parts(
    whole: Task,
    units: Sequence[Unit],
    role: TaskRole,
    until: datetime,
    words: str,
    at: datetime,
    by: str,
    calendar: WorkingCalendar,
) -> list[Task]:
    """One part for each of the units, due `until`, of `whole`, which has just told of them: its number of parts
    includes them, its last event is their cause."""
    clock = _clock_of(whole, at, until, calendar)
    due = deadlines.until(calendar, at, until, clock, provisional=whole.deadline_provisional)
    answer = deadlines.answer_facts(calendar, at)
    facts = {name: getattr(whole, name) for name in _SAME} | {
        "role": role,
        "issued_at": at,
        "answer_by": min(answer["answer_by"], until),
        "answer_provisional": answer["answer_provisional"],
        "answers_to": whole.responsible_unit,
        "lineage": [*whole.lineage, whole.pk],
        "routed_because": words,
        "title": whole.title,
    }
    if role == TaskRole.ASSIST:
        facts |= {"lead_task_id": whole.pk}
    else:
        facts |= {"parent_id": whole.pk, "plan_id": whole.plan_id, "plan_row": whole.plan_row}
    facts |= deadlines.due_facts(due)
    if clock is not None:
        facts |= {"limit_amount": due.whole / LENGTHS[clock], "limit_clock": clock.value}
    return [
        Task.issue(
            facts | {"id": f"{whole.pk}.{whole.parts + n}"} | _where(whole, unit), by=by, cause=whole.outbox[-1].id
        )
        for n, unit in enumerate(units, start=1 - len(units))
    ]


def _clock_of(whole: Task, at: datetime, until: datetime, calendar: WorkingCalendar) -> ClockUnit | None:
    """The clock of its limit; natural time (None) for a part that would have no time by that: given and due in one
    night or holiday."""
    clock = ClockUnit(whole.limit_clock) if whole.limit_clock else None
    return clock if deadlines.time_between(calendar, at, until, clock) else None


def _where(whole: Task, unit: Unit) -> dict[str, str]:
    inside = unit.kind.is_territory and unit_path.contains(whole.place_path, unit.path)
    return {"responsible_unit": unit.path, "place_path": unit.path if inside else whole.place_path}


def units_with_parts(whole: Task, role: TaskRole, session: ClientSession | None = None) -> set[str]:
    """The units that have an open part of `whole` in that role."""
    link = "lead_task_id" if role == TaskRole.ASSIST else "parent_id"
    query = {link: whole.pk, "status": _OPEN, "lineage": whole.pk}
    found = Task._get_collection().find(query, {"responsible_unit": 1}, session=session)
    return {one["responsible_unit"] for one in found}


def open_parts(whole: Task) -> tuple[int, int]:
    """How many tasks below `whole` are open, and how many assisting units have not done their part."""
    if not whole.parts:
        return 0, 0
    collection = Task._get_collection()
    below = collection.count_documents({"lineage": whole.pk, "status": _OPEN, "role": {"$ne": TaskRole.ASSIST.value}})
    undone = sorted(OPEN_STATUSES - {TaskStatus.SUBMITTED})
    assists = collection.count_documents({"lead_task_id": whole.pk, "status": {"$in": undone}})
    return below, assists


def whole_of(part: Task, session: ClientSession | None = None) -> Task | None:
    """The duty of which `part` is a part, without its history."""
    if part.whole_id is None:
        return None
    query = {"_id": part.whole_id}
    found = Task._get_collection().find_one(query, {"outbox": 0, "history": 0}, session=session)
    return brought_back(Task, found) if found else None


def keep_parts(store: Store, tasks: Iterable[Task], time: Timekeeper, session: ClientSession) -> None:
    """Let the clocks of the parts of those tasks that have just told of something follow theirs, and the parts of
    these."""
    wholes = {task.pk: task for task in tasks if task.parts and task.outbox and task.status in OPEN_STATUSES}
    while wholes:
        among = {"$in": list(wholes)}
        query = {"lineage": among, "status": _OPEN, "$or": [{"parent_id": among}, {"lead_task_id": among}]}
        ids = [one["_id"] for one in Task._get_collection().find(query, {"_id": 1}, session=session)]
        follow = partial(_follow, wholes=wholes, time=time)
        parts = store.change_many(Task, ids, follow, session=session)
        wholes = {id: part for id, part in parts.items() if part.parts and part.outbox}


def _follow(part: Task, wholes: Mapping[str, Task], time: Timekeeper) -> Task:
    whole = _nearest(part, wholes)
    last = whole.outbox[-1]
    follow_whole(part, whole, time, last.time, last.id)
    return part


def _nearest(part: Task, wholes: Mapping[str, Task]) -> Task:
    return next(wholes[id] for id in reversed(part.lineage) if id in wholes)


def runs_on(part: Task) -> bool:
    """Whether a part has just got a new deadline, which that of its whole bounds."""
    return part.whole_id is not None and any(event.type in _RUNS_ON for event in part.outbox)


def hold_whole(store: Store, part: Task, time: Timekeeper, session: ClientSession) -> None:
    """Keep the whole of `part` as it is until the transaction has ended, in which the part goes on by its clock. Raises
    DecidedTooEarly where the whole was suspended, or is due earlier, since the part was decided about."""
    whole, last, known = store.hold(Task, part.whole_id, session), part.outbox[-1], part.sequence
    follow_whole(part, whole, time, last.time, last.id)
    if part.sequence != known:
        raise DecidedTooEarly


def drop_assists(store: Store, tasks: Iterable[Task], session: ClientSession) -> None:
    """Release who assists duties that nobody has accepted yet and whose case was corrected, where the table does not
    name them any more."""
    for task in tasks:
        if task.parts and task.status == TaskStatus.ISSUED and task.outbox:
            query = {"lead_task_id": task.pk, "status": _OPEN, "responsible_unit": {"$nin": list(task.co_units)}}
            ids = [one["_id"] for one in Task._get_collection().find(query, {"_id": 1}, session=session)]
            last = task.outbox[-1]
            release = partial(_release, at=last.time, cause=last.id)
            store.change_many(Task, ids, release, session=session)


def _release(part: Task, at: datetime, cause: str) -> None:
    part.withdraw(SYSTEM, "案件信息更正，不再需要协办", at, cause)


def end_parts(store: Store, tasks: Iterable[Task], session: ClientSession) -> list[Task]:
    """End the open parts of those tasks that have just ended: what was submitted is done where the whole is, all else
    falls away. The parts that ended, as they are now."""
    wholes = {task.pk: task for task in tasks if task.parts and task.status in ENDED}
    if not wholes:
        return []
    query = {"lineage": {"$in": list(wholes)}, "status": _OPEN}
    ids = [one["_id"] for one in Task._get_collection().find(query, {"_id": 1}, session=session)]
    return list(store.change_many(Task, ids, lambda part: end_part(part, wholes), session=session).values())


def end_part(part: Task, wholes: Mapping[str, Task]) -> Task:
    """End `part` as the nearest of the `wholes` that it belongs to has ended."""
    whole = _nearest(part, wholes)
    last = whole.outbox[-1]
    at, cause = last.time, last.id
    if whole.status == TaskStatus.CLOSED and part.status == TaskStatus.SUBMITTED:
        part.verify(SYSTEM, "主办或上级任务已办结", at, cause)
    else:
        part.withdraw(SYSTEM, "主办或上级任务已结束", at, cause)
    return part
