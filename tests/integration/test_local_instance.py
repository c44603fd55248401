"""up and down of a whole instance, with stand-ins for the product's own programs."""

import threading
from pathlib import Path

import pytest

from infra.clock import parse_clock
from infra.local import status
from infra.local.instance import Instance
from infra.local.premises import External
from infra.local.programs import SINK, Program
from infra.local.trouble import BusyPort, NotReady, NotUp

TOUCH = (
    "import os, signal; open(os.environ['WENMING_READY_FILE'], 'w').close(); print(os.environ['{}']); signal.pause()"
)
CLOCK = "simulated:2026-03-02T08:30:00+08:00,600"


def stand_in(name: str, *, wave: int, says: str = "WENMING_HOME", port: str | None = None) -> Program:
    """A program that becomes ready at once, prints one of its variables and waits for its end."""
    return Program(name=name, command=("{python}", "-c", TOUCH.format(says)), wave=wave, port=port)


def instance_at(root: Path, *programs: Program, amqp_url: str, mongodb_url: str, clock: str | None = None) -> Instance:
    """An instance on the servers of this run."""
    return Instance(
        "town",
        root=root,
        programs=programs,
        topology=(),
        clock=clock,
        external=External(amqp_url, mongodb_url),
    )


@pytest.fixture
def town(tmp_path: Path, amqp_url: str, mongodb_url: str) -> Instance:
    """An instance of two stand-ins and the real SMTP sink, on a simulated clock."""
    programs = (SINK, stand_in("tasks", wave=1, says="WENMING_CLOCK"), stand_in("gateway", wave=2))
    return instance_at(tmp_path, *programs, amqp_url=amqp_url, mongodb_url=mongodb_url, clock=CLOCK)


def test_up_starts_what_is_missing_and_down_leaves_nothing(town: Instance) -> None:
    said: list[str] = []
    assert town.up(said.append) is True
    assert said == ["smtp: ready", "tasks: ready", "gateway: ready"]
    assert town.up(said.append) is False
    first = {row.name: row.pid for row in status.processes(town)}
    town.process("tasks").kill()
    assert town.is_up() is False
    assert town.up() is True
    second = {row.name: row.pid for row in status.processes(town)}
    assert {name for name in first if first[name] != second[name]} == {"tasks"}
    said.clear()
    assert town.down(said.append) is True
    assert said == ["gateway: stopped", "smtp: stopped", "tasks: stopped"]
    assert [row.pid for row in status.processes(town)] == [None, None, None]
    assert town.down() is False


def test_two_at_once_start_everything_once(town: Instance) -> None:
    results: list[bool] = []
    both = [threading.Thread(target=lambda: results.append(town.up())) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(results) == [False, True]
    town.down()


def test_simulated_time_stands_still_while_the_instance_is_down(town: Instance) -> None:
    town.up()
    town.down()
    stopped_at = town.memory.stopped_at
    assert stopped_at is not None
    again = Instance("town", root=town.home.parent, programs=town.programs, topology=(), external=town.external)
    again.up()
    kind, _, rest = again.memory.clock.partition(":")
    start, speed, _epoch = rest.split(",")
    assert (kind, start, speed) == ("simulated", stopped_at.isoformat(), "600.0")
    assert parse_clock(again.memory.clock).now() >= stopped_at
    again.down()


def test_a_program_that_dies_takes_down_only_what_was_started_with_it(
    tmp_path: Path, amqp_url: str, mongodb_url: str
) -> None:
    good = stand_in("tasks", wave=1)
    bad = Program(name="gateway", command=("{python}", "-c", "raise SystemExit('no schema')"), wave=2)
    with pytest.raises(NotReady, match="gateway died while starting; its log ends:\n    no schema"):
        instance_at(tmp_path, good, bad, amqp_url=amqp_url, mongodb_url=mongodb_url).up()
    left = instance_at(tmp_path, good, bad, amqp_url=amqp_url, mongodb_url=mongodb_url)
    assert [row.pid for row in status.processes(left)] == [None, None]


def test_a_busy_port_is_named_before_a_program_starts(tmp_path: Path, amqp_url: str, mongodb_url: str) -> None:
    port = int(amqp_url.rpartition(":")[2].partition("/")[0])  # the broker listens there
    listener = stand_in("gateway", wave=1, port="gateway")
    town = Instance(
        "town",
        root=tmp_path,
        programs=(listener,),
        topology=(),
        external=External(amqp_url, mongodb_url),
        environment={"WENMING_GATEWAY_PORT": str(port)},
    )
    with pytest.raises(BusyPort) as refusal:
        town.up()
    assert str(refusal.value) == (
        f"port {port} (gateway) is in use by another program; stop it or set WENMING_GATEWAY_PORT to another port"
    )


def test_what_was_never_started_has_no_ports(tmp_path: Path) -> None:
    with pytest.raises(NotUp, match="the instance 'town' was never started"):
        Instance("town", root=tmp_path).addresses()
    assert Instance("town", root=tmp_path).down() is False
