"""standard: the case standard and the second table (案件标准, 标准外事项时限表): import, look, compare, edit."""

import base64
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
from cli.main import Town
from cli.rpc import call, office
from cli.whole_cells import whole_cells

COLUMNS = {
    "code": "行号",
    "kind": "问题类型",
    "major_code": "大类代码",
    "major": "大类名称",
    "minor_code": "小类代码",
    "minor": "小类名称",
    "request_kinds": "诉求类型",
    "subject": "一级分类",
    "category": "类别代码",
    "handling_units": "处置单位",
    "supervising": "主管部门",
    "filing_condition": "立案条件",
    "closing_condition": "结案条件",
    "limit": "处置时限",
    "default_unit": "默认承办单位",
    "because": "依据",
}
PAGE = 1000
DAY = click.DateTime(["%Y-%m-%d"])
TABLE = click.option(
    "--outside", "table", flag_value="outside", help="The second table, for matters outside the standard."
)


@click.group()
def standard() -> None:
    """The case standard (案件标准) and the second table beside it."""


@standard.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "effective_from", type=DAY, required=True, help="The first day on which it holds.")
@click.option("--city", default="5301", show_default=True)
@click.option("--why", default="导入案件标准", show_default=True)
@click.option("--trial", is_flag=True, help="Only say what would be taken.")
@click.option("--allow-refused", is_flag=True, help="Import the other rows where some are refused.")
@TABLE
@click.pass_obj
def import_(
    town: Town,
    file: Path,
    effective_from: datetime,
    city: str,
    why: str,
    trial: bool,
    allow_refused: bool,
    table: str | None,
) -> None:
    """Put the table in FILE (.xlsx as an official sends it, or .csv) in force from a day on."""
    content = base64.b64encode(file.read_bytes()).decode()
    day = effective_from.date().isoformat()
    more: dict[str, Any] = {"table": table or "standard", "trial": trial, "allow_refused": allow_refused}
    cause = f"cli/standard-import/{uuid.uuid4().hex}"
    report = call(town, "complaints", "import_standard", city, file.name, content, day, _by(), why, cause, **more)
    for one in report["notes"]:
        click.echo(f"  note: {one['sheet']} row {one['row']}: {one['reason_zh']} ({one['reason']})")
    for one in report["refused"]:
        click.echo(f"  refused: {one['sheet']} row {one['row']}: {one['reason_zh']} ({one['reason']})")
    if report["edits_left_behind"]:
        click.echo(f"  edits of the table before it that do not carry over: {'、'.join(report['edits_left_behind'])}")
    found = f"{report['rows']} rows, {report['classes']} minor classes, {len(report['refused'])} refused"
    click.echo(f"{report['edition'] or 'nothing imported'} from {day}: {found}; version {report['version']}")
    if report["edition"] is None and not trial:
        sys.exit(1)


@standard.command("list")
@click.argument("search", nargs=-1)
@click.option("--on", "day", type=DAY, help="As it is on that day; today by default.")
@click.option("--first", type=click.IntRange(1, PAGE), default=50, show_default=True)
@click.option("--skip", type=click.IntRange(0), default=0, show_default=True)
@TABLE
@click.pass_obj
def list_(town: Town, search: tuple[str, ...], day: datetime | None, first: int, skip: int, table: str | None) -> None:
    """The rows in force that hold every word of SEARCH."""
    page = _page(town, table, day, search=" ".join(search), first=first, skip=skip)
    for one in page["editions"]:
        click.echo(f"{one['edition']}  {one['name']}  from {one['effective_from']}  {one['rows']} rows  {one['why']}")
    shown = whole_cells("row", "什么", "立案条件", "时限", "单位", "edit")
    for view in page["rows"]:
        row = view["row"]
        about = f"{row['major']}/{row['minor']}" if row["minor"] else f"{row['request_kinds']}×{row['subject']}"
        edit = f"#{view['edit']} {view['effective_from']}" if view["edit"] else ""
        shown.add_row(row["code"], about, row["filing_condition"], row["limit"], row["default_unit"] or "", edit)
    Console().print(shown)
    click.echo(f"{len(page['rows'])} of {page['total']} rows on {page['day']}, version {page['version']}")


