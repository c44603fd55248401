"""`wenming status`: what jobs have set aside is among what it shows."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from cli import machine
from infra.local.status import ProcessState, SetAsideState

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
