"""From a hotline's push to the unit's task: cases a second, and how long one takes.

Throughput: singles are pushed as fast as the intake takes them; counted until the last task was assigned. Latency: at
a tenth of that rate, from sending the push to the moment when `task_assigned` arrives at a listener on the broker.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence

import kombu

from bench.measurement import Measurement, percentile
from bench.orders import order
from bench.pushing import push_all
from bench.system import database, system

BURST, STEADY = 1_500, 200
THREADS = 12
PATIENCE = 120.0  # seconds for the last task of a burst


class Assignments:
    """Listens to `task_assigned` from construction on: case id → monotonic moment of arrival."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self._stopping = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        if not self._listening.wait(30):
            raise RuntimeError("the listener could not reach the broker")

    def _listen(self) -> None:
        exchange = kombu.Exchange("tasks.events", "topic", durable=True)
        queue = kombu.Queue("", exchange, routing_key="task_assigned", exclusive=True, auto_delete=True)
        with kombu.Connection(system().amqp_url) as connection, connection.channel() as channel:
            consumer = kombu.Consumer(channel, [queue], callbacks=[self._note], no_ack=True, accept=["json"])
            with consumer:
                self._listening.set()
                while not self._stopping.is_set():
                    try:
                        connection.drain_events(timeout=0.5)
                    except TimeoutError:
                        continue

    def _note(self, body: object, message: kombu.Message) -> None:
        task = json.loads(message.body)["task"]
        self.arrived.setdefault(task["case_id"], time.monotonic())

    def await_cases(self, cases: set[str]) -> None:
        """Return when all of `cases` have a task. Raises RuntimeError after PATIENCE seconds."""
        deadline = time.monotonic() + PATIENCE
        while not cases <= self.arrived.keys():
            if time.monotonic() > deadline:
                raise RuntimeError(
                    f"{len(cases - self.arrived.keys())} of {len(cases)} cases got no task in {PATIENCE} s"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """End listening."""
        self._stopping.set()
        self._thread.join()


def cases_of(numbers: Sequence[str]) -> dict[str, str]:
    """Number of the work order → id of its case, once every one has a case."""
    reports = [f"hotline_12345:{number}" for number in numbers]
    wanted = set(reports)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = {
            report: case["_id"]
            for case in database("complaints")["cases"].find(
                {"joined.report_id": {"$in": reports}}, {"joined.report_id": 1}
            )
            for report in (one["report_id"] for one in case["joined"])
            if report in wanted
        }
        if len(found) == len(wanted):
            return {report.partition(":")[2]: case for report, case in found.items()}
        time.sleep(0.05)
    raise RuntimeError(f"{len(wanted) - len(found)} reports have no case after {PATIENCE} s")


def throughput(listener: Assignments) -> float:
    """Cases a second over a burst, first push to last assigned task."""
    burst = [order(number, "LOOP") for number in range(BURST)]
    times = push_all(burst, threads=THREADS)
    cases = set(cases_of([one["工单编号"] for one in burst]).values())
    listener.await_cases(cases)
    return len(cases) / (max(listener.arrived[case] for case in cases) - min(sent for sent, _ in times))


def latencies(listener: Assignments, rate: float) -> list[float]:
    """Milliseconds from push to assigned task for STEADY cases pushed at `rate` a second."""
    sent: dict[str, float] = {}
    begin = time.monotonic()
    for number in range(STEADY):
        pause = begin + number / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        one = order(number, "STEADY")
        ((sent[one["工单编号"]], _),) = push_all([one], threads=1)
    cases = cases_of(list(sent))
    listener.await_cases(set(cases.values()))
    return [(listener.arrived[cases[number]] - moment) * 1000 for number, moment in sent.items()]


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    listener = Assignments()
    try:
        push_all([order(number, "LOOPWARM") for number in range(100)], threads=4)
        cases_of([order(number, "LOOPWARM")["工单编号"] for number in range(100)])
        rate = throughput(listener)
        taken = latencies(listener, rate / 10)
    finally:
        listener.stop()
    say(f"{BURST} singles from {THREADS} connections; latency of {STEADY} cases at {rate / 10:.1f}/s")
    return {"loop_cases_per_s": rate, "loop_p50_ms": percentile(taken, 0.5), "loop_p95_ms": percentile(taken, 0.95)}


MEASUREMENTS = [Measurement("loop", ("loop_cases_per_s", "loop_p50_ms", "loop_p95_ms"), run)]
