"""contacts: the contact book by unit and role, from a table."""

import csv
from pathlib import Path

import click

from cli.importing.encoding import open_text
from cli.main import Town
from cli.rpc import call, office
from infra.organisation.registry import Registry

AT_ONCE = 500  # rows in one call


@click.group()
def contacts() -> None:
    """The contact book."""


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_(town: Town, file: Path) -> None:
    """Take over FILE (CSV, UTF-8 or GBK, with the columns unit, role, name, email; unit is a path)."""
    with open_text(file) as lines:
        click.echo(f"imported {import_rows(town, list(csv.DictReader(lines)))}")


def import_rows(town: Town, rows: list[dict[str, str]]) -> int:
    """How many of `rows` (unit, role, name, email) are in the book now. Raises Problem."""
    imported = 0
    for start in range(0, len(rows), AT_ONCE):
        chunk = rows[start : start + AT_ONCE]
        imported += call(town, "notify", "import_contacts", chunk, office(), "cli/contacts-import")["imported"]
    return imported


def invented(registry: Registry) -> list[dict[str, str]]:
    """A contact for every unit but communities, with addresses in a domain that is reserved for examples."""
    return [
        {
            "unit": unit.path,
            "role": "liaison",
            "name": f"{unit.name}联络员",
            "email": f"{unit.path.rpartition('/')[2].replace('~', 'dept-')}.{unit.tier}@kunming.example",
        }
        for unit in registry.all()
        if unit.tier < 4
    ]


COMMANDS = (contacts,)
