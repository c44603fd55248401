"""secrets: what an instance needs to be kept from others; generated where it is missing, rotated per channel.

    wenming secrets                                   where they are
    wenming secrets list                              which channels have one, since when, and until when an old one
    wenming secrets rotate CHANNEL [--overlap 24h]    a new one for the channel; its first one where it had none
    wenming secrets rotate CHANNEL_callback           a new one with which we sign what we tell the hotline

No command prints a secret. A running service takes up the new file by itself (infra/rotating_secrets.py).
"""

import hashlib
import os
import re
import secrets as chance
import time
from datetime import UTC, datetime, timedelta

import click

from cli.city_time import city_time
from cli.main import Town
from infra.local.premises import Premises
from infra.local.secret_file import change_secrets, write_private
from infra.rotating_secrets import PREVIOUS_UNTIL, ROTATED_AT, rotated, valid
from services.complaints.contracts import CALLBACK_SECRET, Channel

SECRET_BYTES = 32
CALLBACK = CALLBACK_SECRET.format(channel="")
ENTRIES = [name for one in Channel for name in (one.value, CALLBACK_SECRET.format(channel=one.value))]
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_OVERLAP = timedelta(days=90)


class Overlap(click.ParamType):
    """A span of time: 30m, 24h, 7d."""

    name = "span"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """See click's ParamType."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,6})([smhd])", str(value))
        span = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else None
        if span is None or span > LONGEST_OVERLAP:
            self.fail(f"{value!r} is not a span of at most 90 days such as 30m, 24h or 7d", param, ctx)
        return span


@click.group(invoke_without_command=True)
@click.pass_context
def secrets(context: click.Context) -> None:
    """Generate the instance's secrets where they are missing, and print where they are (never what they are)."""
    if context.invoked_subcommand is not None:
        return
    premises = context.obj.instance
    password = premises.secrets["broker_password"]
    env = premises.home / "env"
    write_private(env, _for_compose(premises, password))
    click.echo(f"{premises.secrets_file}\n{env}   (for docker-compose --env-file)")


@secrets.command("list")
@click.pass_obj
def list_(town: Town) -> None:
    """The channels, and callbacks to them, that have a secret: its mark (not the secret), since when, until when an
    old one is good too."""
    entries, now = town.instance.secrets, time.time()
    for channel in (name for name in ENTRIES if name in entries):
        since, until = entries.get(channel + ROTATED_AT), entries.get(channel + PREVIOUS_UNTIL)
        line = f"{channel:28}  {_mark(entries[channel])}  {f'since {_moment(since)}' if since else ''}"
        if until and len(valid(entries, channel, now)) > 1:
            line += f"  old one good until {_moment(until)}"
        click.echo(line.rstrip())


@secrets.command()
@click.argument("entry", metavar="CHANNEL|CHANNEL_callback", type=click.Choice(ENTRIES))
@click.option("--overlap", type=Overlap(), default="24h", show_default=True, help="How long the old one stays good.")
@click.pass_obj
def rotate(town: Town, entry: str, overlap: timedelta) -> None:
    """A new secret for CHANNEL, to be handed to the sender from the secrets file before the overlap has passed.

    Of CHANNEL_callback, with which we sign what we tell the hotline, the old one goes on signing until then.
    """
    path, now = town.instance.secrets_file, time.time()
    fresh = chance.token_urlsafe(SECRET_BYTES)
    span = overlap.total_seconds()
    entries = change_secrets(path, lambda known: rotated(known, entry, fresh, overlap=span, now=now))
    until = entries.get(entry + PREVIOUS_UNTIL)
    click.echo(f"{entry}: new secret {_mark(fresh)} in {path}, entry {entry!r}")
    good = "signs" if entry.endswith(CALLBACK) else "is good"
    click.echo(f"the old one {good} until {_moment(until)}" if until else "there is no old one that is still good")


def _mark(secret: str) -> str:
    """What tells two secrets apart without telling them: too short to find one by trying."""
    return "#" + hashlib.sha256(b"wenming mark\0" + secret.encode()).hexdigest()[:8]


def _moment(unix_seconds: str) -> str:
    return city_time(datetime.fromtimestamp(int(unix_seconds), UTC))


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
