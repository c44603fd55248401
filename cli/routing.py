"""routing: the routing table (派遣路由表): look, edit, import, export, explain."""

import csv
import getpass
import sys
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cli.city_time import city_time
from cli.importing.encoding import open_text
from cli.main import Town
from cli.rpc import call, office
from cli.whole_cells import whole_cells
from infra.problem import InvalidInput

COLUMNS = (
    "category",
    "name",
    "place",
    "kind",
    "channel",
    "subject",
    "difficult",
    "goes_to",
    "lead",
    "assists",
    "because",
    "effective_from",
)
CRITERIA = ("category", "place", "kind", "channel", "subject")
BETWEEN = "、"
WORDS = {"": None, "yes": True, "no": False}
DAY = click.DateTime(["%Y-%m-%d"])
ON = click.option("--on", "day", type=DAY, help="As it is on that day; today by default.")
SEEN = click.option("--seen", type=int, required=True, help="The version that you looked at.")
FROM = click.option("--from", "effective_from", type=DAY, required=True, help="The first day on which it holds.")
WHY = click.option("--why", required=True)


def _criteria(command: Any) -> Any:
    for name in reversed(CRITERIA):
        command = click.option(f"--{name}", default="", help="Empty: any.")(command)
    return click.option("--difficult", type=click.Choice(["yes", "no"]), default=None, help="疑难; empty: any.")(
        command
    )


@click.group()
def routing() -> None:
    """The routing table (派遣路由表): whose duty which matters are."""


@routing.command("list")
@click.argument("search", nargs=-1)
@ON
@click.pass_obj
def list_(town: Town, search: tuple[str, ...], day: datetime | None) -> None:
    """The rows in force that hold every word of SEARCH, in the order in which they are tried."""
    page = call(town, "tasks", "routing_table", day=_day(day), search=" ".join(search))
    shown = whole_cells("no", "for", "goes to", "牵头", "协办", "because", "since")
    for one in page["rows"]:
        row = one["row"]
        helped, since = BETWEEN.join(row["assists"]), row["effective_from"]
        shown.add_row(str(one["number"]), _about(row), row["goes_to"], row["lead"], helped, row["because"], since)
    Console().print(shown)
    click.echo(f"{len(page['rows'])} rows on {page['day']}, version {page['version']}")


@routing.command("set")
@_criteria
@click.option("--goes-to", required=True, help="territory, district, proposed, office, ~ucb, district/~ucb or a path.")
@click.option("--lead", default="", help="The lead department (牵头), as ~ucb.")
@click.option("--assist", "assists", multiple=True, help="An assisting unit (协办); may be repeated.")
@click.option("--because", required=True, help="The reason that people read.")
@click.option("--name", default="", help="What people call the category.")
@FROM
@WHY
@SEEN
@click.pass_obj
def set_(town: Town, effective_from: datetime, why: str, seen: int, difficult: str | None, **row: Any) -> None:
    """Let the row for these matters read so from a day on. What was assigned before stays."""
    wanted = row | {"difficult": WORDS[difficult or ""], "assists": list(row["assists"])}
    _edit(town, [wanted], effective_from, why, seen)


@routing.command()
@_criteria
@FROM
@WHY
@SEEN
@click.pass_obj
def remove(town: Town, effective_from: datetime, why: str, seen: int, difficult: str | None, **row: str) -> None:
    """Let there be no row for exactly these matters from a day on; less exact ones decide then."""
    _edit(town, [{**row, "difficult": WORDS[difficult or ""], "removed": True}], effective_from, why, seen)


@routing.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@ON
@click.pass_obj
def export(town: Town, file: Path, day: datetime | None) -> None:
    """Write the rows in force to FILE (.csv, UTF-8 with mark), as `import` reads them."""
    page = call(town, "tasks", "routing_table", day=_day(day))
    words = {known: text for text, known in WORDS.items()}
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        for one in page["rows"]:
            row = one["row"]
            writer.writerow(row | {"difficult": words[row["difficult"]], "assists": BETWEEN.join(row["assists"])})
    click.echo(f"{len(page['rows'])} rows in {file}, version {page['version']}")


@routing.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FROM
@WHY
@SEEN
@click.option("--whole", is_flag=True, help="Remove the rows that the file does not name.")
@click.option("--trial", is_flag=True, help="Only say what would change.")
@click.pass_obj
def import_(town: Town, file: Path, effective_from: datetime, why: str, seen: int, whole: bool, trial: bool) -> None:
    """Let the rows of FILE (as `export` writes it) hold from a day on; those that read so already are left out."""
    with open_text(file) as lines:
        rows = [_from_line(line) for line in csv.DictReader(lines)]
    _edit(town, rows, effective_from, why, seen, whole=whole, trial=trial)


