"""secrets: what an instance needs to be kept from others, generated where it is missing."""

import os

import click

from cli.main import Town
from infra.local.premises import Premises
from infra.local.secret_file import write_private


@click.command()
@click.pass_obj
def secrets(town: Town) -> None:
    """Generate the instance's secrets where they are missing, and print where they are (never what they are)."""
    premises = town.instance
    password = premises.secrets["broker_password"]
    env = premises.home / "env"
    write_private(env, _for_compose(premises, password))
    click.echo(f"{premises.secrets_file}\n{env}   (for docker-compose --env-file)")


def _for_compose(premises: Premises, password: str) -> str:
    """The variables that docker-compose.yml asks for."""
    values = {
        "WENMING_BROKER_PASSWORD": password,
        "WENMING_SECRETS_FILE": premises.secrets_file,
        "WENMING_UID": os.getuid(),
        "WENMING_GID": os.getgid(),
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


COMMANDS = (secrets,)
