"""The 50 measures under the ten mechanisms of 昆办发〔2017〕30号 as a plan; data/measures.csv is their table."""

import csv
from datetime import datetime
from pathlib import Path

from services.tasks.breakdown import PlanDraft, PlanRow

MEASURES_FILE = Path(__file__).parent / "data" / "measures.csv"
PLAN_ID = "kbf-2017-30"
TITLE = "昆办发〔2017〕30号 健全十项机制目标任务分解表"


def plan_from_measures(
    deadline: datetime, issued_at: datetime | None = None, *, plan_id: str = PLAN_ID, file: Path = MEASURES_FILE
) -> PlanDraft:
    """The plan of the measures in `file`, all due at `deadline`, with the lead units that the document names."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = [_row(line) for line in csv.DictReader(lines)]
    return PlanDraft(plan_id=plan_id, title=TITLE, version=1, deadline=deadline, issued_at=issued_at, rows=rows)


def _row(line: dict[str, str]) -> PlanRow:
    return PlanRow(
        row=f"{line['mechanism_no']}.{line['measure_no']}",
        mechanism=line["mechanism"],
        measure=line["measure"],
        lead_units=line["lead_units"].split(";"),
    )
