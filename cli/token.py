"""token: who asks, and for which unit, signed with the instance's secret."""

from datetime import UTC, datetime, timedelta

import click

from cli.main import Town
from gateway.settings import TOKEN_SECRET
from gateway.token import issue
from infra.organisation.officer import Officer, Role


@click.command()
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--unit", required=True, help="Path of the unit, e.g. 5301/530102, or of a department, e.g. 5301/~psb.")
@click.option("--name", default="经办人", show_default=True, help="Whose name stands in the records.")
@click.option("--days", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True)
@click.pass_obj
def token(town: Town, role: str, unit: str, name: str, days: float) -> None:
    """Print a bearer token for the GraphQL gateway."""
    secret = town.instance.secrets[TOKEN_SECRET]
    lifetime = timedelta(days=days)
    click.echo(issue(secret, Officer(Role(role), unit, name), now=datetime.now(UTC), lifetime=lifetime))


COMMANDS = (token,)
