"""The states of a case as data: which step leads from where to where (DOMAIN.md §3).

    received ──file──► filed ──dispatch──► dispatched ──handle──► handling ──check──► checking ──close──► closed
       │ │  │            ▲                   ▲   │                 │  ▲                │                    │
       │ │  └─verify─► verifying             │   └────redispatch───┘  └─rework/rectify─┘     reopened ◄──reopen
       │ └─answer──► answered (also from verifying)  └──────────────dispatch───────────────────┘
       ├─void──► voided      (also from verifying, filed and dispatched, as long as no unit has begun)
       └─merge─► merged      (from the same) ──split──► filed, or ──split_unfiled──► received where it was not filed yet

    What was filed, or sent to be verified, for a report that left again (case_together.py) goes back, as long as no
    unit has begun: ──reverify──► verifying, ──unfile──► received.

`FOLLOWING` are the steps that the case takes because its task did; all others need an officer.
"""

from collections import deque
from enum import StrEnum
from typing import NamedTuple

from infra.problem import Refused
from services.complaints.contracts import CaseStatus

S = CaseStatus


class Step(StrEnum):
    """What can be done with a case."""

    VERIFY = "verify"
    FILE = "file"
    ANSWER = "answer"
    VOID = "void"
    MERGE = "merge"
    SPLIT = "split"
    SPLIT_UNFILED = "split_unfiled"
    UNFILE = "unfile"
    REVERIFY = "reverify"
    DISPATCH = "dispatch"
    REDISPATCH = "redispatch"
    HANDLE = "handle"
    CHECK = "check"
    RECTIFY = "rectify"
    REWORK = "rework"
    CLOSE = "close"
    REOPEN = "reopen"


class Transition(NamedTuple):
    """One row of the table: the step may be taken from `before` and leads to `after`; `zh` names it for people."""

    before: frozenset[CaseStatus]
    after: CaseStatus
    zh: str


NOT_BEGUN = frozenset({S.RECEIVED, S.VERIFYING, S.FILED, S.DISPATCHED})

TRANSITIONS: dict[Step, Transition] = {
    Step.VERIFY: Transition(frozenset({S.RECEIVED}), S.VERIFYING, "核实"),
    Step.FILE: Transition(frozenset({S.RECEIVED, S.VERIFYING}), S.FILED, "立案"),
    Step.ANSWER: Transition(frozenset({S.RECEIVED, S.VERIFYING}), S.ANSWERED, "答复"),
    Step.VOID: Transition(NOT_BEGUN, S.VOIDED, "作废"),
    Step.MERGE: Transition(NOT_BEGUN, S.MERGED, "并案"),
    Step.SPLIT: Transition(frozenset({S.MERGED}), S.FILED, "拆分"),
    Step.SPLIT_UNFILED: Transition(frozenset({S.MERGED}), S.RECEIVED, "拆分"),
    Step.UNFILE: Transition(frozenset({S.VERIFYING, S.FILED, S.DISPATCHED}), S.RECEIVED, "撤销立案"),
    Step.REVERIFY: Transition(frozenset({S.FILED, S.DISPATCHED}), S.VERIFYING, "恢复核实"),
    Step.DISPATCH: Transition(frozenset({S.FILED, S.REOPENED}), S.DISPATCHED, "派遣"),
    Step.REDISPATCH: Transition(frozenset({S.HANDLING}), S.DISPATCHED, "重新派遣"),
    Step.HANDLE: Transition(frozenset({S.DISPATCHED}), S.HANDLING, "处置"),
    Step.CHECK: Transition(frozenset({S.HANDLING}), S.CHECKING, "核查"),
    Step.RECTIFY: Transition(frozenset({S.CHECKING}), S.HANDLING, "整改"),
    Step.REWORK: Transition(frozenset({S.CHECKING}), S.HANDLING, "返工"),
    Step.CLOSE: Transition(frozenset({S.CHECKING}), S.CLOSED, "结案"),
    Step.REOPEN: Transition(frozenset({S.CLOSED}), S.REOPENED, "重办"),
}

FOLLOWING = (Step.DISPATCH, Step.REDISPATCH, Step.HANDLE, Step.CHECK, Step.RECTIFY)
CORRECTABLE = frozenset({S.FILED, S.DISPATCHED})  # what triage decided; before its filing, FILE corrects as well
REPLIED = frozenset({S.CLOSED, S.ANSWERED})  # then there is a reply that a citizen may rate
ENDED = frozenset({S.CLOSED, S.ANSWERED, S.VOIDED, S.MERGED})
OPEN = frozenset(CaseStatus) - ENDED
WITH_A_UNIT = frozenset({S.FILED, S.DISPATCHED, S.HANDLING, S.CHECKING, S.REOPENED})

STATUS_ZH: dict[CaseStatus, str] = {
    S.RECEIVED: "已受理",
    S.VERIFYING: "核实中",
    S.FILED: "已立案",
    S.DISPATCHED: "已派遣",
    S.HANDLING: "处置中",
    S.CHECKING: "核查中",
    S.CLOSED: "已结案",
    S.REOPENED: "重办中",
    S.ANSWERED: "已答复",
    S.VOIDED: "已作废",
    S.MERGED: "已并案",
}


def after(step: Step, status: CaseStatus) -> CaseStatus:
    """The status to which `step` leads from `status`. Raises Refused where the table has no such way."""
    row = TRANSITIONS[step]
    require(row.before, status, row.zh, f"take the step {step!s}")
    return row.after


def require(states: frozenset[CaseStatus], status: CaseStatus, zh: str, act: str = "be corrected") -> None:
    """Pass when `status` is one of `states`; `zh` and `act` say what is refused otherwise. Raises Refused."""
    if status in states:
        return
    allowed = [one for one in CaseStatus if one in states]
    raise Refused(
        f"a case that is {status} cannot {act}; only one that is {' or '.join(allowed)} can",
        f"案件{STATUS_ZH[status]}，不能{zh}；仅{'、'.join(STATUS_ZH[one] for one in allowed)}的案件可以",
        field="status",
        current_status=status,
    )


def way(status: CaseStatus, target: CaseStatus) -> list[Step] | None:
    """The fewest of the FOLLOWING steps from `status` to `target`; [] when it is there, None where no way leads."""
    ways: dict[CaseStatus, list[Step]] = {status: []}
    todo = deque([status])
    while todo and target not in ways:
        here = todo.popleft()
        for step in FOLLOWING:
            row = TRANSITIONS[step]
            if here in row.before and row.after not in ways:
                ways[row.after] = [*ways[here], step]
                todo.append(row.after)
    return ways.get(target)
