"""dead-letters: what handlers gave up; look at it, send it again, or discard it with a reason."""

import getpass
import json
from collections.abc import Generator
from contextlib import closing

import amqp
import click
import msgspec

from cli.broker_access import connected, handler_queues, seal
from cli.main import Town
from infra.local.trouble import Trouble
from infra.messaging import dead_letters as letters
from infra.messaging.dead_letters import Choice, DeadLetter, everything, these
from infra.messaging.sealing import CannotOpen
from infra.messaging.unread import Contents

one_queue = click.option("--queue", metavar="QUEUE", help="Only those of this handler's queue.")
by_event = click.option("--event", metavar="TYPE", help="Only events of this type, e.g. case_filed.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Messages that were given up, and why: list, show, redeliver, discard."""


@dead_letters.command("list")
@one_queue
@by_event
@as_json
@click.pass_obj
def list_(town: Town, queue: str | None, event: str | None, as_json: bool) -> None:
    """Every dead letter: queue, id, type, subject, reason, attempts, handler, first and last time. Never a body."""
    shown = 0
    with connected(town) as connection, closing(_every(connection, queue)) as found:
        for letter in (one for one in found if event in (None, one.type)):
            click.echo(_json(letter) if as_json else _lines(letter))
            shown += 1
    if not as_json:
        click.echo(f"{shown} dead letters" if shown else "no dead letters")


@dead_letters.command()
@click.argument("id")
@one_queue
@click.option("--raw", is_flag=True, help="Decrypt what is sealed: a message that was no event, an exception's text.")
@click.pass_obj
def show(town: Town, id: str, queue: str | None, raw: bool) -> None:
    """One letter with the body of its event. What is not an event is sealed, and shown with --raw only."""
    shown = 0
    with connected(town) as connection:
        for name in _queues(queue):
            found = [one for one in _each(connection, name) if one.id == id]
            for letter in found[:1]:
                click.echo(_lines(letter))
                click.echo(_opened(connection, town, letter) if raw else _body(letter))
            shown += len(found)
    if not shown:
        raise Trouble(f"there is no dead letter {id}; `wenming dead-letters list` shows them")


@dead_letters.command()
@click.argument("id", required=False)
@by_event
@click.option("--all", "everything_", is_flag=True, help="All of them.")
@one_queue
@click.pass_obj
def redeliver(town: Town, id: str | None, event: str | None, everything_: bool, queue: str | None) -> None:
    """Send letters back to their queues, as if they had never failed; they keep their ids."""
    chosen = _choice(id, event, everything_)
    sent = kept = 0
    with connected(town) as connection:
        for name in _queues(queue):
            meant = sum(map(chosen, _each(connection, name)))
            done = letters.redeliver(connection, name, choice=chosen, seal=seal(town)) if meant else 0
            sent, kept = sent + done, kept + meant - done
    click.echo(f"{sent} redelivered")
    if kept:
        raise Trouble(f"{kept} could not be opened or were not taken by the broker, and stay")
    if id and not sent:
        raise Trouble(f"there is no dead letter {id}; `wenming dead-letters list` shows them")


@dead_letters.command()
@click.argument("id")
@click.option("--reason", required=True, help="Why it may be lost. It is kept with the letter.")
@one_queue
@click.pass_obj
def discard(town: Town, id: str, reason: str, queue: str | None) -> None:
    """Take one letter away for good. The letter, the reason and who did it are recorded."""
    if not reason.strip():
        raise Trouble("a letter is not discarded without a reason")
    with connected(town) as connection:
        gone = sum(
            letters.discard(connection, name, [id], reason=reason, by=getpass.getuser())
            for name in _queues(queue)
            if id in [one.id for one in _each(connection, name)]
        )
    if not gone:
        raise Trouble(f"there is no dead letter {id}; `wenming dead-letters list` shows them")
    click.echo(f"{gone} discarded; the record is in `wenming dead-letters discarded`")


@dead_letters.command()
@as_json
@click.pass_obj
def discarded(town: Town, as_json: bool) -> None:
    """What was discarded, by whom, when and why."""
    with connected(town) as connection:
        for one in letters.discarded(connection):
            record = _without_body(one.letter) | {"because": one.because, "by": one.by, "at": one.at}
            text = f"{_lines(one.letter)}\n    discarded {one.at} by {one.by}: {one.because}"
            click.echo(json.dumps(record, ensure_ascii=False) if as_json else text)


def _choice(id: str | None, event: str | None, everything_: bool) -> Choice:
    if sum(map(bool, (id, event, everything_))) != 1:
        raise click.UsageError("name one ID, or --event TYPE, or --all")
    if id:
        return these([id])
    return everything if everything_ else lambda letter: letter.type == event


def _queues(queue: str | None) -> list[str]:
    return handler_queues() if queue is None else [queue]


def _every(connection: amqp.Connection, queue: str | None) -> Generator[DeadLetter, None, None]:
    for name in _queues(queue):
        yield from _each(connection, name)


def _each(connection: amqp.Connection, queue: str) -> Generator[DeadLetter, None, None]:
    try:
        yield from letters.each(connection, queue)
    except amqp.exceptions.NotFound as error:
        raise Trouble(f"the broker has no queue {queue}.dead") from error


def _lines(letter: DeadLetter) -> str:
    event = f"{letter.type} {letter.subject}" if letter.type else "not an event"
    return (
        f"{letter.queue}  {letter.id}  {event}\n"
        f"    {letter.reason}\n"
        f"    attempts {letter.attempts}  handler {letter.handler or '?'}  "
        f"first {letter.first_failed_at}  last {letter.last_failed_at}"
    )


def _json(letter: DeadLetter) -> str:
    return json.dumps(_without_body(letter), ensure_ascii=False)


def _without_body(letter: DeadLetter) -> dict[str, object]:
    shown: dict[str, object] = msgspec.to_builtins(letter)
    del shown["body"]
    return shown


def _body(letter: DeadLetter) -> str:
    return "    (not an event: sealed; --raw decrypts it)" if letter.unread else letter.body


def _opened(connection: amqp.Connection, town: Town, letter: DeadLetter) -> str:
    try:
        found = letters.raw(connection, letter.queue, letter.id, seal(town))
    except (CannotOpen, ValueError) as error:
        raise Trouble(f"{letter.id}: {error}") from error
    _, contents, detail = found or (letter, None, "")
    said = f"    the handler's exception said: {detail}\n" if detail else ""
    return said + (letter.body if contents is None else _printed(contents))


def _printed(contents: Contents) -> str:
    headers = json.dumps(contents.headers, ensure_ascii=False)
    unreadable = f"\n    headers that cannot be read: {contents.unreadable!r}" if contents.unreadable else ""
    body = contents.body.decode("utf-8", "backslashreplace")
    return f"    content type {contents.content_type or '?'}, headers {headers}{unreadable}\n{body}"


COMMANDS = (dead_letters,)
