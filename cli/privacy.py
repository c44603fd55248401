"""privacy: the master key is rotated and the old one retired; who read a report in clear."""

import base64
import getpass
import secrets as chance
import time

import click
import msgspec

from cli.city_time import city_time
from cli.main import Town
from cli.rpc import call, office
from infra.local.secret_file import change_secrets
from infra.local.trouble import Trouble
from infra.master_keys import MASTER_KEY, OTHER_MASTER, PERSON_KEY, fingerprint, person_secret
from services.complaints.contracts import ErasureView, KeyProgress, KeyStanding, OlderCompleted

BATCH = 500
TRIES, PAUSE = 20, 0.25  # until the service has seen the file; seconds between two looks


@click.group()
def privacy() -> None:
    """Personal data: keys, who read it, erasure (个人信息)."""


@privacy.command()
@click.pass_obj
def keys(town: Town) -> None:
    """Which master key wraps now, and what the earlier ones still wrap. Never a key."""
    standing = _standing(town)
    click.echo(f"current  {standing.current}")
    for one in sorted({*standing.known, *standing.left}):
        unknown = "" if one in standing.known else "   NOT in the secrets file: what it wraps cannot be opened"
        click.echo(f"earlier  {one}  wraps {standing.left.get(one, 0)}{unknown}")


@privacy.command()
@click.pass_obj
def rotate(town: Town) -> None:
    """Make a new master key and wrap every key anew; what was interrupted is continued under the key it had begun with.

    The services go on meanwhile: they open under both keys, and take up the new one by themselves.
    """
    if not any(_standing(town).left.values()):
        _new_master(town)
    wanted = fingerprint(town.instance.secrets[MASTER_KEY])
    left = sum(_seen(town, wanted).left.values())
    with click.progressbar(length=left, label=f"wrapping under {wanted}", show_pos=True) as bar:
        while left:
            progress = msgspec.convert(call(town, "complaints", "rewrap_keys", BATCH), KeyProgress)
            left = progress.left
            bar.update(progress.done)
            if not progress.done and left:
                raise Trouble(f"{left} keys open under no master key of the secrets file; they are as they were")
    click.echo("left under an earlier master key: 0")
    for one in _standing(town).known:
        click.echo(f"`wenming privacy retire-master {one}` removes the earlier one")


@privacy.command("retire-master")
@click.argument("old")
@click.pass_obj
def retire_master(town: Town, old: str) -> None:
    """Remove the earlier master key OLD (its fingerprint) from the secrets file; refused while it wraps anything."""
    known = town.instance.secrets
    if old == fingerprint(known[MASTER_KEY]):
        raise Trouble(f"{old} is the current master key; `wenming privacy rotate` makes another one")
    if left := _standing(town).left.get(old, 0):
        raise Trouble(f"{old} still wraps {left} keys; `wenming privacy rotate` wraps them anew")
    if OTHER_MASTER + old not in known:
        raise Trouble(f"the secrets file has no master key {old}")
    change_secrets(town.instance.secrets_file, lambda found: _without(found, OTHER_MASTER + old))
    click.echo(f"{old} is retired. A backup from before the rotation can only be opened by who kept a copy of it.")


@privacy.command()
@click.argument("receipt")
@click.option("--reason", required=True, help="Why, for the record; no name.")
@click.confirmation_option(prompt="What the report said cannot be brought back. Erase it?")
@click.pass_obj
def erase(town: Town, receipt: str, reason: str) -> None:
    """Destroy what a report said, everywhere; again, to complete what was interrupted. Its number stays counted."""
    by = office() | {"name": f"总指挥部办公室（{getpass.getuser()}）"}
    found = msgspec.convert(
        call(town, "complaints", "erase_report", receipt, by, reason, "wenming privacy"), ErasureView
    )
    click.echo(f"{found.receipt} was erased {city_time(found.erased_at)} by {found.by}: {found.reason}")
    click.echo(f"cleared now: {found.cases} cases, {found.misfits} items that had not been taken in")


@privacy.command()
@click.argument("receipt")
@click.pass_obj
def reads(town: Town, receipt: str) -> None:
    """Who read the report in clear, when and what for; refused tries too."""
    found = call(town, "complaints", "unmasked_reads", receipt, office())
    for one in found:
        who = f"{one['name']}, {one['role']} of {one['unit']}"
        click.echo(f"{city_time(one['at'])}  {one['outcome']:9}  {who}: {one['purpose']}")
    click.echo("" if found else "nobody has read it in clear")


@privacy.command()
@click.pass_obj
def backfill(town: Town) -> None:
    """Work out for older documents what later rules need (when an ended case is to be anonymised, what its views hide).

    Once, after an upgrade; again, nothing is done twice.
    """
    after, cases, misfits = None, 0, 0
    while True:
        done = msgspec.convert(call(town, "complaints", "complete_older", after, BATCH), OlderCompleted)
        cases, misfits, after = cases + done.cases, misfits + done.misfits, done.next
        if after is None:
            break
    click.echo(f"completed: {cases} cases, {misfits} items that had not been taken in")


def _standing(town: Town) -> KeyStanding:
    return msgspec.convert(call(town, "complaints", "master_keys"), KeyStanding)


def _seen(town: Town, wanted: str) -> KeyStanding:
    """How the keys stand once the service wraps under `wanted`. Raises Trouble where it does not take it up."""
    for _ in range(TRIES):
        if (standing := _standing(town)).current == wanted:
            return standing
        time.sleep(PAUSE)
    raise Trouble(f"the service does not wrap under {wanted}: does it read this instance's secrets file?")


def _without(known: dict[str, str], name: str) -> dict[str, str]:
    return {one: secret for one, secret in known.items() if one != name}


def _new_master(town: Town) -> None:
    """Put a new master key into the secrets file, and the one until now beside it."""

    def change(known: dict[str, str]) -> dict[str, str]:
        old = known[MASTER_KEY]
        fresh = base64.b64encode(chance.token_bytes(32)).decode()
        return known | {MASTER_KEY: fresh, OTHER_MASTER + fingerprint(old): old, PERSON_KEY: person_secret(known)}

    change_secrets(town.instance.secrets_file, change)


COMMANDS = (privacy,)
