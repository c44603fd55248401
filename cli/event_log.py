"""event-log: every event that was published: the last ones, a file of all, one case from end to end, rebuilding,
telling again."""

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TextIO

import amqp
import click
import msgspec

from cli.broker_access import connected
from cli.city_time import city_time
from cli.main import Town
from infra import mongo
from infra.clock import CITY_ZONE
from infra.local.programs import SERVICES
from infra.local.trouble import Trouble
from infra.messaging import event_log as log
from infra.messaging.causes import Link, related
from infra.messaging.event_log import Logged
from infra.messaging.rebuild import Replay, Taken, rebuild
from infra.messaging.rehearing import NotTaken, rehear
from infra.messaging.topology import handlers_of, load
from infra.settings import Settings

since_option = click.option(
    "--since", metavar="WHEN", help="Written since then (wall time): 2026-03-02T09:00, or 90m, 12h, 7d ago."
)
FACTS = ("status", "number", "receipt", "responsible_unit", "unit", "what", "round", "kind", "condition")


@click.group("event-log")
def event_log() -> None:
    """Every event that was published: tail, export, trace, rebuild, rehear."""


@event_log.command()
@click.option("--lines", default=20, show_default=True, help="How many.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until interrupted.")
@click.pass_obj
def tail(town: Town, lines: int, follow: bool) -> None:
    """The last events, one a line."""
    with connected(town) as connection:
        end = log.end(connection)
        start = 0 if end is None else end + 1
        for one in deque(_read(connection, offset=max(0, start - lines)), maxlen=lines):
            click.echo(_line(one))
        if follow:
            for one in _read(connection, offset=start, follow=True):
                click.echo(_line(one))


@event_log.command()
@since_option
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True))
@click.pass_obj
def export(town: Town, since: str | None, file: TextIO) -> None:
    """Write events to FILE (- for standard output), one JSON object a line, with all attributes and the body."""
    written = 0
    with connected(town) as connection:
        for one in _read(connection, since=_moment(since)):
            position = {"offset": one.offset, "logged_at": one.at.isoformat(timespec="milliseconds")}
            file.write(json.dumps(_exported(one) | position, ensure_ascii=False) + "\n")
            written += 1
    click.echo(f"{written} events written", err=True)


@event_log.command()
@click.argument("which")
@click.pass_obj
def trace(town: Town, which: str) -> None:
    """Follow one case by causes and subjects; WHICH is its id, its number, or the receipt of a report."""
    with connected(town) as connection:
        found = _belonging_to(connection, {which})
        # What was found on site refers to the case by its number: so the round and its bulletin are reached.
        numbers = {number for one in found.values() if (number := _case_number(one)) is not None}
        found = _belonging_to(connection, {which, *numbers}) if numbers else found
    if not found:
        raise Trouble(f"the event log tells of no case, number or receipt {which}")
    for one in sorted(found.values(), key=lambda one: (one.entry.time, one.at, one.entry.sequence)):
        click.echo(f"{_line(one)}\n    {one.entry.id}  because of  {one.entry.cause}")
    click.echo(f"{len(found)} events")


def _belonging_to(connection: amqp.Connection, words: set[str]) -> dict[str, Logged]:
    """The events that tell of one of `words` (an id, a number, a receipt), and all that belong together with them."""
    quoted = [f'"{word}"'.encode() for word in words]
    subjects = {f"case/{word}" for word in words}
    start, links = set(), []
    for one in _read(connection):
        links.append(Link(one.entry.id, one.entry.cause, one.entry.subject))
        if one.entry.subject in subjects or any(word in bytes(one.entry.body) for word in quoted):
            start.add(one.entry.id)
    wanted = related(links, start)
    return {one.entry.id: one for one in _read(connection) if one.entry.id in wanted} if wanted else {}


def _case_number(one: Logged) -> str | None:
    """The number of the case that an event tells of, None for any other event."""
    body = json.loads(bytes(one.entry.body))
    case = body.get("case") if one.entry.subject.startswith("case/") else None
    return case["number"] if isinstance(case, dict) else None


