"""misfits: what the hotlines pushed and nobody could take in; which there are and why, and one of them opened."""

import getpass

import click

from cli.main import Town
from cli.rpc import call, office


@click.group()
def misfits() -> None:
    """What was pushed, not taken in, and kept (未能收下的来件)."""


@misfits.command("list")
@click.option("--first", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, newest first.")
@click.option("--after", help="The cursor with which the page before ended.")
@click.pass_obj
def list_(town: Town, first: int, after: str | None) -> None:
    """Id, channel, time and reason of each. Never a content."""
    page = call(town, "complaints", "misfits", first, after)
    for one in page["items"]:
        click.echo(f"{one['misfit_id']}  {one['channel']}  {one['received_at']}")
        click.echo(f"    {one['reason_zh']} ({one['reason']})")
    if page["has_next"]:
        click.echo(f"there are more: --after {page['end_cursor']}")
    elif not page["items"]:
        click.echo("no misfits")


@misfits.command()
@click.argument("id")
@click.pass_obj
def show(town: Town, id: str) -> None:
    """What came, personal data included. That you read it is recorded."""
    by = office() | {"name": f"总指挥部办公室（{getpass.getuser()}）"}
    found = call(town, "complaints", "misfit", id, by)
    one = found["misfit"]
    click.echo(f"{one['misfit_id']}  {one['channel']}  {one['received_at']}")
    click.echo(f"    {one['reason_zh']} ({one['reason']})")
    for read in found["reads"]:
        click.echo(f"    read {read['at']} by {read['name']}, {read['role']} of {read['unit']}")
    click.echo(found["raw"])


COMMANDS = (misfits,)
