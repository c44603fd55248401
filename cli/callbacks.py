"""callbacks: what the hotlines were told of their work orders, what they did not take, and that once more."""

from typing import Any

import click

from cli.city_time import city_time
from cli.main import Town
from cli.rpc import call, office

STATUSES = ("pending", "sent", "failed", "superseded")


@click.group()
def callbacks() -> None:
    """What was told to the hotlines by signed callback (回调)."""


@callbacks.command("list")
@click.option("--status", type=click.Choice(STATUSES), default="failed", show_default=True)
@click.option("--first", type=click.IntRange(1, 500), default=50, show_default=True, help="How many.")
@click.pass_obj
def list_(town: Town, status: str, first: int) -> None:
    """Those with this status, newest changes first. Never a content."""
    page = call(town, "complaints", "callbacks", status, first)
    for one in page["items"]:
        click.echo(_line(one))
    if page["left_off"]:
        click.echo("there are more: --first")
    elif not page["items"]:
        click.echo(f"no callback is {status}")


@callbacks.command()
@click.argument("name", metavar="RECEIPT|ID")
@click.pass_obj
def show(town: Town, name: str) -> None:
    """All that was told, or is to be told, of one work order, in order."""
    for one in call(town, "complaints", "callbacks_of", name):
        click.echo(_line(one))


@callbacks.command()
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--failed", is_flag=True, help="All that have failed: their reason was mended.")
@click.pass_obj
def resend(town: Town, ids: tuple[str, ...], failed: bool) -> None:
    """Send again what has failed, or try at once what waits for its next try."""
    if failed == bool(ids):
        raise click.UsageError("name callbacks, or say --failed")
    found = call(town, "complaints", "resend_callbacks", office(), None if failed else list(ids))
    click.echo(f"due again: {found['due']}")


def _line(one: dict[str, Any]) -> str:
    tries = f"  tries: {one['attempts']}" if one["attempts"] else ""
    next_try = f"  next: {city_time(one['due_at'])}" if one["due_at"] else ""
    reason = f"  {one['reason']}" if one["reason"] else ""
    what = f"{one['callback_id']}  {one['channel']}  {one['receipt']}  {one['news']}  {city_time(one['at'])}"
    return f"{what}  {one['status']}{tries}{next_try}{reason}"


COMMANDS = (callbacks,)
