"""How many reports a second the intake stores durably and answers: one by one, and in arrays of a hundred.

Beside them the plain counterparts in the same run: for singles an empty nameko HTTP handler with one insert; for arrays
pymongo's `insert_many` of the very documents that the intake stored, in the
same batches, with the same write concern.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

from pymongo.write_concern import WriteConcern

from bench.arena import contestant
from bench.measurement import Measurement
from bench.orders import in_batches, orders
from bench.pushing import push_all, span
from bench.system import database, system
from infra.local.ports import free_ports
from infra.local.waiting import holds_within

TURNS, SINGLES, BATCHES, BATCH = 3, 1_000, 60, 100
THREADS, BATCH_THREADS = 16, 4
PATIENCE = 300.0  # seconds for the triage of all that was pushed


def run(say: Callable[[str], None]) -> dict[str, float]:
    """See the module."""
    push_all(orders(200, "WARM"), threads=4)
    singles, empty = zip(*beside_an_empty_handler(), strict=True)
    batches = (
        BATCHES * BATCH / span(push_all(in_batches(orders(BATCHES * BATCH, "BATCH"), BATCH), threads=BATCH_THREADS))
    )
    plain = insert_many_per_s()
    say(f"{THREADS} connections for singles, {BATCH_THREADS} for arrays of {BATCH}; triage runs at the same time")
    say(f"an empty handler with one majority insert: {median(empty):,.0f}/s")
    say(f"plain insert_many of the same documents: {plain:,.0f}/s")
    return {
        "intake_single_per_s": median(singles),
        "intake_single_vs_empty_handler": median(ours / plain for ours, plain in zip(singles, empty, strict=True)),
        "intake_batch_per_s": batches,
        "intake_batch_vs_insert_many": batches / plain,
    }


def beside_an_empty_handler() -> list[tuple[float, float]]:
    """Singles a second that our intake takes, and that an empty handler takes, in turns.

    The empty one is nameko's own HTTP entrypoint in a process of its own, with the same database and connections; it
    has the machine to itself, while what we took is triaged, assigned and told on the same cores.
    """
    found = []
    port = free_ports(1)[0]
    with contestant("EmptyIntake", system().environment() | {"WENMING_HOME": str(system().home)}, str(port)):
        push_all(orders(200, "WARM"), threads=4, port=port, path="/empty")
        for turn in range(TURNS):
            ours = SINGLES / span(push_all(orders(SINGLES, f"SINGLE{turn}"), threads=THREADS))
            await_triage()
            empty = span(push_all(orders(SINGLES, f"EMPTY{turn}"), threads=THREADS, port=port, path="/empty"))
            found.append((ours, SINGLES / empty))
    return found


def insert_many_per_s() -> float:
    """Documents a second by `insert_many` (majority, journaled) of the stored reports into an empty collection.

    From as many threads as pushed the arrays, and not before the services have digested what was pushed.
    """
    await_triage()
    reports = database("complaints")["reports"]
    documents = list(reports.find({"_id": {"$regex": "BATCH-"}}).limit(BATCHES * BATCH))
    if len(documents) != BATCHES * BATCH:
        raise RuntimeError(f"expected {BATCHES * BATCH} stored reports, found {len(documents)}")
    batches = [documents[start : start + BATCH] for start in range(0, len(documents), BATCH)]
    database("complaints").drop_collection("bench_scratch")
    scratch = database("complaints").get_collection("bench_scratch", write_concern=WriteConcern(w="majority", j=True))
    with ThreadPoolExecutor(BATCH_THREADS) as pool:
        began = time.monotonic()
        list(pool.map(lambda batch: scratch.insert_many(batch, ordered=False), batches))
        return len(documents) / (time.monotonic() - began)


def await_triage() -> None:
    """Return when every stored report is in a case. Raises RuntimeError after PATIENCE seconds."""
    reports, cases = database("complaints")["reports"], database("complaints")["cases"]
    joined: list[Mapping[str, Any]] = [{"$group": {"_id": None, "reports": {"$sum": {"$size": "$joined"}}}}]

    def digested() -> bool:
        return next(cases.aggregate(joined), {"reports": 0})["reports"] >= reports.estimated_document_count()

    if not holds_within(PATIENCE, digested):
        raise RuntimeError(f"the reports were not all triaged within {PATIENCE:.0f} s")


NAMES = (
    "intake_single_per_s",
    "intake_single_vs_empty_handler",
    "intake_batch_per_s",
    "intake_batch_vs_insert_many",
)
MEASUREMENTS = [Measurement("intake", NAMES, run)]
