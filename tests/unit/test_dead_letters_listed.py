"""`wenming dead-letters list`: one letter after the other, from every queue."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import amqp
import pytest
from click.testing import CliRunner

import cli.dead_letters
from infra.messaging.dead_letters import DeadLetter

LEFT: list[str] = []
TOLD = {
    "reason": "ValueError",
    "attempts": 3,
    "handler": "tasks.on_case",
    "first_failed_at": "1",
    "last_failed_at": "2",
}


def each(_: Any, queue: str) -> Iterator[DeadLetter]:
    """Two letters of a queue; which queue was left."""
    if queue == "none":
        raise amqp.exceptions.NotFound("no queue")
    try:
        for n, kind in enumerate(("case_filed", "case_closed")):
            yield DeadLetter(id=f"{queue}#{n}", type=kind, subject="case/1", queue=queue, body="secret", **TOLD)
    finally:
        LEFT.append(queue)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli.dead_letters, "connected", nullcontext)
    monkeypatch.setattr(cli.dead_letters, "handler_queues", lambda: ["tasks.news", "notify.news"])
    monkeypatch.setattr(cli.dead_letters.letters, "each", each)
    LEFT.clear()


def listed(*options: str) -> str:
    return CliRunner().invoke(cli.dead_letters.dead_letters, ["list", *options], catch_exceptions=False).output


@pytest.mark.usefixtures("broker")
def test_letters_of_every_queue_are_listed_and_counted_without_their_bodies() -> None:
    shown = listed("--event", "case_closed")
    assert [line.split()[1] for line in shown.splitlines() if "case/1" in line] == ["tasks.news#1", "notify.news#1"]
    assert shown.splitlines()[-1] == "2 dead letters"
    assert LEFT == ["tasks.news", "notify.news"]
    assert listed("--event", "case_merged") == "no dead letters\n"
    assert "secret" not in listed("--json")


@pytest.mark.usefixtures("broker")
def test_a_queue_that_is_not_there_is_named() -> None:
    with pytest.raises(cli.dead_letters.Trouble, match=r"the broker has no queue none\.dead"):
        listed("--queue", "none")
