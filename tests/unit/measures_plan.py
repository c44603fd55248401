"""The 50 measures of 昆办发〔2017〕30号 as a plan's draft, read as the command line reads them."""

from datetime import datetime

import msgspec

from cli.plan import MEASURES, rows_of
from services.tasks.breakdown import PlanDraft, PlanRow

PLAN_ID = "kbf-2017-30"


def plan_from_measures(deadline: datetime, issued_at: datetime | None = None, *, plan_id: str = PLAN_ID) -> PlanDraft:
    """The plan of the measures, all due at `deadline`."""
    rows = msgspec.convert(rows_of(MEASURES), list[PlanRow])
    return PlanDraft(
        plan_id=plan_id, title="目标任务分解表", version=1, deadline=deadline, issued_at=issued_at, rows=rows
    )
