"""`wenming status`: what jobs have set aside is among what it shows."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from cli import machine, unread
from cli.main import Town
from infra.local.status import ProcessState, SetAsideState
from infra.local.trouble import NotReady
from infra.problem import Unavailable

ROW = SetAsideState(
    "tasks", "deadlines of tasks", "c2-1", "ValueError at x.py:1 in y", 2, datetime(2026, 3, 2, tzinfo=UTC)
)
LINE = "set aside by tasks: deadlines of tasks, c2-1 since 2026-03-02 08:00:00, 2 failures: ValueError at x.py:1 in y"


@pytest.mark.parametrize(("rows", "shown"), [([ROW], [LINE]), ([], []), (None, [])])
def test_what_is_set_aside_is_shown_with_its_reason(
    rows: Any, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    up = {"processes": [ProcessState("tasks", 1, None, 1.0)], "queues": [], "outboxes": {}, "set_aside": rows}
    for name, found in up.items():
        monkeypatch.setattr(machine.states, name, lambda _, found=found: found)
    instance = SimpleNamespace(memory=SimpleNamespace(clock="wall"), addresses=dict)
    told = CliRunner().invoke(machine.status, obj=SimpleNamespace(instance=instance))
    assert told.exit_code == 0
    assert [line for line in told.output.splitlines() if line.startswith("set aside")] == shown


@pytest.mark.parametrize(
    ("runs", "broker", "answer", "told"),
    [
        (True, True, lambda: {"hotline_12345": {"waiting": 3, "discarded": 1}, "inspection": {"waiting": 1}}, "4"),
        (True, True, lambda: {}, "0"),
        (True, True, lambda: _raise(NotReady("no broker")), "未知"),
        (True, True, lambda: _raise(Unavailable("complaints does not answer", "暂不可用")), "未知"),
        (False, True, lambda: {"hotline_12345": {"waiting": 3}}, "未知"),
        (True, False, lambda: {"hotline_12345": {"waiting": 3}}, "未知"),
    ],
)
def test_what_waits_because_nobody_understood_it_is_counted(
    runs: bool, broker: bool, answer: Callable[[], Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "call", lambda *_, patience: answer() if patience <= 5 else None)
    row = ProcessState("complaints", 1 if runs else None, None, None)

    line = unread.unread(cast("Town", SimpleNamespace()), [row], broker_answers=broker)

    assert line == f"not understood and waiting for a person (wenming misfits list --state waiting): {told}"


def _raise(error: Exception) -> Any:
    raise error
