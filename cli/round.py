"""round: assessment rounds (测评轮次): open, import what the assessors found, publish the ranking."""

import base64
from pathlib import Path
from typing import Any

import click

from cli.main import Town
from cli.rpc import call, office

FRAMEWORK, FRAMEWORK_VERSION = "kunming-sites", 1


@click.group("round")
def round_() -> None:
    """Assessment rounds (测评轮次)."""


@round_.command("open")
@click.argument("round_id")
@click.option("--title", required=True)
@click.option("--period", required=True, help="2026-Q1, or 2026-03 for a mock round.")
@click.option("--framework", default=FRAMEWORK, show_default=True)
@click.option("--framework-version", type=int, default=FRAMEWORK_VERSION, show_default=True)
@click.pass_obj
def open_(town: Town, round_id: str, title: str, period: str, framework: str, framework_version: int) -> None:
    """Open the round ROUND_ID on one version of a framework."""
    found = open_round(town, round_id, title, period, framework, framework_version)
    click.echo(f"{found['round_id']} is {found['status']}, {found['sites']} sites, version {found['version']}")


def open_round(
    town: Town,
    round_id: str,
    title: str,
    period: str,
    framework: str = FRAMEWORK,
    framework_version: int = FRAMEWORK_VERSION,
) -> dict[str, Any]:
    """The RoundView of the round, opened now or before. Raises Problem."""
    cause = f"cli/round-open/{round_id}"
    found: dict[str, Any] = call(
        town, "assessment", "open_round", round_id, title, period, framework, framework_version, office(), cause
    )
    return found


@round_.command("import")
@click.argument("round_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_(town: Town, round_id: str, file: Path) -> None:
    """Record the site results in FILE (CSV, UTF-8 or GBK) for ROUND_ID."""
    found = import_results(town, round_id, file)
    click.echo(f"recorded {found['recorded']}, known already {found['already']}, refused {len(found['refused'])}")
    for refusal in found["refused"]:
        click.echo(f"  row {refusal['index'] + 2}, {refusal['field']}: {refusal['detail_zh']} ({refusal['detail']})")


def import_results(town: Town, round_id: str, file: Path) -> dict[str, Any]:
    """{"recorded", "already", "refused": […]}. Raises Problem where the file cannot be read at all."""
    content = base64.b64encode(file.read_bytes()).decode()
    cause = f"cli/round-import/{round_id}"
    found: dict[str, Any] = call(town, "assessment", "record_results_file", round_id, content, office(), cause)
    return found


@round_.command("publish")
@click.argument("round_id")
@click.option("--seen", type=int, required=True, help="The version of the round that you looked at.")
@click.pass_obj
def publish(town: Town, round_id: str, seen: int) -> None:
    """Make the ranking of ROUND_ID final."""
    found = publish_round(town, round_id, seen)
    click.echo(f"{found['round_id']} is {found['status']}: {len(found['standings'])} units ranked")


def publish_round(town: Town, round_id: str, seen: int) -> dict[str, Any]:
    """The published RoundView. Raises Problem (Stale where it changed, Refused where it is published)."""
    found: dict[str, Any] = call(
        town, "assessment", "publish_round", round_id, seen, office(), f"cli/round-publish/{round_id}"
    )
    return found


COMMANDS = (round_,)
