"""Cases and tasks counted by state."""

from collections.abc import Mapping

import graphene

from gateway.guarded import part_of
from gateway.permissions import SEE_FIGURES
from gateway.schema.enums import Channel
from services.complaints.contracts import CaseStatus
from services.tasks.contracts import OPEN_STATUSES, TaskStatus

CASE_STATES = tuple(status.value for status in CaseStatus)
TASK_STATES = tuple(status.value for status in TaskStatus)
ENDED_CASES = tuple(s.value for s in (CaseStatus.CLOSED, CaseStatus.ANSWERED, CaseStatus.VOIDED, CaseStatus.MERGED))
OPEN_TASKS = tuple(status.value for status in OPEN_STATUSES)
OVERDUE, DUE_SOON = "overdue", "due_soon"


@part_of(SEE_FIGURES)
class CaseCounts(graphene.ObjectType):
    """Cases inside a place, by state."""

    total = graphene.Int(required=True, description="in whatever state")
    open = graphene.Int(required=True, description="neither closed, answered, voided nor merged")
    received = graphene.Int(required=True, description="受理")
    verifying = graphene.Int(required=True, description="核实")
    filed = graphene.Int(required=True, description="立案")
    dispatched = graphene.Int(required=True, description="派遣")
    handling = graphene.Int(required=True, description="处置")
    checking = graphene.Int(required=True, description="核查")
    closed = graphene.Int(required=True, description="结案")
    reopened = graphene.Int(required=True, description="重办")
    answered = graphene.Int(required=True, description="答复")
    voided = graphene.Int(required=True, description="作废")
    merged = graphene.Int(required=True, description="并案")


@part_of(SEE_FIGURES)
class ChannelCount(graphene.ObjectType):
    """Cases inside a place whose first report came on one channel."""

    channel = graphene.Field(Channel, required=True)
    number = graphene.Int(required=True)


@part_of(SEE_FIGURES)
class TaskCounts(graphene.ObjectType):
    """Tasks of a unit, by state. `overdue` is a fact about time and counts beside the states."""

    total = graphene.Int(required=True, description="in whatever state")
    open = graphene.Int(required=True, description="neither closed, verified, returned nor withdrawn")
    overdue = graphene.Int(required=True, description="open and past the deadline")
    due_soon = graphene.Int(required=True, description="open, most of the time has gone")
    issued = graphene.Int(required=True, description="下达")
    accepted = graphene.Int(required=True, description="签收")
    in_progress = graphene.Int(required=True, description="办理中")
    self_checked = graphene.Int(required=True, description="自查")
    submitted = graphene.Int(required=True, description="申报完成")
    verified = graphene.Int(required=True, description="验收")
    closed = graphene.Int(required=True, description="办结")
    returned = graphene.Int(required=True, description="退回")
    rectifying = graphene.Int(required=True, description="整改")
    suspended = graphene.Int(required=True, description="挂账")
    withdrawn = graphene.Int(required=True, description="撤回")


@part_of(SEE_FIGURES)
class NamedCount(graphene.ObjectType):
    """How many tasks there are of one source, role or category."""

    name = graphene.String(required=True, description="the domain's word, or the category's code")
    number = graphene.Int(required=True)


def case_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """The service's counts with their sums."""
    known = {name: counts.get(name, 0) for name in CASE_STATES}
    ended = sum(known[name] for name in ENDED_CASES)
    return known | {"total": sum(known.values()), "open": sum(known.values()) - ended}


def channel_counts(counts: Mapping[str, int]) -> list[ChannelCount]:
    """The service's counts, the largest first; channels on which nothing came are left out."""
    return [ChannelCount(channel=channel, number=number) for channel, number in _largest_first(counts)]


def named_counts(counts: Mapping[str, int]) -> list[NamedCount]:
    """The service's counts, the largest first; what nothing has is left out."""
    return [NamedCount(name=name, number=number) for name, number in _largest_first(counts)]


def _largest_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((name, n) for name, n in counts.items() if n), key=lambda one: (-one[1], one[0]))


def task_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """The service's counts with their sums."""
    known = {name: counts.get(name, 0) for name in TASK_STATES}
    under_way = sum(known[name] for name in OPEN_TASKS)
    return known | {
        "total": sum(known.values()),
        "open": under_way,
        OVERDUE: counts.get(OVERDUE, 0),
        DUE_SOON: counts.get(DUE_SOON, 0),
    }
