"""A suspension that is over ends by itself: whoever comes first, scanner or command, finds the clock running.

A part that goes on is due within its whole. Whoever lets it go on holds the whole first, in the same transaction, and
looks only then: who shortens or suspends the whole at that moment waits, decides again, and finds the part running; or
was faster, and then it is the shorter whole that is held. So neither can miss what the other one does.
"""

from collections.abc import Sequence
from datetime import datetime

from pymongo.client_session import ClientSession

from infra.messaging.store import Store
from services.tasks.contracts import TaskStatus
from services.tasks.parts import whole_of
from services.tasks.task import SYSTEM, Task
from services.tasks.task_clock import BY_ITSELF
from services.tasks.timekeeping import Timekeeper
from services.tasks.whole_and_part import bound_of


def wake(task: Task, time: Timekeeper, at: datetime, session: ClientSession | None = None) -> bool:
    """Let `task` go on where its suspension is over; whether it was. In a transaction its whole must be held
    (`hold_wholes`), without one it is held afterwards (parts.py, `hold_whole`)."""
    if not task.must_resume(at):
        return False
    until = time.resumed(task, at, bound_of(whole_of(task, session)))
    task.resume(SYSTEM, BY_ITSELF, until, at, f"deadline/{task.pk}")
    return True


def hold_wholes(store: Store, ids: Sequence[str], at: datetime, session: ClientSession) -> None:
    """Keep the wholes of those of the tasks that go on by themselves `at` that moment as they are until the transaction
    has ended. To be called before the tasks are loaded, among which a whole may be."""
    over = {"status": TaskStatus.SUSPENDED.value, "resume_at": {"$lte": at}, "stopped_with": None}
    links = {"parent_id": 1, "lead_task_id": 1}
    found = Task._get_collection().find({"_id": {"$in": list(ids)}} | over, links, session=session)
    wholes = {one.get("lead_task_id") or one.get("parent_id") for one in found} - {None}
    store.hold_many(Task, sorted(wholes), session)
