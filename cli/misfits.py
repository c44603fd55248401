"""misfits: what was sent and nobody could take in: which there are and why; open one, correct it, discard it."""

import getpass
import uuid
from pathlib import Path
from typing import Any

import click

from cli.city_time import city_time
from cli.main import Town
from cli.rpc import call, office
from services.complaints.contracts import Channel, MisfitState

WORDS = {"waiting": "待更正", "resubmitted": "已更正重报", "discarded": "已弃置"}


@click.group()
def misfits() -> None:
    """What was pushed, not taken in, and kept (未能收下的来件)."""


@misfits.command("list")
@click.option("--first", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, newest first.")
@click.option("--after", help="The cursor with which the page before ended.")
@click.option("--channel", type=click.Choice([one.value for one in Channel]), help="Only those of one channel.")
@click.option("--state", type=click.Choice([one.value for one in MisfitState]), help="Only those in one state.")
@click.pass_obj
def list_(town: Town, first: int, after: str | None, channel: str | None, state: str | None) -> None:
    """Id, channel, time and reason of each. Never a content."""
    page = call(town, "complaints", "misfits", first, after, channel, state)
    for one in page["items"]:
        _show(one)
    if page["has_next"]:
        click.echo(f"there are more: --after {page['end_cursor']}")
    elif not page["items"]:
        click.echo("no misfits")


@misfits.command()
@click.pass_obj
def counts(town: Town) -> None:
    """How many there are, by channel and state."""
    for channel, of_channel in sorted(call(town, "complaints", "misfit_counts").items()):
        click.echo(f"{channel:20}  " + "  ".join(f"{WORDS[state]} {n}" for state, n in sorted(of_channel.items())))


@misfits.command()
@click.argument("id")
@click.pass_obj
def show(town: Town, id: str) -> None:
    """What came, personal data included. That you read it is recorded."""
    found = call(town, "complaints", "misfit", id, _by())
    _show(found["misfit"])
    for read in found["reads"]:
        click.echo(f"    read {city_time(read['at'])} by {read['name']}, {read['role']} of {read['unit']}")
    click.echo(found["raw"])


@misfits.command()
@click.argument("id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seen", type=int, default=0, show_default=True, help="The version that you looked at.")
@click.pass_obj
def resubmit(town: Town, id: str, file: Path, seen: int) -> None:
    """Take in FILE, the whole item as corrected (JSON in UTF-8), in the place of what came. Once."""
    raw = file.read_text("utf-8")
    _show(call(town, "complaints", "resubmit_misfit", id, seen, _by(), _cause(), raw=raw))


@misfits.command()
@click.argument("id")
@click.option("--why", required=True, help="The reason, for the record.")
@click.option("--seen", type=int, default=0, show_default=True, help="The version that you looked at.")
@click.pass_obj
def discard(town: Town, id: str, why: str, seen: int) -> None:
    """Nothing is to come of it. It stays readable, with who discarded it and why."""
    _show(call(town, "complaints", "discard_misfit", id, seen, _by(), why, _cause()))


def _by() -> dict[str, Any]:
    return office() | {"name": f"总指挥部办公室（{getpass.getuser()}）"}


def _cause() -> str:
    return f"cli/{uuid.uuid4().hex}"


def _show(one: dict[str, Any]) -> None:
    click.echo(f"{one['misfit_id']}  {one['channel']}  {city_time(one['received_at'])}  {WORDS[one['state']]}")
    click.echo(f"    {one['reason_zh']} ({one['reason']})")
    if end := one["end"]:
        became = end["receipt"] or end["why"]
        click.echo(f"    {city_time(end['at'])} {end['name']} ({end['role']} of {end['unit']}): {became}")


COMMANDS = (misfits,)
