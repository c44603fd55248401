"""calendar: the working days of a year (节假日和调休): import, show, status."""

import csv
import getpass
import sys
import uuid
from pathlib import Path

import click

from cli.city_time import city_time
from cli.importing.encoding import open_text
from cli.main import Town
from cli.rpc import call, office

WORKED = {"off": False, "休": False, "work": True, "班": True}


@click.group()
def calendar() -> None:
    """The days off and the weekends that are worked, as they are published for each year."""


@calendar.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--year", type=int, required=True)
@click.pass_obj
def import_(town: Town, file: Path, year: int) -> None:
    """Import FILE, a table date,kind,name: `off` (休) or `work` (班). Running services take it up by themselves."""
    with open_text(file) as table:
        rows = list(csv.DictReader(table))
    wrong = [str(n) for n, row in enumerate(rows, 2) if not row.get("date") or row.get("kind") not in WORKED]
    if wrong:
        sys.exit(f"wenming: rows {', '.join(wrong)} need a date and a kind of {', '.join(WORKED)}")
    days = [{"day": row["date"], "worked": WORKED[row["kind"]], "name": row.get("name") or ""} for row in rows]
    by, cause = office() | {"name": getpass.getuser()}, f"cli/calendar-import/{uuid.uuid4().hex}"
    found = call(town, "tasks", "import_calendar", year, days, by, cause)
    click.echo(f"{found['year']}: {found['days']} days, version {found['version']}")


@calendar.command()
@click.argument("year", type=int)
@click.pass_obj
def show(town: Town, year: int) -> None:
    """The days of YEAR that are not as their weekday says."""
    found = call(town, "tasks", "calendar_year", year)
    click.echo(f"{year}: version {found['version']}, {len(found['days'])} days")
    for one in found["days"]:
        click.echo(f"  {one['day']}  {'班' if one['worked'] else '休'}  {one['name']}")


@calendar.command()
@click.pass_obj
def status(town: Town) -> None:
    """Until when the calendar is certain, and what was imported."""
    found = call(town, "tasks", "calendar_status")
    click.echo(f"certain until {found['published_until']}, version {found['version']}")
    for one in found["imports"]:
        click.echo(f"  version {one['version']}: {one['year']}, by {one['by']} at {city_time(one['at'])}")


COMMANDS = (calendar,)