@routing.command()
@click.argument("category", required=False)
@click.pass_obj
def history(town: Town, category: str | None) -> None:
    """Every version of every row (of CATEGORY), the newest first."""
    for one in call(town, "tasks", "routing_history", category):
        row = one["row"]
        said = "removed" if row["removed"] else f"→ {row['goes_to']} {row['because']}"
        who = f"{one['by']} {city_time(one['at'])}".strip()
        click.echo(f"#{one['number']}  from {row['effective_from']}  {_about(row)}  {said}  ({who} {one['why']})")


@routing.command()
@click.argument("case", required=False)
@click.option("--category", help="Instead of a case: a category.")
@click.option("--place", help="The path of the place.")
@click.option("--kind", help="complaint, tip_off, help.")
@click.option("--channel")
@click.option("--subject")
@click.option("--difficult", is_flag=True, help="疑难.")
@click.option("--default-unit", help="The path of the unit that the case standard proposes.")
@ON
@click.pass_obj
def explain(town: Town, case: str | None, day: datetime | None, **matter: Any) -> None:
    """Why CASE (id or number), or a matter that one thinks of, is whose duty; and what became of the case."""
    asked = {"case": case} if case else {name: value for name, value in matter.items() if value}
    found = call(town, "tasks", "explain_routing", asked, _day(day))
    click.echo("  ".join(f"{name}={value}" for name, value in found["matter"].items() if value))
    for one in found["tried"]:
        row = one["row"]["row"]
        click.echo(
            f"{'✓' if one['fits'] else '✗'} #{one['row']['number']}  {_about(row)} → {row['goes_to']}  {one['why']}"
        )
    click.echo(
        f"on {found['day']}, version {found['version']}, row #{found['number']}: {found['unit_name']} {found['unit']}"
    )
    click.echo(f"  {found['because']}；牵头 {found['lead'] or '—'}；协办 {BETWEEN.join(found['assists']) or '—'}")
    for task in found["tasks"]:
        _tell(task)


def _tell(task: dict[str, Any]) -> None:
    state = task["state"]
    role = "协办" if state["role"] == "assist" else "分解" if state["parent_id"] else "主办"
    click.echo(f"{task['task_id']}  round {state['round']}  {role}  {state['responsible_unit']}  {state['status']}")
    click.echo(f"    {state['routed_because']}")
    for step in task["history"]:
        click.echo(f"    {city_time(step['at'])}  {step['what']}  {step['by']}  {step['note'] or ''}".rstrip())


def _edit(town: Town, rows: list[dict[str, Any]], day: datetime, why: str, seen: int, **more: bool) -> None:
    by = office() | {"name": f"总指挥部办公室（{getpass.getuser()}）"}
    cause = f"cli/routing/{uuid.uuid4().hex}"
    try:
        page = call(town, "tasks", "edit_routing", rows, _day(day), by, why, seen, cause, **more)
    except InvalidInput as problem:
        for one in problem.extra.get("refused", ()):
            click.echo(f"  refused: {one['field']}: {one['reason_zh']} ({one['reason']})", err=True)
        raise
    for row in page["changed"]:
        click.echo(f"{'removed' if row['removed'] else 'set'}  {_about(row)}  → {row['goes_to']}  {row['because']}")
    written = "would change" if more.get("trial") else "changed"
    click.echo(f"{len(page['changed'])} rows {written} from {page['day']}; version {page['version']}")


def _from_line(line: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {name: (line.get(name) or "").strip() for name in COLUMNS if name != "effective_from"}
    if row["difficult"] not in WORDS:
        sys.exit(f"wenming: difficult是yes、no或空\n         difficult is yes, no or empty: {row['difficult']!r}")
    return row | {
        "difficult": WORDS[row["difficult"]],
        "assists": [one for one in row["assists"].split(BETWEEN) if one],
    }


def _about(row: dict[str, Any]) -> str:
    said = [f"{row['category']} {row['name']}".strip(), *(row[name] for name in CRITERIA[1:])]
    said += {True: ["疑难"], False: ["非疑难"], None: []}[row["difficult"]]
    return " × ".join(filter(None, said)) or "（其他）"


def _day(day: datetime | None) -> str | None:
    return None if day is None else day.date().isoformat()


COMMANDS = (routing,)