@event_log.command("rebuild")
@click.argument("handler")
@since_option
@click.pass_obj
def rebuild_(town: Town, handler: str, since: str | None) -> None:
    """Rebuild what HANDLER keeps (e.g. complaints.case_tally) from the log, compare it with a recount, swap it in.

    With --since, what the log does not speak of since then stays as it is. Exit code 1, and nothing is changed, where
    the rebuilt differs from the documents.
    """
    service, entry = _handler(handler, lambda one: one.rebuild is not None, "be rebuilt")
    settings = Settings.from_environment(os.environ | town.instance.environment())
    db = mongo.connect(settings, service)
    moment = _moment(since)
    try:
        with connected(town) as connection:
            replay = Replay(connection, entry.events, moment)
            carry_over = moment is not None
            outcome = rebuild(db, entry.rebuild, replay, carry_over=carry_over, report=click.echo)
    except Taken as error:
        raise Trouble(f"{error}; wait for its end") from error
    finally:
        mongo.disconnect(service)
    for difference in outcome.differences:
        click.echo(f"  {difference}")
    click.echo(
        f"{handler}: {outcome.replayed} events replayed, {outcome.carried_over} carried over, "
        f"{outcome.unreadable} unreadable, {len(outcome.differences)} differences: "
        + ("swapped" if outcome.swapped else "NOT swapped")
    )
    if not outcome.swapped and moment is None:
        click.echo("where the log no longer reaches back to the beginning, use --since")
    sys.exit(not outcome.swapped)


@event_log.command("rehear")
@click.argument("handler")
@since_option
@click.pass_obj
def rehear_(town: Town, handler: str, since: str | None) -> None:
    """Tell HANDLER (e.g. assessment.indicators) again what the log holds, for what it did not keep when it heard it.

    What it has counted is not counted twice. The running service works it off: `wenming status` shows how far it is.
    """
    service, entry = _handler(handler, lambda one: one.rehears, "be told again")
    try:
        with connected(town) as connection:
            sent = rehear(connection, f"{service}.{entry.queue}", entry.events, _moment(since))
    except NotTaken as error:
        raise Trouble(str(error)) from error
    click.echo(f"{handler}: {sent} events put into its queue once more")


def _handler(name: str, may: Callable[[Any], bool], what: str) -> tuple[str, Any]:
    """The service and the entrypoint of the handler that `may`. Raises Trouble, which names those that there are."""
    known = {
        f"{service}.{handler.queue}": (service, handler)
        for service, path in SERVICES.items()
        for handler in handlers_of(load(path))
        if may(handler)
    }
    if name not in known:
        raise Trouble(f"{name} cannot {what}; these can: {', '.join(sorted(known))}")
    return known[name]


def _read(connection: amqp.Connection, **options: Any) -> Iterator[Logged]:
    try:
        yield from log.read(connection, **options)
    except amqp.exceptions.NotFound as error:
        raise Trouble("this broker has no event log yet; `wenming up` makes it") from error


def _moment(text: str | None) -> datetime | None:
    """The moment that `text` names: ISO (the city's time where it names no zone), or so long ago. Raises UsageError."""
    if text is None:
        return None
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdigit():
            return datetime.now(CITY_ZONE) - timedelta(**{units[text[-1]]: int(text[:-1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(
            f"--since {text}: neither a time (2026-03-02T09:00) nor an age (90m, 12h, 7d)"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY_ZONE)


def _line(one: Logged) -> str:
    entry = one.entry
    time = city_time(entry.time)
    return f"{time}  {entry.source:<10} {entry.type:<22} {entry.subject}#{entry.sequence}  {_facts(one)}".rstrip()


def _facts(one: Logged) -> str:
    body = msgspec.json.decode(one.entry.body)
    state: dict[str, Any] = next((body[key] for key in ("case", "task") if isinstance(body.get(key), dict)), {})
    return "  ".join(f"{name}={(body | state)[name]}" for name in FACTS if (body | state).get(name) is not None)


def _exported(one: Logged) -> dict[str, Any]:
    """The attributes and the body, as JSON."""
    exported: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one.entry))
    return exported


COMMANDS = (event_log,)
