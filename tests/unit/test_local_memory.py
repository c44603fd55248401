"""What an instance remembers: its time never goes back, and its ports stay."""

from datetime import UTC, datetime

import pytest

from infra.local.memory import Memory, started_clock, stopped
from infra.local.ports import Ports, ports_for, with_settings
from infra.local.trouble import BusyPort, Trouble

PORTS = Ports(*range(8600, 8610))
SIMULATED = "simulated:2026-03-02T08:30:00+08:00,600"
STOPPED = Memory(PORTS, f"{SIMULATED},1000.0", datetime(2026, 3, 4, 1, 0, tzinfo=UTC))


def test_a_new_instance_runs_on_wall_time() -> None:
    assert started_clock(None, None) == "wall"


def test_a_simulated_clock_starts_now() -> None:
    assert started_clock(SIMULATED, None, now=1000.0) == f"{SIMULATED},1000.0"


def test_the_next_start_goes_on_where_the_last_one_stopped() -> None:
    assert started_clock(None, STOPPED, now=9000.0) == "simulated:2026-03-04T01:00:00+00:00,600.0,9000.0"


def test_after_a_crash_the_clock_has_gone_on() -> None:
    crashed = Memory(PORTS, f"{SIMULATED},1000.0")
    assert started_clock(None, crashed, now=9000.0) == crashed.clock


def test_stopping_keeps_the_moment_only_of_a_simulated_clock() -> None:
    assert stopped(Memory(PORTS, "wall")).stopped_at is None
    assert stopped(STOPPED).stopped_at == STOPPED.stopped_at


def test_time_does_not_go_back() -> None:
    with pytest.raises(Trouble, match=r"this instance has seen 2026-03-04T01:00:00\+00:00"):
        started_clock(SIMULATED, STOPPED)


@pytest.mark.parametrize("nonsense", ["fast", "simulated:", "simulated:2026-03-02T08:30:00,600", "simulated:x,y"])
def test_a_setting_that_is_no_clock_is_refused(nonsense: str) -> None:
    with pytest.raises(Trouble, match="is not a clock; expected wall or simulated"):
        started_clock(nonsense, None)


def test_local_and_demo_have_fixed_ports_that_do_not_meet() -> None:
    assert ports_for("local", {}) == PORTS
    assert ports_for("demo", {}) == Ports(*range(8700, 8710))


def test_a_setting_changes_one_port() -> None:
    assert with_settings(PORTS, {"WENMING_GATEWAY_PORT": "80"}) == Ports(80, *range(8601, 8610))


@pytest.mark.parametrize("nonsense", ["none", "0", "70000"])
def test_a_setting_that_is_no_port_is_refused(nonsense: str) -> None:
    with pytest.raises(BusyPort, match=r"WENMING_GATEWAY_PORT=.* is not a port number"):
        with_settings(PORTS, {"WENMING_GATEWAY_PORT": nonsense})
