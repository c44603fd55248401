"""A detached process is recognised by pid and start time, and stopped gently first."""

import os
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from infra.local.process import Process, Record
from infra.local.trouble import NotReady
from infra.local.waiting import holds_within

PATIENT = "import signal; open('ready', 'w').close(); signal.pause()"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {PATIENT}"
DOOMED = "import sys; print('no such street'); sys.exit(3)"


def started(script: str, home: Path) -> Process:
    """A process that runs `script` in `home`."""
    process = Process("stand-in", record=home / "stand-in.json", log=home / "stand-in.log")
    process.start([sys.executable, "-c", script], os.environ, directory=home)
    return process


def pid_of(process: Process) -> int:
    """The pid that is remembered."""
    record = process.record
    assert record is not None
    return record.pid


def test_a_process_runs_in_a_session_of_its_own_and_ends_when_asked(tmp_path: Path) -> None:
    process = started(PATIENT, tmp_path)
    process.wait_ready((tmp_path / "ready").exists, seconds=60)
    assert os.getsid(pid_of(process)) == pid_of(process)
    assert process.stop(seconds=60) is True
    assert process.record is None


def test_one_that_does_not_end_when_asked_is_ended_by_force_and_said_so(tmp_path: Path) -> None:
    process = started(STUBBORN, tmp_path)
    process.wait_ready((tmp_path / "ready").exists, seconds=60)
    pid = pid_of(process)
    assert process.stop(seconds=0.2) is False
    assert not psutil.pid_exists(pid)


def test_one_that_dies_while_starting_shows_what_it_said(tmp_path: Path) -> None:
    process = started(DOOMED, tmp_path)
    with pytest.raises(NotReady) as refusal:
        process.wait_ready(lambda: False, seconds=60)
    assert str(refusal.value) == "stand-in died while starting; its log ends:\n    no such street"


def test_one_that_is_never_ready_is_told_apart_from_one_that_died(tmp_path: Path) -> None:
    process = started(PATIENT, tmp_path)
    with pytest.raises(NotReady, match=r"stand-in is not ready after 0 s; its log ends:\n    \(.* is empty\)"):
        process.wait_ready(lambda: False, seconds=0.1)
    process.stop(seconds=60)


def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    somebody_else = started(PATIENT, tmp_path / "theirs")
    pid = pid_of(somebody_else)
    stale = tmp_path / "ours.json"
    before_the_reboot = psutil.Process(pid).create_time() - 3600
    stale.write_bytes(msgspec.json.encode(Record("ours", pid, before_the_reboot, ["python"], "ours.log")))
    ours = Process("ours", record=stale, log=tmp_path / "ours.log")
    assert not ours.alive()
    assert ours.stop(seconds=60) is True
    assert somebody_else.alive()
    somebody_else.stop(seconds=60)


def test_one_that_was_asked_already_is_not_asked_again(tmp_path: Path) -> None:
    counting = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: open('asked', 'a').write('x'))"
    process = started(f"{counting}; open('ready', 'w').close(); time.sleep(60)", tmp_path)
    process.wait_ready((tmp_path / "ready").exists, seconds=60)
    asked = tmp_path / "asked"
    process.ask_to_end()
    assert holds_within(60, lambda: asked.exists() and asked.read_text() == "x")
    assert process.stop(seconds=0.5) is False
    assert asked.read_text() == "x"
