"""up, down, status: the processes of this machine."""

import sys

import click
from rich.console import Console
from rich.table import Table

from cli.city_time import city_time
from cli.main import Town
from cli.unfiled import UNKNOWN, unfiled
from cli.unread import unread
from cli.whole_cells import whole_cells
from infra.clock import parse_clock
from infra.local import status as states
from infra.local.instance import Instance


@click.command()
@click.option(
    "--clock", metavar="CLOCK", help="wall, or simulated:<ISO start>,<speed>; without it, time goes on as before."
)
@click.pass_obj
def up(town: Town, clock: str | None) -> None:
    """Start everything on this machine, wait until it is ready, and return."""
    instance = Instance(town.name, clock=clock)
    started = instance.up(report=click.echo)
    click.echo(f"{instance.name} is up" if started else f"{instance.name} is already up")
    _print_addresses(instance)


@click.command()
@click.pass_obj
def down(town: Town) -> None:
    """Stop everything; nothing accepted is lost, the next `up` goes on from here."""
    stopped = town.instance.down(report=click.echo)
    click.echo(f"{town.name} is down" if stopped else f"{town.name} was not up")


@click.command()
@click.pass_obj
def status(town: Town) -> None:
    """Show what runs, how deep the queues are and what was set aside; exit code 1 when something is down."""
    instance, console = town.instance, Console()
    rows = states.processes(instance)
    console.print(_processes_table(rows))
    if any(row.pid is not None for row in rows):
        queues, outboxes = states.queues(instance), states.outboxes(instance)
        console.print(_queues_table(queues))
        click.echo(unfiled(queues, outboxes))
        click.echo(unread(town, rows, broker_answers=queues is not None))
        _print_outboxes(outboxes)
        _print_set_aside(states.set_aside(instance) or [])
    click.echo(
        f"clock: {instance.memory.clock.partition(':')[0]}, now {city_time(parse_clock(instance.memory.clock).now())}"
    )
    _print_addresses(instance)
    sys.exit(any(row.pid is None for row in rows))


def _processes_table(rows: list[states.ProcessState]) -> Table:
    table = whole_cells("process", "state", "pid", "port", "for")
    for row in rows:
        state = "[red]down[/red]" if row.pid is None else "up"
        port = "" if row.port is None else str(row.port)
        table.add_row(row.name, state, str(row.pid or ""), port, "" if row.seconds is None else f"{row.seconds:.0f} s")
    return table


def _queues_table(rows: list[states.QueueState] | None) -> Table | str:
    if rows is None:
        return "queues: the broker's management API does not answer"
    table = whole_cells("queue", "waiting", "oldest", "empty in", "alone", "dead", "readers")
    for row in rows:
        oldest, empty_in = _age(row.oldest, row.waiting, "long"), _age(row.empty_in, row.waiting, UNKNOWN)
        counts = str(row.alone), _alarming(row.dead), str(row.consumers)
        table.add_row(row.name, str(row.waiting), oldest, empty_in, *counts)
    return table


def _alarming(count: int) -> str:
    return f"[red]{count}[/red]" if count else "0"


def _age(seconds: float | None, waiting: int, otherwise: str) -> str:
    """So many seconds, "" where nothing waits."""
    if not waiting:
        return ""
    return otherwise if seconds is None else f"{seconds:.0f} s"


def _print_outboxes(found: dict[str, states.OutboxState] | None) -> None:
    if found is None:
        click.echo("outboxes: the database does not answer")
        return
    for service, outbox in found.items():
        since = f", the oldest for {outbox.oldest:.0f} s" if outbox.oldest is not None else ""
        click.echo(f"outbox of {service}: {outbox.waiting} waiting{since}")


def _print_set_aside(found: list[states.SetAsideState]) -> None:
    for one in found:
        since = f"{city_time(one.since)}, {one.failures} failures"
        click.secho(f"set aside by {one.service}: {one.job}, {one.id} since {since}: {one.why}", fg="red")


def _print_addresses(instance: Instance) -> None:
    for purpose, address in instance.addresses().items():
        click.echo(f"  {purpose:<15} {address}")


COMMANDS = (up, down, status)
