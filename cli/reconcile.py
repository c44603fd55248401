"""reconcile (对账): whether what one service holds is what the others hold, on any running system."""

import os
import sys
from datetime import datetime, timedelta

import click
import msgspec
from rich.console import Console
from rich.markup import escape

from cli.main import Town
from cli.reconciliation.reading import asking, reconcile
from cli.reconciliation.report import Line, Report
from infra.clock import CITY_ZONE, SimulatedClock, in_milliseconds, parse_clock
from infra.local.trouble import NotUp
from infra.messaging.rpc_client import RemoteFailure
from infra.problem import Unavailable

GRACE = 2.0  # seconds of wall time before now that are not looked at
DIFFERS, NO_ANSWER = 1, 2
MOST_SHOWN = 20


@click.command("reconcile")
@click.option("--as-of", metavar="ISO", help="A moment of the city's clock; default: two seconds ago.")
@click.option("--patience", default=60.0, show_default=True, help="Seconds to wait for what is still on its way.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.pass_obj
def command(town: Town, as_of: str | None, patience: float, as_json: bool) -> None:
    """对账: compare what the services hold. Exit code 0 when equal, 1 with what differs, 2 when one does not answer."""
    moment = _moment(town, as_of)
    try:
        with asking(town.instance.amqp_url) as ask:
            found = reconcile(ask, moment, patience)
    except Unavailable as problem:
        print(f"wenming: {problem.detail_zh} ({problem})", file=sys.stderr)
        sys.exit(NO_ANSWER)
    except RemoteFailure as failure:
        print(f"wenming: 服务处理失败 (a service failed: {failure})", file=sys.stderr)
        sys.exit(NO_ANSWER)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(as_json_builtins(found)), indent=2).decode())
    else:
        _print(found)
    sys.exit(0 if found.equal else DIFFERS)


def as_json_builtins(found: Report) -> dict[str, object]:
    """{"as_of", "equal", "missing", "surplus", "lines": [{"title", "title_zh", "figures", "findings", …}]}."""
    whole = {"equal": found.equal, "missing": found.missing, "surplus": found.surplus}
    return {"as_of": found.as_of.isoformat()} | whole | {"lines": msgspec.to_builtins(found.lines)}


def _moment(town: Town, as_of: str | None) -> datetime:
    """The watermark. Raises click.BadParameter for what is no moment."""
    if as_of is not None:
        try:
            moment = datetime.fromisoformat(as_of)
        except ValueError as error:
            raise click.BadParameter(f"{as_of!r} is not a moment in ISO form", param_hint="--as-of") from error
        return in_milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=CITY_ZONE))
    try:
        clock = parse_clock(town.instance.memory.clock)
    except NotUp:  # the services run elsewhere; the environment says by which clock
        clock = parse_clock(os.environ.get("WENMING_CLOCK", "wall"))
    speed = clock.speed if isinstance(clock, SimulatedClock) else 1.0
    return in_milliseconds(clock.now() - timedelta(seconds=GRACE * speed))


def _print(found: Report) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"对账时点 as of {found.as_of.astimezone(CITY_ZONE).isoformat(timespec='seconds')}")
    for line in found.lines:
        _print_line(console, line)
    verdict = "[green]账目相符 equal[/green]" if found.equal else "[red]账目不符 differs[/red]"
    console.print(verdict)


def _print_line(console: Console, line: Line) -> None:
    mark = "[red]✗[/red]" if line.findings else "[green]✓[/green]"
    console.print(f"{mark} {line.title_zh}  {line.title}: {line.figures or '0'}")
    for finding in line.findings[:MOST_SHOWN]:
        console.print(f"    {escape(finding)}")
    if len(line.findings) > MOST_SHOWN:
        console.print(f"    … 共 {len(line.findings)} 处 in all")


COMMANDS = (command,)
