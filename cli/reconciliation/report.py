"""How a reconciliation came out: lines for people, or the same as JSON builtins."""

from datetime import datetime

import msgspec

from infra.reconciliation.comparison import Difference, Outcome
from infra.reconciliation.summary import Summary

FATES = ("filed", "joined", "answered", "voided", "waiting")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `findings` say what is wrong, nothing where all is well; `missing` and `surplus`
    count what the right side lacks, and what it has that the left side does not know or knows otherwise."""

    title: str
    title_zh: str
    figures: str
    findings: list[str] = []
    missing: int = 0
    surplus: int = 0


class Report(msgspec.Struct, frozen=True):
    """The whole of it, as of a moment of the city's clock."""

    as_of: datetime
    lines: list[Line]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not any(line.findings for line in self.lines)

    @property
    def missing(self) -> int:
        """How much one service should have and does not."""
        return sum(line.missing for line in self.lines)

    @property
    def surplus(self) -> int:
        """How much a service has that it should not."""
        return sum(line.surplus for line in self.lines)


def of_check(outcome: Outcome) -> Line:
    """The line of two ledgers."""
    check = outcome.check
    return Line(
        title=check.title,
        title_zh=check.title_zh,
        figures=f"{outcome.entries}",
        findings=[_difference(outcome, one) for one in outcome.differences],
        missing=sum(one.right is None for one in outcome.differences),
        surplus=sum(one.right is not None for one in outcome.differences),
    )


def of_fates(totals: dict[str, int]) -> Line:
    """来件 = 立案 + 并入 + 答复 + 作废 + 待人工处理."""
    stored, sum_ = totals["stored"], sum(totals[name] for name in FATES)
    figures = f"{stored} = " + " + ".join(f"{totals[name]} {name}" for name in FATES)
    return Line(
        title="stored = filed + joined + answered + voided + waiting for a person",
        title_zh="来件 = 立案 + 并入 + 答复 + 作废 + 待人工处理",
        figures=figures,
        findings=[] if stored == sum_ else [f"stored 来件 {stored}, accounted for 有着落 {sum_}"],
        missing=max(0, stored - sum_),
        surplus=max(0, sum_ - stored),
    )


def of_leads(filed: int, leads: int) -> Line:
    """牵头任务 = 立案案件; a case without a unit of its own is assigned to the headquarters' office at once."""
    return Line(
        title="lead assignments = filed cases",
        title_zh="牵头任务数 = 立案案件数",
        figures=f"{leads} = {filed}",
        findings=[] if leads == filed else [f"filed 立案 {filed}, lead assignments 牵头任务 {leads}"],
        missing=max(0, filed - leads),
        surplus=max(0, leads - filed),
    )


def of_summaries(summaries: list[Summary]) -> list[Line]:
    """Outboxes, dead letters, counters and oddities of all services."""
    unsent = [f"{one.service}: {one.unsent} not sent 未发出" for one in summaries if one.unsent]
    dead = [f"{queue.queue}: {queue.dead}" for one in summaries for queue in one.queues if queue.dead]
    wrong = [f"{one.service}: {line}" for one in summaries for line in one.wrong_counters]
    odd = [f"{one.service}: {line}" for one in summaries for line in one.oddities]
    waiting = sum(queue.waiting for one in summaries for queue in one.queues)
    return [
        Line(
            title="nothing older waits in an outbox",
            title_zh="发件箱无积压",
            figures=f"{waiting} events in queues 队列中",
            findings=unsent,
            missing=sum(one.unsent for one in summaries),
        ),
        Line(title="no dead letters", title_zh="无死信", figures="", findings=dead, missing=len(dead)),
        Line(title="counters are sums of what was counted", title_zh="计数器无误", figures="", findings=wrong),
        Line(
            title="one live task for each case",
            title_zh="每个案件仅有一项在办任务",
            figures="",
            findings=odd,
            surplus=len(odd),
        ),
    ]


def _difference(outcome: Outcome, one: Difference) -> str:
    left, right = outcome.check.left, outcome.check.right
    return f"{one.key}: {left} {_shown(one.left)}, {right} {_shown(one.right)}"


def _shown(value: str | None) -> str:
    return "absent 无" if value is None else repr(value) if value else "present 有"
