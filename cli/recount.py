"""recount (清点): whether the counters are what the documents say, on a running system; and to mend them."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from cli.broker_access import connected
from cli.main import Town
from infra import mongo, tally_recount
from infra.local.programs import SERVICES
from infra.local.trouble import Trouble
from infra.messaging.rebuild import PATIENCE, Taken
from infra.messaging.topology import handlers_of, load
from infra.settings import Settings
from infra.tally_rebuild import SHOWN, Database_, TallyRebuild

ALL = "all"
COUNTING = ("tasks", "complaints", "assessment")


@click.command("recount")
@click.argument("which", type=click.Choice([*COUNTING, ALL]), default=ALL)
@click.option("--mend", is_flag=True, help="Make the counters anew from the documents where they differ.")
@click.option("--patience", default=PATIENCE, show_default=True, help="Seconds to wait for what is still on its way.")
@click.pass_obj
def command(town: Town, which: str, mend: bool, patience: float) -> None:
    """清点: compare the counters of WHICH service with its documents. Exit code 0 when equal (with --mend, when equal
    afterwards), 1 with what differs."""
    with connected(town):
        pass
    equal = True
    for service in COUNTING if which == ALL else (which,):
        with database(town, service) as db:
            for tally in tallies(db, service):
                equal &= _recounted(town, db, tally, mend, patience)
    sys.exit(not equal)


def _recounted(town: Town, db: Database_, tally: TallyRebuild, mend: bool, patience: float) -> bool:
    """Whether the counters are right, in the end."""
    found = tally_recount.differences(db, tally, patience=patience)
    _say(tally.name, found)
    if not found or not mend:
        return not found
    try:
        with connected(town) as connection:
            tally_recount.mend(db, tally, connection)
    except Taken as error:
        raise Trouble(f"{error}; wait for its end") from error
    click.echo(f"  {tally.name}: made anew from the documents")
    left = tally_recount.differences(db, tally, patience=patience)
    _say(tally.name, left)
    return not left


def _say(name: str, differences: list[str]) -> None:
    if not differences:
        click.echo(f"✓ {name}: 计数与清点一致 equal")
        return
    most = "或更多 or more" if len(differences) == SHOWN else ""
    click.echo(f"✗ {name}: {len(differences)} 处不符{most} differ")
    for one in differences:
        click.echo(f"    {one}")


@contextmanager
def database(town: Town, service: str) -> Iterator[Database_]:
    """The database of the service, as long as the block lasts."""
    settings = Settings.from_environment(os.environ | town.instance.environment())
    try:
        yield mongo.connect(settings, service)
    finally:
        mongo.disconnect(service)


def tallies(db: Database_, service: str) -> list[TallyRebuild]:
    """What the service counts, each with the documents that it counts."""
    kind = load(SERVICES[service])
    projections = {one.rebuild.name: one.rebuild for one in handlers_of(kind) if one.rebuild is not None}
    names: tuple[str, ...] = kind.keeper.tallies  # type: ignore[attr-defined]
    return [projections.get(name) or tally_recount.of_marks(db, name) for name in names]


COMMANDS = (command,)
