"""mail: what did not reach its recipient, once more."""

import click

from cli.main import Town
from cli.rpc import call, office


@click.group()
def mail() -> None:
    """The outgoing mail."""


@mail.command()
@click.option("--failed", is_flag=True, help="Also what has failed for good: its reason was mended.")
@click.pass_obj
def retry(town: Town, failed: bool) -> None:
    """Try at once what waits for its next try."""
    found = call(town, "notify", "retry_mail", failed, office(), "cli/mail-retry")
    click.echo(f"due again: {found['due']}")


COMMANDS = (mail,)
