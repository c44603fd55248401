"""A broker in trouble slows nothing at intake: outboxes grow, everybody can see it, and they drain afterwards."""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.machine import status as status_command
from cli.main import Town
from infra.local import status
from infra.local.broker import HOST
from tests.chaos.load import Load
from tests.chaos.site import QUIET_WITHIN, Holdings, Site, wait_until

pytestmark = pytest.mark.slow
RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"
PUSHES, RATE = 80, 20.0
PATIENCE = 60.0  # seconds; an idle machine answers in hundredths, a busy one must not be taken for a waiting service


@contextmanager
def alarm(site: Site) -> Iterator[None]:
    """The broker has no memory left and takes nothing from anybody who publishes."""
    _watermark(site, "0")
    yield
    _watermark(site, "0.4")


@contextmanager
def silence(site: Site) -> Iterator[None]:
    """The broker stands still."""
    process = site.instance.broker.process.found()
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    yield
    process.send_signal(signal.SIGCONT)


@contextmanager
def absence(site: Site) -> Iterator[None]:
    """Nobody reaches the broker."""
    site.to_broker.cut()
    yield
    site.to_broker.mend()


def _watermark(site: Site, fraction: str) -> None:
    broker = site.instance.broker
    command = [RABBITMQCTL, "-n", f"{broker.node}@{HOST}", "set_vm_memory_high_watermark", fraction]
    subprocess.run(command, env=broker._environment(), check=True, capture_output=True, timeout=QUIET_WITHIN)


@pytest.mark.parametrize("trouble", [alarm, silence, absence], ids=lambda one: one.__name__)
def test_reports_are_accepted_while_the_broker_takes_nothing(
    site: Site, holdings: Holdings, trouble: Callable[[Site], AbstractContextManager[None]]
) -> None:
    holdings.wait_for_quiet("before")
    with trouble(site):
        series = f"PRESSURE-{trouble.__name__}"
        with Load(site.intakes, site.secret, series, rate=RATE, most=PUSHES, patience=PATIENCE) as load:
            wait_until(lambda: len(load.receipts) == PUSHES, QUIET_WITHIN, "all accepted")
        waiting = status.outboxes(site.instance)
        shown = CliRunner().invoke(status_command, obj=_town(site)).output
    assert (load.retries, load.refused) == (0, [])
    assert waiting is not None
    assert waiting["complaints"].waiting >= PUSHES
    assert waiting["complaints"].oldest is not None
    assert f"outbox of complaints: {waiting['complaints'].waiting} waiting, the oldest for " in shown
    holdings.wait_for_quiet("afterwards")
    drained = status.outboxes(site.instance)
    assert drained is not None
    assert {name: state.waiting for name, state in drained.items()} == dict.fromkeys(drained, 0)


def test_the_depth_of_a_queue_and_the_age_of_its_oldest_event_are_seen(site: Site, holdings: Holdings) -> None:
    site.kill("notify")
    try:
        with Load(site.intakes, site.secret, "DEPTH", rate=RATE, most=20) as load:
            wait_until(lambda: len(load.receipts) == 20, QUIET_WITHIN, "all accepted")
        wait_until(lambda: _assigned(site).waiting > 0, QUIET_WITHIN, "waiting for notify")
        wait_until(lambda: (_assigned(site).oldest or 0) >= 5.0, QUIET_WITHIN, "some age")
        assert _assigned(site).consumers == 0
    finally:
        site.instance.up()
    holdings.wait_for_quiet()
    wait_until(lambda: _assigned(site).oldest is None, QUIET_WITHIN, "no age any more")


def _assigned(site: Site) -> status.QueueState:
    rows = status.queues(site.instance)
    assert rows is not None
    return next(row for row in rows if row.name == "notify.task_assigned")


def _town(site: Site) -> Town:
    town = Town(site.instance.name)
    town.__dict__["instance"] = site.instance
    return town


@pytest.mark.parametrize(
    ("link", "says"),
    [("to_broker", "notify waits for the broker at amqp://wenming:***@"), ("to_database", "waiting for the database")],
)
def test_a_service_that_reaches_nobody_at_its_start_waits_and_says_so(site: Site, link: str, says: str) -> None:
    process = site.instance.process("notify")
    process.kill()
    before = len(_text(process.log))
    way = getattr(site, link)
    way.cut()
    try:
        starting = Starting(site)
        wait_until(lambda: says in _text(process.log)[before:], QUIET_WITHIN, says)
        assert not starting.is_over
    finally:
        way.mend()
    starting.wait()
    assert process.alive()


class Starting:
    """Starts notify and waits for it, in a thread."""

    def __init__(self, site: Site) -> None:
        self._thread = threading.Thread(target=site.instance.start_program, args=("notify",), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether notify is ready, or will never be."""
        return not self._thread.is_alive()

    def wait(self) -> None:
        """Return when notify is ready."""
        self._thread.join(QUIET_WITHIN)
        assert self.is_over


def _text(log: Path) -> str:
    return log.read_text("utf-8", errors="replace") if log.exists() else ""
