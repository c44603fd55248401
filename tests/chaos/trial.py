"""One fault: a steady load, a burst, the fault in the middle of the handlers' work, then quiet, then the reckoning."""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cli.reconciliation.reading import asking, reconcile
from cli.reconciliation.report import Line, Report
from infra.messaging.rpc_client import RemoteFailure
from infra.problem import Unavailable
from tests.chaos.faults import Fault
from tests.chaos.load import Load
from tests.chaos.site import QUIET_WITHIN, Holdings, Site, wait_until

WARM_UP = 1.0  # seconds of steady load before the burst
AFTERWARDS = 0.5  # seconds of steady load after everything is whole
BURST = 150  # work orders
BURSTS = 5  # at most
PATIENCE = 60.0  # seconds for what is on its way though the databases look quiet


class Result(msgspec.Struct, frozen=True):
    """How it came out. `in_flight` are the reports and assignments that were on their way when it happened,
    `recovery_s` the seconds from the moment when everything was whole again until all that was acknowledged had come
    to its end, `loss` what was acknowledged, or is held by one service, and missing elsewhere, `duplicates` what is
    there twice or differs. `acknowledged` reports, `retries` of pushes, `notes` on what went wrong."""

    fault: str
    in_flight: int
    recovery_s: float
    loss: int
    duplicates: int
    acknowledged: int
    retries: int
    slowest_push_s: float
    notes: list[str]

    @property
    def passed(self) -> bool:
        """Whether nothing was lost or doubled, and nothing else went wrong."""
        return not (self.loss or self.duplicates or self.notes)


def run(site: Site, fault: Fault, *, rate: float = 20.0) -> Result:
    """Let `fault` happen on `site` under load and reckon up."""
    holdings = Holdings(site.instance.mongodb_url)
    series = f"CHAOS-{fault.name.replace(' ', '-')}"
    try:
        with Load(site.intakes, site.secret, series, rate=rate) as load:
            time.sleep(WARM_UP)
            in_flight = _in_the_middle(holdings, load, fault)
            fault.happen(site)
            whole = time.monotonic()
            time.sleep(AFTERWARDS)
        notes = _wait_for_quiet(holdings)
        recovery = time.monotonic() - whole
        reckoned = _reckon(site)
        unstored = len(load.receipts) - len(holdings.stored(list(load.receipts)))
    finally:
        holdings.close()
    return Result(
        fault=fault.name,
        in_flight=in_flight,
        recovery_s=round(recovery, 1),
        loss=unstored + reckoned.missing,
        duplicates=len(load.contradictions) + reckoned.surplus,
        acknowledged=len(load.receipts),
        retries=load.retries,
        slowest_push_s=round(load.slowest, 2),
        notes=[*notes, *load.refused[:3], *load.contradictions[:3], *_findings(reckoned)],
    )


def _in_the_middle(holdings: Holdings, load: Load, fault: Fault) -> int:
    """Push a burst and wait until `fault.busy` works on it; how much is on its way then. Once more where it had ended
    before we looked."""
    for _ in range(BURSTS):
        before = holdings.progress(fault.busy)
        load.burst_beside(BURST)
        wait_until(lambda before=before: holdings.progress(fault.busy) > before + 10, QUIET_WITHIN, "at work")  # type: ignore[misc]
        if in_flight := holdings.on_their_way():
            return in_flight
    return 0


def _wait_for_quiet(holdings: Holdings) -> list[str]:
    try:
        holdings.wait_for_quiet()
    except TimeoutError as error:
        return [str(error)]
    return []


def _reckon(site: Site) -> Report:
    """Everything is looked at: the moment lies after all. A service that does not answer is a finding."""
    moment = datetime.now(UTC) + timedelta(hours=1)
    try:
        with asking(site.instance.amqp_url) as ask:
            return reconcile(ask, moment, PATIENCE)
    except (Unavailable, RemoteFailure) as error:
        return Report(moment, [Line(title="reconciled", title_zh="对账", figures="", findings=[str(error)])])


def _findings(report: Report) -> list[str]:
    return [f"{line.title}: {finding}" for line in report.lines for finding in line.findings[:3]]


def in_words(result: Result) -> str:
    """One line."""
    mark = "ok  " if result.passed else "FAIL"
    words: dict[str, Any] = {
        "in flight": result.in_flight,
        "recovery": f"{result.recovery_s} s",
        "loss": result.loss,
        "duplicates": result.duplicates,
        "acknowledged": result.acknowledged,
        "retried": result.retries,
        "slowest push": f"{result.slowest_push_s} s",
    }
    return f"{mark} {result.fault:<32}" + ", ".join(f"{name} {value}" for name, value in words.items())


def tell(result: Result) -> None:
    """Print the line, and what went wrong below it."""
    print(in_words(result))
    for note in result.notes:
        print(f"       {note}")
    sys.stdout.flush()
