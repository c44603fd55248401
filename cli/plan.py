"""plan: a 目标任务分解表 from a table, and how far it is."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cli.importing.encoding import open_text
from cli.main import Town
from cli.rpc import call, office
from cli.whole_cells import whole_cells
from infra.clock import CITY_ZONE
from infra.problem import InvalidInput

MEASURES = Path(__file__).resolve().parents[1] / "services" / "tasks" / "data" / "measures.csv"
COLUMNS = ("mechanism_no", "mechanism", "measure_no", "measure", "lead_units")


def rows_of(file: Path) -> list[dict[str, Any]]:
    """The rows of a plan's table: COLUMNS, lead units separated by `;`. Raises InvalidInput naming a missing column."""
    with open_text(file) as lines:
        reader = csv.DictReader(lines)
        for column in COLUMNS:
            if column not in (reader.fieldnames or ()):
                raise InvalidInput(f"{file.name} has no column {column}", f"{file.name} 缺少列 {column}", field=column)
        return [
            {
                "row": f"{line['mechanism_no']}.{line['measure_no']}",
                "mechanism": line["mechanism"],
                "measure": line["measure"],
                "lead_units": line["lead_units"].split(";"),
            }
            for line in reader
        ]


@click.group()
def plan() -> None:
    """Plans (目标任务分解表)."""


@plan.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=MEASURES)
@click.option("--id", "plan_id", default="kbf-2017-30", show_default=True)
@click.option("--title", default="昆办发〔2017〕30号 目标任务分解表", show_default=True)
@click.option("--version", type=int, default=1, show_default=True)
@click.option("--deadline", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The plan's last day.")
@click.pass_obj
def issue(town: Town, file: Path, plan_id: str, title: str, version: int, deadline: datetime) -> None:
    """Issue the plan in FILE (default: the 50 measures) to its lead units, broken down to districts and streets."""
    last = deadline.replace(hour=18, tzinfo=CITY_ZONE)
    found = issue_plan(town, rows_of(file), plan_id=plan_id, title=title, version=version, deadline=last)
    word = "was issued before" if found["already"] else "is issued"
    click.echo(f"{plan_id} {word}: {found['rows']} rows, {found['tasks']} tasks")


def issue_plan(
    town: Town, rows: list[dict[str, Any]], *, plan_id: str, title: str, version: int, deadline: datetime
) -> dict[str, Any]:
    """Tell tasks to issue it; {"plan_id", "rows", "tasks", "already"}. Raises Problem."""
    draft = {
        "plan_id": plan_id,
        "title": title,
        "version": version,
        "issued_at": None,
        "deadline": deadline.isoformat(),
        "rows": rows,
    }
    found: dict[str, Any] = call(town, "tasks", "issue_plan", draft, office(), f"cli/plan-issue/{plan_id}/{version}")
    return found


@plan.command()
@click.argument("plan_id", default="kbf-2017-30")
@click.pass_obj
def progress(town: Town, plan_id: str) -> None:
    """Show how far every row of the plan is."""
    table = whole_cells("row", "措施", "任务", "完成", "进度")
    for row in call(town, "tasks", "plan_progress", plan_id):
        table.add_row(row["row"], row["measure"], str(row["tasks"]), str(row["done"]), f"{row['progress']:.0%}")
    Console().print(table)


COMMANDS = (plan,)
