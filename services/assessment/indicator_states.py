"""What an event counts for in the operational indicators of indicators.py. Pure.

A task counts twice, as due in the month of its deadline and as issued in that of its issue, under the responsible unit;
a case once as filed, each of its closings that was followed up and its verification once more. Whether a unit was in
time is what tasks says (`overdue`): the time of the check is not the unit's, and what stands still is not due.
"""

from datetime import datetime

from infra.clock import CITY_ZONE
from infra.messaging.event import Envelope, Event, Received
from infra.tally import State
from services.complaints.contracts import CaseState, CaseStatus, CitizenRated, RatingSource, ReportVerified
from services.tasks.contracts import TaskClosed, TaskState, TaskStatus

NOT_COUNTED = frozenset(
    {CaseStatus.VOIDED, CaseStatus.ANSWERED, CaseStatus.MERGED, CaseStatus.RECEIVED, CaseStatus.VERIFYING}
)  # the last two: its filing was undone
AT_PLACE = "@place"  # behind a month: counted at the place instead of at the responsible unit


def states_of(received: Received[Event]) -> list[State]:
    """What the event's subject counts for from now on: a task twice (as due, as issued), a case once, each of its
    closings that was followed up and its verification once more."""
    event, envelope = received.event, received.envelope
    if isinstance(task := getattr(event, "task", None), TaskState):
        return _task_states(envelope, task) if task.stands_for_its_case else []
    case = getattr(event, "case", None)
    if not isinstance(case, CaseState):
        return []
    return [_case_state(envelope, case), *_follow_up(envelope, event), *_verified(envelope, event)]


def _task_states(envelope: Envelope, task: TaskState) -> list[State]:
    due, issued = local(task.deadline), local(task.issued_at)
    returned, withdrawn = task.status == TaskStatus.RETURNED, task.status == TaskStatus.WITHDRAWN
    as_due = {
        f"due_{due:%d}": task.overdue or not (returned or task.status == TaskStatus.SUSPENDED),
        f"closed_{due:%d}": task.status == TaskStatus.CLOSED,
        _closed_in_time(due): task.status == TaskStatus.CLOSED and not task.overdue,
    }
    as_issued = {
        "dispatched": True,
        "accepted_in_time": task.accepted_in_time is True,
        "kept": not returned,
    }
    fell_away = withdrawn and not (task.reassigned and task.overdue)
    return [
        _state(envelope, "due", due, task.responsible_unit, {} if fell_away else as_due),
        _state(envelope, "issued", issued, task.responsible_unit, {} if withdrawn else as_issued),
    ]


def late_closing(received: Received[Event]) -> TaskState | None:
    """The overdue task of a case that the event closes; None where it tells anything else."""
    task = received.event.task if isinstance(received.event, TaskClosed) else None
    if task is None or not task.stands_for_its_case or task.closed_at is None or not task.overdue:
        return None
    return task


def if_excused(envelope: Envelope, task: TaskState) -> State:
    """What a late closing counts for, beside what it counts for anyway, as soon as its delay is excused."""
    due = local(task.deadline)
    return _state(envelope, "excused", due, task.responsible_unit, {_closed_in_time(due): True})


def _closed_in_time(due: datetime) -> str:
    return f"closed_in_time_{due:%d}"


def _case_state(envelope: Envelope, case: CaseState) -> State:
    subject = f"{envelope.subject}|filed"
    if case.filed_at is None or case.status in NOT_COUNTED:
        return State(subject, envelope.sequence, {}, ())
    month = f"{local(case.filed_at):%Y-%m}"
    paths = {month + AT_PLACE: case.place_path}
    labels = {
        "filed_here": True,
        "case_dispatched": case.dispatches > 0,
        "case_reworked": case.dispatches > 0 and case.reworks > 0,
    }
    if case.responsible_unit is not None:
        paths[month] = case.responsible_unit
    return State(subject, envelope.sequence, paths, [label for label, holds in labels.items() if holds])


def _follow_up(envelope: Envelope, event: Event) -> list[State]:
    """What an officer heard of one closing, the last try if there were several; what citizens say by themselves is
    another matter."""
    if not isinstance(event, CitizenRated) or event.rated_by != RatingSource.FOLLOW_UP:
        return []
    in_time = event.due is None or envelope.time <= event.due
    labels = {
        "followed_up": True,
        "reached": event.contacted is True and in_time,
        "solved": event.solved is True,
        "satisfied": event.satisfied is True,
    }
    # Events of before closings were tried again tell no term: those are counted each by itself, as they were.
    role = f"rated#{envelope.sequence}" if event.due is None else f"rated@{event.case.reopenings}"
    unit = event.case.responsible_unit or event.case.place_path
    return [_state(envelope, role, local(envelope.time), unit, labels)]


def _verified(envelope: Envelope, event: Event) -> list[State]:
    """What the public had to report and was found on site, at its place."""
    if not isinstance(event, ReportVerified) or not event.found:
        return []
    paths = {f"{local(envelope.time):%Y-%m}{AT_PLACE}": event.case.place_path}
    return [State(f"{envelope.subject}|verified", envelope.sequence, paths, ["missed_here"])]


def _state(envelope: Envelope, role: str, day: datetime, unit: str, labels: dict[str, bool]) -> State:
    """Counted under the month as coordinate, at the unit's path."""
    which = [label for label, holds in labels.items() if holds]
    return State(f"{envelope.subject}|{role}", envelope.sequence, {f"{day:%Y-%m}": unit}, which)


def local(moment: datetime) -> datetime:
    """The moment in the city's time, by which days and months are counted."""
    return moment.astimezone(CITY_ZONE)