@standard.command()
@click.argument("row")
@click.option("--on", "day", type=DAY, help="As it is on that day; today by default.")
@TABLE
@click.pass_obj
def show(town: Town, row: str, day: datetime | None, table: str | None) -> None:
    """Everything that the row ROW says, and where it comes from."""
    page = _page(town, table, day, code=row)
    if not page["rows"]:
        sys.exit(f"wenming: {page['day']}执行的表中没有{row}\n         no row {row} on {page['day']}")
    view = page["rows"][0]
    for name, zh in COLUMNS.items():
        if view["row"][name]:
            click.echo(f"{zh}  {view['row'][name]}")
    click.echo(f"means  {view['row']['amount']:g} {view['row']['clock']} {view['row']['qualifier']}".rstrip())
    click.echo(f"from  {view['edition']} ({view['row']['source']}), in force from {view['effective_from']}")
    if view["edit"]:
        click.echo(f"edit  #{view['edit']} by {view['by']} at {city_time(view['at'])}: {view['why']}")
    click.echo(f"version {page['version']}")


@standard.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--on", "day", type=DAY, help="As it is on that day; today by default.")
@TABLE
@click.pass_obj
def export(town: Town, file: Path, day: datetime | None, table: str | None) -> None:
    """Write the rows in force to FILE (.csv, UTF-8 with mark), as `import` reads them."""
    rows = _all(town, table, day)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS.values())
        writer.writerows([[row[name] or "" for name in COLUMNS] for row in rows])
    click.echo(f"{len(rows)} rows in {file}")


@standard.command()
@click.argument("before", type=DAY)
@click.argument("after", type=DAY)
@TABLE
@click.pass_obj
def diff(town: Town, before: datetime, after: datetime, table: str | None) -> None:
    """How the rows in force on AFTER differ from those on BEFORE."""
    days = before.date().isoformat(), after.date().isoformat()
    for one in call(town, "complaints", "standard_diff", *days, table or "standard"):
        click.echo(f"{one['change']}  {one['code']}  {one['title']}  {one['filing_condition']}")
        for field, (was, now) in one["fields"].items():
            click.echo(f"    {COLUMNS[field]}: {was} → {now}")


@standard.command("set")
@click.argument("row")
@click.option("--limit", help="As it is written: 2紧急工作时, 15天.")
@click.option("--filing-condition")
@click.option("--closing-condition")
@click.option("--handling-units")
@click.option("--default-unit", help="territory, or a department as ~housing; '' for none.")
@click.option("--from", "effective_from", type=DAY, required=True, help="The first day on which it holds.")
@click.option("--why", required=True)
@click.option("--seen", type=int, required=True, help="The version that you looked at.")
@TABLE
@click.pass_obj
def set_(
    town: Town, row: str, effective_from: datetime, why: str, seen: int, table: str | None, **fields: str | None
) -> None:
    """Let the row ROW read otherwise from a day on. Cases filed before keep what they had."""
    changes = {name: text for name, text in fields.items() if text is not None}
    day = effective_from.date().isoformat()
    cause = f"cli/standard-set/{uuid.uuid4().hex}"
    args = (row, changes, day, _by(), why, seen, cause)
    page = call(town, "complaints", "edit_standard", *args, table=table or "standard")
    click.echo(f"{row} from {day}: {page['rows'][0]['row']['limit']}; version {page['version']}")


def _page(town: Town, table: str | None, day: datetime | None, **asked: Any) -> dict[str, Any]:
    on = None if day is None else day.date().isoformat()
    page: dict[str, Any] = call(town, "complaints", "case_standard", table=table or "standard", day=on, **asked)
    return page


def _all(town: Town, table: str | None, day: datetime | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while True:
        page = _page(town, table, day, first=PAGE, skip=len(rows))
        rows += [view["row"] for view in page["rows"]]
        if len(rows) >= page["total"]:
            return rows


def _by() -> dict[str, Any]:
    return office() | {"name": f"总指挥部办公室（{getpass.getuser()}）"}


COMMANDS = (standard,)
