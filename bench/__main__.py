"""`make bench`: what we claim about speed, as one run that prints it (and writes it with --json FILE).

Absolute figures depend on the machine; the ratios beside a plain counterpart, taken in the same run, are what counts.
"""

import importlib
import json
import os
import platform
import signal
import sys
import time
from pathlib import Path

import click

from bench.measurement import Measurement
from bench.system import remove

MODULES = ("intake", "event_path", "rpc_calls", "loop", "city_view", "work_list", "scanner", "lifecycle")


def measurements() -> list[Measurement]:
    """Every measurement, in the order in which they run."""
    return [found for name in MODULES for found in importlib.import_module(f"bench.{name}").MEASUREMENTS]


def wanted(only: str | None) -> list[Measurement]:
    """The measurements that produce at least one of the names in `only` (comma separated; all where None)."""
    if not only:
        return measurements()
    names = {name.strip() for name in only.split(",")}
    chosen = [one for one in measurements() if names & {*one.names, one.title}]
    unknown = names - {name for one in measurements() for name in (*one.names, one.title)}
    if unknown:
        raise click.BadParameter(f"unknown: {', '.join(sorted(unknown))}", param_hint="--only")
    return chosen


def machine() -> str:
    """One line on what this ran on, without naming the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


@click.command()
@click.option(
    "--json",
    "json_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="write one flat object of name → number",
)
@click.option("--only", help="names or titles of measurements, comma separated")
def main(json_path: Path | None, only: str | None) -> None:
    """Run the measurements and print their figures."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped at exit
    click.echo(f"on {machine()}")
    figures: dict[str, float] = {}
    for measurement in wanted(only):
        click.echo(f"\n{measurement.title} …")
        began = time.monotonic()
        try:
            found = measurement.run(click.echo)
        finally:
            remove()
        figures |= found
        for name, value in found.items():
            click.echo(f"  {name:32} {value:12,.2f}")
        click.echo(f"  ({time.monotonic() - began:.0f} s)")
    if json_path:
        json_path.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
